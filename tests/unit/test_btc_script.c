/* Scripts: each kind is what it is and nothing near it is; multisig; pushes. */
#include "payload/btc_script.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/bitcoin.h"
#include "support/hex.h"
#include "support/trap.h"

#define H20 "000102030405060708090a0b0c0d0e0f10111213"
#define H32 H20 "1415161718191a1b1c1d1e1f"

static const struct {
    csig_btc_kind kind;
    const char *script, *program;
} kinds[] = {
    {CSIG_BTC_P2PKH, "76a914" H20 "88ac", H20}, {CSIG_BTC_P2SH, "a914" H20 "87", H20},
    {CSIG_BTC_P2WPKH, "0014" H20, H20},         {CSIG_BTC_P2WSH, "0020" H32, H32},
    {CSIG_BTC_P2TR, "5120" H32, H32},
};

static csig_btc_kind kind_of(const uint8_t *script, size_t len)
{
    return csig_btc_script_of((csig_span){script, len}).kind;
}

static void each_kind(void **state)
{
    (void)state;
    for (size_t i = 0; i < CSIG_ARRAY_LEN(kinds); i++) {
        size_t len;
        uint8_t *script = octets_of_hex(kinds[i].script, &len);
        const csig_btc_script s = csig_btc_script_of((csig_span){script, len});
        csig_btc_made made;

        assert_int_equal(s.kind, kinds[i].kind);
        span_expect(s.program, kinds[i].program);
        csig_btc_script_make(&made, s.kind, s.program.p);
        span_expect(csig_btc_made_span(&made), kinds[i].script);
        free(script);
    }
}

/* One octet less, one more, any octet around the program another: another script. */
static void nothing_near(void **state)
{
    (void)state;
    for (size_t i = 0; i < CSIG_ARRAY_LEN(kinds); i++) {
        uint8_t script[CSIG_BTC_SCRIPT_ROOM + 1] = {0};
        const size_t len = strlen(kinds[i].script) / 2;
        const char *at = strstr(kinds[i].script, kinds[i].program);
        const size_t from = (size_t)(at - kinds[i].script) / 2;
        const size_t to = from + strlen(kinds[i].program) / 2;

        hex_read(script, len, kinds[i].script);
        assert_int_equal(kind_of(script, len - 1), CSIG_BTC_OTHER);
        assert_int_equal(kind_of(script, len + 1), CSIG_BTC_OTHER);
        for (size_t k = 0; k < len; k++) {
            if (k >= from && k < to) continue;
            for (unsigned flip = 1; flip < 256; flip++) {
                const uint8_t was = script[k];
                csig_btc_kind kind;

                script[k] = (uint8_t)(was ^ flip);
                kind = kind_of(script, len);
                /* P2WSH and P2TR differ in their version, OP_RETURN may start anything */
                assert_true(kind == CSIG_BTC_OTHER || kind == CSIG_BTC_DATA ||
                            (k == 0 && kind != kinds[i].kind));
                script[k] = was;
            }
        }
    }
}

static void data_and_others(void **state)
{
    const uint8_t data[] = {0x6a, 2, 'h', 'i'}, none[] = {0x51};
    csig_btc_script s = csig_btc_script_of((csig_span){data, sizeof data});

    (void)state;
    assert_int_equal(s.kind, CSIG_BTC_DATA);
    span_expect(s.program, "026869");
    assert_int_equal(kind_of(data, 1), CSIG_BTC_DATA);
    assert_int_equal(kind_of(none, 1), CSIG_BTC_OTHER);
    assert_int_equal(kind_of(NULL, 0), CSIG_BTC_OTHER);
}

/* BIP143's P2SH-P2WPKH example. */
static void scripts_of_scripts(void **state)
{
    uint8_t key[CSIG_POINT_BYTES];
    csig_btc_made inner, outer, again;

    (void)state;
    hex_read(key, sizeof key, "03ad1d8e89212f0b92c74d23bb710c00662ad1470198ac48c43f7d6f93a2a26873");
    csig_btc_script_pay(&inner, CSIG_BTC_P2WPKH, key);
    span_expect(csig_btc_made_span(&inner), "001479091972186c449eb1ded22b78e40d009bdf0089");
    csig_btc_script_pay(&outer, CSIG_BTC_P2SH, key);
    span_expect(csig_btc_made_span(&outer), "a9144733f37cf4db86fbc2efed2500b4f4e49f31202387");
    csig_btc_script_pay(&again, CSIG_BTC_P2PKH, key);
    span_expect(csig_btc_made_span(&again), "76a91479091972186c449eb1ded22b78e40d009bdf008988ac");

    const csig_btc_script o = csig_btc_script_of(csig_btc_made_span(&outer));
    assert_true(csig_btc_script_is_of(o, csig_btc_made_span(&inner)));
    assert_false(csig_btc_script_is_of(o, csig_btc_made_span(&outer)));
    /* a hash of a key is no hash of a script */
    assert_false(csig_btc_script_is_of(csig_btc_script_of(csig_btc_made_span(&inner)),
                                       (csig_span){key, sizeof key}));
}

