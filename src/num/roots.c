/* What only the owner of p and q can do: decryption and roots. */
#include <string.h>

#include "base/ct.h"
#include "base/mem.h"
#include "num/factors.h"
#include "num/limbs.h"
#include "num/task.h"

#define K          CSIG_P_LIMBS
#define BLIND_BITS 256

static csig_task own_task(const csig_half *h, bool is_squared)
{
    return (csig_task){.z = {.n = &h->p, .is_squared = is_squared},
                       .bits = CSIG_P_BITS,
                       .is_secret = true,
                       .is_private = true};
}

/* One power modulo each prime or its square. */
typedef struct own_pair {
    csig_task t[2];
    mp_limb_t base[2][K];
} own_pair;

static void own_pair_wipe(own_pair *o)
{
    csig_wipe(o, sizeof *o);
}

static csig_err run_both(const csig_engine *engine, own_pair *o)
{
    csig_task *const both[2] = {&o->t[0], &o->t[1]};

    return csig_task_run(engine, both, 2);
}

/* c (2^N)^k for a fresh k: an encryption of the same, whose powers nobody can foresee. */
static void blinded(csig_task *t, const csig_half *h, const csig_int *c, const mp_limb_t *k)
{
    const csig_power power = {.base = h->blind, .exp = k, .bits = BLIND_BITS, .is_secret = true};
    mp_limb_t factor[2 * K];

    *t = own_task(h, true);
    csig_power_product(factor, &t->z, &power, 1);
    csig_residues_enter(t->value, &t->z, c->d, c->limbs);
    csig_residues_mul(t->value, &t->z, t->value, factor);
    memcpy(t->exp, h->less_one, sizeof h->less_one);
    csig_wipe(factor, sizeof factor);
}

/* c^(p-1) = 1 + b p mod p^2; the plaintext mod p is -b/q. */
static void plaintext(mp_limb_t m[K], const csig_half *h, const csig_task *t)
{
    mp_limb_t power[2 * K];

    csig_pair_leave(power, &h->p, t->value);
    csig_mont_mul(m, &h->p.m, power + K, h->decrypt);
    csig_wipe(power, sizeof power);
}

/* From [0, N) to [-(N-1)/2, (N-1)/2]. */
static void centre(csig_sec *m, const mp_limb_t *d, const csig_ring *r)
{
    mp_limb_t other[2 * K], less[2 * K];

    mpn_sub_n(other, r->n.d, d, 2 * K);
    m->neg = mpn_sub_n(less, other, d, 2 * K);
    csig_mont_select(m->d, 0 - m->neg, other, d, 2 * K);
    m->bits = CSIG_N_BITS - 1;
    csig_wipe(other, sizeof other);
    csig_wipe(less, sizeof less);
}

csig_err csig_factors_decrypt(csig_sec *m, const csig_engine *engine, const csig_ring *r,
                              const csig_factors *f, const csig_int *c, csig_rng *rng)
{
    CSIG_AUTO(own_pair) o;
    mp_limb_t k[CSIG_LIMBS(BLIND_BITS)], mp[K], mq[K], d[2 * K];

    memset(m, 0, sizeof *m);
    csig_limbs_random(k, CSIG_ARRAY_LEN(k), rng, "blind a decryption");
    for (int i = 0; i < 2; i++)
        blinded(&o.t[i], &f->half[i], c, k);
    csig_wipe(k, sizeof k);
    CSIG_TRY(run_both(engine, &o));
    plaintext(mp, &f->half[0], &o.t[0]);
    plaintext(mq, &f->half[1], &o.t[1]);
    csig_factors_join(d, f, mp, mq);
    centre(m, d, r);
    csig_wipe(mp, sizeof mp);
    csig_wipe(mq, sizeof mq);
    csig_wipe(d, sizeof d);
    csig_mont_forget();
    return CSIG_OK;
}

/* The values of both tasks, which are mod p and mod q, as one mod N that is made public. */
static void reveal(csig_int *r, const csig_factors *f, const own_pair *o)
{
    mp_limb_t xp[K], xq[K], x[2 * K];

    csig_residues_leave(xp, &o->t[0].z, o->t[0].value);
    csig_residues_leave(xq, &o->t[1].z, o->t[1].value);
    csig_factors_join(x, f, xp, xq);
    csig_residues_reveal(r, x, 2 * K);
    csig_wipe(xp, sizeof xp);
    csig_wipe(xq, sizeof xq);
    csig_mont_forget();
}

