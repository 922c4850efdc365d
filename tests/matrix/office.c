#include "matrix/office.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define SPARE 64

static void head(csig_header *h, const net_packet *p)
{
    liar_header_read(h, p);
}

void office_letter_copy(net_packet *to, const net_packet *p, size_t spare)
{
    *to = (net_packet){.from = p->from, .to = p->to, .len = p->len, .cap = p->len + spare};
    to->bytes = calloc(1, to->cap);
    CSIG_ASSERT(to->bytes != NULL);
    memcpy(to->bytes, p->bytes, p->len);
}

void office_letter_free(net_packet *p)
{
    free(p->bytes);
    p->bytes = NULL;
}

void office_drop(office *o, net_packet *p)
{
    const size_t i = (size_t)(p - o->mail);

    office_letter_free(p);
    o->mails--;
    memmove(p, p + 1, (o->mails - i) * sizeof *p);
}

void office_close(office *o)
{
    while (o->mails > 0)
        office_drop(o, &o->mail[o->mails - 1]);
    for (uint16_t j = 0; j < o->n; j++) {
        csig_session_free(o->s[j]);
        o->s[j] = NULL;
    }
}

static void post(office *o, uint16_t from, uint16_t to, uint8_t *bytes, size_t len)
{
    const net_packet letter = {.from = from, .to = to, .bytes = bytes, .len = len};
    net_packet *p = &o->mail[o->mails];

    CSIG_ASSERT(o->mails < OFFICE_MAIL);
    office_letter_copy(p, &letter, SPARE);
    o->mails++;
    if (o->look != NULL) o->look(o->ctx, o, p);
}

static void collect_one(office *o, uint16_t from, uint8_t *bytes, size_t len)
{
    const csig_run *run = csig_session_run(o->s[from]);
    csig_header h;
    const uint8_t *body;

    CSIG_ASSERT(csig_envelope_read(&h, &body, bytes, len) == CSIG_OK);
    if (h.round > o->said[from]) o->said[from] = h.round;
    for (uint16_t j = 0; j < o->n; j++) {
        if (j != from && (h.to == CSIG_TO_ALL || h.to == run->index[j]))
            post(o, from, j, bytes, len);
    }
}

/* Everything that a party has to say now; what it has to store first is stored. */
static void collect(office *o, uint16_t from)
{
    csig_session *s = o->s[from];
    bool busy = true;

    while (busy) {
        busy = false;
        for (size_t len = csig_session_pending(s); len > 0; len = csig_session_pending(s)) {
            uint8_t *bytes = malloc(len);

            CSIG_ASSERT(bytes != NULL && csig_session_send(s, bytes, len, &len) == CSIG_OK);
            collect_one(o, from, bytes, len);
            free(bytes);
        }
        if (csig_session_phase(s) != CSIG_STORE) continue;
        if (o->store != NULL) o->store(o->ctx, from, s);
        busy = csig_session_confirm(s) == CSIG_OK;
    }
}

static bool may_go(const office *o, const net_packet *p)
{
    csig_header h;

    if (o->withhold == NULL) return true;
    head(&h, p);
    return !o->withhold(o->ctx, p, &h);
}

/* The letter to deliver next. */
static net_packet *choose(office *o)
{
    net_packet *next = NULL;

    for (size_t i = 0; i < o->mails; i++) {
        net_packet *p = &o->mail[i];

        if (!may_go(o, p)) continue;
        if (o->ahead == OFFICE_NOBODY || p->to == o->ahead) return p;
        if (next == NULL) next = p;
    }
    return next;
}

void office_run(office *o)
{
    for (;;) {
        net_packet *p;

        for (uint16_t j = 0; j < o->n; j++)
            collect(o, j);
        if (o->enough != NULL && o->enough(o->ctx, o)) return;
        p = choose(o);
        if (p == NULL) return;
        /* whatever comes of it is seen in the session */
        (void)csig_session_recv(o->s[p->to], p->bytes, p->len);
        office_drop(o, p);
    }
}

bool office_is_done(const office *o)
{
    for (uint16_t j = 0; j < o->n; j++) {
        const csig_phase phase = csig_session_phase(o->s[j]);

        if (phase != CSIG_DONE) return false;
    }
    return true;
}

net_packet *office_find(office *o, uint16_t from, uint16_t to, uint8_t round, csig_cast cast)
{
    for (size_t i = 0; i < o->mails; i++) {
        net_packet *p = &o->mail[i];
        csig_header h;

        head(&h, p);
        if (p->from == from && p->to == to && h.round == round && h.cast == cast) return p;
    }
    return NULL;
}
