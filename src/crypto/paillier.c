/* Paillier encryption, described as jobs. Whether N's factors are ours is the ring's matter: every
 * job carries them when it has them. */
#include "crypto/paillier.h"

csig_err csig_paillier_init(csig_paillier *k, const csig_int *n, const csig_factors *own)
{
    CSIG_REQUIRE(csig_int_bits(n) == CSIG_N_BITS, CSIG_E_MODULUS);
    CSIG_REQUIRE(csig_ring_has_init(&k->ring, n), CSIG_E_MODULUS); /* even, negative */
    k->own = own;
    return CSIG_OK;
}

static csig_job squared_job(const csig_paillier *k, csig_int *out)
{
    return (csig_job){.ring = &k->ring, .own = k->own, .squared = true, .out = out};
}

/* (1 + m N) rho^N mod N^2 */
csig_job csig_paillier_enc_job(const csig_paillier *k, csig_int *c, const csig_sec *m,
                               const csig_sec *rho)
{
    csig_job job = squared_job(k, c);

    job.secret_plain = m;
    job.term[0] = (csig_term){.secret_base = rho, .exp = &k->ring.n};
    job.terms = 1;
    return job;
}

/* C^x (1 + y N) rho^N mod N^2 */
csig_job csig_paillier_affine_job(const csig_paillier *k, csig_int *d, const csig_int *C,
                                  const csig_sec *x, const csig_sec *y, const csig_sec *rho)
{
    csig_job job = squared_job(k, d);

    job.secret_plain = y;
    job.term[0] = (csig_term){.secret_base = rho, .exp = &k->ring.n};
    job.term[1] = (csig_term){.base = C, .secret_exp = x};
    job.terms = 2;
    return job;
}

/* r rho^e mod N */
csig_job csig_paillier_response_job(const csig_paillier *k, csig_int *w, const csig_sec *r,
                                    const csig_sec *rho, const csig_int *e, const csig_int *one)
{
    csig_job job = {.ring = &k->ring, .own = k->own, .out = w};

    CSIG_ASSERT(csig_int_is_one(one));
    job.term[0] = (csig_term){.secret_base = rho, .exp = e};
    job.term[1] = (csig_term){.secret_base = r, .exp = one};
    job.terms = 2;
    return job;
}

/* (1 + z N) w^N D^-e C^x mod N^2 */
csig_job csig_paillier_check_job(const csig_paillier *k, csig_int *a, const csig_int *z,
                                 const csig_int *w, const csig_int *C, const csig_int *x,
                                 const csig_int *D, const csig_int *minus_e)
{
    csig_job job = squared_job(k, a);

    CSIG_ASSERT((C == NULL) == (x == NULL));
    job.plain = z;
    job.term[0] = (csig_term){.base = w, .exp = &k->ring.n};
    job.term[1] = (csig_term){.base = D, .exp = minus_e};
    job.terms = 2;
    if (C != NULL) job.term[job.terms++] = (csig_term){.base = C, .exp = x};
    return job;
}

csig_err csig_paillier_decrypt(csig_sec *m, const csig_paillier *k, const csig_int *c,
                               const csig_env *env)
{
    CSIG_ASSERT(k->own != NULL);
    return csig_factors_decrypt(m, env->engine, &k->ring, k->own, c, env->rng);
}
