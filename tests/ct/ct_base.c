/* The secret paths of scalars, secret integers, points and primes under valgrind: every secret is
 * undefined memory, so a branch or an index that depends on one is reported and fails the run. */
#include <string.h>

#include "base/ct.h"
#include "num/point.h"
#include "num/prime.h"
#include "num/sec.h"
#include "support/oracle.h"

/* Nothing is shown when nothing is marked. */
static void secrets_are_marked(csig_rng *rng)
{
#ifdef CSIG_CT
    uint8_t byte, bits = 0;

    csig_rng_bytes(rng, "test", &byte, 1);
    CSIG_ASSERT(VALGRIND_GET_VBITS(&byte, &bits, 1) == 1 && bits == 0xff);
    for (mp_size_t n = 1; n <= 24; n++) { /* carries too, at every size */
        mp_limb_t a[24], b[24] = {1}, carry, unknown = 0;

        csig_rng_bytes(rng, "test", a, sizeof a);
        carry = mpn_add_n(a, a, b, n);
        CSIG_ASSERT(VALGRIND_GET_VBITS(&carry, &unknown, sizeof carry) == 1 && unknown != 0);
        carry = mpn_sub_n(a, a, b, n);
        CSIG_ASSERT(VALGRIND_GET_VBITS(&carry, &unknown, sizeof carry) == 1 && unknown != 0);
    }
#else
    (void)rng;
#endif
}

static void scalars(csig_rng *rng)
{
    uint8_t wide[128];
    csig_scalar a, b, zero = {{0}}, r;
    csig_wire w = {.op = CSIG_WIRE_READ, .in = a.b, .len = sizeof a.b};

    csig_ct_secret(&zero, sizeof zero);
    csig_scalar_random(&a, rng, "test");
    csig_scalar_random(&b, rng, "test");
    csig_rng_bytes(rng, "test", wide, sizeof wide);
    for (size_t len = 0; len <= sizeof wide; len += 16) {
        csig_scalar_from_bytes(&r, wide, len);
        csig_scalar_add(&a, &a, &r);
    }
    csig_scalar_sub(&r, &a, &b);
    csig_scalar_neg(&r, &r);
    csig_scalar_neg(&zero, &zero);
    csig_scalar_mul(&r, &r, &a);
    csig_scalar_inv(&r, &r);
    csig_scalar_inv(&zero, &zero);
    csig_scalar_wire(&w, &b);
    CSIG_ASSERT(!w.bad);
    CSIG_ASSERT(!csig_scalar_is_zero(&r) && csig_scalar_is_zero(&zero));
    CSIG_ASSERT(!csig_scalar_is_eq(&a, &r) && csig_scalar_is_eq(&a, &b));
    csig_scalar_response(&r, &a, &zero, &b);
    csig_scalar_wipe(&a);
}

static void integers(csig_rng *rng)
{
    CSIG_AUTO(csig_sec) x, y, z;
    uint8_t be[CSIG_N_BYTES * 2];
    csig_scalar s;
    csig_int e, n, r;
    mpz_t p, q;

    mpz_inits(p, q, NULL);
    oracle_prime(p, 0), oracle_prime(q, 1), mpz_mul(p, p, q);
    oracle_to_int(&n, p);
    mpz_clears(p, q, NULL);

    csig_int_pow2(&e, CSIG_Q_BITS - 1);
    csig_sec_random_pm(&x, rng, CSIG_ELL);
    csig_sec_random_pm_times(&y, rng, CSIG_ELL + CSIG_EPS, &n);
    csig_sec_response(&r, &y, &e, &x);
    csig_sec_random_below(&z, rng, &n);
    csig_sec_random_unit(&z, rng, &n);
    csig_sec_neg(&x, &x);
    csig_sec_mul(&z, &z, &x);
    csig_sec_add(&z, &z, &y);
    csig_sec_mod_q(&s, &z);
    csig_sec_to_bytes(be, sizeof be, &z);
    csig_sec_from_bytes(&z, be, sizeof be);
    csig_sec_from_scalar(&x, &s);
    csig_sec_reveal(&r, &x);
    csig_sec_wipe(&y);
}

static void points(csig_rng *rng)
{
    static csig_curve curve;
    uint8_t xy[64];
    csig_scalar k, zero = {{0}};
    csig_point P, R;

    csig_ct_secret(&zero, sizeof zero);
    csig_scalar_random(&k, rng, "test");
    CSIG_ASSERT(csig_curve_init(&curve, rng) == CSIG_OK);
    CSIG_ASSERT(csig_point_mul_g(&P, &curve, &k) == CSIG_OK);
    CSIG_ASSERT(csig_point_mul_g(&R, &curve, &zero) == CSIG_E_RANGE);
    CSIG_ASSERT(csig_point_mul(&R, &k, &P) == CSIG_OK);
    CSIG_ASSERT(csig_point_dh(xy, &k, &R) == CSIG_OK);
    CSIG_ASSERT(csig_point_dh(xy, &zero, &P) == CSIG_E_RANGE);
    csig_ct_public(&k, sizeof k); /* to compare with the functions that may not see a secret */
    CSIG_ASSERT(csig_point_has_mul_g_var(&R, &k) && csig_point_is_eq(&R, &P));
    csig_curve_wipe(&curve);
}

static void primes(csig_rng *rng)
{
    csig_sec p;
    mpz_t z;

    mpz_init(z);
    for (int i = 0; i < 2; i++) {
        oracle_prime(z, i);
        mpz_add_ui(z, z, 4UL * (unsigned)i); /* the second is composite */
        oracle_to_sec(&p, z, CSIG_P_BITS);
        csig_ct_secret(&p.neg, sizeof p.neg);
        csig_ct_secret(p.d, sizeof p.d);
        CSIG_ASSERT(csig_sec_is_safe_prime(&p, rng) == (i == 0));
    }
    mpz_clear(z);
}

int main(void)
{
    csig_rng rng;

    csig_rng_init(&rng, NULL, NULL);
    secrets_are_marked(&rng);
    scalars(&rng);
    integers(&rng);
    points(&rng);
    primes(&rng);
    return 0;
}
