/* Groups of parties for the toy protocol and its like. */
#include <string.h>

#include "base/mem.h"
#include "proto/toy.h"

void toy_group_init(toy_group *g, uint16_t n, uint8_t nonce)
{
    memset(g, 0, sizeof *g);
    g->n = n;
    for (uint16_t j = 0; j < n; j++) {
        uint8_t seed[32] = {0x70, (uint8_t)j};

        /* gaps, where there is room for them */
        g->index[j] = (uint16_t)(n > 8 ? j + 1 : 1 + j + (j + 1) / 2);
        csig_ed_key_from_seed(&g->key[j], seed);
        memcpy(g->identity[j], g->key[j].id, CSIG_ID_BYTES);
    }
    for (uint16_t j = 0; j < n; j++) {
        csig_ssid_begin(&g->ssid[j], CSIG_LABEL_TEST_A);
        csig_ssid_add_u64(&g->ssid[j], "parties", n);
        csig_ssid_add(&g->ssid[j], "identities", g->identity, sizeof g->identity);
        csig_ssid_add(&g->ssid[j], "nonce", &nonce, 1);
        csig_ssid_end(&g->ssid[j]);
    }
}

csig_err toy_session(toy_group *g, const csig_protocol *protocol, uint16_t self, bool moves_last)
{
    const csig_session_setup setup = {
        .protocol = protocol,
        .ssid = &g->ssid[self],
        .n = g->n,
        .index = g->index,
        .identity = g->identity,
        .self = self,
        .key = &g->key[self],
        .seed = g->seed,
        .moves_last = moves_last,
    };

    return csig_session_new(&g->s[self], &setup);
}

void toy_group_start(toy_group *g, const csig_protocol *protocol, uint16_t last)
{
    for (uint16_t j = 0; j < g->n; j++) {
        CSIG_ASSERT(toy_session(g, protocol, j, j == last) == CSIG_OK);
        CSIG_ASSERT(csig_session_start(g->s[j]) == CSIG_OK);
    }
}

void toy_group_free(toy_group *g)
{
    for (uint16_t j = 0; j < g->n; j++)
        csig_session_free(g->s[j]);
    memset(g->s, 0, sizeof g->s);
}

toy_mail toy_take(csig_session *s)
{
    toy_mail m = {.len = csig_session_pending(s)};

    if (m.len > 0) CSIG_ASSERT(csig_session_send(s, m.bytes, sizeof m.bytes, &m.len) == CSIG_OK);
    return m;
}

csig_err toy_give(csig_session *s, const toy_mail *m)
{
    return csig_session_recv(s, m->bytes, m->len);
}

/* Broadcasts to all others, in order; never what is addressed to another. */
static void deliver(toy_group *g, uint16_t from, const toy_mail *m)
{
    csig_header h;

    toy_header(&h, m);
    for (uint16_t j = 0; j < g->n; j++) {
        const bool is_for_j = h.to == CSIG_TO_ALL || h.to == g->index[j];

        if (j != from && is_for_j) CSIG_ASSERT(toy_give(g->s[j], m) == CSIG_OK);
    }
}

void toy_sweep(toy_group *g)
{
    static toy_mail all[2 * CSIG_MAX_PARTIES * CSIG_MAX_PARTIES];
    uint16_t from[CSIG_ARRAY_LEN(all)];
    size_t n = 0;

    for (uint16_t j = 0; j < g->n; j++) {
        for (toy_mail m = toy_take(g->s[j]); m.len > 0; m = toy_take(g->s[j])) {
            from[n] = j;
            all[n++] = m;
        }
    }
    for (size_t i = 0; i < n; i++)
        deliver(g, from[i], &all[i]);
}

void toy_header(csig_header *h, const toy_mail *m)
{
    CSIG_ASSERT(csig_wire_read(csig_header_wire, h, m->bytes, CSIG_HEADER_BYTES) == CSIG_OK);
}

void toy_resign(toy_mail *m, const csig_header *h, const csig_ed_key *key)
{
    csig_envelope_write(m->bytes, h, m->bytes + CSIG_HEADER_BYTES, key);
    m->len = CSIG_ENVELOPE_OVERHEAD + h->body_len;
}

csig_blame toy_blame(const csig_session *s)
{
    csig_blame blame;

    csig_session_blame(s, &blame);
    return blame;
}
