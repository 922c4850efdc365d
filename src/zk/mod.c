/* Pi-mod: N is a Paillier-Blum modulus: N = p q, p, q = 3 mod 4, gcd(N, phi(N)) = 1.
 * protocol.md 1.2. */
#include "zk/mod.h"

#define Y_BYTES  (CSIG_N_BYTES + 16) /* |N| + 128 bits: y_i is uniform mod N up to 2^-128 */
#define Y_BLOCKS ((Y_BYTES + CSIG_HASH_BYTES - 1) / CSIG_HASH_BYTES)

void csig_zk_mod_wire(csig_wire *w, void *proof)
{
    csig_zk_mod *p = proof;

    csig_nat_wire(w, &p->w, CSIG_N_BYTES);
    for (size_t i = 0; i < CSIG_REPEAT; i++) {
        csig_bit_wire(w, &p->a[i]);
        csig_bit_wire(w, &p->b[i]);
        csig_bytes_wire(w, p->x[i], CSIG_N_BYTES);
    }
    for (size_t i = 0; i < CSIG_MOD_NTH_ROOTS; i++)
        csig_bytes_wire(w, p->z[i], CSIG_N_BYTES);
}

/* What all y_i come from: N, then the one commitment w. */
static void absorb(csig_transcript *t, const csig_transcript *tr, const csig_int *N,
                   const csig_int *w)
{
    *t = *tr;
    csig_transcript_nat(t, N, CSIG_N_BYTES);
    csig_transcript_nat(t, w, CSIG_N_BYTES);
}

/* y_i, from its own range of indices. */
static void challenge(csig_int *y, const csig_transcript *t, size_t i, const csig_int *N)
{
    uint8_t wide[Y_BYTES];

    csig_transcript_expand(t, (uint32_t)(i * Y_BLOCKS), wide, sizeof wide);
    csig_int_from_bytes(y, wide, sizeof wide);
    csig_int_mod(y, y, N);
}

/* w uniform with Jacobi symbol -1. */
static void draw_w(csig_int *w, csig_rng *rng, const csig_int *N)
{
    CSIG_AUTO(csig_sec) r;

    do {
        csig_sec_random_below(&r, rng, N);
        csig_sec_reveal(w, &r); /* w is sent; a candidate thrown away is worth nothing */
    } while (csig_int_jacobi(w, N) != -1);
}

csig_err csig_zk_mod_prove(csig_zk_mod *p, const csig_env *env, const csig_transcript *tr,
                           const csig_ring *N, const csig_factors *f, const csig_int *w)
{
    csig_transcript t;
    csig_int x, y, z;

    if (w == NULL)
        draw_w(&p->w, env->rng, &N->n);
    else
        p->w = *w;
    absorb(&t, tr, &N->n, &p->w);

    /* x_i^4 = (-1)^a_i w^b_i y_i,  z_i^N = y_i */
    for (size_t i = 0; i < CSIG_REPEAT; i++) {
        challenge(&y, &t, i, &N->n);
        CSIG_TRY(csig_factors_fourth_root(&x, &p->a[i], &p->b[i], env->engine, N, f, &p->w, &y));
        csig_int_to_bytes(p->x[i], CSIG_N_BYTES, &x);
        if (i >= CSIG_MOD_NTH_ROOTS) continue;
        CSIG_TRY(csig_factors_nth_root(&z, env->engine, N, f, &y));
        csig_int_to_bytes(p->z[i], CSIG_N_BYTES, &z);
    }
    return CSIG_OK;
}

static csig_err check_modulus(const csig_int *N)
{
    CSIG_REQUIRE(!N->neg && csig_int_bits(N) == CSIG_N_BITS, CSIG_E_MODULUS);

    /* N = 1 mod 4, hence odd */
    CSIG_REQUIRE(csig_int_mod_u32(N, 4) == 1, CSIG_E_MODULUS);

    /* No factor below 2^16: then 8 N-th roots do the work of 128. */
    CSIG_REQUIRE(!csig_int_has_factor_below_2_16(N), CSIG_E_MODULUS);
    CSIG_REQUIRE(!csig_int_is_prime(N), CSIG_E_MODULUS);
    CSIG_REQUIRE(!csig_int_is_power(N), CSIG_E_MODULUS);
    return CSIG_OK;
}

