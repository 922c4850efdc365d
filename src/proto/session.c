/* The life of a session: everything allocated and copied at the start, wiped at the end. */
#include "proto/session.h"

#include <string.h>

#include "base/mem.h"
#include "proto/state.h"

/* --- what the table says --- */

bool csig_round_has_due(const csig_session *s, uint8_t round, uint16_t from)
{
    const csig_round *r = csig_session_round(s, round);

    return r->due == NULL || r->due(&s->run, from);
}

bool csig_round_has_echo(const csig_session *s, uint8_t round)
{
    return csig_session_round(s, round)->echo && s->run.n > 2;
}

size_t csig_round_body(const csig_session *s, uint8_t round, uint16_t from, csig_cast cast)
{
    const csig_sizes size = s->size[round];

    if (cast == CSIG_CAST_ECHO) return csig_round_has_echo(s, round) ? CSIG_HASH_BYTES : 0;
    if (!csig_round_has_due(s, round, from)) return 0;
    if (cast == CSIG_CAST_ONE) return size.p2p > 0 ? size.p2p + CSIG_BOX_TAG_BYTES : 0;
    return size.preamble + size.bcast + (s->run.n - 1U) * size.part;
}

/* --- new --- */

static size_t wire_size(csig_wire_fn *fn, const csig_wire_shape *shape)
{
    return fn == NULL ? 0 : csig_wire_size_shaped(fn, shape);
}

static void measure(csig_session *s)
{
    const csig_wire_shape *shape = &s->run.shape;

    for (uint8_t i = 0; i < s->run.protocol->count; i++) {
        const csig_round *r = csig_session_round(s, i);

        s->size[i] = (csig_sizes){
            .preamble = i == 0 ? csig_preamble_bytes(s) : 0,
            .bcast = wire_size(r->bcast, shape),
            .part = wire_size(r->part, shape),
            .p2p = wire_size(r->p2p, shape),
        };
        CSIG_ASSERT(s->size[i].p2p <= s->plain_len);
        s->run.front[i] = s->size[i].preamble + s->size[i].bcast;
        s->run.part[i] = s->size[i].part;
    }
}

static csig_err check_parties(const csig_session_setup *setup)
{
    CSIG_REQUIRE(setup->n >= 2 && setup->n <= CSIG_MAX_PARTIES, CSIG_E_PARTIES);
    CSIG_REQUIRE(setup->self < setup->n, CSIG_E_PARTIES);
    for (uint16_t j = 0; j < setup->n; j++) {
        CSIG_REQUIRE(setup->index[j] >= 1 && setup->index[j] <= CSIG_MAX_PARTIES, CSIG_E_PARTIES);
        CSIG_REQUIRE(j == 0 || setup->index[j] > setup->index[j - 1], CSIG_E_PARTIES);
        for (uint16_t i = 0; i < j; i++)
            CSIG_REQUIRE(!csig_is_same(setup->identity[i], setup->identity[j], CSIG_ID_BYTES),
                         CSIG_E_PARTIES);
    }
    if (setup->key == NULL) return CSIG_OK;
    CSIG_REQUIRE(csig_is_same(setup->identity[setup->self], setup->key->id, CSIG_ID_BYTES),
                 CSIG_E_PARTIES);
    return CSIG_OK;
}

/* Our own tables keep these, or they are wrong. */
static void check_protocol(const csig_protocol *p)
{
    CSIG_ASSERT(p->count >= 1 && p->count <= CSIG_MAX_ROUNDS);
    /* The first messages are broadcasts: they carry the preamble, and with it everybody's key. */
    CSIG_ASSERT(p->rounds[0]->p2p == NULL);
    CSIG_ASSERT(p->rounds[0]->due == NULL || !p->encrypts);
    for (uint8_t i = 0; i < p->count; i++) {
        CSIG_ASSERT(p->encrypts || p->rounds[i]->p2p == NULL);
        CSIG_ASSERT(!p->rounds[i]->late || p->rounds[i]->hold);
    }
}

