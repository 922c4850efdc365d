/* Verifiable escrow by cut and choose. Formulas: escrow.h. Source: protocol.md 7.7. */
#include "crypto/escrow.h"

#include <string.h>

#include <sodium.h>

#include "base/ct.h"
#include "base/level.h"
#include "base/mem.h"
#include "crypto/hmac.h"

#define ROWS       CSIG_ESCROW_ROWS
#define HEAD_BYTES CSIG_ESCROW_KEY_BYTES /* E, in front of the ciphertext */

_Static_assert(CSIG_ESCROW_KEY_BYTES == crypto_scalarmult_BYTES, "X25519 point");
_Static_assert(CSIG_ESCROW_KEY_BYTES == crypto_scalarmult_SCALARBYTES, "X25519 scalar");
_Static_assert(CSIG_ESCROW_BOX_BYTES ==
                   HEAD_BYTES + CSIG_SCALAR_BYTES + crypto_aead_chacha20poly1305_ietf_ABYTES,
               "a box holds one scalar");

static const uint8_t nonce[crypto_aead_chacha20poly1305_ietf_NPUBBYTES]; /* each key serves once */

typedef struct aead_key {
    uint8_t b[crypto_aead_chacha20poly1305_ietf_KEYBYTES];
} aead_key;

static void aead_key_wipe(aead_key *k)
{
    csig_wipe(k, sizeof *k);
}

/* Everything that is bound to all rows. */
typedef struct label {
    const uint8_t *ek;
    uint8_t hash[CSIG_HASH_BYTES];
} label;

/* Both sides of all rows as the challenge covers them. */
typedef struct sides {
    uint8_t c[2][ROWS][CSIG_ESCROW_BOX_BYTES];
    csig_point X[2][ROWS];
} sides;

typedef struct secrets {
    uint8_t seed[2][ROWS][CSIG_ESCROW_SEED_BYTES];
    csig_scalar x[2][ROWS];
} secrets;

static void secrets_wipe(secrets *s)
{
    csig_wipe(s, sizeof *s);
}

static unsigned bit_of(const uint8_t bits[ROWS / 8], uint32_t i)
{
    return ((unsigned)bits[i / 8] >> (i % 8)) & 1U;
}

/* --- hashes --- */

void csig_escrow_label(uint8_t lab[CSIG_ESCROW_LABEL_BYTES], const csig_escrow_stmt *stmt)
{
    csig_transcript t;

    csig_transcript_init(&t, CSIG_LABEL_PVE_LABEL);
    csig_transcript_u32(&t, CSIG_FORMAT_VERSION);
    csig_transcript_u32(&t, CSIG_LEVEL);
    csig_transcript_bytes(&t, stmt->key_id, sizeof stmt->key_id);
    csig_transcript_point(&t, &stmt->pk);
    csig_transcript_u64(&t, stmt->epoch);
    csig_transcript_u64(&t, stmt->attempt);
    csig_transcript_bytes(&t, stmt->state, sizeof stmt->state);
    csig_transcript_party(&t, stmt->dealer);
    csig_transcript_party(&t, stmt->index);
    csig_transcript_u32(&t, stmt->t);
    csig_transcript_u32(&t, stmt->n);
    csig_transcript_bytes(&t, stmt->cc_hash, sizeof stmt->cc_hash);
    csig_transcript_point(&t, &stmt->Q);
    csig_transcript_bytes(&t, stmt->ek, sizeof stmt->ek);
    csig_transcript_hash(&t, lab);
}

static void make_label(label *lab, const csig_escrow_stmt *stmt)
{
    lab->ek = stmt->ek;
    csig_escrow_label(lab->hash, stmt);
}

static void make_key(aead_key *k, const label *lab, const uint8_t Z[32], const uint8_t E[32],
                     uint32_t i, uint32_t b)
{
    CSIG_AUTO(csig_transcript) t;

    csig_transcript_init(&t, CSIG_LABEL_PVE_KEY);
    csig_transcript_bytes(&t, Z, CSIG_ESCROW_KEY_BYTES);
    csig_transcript_bytes(&t, E, CSIG_ESCROW_KEY_BYTES);
    csig_transcript_bytes(&t, lab->ek, CSIG_ESCROW_KEY_BYTES);
    csig_transcript_bytes(&t, lab->hash, sizeof lab->hash);
    csig_transcript_u32(&t, i);
    csig_transcript_u32(&t, b);
    csig_transcript_hash32(&t, k->b);
}

