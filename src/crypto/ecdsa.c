/* Finished ECDSA signatures on libsecp256k1: made from R and s, verified, written. */
#include "crypto/ecdsa.h"

#include <string.h>

#include <secp256k1_recovery.h>

#include "base/mem.h"

#define RECID_ODD  1 /* y of R is odd */
#define RECID_WRAP 2 /* x of R is q or more: r = x - q */
#define RECID_MAX  (RECID_ODD | RECID_WRAP)

void csig_ecdsa_wire(csig_wire *w, csig_ecdsa *sig)
{
    csig_bytes_wire(w, sig->r, sizeof sig->r);
    csig_bytes_wire(w, sig->s, sizeof sig->s);
    csig_u8_wire(w, &sig->recid);
}

csig_err csig_ecdsa_make(csig_ecdsa *sig, const csig_point *R, const csig_scalar *s)
{
    uint8_t x[32];
    csig_scalar r;
    csig_scalar low = *s;

    csig_point_x(x, R);
    csig_scalar_from_bytes(&r, x, sizeof x);
    CSIG_REQUIRE(!csig_scalar_is_zero(&r), CSIG_E_OUTPUT);
    CSIG_REQUIRE(!csig_scalar_is_zero(s), CSIG_E_OUTPUT);

    sig->recid = csig_point_is_odd(R) ? RECID_ODD : 0;
    if (!csig_is_same(x, r.b, sizeof x)) sig->recid |= RECID_WRAP;
    /* (r, -s) is a signature with the nonce point -R. */
    if (csig_scalar_is_high(s)) {
        csig_scalar_neg(&low, s);
        sig->recid ^= RECID_ODD;
    }
    memcpy(sig->r, r.b, sizeof sig->r);
    memcpy(sig->s, low.b, sizeof sig->s);
    return CSIG_OK;
}

static void compact(uint8_t out[64], const csig_ecdsa *sig)
{
    memcpy(out, sig->r, 32);
    memcpy(out + 32, sig->s, 32);
}

/* The key that the recovery id leads to; it is in range. */
static bool is_recovered(csig_point *Q, const csig_ecdsa *sig, const uint8_t digest[32])
{
    const secp256k1_context *ctx = secp256k1_context_static;
    secp256k1_ecdsa_recoverable_signature rsig;
    uint8_t rs[64];

    compact(rs, sig);
    return secp256k1_ecdsa_recoverable_signature_parse_compact(ctx, &rsig, rs, sig->recid) == 1 &&
           secp256k1_ecdsa_recover(ctx, &Q->k, &rsig, digest) == 1;
}

csig_err csig_ecdsa_verify(const csig_ecdsa *sig, const csig_point *Q, const uint8_t digest[32])
{
    const secp256k1_context *ctx = secp256k1_context_static;
    secp256k1_ecdsa_signature parsed;
    csig_point again;
    uint8_t rs[64];

    compact(rs, sig);
    CSIG_REQUIRE(sig->recid <= RECID_MAX, CSIG_E_OUTPUT);
    CSIG_REQUIRE(secp256k1_ecdsa_signature_parse_compact(ctx, &parsed, rs) == 1, CSIG_E_OUTPUT);
    /* refuses r = 0, s = 0 and a high s */
    CSIG_REQUIRE(secp256k1_ecdsa_verify(ctx, &parsed, digest, &Q->k) == 1, CSIG_E_OUTPUT);
    CSIG_REQUIRE(is_recovered(&again, sig, digest), CSIG_E_OUTPUT);
    CSIG_REQUIRE(csig_point_is_eq(&again, Q), CSIG_E_OUTPUT);
    return CSIG_OK;
}

bool csig_ecdsa_has_recovered(csig_point *Q, const csig_ecdsa *sig, const uint8_t digest[32])
{
    return sig->recid <= RECID_MAX && is_recovered(Q, sig, digest) &&
           csig_ecdsa_verify(sig, Q, digest) == CSIG_OK;
}

csig_err csig_ecdsa_digest(csig_scalar *m, const uint8_t digest[32])
{
    csig_scalar_from_bytes(m, digest, 32);
    CSIG_REQUIRE(!csig_scalar_is_zero(m), CSIG_E_DIGEST);
    return CSIG_OK;
}

size_t csig_ecdsa_der(uint8_t out[CSIG_ECDSA_DER_BYTES], const csig_ecdsa *sig)
{
    const secp256k1_context *ctx = secp256k1_context_static;
    secp256k1_ecdsa_signature parsed;
    size_t len = CSIG_ECDSA_DER_BYTES;
    uint8_t rs[64];

    compact(rs, sig);
    if (secp256k1_ecdsa_signature_parse_compact(ctx, &parsed, rs) != 1) return 0;
    CSIG_ASSERT(secp256k1_ecdsa_signature_serialize_der(ctx, out, &len, &parsed) == 1);
    return len;
}

csig_err csig_ecdsa_verify_der(const uint8_t *der, size_t len, const csig_point *Q,
                               const uint8_t digest[32])
{
    const secp256k1_context *ctx = secp256k1_context_static;
    secp256k1_ecdsa_signature parsed;

    CSIG_REQUIRE(secp256k1_ecdsa_signature_parse_der(ctx, &parsed, der, len) == 1, CSIG_E_OUTPUT);
    CSIG_REQUIRE(secp256k1_ecdsa_verify(ctx, &parsed, digest, &Q->k) == 1, CSIG_E_OUTPUT);
    return CSIG_OK;
}
