/* The auxiliary session of two honest devices: both know the other afterwards, over any network;
 * nothing is acknowledged before it is stored. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "proto/aux_pair.h"

static aux_pair pair;

static void expect_peer(csig_session *s, int side)
{
    uint8_t identity[CSIG_IDENTITY_BYTES], want[CSIG_IDENTITY_BYTES];
    uint8_t id[CSIG_AUX_ID_BYTES], own[CSIG_AUX_ID_BYTES], aux_id[CSIG_AUX_ID_BYTES];
    uint64_t generation;
    csig_peer *peer;

    assert_int_equal(csig_aux_session_peer(s, &peer), CSIG_OK);
    csig_peer_ids(peer, identity, id, own, &generation);
    csig_identity_public(pair.id[1 - side], want);
    assert_memory_equal(identity, want, sizeof want);
    csig_aux_id(pair.aux[1 - side], aux_id);
    assert_memory_equal(id, aux_id, sizeof id);
    csig_aux_id(pair.aux[side], aux_id);
    assert_memory_equal(own, aux_id, sizeof own);
    assert_int_equal(generation, csig_aux_generation(pair.aux[1 - side]));
    assert_int_equal(csig_peer_prepare(peer), CSIG_OK);
    csig_peer_free(peer);
}

static void honest_devices_know_each_other(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 2; seed++) {
        network *net;

        aux_pair_start(&pair, AUX_HONEST, NULL);
        net = net_new(pair.s, 2, seed);
        net->duplicate = seed == 1 ? 0 : 50;
        net->lose = seed == 1 ? 0 : 30;
        net_run(net);
        assert_true(net_is_all(net, CSIG_DONE));
        for (int i = 0; i < 2; i++) {
            assert_int_equal(net->err[i], CSIG_OK);
            assert_int_equal(net->stores[i], 1);
            expect_peer(pair.s[i], i);
        }
        net_free(net);
        aux_pair_stop(&pair);
    }
}

static unsigned say(csig_session *from, csig_session *to)
{
    unsigned said = 0;

    while (csig_session_pending(from) > 0) {
        size_t len = csig_session_pending(from);
        uint8_t *bytes = malloc(len);

        assert_non_null(bytes);
        assert_int_equal(csig_session_send(from, bytes, len, &len), CSIG_OK);
        assert_int_equal(csig_session_recv(to, bytes, len), CSIG_OK);
        free(bytes);
        said++;
    }
    return said;
}

/* record -> record, Pi-fac; Pi-fac, paired -> paired; each side's word after its own store. */
static void two_exchanges(void **state)
{
    csig_session *phone, *server;
    csig_peer *peer;

    (void)state;
    aux_pair_start(&pair, AUX_HONEST, NULL);
    phone = pair.s[0];
    server = pair.s[1];
    assert_int_equal(csig_session_pending(server), 0);
    assert_int_equal(say(phone, server), 1); /* record */
    assert_int_equal(say(server, phone), 2); /* record, Pi-fac */
    assert_int_equal(csig_session_phase(phone), CSIG_STORE);
    assert_int_equal(csig_aux_session_peer(server, &peer), CSIG_E_STATE);
    assert_null(peer);
    assert_int_equal(say(phone, server), 1); /* Pi-fac; paired is held */
    assert_int_equal(csig_session_phase(server), CSIG_STORE);
    expect_peer(phone, 0);
    expect_peer(server, 1);
    assert_int_equal(say(server, phone), 0);
    assert_int_equal(csig_session_confirm(phone), CSIG_OK);
    assert_int_equal(say(phone, server), 1);
    assert_int_equal(csig_session_phase(phone), CSIG_RUNNING);
    assert_int_equal(csig_session_confirm(server), CSIG_OK);
    assert_int_equal(csig_session_phase(server), CSIG_DONE);
    assert_int_equal(say(server, phone), 1);
    assert_int_equal(csig_session_phase(phone), CSIG_DONE);
    aux_pair_stop(&pair);
}

