/* The exponentiation engine under valgrind: every secret path once, with all of its secrets
 * undefined memory. Built everywhere; means something only in CSIG_CT builds under valgrind. */
#include <string.h>

#include "base/ct.h"
#include "num/comb.h"
#include "num/exp.h"
#include "support/engine.h"
#include "support/oracle.h"

typedef struct fixture {
    csig_ring ring;
    csig_factors own;
    csig_comb *comb;
    csig_rng rng;
    csig_int base, c, w, e, minus_e, out, one;
    csig_sec unit, exponent, negative, plain, secret_out;
    mpz_t n, t;
} fixture;

static fixture f;

/* As a value, its sign and its digits; the bound stays public. */
static void hide(csig_sec *x)
{
    csig_ct_secret(&x->neg, sizeof x->neg);
    csig_ct_secret(x->d, sizeof x->d);
}

static void set_secret(csig_sec *x, uint32_t bits, bool neg)
{
    oracle_bits(f.t, bits);
    if (neg) mpz_neg(f.t, f.t);
    oracle_to_sec(x, f.t, bits + 1);
    hide(x);
}

static void set_up(void)
{
    csig_sec p, q;

    mpz_inits(f.n, f.t, NULL);
    oracle_seed(1);
    oracle_prime(f.n, 0);
    oracle_to_sec(&p, f.n, CSIG_P_BITS);
    oracle_prime(f.t, 1);
    oracle_to_sec(&q, f.t, CSIG_P_BITS);
    mpz_mul(f.n, f.n, f.t);
    hide(&p);
    hide(&q);
    csig_factors_init(&f.own, &p, &q);
    csig_factors_product(&f.out, &f.own);
    CSIG_ASSERT(csig_ring_has_init(&f.ring, &f.out));
    do
        oracle_below(f.t, f.n);
    while (mpz_jacobi(f.t, f.n) != -1);
    oracle_to_int(&f.w, f.t);
    oracle_below(f.t, f.n);
    oracle_to_int(&f.base, f.t);
    mpz_mul(f.t, f.t, f.n);
    mpz_add_ui(f.t, f.t, 17);
    oracle_to_int(&f.c, f.t);
    oracle_bits(f.t, 64);
    oracle_to_int(&f.e, f.t);
    mpz_neg(f.t, f.t);
    oracle_to_int(&f.minus_e, f.t);
    csig_int_set_u64(&f.one, 1);
    oracle_below(f.t, f.n);
    oracle_to_sec(&f.unit, f.t, CSIG_N_BITS);
    hide(&f.unit);
    set_secret(&f.exponent, 200, false);
    set_secret(&f.negative, 200, true);
    set_secret(&f.plain, CSIG_ELL_P, true);
    csig_rng_init(&f.rng, NULL, NULL);
    f.comb = csig_comb_new(&f.ring, &f.base, 600);
    CSIG_ASSERT(f.comb != NULL);
}

/* Into a public and into a secret number; the latter stays secret. */
static void run(csig_job *job, const csig_engine *engine)
{
    job->ring = &f.ring;
    job->out = &f.out;
    CSIG_ASSERT(csig_exp_run(engine, job, 1) == CSIG_OK);
    job->out = NULL;
    job->secret_out = &f.secret_out;
    CSIG_ASSERT(csig_exp_run(engine, job, 1) == CSIG_OK);
    job->secret_out = NULL;
}

static void peers_modulus(void)
{
    csig_job power = {.term = {{.base = &f.base, .secret_exp = &f.negative}}, .terms = 1};
    csig_job comb = {.term = {{.base = &f.base, .secret_exp = &f.negative, .comb = f.comb},
                              {.base = &f.base, .secret_exp = &f.exponent, .comb = f.comb}},
                     .terms = 2};
    csig_job response = {
        .term = {{.secret_base = &f.unit, .exp = &f.e}, {.secret_base = &f.unit, .exp = &f.one}},
        .terms = 2};
    csig_job affine = {
        .squared = true,
        .term = {{.base = &f.c, .secret_exp = &f.negative}, {.secret_base = &f.unit, .exp = &f.e}},
        .terms = 2,
        .secret_plain = &f.plain,
        .times = &f.base};

    run(&power, NULL);
    run(&comb, NULL);
    run(&response, NULL);
    run(&affine, NULL);
}

static void own_modulus(void)
{
    csig_job encrypt = {.own = &f.own,
                        .squared = true,
                        .term = {{.secret_base = &f.unit, .exp = &f.ring.n}},
                        .terms = 1,
                        .secret_plain = &f.plain};
    csig_job check = {
        .own = &f.own,
        .squared = true,
        .term = {{.base = &f.c, .secret_exp = &f.negative}, {.base = &f.c, .exp = &f.minus_e}},
        .terms = 2,
        .plain = &f.minus_e};
    csig_job lambda = {
        .own = &f.own,
        .term = {{.base = &f.base, .secret_exp = &f.unit}, {.base = &f.w, .exp = &f.minus_e}},
        .terms = 2};

    run(&encrypt, NULL);
    run(&check, NULL);
    run(&lambda, NULL);
}

static void decryption_and_roots(void)
{
    csig_int y;
    uint8_t a, b;

    CSIG_ASSERT(csig_factors_decrypt(&f.secret_out, NULL, &f.ring, &f.own, &f.c, &f.rng) ==
                CSIG_OK);
    CSIG_ASSERT(csig_factors_nth_root(&y, NULL, &f.ring, &f.own, &f.base) == CSIG_OK);
    CSIG_ASSERT(csig_factors_fourth_root(&y, &a, &b, NULL, &f.ring, &f.own, &f.w, &f.base) ==
                CSIG_OK);
    csig_factors_random_exponent(&f.secret_out, &f.own, &f.rng);
    csig_factors_response(&y, &f.own, &f.secret_out, 1, &f.secret_out);
}

/* An engine that computes nothing: what is around the call is looked at. Octets of public tasks are
 * public, those of secret ones are not. */
static int look(void *ctx, csig_modexp *jobs, size_t n)
{
    (void)ctx;
    for (size_t i = 0; i < n; i++) {
        memcpy(jobs[i].result, jobs[i].base, jobs[i].modulus_len);
        if (jobs[i].secret == 1) csig_ct_secret(jobs[i].result, jobs[i].modulus_len);
    }
    return 0;
}

static void around_an_engine(void)
{
    const csig_engine engine = {.run = look};
    csig_job jobs[2] = {
        {.own = &f.own,
         .squared = true,
         .term = {{.secret_base = &f.unit, .exp = &f.ring.n}, {.base = &f.c, .exp = &f.minus_e}},
         .terms = 2,
         .secret_plain = &f.plain},
        {.term = {{.base = &f.base, .secret_exp = &f.negative}}, .terms = 1}};

    run(&jobs[0], &engine);
    run(&jobs[1], &engine);
}

/* The candidate may be secret, the answer is not. */
static void fermat_test(void)
{
    CSIG_ASSERT(csig_mont_is_fermat2(f.own.p.d, CSIG_P_LIMBS));
}

int main(void)
{
    set_up();
    peers_modulus();
    own_modulus();
    decryption_and_roots();
    around_an_engine();
    fermat_test();
    csig_factors_wipe(&f.own);
    csig_comb_free(f.comb);
    return 0;
}
