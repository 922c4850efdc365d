/* The acceptance matrix of the auxiliary session. What the cheating device alters in its record, it
 * signs again there too. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "matrix/matrix.h"
#include "proto/aux_pair.h"
#include "share/device.h"

static aux_pair pair;

static void renew(void *ctx)
{
    (void)ctx;
    for (int i = 0; i < 2; i++) {
        pair.nonce[i][0]++;
        if (pair.nonce[i][0] == 0) pair.nonce[i][1]++;
    }
}

static csig_session *open_session(void *ctx, uint16_t self, uint16_t leader)
{
    const csig_aux_params p = aux_pair_params(&pair, self);
    csig_session *s;

    (void)ctx;
    (void)leader;
    assert_int_equal(csig_aux_session(&s, &p), CSIG_OK);
    return s;
}

static const csig_ed_key *key(void *ctx, uint16_t position)
{
    (void)ctx;
    return &pair.id[position]->key;
}

static bool has_peer(csig_session *s)
{
    csig_peer *peer;
    const csig_err err = csig_aux_session_peer(s, &peer);

    csig_peer_free(peer);
    return err != CSIG_E_STATE;
}

/* The record's own signature, over all octets before it. */
static void sign_record(void *ctx, uint8_t round, const liar_field *field, uint8_t *piece,
                        size_t len)
{
    const uint16_t cheat = *(const uint16_t *)ctx;
    const size_t signed_len = len - CSIG_ED_SIG_BYTES;
    csig_transcript t;

    if (round != 1 || len != csig_wire_size(csig_aux_record_wire)) return;
    if (field->at == signed_len) return;
    csig_transcript_init(&t, CSIG_LABEL_AUX_RECORD);
    csig_transcript_bytes(&t, piece, signed_len);
    csig_ed_sign(piece + signed_len, &pair.id[cheat]->key, &t);
}

static void play(const char *name, uint16_t cheat, unsigned step)
{
    const matrix_play it = {
        .name = name,
        .protocol = &csig_auxinfo_protocol,
        .n = 2,
        .liar = cheat,
        .victim = (uint16_t)(1 - cheat),
        .ctx = &cheat,
        .open = open_session,
        .renew = renew,
        .key = key,
        .has_output = has_peer,
        .mend = sign_record,
        .modulus = {&pair.aux[0]->pub.n, &pair.aux[1]->pub.n, &pair.aux[cheat]->pub.n_hat},
        .step = step,
    };
    matrix_tally tally;

    matrix_run(&it, &tally);
    assert_int_equal(tally.bad, 0);
    assert_true(tally.harmless == 0 && tally.cases > 1000 / step);
}

static void the_phone_cheats(void **state)
{
    (void)state;
    play("auxinfo, phone", 0, 8);
}

static void the_server_cheats(void **state)
{
    (void)state;
    if (CSIG_LEVEL == 112) play("auxinfo, server", 1, 20);
}

static int make_devices(void **state)
{
    (void)state;
    matrix_repeatable();
    aux_pair_init(&pair);
    return 0;
}

static int free_devices(void **state)
{
    (void)state;
    aux_pair_free(&pair);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_phone_cheats),
        cmocka_unit_test(the_server_cheats),
    };

    return cmocka_run_group_tests(tests, make_devices, free_devices);
}
