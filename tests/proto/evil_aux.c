#include "proto/evil_aux.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "share/device.h"
#include "support/oracle.h"

#define EVIL 1

static csig_env env_of(csig_rng *rng)
{
    csig_rng_init(rng, NULL, NULL);
    return (csig_env){.rng = rng};
}

void evil_aux_reset(evil_aux *e)
{
    const csig_aux *honest = e->pair->aux[EVIL];

    assert_int_equal(csig_wire_read(csig_aux_record_wire, e->record, honest->record,
                                    csig_wire_size(csig_aux_record_wire)),
                     CSIG_OK);
    e->rounds[1] = &e->r2;
    e->r2.make = csig_auxinfo_r2.make;
    oracle_seed(1);
}

void evil_aux_init(evil_aux *e, aux_pair *pair)
{
    memset(e, 0, sizeof *e);
    e->pair = pair;
    e->aux = csig_secret_alloc(sizeof *e->aux);
    e->record = malloc(sizeof *e->record);
    assert_non_null(e->aux);
    assert_non_null(e->record);
    *e->aux = *pair->aux[EVIL];
    e->aux->record = malloc(csig_wire_size(csig_aux_record_wire));
    assert_non_null(e->aux->record);
    e->r1 = csig_auxinfo_r1;
    e->r2 = csig_auxinfo_r2;
    e->r1.check = e->r2.check = NULL;
    e->rounds[0] = &e->r1;
    e->rounds[2] = &csig_auxinfo_r3;
    e->protocol = csig_auxinfo_protocol;
    e->protocol.rounds = e->rounds;
    evil_aux_reset(e);
}

void evil_aux_free(evil_aux *e)
{
    free(e->aux->record);
    csig_secret_free(e->aux);
    free(e->record);
}

/* --- a record of its own --- */

void evil_aux_name(evil_aux *e)
{
    csig_aux_pub_id(&e->record->pub);
}

void evil_aux_transcript(const evil_aux *e, csig_transcript *t, csig_label label)
{
    csig_transcript_device_proof(t, label, e->record->pub.id, e->record->pub.owner, NULL);
}

void evil_aux_prove_prm(evil_aux *e)
{
    csig_transcript t;
    csig_rng rng;
    const csig_env env = env_of(&rng);

    evil_aux_transcript(e, &t, CSIG_LABEL_ZK_PRM);
    assert_int_equal(csig_zk_prm_prove(&e->record->prm, &env, &t, &e->aux->pedersen), CSIG_OK);
}

/* Everything before the signature, as the owner signs it. */
static void sign(evil_aux *e)
{
    const size_t len = csig_wire_size(csig_aux_record_wire);
    uint8_t *octets = e->aux->record;
    csig_transcript t;

    csig_wire_write(csig_aux_record_wire, e->record, octets, len);
    csig_transcript_init(&t, CSIG_LABEL_AUX_RECORD);
    csig_transcript_bytes(&t, octets, len - CSIG_ED_SIG_BYTES);
    csig_ed_sign(e->record->signature, &e->pair->id[EVIL]->key, &t);
}

/* --- the run --- */

static network *run(evil_aux *e)
{
    const csig_aux_params victim = aux_pair_params(e->pair, 0);
    csig_aux_params evil = aux_pair_params(e->pair, EVIL);
    network *net;

    csig_wire_write(csig_aux_record_wire, e->record, e->aux->record,
                    csig_wire_size(csig_aux_record_wire));
    e->aux->pub = e->record->pub;
    memcpy(e->aux->pub.owner, e->pair->id[EVIL]->key.id, CSIG_ID_BYTES);
    evil.aux = e->aux;
    evil_aux_current = e;
    assert_int_equal(csig_aux_session(&e->pair->s[0], &victim), CSIG_OK);
    assert_int_equal(csig_aux_session_of(&e->pair->s[1], &evil, &e->protocol), CSIG_OK);
    net = net_new(e->pair->s, 2, 1);
    net_run(net);
    return net;
}

void evil_aux_refused_as_is(evil_aux *e, csig_err err, uint8_t round)
{
    network *net = run(e);

    aux_pair_refused(e->pair, 0, err, round);
    net_free(net);
    aux_pair_stop(e->pair);
}

void evil_aux_refused(evil_aux *e, csig_err err, uint8_t round)
{
    sign(e);
    evil_aux_refused_as_is(e, err, round);
}

void evil_aux_accepted(evil_aux *e)
{
    network *net;

    sign(e);
    net = run(e);
    assert_true(net_is_all(net, CSIG_DONE));
    net_free(net);
    aux_pair_stop(e->pair);
}
