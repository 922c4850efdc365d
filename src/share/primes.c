/* Four searches in turn. What rests of an unfinished one is its count: a search has no memory, so
 * starting it again loses nothing but the sieve of one row. */
#include "share/primes.h"

#include "base/ct.h"
#include "base/mem.h"
#include "crypto/sealed.h"

/* --- new, step, progress --- */

csig_err csig_primes_new(csig_primes **primes)
{
    csig_primes *p;

    CSIG_REQUIRE(primes != NULL, CSIG_E_ARGUMENT);
    *primes = NULL;
    p = csig_secret_alloc(sizeof *p);
    CSIG_REQUIRE(p != NULL, CSIG_E_MEMORY);
    csig_rng_init(&p->rng, NULL, NULL);
    p->search = csig_prime_search_new();
    if (p->search == NULL) {
        csig_primes_free(p);
        return CSIG_E_MEMORY;
    }
    *primes = p;
    return CSIG_OK;
}

void csig_primes_free(csig_primes *primes)
{
    if (primes == NULL) return;
    csig_prime_search_free(primes->search);
    csig_secret_free(primes);
}

static bool has_prime(const csig_primes *p, const csig_sec *x)
{
    bool found = false;

    for (unsigned i = 0; i < p->found; i++)
        found |= csig_is_same(p->prime[i].d, x->d, sizeof x->d);
    csig_ct_public(&found, sizeof found); /* the answer ends the search */
    return found;
}

/* Keep what the search has found and go on to the next. */
static csig_err keep(csig_primes *p)
{
    CSIG_AUTO(csig_sec) x;

    csig_prime_search_result(p->search, &x);
    p->tests += csig_prime_search_done(p->search);
    csig_prime_search_free(p->search);
    p->search = NULL;
    /* The same prime twice is a random source that repeats itself. */
    CSIG_REQUIRE(!has_prime(p, &x), CSIG_E_RANDOM);
    p->prime[p->found] = x;
    p->found++;
    return CSIG_OK;
}

static csig_err step_one(csig_primes *p)
{
    bool found = false;

    if (p->search == NULL) p->search = csig_prime_search_new();
    CSIG_REQUIRE(p->search != NULL, CSIG_E_MEMORY);
    CSIG_TRY(csig_prime_search_step(p->search, &p->rng, 1, &found));
    return found ? keep(p) : CSIG_OK;
}

csig_err csig_primes_step(csig_primes *primes, uint32_t tests, int (*stop)(void *ctx), void *ctx,
                          int *done)
{
    CSIG_REQUIRE(primes != NULL && done != NULL, CSIG_E_ARGUMENT);
    *done = primes->found == CSIG_DEVICE_PRIMES;
    for (uint32_t i = 0; i < tests && *done == 0; i++) {
        CSIG_TRY(step_one(primes));
        *done = primes->found == CSIG_DEVICE_PRIMES;
        if (stop != NULL && stop(ctx) != 0) break;
    }
    return CSIG_OK;
}

void csig_primes_progress(const csig_primes *primes, uint64_t *made, uint64_t *expected,
                          unsigned *found)
{
    const uint64_t now = primes->search == NULL ? 0 : csig_prime_search_done(primes->search);

    if (made != NULL) *made = primes->tests + now;
    if (expected != NULL) *expected = CSIG_DEVICE_PRIMES * csig_prime_search_expected();
    if (found != NULL) *found = primes->found;
}

/* --- at rest --- */

typedef struct rest {
    uint8_t found;
    uint64_t tests;
    uint8_t prime[CSIG_DEVICE_PRIMES][CSIG_P_BYTES]; /* zero: not found yet */
} rest;