/* The record is the same octets to every peer, in every session. */
static void records_are_static(void **state)
{
    const size_t len = csig_wire_size(csig_aux_record_wire);
    size_t total;
    uint8_t *bytes;

    (void)state;
    aux_pair_start(&pair, AUX_HONEST, NULL);
    total = csig_session_pending(pair.s[0]);
    bytes = malloc(total);
    assert_non_null(bytes);
    assert_int_equal(csig_session_send(pair.s[0], bytes, total, &total), CSIG_OK);
    assert_memory_equal(bytes + total - CSIG_ED_SIG_BYTES - len, pair.aux[0]->record, len);
    free(bytes);
    aux_pair_stop(&pair);
}

static void parameters(void **state)
{
    csig_aux_params p = aux_pair_params(&pair, 0);
    csig_session *s = NULL;

    (void)state;
    csig_identity_public(pair.id[0], p.peer); /* itself */
    assert_int_equal(csig_aux_session(&s, &p), CSIG_E_PARTIES);
    assert_null(s);
    p = aux_pair_params(&pair, 0);
    p.aux = pair.aux[1]; /* another device's */
    assert_int_equal(csig_aux_session(&s, &p), CSIG_E_ARGUMENT);
    p.aux = NULL;
    assert_int_equal(csig_aux_session(&s, &p), CSIG_E_ARGUMENT);
    p = aux_pair_params(&pair, 0);
    p.identity = NULL;
    assert_int_equal(csig_aux_session(&s, &p), CSIG_E_ARGUMENT);
    p = aux_pair_params(&pair, 0);
    memset(p.nonce_first, 0, sizeof p.nonce_first);
    assert_int_equal(csig_aux_session(&s, &p), CSIG_E_ARGUMENT);
    p = aux_pair_params(&pair, 0);
    memset(p.nonce_second, 0, sizeof p.nonce_second);
    assert_int_equal(csig_aux_session(&s, &p), CSIG_E_ARGUMENT);
}

/* C10: who sees other inputs says which. */
static void C10_other_nonces(void **state)
{
    csig_aux_params p = aux_pair_params(&pair, 1);
    csig_session *other;
    csig_blame blame;
    uint8_t *bytes;
    size_t len;

    (void)state;
    aux_pair_start(&pair, AUX_HONEST, NULL);
    p.nonce_second[0] ^= 1;
    assert_int_equal(csig_aux_session(&other, &p), CSIG_OK);
    len = csig_session_pending(pair.s[0]);
    bytes = malloc(len);
    assert_non_null(bytes);
    assert_int_equal(csig_session_send(pair.s[0], bytes, len, &len), CSIG_OK);
    assert_int_equal(csig_session_recv(other, bytes, len), CSIG_E_SSID);
    csig_session_blame(other, &blame);
    assert_string_equal(blame.where, "nonce_second");
    assert_int_equal(csig_session_phase(other), CSIG_RUNNING);
    free(bytes);
    csig_session_free(other);
    aux_pair_stop(&pair);
}

/* As README.md says. */
static void sizes_of_messages(void **state)
{
    const bool high = CSIG_LEVEL == 128;

    (void)state;
    assert_int_equal(csig_wire_size(csig_aux_record_wire), high ? 152811 : 101995);
    assert_int_equal(csig_wire_size(csig_zk_fac_wire), high ? 4330 : 3050);
    assert_int_equal(csig_wire_size(csig_auxinfo_paired_wire), 64);
}

static int setup(void **state)
{
    (void)state;
    aux_pair_init(&pair);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    aux_pair_free(&pair);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(honest_devices_know_each_other),
        cmocka_unit_test(two_exchanges),
        cmocka_unit_test(records_are_static),
        cmocka_unit_test(parameters),
        cmocka_unit_test(C10_other_nonces),
        cmocka_unit_test(sizes_of_messages),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
