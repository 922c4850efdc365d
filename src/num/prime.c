/* Search and confirmation of safe primes. What is known of a row of candidates by its sieve
 * determines the row's base (the Chinese remainders of a few hundred small primes already do), so
 * rows live in secret memory with the base. */
#include "num/prime.h"

#include <string.h>

#include "base/ct.h"
#include "base/mem.h"
#include "num/limbs.h"
#include "num/mont.h"
#include "num/sieve.h"

#define LIMBS CSIG_P_LIMBS
#define ROW   (1u << 17) /* candidates from one base: about as many as a prime takes */

/* Small primes below 2^SIEVE_BITS strike candidates out. Each bit more doubles the work of a row
 * and strikes out fewer than the bit before; tests of shorter numbers cost less, and stop it
 * earlier. */
#if CSIG_LEVEL == 128
#define SIEVE_BITS 24
#else
#define SIEVE_BITS 22
#endif
#define PIECES ((1u << SIEVE_BITS) / CSIG_SIEVE_PIECE)
_Static_assert((1u << SIEVE_BITS) <= CSIG_SIEVE_LIMIT, "SIEVE_BITS");

/* Miller-Rabin calls a given composite prime with probability at most 1/4 for each random base:
 * 4^-64 = 2^-128, for any number, also one built by an adversary. */
#define MR_ROUNDS 64

struct csig_prime_search {
    mp_limb_t base[LIMBS];   /* the row: p' = base + 6k */
    uint8_t struck[ROW / 8]; /* bit k: p' or p has a small factor */
    uint32_t pieces;         /* of small primes that have struck this row */
    uint32_t next;           /* the next k to look at; ROW: a new row is due */
    uint64_t tests;
    bool found;
    csig_sec prime;
};

csig_prime_search *csig_prime_search_new(void)
{
    csig_prime_search *s = csig_secret_alloc(sizeof *s);

    if (s != NULL) s->next = ROW;
    return s;
}

void csig_prime_search_free(csig_prime_search *s)
{
    csig_secret_free(s);
}

/* A new base: P_BITS - 1 bits, the top two set, so that p has its top two set, and 5 mod 6. */
static void new_row(csig_prime_search *s, csig_rng *rng)
{
    uint8_t be[CSIG_P_BYTES];

    csig_rng_bytes(rng, "safe prime", be, sizeof be);
    be[0] = (uint8_t)((be[0] & 0x7f) | 0x60);
    csig_limbs_from_bytes(s->base, LIMBS, be, sizeof be);
    /* Only as long as it is searched: the time of a sieve follows its residues (prime.h). */
    csig_ct_public(s->base, sizeof s->base);
    (void)mpn_add_1(s->base, s->base, LIMBS, 5 - mpn_mod_1(s->base, LIMBS, 6));
    memset(s->struck, 0, sizeof s->struck);
    s->pieces = 0;
    s->next = 0;
    csig_wipe(be, sizeof be);
}

/* Candidate k: first p', which fails nearly always, then p. */
static void test_candidate(csig_prime_search *s, csig_rng *rng, uint32_t k)
{
    mp_limb_t half[LIMBS] = {6 * (mp_limb_t)k}, p[LIMBS];

    (void)mpn_add_n(half, half, s->base, LIMBS);
    s->tests++;
    if (csig_mont_is_fermat2(half, LIMBS)) {
        s->tests++;
        (void)mpn_lshift(p, half, LIMBS, 1);
        p[0] |= 1;
        if (csig_mont_is_fermat2(p, LIMBS)) {
            mpn_copyi(s->prime.d, p, LIMBS);
            s->prime.bits = CSIG_P_BITS;
            csig_ct_secret(s->prime.d, sizeof s->prime.d);
            s->found = csig_sec_is_safe_prime(&s->prime, rng);
        }
    }
    csig_wipe(half, sizeof half);
    csig_wipe(p, sizeof p);
}

/* One piece of work: a row, a piece of its sieve, or a candidate. */
static void work(csig_prime_search *s, csig_rng *rng)
{
    if (s->next == ROW) new_row(s, rng);
    if (s->pieces < PIECES) {
        csig_sieve_strike(s->struck, ROW, s->base, LIMBS, s->pieces * CSIG_SIEVE_PIECE);
        s->pieces++;
        return;
    }
    while (s->next < ROW && (s->struck[s->next / 8] >> (s->next % 8) & 1) == 1)
        s->next++;
    if (s->next < ROW) test_candidate(s, rng, s->next++);
}

csig_err csig_prime_search_step(csig_prime_search *s, csig_rng *rng, uint32_t tests, bool *found)
{
    for (uint32_t i = 0; i < tests && !s->found; i++)
        work(s, rng);
    *found = s->found;
    return CSIG_OK;
}

uint64_t csig_prime_search_done(const csig_prime_search *s)
{
    return s->tests;
}

