/* Pi-prm: s is a power of t mod N^. 128 rounds with a one-bit challenge each. protocol.md 1.3. */
#include "zk/prm.h"

#include "base/mem.h"
#include "zk/common.h"

static void commitment_wire(csig_wire *w, void *proof)
{
    csig_zk_prm *p = proof;

    for (size_t i = 0; i < CSIG_REPEAT; i++)
        csig_bytes_wire(w, p->A[i], CSIG_N_BYTES);
}

void csig_zk_prm_wire(csig_wire *w, void *proof)
{
    csig_zk_prm *p = proof;

    commitment_wire(w, p);
    for (size_t i = 0; i < CSIG_REPEAT; i++)
        csig_bytes_wire(w, p->z[i], CSIG_N_BYTES);
}

static void challenge(uint8_t bits[CSIG_REPEAT / 8], const csig_transcript *tr,
                      const csig_pedersen *v, const csig_zk_prm *p)
{
    csig_transcript t = *tr;

    csig_zk_absorb_pedersen(&t, v);
    csig_transcript_list(&t, CSIG_REPEAT);
    for (size_t i = 0; i < CSIG_REPEAT; i++)
        csig_transcript_bytes(&t, p->A[i], CSIG_N_BYTES);
    csig_transcript_challenge_bits(&t, bits);
}

/* Public numbers of all rounds: too large for the stack. */
typedef struct rounds {
    csig_job job[CSIG_REPEAT];
    csig_int A[CSIG_REPEAT];
    csig_int z[CSIG_REPEAT];
    csig_int power[CSIG_REPEAT]; /* t^z_i */
} rounds;

static csig_err prove(csig_zk_prm *p, const csig_env *env, const csig_transcript *tr,
                      const csig_pedersen *ours, csig_sec a[CSIG_REPEAT], rounds *m)
{
    uint8_t e[CSIG_REPEAT / 8];

    /* A_i = t^a_i, a_i uniform mod phi(N^) */
    for (size_t i = 0; i < CSIG_REPEAT; i++) {
        csig_factors_random_exponent(&a[i], ours->own, env->rng);
        m->job[i] = (csig_job){
            .ring = &ours->ring,
            .own = ours->own,
            .term = {{.base = &ours->t, .secret_exp = &a[i]}},
            .terms = 1,
            .out = &m->A[i],
        };
    }
    CSIG_TRY(csig_exp_run(env->engine, m->job, CSIG_REPEAT));
    for (size_t i = 0; i < CSIG_REPEAT; i++)
        csig_int_to_bytes(p->A[i], CSIG_N_BYTES, &m->A[i]);

    challenge(e, tr, ours, p);

    /* z_i = a_i + e_i lambda mod phi(N^) */
    for (size_t i = 0; i < CSIG_REPEAT; i++) {
        csig_factors_response(&m->z[i], ours->own, &a[i], csig_zk_bit(e, i), ours->lambda);
        csig_int_to_bytes(p->z[i], CSIG_N_BYTES, &m->z[i]);
    }
    return CSIG_OK;
}

csig_err csig_zk_prm_prove(csig_zk_prm *p, const csig_env *env, const csig_transcript *tr,
                           const csig_pedersen *ours)
{
    csig_sec *a = csig_secret_alloc(CSIG_REPEAT * sizeof *a);
    rounds *m = csig_public_alloc(sizeof *m);
    const csig_err err = a != NULL && m != NULL ? prove(p, env, tr, ours, a, m) : CSIG_E_MEMORY;

    csig_public_free(m);
    csig_secret_free(a);
    return err;
}

/* s, t in Z*_{N^}, not 1 or N^ - 1, s != t */
static csig_err check_parameters(const csig_pedersen *v)
{
    const csig_int *Nh = &v->ring.n;
    const csig_int *const in_Nh[] = {&v->s, &v->t};
    csig_int minus_one;

    csig_int_set_u64(&minus_one, 1);
    csig_int_sub(&minus_one, Nh, &minus_one);
    CSIG_REQUIRE(csig_zk_has_only_units(in_Nh, CSIG_ARRAY_LEN(in_Nh), Nh, Nh), CSIG_E_MODULUS);
    CSIG_REQUIRE(!csig_int_is_one(&v->s), CSIG_E_MODULUS);
    CSIG_REQUIRE(!csig_int_is_one(&v->t), CSIG_E_MODULUS);
    CSIG_REQUIRE(!csig_int_is_eq(&v->s, &minus_one), CSIG_E_MODULUS);
    CSIG_REQUIRE(!csig_int_is_eq(&v->t, &minus_one), CSIG_E_MODULUS);
    CSIG_REQUIRE(!csig_int_is_eq(&v->s, &v->t), CSIG_E_MODULUS);
    return CSIG_OK;
}

/* One comb of t serves all rounds. */
static csig_err powers_of_t(rounds *m, const csig_env *env, const csig_pedersen *v)
{
    csig_comb *t = csig_comb_new(&v->ring, &v->t, CSIG_N_BITS);
    csig_err err;

    CSIG_REQUIRE(t != NULL, CSIG_E_MEMORY);
    for (size_t i = 0; i < CSIG_REPEAT; i++)
        m->job[i] = (csig_job){
            .ring = &v->ring,
            .term = {{.base = &v->t, .exp = &m->z[i], .comb = t}},
            .terms = 1,
            .out = &m->power[i],
        };
    err = csig_exp_run(env->engine, m->job, CSIG_REPEAT);
    csig_comb_free(t);
    return err;
}

static csig_err verify(const csig_zk_prm *p, const csig_env *env, const csig_transcript *tr,
                       const csig_pedersen *v, rounds *m)
{
    const csig_int *Nh = &v->ring.n;
    const csig_int *in_Nh[CSIG_REPEAT];
    uint8_t e[CSIG_REPEAT / 8];

    CSIG_TRY(check_parameters(v));

    /* A_i in Z*_{N^} */
    for (size_t i = 0; i < CSIG_REPEAT; i++) {
        csig_int_from_bytes(&m->A[i], p->A[i], CSIG_N_BYTES);
        in_Nh[i] = &m->A[i];
    }
    CSIG_REQUIRE(csig_zk_has_only_units(in_Nh, CSIG_REPEAT, Nh, Nh), CSIG_E_PROOF);

    /* 0 <= z_i < N^ */
    for (size_t i = 0; i < CSIG_REPEAT; i++) {
        csig_int_from_bytes(&m->z[i], p->z[i], CSIG_N_BYTES);
        CSIG_REQUIRE(csig_int_cmp(&m->z[i], Nh) < 0, CSIG_E_PROOF);
    }

    challenge(e, tr, v, p);
    CSIG_TRY(powers_of_t(m, env, v));

    /* t^z_i = A_i s^e_i  mod N^ */
    for (size_t i = 0; i < CSIG_REPEAT; i++) {
        if (csig_zk_bit(e, i) == 1) csig_int_mulm(&m->A[i], &m->A[i], &v->s, Nh);
        CSIG_REQUIRE(csig_int_is_eq(&m->power[i], &m->A[i]), CSIG_E_PROOF);
    }
    return CSIG_OK;
}

csig_err csig_zk_prm_verify(const csig_zk_prm *p, const csig_env *env, const csig_transcript *tr,
                            const csig_pedersen *theirs)
{
    rounds *m = csig_public_alloc(sizeof *m);
    const csig_err err = m != NULL ? verify(p, env, tr, theirs, m) : CSIG_E_MEMORY;

    csig_public_free(m);
    return err;
}