csig_err csig_factors_nth_root(csig_int *z, const csig_engine *engine, const csig_ring *r,
                               const csig_factors *f, const csig_int *y)
{
    CSIG_AUTO(own_pair) o;

    (void)r;
    for (int i = 0; i < 2; i++) {
        o.t[i] = own_task(&f->half[i], false);
        csig_residues_enter(o.t[i].value, &o.t[i].z, y->d, y->limbs);
        memcpy(o.t[i].exp, f->half[i].nth_root, sizeof f->half[i].nth_root);
    }
    CSIG_TRY(run_both(engine, &o));
    /* the root is sent as a part of Pi-mod */
    reveal(z, f, &o);
    return CSIG_OK;
}

csig_err csig_factors_secret_root(csig_sec *z, const csig_engine *engine, const csig_factors *f,
                                  const csig_sec *y)
{
    CSIG_AUTO(own_pair) o;
    mp_limb_t xp[K], xq[K];

    memset(z, 0, sizeof *z);
    for (int i = 0; i < 2; i++) {
        o.t[i] = own_task(&f->half[i], false);
        csig_residues_enter(o.t[i].value, &o.t[i].z, y->d, CSIG_N_LIMBS);
        memcpy(o.t[i].exp, f->half[i].nth_root, sizeof f->half[i].nth_root);
    }
    CSIG_TRY(run_both(engine, &o));
    csig_residues_leave(xp, &o.t[0].z, o.t[0].value);
    csig_residues_leave(xq, &o.t[1].z, o.t[1].value);
    csig_factors_join(z->d, f, xp, xq);
    z->bits = CSIG_N_BITS;
    csig_wipe(xp, sizeof xp);
    csig_wipe(xq, sizeof xq);
    csig_mont_forget();
    return CSIG_OK;
}

/* A = u^((p+1)/4)^2 has A^4 = u or -u mod p, as u is a square or not. All ones: a square. */
static mp_limb_t is_square(const csig_task *t, const mp_limb_t *u)
{
    mp_limb_t power[K];
    mp_limb_t same;

    csig_mont_sqr(power, &t->z.n->m, t->value);
    csig_mont_sqr(power, &t->z.n->m, power);
    same = csig_mont_same(power, u, K);
    csig_wipe(power, sizeof power);
    return same;
}

/* (-u)^E = (-1)^E u^E for E = ((p+1)/4)^2 */
static void negate_root(csig_task *t, const csig_half *h, mp_limb_t mask)
{
    const mp_limb_t zero[K] = {0};
    const mp_limb_t odd = 0 - (h->fourth_root[0] & 1);
    mp_limb_t other[K];

    csig_mont_sub(other, &t->z.n->m, zero, t->value);
    csig_mont_select(t->value, mask & odd, other, t->value, K);
    csig_wipe(other, sizeof other);
}

/* b follows from public Jacobi symbols: with it, u = w^b y is a square modulo both primes or modulo
 * neither. Then a is whether it is none. */
csig_err csig_factors_fourth_root(csig_int *x, uint8_t *a, uint8_t *b, const csig_engine *engine,
                                  const csig_ring *r, const csig_factors *f, const csig_int *w,
                                  const csig_int *y)
{
    CSIG_AUTO(own_pair) o;
    mp_limb_t not_square;
    csig_int v = *y;

    *b = csig_int_jacobi(y, &r->n) < 0;
    if (*b == 1) csig_int_mulm(&v, w, y, &r->n);
    for (int i = 0; i < 2; i++) {
        o.t[i] = own_task(&f->half[i], false);
        csig_residues_enter(o.t[i].value, &o.t[i].z, v.d, v.limbs);
        memcpy(o.base[i], o.t[i].value, sizeof o.base[i]);
        memcpy(o.t[i].exp, f->half[i].fourth_root, sizeof f->half[i].fourth_root);
    }
    CSIG_TRY(run_both(engine, &o));
    not_square = ~is_square(&o.t[0], o.base[0]);
    for (int i = 0; i < 2; i++)
        negate_root(&o.t[i], &f->half[i], not_square);
    *a = not_square & 1;
    /* both are sent as a part of Pi-mod */
    csig_ct_public(a, sizeof *a);
    reveal(x, f, &o);
    return CSIG_OK;
}
