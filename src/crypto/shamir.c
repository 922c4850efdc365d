/* Sharing over Z_q: secret polynomials, their public commitments, public weights. */
#include "crypto/shamir.h"

#include <string.h>

#include "base/mem.h"

void csig_poly_wipe(csig_poly *f)
{
    csig_wipe(f, sizeof *f);
}

/* Every coefficient is made non-zero, which a uniform one is but with probability 2^-256: its
 * commitment must be a point. */
void csig_poly_random(csig_poly *f, uint16_t t, const csig_scalar *a0, csig_rng *rng)
{
    CSIG_ASSERT(t >= 1 && t <= CSIG_MAX_PARTIES);
    memset(f, 0, sizeof *f);
    f->t = t;
    for (uint16_t k = 0; k < t; k++)
        csig_scalar_random(&f->a[k], rng, "polynomial");
    if (a0 != NULL) {
        CSIG_ASSERT(!csig_scalar_is_zero(a0));
        f->a[0] = *a0;
    }
}

/* Horner; x is public. f(0) is nobody's share. */
void csig_poly_eval(csig_scalar *y, const csig_poly *f, uint16_t x)
{
    CSIG_AUTO(csig_scalar) sum;
    csig_scalar at;

    CSIG_ASSERT(x >= 1 && x <= CSIG_MAX_PARTIES && f->t >= 1 && f->t <= CSIG_MAX_PARTIES);
    csig_scalar_set_u32(&at, x);
    csig_scalar_set_u32(&sum, 0);
    for (size_t k = f->t; k-- > 0;) {
        csig_scalar_mul(&sum, &sum, &at);
        csig_scalar_add(&sum, &sum, &f->a[k]);
    }
    *y = sum;
}

csig_err csig_poly_commit_to(csig_poly_commit *c, const csig_poly *f, const csig_curve *curve)
{
    CSIG_ASSERT(f->t >= 1 && f->t <= CSIG_MAX_PARTIES);
    memset(c, 0, sizeof *c);
    c->t = f->t;
    for (size_t k = 0; k < f->t; k++)
        CSIG_TRY(csig_point_mul_g(&c->S[k], curve, &f->a[k]));
    return CSIG_OK;
}

/* Horner. A peer may choose commitments whose partial sum is infinity on the way; that alone is no
 * fault. */
bool csig_poly_commit_has_eval(csig_point *Y, const csig_poly_commit *c, uint16_t x)
{
    csig_point sum, product;
    bool finite = false;
    csig_scalar at;

    CSIG_ASSERT(x >= 1 && x <= CSIG_MAX_PARTIES && c->t >= 1 && c->t <= CSIG_MAX_PARTIES);
    csig_scalar_set_u32(&at, x);
    for (size_t k = c->t; k-- > 0;) {
        if (finite) {
            CSIG_ASSERT(csig_point_has_mul_var(&product, &at, &sum));
            finite = csig_point_has_add(&sum, &product, &c->S[k]);
        } else {
            sum = c->S[k];
            finite = true;
        }
    }
    if (finite) *Y = sum;
    return finite;
}

bool csig_poly_commit_has_sum(csig_poly_commit *r, const csig_poly_commit *const *c, size_t n)
{
    const csig_point *S[CSIG_MAX_PARTIES];
    csig_poly_commit sum = {0};

    CSIG_ASSERT(n >= 1 && n <= CSIG_MAX_PARTIES);
    sum.t = c[0]->t;
    CSIG_ASSERT(sum.t >= 1 && sum.t <= CSIG_MAX_PARTIES);
    for (size_t k = 0; k < sum.t; k++) {
        for (size_t i = 0; i < n; i++) {
            CSIG_ASSERT(c[i]->t == sum.t);
            S[i] = &c[i]->S[k];
        }
        if (!csig_point_has_sum(&sum.S[k], S, n)) return false;
    }
    *r = sum;
    return true;
}

/* The set is ours, checked when it was made: indices in range, none twice, i among them. */
static void assert_set(uint16_t i, const uint16_t *set, size_t n)
{
    uint32_t seen = 0;

    for (size_t k = 0; k < n; k++) {
        CSIG_ASSERT(set[k] >= 1 && set[k] <= CSIG_MAX_PARTIES);
        CSIG_ASSERT((seen & 1u << set[k]) == 0);
        seen |= 1u << set[k];
    }
    CSIG_ASSERT(i >= 1 && i <= CSIG_MAX_PARTIES && (seen & 1u << i) != 0);
}

/* product over j != i of j / (j - i) */
void csig_lagrange(csig_scalar *l, uint16_t i, const uint16_t *set, size_t n)
{
    csig_scalar num, den, xi, xj;

    assert_set(i, set, n);
    csig_scalar_set_u32(&num, 1);
    csig_scalar_set_u32(&den, 1);
    csig_scalar_set_u32(&xi, i);
    for (size_t k = 0; k < n; k++) {
        if (set[k] == i) continue;
        csig_scalar_set_u32(&xj, set[k]);
        csig_scalar_mul(&num, &num, &xj);
        csig_scalar_sub(&xj, &xj, &xi);
        csig_scalar_mul(&den, &den, &xj);
    }
    csig_scalar_inv(&den, &den);
    csig_scalar_mul(l, &num, &den);
}
