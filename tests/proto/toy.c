#include "proto/toy.h"

#include <string.h>

#include "base/mem.h"
#include "crypto/commit.h"

toy_state *toy_state_of(csig_session *s)
{
    return csig_session_run(s)->open;
}

toy_secret *toy_secret_of(csig_session *s)
{
    return csig_session_run(s)->secret;
}

static csig_err fault(const csig_run *run, uint8_t round, int where)
{
    const toy_state *st = run->open;

    return st->fault.round == round && (int)st->fault.where == where ? st->fault.err : CSIG_OK;
}

/* --- 1 commit --- */

static void commit_wire(csig_wire *w, void *msg)
{
    toy_commit *m = msg;

    csig_bytes_wire(w, m->V, sizeof m->V);
}

static void point_wire(csig_wire *w, void *msg)
{
    csig_point_wire(w, msg);
}

static csig_err commit_make(csig_run *run, csig_out *out)
{
    toy_state *st = run->open;
    toy_secret *sec = run->secret;
    toy_commit *m = out->bcast;

    CSIG_TRY(fault(run, 1, TOY_MAKE));
    st->table = csig_public_alloc(100);
    CSIG_REQUIRE(st->table != NULL, CSIG_E_MEMORY);
    csig_scalar_random(&sec->x, run->env.rng, "toy");
    csig_rng_bytes(run->env.rng, "toy", sec->u, sizeof sec->u);
    CSIG_TRY(csig_point_mul_g(&st->X[run->self], run->env.curve, &sec->x));
    csig_commit(m->V, CSIG_LABEL_TEST_A, run->ssid, run->index[run->self], point_wire,
                &st->X[run->self], sec->u);
    return CSIG_OK;
}

static csig_err commit_check(const csig_run *run, uint16_t from, const csig_in *in)
{
    (void)from, (void)in;
    return fault(run, 1, TOY_CHECK);
}

static csig_err commit_step(csig_run *run, const csig_in in[CSIG_MAX_PARTIES], uint16_t *culprit)
{
    toy_state *st = run->open;

    CSIG_ASSERT(*culprit == run->n && in[run->self].bcast == NULL);
    st->checks[0]++;
    if (st->fault.round == 1) *culprit = st->fault.culprit;
    CSIG_TRY(fault(run, 1, TOY_STEP));
    *culprit = run->n;
    for (uint16_t j = 0; j < run->n; j++) {
        const toy_commit *m = in[j].bcast;

        if (j != run->self) memcpy(st->V[j], m->V, sizeof m->V);
    }
    return CSIG_OK;
}

static const csig_round commit_round = {
    .name = "toy/1 commit",
    .bcast = commit_wire,
    .bcast_size = sizeof(toy_commit),
    .echo = true,
    .make = commit_make,
    .check = commit_check,
    .step = commit_step,
};

/* --- 2 open --- */

static void open_wire(csig_wire *w, void *msg)
{
    toy_open *m = msg;

    csig_point_wire(w, &m->X);
    csig_bytes_wire(w, m->u, sizeof m->u);
}

static void part_wire(csig_wire *w, void *msg)
{
    toy_part *m = msg;

    csig_point_wire(w, &m->S);
}

static void p2p_wire(csig_wire *w, void *msg)
{
    toy_p2p *m = msg;

    csig_scalar_wire(w, &m->s);
}

static csig_err open_make(csig_run *run, csig_out *out)
{
    const toy_state *st = run->open;
    const toy_secret *sec = run->secret;
    toy_open *m = out->bcast;

    CSIG_TRY(fault(run, 2, TOY_MAKE));
    m->X = st->X[run->self];
    memcpy(m->u, sec->u, sizeof m->u);
    for (uint16_t j = 0; j < run->n; j++) {
        toy_part *part = out->part[j];
        toy_p2p *p2p = out->p2p[j];

        if (j == run->self) continue;
        csig_scalar_random(&p2p->s, run->env.rng, "toy");
        CSIG_TRY(csig_point_mul_g(&part->S, run->env.curve, &p2p->s));
    }
    return CSIG_OK;
}

static csig_err open_check(const csig_run *run, uint16_t from, const csig_in *in)
{
    const toy_state *st = run->open;
    const toy_open *m = in->bcast;
    const toy_part *part = in->part;
    const toy_p2p *p2p = in->p2p;
    csig_point S;

    CSIG_TRY(fault(run, 2, TOY_CHECK));
    CSIG_TRY(csig_commit_open(st->V[from], CSIG_LABEL_TEST_A, run->ssid, run->index[from],
                              point_wire, &m->X, m->u));
    CSIG_TRY(csig_point_mul_g(&S, run->env.curve, &p2p->s));
    CSIG_REQUIRE(csig_point_is_eq(&S, &part->S), CSIG_E_SHARE);
    return CSIG_OK;
}