static csig_err alloc_secrets(csig_session *s)
{
    const csig_protocol *p = s->run.protocol;
    /* t is not known yet; nothing gets wider than this. */
    const csig_wire_shape widest = {.n = s->run.n, .t = s->run.n};
    const size_t front = csig_aligned(sizeof(csig_secrets));
    const size_t secret = csig_aligned(p->secret_bytes == NULL ? 0 : p->secret_bytes(s->run.n));
    uint8_t *base;

    for (uint8_t i = 0; i < p->count; i++) {
        const size_t stride = p->rounds[i]->p2p == NULL ? 0 : csig_aligned(p->rounds[i]->p2p_size);
        const size_t plain = wire_size(p->rounds[i]->p2p, &widest);

        if (stride > s->p2p_stride) s->p2p_stride = stride;
        if (plain > s->plain_len) s->plain_len = plain;
    }
    s->secrets_len = front + secret + s->run.n * s->p2p_stride + csig_aligned(s->plain_len);
    base = csig_secret_alloc(s->secrets_len);
    CSIG_REQUIRE(base != NULL, CSIG_E_MEMORY);
    s->secrets = (csig_secrets *)(void *)base;
    s->run.secret = base + front;
    s->p2p = base + front + secret;
    s->plain = s->p2p + s->run.n * s->p2p_stride;
    return CSIG_OK;
}

static csig_err alloc_open(csig_session *s)
{
    const csig_protocol *p = s->run.protocol;
    const size_t len = p->open_bytes == NULL ? 0 : p->open_bytes(s->run.n);

    if (len == 0) return CSIG_OK;
    s->run.open = csig_public_alloc(len);
    CSIG_REQUIRE(s->run.open != NULL, CSIG_E_MEMORY);
    return CSIG_OK;
}

static void copy_setup(csig_session *s, const csig_session_setup *setup)
{
    s->run.protocol = setup->protocol;
    s->run.n = setup->n;
    s->run.self = setup->self;
    s->run.watching = setup->key == NULL;
    s->run.shape.n = setup->n;
    memcpy(s->run.index, setup->index, setup->n * sizeof setup->index[0]);
    memcpy(s->run.identity, setup->identity, (size_t)setup->n * CSIG_ID_BYTES);
    memcpy(s->run.ssid, setup->ssid->id, CSIG_SSID_BYTES);
    memcpy(s->field, setup->ssid->name, sizeof s->field);
    memcpy(s->digest, setup->ssid->digest, sizeof s->digest);
    if (setup->engine != NULL) {
        s->engine = *setup->engine;
        s->run.env.engine = &s->engine;
    }
    s->moves_last = setup->moves_last;
    s->phase = CSIG_RUNNING;
}

static csig_err init(csig_session *s, const csig_session_setup *setup)
{
    copy_setup(s, setup);
    CSIG_TRY(alloc_secrets(s));
    CSIG_TRY(alloc_open(s));
    if (setup->key != NULL) s->secrets->key = *setup->key;
    csig_rng_init(&s->secrets->rng, setup->seed, s->run.ssid);
    if (!s->run.protocol->no_curve) {
        CSIG_TRY(csig_curve_init(&s->secrets->curve, &s->secrets->rng));
        s->run.env.curve = &s->secrets->curve;
    }
    if (s->run.protocol->encrypts) csig_eph_random(&s->secrets->eph, &s->secrets->rng);
    s->run.env.rng = &s->secrets->rng;
    return CSIG_OK;
}

csig_err csig_session_new(csig_session **s, const csig_session_setup *setup)
{
    csig_session *fresh;
    csig_err err;

    *s = NULL;
    CSIG_TRY(check_parties(setup));
    check_protocol(setup->protocol);
    fresh = csig_public_alloc(sizeof *fresh);
    CSIG_REQUIRE(fresh != NULL, CSIG_E_MEMORY);
    err = init(fresh, setup);
    if (err != CSIG_OK) {
        csig_session_free(fresh);
        return err;
    }
    *s = fresh;
    return CSIG_OK;
}

csig_run *csig_session_run(csig_session *s)
{
    return &s->run;
}

csig_err csig_session_keep_inputs(csig_session *s, const uint8_t *inputs, size_t len)
{
    return csig_octets_copy(&s->inputs, inputs, len);
}

void csig_session_watched(csig_session *s, void *memory)
{
    CSIG_ASSERT(s->run.watching && s->watched == NULL);
    s->watched = memory;
    measure(s);
}

