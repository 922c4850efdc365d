#include "support/oracle.h"

#include <string.h>

#include "support/primes.h"

static gmp_randstate_t state;
static bool is_seeded;

void oracle_seed(unsigned long seed)
{
    if (is_seeded) gmp_randclear(state);
    gmp_randinit_mt(state);
    gmp_randseed_ui(state, seed);
    is_seeded = true;
}

void oracle_bits(mpz_t r, uint32_t bits)
{
    mpz_urandomb(r, state, bits);
    if (bits > 0) mpz_setbit(r, bits - 1);
}

void oracle_below(mpz_t r, const mpz_t n)
{
    mpz_urandomm(r, state, n);
}

void oracle_unit(mpz_t r, const mpz_t n)
{
    mpz_t gcd;

    mpz_init(gcd);
    do {
        oracle_below(r, n);
        mpz_gcd(gcd, r, n);
    } while (mpz_cmp_ui(gcd, 1) != 0);
    mpz_clear(gcd);
}

void oracle_runs(mpz_t r, uint32_t bits)
{
    mpz_rrandomb(r, state, gmp_urandomm_ui(state, bits + 1UL));
    if (gmp_urandomb_ui(state, 1) == 1) mpz_neg(r, r);
}

void oracle_prime(mpz_t p, int i)
{
    mpz_set_str(p, csig_test_primes[i], 16);
}

void oracle_to_limbs(mp_limb_t *r, uint32_t limbs, const mpz_t a)
{
    CSIG_ASSERT(mpz_size(a) <= limbs);
    memset(r, 0, limbs * sizeof *r);
    mpz_export(r, NULL, -1, sizeof *r, 0, 0, a);
}

void oracle_from_limbs(mpz_t r, const mp_limb_t *a, uint32_t limbs)
{
    mpz_import(r, limbs, -1, sizeof *a, 0, 0, a);
}

void oracle_to_int(csig_int *r, const mpz_t a)
{
    memset(r, 0, sizeof *r);
    oracle_to_limbs(r->d, CSIG_INT_LIMBS, a);
    r->limbs = (uint32_t)mpz_size(a);
    r->neg = mpz_sgn(a) < 0;
}

void oracle_from_int(mpz_t r, const csig_int *a)
{
    oracle_from_limbs(r, a->d, a->limbs);
    if (a->neg) mpz_neg(r, r);
}

bool oracle_is_int(const csig_int *a, const mpz_t want)
{
    bool same;
    mpz_t z;

    if (a->limbs > 0 && a->d[a->limbs - 1] == 0) return false;
    if (a->neg > 1 || (a->limbs == 0 && a->neg != 0)) return false;
    mpz_init(z);
    oracle_from_int(z, a);
    same = mpz_cmp(z, want) == 0;
    mpz_clear(z);
    return same;
}

void oracle_to_sec(csig_sec *r, const mpz_t a, uint32_t bits)
{
    CSIG_ASSERT(mpz_sgn(a) == 0 || mpz_sizeinbase(a, 2) <= bits);
    memset(r, 0, sizeof *r);
    oracle_to_limbs(r->d, CSIG_INT_LIMBS, a);
    r->bits = bits;
    r->neg = mpz_sgn(a) < 0;
}

void oracle_from_sec(mpz_t r, const csig_sec *a)
{
    oracle_from_limbs(r, a->d, CSIG_LIMBS(a->bits));
    if (a->neg) mpz_neg(r, r);
}
