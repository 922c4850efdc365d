#include "support/payloads.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <secp256k1_recovery.h>

#include "share/hd.h"
#include "support/hex.h"

static void known_key(csig_scalar *key)
{
    memset(key->b, 0x46, sizeof key->b);
}

csig_account payloads_account(void)
{
    csig_account account;
    csig_scalar key;
    csig_point P;

    known_key(&key);
    assert_true(csig_point_has_mul_g_var(&P, &key));
    csig_point_to_bytes(account.public_key, &P);
    memset(account.chain_code, 0x11, sizeof account.chain_code);
    return account;
}

csig_payload *payloads_read(const char *json)
{
    csig_payload *p;
    char why[CSIG_WHY_BYTES];
    const csig_err err = csig_payload_read(&p, json, strlen(json), why);

    if (err != CSIG_OK) fail_msg("%s: %s: %.200s", csig_err_name(err), why, json);
    assert_string_equal(why, "");
    return p;
}

csig_payload *payloads_bound(const char *json)
{
    csig_payload *p = payloads_read(json);
    const csig_account account = payloads_account();
    char why[CSIG_WHY_BYTES];
    const csig_err err = csig_payload_bind(p, &account, NULL, 0, why);

    if (err != CSIG_OK) fail_msg("%s: %s: %.200s", csig_err_name(err), why, json);
    return p;
}

void payloads_refused(const char *json, const char *in_why)
{
    csig_payload *p = NULL;
    char why[CSIG_WHY_BYTES];
    const csig_err err = csig_payload_read(&p, json, strlen(json), why);

    if (err != CSIG_E_PAYLOAD) fail_msg("%s (%s): %.300s", csig_err_name(err), why, json);
    assert_null(p);
    if (strstr(why, in_why) == NULL) fail_msg("\"%s\" is not in \"%s\": %.300s", in_why, why, json);
    assert_int_equal(csig_payload_read(&p, json, strlen(json), NULL), CSIG_E_PAYLOAD);
}

typedef csig_err asked(const csig_payload *p, char *out, size_t *len);

static char *whole(asked *ask, const csig_payload *p)
{
    size_t len = 0, again;
    char *out;

    assert_int_equal(ask(p, NULL, &len), CSIG_E_BUFFER);
    assert_true(len > 0);
    out = malloc(len);
    assert_non_null(out);
    again = len - 1;
    assert_int_equal(ask(p, out, &again), CSIG_E_BUFFER);
    assert_int_equal(again, len);
    assert_int_equal(ask(p, out, &again), CSIG_OK);
    assert_int_equal(again, len);
    assert_int_equal(strlen(out), len - 1);
    return out;
}

char *payloads_text(const csig_payload *p)
{
    return whole(csig_payload_text, p);
}

char *payloads_description(const csig_payload *p)
{
    return whole(csig_payload_describe, p);
}

char *payloads_words(const csig_payload *p)
{
    return whole(csig_payload_words, p);
}

static void sign(csig_signature *sig, const uint8_t digest[32], const csig_scalar *key)
{
    secp256k1_context *ctx = secp256k1_context_create(SECP256K1_CONTEXT_NONE);
    secp256k1_ecdsa_recoverable_signature made;
    uint8_t rs[64];
    int recid;

    assert_int_equal(secp256k1_ecdsa_sign_recoverable(ctx, &made, digest, key->b, NULL, NULL), 1);
    assert_int_equal(
        secp256k1_ecdsa_recoverable_signature_serialize_compact(ctx, rs, &recid, &made), 1);
    memcpy(sig->r, rs, 32);
    memcpy(sig->s, rs + 32, 32);
    sig->recovery_id = (uint8_t)recid;
    secp256k1_context_destroy(ctx);
}

/* *key and the account's public key, at the path. */
static void child_at(csig_scalar *key, uint8_t public_key[CSIG_PUBKEY_BYTES], const uint32_t *path,
                     size_t depth)
{
    const csig_account account = payloads_account();
    csig_scalar shift;
    csig_point P, child;

    assert_int_equal(csig_point_from_bytes(&P, account.public_key), CSIG_OK);
    assert_int_equal(csig_hd_shift(&shift, &child, NULL, &P, account.chain_code, path, depth),
                     CSIG_OK);
    csig_scalar_add(key, key, &shift);
    csig_point_to_bytes(public_key, &child);
}

void payloads_sign(csig_signature *sigs, const csig_payload *p)
{
    for (size_t i = 0; i < csig_payload_inputs(p); i++) {
        uint8_t digest[CSIG_DIGEST_BYTES];
        uint32_t path[CSIG_PATH_MAX];
        csig_scalar key;
        size_t depth;

        assert_int_equal(csig_payload_input(p, i, digest, path, &depth), CSIG_OK);
        known_key(&key);
        child_at(&key, sigs[i].public_key, path, depth);
        sign(&sigs[i], digest, &key);
    }
}

char *payloads_finished(const csig_payload *p)
{
    csig_signature sigs[CSIG_INPUTS_MAX];
    const size_t n = csig_payload_inputs(p);
    size_t len = 0;
    char *out;

    payloads_sign(sigs, p);
    assert_int_equal(csig_payload_finish(p, sigs, n, NULL, &len), CSIG_E_BUFFER);
    out = malloc(len);
    assert_non_null(out);
    assert_int_equal(csig_payload_finish(p, sigs, n, out, &len), CSIG_OK);
    assert_int_equal(strlen(out), len - 1);
    return out;
}

void payloads_expect(char *got, const char *want)
{
    assert_string_equal(got, want);
    free(got);
}

void payloads_expect_inside(char *got, const char *part)
{
    if (strstr(got, part) == NULL) fail_msg("\"%s\" is not in \"%.1000s\"", part, got);
    free(got);
}

void payloads_expect_digest(const csig_payload *p, const char *hex)
{
    uint8_t digest[CSIG_DIGEST_BYTES];
    uint32_t path[CSIG_PATH_MAX];
    size_t depth;

    assert_int_equal(csig_payload_inputs(p), 1);
    assert_int_equal(csig_payload_input(p, 0, digest, path, &depth), CSIG_OK);
    hex_expect(digest, sizeof digest, hex);
}

void payloads_expect_signed(const char *json, const char *digest_hex, const char *result)
{
    csig_payload *p = payloads_bound(json);

    payloads_expect_digest(p, digest_hex);
    payloads_expect(payloads_finished(p), result);
    csig_payload_free(p);
}
