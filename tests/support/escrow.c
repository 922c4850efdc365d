/* protocol.md 7.7 written down once more, straight from the formulas. */
#include "support/escrow.h"

#include <string.h>

#include <sodium.h>

#include "base/level.h"

typedef struct maker {
    const csig_escrow_stmt *stmt;
    uint8_t lab[64];
    uint8_t seed[2][128][32];
    uint8_t c[2][128][80];
    csig_scalar x[2][128];
    csig_point X[2][128];
} maker;

static void point(csig_point *P, const csig_scalar *k)
{
    CSIG_ASSERT(csig_point_has_mul_g_var(P, k));
}

void escrow_stmt(csig_escrow_stmt *s, const csig_scalar *x, const uint8_t dk[32])
{
    csig_scalar pk;

    memset(s, 0, sizeof *s);
    memset(s->key_id, 0x11, sizeof s->key_id);
    memset(s->state, 0x22, sizeof s->state);
    memset(s->cc_hash, 0x33, sizeof s->cc_hash);
    csig_scalar_set_u32(&pk, 77);
    point(&s->pk, &pk);
    point(&s->Q, x);
    s->epoch = 5, s->attempt = 2, s->dealer = 1, s->index = 3, s->t = 4, s->n = 6;
    CSIG_ASSERT(crypto_scalarmult_base(s->ek, dk) == 0);
}

static void prf(uint8_t out[64], const uint8_t seed[32], const char *what)
{
    crypto_auth_hmacsha512_state h;

    crypto_auth_hmacsha512_init(&h, seed, 32);
    crypto_auth_hmacsha512_update(&h, (const uint8_t *)what, strlen(what));
    crypto_auth_hmacsha512_final(&h, out);
}

static void make_label(maker *m)
{
    const csig_escrow_stmt *s = m->stmt;
    csig_transcript t;

    csig_transcript_init(&t, CSIG_LABEL_PVE_LABEL);
    csig_transcript_u32(&t, 1), csig_transcript_u32(&t, CSIG_LEVEL);
    csig_transcript_bytes(&t, s->key_id, 32), csig_transcript_point(&t, &s->pk);
    csig_transcript_u64(&t, s->epoch), csig_transcript_u64(&t, s->attempt);
    csig_transcript_bytes(&t, s->state, 32);
    csig_transcript_party(&t, s->dealer), csig_transcript_party(&t, s->index);
    csig_transcript_u32(&t, s->t), csig_transcript_u32(&t, s->n);
    csig_transcript_bytes(&t, s->cc_hash, 32);
    csig_transcript_point(&t, &s->Q), csig_transcript_bytes(&t, s->ek, 32);
    csig_transcript_hash(&t, m->lab);
}

static void encrypt(maker *m, uint32_t b, uint32_t i, const csig_scalar *what)
{
    static const uint8_t nonce[12];
    uint8_t e[64], Z[32], key[64], ad[64], *c = m->c[b][i];
    csig_transcript t;

    prf(e, m->seed[b][i], "eph");
    CSIG_ASSERT(crypto_scalarmult_base(c, e) == 0);
    CSIG_ASSERT(crypto_scalarmult(Z, e, m->stmt->ek) == 0);
    csig_transcript_init(&t, CSIG_LABEL_PVE_KEY);
    csig_transcript_bytes(&t, Z, 32), csig_transcript_bytes(&t, c, 32);
    csig_transcript_bytes(&t, m->stmt->ek, 32), csig_transcript_bytes(&t, m->lab, 64);
    csig_transcript_u32(&t, i), csig_transcript_u32(&t, b);
    csig_transcript_hash(&t, key);
    csig_transcript_init(&t, CSIG_LABEL_PVE_AD);
    csig_transcript_bytes(&t, m->lab, 64);
    csig_transcript_u32(&t, i), csig_transcript_u32(&t, b);
    csig_transcript_hash(&t, ad);
    CSIG_ASSERT(crypto_aead_chacha20poly1305_ietf_encrypt(c + 32, NULL, what->b, 32, ad, 64, NULL,
                                                          nonce, key) == 0);
}

static void split(maker *m, const csig_scalar *x, uint64_t seed, uint32_t i)
{
    uint8_t from[16] = {0}, hash[64];

    for (size_t k = 0; k < 8; k++)
        from[k] = (uint8_t)(seed >> (56 - 8 * k));
    from[15] = (uint8_t)i;
    crypto_hash_sha512(hash, from, sizeof from);
    memcpy(m->seed[0][i], hash, 32), memcpy(m->seed[1][i], hash + 32, 32);
    prf(hash, m->seed[0][i], "x");
    csig_scalar_from_bytes(&m->x[0][i], hash, 64);
    csig_scalar_sub(&m->x[1][i], x, &m->x[0][i]);
}

static void finish(csig_escrow *e, const maker *m)
{
    csig_transcript t;
    uint8_t hash[64];

    csig_transcript_init(&t, CSIG_LABEL_PVE_CHAL);
    csig_transcript_bytes(&t, m->stmt->ek, 32), csig_transcript_bytes(&t, m->lab, 64);
    csig_transcript_point(&t, &m->stmt->Q);
    csig_transcript_bytes(&t, m->c[0], sizeof m->c[0]);
    csig_transcript_bytes(&t, m->c[1], sizeof m->c[1]);
    for (size_t b = 0; b < 2; b++) {
        csig_transcript_list(&t, 128);
        for (size_t i = 0; i < 128; i++)
            csig_transcript_point(&t, &m->X[b][i]);
    }
    csig_transcript_hash(&t, hash);
    memset(e, 0, sizeof *e);
    memcpy(e->bits, hash, sizeof e->bits);
    for (size_t i = 0; i < 128; i++) {
        const size_t b = hash[i / 8] >> (i % 8) & 1;

        memcpy(e->row[i].seed, m->seed[b][i], 32);
        if (b == 1) e->row[i].x1 = m->x[1][i];
        memcpy(e->row[i].c, m->c[1 - b][i], 80);
    }
}

void escrow_forge(csig_escrow *e, const csig_escrow_stmt *stmt, const csig_scalar *x, uint64_t seed,
                  size_t bad, unsigned guess)
{
    static maker m;
    csig_scalar one, what;

    csig_scalar_set_u32(&one, 1);
    m.stmt = stmt;
    make_label(&m);
    for (uint32_t i = 0; i < 128; i++) {
        split(&m, x, seed, i);
        for (uint32_t b = 0; b < 2; b++) {
            what = m.x[b][i];
            if (i < bad && b != guess) csig_scalar_add(&what, &what, &one);
            encrypt(&m, b, i, &what);
            if (i < bad && b != guess && i % 2 == 1) memset(m.c[b][i], 0, 32);
            point(&m.X[b][i], &m.x[b][i]);
        }
    }
    finish(e, &m);
}

void escrow_forge_sum(csig_escrow *e, const csig_escrow_stmt *stmt, const csig_scalar *x,
                      uint64_t seed, size_t bad)
{
    static maker m;
    csig_scalar one, other;

    csig_scalar_set_u32(&one, 1);
    csig_scalar_add(&other, x, &one);
    m.stmt = stmt;
    make_label(&m);
    for (uint32_t i = 0; i < 128; i++) {
        split(&m, i < bad ? &other : x, seed, i);
        for (uint32_t b = 0; b < 2; b++) {
            encrypt(&m, b, i, &m.x[b][i]);
            point(&m.X[b][i], &m.x[b][i]);
        }
    }
    finish(e, &m);
}
