/* Public integers over mpn, sign and magnitude, results in the caller's fixed arrays. mpz serves
 * only where GMP has no mpn counterpart: powers, Jacobi symbol, primality, perfect powers. */
#include "num/int.h"

#include <string.h>

#include "num/limbs.h"
#include "num/sieve.h"

#define WIDE_LIMBS (2 * CSIG_INT_LIMBS)

/* 64 rounds of Miller-Rabin: 4^-64 = 2^-128. GMP counts the Baillie-PSW test before them as 24. */
#define PRIME_REPS (24 + 64)

#define SMALL 65536 /* 2^16 */

/* r = (-1)^neg * {p, n}; p may lie in r. */
static void set(csig_int *r, const mp_limb_t *p, size_t n, uint32_t neg)
{
    while (n > 0 && p[n - 1] == 0)
        n--;
    CSIG_ASSERT(n <= CSIG_INT_LIMBS);
    memmove(r->d, p, n * CSIG_LIMB_BYTES);
    r->limbs = (uint32_t)n;
    r->neg = n > 0 ? neg : 0;
}

static int cmp_abs(const csig_int *a, const csig_int *b)
{
    if (a->limbs != b->limbs) return a->limbs < b->limbs ? -1 : 1;
    return a->limbs == 0 ? 0 : mpn_cmp(a->d, b->d, a->limbs);
}

void csig_int_set_u64(csig_int *r, uint64_t v)
{
    mp_limb_t d[sizeof v / CSIG_LIMB_BYTES];

    for (size_t i = 0; i < CSIG_ARRAY_LEN(d); i++)
        d[i] = (mp_limb_t)(v >> (i * GMP_NUMB_BITS));
    set(r, d, CSIG_ARRAY_LEN(d), 0);
}

void csig_int_from_bytes(csig_int *r, const uint8_t *be, size_t len)
{
    mp_limb_t d[CSIG_INT_LIMBS];

    for (; len > 0 && *be == 0; be++)
        len--;
    csig_limbs_from_bytes(d, CSIG_INT_LIMBS, be, len);
    set(r, d, CSIG_INT_LIMBS, 0);
}

void csig_int_to_bytes(uint8_t *be, size_t len, const csig_int *a)
{
    CSIG_ASSERT(csig_int_bits(a) <= 8 * len);
    csig_limbs_to_bytes(be, len, a->d, a->limbs);
}

void csig_int_pow2(csig_int *r, uint32_t bits)
{
    const uint32_t top = bits / GMP_NUMB_BITS;

    CSIG_ASSERT(top < CSIG_INT_LIMBS);
    mpn_zero(r->d, top);
    r->d[top] = (mp_limb_t)1 << (bits % GMP_NUMB_BITS);
    r->limbs = top + 1;
    r->neg = 0;
}

int csig_int_cmp(const csig_int *a, const csig_int *b)
{
    if (a->neg != b->neg) return a->neg ? -1 : 1;
    return a->neg ? cmp_abs(b, a) : cmp_abs(a, b);
}

bool csig_int_is_eq(const csig_int *a, const csig_int *b)
{
    return csig_int_cmp(a, b) == 0;
}

bool csig_int_is_zero(const csig_int *a)
{
    return a->limbs == 0;
}

bool csig_int_is_one(const csig_int *a)
{
    return a->limbs == 1 && a->d[0] == 1 && !a->neg;
}

bool csig_int_is_odd(const csig_int *a)
{
    return a->limbs > 0 && (a->d[0] & 1) == 1;
}

bool csig_int_is_within(const csig_int *a, uint32_t bits)
{
    const uint32_t have = csig_int_bits(a);

    if (have != bits + 1) return have <= bits;
    return mpn_scan1(a->d, 0) == bits; /* only 2^bits itself */
}

/* 2^bits * m has exactly bits + |m| bits, so only an equal length needs a comparison, of the high
 * parts; nothing here can overflow. */
bool csig_int_is_within_times(const csig_int *a, uint32_t bits, const csig_int *m)
{
    const uint32_t skip = bits / GMP_NUMB_BITS, shift = bits % GMP_NUMB_BITS;
    const uint32_t have = csig_int_bits(a), most = bits + csig_int_bits(m);
    mp_limb_t d[CSIG_INT_LIMBS] = {0};
    csig_int high;
    int order;

    CSIG_ASSERT(!m->neg);
    if (csig_int_is_zero(a)) return true;
    if (csig_int_is_zero(m) || have != most) return have < most && !csig_int_is_zero(m);
    if (shift == 0)
        mpn_copyi(d, a->d + skip, a->limbs - skip);
    else
        mpn_rshift(d, a->d + skip, a->limbs - skip, shift);
    set(&high, d, a->limbs - skip, 0);
    order = cmp_abs(&high, m);
    return order < 0 || (order == 0 && mpn_scan1(a->d, 0) >= bits);
}

uint32_t csig_int_bits(const csig_int *a)
{
    return a->limbs == 0 ? 0 : (uint32_t)mpn_sizeinbase(a->d, a->limbs, 2);
}

