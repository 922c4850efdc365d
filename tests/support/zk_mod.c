/* Pi-mod from the other side. */
#include "support/zk_mod.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "support/oracle.h"

static const csig_int one = {.limbs = 1, .d = {1}};

void mod_challenge(csig_int *y, const csig_transcript *tr, const csig_int *N, const csig_int *w,
                   uint32_t i)
{
    uint8_t octets[CSIG_N_BYTES + 16];
    csig_transcript t = *tr;

    csig_transcript_nat(&t, N, CSIG_N_BYTES);
    csig_transcript_nat(&t, w, CSIG_N_BYTES);
    csig_transcript_expand(&t, i * ((sizeof octets + 63) / 64), octets, sizeof octets);
    csig_int_from_bytes(y, octets, sizeof octets);
    csig_int_mod(y, y, N);
}

static bool is_root(const csig_zk_mod *p, uint32_t i, const csig_int *y, const csig_int *N)
{
    csig_int x, v = *y;

    if (p->a[i] > 1 || p->b[i] > 1) return false;
    csig_int_from_bytes(&x, p->x[i], CSIG_N_BYTES);
    if (csig_int_is_zero(&x) || csig_int_cmp(&x, N) >= 0) return false;
    if (p->a[i] == 1) csig_int_sub(&v, N, &v);
    if (p->b[i] == 1) csig_int_mulm(&v, &v, &p->w, N);
    csig_int_mulm(&x, &x, &x, N);
    csig_int_mulm(&x, &x, &x, N);
    return csig_int_is_eq(&x, &v);
}

static bool is_nth_root(const csig_zk_mod *p, uint32_t i, const csig_int *y, const csig_int *N)
{
    csig_int z;

    csig_int_from_bytes(&z, p->z[i], CSIG_N_BYTES);
    if (csig_int_is_zero(&z) || csig_int_cmp(&z, N) >= 0) return false;
    csig_int_powm_var(&z, &z, N, N);
    return csig_int_is_eq(&z, y);
}

bool mod_is_valid_but_for_w(const csig_zk_mod *p, const csig_transcript *tr, const csig_int *N)
{
    csig_int y;

    if (csig_int_bits(N) != CSIG_N_BITS || csig_int_mod_u32(N, 4) != 1) return false;
    if (csig_int_is_prime(N) || csig_int_is_power(N)) return false;
    for (uint32_t i = 0; i < CSIG_REPEAT; i++) {
        mod_challenge(&y, tr, N, &p->w, i);
        if (!csig_int_is_unit(&y, N) || !is_root(p, i, &y, N)) return false;
        if (i < CSIG_MOD_NTH_ROOTS && !is_nth_root(p, i, &y, N)) return false;
    }
    return true;
}

/* M *= the next prime below *from that is r mod 4; phi likewise; *from = it. */
static void multiply_prime(mod_bad_modulus *m, uint64_t *from, uint32_t r)
{
    csig_int q;

    do {
        *from -= 1;
        csig_int_set_u64(&q, *from);
    } while (*from % 4 != r || !csig_int_is_prime(&q));
    csig_int_mul(&m->M, &m->M, &q);
    csig_int_sub(&q, &q, &one);
    csig_int_mul(&m->phi_M, &m->phi_M, &q);
}

static void make_modulus(mod_bad_modulus *m, int small_16, uint32_t r)
{
    uint64_t from_16 = 1u << 16, from_32 = UINT64_C(1) << 32;
    csig_int phi;
    csig_sec P;

    zk_prime(&P, 3);
    csig_sec_reveal(&m->P, &P);
    m->M = m->phi_M = one;
    for (int i = 0; i < small_16; i++)
        multiply_prime(m, &from_16, 1);
    for (int i = 16 * small_16; i < CSIG_P_BITS; i += 32)
        multiply_prime(m, &from_32, i == CSIG_P_BITS - 32 && r == 1 ? 3 : 1); /* P = 3 */
    csig_int_mul(&m->N, &m->P, &m->M);
    csig_int_sub(&phi, &m->P, &one);
    csig_int_mul(&phi, &phi, &m->phi_M);
    assert_int_equal(csig_int_bits(&m->N), CSIG_N_BITS);
    assert_int_equal(csig_int_mod_u32(&m->N, 4), r);
    assert_true(csig_int_is_coprime(&m->N, &phi));
}

void mod_bad_modulus_make(mod_bad_modulus *m, int small_16)
{
    make_modulus(m, small_16, 1);
}

void mod_bad_modulus_make_3_mod_4(mod_bad_modulus *m)
{
    make_modulus(m, 0, 3);
}

