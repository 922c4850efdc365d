#include "proto/aux_pair.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "share/device.h"
#include "support/devices.h"

void aux_pair_init(aux_pair *p)
{
    memset(p, 0, sizeof *p);
    for (int i = 0; i < 2; i++) {
        CSIG_ASSERT(csig_identity_new(&p->id[i]) == CSIG_OK);
        p->aux[i] = devices_aux(AUX_DEVICE + i, p->id[i], (uint64_t)i + 1);
        memset(p->nonce[i], 0x40 + i, CSIG_NONCE_BYTES);
    }
}

void aux_pair_free(aux_pair *p)
{
    aux_pair_stop(p);
    for (int i = 0; i < 2; i++) {
        csig_identity_free(p->id[i]);
        csig_aux_free(p->aux[i]);
    }
}

csig_aux_params aux_pair_params(const aux_pair *p, int side)
{
    csig_aux_params params = {
        .identity = p->id[side],
        .aux = p->aux[side],
        .moves_last = side,
    };

    csig_identity_public(p->id[1 - side], params.peer);
    memcpy(params.nonce_first, p->nonce[0], CSIG_NONCE_BYTES);
    memcpy(params.nonce_second, p->nonce[1], CSIG_NONCE_BYTES);
    return params;
}

void aux_pair_start(aux_pair *p, int liar, const csig_protocol *protocol)
{
    for (int i = 0; i < 2; i++) {
        const csig_aux_params params = aux_pair_params(p, i);
        const csig_protocol *runs = i == liar ? protocol : &csig_auxinfo_protocol;

        CSIG_ASSERT(csig_aux_session_of(&p->s[i], &params, runs) == CSIG_OK);
    }
}

void aux_pair_stop(aux_pair *p)
{
    for (int i = 0; i < 2; i++) {
        csig_session_free(p->s[i]);
        p->s[i] = NULL;
    }
}

void aux_pair_refused(const aux_pair *p, int side, csig_err err, uint8_t round)
{
    csig_session *s = p->s[side];
    csig_blame blame;
    csig_peer *peer;

    assert_int_equal(csig_session_phase(s), CSIG_FAILED);
    csig_session_blame(s, &blame);
    assert_int_equal(blame.err, err);
    assert_int_equal(blame.culprit, 2 - side);
    assert_int_equal(blame.round, round);
    assert_int_equal(csig_err_class(err), CSIG_CLASS_CHEAT);
    assert_int_equal(csig_session_pending(s), 0);
    assert_int_equal(csig_aux_session_peer(s, &peer), CSIG_E_STATE);
}