static void rest_wire(csig_wire *w, void *msg)
{
    rest *r = msg;

    csig_u8_wire(w, &r->found);
    csig_u64_wire(w, &r->tests);
    if (w->op == CSIG_WIRE_READ) { /* progress may be shown */
        csig_ct_public(&r->found, sizeof r->found);
        csig_ct_public(&r->tests, sizeof r->tests);
    }
    for (size_t i = 0; i < CSIG_DEVICE_PRIMES; i++)
        csig_bytes_wire(w, r->prime[i], CSIG_P_BYTES);
}

csig_err csig_primes_export(const csig_primes *primes, const csig_sealer *sealer, uint8_t *out,
                            size_t *len)
{
    const csig_object what = {.kind = CSIG_KIND_PRIMES};
    rest *r;
    csig_err err;

    CSIG_REQUIRE(primes != NULL && sealer != NULL && len != NULL, CSIG_E_ARGUMENT);
    r = csig_secret_alloc(sizeof *r);
    CSIG_REQUIRE(r != NULL, CSIG_E_MEMORY);
    csig_primes_progress(primes, &r->tests, NULL, NULL);
    r->found = (uint8_t)primes->found;
    for (unsigned i = 0; i < primes->found; i++)
        csig_sec_to_bytes(r->prime[i], CSIG_P_BYTES, &primes->prime[i]);
    err = csig_sealed_write(sealer, &what, rest_wire, r, out, len);
    csig_secret_free(r);
    return err;
}

/* The places of the primes that are not found yet. */
static bool is_rest_empty(const rest *r)
{
    uint8_t any = 0;

    for (unsigned i = r->found; i < CSIG_DEVICE_PRIMES; i++) {
        for (size_t k = 0; k < CSIG_P_BYTES; k++)
            any |= r->prime[i][k];
    }
    csig_ct_public(&any, sizeof any); /* ours are */
    return any == 0;
}

/* Every prime that is there is one, and another than those before. */
static csig_err restore(csig_primes *p, const rest *r)
{
    CSIG_REQUIRE(r->found <= CSIG_DEVICE_PRIMES && is_rest_empty(r), CSIG_E_FORMAT);
    p->tests = r->tests;
    for (unsigned i = 0; i < r->found; i++) {
        CSIG_AUTO(csig_sec) x;

        csig_sec_from_bytes(&x, r->prime[i], CSIG_P_BYTES);
        CSIG_REQUIRE(csig_sec_is_safe_prime(&x, &p->rng), CSIG_E_FORMAT);
        CSIG_REQUIRE(!has_prime(p, &x), CSIG_E_FORMAT);
        p->prime[i] = x;
        p->found++;
    }
    return CSIG_OK;
}

static csig_err import(csig_primes *p, const csig_sealer *sealer, const uint8_t *in, size_t len)
{
    static const csig_object nameless = {.kind = CSIG_KIND_PRIMES};
    csig_object said = {.kind = CSIG_KIND_PRIMES};
    rest *r = csig_secret_alloc(sizeof *r);
    csig_err err;

    CSIG_REQUIRE(r != NULL, CSIG_E_MEMORY);
    err = csig_sealed_read(sealer, &said, rest_wire, r, in, len);
    if (err == CSIG_OK && !csig_is_same(said.id, nameless.id, sizeof said.id)) err = CSIG_E_FORMAT;
    if (err == CSIG_OK && said.epoch != nameless.epoch) err = CSIG_E_FORMAT;
    if (err == CSIG_OK) err = restore(p, r);
    csig_secret_free(r);
    return err;
}

csig_err csig_primes_import(csig_primes **primes, const csig_sealer *sealer, const uint8_t *in,
                            size_t len)
{
    csig_primes *p = NULL;
    csig_err err;

    CSIG_REQUIRE(primes != NULL, CSIG_E_ARGUMENT);
    *primes = NULL;
    CSIG_REQUIRE(sealer != NULL && in != NULL, CSIG_E_ARGUMENT);
    CSIG_TRY(csig_primes_new(&p));
    err = import(p, sealer, in, len);
    if (err == CSIG_OK) {
        *primes = p;
    } else {
        csig_primes_free(p);
    }
    return err;
}