/* Bits, and 0 < x_i, z_i < N. */
static csig_err check_fields(const csig_zk_mod *p, const csig_int *N)
{
    csig_int r;

    for (size_t i = 0; i < CSIG_REPEAT; i++) {
        CSIG_REQUIRE(p->a[i] <= 1 && p->b[i] <= 1, CSIG_E_PROOF);
        csig_int_from_bytes(&r, p->x[i], CSIG_N_BYTES);
        CSIG_REQUIRE(!csig_int_is_zero(&r) && csig_int_cmp(&r, N) < 0, CSIG_E_PROOF);
    }
    for (size_t i = 0; i < CSIG_MOD_NTH_ROOTS; i++) {
        csig_int_from_bytes(&r, p->z[i], CSIG_N_BYTES);
        CSIG_REQUIRE(!csig_int_is_zero(&r) && csig_int_cmp(&r, N) < 0, CSIG_E_PROOF);
    }
    return CSIG_OK;
}

static csig_err check_fourth_root(const csig_zk_mod *p, size_t i, const csig_int *y,
                                  const csig_int *N)
{
    csig_int x4, v = *y;

    csig_int_from_bytes(&x4, p->x[i], CSIG_N_BYTES);
    csig_int_mulm(&x4, &x4, &x4, N);
    csig_int_mulm(&x4, &x4, &x4, N);
    if (p->b[i] == 1) csig_int_mulm(&v, &v, &p->w, N);
    if (p->a[i] == 1) csig_int_sub(&v, N, &v);

    /* x_i^4 = (-1)^a_i w^b_i y_i  mod N */
    CSIG_REQUIRE(csig_int_is_eq(&x4, &v), CSIG_E_PROOF);
    return CSIG_OK;
}

static csig_err check_nth_roots(const csig_zk_mod *p, const csig_env *env,
                                const csig_int y[CSIG_MOD_NTH_ROOTS], const csig_ring *r)
{
    csig_int z[CSIG_MOD_NTH_ROOTS], out[CSIG_MOD_NTH_ROOTS];
    csig_job power[CSIG_MOD_NTH_ROOTS];

    for (size_t i = 0; i < CSIG_MOD_NTH_ROOTS; i++) {
        csig_int_from_bytes(&z[i], p->z[i], CSIG_N_BYTES);
        power[i] = (csig_job){
            .ring = r,
            .term = {{.base = &z[i], .exp = &r->n}},
            .terms = 1,
            .out = &out[i],
        };
    }
    CSIG_TRY(csig_exp_run(env->engine, power, CSIG_MOD_NTH_ROOTS));

    /* z_i^N = y_i  mod N */
    for (size_t i = 0; i < CSIG_MOD_NTH_ROOTS; i++)
        CSIG_REQUIRE(csig_int_is_eq(&out[i], &y[i]), CSIG_E_PROOF);
    return CSIG_OK;
}

csig_err csig_zk_mod_verify(const csig_zk_mod *p, const csig_env *env, const csig_transcript *tr,
                            const csig_int *N)
{
    csig_int y[CSIG_MOD_NTH_ROOTS], product;
    csig_transcript t;
    csig_ring r;

    CSIG_TRY(check_modulus(N));
    CSIG_REQUIRE(csig_ring_has_init(&r, N), CSIG_E_MODULUS);

    /* Jacobi(w | N) = -1, hence also gcd(w, N) = 1; without it CVE-2025-66016 */
    CSIG_REQUIRE(!p->w.neg && csig_int_cmp(&p->w, N) < 0, CSIG_E_PROOF);
    CSIG_REQUIRE(csig_int_jacobi(&p->w, N) == -1, CSIG_E_PROOF);

    CSIG_TRY(check_fields(p, N));

    absorb(&t, tr, N, &p->w);
    csig_int_set_u64(&product, 1);
    for (size_t i = 0; i < CSIG_REPEAT; i++) {
        csig_int y_i;

        challenge(&y_i, &t, i, N);
        csig_int_mulm(&product, &product, &y_i, N);
        CSIG_TRY(check_fourth_root(p, i, &y_i, N));
        if (i < CSIG_MOD_NTH_ROOTS) y[i] = y_i;
    }

    /* gcd(y_i, N) = 1 */
    CSIG_REQUIRE(csig_int_is_coprime(&product, N), CSIG_E_PROOF);

    return check_nth_roots(p, env, y, &r);
}