/* With gamma = 0.5772 and w = ln x / ln B: candidates that no prime below B strikes are tested
 * until one is good, e^(-2 gamma) w^2 = 0.3152 w^2 times (Hardy and Littlewood's density of Sophie
 * Germain primes over Mertens' product); of those e^(-gamma) w = 0.5615 w have a prime p' and cost
 * another. */
uint64_t csig_prime_search_expected(void)
{
    const uint64_t bits = CSIG_P_BITS;

    return (3152 * bits * bits / SIEVE_BITS + 5615 * bits) / SIEVE_BITS / 10000;
}

void csig_prime_search_result(const csig_prime_search *s, csig_sec *p)
{
    CSIG_ASSERT(s->found);
    *p = s->prime;
}

/* --- confirmation --- */

/* 1 when p has CSIG_P_BITS bits, the top two set, and p = 3 mod 4, else 0. */
static mp_limb_t has_form(const csig_sec *p)
{
    const mp_limb_t top = p->d[LIMBS - 1] >> ((CSIG_P_BITS - 2) % GMP_NUMB_BITS);
    mp_limb_t bad = p->neg | (top ^ 3) | ((p->d[0] & 3) ^ 3);

    for (size_t i = LIMBS; i < CSIG_INT_LIMBS; i++)
        bad |= p->d[i];
    return 1 ^ ((bad | (0 - bad)) >> (GMP_NUMB_BITS - 1));
}

/* One round of Miller-Rabin on the modulus of m, with base a in Montgomery form: all ones when it
 * may be prime. With e = n - 1 = 2^s d, x runs through a^(e >> j) for j from the limb's size down;
 * n passes when a^d = 1 (j = s) or a^(e >> j) = -1 for some j in 1..s, that is where the low j bits
 * of e are zero. When s is not below the limb's size, what comes before is not looked at: no more
 * composites pass, and of the rare primes of this kind each fails with 2^(1 - GMP_NUMB_BITS). */
static mp_limb_t strong_round(const csig_mont *m, const mp_limb_t *minus_one, const mp_limb_t *a)
{
    const mp_limb_t low = m->n[0] & ~(mp_limb_t)1;
    mp_limb_t x[LIMBS], xa[LIMBS], pass = 0;

    csig_mont_pow(x, m, a, m->n + 1, CSIG_P_BITS - GMP_NUMB_BITS);
    for (int j = GMP_NUMB_BITS - 1; j > 0; j--) {
        const mp_limb_t bit = 0 - (low >> j & 1);
        const mp_limb_t below = low & (((mp_limb_t)1 << j) - 1);
        const mp_limb_t clear = ((below | (0 - below)) >> (GMP_NUMB_BITS - 1)) - 1;

        csig_mont_sqr(x, m, x);
        csig_mont_mul(xa, m, x, a);
        csig_mont_select(x, bit, xa, x, LIMBS);
        pass |= clear & csig_mont_same(x, minus_one, LIMBS);
        pass |= clear & bit & csig_mont_same(x, m->one, LIMBS);
    }
    csig_wipe(x, sizeof x);
    csig_wipe(xa, sizeof xa);
    return pass;
}

bool csig_limbs_is_prime(const mp_limb_t n[CSIG_P_LIMBS], csig_rng *rng)
{
    CSIG_AUTO(csig_mont) m;
    mp_limb_t minus_one[LIMBS] = {0}, a[LIMBS + 2], pass = ~(mp_limb_t)0;

    csig_mont_init(&m, n, LIMBS);
    csig_mont_sub(minus_one, &m, minus_one, m.one);
    for (int i = 0; i < MR_ROUNDS && pass != 0; i++) {
        csig_limbs_random(a, LIMBS + 2, rng, "witness"); /* two limbs more: uniform mod n */
        csig_mont_enter(a, &m, a, LIMBS + 2);
        pass = strong_round(&m, minus_one, a);
        csig_ct_public(&pass, sizeof pass); /* all pass, or n is thrown away */
    }
    csig_wipe(minus_one, sizeof minus_one);
    csig_wipe(a, sizeof a);
    return pass != 0;
}

/* Pocklington: let p' be prime, p = 2p' + 1 and 2^(p-1) = 1 mod p, and r a prime factor of p. The
 * order of 2 mod r divides 2p'. If it is 1 or 2, r = 3. If not, p' divides r - 1, which is even:
 * r >= 2p' + 1 = p. So p is prime, or a power of 3; but 2^(p-1) = 1 mod 9 takes 6 | p - 1. */
bool csig_sec_is_safe_prime(const csig_sec *p, csig_rng *rng)
{
    mp_limb_t half[LIMBS], good = has_form(p);
    bool found = false;

    csig_ct_public(&good, sizeof good); /* the answer is public by contract */
    if (good == 0) return false;
    (void)mpn_rshift(half, p->d, LIMBS, 1);
    found = csig_mont_is_fermat2(half, LIMBS) && csig_mont_is_fermat2(p->d, LIMBS) &&
            csig_limbs_is_prime(half, rng);
    csig_wipe(half, sizeof half);
    return found;
}
