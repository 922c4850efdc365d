/* Own auxiliary info: made from four primes, and at rest. At rest are, sealed, the primes, lambda
 * and the hash of the record; behind them the record itself, which is public and much larger. */
#include <string.h>

#include "base/ct.h"
#include "base/mem.h"
#include "crypto/sealed.h"
#include "share/device.h"
#include "share/primes.h"
#include "share/record.h"

/* --- made --- */

/* N and N^ of the primes. */
static void make_moduli(csig_aux *aux, const csig_sec prime[CSIG_DEVICE_PRIMES])
{
    csig_factors_init(&aux->n_factors, &prime[0], &prime[1]);
    csig_factors_init(&aux->n_hat_factors, &prime[2], &prime[3]);
    csig_factors_product(&aux->pub.n, &aux->n_factors);
    csig_factors_product(&aux->pub.n_hat, &aux->n_hat_factors);
}

/* s = t^lambda mod N^ */
static csig_err power_of_t(csig_int *s, const csig_aux *aux, const csig_ring *ring,
                           const csig_engine *engine)
{
    csig_job job = {
        .ring = ring,
        .own = &aux->n_hat_factors,
        .term = {{.base = &aux->pub.t, .secret_exp = &aux->lambda}},
        .terms = 1,
        .out = s,
    };

    return csig_exp_run(engine, &job, 1);
}

/* t = r^2 for r uniform in Z*_N^, lambda uniform below phi(N^), s = t^lambda */
static csig_err make_pedersen(csig_aux *aux, const csig_env *env)
{
    CSIG_AUTO(csig_sec) r;
    csig_ring ring;
    csig_int two;
    csig_job square = {
        .ring = &ring,
        .own = &aux->n_hat_factors,
        .term = {{.secret_base = &r, .exp = &two}},
        .terms = 1,
        .out = &aux->pub.t,
    };

    CSIG_ASSERT(csig_ring_has_init(&ring, &aux->pub.n_hat));
    csig_int_set_u64(&two, 2);
    csig_sec_random_unit(&r, env->rng, &aux->pub.n_hat);
    CSIG_TRY(csig_exp_run(env->engine, &square, 1));
    csig_factors_random_exponent(&aux->lambda, &aux->n_hat_factors, env->rng);
    return power_of_t(&aux->pub.s, aux, &ring, env->engine);
}

/* What is computed with, from pub and the factors. CSIG_E_MODULUS. */
static csig_err prepare(csig_aux *aux)
{
    CSIG_TRY(csig_paillier_init(&aux->paillier, &aux->pub.n, &aux->n_factors));
    return csig_pedersen_init(&aux->pedersen, &aux->pub.n_hat, &aux->pub.s, &aux->pub.t,
                              &aux->n_hat_factors, &aux->lambda);
}

/* The record's octets are public and many. */
static csig_aux *aux_alloc(void)
{
    csig_aux *aux = csig_secret_alloc(sizeof *aux);

    if (aux == NULL) return NULL;
    aux->record = csig_public_alloc(csig_wire_size(csig_aux_record_wire));
    if (aux->record != NULL) return aux;
    csig_secret_free(aux);
    return NULL;
}

static csig_err make_record(csig_aux *aux, const csig_ed_key *key, const csig_env *env)
{
    csig_aux_record *record = csig_public_alloc(sizeof *record);
    csig_err err;

    CSIG_REQUIRE(record != NULL, CSIG_E_MEMORY);
    err = csig_aux_record_make(record, aux, key, env);
    if (err == CSIG_OK)
        csig_wire_write(csig_aux_record_wire, record, aux->record,
                        csig_wire_size(csig_aux_record_wire));
    csig_public_free(record);
    return err;
}

static csig_err make(csig_aux *aux, const csig_primes *primes, const csig_identity *id,
                     uint64_t generation, const csig_engine *engine)
{
    CSIG_AUTO(csig_rng) rng;
    const csig_env env = {.rng = &rng, .engine = engine};
    uint8_t seed[32];

    CSIG_REQUIRE(primes != NULL && id != NULL && generation > 0, CSIG_E_ARGUMENT);
    CSIG_REQUIRE(primes->found == CSIG_DEVICE_PRIMES, CSIG_E_STATE);
    csig_identity_seed(id, seed);
    csig_rng_init(&rng, seed, NULL);
    csig_wipe(seed, sizeof seed);

    memcpy(aux->pub.owner, id->key.id, sizeof aux->pub.owner);
    aux->pub.generation = generation;
    make_moduli(aux, primes->prime);
    CSIG_TRY(make_pedersen(aux, &env));
    csig_aux_pub_id(&aux->pub);
    CSIG_TRY(prepare(aux));
    return make_record(aux, &id->key, &env);
}