uint32_t csig_int_bit(const csig_int *a, uint32_t i)
{
    const uint32_t at = i / GMP_NUMB_BITS;

    return at < a->limbs ? (uint32_t)(a->d[at] >> (i % GMP_NUMB_BITS) & 1) : 0;
}

uint32_t csig_int_mod_u32(const csig_int *a, uint32_t m)
{
    CSIG_ASSERT(m > 0);
    return a->limbs == 0 ? 0 : (uint32_t)mpn_mod_1(a->d, a->limbs, m);
}

void csig_int_neg(csig_int *r, const csig_int *a)
{
    set(r, a->d, a->limbs, !a->neg);
}

static void add_signed(csig_int *r, const csig_int *a, const csig_int *b, uint32_t b_neg)
{
    const bool swap = cmp_abs(a, b) < 0;
    const csig_int *x = swap ? b : a, *y = swap ? a : b; /* |x| >= |y| */
    const uint32_t x_neg = swap ? b_neg : a->neg;
    const uint32_t n = x->limbs;
    mp_limb_t d[CSIG_INT_LIMBS + 1];

    d[n] = 0;
    if (a->neg == b_neg)
        d[n] = mpn_add(d, x->d, n, y->d, y->limbs);
    else
        (void)mpn_sub(d, x->d, n, y->d, y->limbs);
    set(r, d, n + 1, x_neg);
}

void csig_int_add(csig_int *r, const csig_int *a, const csig_int *b)
{
    add_signed(r, a, b, b->neg);
}

void csig_int_sub(csig_int *r, const csig_int *a, const csig_int *b)
{
    add_signed(r, a, b, !b->neg);
}

/* |a| * |b|; returns the limbs used. */
static size_t mul_abs(mp_limb_t d[WIDE_LIMBS], const csig_int *a, const csig_int *b)
{
    if (a->limbs == 0 || b->limbs == 0) return 0;
    if (a->limbs >= b->limbs)
        mpn_mul(d, a->d, a->limbs, b->d, b->limbs);
    else
        mpn_mul(d, b->d, b->limbs, a->d, a->limbs);
    return a->limbs + b->limbs;
}

void csig_int_mul(csig_int *r, const csig_int *a, const csig_int *b)
{
    mp_limb_t d[WIDE_LIMBS];

    set(r, d, mul_abs(d, a, b), a->neg ^ b->neg);
}

/* r = (-1)^neg * {p, pn} mod n */
static void reduce(csig_int *r, const mp_limb_t *p, size_t pn, uint32_t neg, const csig_int *n)
{
    const size_t nn = n->limbs;
    mp_limb_t q[WIDE_LIMBS + 1], d[CSIG_INT_LIMBS] = {0};

    CSIG_ASSERT(nn > 0 && !n->neg);
    if (pn < nn)
        memcpy(d, p, pn * CSIG_LIMB_BYTES);
    else
        mpn_tdiv_qr(q, d, 0, p, (mp_size_t)pn, n->d, (mp_size_t)nn);
    if (neg && !mpn_zero_p(d, (mp_size_t)nn)) (void)mpn_sub_n(d, n->d, d, (mp_size_t)nn);
    set(r, d, nn, 0);
}

void csig_int_mod(csig_int *r, const csig_int *a, const csig_int *n)
{
    reduce(r, a->d, a->limbs, a->neg, n);
}

void csig_int_mulm(csig_int *r, const csig_int *a, const csig_int *b, const csig_int *n)
{
    mp_limb_t d[WIDE_LIMBS];

    reduce(r, d, mul_abs(d, a, b), a->neg ^ b->neg, n);
}

/* g = s * (n + a) + t * n with g = gcd, by mpn_gcdext, which wants its first operand the longer. */
bool csig_int_has_inverse(csig_int *r, const csig_int *a, const csig_int *n)
{
    mp_limb_t g[CSIG_INT_LIMBS + 1], s[CSIG_INT_LIMBS + 2];
    mp_limb_t u[CSIG_INT_LIMBS + 2], v[CSIG_INT_LIMBS + 1];
    mp_size_t un, gn, sn = 0;
    csig_int am;

    csig_int_mod(&am, a, n);
    un = n->limbs;
    u[un] = mpn_add(u, n->d, un, am.d, am.limbs);
    un += u[un] != 0;
    mpn_copyi(v, n->d, n->limbs);
    gn = mpn_gcdext(g, s, &sn, u, un, v, n->limbs);
    if (gn != 1 || g[0] != 1) return false;
    reduce(r, s, (size_t)(sn < 0 ? -sn : sn), sn < 0, n);
    return true;
}

static mpz_srcptr view(mpz_ptr z, const csig_int *a)
{
    return mpz_roinit_n(z, a->d, a->neg ? -(mp_size_t)a->limbs : (mp_size_t)a->limbs);
}

void csig_int_powm_var(csig_int *r, const csig_int *a, const csig_int *e, const csig_int *n)
{
    mpz_t z, za, ze, zn;

    CSIG_ASSERT(!e->neg && !n->neg && csig_int_bits(n) > 1);
    mpz_init(z);
    mpz_powm(z, view(za, a), view(ze, e), view(zn, n));
    set(r, mpz_limbs_read(z), mpz_size(z), 0);
    mpz_clear(z);
}

