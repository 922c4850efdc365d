/* Own auxiliary info: what the generator makes (A9), and what rests. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "crypto/header.h"
#include "share/device.h"
#include "share/record.h"
#include "support/devices.h"
#include "support/engine.h"
#include "support/oracle.h"

static const uint8_t key[32] = {6};

typedef struct fixture {
    csig_identity *id;
    csig_aux *aux;
    uint8_t *rest; /* exported */
    size_t len;
} fixture;

static void expect_safe_prime(const csig_sec *p)
{
    mpz_t z;

    mpz_init(z);
    oracle_from_sec(z, p);
    assert_int_equal(mpz_sizeinbase(z, 2), CSIG_P_BITS);
    assert_int_not_equal(mpz_probab_prime_p(z, 30), 0);
    mpz_tdiv_q_2exp(z, z, 1);
    assert_int_not_equal(mpz_probab_prime_p(z, 30), 0);
    mpz_clear(z);
}

/* N and N^ are products of two different safe primes each, all four different; t is a square of
 * both primes of N^ and s a power of t, neither of them degenerate. */
static void A9_the_generator(void **state)
{
    const fixture *f = *state;
    const csig_aux *a = f->aux;
    const csig_sec *prime[] = {&a->n_factors.p, &a->n_factors.q, &a->n_hat_factors.p,
                               &a->n_hat_factors.q};
    csig_int n, p, lambda, s;

    for (size_t i = 0; i < 4; i++) {
        expect_safe_prime(prime[i]);
        for (size_t j = 0; j < i; j++)
            assert_memory_not_equal(prime[i]->d, prime[j]->d, sizeof prime[i]->d);
    }
    for (size_t i = 2; i < 4; i++) {
        csig_sec_reveal(&p, prime[i]);
        assert_int_equal(csig_int_jacobi(&a->pub.t, &p), 1);
        assert_int_equal(csig_int_jacobi(&a->pub.s, &p), 1);
    }
    csig_factors_product(&n, &a->n_factors);
    assert_true(csig_int_is_eq(&n, &a->pub.n) && csig_int_bits(&n) == CSIG_N_BITS);
    csig_factors_product(&n, &a->n_hat_factors);
    assert_true(csig_int_is_eq(&n, &a->pub.n_hat) && csig_int_bits(&n) == CSIG_N_BITS);
    csig_sec_reveal(&lambda, &a->lambda);
    assert_true(csig_int_bits(&lambda) > CSIG_N_BITS - 128);
    csig_int_powm_var(&s, &a->pub.t, &lambda, &n);
    assert_true(csig_int_is_eq(&s, &a->pub.s));
    assert_false(csig_int_is_eq(&a->pub.s, &a->pub.t));
}

static void it_is_of_its_owner(void **state)
{
    const fixture *f = *state;
    uint8_t id[CSIG_AUX_ID_BYTES], pub[CSIG_IDENTITY_BYTES];
    csig_aux_pub again = f->aux->pub;

    csig_aux_id(f->aux, id);
    csig_aux_pub_id(&again);
    assert_memory_equal(id, again.id, sizeof id);
    csig_identity_public(f->id, pub);
    assert_memory_equal(pub, again.owner, sizeof pub);
    assert_int_equal(csig_aux_generation(f->aux), 7);
}

/* A search that is not done, or no generation: refused, and the search is used up all the same. */
static void what_it_is_made_from(void **state)
{
    const fixture *f = *state;
    csig_primes *p = devices_primes(0);
    csig_aux *aux = f->aux;

    p->found = 3;
    assert_int_equal(csig_aux_new(&aux, p, f->id, 1, NULL), CSIG_E_STATE);
    assert_null(aux);
    assert_int_equal(csig_aux_new(&aux, devices_primes(0), f->id, 0, NULL), CSIG_E_ARGUMENT);
    assert_null(aux);
    csig_aux_free(NULL);
}

static int broken(void *ctx, csig_modexp *jobs, size_t n)
{
    (void)ctx, (void)jobs, (void)n;
    return -1;
}

