/* Pi-mod and Pi-fac by the paper, for factors of any size. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "proto/evil_aux.h"
#include "support/oracle.h"
#include "support/zk_mod.h"
#include "zk/common.h"

evil_aux *evil_aux_current;

/* --- uneven factors --- */

static void find_factors(csig_int *out_p, csig_int *out_q, uint32_t p_bits)
{
    mpz_t p, q, n, g;

    mpz_inits(p, q, n, g, NULL);
    oracle_seed(p_bits);
    oracle_bits(p, p_bits);
    do
        mpz_nextprime(p, p);
    while (mpz_fdiv_ui(p, 4) != 3);
    /* q just below 2^|N| / p, less something random */
    oracle_bits(q, 64);
    mpz_setbit(n, CSIG_N_BITS);
    mpz_fdiv_q(n, n, p);
    mpz_fdiv_q_2exp(g, n, 10);
    mpz_sub(q, n, q);
    mpz_sub(q, q, g);
    do {
        mpz_nextprime(q, q);
        mpz_sub_ui(g, q, 1);
    } while (mpz_fdiv_ui(q, 4) != 3 || mpz_divisible_p(g, p) != 0);
    mpz_mul(n, p, q);
    assert_int_equal(mpz_sizeinbase(n, 2), CSIG_N_BITS);
    oracle_to_int(out_p, p);
    oracle_to_int(out_q, q);
    mpz_clears(p, q, n, g, NULL);
}

void evil_aux_factor(evil_aux *e, uint32_t p_bits)
{
    static csig_int found[300][2]; /* a search takes a second */

    assert_true(p_bits < CSIG_ARRAY_LEN(found));
    if (csig_int_is_zero(&found[p_bits][0]))
        find_factors(&found[p_bits][0], &found[p_bits][1], p_bits);
    e->p = found[p_bits][0];
    e->q = found[p_bits][1];
    csig_int_mul(&e->record->pub.n, &e->p, &e->q);
}

void evil_aux_own_factors(evil_aux *e)
{
    csig_sec_reveal(&e->p, &e->pair->aux[1]->n_factors.p);
    csig_sec_reveal(&e->q, &e->pair->aux[1]->n_factors.q);
}

/* --- Pi-mod by the paper --- */

typedef struct blum {
    mpz_t p, q, n, phi, nth; /* nth = 1/N mod phi(N) */
    mpz_t ep, eq;            /* of a fourth root mod p, mod q */
    mpz_t up;                /* p * (1/p mod q): CRT */
} blum;

static void fourth_exponent(mpz_t e, const mpz_t p)
{
    mpz_t order;

    mpz_init(order);
    mpz_sub_ui(order, p, 1);
    mpz_add_ui(e, p, 1);
    mpz_fdiv_q_2exp(e, e, 2);
    mpz_mul(e, e, e);
    mpz_mod(e, e, order);
    mpz_clear(order);
}

static void blum_init(blum *b, const evil_aux *e)
{
    mpz_t g;

    mpz_inits(b->p, b->q, b->n, b->phi, b->nth, b->ep, b->eq, b->up, g, NULL);
    oracle_from_int(b->p, &e->p);
    oracle_from_int(b->q, &e->q);
    mpz_mul(b->n, b->p, b->q);
    mpz_sub_ui(g, b->p, 1);
    mpz_sub_ui(b->phi, b->q, 1);
    mpz_mul(b->phi, b->phi, g);
    assert_int_not_equal(mpz_invert(b->nth, b->n, b->phi), 0);
    fourth_exponent(b->ep, b->p);
    fourth_exponent(b->eq, b->q);
    assert_int_not_equal(mpz_invert(b->up, b->p, b->q), 0);
    mpz_mul(b->up, b->up, b->p);
    mpz_clear(g);
}

static void blum_clear(blum *b)
{
    mpz_clears(b->p, b->q, b->n, b->phi, b->nth, b->ep, b->eq, b->up, NULL);
}

/* x^4 = v for v a square mod p and mod q */
static void fourth_root(mpz_t x, const mpz_t v, const blum *b)
{
    mpz_t xq;

    mpz_init(xq);
    mpz_powm(x, v, b->ep, b->p);
    mpz_powm(xq, v, b->eq, b->q);
    mpz_sub(xq, xq, x);
    mpz_mul(xq, xq, b->up);
    mpz_add(x, x, xq);
    mpz_mod(x, x, b->n);
    mpz_clear(xq);
}

/* v = (-1)^a w^b y is a square mod p and mod q, for one pair (a, b). */
static void find_square(mpz_t v, uint8_t *a, uint8_t *b, const mpz_t y, const mpz_t w,
                        const blum *m)
{
    for (*b = 0; *b < 2; (*b)++) {
        for (*a = 0; *a < 2; (*a)++) {
            mpz_set(v, y);
            if (*b == 1) mpz_mul(v, v, w);
            if (*a == 1) mpz_neg(v, v);
            mpz_mod(v, v, m->n);
            if (mpz_legendre(v, m->p) == 1 && mpz_legendre(v, m->q) == 1) return;
        }
    }
    fail();
}

static void put(uint8_t out[CSIG_N_BYTES], const mpz_t x)
{
    csig_int v;

    oracle_to_int(&v, x);
    csig_int_to_bytes(out, CSIG_N_BYTES, &v);
}