/* r = a mod n and 0 mod m, n m = N */
static void lift(csig_int *r, const csig_int *a, const csig_int *n, const csig_int *m)
{
    csig_int inverse;

    csig_int_mod(&inverse, m, n);
    assert_true(csig_int_has_inverse(&inverse, &inverse, n));
    csig_int_mulm(r, a, &inverse, n);
    csig_int_mul(r, r, m);
}

/* r^4 = v mod p where v is a square, or 0, and p = 3 mod 4: r = v^(((p + 1) / 4)^2) */
static void fourth_root(csig_int *r, const csig_int *v, const csig_int *p)
{
    csig_int e, v_p;
    mpz_t m, order;

    mpz_inits(m, order, NULL);
    oracle_from_int(m, p);
    mpz_sub_ui(order, m, 1);
    mpz_add_ui(m, m, 1);
    mpz_fdiv_q_2exp(m, m, 2);
    mpz_powm_ui(m, m, 2, order);
    oracle_to_int(&e, m);
    mpz_clears(m, order, NULL);
    csig_int_mod(&v_p, v, p);
    csig_int_powm_var(r, &v_p, &e, p);
}

/* z_i = y_i^(1/N), i < 8 */
static void nth_roots(csig_zk_mod *p, const csig_transcript *tr, const mod_bad_modulus *m)
{
    csig_int phi, d, y;

    csig_int_sub(&phi, &m->P, &one);
    csig_int_mul(&phi, &phi, &m->phi_M);
    csig_int_mod(&d, &m->N, &phi);
    assert_true(csig_int_has_inverse(&d, &d, &phi));
    for (uint32_t i = 0; i < CSIG_MOD_NTH_ROOTS; i++) {
        mod_challenge(&y, tr, &m->N, &p->w, i);
        csig_int_powm_var(&y, &y, &d, &m->N);
        csig_int_to_bytes(p->z[i], CSIG_N_BYTES, &y);
    }
}

bool mod_has_forged(csig_zk_mod *p, const csig_transcript *tr, const mod_bad_modulus *m)
{
    csig_int y, x;

    memset(p, 0, sizeof *p);
    lift(&p->w, &one, &m->P, &m->M);
    for (uint32_t i = 0; i < CSIG_REPEAT; i++) {
        mod_challenge(&y, tr, &m->N, &p->w, i);
        if (!csig_int_is_unit(&y, &m->N)) return false;
        csig_int_mod(&y, &y, &m->P);
        p->b[i] = 1;
        p->a[i] = csig_int_jacobi(&y, &m->P) != 1;
        if (p->a[i] == 1) csig_int_sub(&y, &m->P, &y);
        fourth_root(&x, &y, &m->P);
        lift(&x, &x, &m->P, &m->M);
        csig_int_to_bytes(p->x[i], CSIG_N_BYTES, &x);
    }
    nth_roots(p, tr, m);
    return true;
}

/* v = (-1)^a w^b y */
static void candidate(csig_int *v, const csig_int *y, uint8_t a, uint8_t b, const csig_int *w,
                      const csig_int *N)
{
    *v = *y;
    if (a == 1) csig_int_sub(v, N, v);
    if (b == 1) csig_int_mulm(v, v, w, N);
}

static bool is_square(const csig_int *v, const csig_int *p)
{
    csig_int r;

    csig_int_mod(&r, v, p);
    return csig_int_jacobi(&r, p) != -1; /* 0 is one */
}

void mod_prove(csig_zk_mod *p, const csig_transcript *tr, const mod_bad_modulus *m)
{
    csig_int y, v, x_P, x_M;

    for (uint32_t i = 0; i < CSIG_REPEAT; i++) {
        mod_challenge(&y, tr, &m->N, &p->w, i);
        for (uint8_t k = 0; k < 4; k++) {
            candidate(&v, &y, k & 1, k >> 1, &p->w, &m->N);
            if (!is_square(&v, &m->P) || !is_square(&v, &m->M)) continue;
            p->a[i] = k & 1;
            p->b[i] = k >> 1;
            fourth_root(&x_P, &v, &m->P);
            fourth_root(&x_M, &v, &m->M);
        }
        lift(&x_P, &x_P, &m->P, &m->M);
        lift(&x_M, &x_M, &m->M, &m->P);
        csig_int_add(&x_P, &x_P, &x_M);
        csig_int_mod(&x_P, &x_P, &m->N);
        csig_int_to_bytes(p->x[i], CSIG_N_BYTES, &x_P);
    }
    nth_roots(p, tr, m);
}