static void make_ad(uint8_t ad[CSIG_HASH_BYTES], const label *lab, uint32_t i, uint32_t b)
{
    csig_transcript t;

    csig_transcript_init(&t, CSIG_LABEL_PVE_AD);
    csig_transcript_bytes(&t, lab->hash, sizeof lab->hash);
    csig_transcript_u32(&t, i);
    csig_transcript_u32(&t, b);
    csig_transcript_hash(&t, ad);
}

static void make_bits(uint8_t bits[ROWS / 8], const label *lab, const csig_point *Q, const sides *s)
{
    csig_transcript t;
    uint8_t hash[CSIG_HASH_BYTES];

    csig_transcript_init(&t, CSIG_LABEL_PVE_CHAL);
    csig_transcript_bytes(&t, lab->ek, CSIG_ESCROW_KEY_BYTES);
    csig_transcript_bytes(&t, lab->hash, sizeof lab->hash);
    csig_transcript_point(&t, Q);
    for (size_t b = 0; b < 2; b++)
        csig_transcript_bytes(&t, s->c[b], sizeof s->c[b]);
    for (size_t b = 0; b < 2; b++) {
        csig_transcript_list(&t, ROWS);
        for (size_t i = 0; i < ROWS; i++)
            csig_transcript_point(&t, &s->X[b][i]);
    }
    csig_transcript_hash(&t, hash);
    memcpy(bits, hash, ROWS / 8);
}

/* x0 = HMAC-SHA512(seed, "x") mod q */
static void first_piece(csig_scalar *x0, const uint8_t seed[CSIG_ESCROW_SEED_BYTES])
{
    uint8_t mac[CSIG_HMAC_BYTES];

    csig_hmac_sha512(mac, seed, CSIG_ESCROW_SEED_BYTES, (const uint8_t *)"x", 1);
    csig_scalar_from_bytes(x0, mac, sizeof mac);
    csig_wipe(mac, sizeof mac);
}

/* --- keys and boxes --- */

csig_err csig_escrow_agree(uint8_t Z[CSIG_ESCROW_KEY_BYTES],
                           const uint8_t secret[CSIG_ESCROW_KEY_BYTES],
                           const uint8_t pub[CSIG_ESCROW_KEY_BYTES])
{
    int zero = crypto_scalarmult(Z, secret, pub); /* clamps */

    /* Whether the result is zero depends on the public key alone: secrets are clamped. */
    csig_ct_public(&zero, sizeof zero);
    CSIG_REQUIRE(zero == 0, CSIG_E_POINT);
    return CSIG_OK;
}

csig_err csig_escrow_key_check(const uint8_t ek[CSIG_ESCROW_KEY_BYTES])
{
    const uint8_t any[CSIG_ESCROW_KEY_BYTES] = {0};
    uint8_t Z[CSIG_ESCROW_KEY_BYTES];
    bool reduced = ek[31] < 0x7f || ek[0] < 0xed;

    /* below 2^255 - 19, little-endian */
    for (size_t i = 1; i < 31; i++)
        reduced |= ek[i] != 0xff;
    CSIG_REQUIRE(ek[31] <= 0x7f && reduced, CSIG_E_POINT);
    return csig_escrow_agree(Z, any, ek);
}

void csig_escrow_key_public(uint8_t ek[CSIG_ESCROW_KEY_BYTES],
                            const uint8_t dk[CSIG_ESCROW_KEY_BYTES])
{
    CSIG_ASSERT(crypto_scalarmult_base(ek, dk) == 0); /* clamps */
    csig_ct_public(ek, CSIG_ESCROW_KEY_BYTES);        /* a public key is made to be shown */
}

/* Enc(i, b, m, seed) */
static csig_err encrypt(uint8_t c[CSIG_ESCROW_BOX_BYTES], const label *lab, uint32_t i, uint32_t b,
                        const csig_scalar *m, const uint8_t seed[CSIG_ESCROW_SEED_BYTES])
{
    CSIG_AUTO(aead_key) k;
    uint8_t e[CSIG_HMAC_BYTES], Z[CSIG_ESCROW_KEY_BYTES], ad[CSIG_HASH_BYTES];
    csig_err err;

    csig_hmac_sha512(e, seed, CSIG_ESCROW_SEED_BYTES, (const uint8_t *)"eph", 3);
    csig_escrow_key_public(c, e);
    err = csig_escrow_agree(Z, e, lab->ek);
    csig_wipe(e, sizeof e);
    if (err == CSIG_OK) make_key(&k, lab, Z, c, i, b);
    csig_wipe(Z, sizeof Z);
    CSIG_TRY(err);
    make_ad(ad, lab, i, b);
    CSIG_ASSERT(crypto_aead_chacha20poly1305_ietf_encrypt(c + HEAD_BYTES, NULL, m->b, sizeof m->b,
                                                          ad, sizeof ad, NULL, nonce, k.b) == 0);
    csig_ct_public(c, CSIG_ESCROW_BOX_BYTES); /* a ciphertext is made to be shown */
    return CSIG_OK;
}