void evil_aux_prove_mod(evil_aux *e)
{
    csig_zk_mod *proof = &e->record->mod;
    csig_transcript t;
    mpz_t x, y, v, w;
    blum b;

    blum_init(&b, e);
    mpz_inits(x, y, v, w, NULL);
    do
        oracle_below(w, b.n);
    while (mpz_jacobi(w, b.n) != -1);
    oracle_to_int(&proof->w, w);
    evil_aux_transcript(e, &t, CSIG_LABEL_ZK_MOD);
    for (uint32_t i = 0; i < CSIG_REPEAT; i++) {
        csig_int challenge;

        mod_challenge(&challenge, &t, &e->record->pub.n, &proof->w, i);
        oracle_from_int(y, &challenge);
        find_square(v, &proof->a[i], &proof->b[i], y, w, &b);
        fourth_root(x, v, &b);
        put(proof->x[i], x);
        if (i >= CSIG_MOD_NTH_ROOTS) continue;
        mpz_powm(x, y, b.nth, b.n);
        put(proof->z[i], x);
    }
    mpz_clears(x, y, v, w, NULL);
    blum_clear(&b);
    assert_true(mod_is_valid_but_for_w(proof, &t, &e->record->pub.n));
}

/* --- Pi-fac by the paper --- */

typedef struct masks {
    mpz_t alpha, beta, mu, nu, r, x, y, e;
} masks;

static void masks_init(masks *k)
{
    mpz_inits(k->alpha, k->beta, k->mu, k->nu, k->r, k->x, k->y, k->e, NULL);
    oracle_bits(k->alpha, CSIG_ELL + CSIG_EPS + CSIG_P_BITS - 1);
    oracle_bits(k->beta, CSIG_ELL + CSIG_EPS + CSIG_P_BITS - 1);
    oracle_bits(k->mu, CSIG_ELL + CSIG_N_BITS - 1);
    oracle_bits(k->nu, CSIG_ELL + CSIG_N_BITS - 1);
    oracle_bits(k->r, CSIG_ELL + CSIG_EPS + 2 * CSIG_N_BITS - 3);
    oracle_bits(k->x, CSIG_ELL + CSIG_EPS + CSIG_N_BITS - 1);
    oracle_bits(k->y, CSIG_ELL + CSIG_EPS + CSIG_N_BITS - 1);
}

/* a^u t^v mod N^ */
static void commit(csig_int *out, const csig_int *a, const mpz_t u, const mpz_t v,
                   const csig_pedersen *under)
{
    mpz_t n, x, y;

    mpz_inits(n, x, y, NULL);
    oracle_from_int(n, &under->ring.n);
    oracle_from_int(x, a);
    mpz_powm(x, x, u, n);
    oracle_from_int(y, &under->t);
    mpz_powm(y, y, v, n);
    mpz_mul(x, x, y);
    mpz_mod(x, x, n);
    oracle_to_int(out, x);
    mpz_clears(n, x, y, NULL);
}

/* r = a + e b, of which only so many bits are shown */
static void respond(csig_int *out, const mpz_t a, const mpz_t e, const mpz_t b, uint32_t bits)
{
    mpz_t r;

    mpz_init_set(r, a);
    mpz_addmul(r, e, b);
    mpz_tdiv_r_2exp(r, r, bits);
    oracle_to_int(out, r);
    mpz_clear(r);
}

static void draw_challenge(mpz_t e, const csig_zk_fac *proof, const csig_transcript *tr,
                           const csig_int *N, const csig_pedersen *under)
{
    static uint8_t octets[16 * CSIG_N_BYTES];
    const size_t len = csig_wire_size(csig_zk_fac_wire);
    csig_transcript t = *tr;
    csig_zk_e challenge;

    assert_true(len <= sizeof octets);
    csig_wire_write(csig_zk_fac_wire, proof, octets, len);
    csig_transcript_nat(&t, N, CSIG_N_BYTES);
    csig_zk_absorb_pedersen(&t, under);
    csig_transcript_bytes(&t, octets, 5 * CSIG_N_BYTES); /* P, Q, A, B, T */
    csig_zk_challenge(&challenge, &t);
    oracle_from_int(e, &challenge.e);
}

static csig_err make_fac(csig_run *run, csig_out *out)
{
    const csig_auxinfo *st = csig_auxinfo_of(run);
    const csig_pedersen *under = &st->peer.pedersen;
    csig_zk_fac *proof = out->bcast;
    csig_transcript t;
    mpz_t p, q, minus;
    masks k;

    mpz_inits(p, q, minus, NULL);
    masks_init(&k);
    oracle_from_int(p, &evil_aux_current->p);
    oracle_from_int(q, &evil_aux_current->q);
    commit(&proof->P, &under->s, p, k.mu, under);
    commit(&proof->Q, &under->s, q, k.nu, under);
    commit(&proof->A, &under->s, k.alpha, k.x, under);
    commit(&proof->B, &under->s, k.beta, k.y, under);
    commit(&proof->T, &proof->Q, k.alpha, k.r, under);
    csig_auxinfo_fac_transcript(&t, &st->ours->pub, &st->peer.pub);
    draw_challenge(k.e, proof, &t, &evil_aux_current->record->pub.n, under);
    respond(&proof->z1, k.alpha, k.e, p, CSIG_INT_BITS);
    respond(&proof->z2, k.beta, k.e, q, evil_aux_current->z2_bits);
    respond(&proof->w1, k.x, k.e, k.mu, CSIG_INT_BITS);
    respond(&proof->w2, k.y, k.e, k.nu, CSIG_INT_BITS);
    mpz_mul(minus, k.nu, p);
    mpz_neg(minus, minus);
    respond(&proof->v, k.r, k.e, minus, CSIG_INT_BITS);
    mpz_clears(p, q, minus, k.alpha, k.beta, k.mu, k.nu, k.r, k.x, k.y, k.e, NULL);
    return CSIG_OK;
}

void evil_aux_prove_fac(evil_aux *e)
{
    e->r2.make = make_fac;
}
