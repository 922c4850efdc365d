/* Pi-fac: both factors of N are above sqrt(N) / 2^(l + eps), with sqrt(N) := 2^(|N| / 2).
 * protocol.md 1.4. */
#include "zk/fac.h"

#include "base/mem.h"
#include "zk/common.h"

#define Z_BITS (CSIG_ELL + CSIG_EPS + CSIG_P_BITS)
#define W_BITS (CSIG_ELL + CSIG_EPS + 1) /* times N^ */
#define V_BITS (CSIG_ELL + CSIG_EPS + 1) /* times N N^ */

static void commitment_wire(csig_wire *w, void *proof)
{
    csig_zk_fac *p = proof;

    csig_nat_wire(w, &p->P, CSIG_N_BYTES);
    csig_nat_wire(w, &p->Q, CSIG_N_BYTES);
    csig_nat_wire(w, &p->A, CSIG_N_BYTES);
    csig_nat_wire(w, &p->B, CSIG_N_BYTES);
    csig_nat_wire(w, &p->T, CSIG_N_BYTES);
}

void csig_zk_fac_wire(csig_wire *w, void *proof)
{
    csig_zk_fac *p = proof;

    commitment_wire(w, p);
    csig_int_wire(w, &p->z1, CSIG_ZK_BYTES(Z_BITS));
    csig_int_wire(w, &p->z2, CSIG_ZK_BYTES(Z_BITS));
    csig_int_wire(w, &p->w1, CSIG_ZK_BYTES(W_BITS + CSIG_N_BITS));
    csig_int_wire(w, &p->w2, CSIG_ZK_BYTES(W_BITS + CSIG_N_BITS));
    csig_int_wire(w, &p->v, CSIG_ZK_BYTES(V_BITS + 2 * CSIG_N_BITS));
}

static void challenge(csig_zk_e *e, const csig_transcript *tr, const csig_int *N,
                      const csig_pedersen *verifier, const csig_zk_fac *p)
{
    csig_transcript t = *tr;

    csig_transcript_nat(&t, N, CSIG_N_BYTES);
    csig_zk_absorb_pedersen(&t, verifier);
    csig_transcript_msg(&t, commitment_wire, p);
    csig_zk_challenge(e, &t);
}

/* The masks of one proof. */
typedef struct masks {
    csig_sec alpha, beta, mu, nu, r, x, y;
} masks;

static void masks_wipe(masks *k)
{
    csig_wipe(k, sizeof *k);
}

static void masks_random(masks *k, csig_rng *rng, const csig_int *N, const csig_int *Nh)
{
    csig_int NNh;

    csig_int_mul(&NNh, N, Nh);
    csig_sec_random_pm(&k->alpha, rng, Z_BITS);
    csig_sec_random_pm(&k->beta, rng, Z_BITS);
    csig_sec_random_pm_times(&k->mu, rng, CSIG_ELL, Nh);
    csig_sec_random_pm_times(&k->nu, rng, CSIG_ELL, Nh);
    csig_sec_random_pm_times(&k->r, rng, CSIG_ELL + CSIG_EPS, &NNh);
    csig_sec_random_pm_times(&k->x, rng, CSIG_ELL + CSIG_EPS, Nh);
    csig_sec_random_pm_times(&k->y, rng, CSIG_ELL + CSIG_EPS, Nh);
}