/* Dec(i, b, c); m may turn out to be q or more, and is then reduced. CSIG_E_SEAL: does not open. */
static csig_err decrypt(csig_scalar *m, const label *lab, uint32_t i, uint32_t b,
                        const uint8_t c[CSIG_ESCROW_BOX_BYTES],
                        const uint8_t dk[CSIG_ESCROW_KEY_BYTES])
{
    CSIG_AUTO(aead_key) k;
    uint8_t Z[CSIG_ESCROW_KEY_BYTES], ad[CSIG_HASH_BYTES];
    int failed;

    CSIG_REQUIRE(csig_escrow_agree(Z, dk, c) == CSIG_OK, CSIG_E_SEAL);
    make_key(&k, lab, Z, c, i, b);
    csig_wipe(Z, sizeof Z);
    make_ad(ad, lab, i, b);
    /* libsodium branches on whether the tag is right, which the recovery may show; the plaintext is
     * secret again. */
    csig_ct_public(k.b, sizeof k.b);
    failed = crypto_aead_chacha20poly1305_ietf_decrypt(m->b, NULL, NULL, c + HEAD_BYTES,
                                                       CSIG_ESCROW_BOX_BYTES - HEAD_BYTES, ad,
                                                       sizeof ad, nonce, k.b);
    CSIG_REQUIRE(failed == 0, CSIG_E_SEAL);
    csig_ct_secret(m->b, sizeof m->b);
    csig_scalar_from_bytes(m, m->b, sizeof m->b);
    return CSIG_OK;
}

/* R = Q - X; both are public. */
static csig_err other_point(csig_point *R, const csig_point *Q, const csig_point *X)
{
    csig_point minus;

    csig_point_neg(&minus, X);
    CSIG_REQUIRE(csig_point_has_add(R, Q, &minus), CSIG_E_RANGE);
    return CSIG_OK;
}

/* --- the proof --- */

void csig_escrow_wire(csig_wire *w, void *escrow)
{
    csig_escrow *e = escrow;

    csig_bytes_wire(w, e->bits, sizeof e->bits);
    for (uint32_t i = 0; i < ROWS; i++) {
        csig_escrow_row *row = &e->row[i];

        csig_bytes_wire(w, row->seed, sizeof row->seed);
        csig_scalar_wire(w, &row->x1);
        csig_bytes_wire(w, row->c, sizeof row->c);
        /* one encoding per proof */
        if (w->op == CSIG_WIRE_READ && !w->bad && bit_of(e->bits, i) == 0)
            w->bad = !csig_scalar_is_zero(&row->x1);
    }
}

static csig_err make_row(sides *s, secrets *own, const csig_env *env, const label *lab,
                         const csig_escrow_stmt *stmt, const csig_scalar *x, uint32_t i)
{
    first_piece(&own->x[0][i], own->seed[0][i]);
    csig_scalar_sub(&own->x[1][i], x, &own->x[0][i]);
    for (uint32_t b = 0; b < 2; b++)
        CSIG_TRY(encrypt(s->c[b][i], lab, i, b, &own->x[b][i], own->seed[b][i]));
    CSIG_TRY(csig_point_mul_g(&s->X[0][i], env->curve, &own->x[0][i]));
    return other_point(&s->X[1][i], &stmt->Q, &s->X[0][i]);
}

static void open_row(csig_escrow_row *row, const sides *s, const secrets *own, unsigned b,
                     uint32_t i)
{
    csig_scalar_set_u32(&row->x1, 0);
    if (b == 1) row->x1 = own->x[1][i];
    memcpy(row->seed, own->seed[b][i], sizeof row->seed);
    memcpy(row->c, s->c[1 - b][i], sizeof row->c);
    csig_ct_public(row, sizeof *row); /* the opened piece says nothing about x without the other */
}

