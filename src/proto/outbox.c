/* Envelopes of ours that wait to leave, oldest first. Unsent ones are wiped: a session that fails
 * must not leave its last message lying about. */
#include <string.h>

#include "base/mem.h"
#include "proto/state.h"

csig_packet *csig_packet_new(size_t body_len)
{
    csig_packet *p = csig_public_alloc(sizeof *p + CSIG_ENVELOPE_OVERHEAD + body_len);

    if (p != NULL) p->len = CSIG_ENVELOPE_OVERHEAD + body_len;
    return p;
}

static void packet_free(csig_packet *p)
{
    csig_wipe(p, sizeof *p + p->len);
    csig_public_free(p);
}

void csig_outbox_add(csig_session *s, csig_packet *p)
{
    csig_packet **end = &s->out;

    while (*end != NULL)
        end = &(*end)->next;
    *end = p;
}

void csig_outbox_release(csig_session *s)
{
    for (csig_packet *p = s->out; p != NULL; p = p->next)
        p->held = false;
}

void csig_outbox_clear(csig_session *s)
{
    while (s->out != NULL) {
        csig_packet *next = s->out->next;

        packet_free(s->out);
        s->out = next;
    }
}

size_t csig_session_pending(const csig_session *s)
{
    /* Held ones are the youngest: nothing is queued behind them. */
    return s->out == NULL || s->out->held ? 0 : s->out->len;
}

csig_err csig_session_send(csig_session *s, uint8_t *out, size_t cap, size_t *len)
{
    csig_packet *p;

    CSIG_REQUIRE(s != NULL && len != NULL, CSIG_E_ARGUMENT);
    CSIG_REQUIRE(csig_session_pending(s) > 0, CSIG_E_STATE);
    p = s->out;
    CSIG_REQUIRE(out != NULL && cap >= p->len, CSIG_E_BUFFER);
    memcpy(out, p->bytes, p->len);
    *len = p->len;
    s->out = p->next;
    packet_free(p);
    return CSIG_OK;
}

csig_err csig_session_unsent(const csig_session *s, uint8_t *out, size_t *len)
{
    const size_t room = *len;
    size_t at = 0;

    *len = 0;
    for (const csig_packet *p = s->out; p != NULL; p = p->next)
        *len += p->len;
    CSIG_REQUIRE(out != NULL && *len <= room, CSIG_E_BUFFER);
    for (const csig_packet *p = s->out; p != NULL; p = p->next) {
        memcpy(out + at, p->bytes, p->len);
        at += p->len;
    }
    return CSIG_OK;
}
