#include "proto/records.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static octets record_of(csig_session *s)
{
    octets o = {NULL, 0};

    assert_int_equal(csig_session_record(s, NULL, &o.len), CSIG_E_BUFFER);
    o.p = malloc(o.len + 1);
    assert_non_null(o.p);
    o.len--;
    assert_int_equal(csig_session_record(s, o.p, &o.len), CSIG_E_BUFFER);
    assert_int_equal(csig_session_record(s, o.p, &o.len), CSIG_OK);
    return o;
}

/* Everybody's is the same; one of them. */
static octets record_of_all(csig_session *const *s, uint16_t count)
{
    const octets first = record_of(s[0]);

    for (uint16_t i = 1; i < count; i++) {
        const octets other = record_of(s[i]);

        assert_int_equal(other.len, first.len);
        assert_memory_equal(other.p, first.p, first.len);
        free(other.p);
    }
    return first;
}

static void keep_all(csig_session *const *s, uint16_t count)
{
    size_t len = 0;

    for (uint16_t i = 0; i < count; i++) {
        assert_int_equal(csig_session_record(s[i], NULL, &len), CSIG_E_STATE);
        assert_int_equal(csig_session_keep_record(s[i]), CSIG_OK);
        assert_int_equal(csig_session_record(s[i], NULL, &len), CSIG_E_STATE);
    }
}

octets records_keygen(keygen_group *g, uint16_t last)
{
    network *net;
    octets o;

    g->last = last;
    keygen_group_start(g, KEYGEN_HONEST, NULL);
    keep_all(g->s, g->count);
    net = keygen_group_net(g, 11);
    net_run(net);
    assert_true(net_is_all(net, CSIG_DONE));
    net_free(net);
    o = record_of_all(g->s, g->count);
    return o;
}

octets records_reshare(reshare_group *g, const reshare_case *c)
{
    reshare_group_init(g, c);
    reshare_group_start(g, 12);
    keep_all(g->s, g->count);
    net_run(g->net);
    assert_true(net_is_all(g->net, CSIG_DONE));
    return record_of_all(g->s, g->count);
}

const reshare_case records_two_of_two = {"refresh", 2, 2, 2, 2, false, {{1, 1}, {2, 2}}};
const reshare_case records_three_of_five = {
    "refresh", 3, 5, 3, 5, false, {{1, 1}, {2, 2}, {3, 3}, {4, 4}, {5, 5}}};
const reshare_case records_replaced = {"one joins, one leaves", 2, 3, 2, 3, false,
                                       {{2, 2}, {3, 0}, {0, 1}}};