static csig_err open_step(csig_run *run, const csig_in in[CSIG_MAX_PARTIES], uint16_t *culprit)
{
    toy_state *st = run->open;
    toy_secret *sec = run->secret;
    const csig_point *all[CSIG_MAX_PARTIES];
    csig_transcript t;

    st->checks[1]++;
    if (st->fault.round == 2) *culprit = st->fault.culprit;
    CSIG_TRY(fault(run, 2, TOY_STEP));
    csig_transcript_init(&t, CSIG_LABEL_TEST_B);
    for (uint16_t j = 0; j < run->n; j++) {
        if (j != run->self) {
            st->X[j] = ((const toy_open *)in[j].bcast)->X;
            csig_scalar_add(&sec->received, &sec->received, &((const toy_p2p *)in[j].p2p)->s);
        }
        all[j] = &st->X[j];
        csig_transcript_point(&t, all[j]);
    }
    csig_transcript_hash32(&t, st->hash);
    CSIG_REQUIRE(csig_point_has_sum(&st->sum, all, run->n), CSIG_E_SUM);
    return CSIG_OK;
}

static const csig_round open_round = {
    .name = "toy/2 open",
    .bcast = open_wire,
    .bcast_size = sizeof(toy_open),
    .part = part_wire,
    .part_size = sizeof(toy_part),
    .p2p = p2p_wire,
    .p2p_size = sizeof(toy_p2p),
    .echo = true,
    .make = open_make,
    .check = open_check,
    .step = open_step,
};

/* --- 3 ack --- */

static void ack_wire(csig_wire *w, void *msg)
{
    toy_ack *m = msg;

    csig_bytes_wire(w, m->hash, sizeof m->hash);
    csig_bit_wire(w, &m->agreed);
}

static csig_err ack_make(csig_run *run, csig_out *out)
{
    const toy_state *st = run->open;
    toy_ack *m = out->bcast;

    CSIG_TRY(fault(run, 3, TOY_MAKE));
    memcpy(m->hash, st->hash, sizeof m->hash);
    m->agreed = 1;
    return CSIG_OK;
}

static csig_err ack_check(const csig_run *run, uint16_t from, const csig_in *in)
{
    const toy_state *st = run->open;
    const toy_ack *m = in->bcast;

    (void)from;
    CSIG_REQUIRE(csig_is_same(m->hash, st->hash, sizeof st->hash), CSIG_E_ACK);
    CSIG_REQUIRE(m->agreed == 1, CSIG_E_ACK);
    return fault(run, 3, TOY_CHECK);
}

static csig_err ack_step(csig_run *run, const csig_in in[CSIG_MAX_PARTIES], uint16_t *culprit)
{
    toy_state *st = run->open;

    (void)in, (void)culprit;
    st->checks[2]++;
    return fault(run, 3, TOY_STEP);
}

static const csig_round ack_round = {
    .name = "toy/3 ack",
    .bcast = ack_wire,
    .bcast_size = sizeof(toy_ack),
    .echo = true,
    .hold = true,
    .make = ack_make,
    .check = ack_check,
    .step = ack_step,
};

/* --- 4 born --- */

static void born_wire(csig_wire *w, void *msg)
{
    toy_born *m = msg;

    csig_u32_wire(w, &m->counter);
}

static bool born_due(const csig_run *run, uint16_t from)
{
    return from == run->n - 1;
}

static csig_err born_make(csig_run *run, csig_out *out)
{
    CSIG_TRY(fault(run, 4, TOY_MAKE));
    ((toy_born *)out->bcast)->counter = 7;
    return CSIG_OK;
}

static csig_err born_check(const csig_run *run, uint16_t from, const csig_in *in)
{
    CSIG_ASSERT(born_due(run, from));
    return ((const toy_born *)in->bcast)->counter == 7 ? CSIG_OK : CSIG_E_OUTPUT;
}

static csig_err born_step(csig_run *run, const csig_in in[CSIG_MAX_PARTIES], uint16_t *culprit)
{
    toy_state *st = run->open;

    (void)in, (void)culprit;
    st->checks[3]++;
    return fault(run, 4, TOY_STEP);
}

static const csig_round born_round = {
    .name = "toy/4 born",
    .bcast = born_wire,
    .bcast_size = sizeof(toy_born),
    .hold = true,
    .due = born_due,
    .make = born_make,
    .check = born_check,
    .step = born_step,
};

/* --- the protocol --- */

static size_t secret_bytes(uint16_t n)
{
    (void)n;
    return sizeof(toy_secret);
}

static size_t open_bytes(uint16_t n)
{
    (void)n;
    return sizeof(toy_state);
}

static void free_open(csig_run *run)
{
    toy_state *st = run->open;

    csig_public_free(st->table);
}

static const csig_round *const rounds[] = {&commit_round, &open_round, &ack_round, &born_round};

const csig_protocol toy_protocol = {
    .id = CSIG_PROTOCOL_TEST,
    .name = "toy",
    .encrypts = true,
    .rounds = rounds,
    .count = CSIG_ARRAY_LEN(rounds),
    .secret_bytes = secret_bytes,
    .open_bytes = open_bytes,
    .free_open = free_open,
};
