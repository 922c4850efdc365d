#include "proto/verdicts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

uint8_t *take_evidence(csig_session *s, size_t *len)
{
    uint8_t *out;

    *len = 0;
    assert_int_equal(csig_session_evidence(s, NULL, len), CSIG_E_BUFFER);
    assert_true(*len > 0);
    out = malloc(*len);
    assert_non_null(out);
    assert_int_equal(csig_session_evidence(s, out, len), CSIG_OK);
    return out;
}

static void expect_evidence(const signing *g, csig_session *s, const csig_blame *blame,
                            uint16_t cheat)
{
    const dealer *d = g->d;
    csig_verdict v;
    uint8_t id[32], key[CSIG_PUBKEY_BYTES];
    size_t len;
    uint8_t *evidence = take_evidence(s, &len);

    assert_int_equal(csig_evidence_verify(evidence, len, &v), CSIG_OK);
    assert_memory_equal(&v.blame, blame, sizeof *blame);
    assert_memory_equal(v.identity, d->id[g->index[cheat] - 1]->key.id, sizeof v.identity);
    assert_memory_equal(v.key_id, d->share[0]->key_id, sizeof v.key_id);
    csig_point_to_bytes(key, &d->share[0]->pk);
    assert_memory_equal(v.public_key, key, sizeof key);
    csig_session_id(s, id);
    assert_memory_equal(v.session_id, id, sizeof id);
    assert_string_equal(v.protocol, csig_session_run(s)->protocol->name);
    free(evidence);
}

void expect_verdict_of_others(signing *g, csig_err err, uint8_t round, uint16_t cheat)
{
    csig_blame first = {.err = CSIG_OK};

    for (uint16_t j = 0; j < g->count; j++) {
        csig_blame blame;

        if (j == cheat) continue;
        csig_session_blame(g->s[j], &blame);
        if (csig_session_phase(g->s[j]) != CSIG_FAILED || blame.err != err)
            fail_msg("party %d: phase %d, %s in round %d (%s), culprit %d", j,
                     (int)csig_session_phase(g->s[j]), csig_err_name(blame.err), blame.round,
                     blame.where, blame.culprit);
        signing_expect_failed(g, j, err, cheat);
        assert_int_equal(blame.round, round);
        if (first.err == CSIG_OK) first = blame;
        assert_memory_equal(&blame, &first, sizeof blame);
        expect_evidence(g, g->s[j], &blame, cheat);
    }
}

void expect_verdict(signing *g, csig_err err, uint8_t round, uint16_t cheat)
{
    expect_verdict_of_others(g, err, round, cheat);
    signing_expect_none(g);
}
