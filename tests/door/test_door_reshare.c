/* Resharing from outside: an old phone hands over to a new one, as far as the test signature, for
 * which the new phone has no auxiliary info here. */
#include "hall.h"

#include <stdlib.h>
#include <string.h>

enum { OLD_PHONE, SERVER, NEW_PHONE, MEMBERS };

static csig_identity *fresh;
static uint8_t identities[2][CSIG_IDENTITY_BYTES], epoch[CSIG_EPOCH_BYTES];
static csig_reshare_member member[MEMBERS] = {{1, 0, {1}}, {2, 2, {2}}, {0, 1, {3}}};

static int setup(void **state)
{
    const hall *h;

    if (hall_open(state) != 0) return -1;
    h = *state;
    if (csig_identity_new(&fresh) != CSIG_OK) return -1;
    csig_identity_public(fresh, identities[0]);
    csig_identity_public(h->id[1], identities[1]);
    return csig_share_epoch(h->share[0], epoch) == CSIG_OK ? 0 : -1;
}

static int teardown(void **state)
{
    csig_identity_free(fresh);
    return hall_close(state);
}

static csig_reshare_params params(const hall *h, uint16_t who)
{
    csig_reshare_params p = {
        .members = member,
        .count = MEMBERS,
        .self = (uint16_t)(who + 1),
        .signers_required = 2,
        .parties = 2,
        .identities = identities[0],
        .attempt = 1,
        .commits = 2,
        .moves_last = who == SERVER,
    };

    p.identity = who == NEW_PHONE ? fresh : h->id[who];
    if (who == NEW_PHONE)
        p.epoch = epoch;
    else
        p.share = h->share[who];
    return p;
}

static void deliver_all(csig_session *s[MEMBERS])
{
    for (bool busy = true; busy;) {
        busy = false;
        for (int from = 0; from < MEMBERS; from++) {
            size_t len = csig_session_pending(s[from]);
            uint8_t *bytes = malloc(len + 1);

            if (len > 0) {
                busy = true;
                assert_int_equal(csig_session_send(s[from], bytes, len, &len), CSIG_OK);
                for (int to = 0; to < MEMBERS; to++)
                    if (to != from) assert_int_equal(csig_session_recv(s[to], bytes, len), CSIG_OK);
            }
            free(bytes);
        }
    }
}

static void an_old_phone_hands_over(void **state)
{
    const uint8_t backup[CSIG_BACKUP_HASH_BYTES] = {4};
    csig_session *s[MEMBERS];
    csig_share *share;
    csig_share_info info, before;
    uint8_t next[CSIG_EPOCH_BYTES];

    csig_share_describe(((const hall *)*state)->share[0], &before);
    for (uint16_t i = 0; i < MEMBERS; i++) {
        const csig_reshare_params p = params(*state, i);

        assert_int_equal(csig_reshare_session(&s[i], &p), CSIG_OK);
    }
    assert_int_equal(csig_refresh_epoch(s[OLD_PHONE], next), CSIG_E_STATE);
    deliver_all(s);
    for (int i = 0; i < MEMBERS; i++)
        assert_int_equal(csig_session_phase(s[i]), CSIG_STORE);
    /* who leaves has nothing, and says so */
    assert_int_equal(csig_refresh_share(s[OLD_PHONE], &share), CSIG_E_STATE);
    assert_int_equal(csig_refresh_backup(s[OLD_PHONE], backup), CSIG_E_STATE);
    assert_int_equal(csig_refresh_epoch(s[OLD_PHONE], next), CSIG_OK);
    assert_int_equal(csig_refresh_epoch(NULL, next), CSIG_E_ARGUMENT);
    assert_int_equal(csig_refresh_epoch(s[OLD_PHONE], NULL), CSIG_E_ARGUMENT);
    assert_int_equal(csig_session_confirm(s[OLD_PHONE]), CSIG_OK);
    for (int i = SERVER; i < MEMBERS; i++) {
        uint8_t chain_code[32], other[32], child[CSIG_PUBKEY_BYTES], held[CSIG_EPOCH_BYTES];

        assert_int_equal(csig_refresh_share(s[i], &share), CSIG_OK);
        csig_share_describe(share, &info);
        assert_int_equal(info.self, member[i].holds);
        assert_int_equal(csig_share_epoch(share, held), CSIG_OK);
        assert_memory_equal(held, next, sizeof held);
        assert_int_equal(info.epoch, before.epoch + 1);
        assert_memory_equal(info.key_id, before.key_id, sizeof info.key_id);
        assert_memory_equal(info.public_key, before.public_key, sizeof info.public_key);
        assert_int_equal(csig_share_child(share, NULL, 0, child, chain_code), CSIG_OK);
        assert_int_equal(csig_share_child(((const hall *)*state)->share[0], NULL, 0, child, other),
                         CSIG_OK);
        assert_memory_equal(chain_code, other, sizeof other);
        csig_share_free(share);
        assert_int_equal(csig_session_confirm(s[i]), CSIG_E_STATE); /* its backup first */
        assert_int_equal(csig_refresh_backup(s[i], backup), CSIG_OK);
        assert_int_equal(csig_session_confirm(s[i]), CSIG_OK);
    }
    deliver_all(s);
    assert_int_equal(csig_session_phase(s[SERVER]), CSIG_STORE);
    assert_int_equal(csig_session_confirm(s[SERVER]), CSIG_E_STATE);  /* the test first */
    assert_int_equal(csig_session_phase(s[OLD_PHONE]), CSIG_RUNNING); /* deletes nothing yet */
    for (int i = 0; i < MEMBERS; i++)
        csig_session_free(s[i]);
}

static void parameters(void **state)
{
    const csig_reshare_params good = params(*state, NEW_PHONE);
    csig_reshare_params p;
    csig_session *s;

#define REFUSES(err, change)                                                                       \
    do {                                                                                           \
        p = good;                                                                                  \
        change;                                                                                    \
        assert_int_equal(csig_reshare_session(&s, &p), err);                                       \
        assert_null(s);                                                                            \
    } while (0)
    REFUSES(CSIG_E_ARGUMENT, p.epoch = NULL);
    REFUSES(CSIG_E_ARGUMENT, p.members = NULL);
    REFUSES(CSIG_E_ARGUMENT, p.identities = NULL);
    REFUSES(CSIG_E_PARTIES, p.self = 1);
    REFUSES(CSIG_E_PARTIES, p.commits = 3);
    REFUSES(CSIG_E_PARTIES, p.parties = 3);
    REFUSES(CSIG_E_PARTIES, p.identity = ((const hall *)*state)->id[0]);
    epoch[0] ^= 1;
    REFUSES(CSIG_E_KIND, (void)0);
    epoch[0] ^= 1;
#undef REFUSES
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_old_phone_hands_over),
        cmocka_unit_test(parameters),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