csig_err csig_aux_new(csig_aux **aux, csig_primes *primes, const csig_identity *id,
                      uint64_t generation, const csig_engine *engine)
{
    csig_aux *a = aux_alloc();
    csig_err err = CSIG_E_MEMORY;

    if (a != NULL) err = make(a, primes, id, generation, engine);
    if (aux == NULL) err = CSIG_E_ARGUMENT;
    csig_primes_free(primes);
    if (err != CSIG_OK) {
        csig_aux_free(a);
        a = NULL;
    }
    if (aux != NULL) *aux = a;
    return err;
}

void csig_aux_id(const csig_aux *aux, uint8_t id[CSIG_AUX_ID_BYTES])
{
    memcpy(id, aux->pub.id, CSIG_AUX_ID_BYTES);
}

uint64_t csig_aux_generation(const csig_aux *aux)
{
    return aux->pub.generation;
}

void csig_aux_free(csig_aux *aux)
{
    if (aux == NULL) return;
    csig_public_free(aux->record);
    csig_secret_free(aux);
}

/* --- at rest --- */

typedef struct rest {
    csig_sec prime[CSIG_DEVICE_PRIMES], lambda;
    uint8_t record[CSIG_HASH_BYTES]; /* hash of the record's octets */
} rest;

static void sec_wire(csig_wire *w, csig_sec *x, size_t bytes)
{
    if (w->op == CSIG_WIRE_READ) {
        const uint8_t *in = csig_wire_get(w, CSIG_FIELD_BYTES, bytes);

        if (in != NULL) csig_sec_from_bytes(x, in, bytes);
    } else {
        uint8_t *out = csig_wire_put(w, CSIG_FIELD_BYTES, bytes);

        if (out != NULL) csig_sec_to_bytes(out, bytes, x);
    }
}

static void rest_wire(csig_wire *w, void *msg)
{
    rest *r = msg;

    for (size_t i = 0; i < CSIG_DEVICE_PRIMES; i++)
        sec_wire(w, &r->prime[i], CSIG_P_BYTES);
    sec_wire(w, &r->lambda, CSIG_N_BYTES);
    csig_bytes_wire(w, r->record, sizeof r->record);
    /* the hash of what is public */
    if (w->op == CSIG_WIRE_READ) csig_ct_public(r->record, sizeof r->record);
}

static void record_hash(uint8_t hash[CSIG_HASH_BYTES], const uint8_t *record)
{
    csig_transcript t;

    csig_transcript_init(&t, CSIG_LABEL_AUX_RECORD);
    csig_transcript_bytes(&t, record, csig_wire_size(csig_aux_record_wire));
    csig_transcript_hash(&t, hash);
}

static csig_err export_secrets(const csig_aux *aux, const csig_sealer *sealer, uint8_t *out,
                               size_t *len)
{
    csig_object what = {.kind = CSIG_KIND_AUX_SECRET, .epoch = aux->pub.generation};
    rest *r = csig_secret_alloc(sizeof *r);
    csig_err err;

    CSIG_REQUIRE(r != NULL, CSIG_E_MEMORY);
    memcpy(what.id, aux->pub.id, sizeof what.id);
    r->prime[0] = aux->n_factors.p;
    r->prime[1] = aux->n_factors.q;
    r->prime[2] = aux->n_hat_factors.p;
    r->prime[3] = aux->n_hat_factors.q;
    r->lambda = aux->lambda;
    record_hash(r->record, aux->record);
    err = csig_sealed_write(sealer, &what, rest_wire, r, out, len);
    csig_secret_free(r);
    return err;
}

csig_err csig_aux_export(const csig_aux *aux, const csig_sealer *sealer, uint8_t *out, size_t *len)
{
    const size_t record_len = csig_wire_size(csig_aux_record_wire);
    const size_t need = CSIG_OBJECT_SEALED_BYTES(csig_wire_size(rest_wire)) + record_len;

    CSIG_REQUIRE(aux != NULL && sealer != NULL && len != NULL, CSIG_E_ARGUMENT);
    if (out == NULL || *len < need) {
        *len = need;
        return CSIG_E_BUFFER;
    }
    *len -= record_len;
    CSIG_TRY(export_secrets(aux, sealer, out, len));
    memcpy(out + *len, aux->record, record_len);
    *len += record_len;
    return CSIG_OK;
}

/* Two different ones of the form that csig_factors_init asks for. What is sealed is ours; this
 * turns a mistake of the host into an error. */
