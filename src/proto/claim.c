/* Claims, written: from what a session has kept. */
#include "proto/evidence.h"

#include <string.h>

#include "proto/state.h"

void csig_claim_wire(csig_wire *w, void *claim)
{
    csig_claim *c = claim;

    csig_u8_wire(w, &c->kind);
    csig_u8_wire(w, &c->version);
    csig_u8_wire(w, &c->level);
    csig_u8_wire(w, &c->sort);
    csig_u8_wire(w, &c->err);
    csig_u8_wire(w, &c->protocol);
    csig_u8_wire(w, &c->round);
    csig_u16_wire(w, &c->accused);
    csig_u16_wire(w, &c->accuser);
    csig_u32_wire(w, &c->inputs_len);
}

csig_err csig_claim_read(csig_claim *c, const uint8_t **inputs, const uint8_t **rest,
                         size_t *rest_len, const uint8_t *in, size_t len)
{
    CSIG_TRY(csig_kind_check(in, len, CSIG_KIND_EVIDENCE));
    CSIG_REQUIRE(len >= CSIG_CLAIM_BYTES, CSIG_E_LENGTH);
    CSIG_TRY(csig_wire_read(csig_claim_wire, c, in, CSIG_CLAIM_BYTES));
    CSIG_REQUIRE(c->inputs_len <= len - CSIG_CLAIM_BYTES, CSIG_E_LENGTH);
    CSIG_REQUIRE(c->sort >= CSIG_SORT_CHECK && c->sort <= CSIG_SORT_COMPLAINT, CSIG_E_FORMAT);
    *inputs = in + CSIG_CLAIM_BYTES;
    *rest = *inputs + c->inputs_len;
    *rest_len = len - CSIG_CLAIM_BYTES - c->inputs_len;
    return CSIG_OK;
}

/* Measures where out is NULL. */
typedef struct sink {
    uint8_t *out;
    size_t at;
} sink;

static void put(sink *k, const uint8_t *p, size_t len)
{
    if (k->out != NULL && len > 0) memcpy(k->out + k->at, p, len);
    k->at += len;
}

static void put_octets(sink *k, const csig_octets *o)
{
    put(k, o->p, o->len);
}

static void put_head(sink *k, const csig_session *s, csig_claim c)
{
    uint8_t head[CSIG_CLAIM_BYTES];

    c.kind = CSIG_KIND_EVIDENCE;
    c.version = CSIG_FORMAT_VERSION;
    c.level = CSIG_LEVEL;
    c.protocol = s->run.protocol->id;
    if (c.sort != CSIG_SORT_OPENING) c.inputs_len = (uint32_t)s->inputs.len;
    csig_wire_write(csig_claim_wire, &c, head, sizeof head);
    put(k, head, sizeof head);
    put(k, s->inputs.p, c.inputs_len);
}

static void put_broadcasts(sink *k, const csig_session *s, uint8_t round)
{
    for (uint16_t j = 0; j < s->run.n; j++)
        put_octets(k, &s->log[round][j]);
}

/* What the accused had before it spoke in this round. */
static void put_rounds_before(sink *k, const csig_session *s, uint16_t accused, uint8_t round)
{
    const csig_protocol *p = s->run.protocol;
    const uint8_t end = round < p->count ? round : p->error->after;

    for (uint8_t r = 0; r < end; r++) {
        if (!csig_round_has_echo(s, r)) continue;
        put_broadcasts(k, s, r);
        put_octets(k, &s->echo_log[r][accused]);
    }
}

/* Two exhibits: they differ. One: its length is wrong. None: the message that is kept. */
size_t csig_claim_write(uint8_t *out, const csig_session *s, csig_err err, uint16_t culprit,
                        uint8_t round)
{
    const uint8_t kept = round < s->run.protocol->count ? round : CSIG_ERROR_ROUND;
    sink k = {.out = out};
    csig_claim c = {
        .sort = CSIG_SORT_CHECK,
        .err = (uint8_t)err,
        .round = (uint8_t)(round + 1),
        .accuser = s->run.index[s->run.self],
    };

    if (culprit < s->run.n) c.accused = s->run.index[culprit];
    if (culprit >= s->run.n) c.sort = CSIG_SORT_OPENING;
    if (err == CSIG_E_EQUIVOCATE) c.sort = CSIG_SORT_EQUIVOCATE;
    if (s->testimony.p != NULL) c.sort = CSIG_SORT_COMPLAINT;
    put_head(&k, s, c);
    put_octets(&k, &s->testimony);
    if (c.sort == CSIG_SORT_OPENING) put_broadcasts(&k, s, round);
    for (size_t i = 0; i < CSIG_ARRAY_LEN(s->exhibit); i++)
        put(&k, s->exhibit[i], s->exhibit_len[i]);
    if ((c.sort == CSIG_SORT_CHECK || c.sort == CSIG_SORT_COMPLAINT) && s->exhibit_len[0] == 0) {
        put_octets(&k, &s->log[kept][culprit]);
        put_rounds_before(&k, s, culprit, round);
    }
    return k.at;
}

size_t csig_claim_write_accusation(uint8_t *out, const csig_session *s, uint16_t accuser,
                                   uint8_t round, const uint8_t *envelope, size_t len)
{
    sink k = {.out = out};

    put_head(&k, s,
             (csig_claim){.sort = CSIG_SORT_ACCUSATION,
                          .err = CSIG_E_ACCUSE,
                          .round = round,
                          .accused = s->run.index[accuser],
                          .accuser = s->run.index[accuser]});
    put(&k, envelope, len);
    return k.at;
}