/* |a| without its factors 2, for mpn_gcd, which wants odd operands; a != 0. */
static mp_size_t odd_part(mp_limb_t *d, const csig_int *a)
{
    const mp_bitcnt_t twos = mpn_scan1(a->d, 0);
    const size_t skip = twos / GMP_NUMB_BITS;
    const unsigned shift = twos % GMP_NUMB_BITS;
    mp_size_t n = (mp_size_t)(a->limbs - skip);

    if (shift == 0)
        mpn_copyi(d, a->d + skip, n);
    else
        mpn_rshift(d, a->d + skip, n, shift);
    return n - (d[n - 1] == 0);
}

bool csig_int_is_coprime(const csig_int *a, const csig_int *b)
{
    mp_limb_t g[CSIG_INT_LIMBS], x[CSIG_INT_LIMBS], y[CSIG_INT_LIMBS];
    mp_size_t xn, yn, gn;

    if (csig_int_is_zero(a)) return b->limbs == 1 && b->d[0] == 1;
    if (csig_int_is_zero(b)) return a->limbs == 1 && a->d[0] == 1;
    if (!csig_int_is_odd(a) && !csig_int_is_odd(b)) return false;
    xn = odd_part(x, a);
    yn = odd_part(y, b);
    if (xn > yn || (xn == yn && mpn_cmp(x, y, xn) >= 0))
        gn = mpn_gcd(g, x, xn, y, yn);
    else
        gn = mpn_gcd(g, y, yn, x, xn);
    return gn == 1 && g[0] == 1;
}

bool csig_int_is_unit(const csig_int *a, const csig_int *n)
{
    return !a->neg && a->limbs > 0 && csig_int_cmp(a, n) < 0 && csig_int_is_coprime(a, n);
}

int csig_int_jacobi(const csig_int *a, const csig_int *n)
{
    mpz_t za, zn;

    CSIG_ASSERT(csig_int_is_odd(n) && !n->neg);
    return mpz_jacobi(view(za, a), view(zn, n));
}

/* GMP draws its bases from a generator with a fixed seed: false is a proof, true a bound for
 * numbers that nobody has built against that seed. Where somebody could gain from a composite that
 * passes, csig_sec_is_safe_prime decides. */
bool csig_int_is_prime(const csig_int *a)
{
    mpz_t z;

    return !a->neg && mpz_probab_prime_p(view(z, a), PRIME_REPS) != 0;
}

bool csig_int_is_power(const csig_int *a)
{
    mpz_t z;

    return mpz_perfect_power_p(view(z, a)) != 0;
}

/* The primes are taken in products that fill a limb: one long division for each product, then
 * a short one for each prime. */
bool csig_int_has_factor_below_2_16(const csig_int *a)
{
    uint8_t composite[SMALL / 2];

    _Static_assert(SMALL == CSIG_SIEVE_PIECE, "one piece");
    CSIG_ASSERT(!a->neg && a->limbs > 0);
    if (!csig_int_is_odd(a)) return true;
    csig_sieve_odds(composite, 0);
    for (uint32_t from = 3, to = 3; from < SMALL; from = to) {
        mp_limb_t product = 1, rest;

        for (; to < SMALL; to += 2) {
            if (composite[to / 2]) continue;
            if (product > GMP_NUMB_MAX / to) break;
            product *= to;
        }
        rest = mpn_mod_1(a->d, a->limbs, product);
        for (uint32_t r = from; r < to; r += 2)
            if (!composite[r / 2] && rest % r == 0) return true;
    }
    return false;
}

void csig_nat_wire(csig_wire *w, csig_int *a, size_t bytes)
{
    CSIG_ASSERT(bytes <= CSIG_INT_LIMBS * CSIG_LIMB_BYTES);
    if (w->op == CSIG_WIRE_READ) {
        const uint8_t *in = csig_wire_get(w, CSIG_FIELD_NAT, bytes);

        if (in != NULL) csig_int_from_bytes(a, in, bytes);
    } else {
        uint8_t *out = csig_wire_put(w, CSIG_FIELD_NAT, bytes);

        if (out == NULL) return;
        CSIG_ASSERT(!a->neg);
        csig_int_to_bytes(out, bytes, a);
    }
}

void csig_int_wire(csig_wire *w, csig_int *a, size_t bytes)
{
    CSIG_ASSERT(bytes <= CSIG_INT_LIMBS * CSIG_LIMB_BYTES);
    if (w->op == CSIG_WIRE_READ) {
        const uint8_t *in = csig_wire_get(w, CSIG_FIELD_INT, 1 + bytes);

        if (in == NULL) return;
        csig_int_from_bytes(a, in + 1, bytes);
        if (in[0] > 1 || (in[0] == 1 && csig_int_is_zero(a)))
            w->bad = true;
        else
            a->neg = in[0];
    } else {
        uint8_t *out = csig_wire_put(w, CSIG_FIELD_INT, 1 + bytes);

        if (out == NULL) return;
        out[0] = (uint8_t)a->neg;
        csig_int_to_bytes(out + 1, bytes, a);
    }
}
