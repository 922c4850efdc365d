/* What tests of proofs share. */
#include "support/zk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/random.h"

#define MAX_FIELDS 1024

static int failing_run(void *ctx, csig_modexp *jobs, size_t n)
{
    (void)ctx, (void)jobs, (void)n;
    return 1;
}

const csig_engine zk_failing_engine = {.run = failing_run};

void zk_random_point(csig_point *P, csig_scalar *p, zk_world *w)
{
    csig_scalar_random(p, &w->rng, "test");
    assert_int_equal(csig_point_mul_g(P, &w->curve, p), CSIG_OK);
}

void zk_combine(csig_point *P, const csig_scalar *a, const csig_point *A, const csig_scalar *b,
                const csig_point *B)
{
    csig_point bB;

    assert_true(csig_point_has_mul_var(&bB, b, B));
    assert_true(csig_point_has_mul_var(P, a, A));
    assert_true(csig_point_has_add(P, P, &bB));
}

int zk_world_new(void **state)
{
    zk_world *w = calloc(1, sizeof *w);

    assert_non_null(w);
    random_seed(1);
    csig_rng_init(&w->rng, NULL, NULL);
    assert_int_equal(csig_curve_init(&w->curve, &w->rng), CSIG_OK);
    w->env = (csig_env){.rng = &w->rng, .curve = &w->curve};
    *state = w;
    return 0;
}

int zk_world_free(void **state)
{
    free(*state);
    return 0;
}

static const uint8_t session[CSIG_SSID_BYTES] = {1};
static const uint8_t other_session[CSIG_SSID_BYTES] = {2};

void zk_transcript(csig_transcript *t, csig_label use)
{
    csig_transcript_proof(t, use, session, 1, 2);
}

void zk_other_transcripts(csig_transcript t[ZK_OTHERS], csig_label use)
{
    csig_transcript_proof(&t[0], use == CSIG_LABEL_TEST_A ? CSIG_LABEL_TEST_B : CSIG_LABEL_TEST_A,
                          session, 1, 2);
    csig_transcript_proof(&t[1], use, other_session, 1, 2);
    csig_transcript_proof(&t[2], use, session, 3, 2);
    csig_transcript_proof(&t[3], use, session, 1, CSIG_TO_ALL);
}

/* --- a proof as octets --- */

typedef struct field {
    csig_field kind;
    size_t at, width;
} field;

typedef struct fields {
    field f[MAX_FIELDS];
    size_t n;
} fields;

static void collect(csig_wire *w, csig_field kind, size_t width)
{
    fields *all = w->visitor;

    assert_true(all->n < MAX_FIELDS);
    all->f[all->n++] = (field){kind, w->at, width};
}

static void find_fields(fields *all, csig_wire_fn *fn)
{
    static _Alignas(16) uint8_t room[1 << 18]; /* any message: a measuring walk leaves it alone */
    csig_wire w = {.op = CSIG_WIRE_MEASURE, .visit = collect, .visitor = all};

    all->n = 0;
    fn(&w, room);
}

size_t zk_field_count(csig_wire_fn *fn)
{
    fields all;

    find_fields(&all, fn);
    return all.n;
}

/* One changed field; unchanged ones do not count. */
static size_t try_value(const zk_octets *o, const field *f, const uint8_t *value)
{
    uint8_t *bad;
    csig_err err;

    if (memcmp(o->good + f->at, value, f->width) == 0) return 0;
    bad = malloc(o->len);
    assert_non_null(bad);
    memcpy(bad, o->good, o->len);
    memcpy(bad + f->at, value, f->width);
    err = o->judge(o->ctx, bad, o->len);
    free(bad);
    if (err == CSIG_OK)
        fail_msg("accepted: field of %zu octets at %zu, first %02x, last %02x", f->width, f->at,
                 value[0], value[f->width - 1]);
    return 1;
}

static size_t try_specials(const zk_octets *o, const field *f, uint8_t *value)
{
    const size_t sign = f->kind == CSIG_FIELD_INT;
    size_t tried = 0;

    for (size_t i = 0; i < o->specials; i++) {
        const size_t bits = csig_int_bits(&o->special[i]);

        if (bits > 8 * (f->width - sign)) continue;
        memset(value, 0, f->width);
        csig_int_to_bytes(value + sign, f->width - sign, &o->special[i]);
        tried += try_value(o, f, value);
    }
    return tried;
}

static size_t try_field(const zk_octets *o, const field *f)
{
    uint8_t *value = calloc(1, f->width);
    size_t tried;

    assert_non_null(value);
    tried = try_value(o, f, value); /* zero */
    value[f->width - 1] = 1;
    tried += try_value(o, f, value); /* one */
    memset(value, 0xff, f->width);
    tried += try_value(o, f, value); /* the largest */
    memcpy(value, o->good + f->at, f->width);
    for (size_t i = f->width; i-- > 0 && ++value[i] == 0;)
        ;
    tried += try_value(o, f, value); /* plus one */
    for (size_t i = 0; i < f->width; i++)
        value[i] = (uint8_t)rand();
    tried += try_value(o, f, value); /* random, and with a sign that is one */
    value[0] = f->kind == CSIG_FIELD_POINT ? 2 : 0;
    tried += try_value(o, f, value);
    memcpy(value, o->good + f->at, f->width);
    value[0] ^= 1;
    tried += try_value(o, f, value); /* the other sign, the other y */
    tried += try_specials(o, f, value);
    free(value);
    return tried;
}

size_t zk_refuses_altered_fields(const zk_octets *o, size_t first, size_t step)
{
    size_t tried = 0;
    fields all;

    assert_int_equal(o->judge(o->ctx, o->good, o->len), CSIG_OK);
    find_fields(&all, o->fn);
    for (size_t i = first; i < all.n; i += step)
        tried += try_field(o, &all.f[i]);
    return tried;
}

void zk_refuses_lengths_and_zeros(const zk_octets *o)
{
    const size_t lengths[] = {0, 1, o->len - 1, o->len + 1, 2 * o->len};
    uint8_t *octets = calloc(2, o->len);

    assert_non_null(octets);
    assert_int_equal(o->len, csig_wire_size(o->fn));
    memcpy(octets, o->good, o->len);
    for (size_t i = 0; i < CSIG_ARRAY_LEN(lengths); i++)
        assert_int_equal(o->judge(o->ctx, octets, lengths[i]), CSIG_E_LENGTH);
    memset(octets, 0, o->len);
    assert_int_not_equal(o->judge(o->ctx, octets, o->len), CSIG_OK);
    free(octets);
}