static bool has_form(const csig_sec *p, const csig_sec *q)
{
    const uint32_t top = (CSIG_P_BITS - 1) % GMP_NUMB_BITS;
    uint8_t good = (p->d[0] & 3) == 3;

    good &= (q->d[0] & 3) == 3;
    good &= (p->d[CSIG_P_LIMBS - 1] >> top) == 1;
    good &= (q->d[CSIG_P_LIMBS - 1] >> top) == 1;
    good &= !csig_is_same(p->d, q->d, sizeof p->d);
    csig_ct_public(&good, sizeof good); /* ours are good */
    return good == 1;
}

/* Before anything is computed with them: what follows exists for the primes of the record alone. */
static bool are_factors(const csig_sec *p, const csig_sec *q, const csig_int *n)
{
    CSIG_AUTO(csig_factors) f;
    csig_int product;

    if (!has_form(p, q)) return false;
    f.p = *p;
    f.q = *q;
    csig_factors_product(&product, &f);
    return csig_int_is_eq(&product, n);
}

static csig_err read_record(csig_aux *aux, const uint8_t *in, size_t len)
{
    csig_aux_record *record = csig_public_alloc(sizeof *record);
    csig_err err;

    CSIG_REQUIRE(record != NULL, CSIG_E_MEMORY);
    err = csig_wire_read(csig_aux_record_wire, record, in, len);
    aux->pub = record->pub;
    csig_public_free(record);
    return err;
}

/* The secrets are those of the record: N, N^ and s follow from them. */
static csig_err check_secrets(csig_aux *aux, const rest *r)
{
    csig_aux_pub made;

    CSIG_REQUIRE(are_factors(&r->prime[0], &r->prime[1], &aux->pub.n), CSIG_E_FORMAT);
    CSIG_REQUIRE(are_factors(&r->prime[2], &r->prime[3], &aux->pub.n_hat), CSIG_E_FORMAT);
    made = aux->pub;
    make_moduli(aux, r->prime);
    aux->lambda = r->lambda;
    CSIG_REQUIRE(prepare(aux) == CSIG_OK, CSIG_E_FORMAT);
    CSIG_TRY(power_of_t(&made.s, aux, &aux->pedersen.ring, NULL));
    CSIG_REQUIRE(csig_int_is_eq(&made.s, &aux->pub.s), CSIG_E_FORMAT);
    return CSIG_OK;
}

static csig_err restore(csig_aux *aux, const csig_object *said, const rest *r,
                        const uint8_t *record)
{
    const size_t record_len = csig_wire_size(csig_aux_record_wire);
    uint8_t hash[CSIG_HASH_BYTES];

    record_hash(hash, record);
    CSIG_REQUIRE(csig_is_same(hash, r->record, sizeof hash), CSIG_E_SEAL);
    CSIG_TRY(read_record(aux, record, record_len));
    CSIG_REQUIRE(csig_is_same(said->id, aux->pub.id, sizeof said->id), CSIG_E_FORMAT);
    CSIG_REQUIRE(said->epoch == aux->pub.generation, CSIG_E_FORMAT);
    CSIG_TRY(check_secrets(aux, r));
    memcpy(aux->record, record, record_len);
    return CSIG_OK;
}

static csig_err import(csig_aux *aux, const csig_sealer *sealer, const uint8_t *in, size_t len)
{
    const size_t record_len = csig_wire_size(csig_aux_record_wire);
    csig_object said = {.kind = CSIG_KIND_AUX_SECRET};
    rest *r;
    csig_err err;

    CSIG_TRY(csig_kind_check(in, len, CSIG_KIND_AUX_SECRET));
    CSIG_REQUIRE(len > record_len, CSIG_E_LENGTH);
    r = csig_secret_alloc(sizeof *r);
    CSIG_REQUIRE(r != NULL, CSIG_E_MEMORY);
    err = csig_sealed_read(sealer, &said, rest_wire, r, in, len - record_len);
    if (err == CSIG_OK) err = restore(aux, &said, r, in + (len - record_len));
    csig_secret_free(r);
    return err;
}

csig_err csig_aux_import(csig_aux **aux, const csig_sealer *sealer, const uint8_t *in, size_t len)
{
    csig_aux *a;
    csig_err err;

    CSIG_REQUIRE(aux != NULL, CSIG_E_ARGUMENT);
    *aux = NULL;
    CSIG_REQUIRE(sealer != NULL && in != NULL, CSIG_E_ARGUMENT);
    a = aux_alloc();
    CSIG_REQUIRE(a != NULL, CSIG_E_MEMORY);
    err = import(a, sealer, in, len);
    if (err == CSIG_OK) {
        *aux = a;
    } else {
        csig_aux_free(a);
    }
    return err;
}