static void a_failing_engine(void **state)
{
    const csig_engine engine = {.run = broken};
    const fixture *f = *state;
    csig_aux *aux;

    assert_int_equal(csig_aux_new(&aux, devices_primes(0), f->id, 1, &engine), CSIG_E_ENGINE);
    assert_null(aux);
}

/* Computes as GMP does, but for one octet of one result. */
typedef struct faulty {
    test_engine good;
    size_t wrong; /* the number of the job, from 0 */
} faulty;

static int run_faulty(void *ctx, csig_modexp *jobs, size_t n)
{
    faulty *f = ctx;
    const size_t first = f->good.jobs;
    const int failed = f->good.engine.run(&f->good, jobs, n);

    if (f->wrong >= first && f->wrong < first + n)
        jobs[f->wrong - first].result[jobs[f->wrong - first].modulus_len - 1] ^= 1;
    return failed;
}

/* One result that is wrong modulo one prime: the record with it would factor the modulus. */
static void a_wrong_result_does_not_leave(void **state)
{
    /* of r^2, t^lambda, a fourth root, an N-th root, t^a */
    static const size_t wrong[] = {0, 3, 4, 7, 4 + 2 * (CSIG_REPEAT + CSIG_MOD_NTH_ROOTS)};
    const fixture *f = *state;

    for (size_t i = 0; i < CSIG_ARRAY_LEN(wrong); i++) {
        faulty engine = {.wrong = wrong[i]};
        const csig_engine e = {.ctx = &engine, .run = run_faulty};
        csig_aux *aux;
        csig_err err;

        test_engine_init(&engine.good);
        err = csig_aux_new(&aux, devices_primes(0), f->id, 1, &e);
        /* t stays the square of something else, and that is as good */
        assert_int_equal(err, i == 0 ? CSIG_OK : CSIG_E_ENGINE);
        csig_aux_free(aux);
    }
}

static csig_err imported(csig_aux **aux, const uint8_t *in, size_t len)
{
    const csig_sealer sealer = csig_sealer_from_key(key);

    return csig_aux_import(aux, &sealer, in, len);
}

static void round_trip(void **state)
{
    const fixture *f = *state;
    const csig_sealer sealer = csig_sealer_from_key(key);
    size_t len = f->len - 1;
    csig_aux *back;

    assert_int_equal(csig_aux_export(f->aux, &sealer, NULL, &len), CSIG_E_BUFFER);
    assert_true(len >= f->len);
    assert_int_equal(imported(&back, f->rest, f->len), CSIG_OK);
    assert_memory_equal(back->pub.id, f->aux->pub.id, sizeof back->pub.id);
    assert_memory_equal(back->lambda.d, f->aux->lambda.d, sizeof back->lambda.d);
    assert_memory_equal(back->n_factors.p.d, f->aux->n_factors.p.d, sizeof back->n_factors.p.d);
    assert_memory_equal(back->record, f->aux->record, csig_wire_size(csig_aux_record_wire));
    csig_aux_free(back);
}

/* An octet altered anywhere: in clear, in the sealed part, in the record behind it. */
static void altered_octets(void **state)
{
    fixture *f = *state;
    const size_t record_len = csig_wire_size(csig_aux_record_wire);
    const size_t at[] = {3,
                         34,
                         42,
                         60,
                         f->len - record_len - 1,
                         f->len - record_len,
                         f->len - record_len + 900,
                         f->len - 1};
    csig_aux *back;

    for (size_t i = 0; i < CSIG_ARRAY_LEN(at); i++) {
        f->rest[at[i]] ^= 1;
        assert_int_equal(imported(&back, f->rest, f->len), CSIG_E_SEAL);
        assert_null(back);
        f->rest[at[i]] ^= 1;
    }
    assert_int_equal(imported(&back, f->rest, f->len - 1), CSIG_E_SEAL);
    assert_int_equal(imported(&back, f->rest, record_len), CSIG_E_LENGTH);
    assert_int_equal(imported(&back, f->rest, 0), CSIG_E_LENGTH);
    f->rest[0] = CSIG_KIND_SHARE;
    assert_int_equal(imported(&back, f->rest, f->len), CSIG_E_KIND);
    f->rest[0] = CSIG_KIND_AUX_SECRET;
    f->rest[1]++;
    assert_int_equal(imported(&back, f->rest, f->len), CSIG_E_VERSION);
    f->rest[1]--;
    f->rest[2] ^= 128 ^ 112;
    assert_int_equal(imported(&back, f->rest, f->len), CSIG_E_LEVEL);
    f->rest[2] ^= 128 ^ 112;
}

