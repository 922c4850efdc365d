/* A lost phone, from beginning to end: two of three with the third offline from birth; the phone is
 * lost; the recovery key gives the third share; with it and the server the wallet goes to a new
 * phone, and the lost one is of no use. And two of two, where each share has a recovery key. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "proto/keygen_group.h"
#include "proto/reshare_group.h"

static keygen_group born;
static reshare_group g;

/* The wallet, and the shares of those online in place of the dealt ones. Identities change anyway.
 */
static void be_born(const reshare_case *c, csig_share *lost[CSIG_MAX_PARTIES])
{
    network *net;

    keygen_group_start(&born, KEYGEN_HONEST, NULL);
    net = keygen_group_net(&born, 1);
    net_run(net);
    assert_true(net_is_all(net, CSIG_DONE));
    net_free(net);
    reshare_group_init(&g, c);
    for (uint16_t i = 0; i < c->n; i++) {
        csig_share_free(g.old[i]);
        g.old[i] = NULL;
    }
    for (uint16_t i = 0; i < born.count; i++)
        assert_int_equal(csig_keygen_share(born.s[i], &lost[born.index[i] - 1]), CSIG_OK);
    assert_int_equal(csig_share_epoch(lost[born.index[0] - 1], g.epoch), CSIG_OK);
}

static csig_share *recover(uint16_t index)
{
    const csig_recovery_case asked = keygen_group_escrows(&born, index);
    csig_share *share;
    uint16_t k = 0;

    while (born.rk_index[k] != index)
        k++;
    assert_int_equal(csig_recovery_share(born.rk[k], &asked, &share, NULL), CSIG_OK);
    return share;
}

/* Any two of the new shares sign under the key of the birth; one of before with one of after is not
 * the key. */
static void expect_moved(const csig_share *phone)
{
    uint8_t digest[CSIG_DIGEST_BYTES] = {6}, pk[CSIG_PUBKEY_BYTES];
    csig_share *mixed[CSIG_MAX_PARTIES];
    csig_signature signature;

    csig_point_to_bytes(pk, &phone->pk);
    for (uint16_t i = 1; i < g.c->next_n; i++) {
        const uint16_t pair[] = {i, (uint16_t)(i + 1)}, positions[] = {0, i};

        reshare_group_sign(&g, pair, digest, &signature);
        assert_memory_equal(signature.public_key, pk, sizeof pk);
        memcpy(mixed, g.staged, sizeof mixed);
        mixed[0] = csig_share_alloc();
        *mixed[0] = *phone;
        assert_false(reshare_group_is_key(&g, mixed, positions, 2));
        csig_share_free(mixed[0]);
    }
}

static void reshare(void)
{
    reshare_group_start(&g, 2);
    net_run(g.net);
    assert_true(net_is_all(g.net, CSIG_DONE));
}

static void two_of_three(void **state)
{
    static const reshare_case lost_phone = {"", 2, 3, 2, 3, true, {{2, 2}, {3, 3}, {0, 1}}};
    static const uint16_t online[] = {1, 2};
    csig_share *was[CSIG_MAX_PARTIES] = {NULL};

    (void)state;
    keygen_group_init(&born, 2, 3);
    keygen_group_online(&born, online, 2);
    be_born(&lost_phone, was);
    g.old[1] = was[1];
    g.old[2] = recover(3);
    g.old[0] = was[0]; /* in the hands of whoever has the phone; deals nothing */
    reshare();
    expect_moved(was[0]);
    reshare_group_free(&g);
    keygen_group_free(&born);
}

static void two_of_two(void **state)
{
    static const reshare_case lost_phone = {"", 2, 2, 2, 2, true, {{1, 1}, {2, 2}}};
    csig_share *was[CSIG_MAX_PARTIES] = {NULL};

    (void)state;
    keygen_group_init(&born, 2, 2);
    keygen_group_add_key(&born, 1), keygen_group_add_key(&born, 2);
    be_born(&lost_phone, was);
    g.old[0] = recover(1);
    g.old[1] = was[1];
    reshare();
    expect_moved(was[0]);
    csig_share_free(was[0]);
    reshare_group_free(&g);
    keygen_group_free(&born);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_of_three),
        cmocka_unit_test(two_of_two),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