csig_err csig_session_start(csig_session *s)
{
    CSIG_REQUIRE(!s->started && !s->run.watching, CSIG_E_STATE);
    measure(s);
    s->started = true;
    return csig_session_advance(s);
}

/* The message that waited for what the host had to give. */
static csig_err make_late(csig_session *s)
{
    const csig_round *round = csig_session_round(s, s->round);
    csig_err err;

    if (!round->late || !csig_round_has_due(s, s->round, s->run.self)) return CSIG_OK;
    err = csig_make_message(s);
    if (err != CSIG_OK && err != CSIG_E_STATE) (void)csig_session_fail(s, err, s->run.n, s->round);
    return err;
}

csig_err csig_session_confirm(csig_session *s)
{
    CSIG_REQUIRE(s != NULL, CSIG_E_ARGUMENT);
    CSIG_REQUIRE(s->phase == CSIG_STORE, CSIG_E_STATE);
    CSIG_TRY(make_late(s));
    s->phase = CSIG_RUNNING;
    s->holding = false;
    csig_outbox_release(s);
    return csig_session_advance(s);
}

/* --- what can be seen --- */

csig_err csig_session_output(csig_session *s, const csig_protocol *protocol)
{
    CSIG_REQUIRE(s->run.protocol == protocol, CSIG_E_STATE);
    CSIG_REQUIRE(s->phase == CSIG_STORE || s->phase == CSIG_DONE, CSIG_E_STATE);
    return CSIG_OK;
}

csig_phase csig_session_phase(const csig_session *s)
{
    return s->phase;
}

void csig_session_blame(const csig_session *s, csig_blame *blame)
{
    *blame = s->blame;
}

void csig_session_id(const csig_session *s, uint8_t id[32])
{
    memcpy(id, s->run.ssid, CSIG_SSID_BYTES);
}

/* --- the end --- */

static void clear_slots(csig_session *s)
{
    for (uint16_t j = 0; j < s->run.n; j++) {
        for (size_t i = 0; i <= CSIG_ROUNDS_AHEAD; i++)
            csig_slot_clear(&s->slot[i][j]);
    }
}

const char *csig_session_where(const csig_session *s, uint8_t round)
{
    if (round >= s->run.protocol->count) return s->run.protocol->error->name;
    return csig_session_round(s, round)->name;
}

void csig_session_end(csig_session *s, const csig_blame *blame)
{
    if (blame != &s->blame) s->blame = *blame;
    if (s->phase == CSIG_FAILED) return;
    s->phase = CSIG_FAILED;
    clear_slots(s);
    csig_curve_wipe(&s->secrets->curve);
    csig_wipe(s->secrets, s->secrets_len);
}

csig_err csig_session_fail(csig_session *s, csig_err err, uint16_t culprit, uint8_t round)
{
    s->blame = (csig_blame){
        .err = err,
        .culprit = culprit < s->run.n ? s->run.index[culprit] : 0,
        .round = (uint8_t)(round + 1),
    };
    strncpy(s->blame.where, csig_session_where(s, round), sizeof s->blame.where - 1);
    /* Own proofs still leave: others wait for them. */
    if (!s->disputing) csig_outbox_clear(s);
    if (csig_session_has_log(s) && csig_err_class(err) == CSIG_CLASS_CHEAT) {
        csig_abort_say(s, err, culprit, round);
    }
    csig_session_end(s, &s->blame);
    return err;
}

void csig_session_finish(csig_session *s)
{
    s->phase = CSIG_DONE;
    clear_slots(s);
    csig_ed_key_wipe(&s->secrets->key);
    csig_eph_wipe(&s->secrets->eph);
    csig_rng_wipe(&s->secrets->rng);
    csig_wipe(s->p2p, s->run.n * s->p2p_stride);
    csig_wipe(s->plain, s->plain_len);
}

void csig_session_free(csig_session *s)
{
    if (s == NULL) return;
    if (s->run.open != NULL && s->run.protocol->free_open != NULL)
        s->run.protocol->free_open(&s->run);
    csig_outbox_clear(s);
    clear_slots(s);
    csig_log_free(s);
    csig_public_free(s->watched);
    csig_public_free(s->run.open);
    if (s->secrets != NULL) csig_curve_wipe(&s->secrets->curve);
    csig_secret_free(s->secrets);
    csig_public_free(s);
}