static void put_number(csig_sink *s, size_t v)
{
    if (v > 16) csig_sink_u8(s, 1);
    csig_sink_u8(s, (uint8_t)(v > 16 ? v : 0x50 + v));
}

/* m, then n keys of `size` octets, then n. */
static size_t multisig(uint8_t *script, size_t m, size_t n, size_t size)
{
    csig_sink s = {.out = script, .room = 2048};
    uint8_t key[65] = {2};

    put_number(&s, m);
    for (size_t i = 0; i < n; i++) {
        key[1] = (uint8_t)i;
        csig_sink_run(&s, (csig_span){key, size});
    }
    put_number(&s, n);
    csig_sink_u8(&s, 0xae);
    return s.at;
}

static void multisigs(void **state)
{
    uint8_t script[2048];
    csig_btc_multisig read;

    (void)state;
    for (size_t n = 1; n <= CSIG_BTC_MULTISIG_KEYS; n++) {
        for (size_t m = 1; m <= n; m++) {
            const size_t size = (n + m) % 2 == 0 ? 33 : 65, len = multisig(script, m, n, size);

            assert_int_equal(csig_btc_multisig_read(&read, (csig_span){script, len}), CSIG_OK);
            assert_int_equal(read.m, m);
            assert_int_equal(read.n, n);
            assert_int_equal(read.key[n - 1].len, size);
            assert_int_equal(read.key[n - 1].p[1], n - 1);
        }
    }
}

static void no_multisigs(void **state)
{
    uint8_t script[2048];
    csig_btc_multisig read;
    size_t len = multisig(script, 2, 3, 33);

    (void)state;
    for (size_t cut = 0; cut < len; cut++)
        assert_int_equal(csig_btc_multisig_read(&read, (csig_span){script, cut}), CSIG_E_FORMAT);
    script[len] = 0xac;
    assert_int_equal(csig_btc_multisig_read(&read, (csig_span){script, len + 1}), CSIG_E_FORMAT);
    script[0] = 0x54; /* 4 of 3 */
    assert_int_equal(csig_btc_multisig_read(&read, (csig_span){script, len}), CSIG_E_FORMAT);
    script[0] = 0x00; /* 0 of 3 */
    assert_int_equal(csig_btc_multisig_read(&read, (csig_span){script, len}), CSIG_E_FORMAT);
    script[0] = 0x52;
    script[len - 2] = 0x52; /* 3 keys called 2 */
    assert_int_equal(csig_btc_multisig_read(&read, (csig_span){script, len}), CSIG_E_FORMAT);
    len = multisig(script, 1, 21, 33);
    assert_int_equal(csig_btc_multisig_read(&read, (csig_span){script, len}), CSIG_E_FORMAT);
    len = multisig(script, 1, 2, 32);
    assert_int_equal(csig_btc_multisig_read(&read, (csig_span){script, len}), CSIG_E_FORMAT);
}

static void push_too_much(void *octets)
{
    csig_sink s = {0};

    csig_btc_push(&s, (csig_span){octets, CSIG_BTC_PUSH_MAX + 1});
}

static void pushes(void **state)
{
    static const struct {
        size_t len;
        const char *head;
    } heads[] = {{0, "00"},     {75, "4b"},      {76, "4c4c"},
                 {255, "4cff"}, {256, "4d0001"}, {520, "4d0802"}};
    uint8_t octets[CSIG_BTC_PUSH_MAX] = {0}, out[CSIG_BTC_PUSH_MAX + 3];

    (void)state;
    for (size_t i = 0; i < CSIG_ARRAY_LEN(heads); i++) {
        csig_sink s = {.out = out, .room = sizeof out};

        csig_btc_push(&s, (csig_span){octets, heads[i].len});
        span_expect((csig_span){out, s.at - heads[i].len}, heads[i].head);
    }
    assert_true(trap_is_hit(push_too_much, octets));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_kind),       cmocka_unit_test(nothing_near),
        cmocka_unit_test(data_and_others), cmocka_unit_test(scripts_of_scripts),
        cmocka_unit_test(multisigs),       cmocka_unit_test(no_multisigs),
        cmocka_unit_test(pushes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