/* Sealed by who has the key, but secrets that are not those of the record. */
static void expect_inconsistent(const fixture *f, void (*edit)(csig_aux *a))
{
    const csig_sealer sealer = csig_sealer_from_key(key);
    csig_aux *wrong = csig_secret_alloc(sizeof *wrong), *back;
    uint8_t *out = malloc(f->len + CSIG_SEAL_OVERHEAD);
    size_t len = f->len + CSIG_SEAL_OVERHEAD;

    assert_non_null(wrong);
    assert_non_null(out);
    *wrong = *f->aux;
    edit(wrong);
    assert_int_equal(csig_aux_export(wrong, &sealer, out, &len), CSIG_OK);
    assert_int_equal(imported(&back, out, len), CSIG_E_FORMAT);
    assert_null(back);
    free(out);
    csig_secret_free(wrong);
}

static void other_n(csig_aux *a)
{
    devices_prime(&a->n_factors.p, 8);
}
static void other_n_hat(csig_aux *a)
{
    devices_prime(&a->n_hat_factors.q, 8);
}
static void same_prime(csig_aux *a)
{
    a->n_factors.q = a->n_factors.p;
}
static void one_mod_four(csig_aux *a)
{
    a->n_hat_factors.p.d[0] ^= 2;
}
static void short_prime(csig_aux *a)
{
    a->n_factors.p.d[CSIG_P_LIMBS - 1] >>= 1;
}
/* Multiples of 3 of the right form: of these nothing that is computed from primes exists. */
static void no_primes(csig_aux *a)
{
    memset(a->n_factors.p.d, 0xff, CSIG_P_BYTES);
    memset(a->n_factors.q.d, 0xff, CSIG_P_BYTES);
    a->n_factors.q.d[0] -= 12;
}
static void no_hat_primes(csig_aux *a)
{
    memset(a->n_hat_factors.p.d, 0xff, CSIG_P_BYTES);
    memset(a->n_hat_factors.q.d, 0xff, CSIG_P_BYTES);
    a->n_hat_factors.q.d[0] -= 12;
}
static void other_lambda(csig_aux *a)
{
    a->lambda.d[0] ^= 1;
}
static void other_generation(csig_aux *a)
{
    a->pub.generation++;
}
static void other_id(csig_aux *a)
{
    a->pub.id[0] ^= 1;
}

static void inconsistent_secrets(void **state)
{
    static void (*const edits[])(csig_aux *) = {
        other_n,   other_n_hat,   same_prime,   one_mod_four,     short_prime,
        no_primes, no_hat_primes, other_lambda, other_generation, other_id};

    for (size_t i = 0; i < CSIG_ARRAY_LEN(edits); i++)
        expect_inconsistent(*state, edits[i]);
}

static int setup(void **state)
{
    static fixture f;
    const csig_sealer sealer = csig_sealer_from_key(key);

    assert_int_equal(csig_identity_new(&f.id), CSIG_OK);
    f.aux = devices_aux(0, f.id, 7);
    assert_int_equal(csig_aux_export(f.aux, &sealer, NULL, &f.len), CSIG_E_BUFFER);
    f.rest = malloc(f.len);
    assert_non_null(f.rest);
    assert_int_equal(csig_aux_export(f.aux, &sealer, f.rest, &f.len), CSIG_OK);
    *state = &f;
    return 0;
}

static int teardown(void **state)
{
    fixture *f = *state;

    csig_identity_free(f->id);
    csig_aux_free(f->aux);
    free(f->rest);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(A9_the_generator),
        cmocka_unit_test(it_is_of_its_owner),
        cmocka_unit_test(what_it_is_made_from),
        cmocka_unit_test(a_failing_engine),
        cmocka_unit_test(a_wrong_result_does_not_leave),
        cmocka_unit_test(round_trip),
        cmocka_unit_test(altered_octets),
        cmocka_unit_test(inconsistent_secrets),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