csig_err csig_zk_fac_prove(csig_zk_fac *p, const csig_env *env, const csig_transcript *tr,
                           const csig_ring *N, const csig_factors *f, const csig_pedersen *verifier)
{
    CSIG_AUTO(csig_sec) minus_nu_p;
    CSIG_AUTO(masks) k;
    csig_zk_e e;

    masks_random(&k, env->rng, &N->n, &verifier->ring.n);

    /* P = RP(p, mu),  Q = RP(q, nu),  A = RP(alpha, x),  B = RP(beta, y) */
    csig_job first[] = {
        csig_pedersen_commit_job(verifier, &p->P, &f->p, &k.mu),
        csig_pedersen_commit_job(verifier, &p->Q, &f->q, &k.nu),
        csig_pedersen_commit_job(verifier, &p->A, &k.alpha, &k.x),
        csig_pedersen_commit_job(verifier, &p->B, &k.beta, &k.y),
    };
    CSIG_TRY(csig_exp_run(env->engine, first, CSIG_ARRAY_LEN(first)));

    /* T = Q^alpha t^r; r is longer than the table of t serves */
    csig_job T = {
        .ring = &verifier->ring,
        .own = verifier->own,
        .term = {{.base = &p->Q, .secret_exp = &k.alpha},
                 {.base = &verifier->t, .secret_exp = &k.r}},
        .terms = 2,
        .out = &p->T,
    };
    CSIG_TRY(csig_exp_run(env->engine, &T, 1));

    challenge(&e, tr, &N->n, verifier, p);

    /* z1 = alpha + e p,  z2 = beta + e q,  w1 = x + e mu,  w2 = y + e nu,  v = r - e nu p */
    csig_sec_response(&p->z1, &k.alpha, &e.e, &f->p);
    csig_sec_response(&p->z2, &k.beta, &e.e, &f->q);
    csig_sec_response(&p->w1, &k.x, &e.e, &k.mu);
    csig_sec_response(&p->w2, &k.y, &e.e, &k.nu);
    csig_sec_mul(&minus_nu_p, &k.nu, &f->p);
    csig_sec_neg(&minus_nu_p, &minus_nu_p);
    csig_sec_response(&p->v, &k.r, &e.e, &minus_nu_p);
    return CSIG_OK;
}

csig_err csig_zk_fac_verify(const csig_zk_fac *p, const csig_env *env, const csig_transcript *tr,
                            const csig_int *N, const csig_pedersen *verifier)
{
    const csig_int *Nh = &verifier->ring.n;
    const csig_int *const in_Nh[] = {&p->P, &p->Q, &p->A, &p->B, &p->T};
    CSIG_AUTO(csig_sec) room_A;
    CSIG_AUTO(csig_sec) room_B;
    csig_int A, B, T, minus_e_N;
    csig_zk_e e;

    /* |N| is what sqrt(N) was defined by */
    CSIG_REQUIRE(!N->neg && csig_int_bits(N) == CSIG_N_BITS, CSIG_E_MODULUS);

    /* P, Q, A, B, T in Z*_{N^} */
    CSIG_REQUIRE(csig_zk_has_only_units(in_Nh, CSIG_ARRAY_LEN(in_Nh), Nh, Nh), CSIG_E_PROOF);

    /* |z1|, |z2| <= 2^(l + eps) sqrt(N): the claim */
    CSIG_REQUIRE(csig_int_is_within(&p->z1, Z_BITS), CSIG_E_PROOF);
    CSIG_REQUIRE(csig_int_is_within(&p->z2, Z_BITS), CSIG_E_PROOF);

    /* |w1|, |w2| <= 2^(l + eps + 1) N^ */
    CSIG_REQUIRE(csig_int_is_within_times(&p->w1, W_BITS, Nh), CSIG_E_PROOF);
    CSIG_REQUIRE(csig_int_is_within_times(&p->w2, W_BITS, Nh), CSIG_E_PROOF);

    /* |v| <= 2^(l + eps + 1) N N^ */
    csig_int_mul(&T, N, Nh);
    CSIG_REQUIRE(csig_int_is_within_times(&p->v, V_BITS, &T), CSIG_E_PROOF);

    challenge(&e, tr, N, verifier, p);
    csig_int_mul(&minus_e_N, &e.minus_e, N);

    csig_job check[] = {
        csig_pedersen_check_job(verifier, &A, &p->z1, &p->w1, &p->P, &e.minus_e, &room_A),
        csig_pedersen_check_job(verifier, &B, &p->z2, &p->w2, &p->Q, &e.minus_e, &room_B),
        {.ring = &verifier->ring,
         .own = verifier->own,
         .term = {{.base = &p->Q, .exp = &p->z1},
                  {.base = &verifier->t, .exp = &p->v},
                  {.base = &verifier->s, .exp = &minus_e_N}},
         .terms = 3,
         .out = &T},
    };
    CSIG_TRY(csig_exp_run(env->engine, check, CSIG_ARRAY_LEN(check)));

    /* RP(z1, w1) = A P^e  mod N^ */
    CSIG_REQUIRE(csig_int_is_eq(&A, &p->A), CSIG_E_PROOF);

    /* RP(z2, w2) = B Q^e  mod N^ */
    CSIG_REQUIRE(csig_int_is_eq(&B, &p->B), CSIG_E_PROOF);

    /* Q^z1 t^v = T (s^N)^e  mod N^ */
    CSIG_REQUIRE(csig_int_is_eq(&T, &p->T), CSIG_E_PROOF);
    return CSIG_OK;
}