csig_err csig_escrow_prove(csig_escrow *escrow, const csig_env *env, const csig_escrow_stmt *stmt,
                           const csig_scalar *x)
{
    CSIG_AUTO(secrets) own;
    sides s;
    label lab;

    CSIG_TRY(csig_escrow_key_check(stmt->ek));
    make_label(&lab, stmt);
    csig_rng_bytes(env->rng, "escrow", own.seed, sizeof own.seed);
    for (uint32_t i = 0; i < ROWS; i++)
        CSIG_TRY(make_row(&s, &own, env, &lab, stmt, x, i));
    make_bits(escrow->bits, &lab, &stmt->Q, &s);
    for (uint32_t i = 0; i < ROWS; i++)
        open_row(&escrow->row[i], &s, &own, bit_of(escrow->bits, i), i);
    return CSIG_OK;
}

/* The opened side as its maker must have made it, and the other side's point. */
static csig_err rebuild_row(sides *s, const csig_escrow_row *row, const label *lab,
                            const csig_point *Q, unsigned b, uint32_t i)
{
    csig_scalar piece = row->x1;

    if (b == 0) first_piece(&piece, row->seed);
    CSIG_TRY(encrypt(s->c[b][i], lab, i, b, &piece, row->seed));
    memcpy(s->c[1 - b][i], row->c, sizeof row->c);
    CSIG_REQUIRE(csig_point_has_mul_g_var(&s->X[b][i], &piece), CSIG_E_PROOF);
    CSIG_REQUIRE(other_point(&s->X[1 - b][i], Q, &s->X[b][i]) == CSIG_OK, CSIG_E_PROOF);
    return CSIG_OK;
}

static csig_err verify(const csig_escrow *escrow, const csig_escrow_stmt *stmt, const label *lab)
{
    sides s;
    uint8_t bits[ROWS / 8];

    for (uint32_t i = 0; i < ROWS; i++)
        CSIG_TRY(rebuild_row(&s, &escrow->row[i], lab, &stmt->Q, bit_of(escrow->bits, i), i));
    make_bits(bits, lab, &stmt->Q, &s);
    CSIG_REQUIRE(csig_is_same(bits, escrow->bits, sizeof bits), CSIG_E_PROOF);
    return CSIG_OK;
}

csig_err csig_escrow_verify(const csig_escrow *escrow, const csig_escrow_stmt *stmt)
{
    label lab;

    CSIG_TRY(csig_escrow_key_check(stmt->ek));
    make_label(&lab, stmt);
    return verify(escrow, stmt, &lab);
}

/* --- recovery --- */

/* The opened piece and the decrypted one, if together they are the logarithm of Q. */
static csig_err recover_row(csig_scalar *x, const csig_escrow_row *row, const csig_curve *curve,
                            const label *lab, const csig_point *Q, unsigned b, uint32_t i,
                            const uint8_t dk[CSIG_ESCROW_KEY_BYTES])
{
    csig_scalar piece = row->x1;
    csig_point X;

    if (b == 0) first_piece(&piece, row->seed);
    CSIG_TRY(decrypt(x, lab, i, 1 - b, row->c, dk));
    csig_scalar_add(x, x, &piece);
    CSIG_REQUIRE(csig_point_mul_g(&X, curve, x) == CSIG_OK, CSIG_E_SEAL);
    CSIG_REQUIRE(csig_point_is_eq(&X, Q), CSIG_E_SEAL);
    return CSIG_OK;
}

csig_err csig_escrow_recover(csig_scalar *x, const csig_escrow *escrow, const csig_curve *curve,
                             const csig_escrow_stmt *stmt, const uint8_t dk[CSIG_ESCROW_KEY_BYTES])
{
    uint8_t ek[CSIG_ESCROW_KEY_BYTES];
    label lab;

    csig_scalar_wipe(x);
    csig_escrow_key_public(ek, dk);
    CSIG_REQUIRE(csig_is_same(ek, stmt->ek, sizeof ek), CSIG_E_ARGUMENT);
    make_label(&lab, stmt);
    CSIG_TRY(verify(escrow, stmt, &lab));
    for (uint32_t i = 0; i < ROWS; i++) {
        const unsigned b = bit_of(escrow->bits, i);

        if (recover_row(x, &escrow->row[i], curve, &lab, &stmt->Q, b, i, dk) == CSIG_OK)
            return CSIG_OK;
    }
    csig_scalar_wipe(x);
    return CSIG_E_SEAL;
}
