#include "proto/net.h"

#include <stdlib.h>
#include <string.h>

#define SPARE 256 /* room that a tap may use */

uint64_t net_random(network *net, uint64_t below)
{
    /* xorshift64*: repeatable is all that is wanted */
    net->random ^= net->random >> 12;
    net->random ^= net->random << 25;
    net->random ^= net->random >> 27;
    return (net->random * UINT64_C(2685821657736338717) >> 16) % below;
}

network *net_new(csig_session *const *party, uint16_t n, uint64_t seed)
{
    network *net = calloc(1, sizeof *net);

    CSIG_ASSERT(net != NULL);
    net->n = n;
    net->random = seed * UINT64_C(0x9E3779B97F4A7C15) | 1;
    memcpy(net->party, party, n * sizeof party[0]);
    return net;
}

static net_packet take(network *net, size_t i)
{
    const net_packet p = net->queue[i];

    net->queued--;
    memmove(net->queue + i, net->queue + i + 1, (net->queued - i) * sizeof p);
    return p;
}

void net_free(network *net)
{
    if (net == NULL) return;
    while (net->queued > 0)
        free(take(net, 0).bytes);
    free(net);
}

static net_packet *push(network *net, uint16_t from, uint16_t to, const uint8_t *bytes, size_t len)
{
    net_packet *p = &net->queue[net->queued];

    CSIG_ASSERT(net->queued < NET_PACKETS);
    net->queued++;
    *p = (net_packet){.from = from, .to = to, .len = len, .cap = len + SPARE};
    p->bytes = malloc(p->cap);
    CSIG_ASSERT(p->bytes != NULL);
    memcpy(p->bytes, bytes, len);
    return p;
}

void net_post(network *net, uint16_t from, uint16_t to, const uint8_t *bytes, size_t len)
{
    push(net, from, to, bytes, len);
}

static uint16_t position(network *net, uint16_t index)
{
    const csig_run *run = csig_session_run(net->party[0]);

    for (uint16_t j = 0; j < net->n; j++) {
        if (run->index[j] == index) return j;
    }
    CSIG_ASSERT(false);
    return 0;
}

static void address(network *net, uint16_t from, uint16_t to, const uint8_t *bytes, size_t len)
{
    net_packet *p = push(net, from, to, bytes, len);

    if (net->tap != NULL) net->tap(net->tap_ctx, net, p);
    /* The tap may have posted more behind it. */
    for (size_t i = 0; i < net->queued; i++) {
        if (net->queue[i].dropped) free(take(net, i--).bytes);
    }
}

static void collect_one(network *net, uint16_t from, uint8_t *bytes, size_t len)
{
    uint8_t id[32];
    uint16_t index_from, index_to;

    CSIG_ASSERT(csig_envelope_address(bytes, len, id, &index_from, &index_to) == CSIG_OK);
    for (uint16_t j = 0; j < net->n; j++) {
        if (j == from) continue;
        if (index_to == CSIG_TO_ALL || position(net, index_to) == j)
            address(net, from, j, bytes, len);
    }
}

static void collect(network *net, uint16_t from)
{
    csig_session *s = net->party[from];

    for (size_t len = csig_session_pending(s); len > 0; len = csig_session_pending(s)) {
        uint8_t *bytes = malloc(len);

        CSIG_ASSERT(bytes != NULL && csig_session_send(s, bytes, len, &len) == CSIG_OK);
        collect_one(net, from, bytes, len);
        free(bytes);
    }
}

/* What each party has to say or to store; true: somebody did. */
static bool drive(network *net)
{
    bool busy = false;

    for (uint16_t j = 0; j < net->n; j++) {
        csig_session *s = net->party[j];

        collect(net, j);
        const csig_phase phase = csig_session_phase(s);
        if (phase != CSIG_STORE) continue;
        if (net->store != NULL && net->store(net->store_ctx, j, s) != CSIG_OK) continue;
        net->stores[j]++;
        const csig_err err = csig_session_confirm(s);
        if (err != CSIG_OK) net->err[j] = err;
        busy = true;
    }
    return busy;
}

static void deliver(network *net)
{
    const size_t i = net->in_order ? 0 : (size_t)net_random(net, net->queued);
    net_packet *p = &net->queue[i];
    csig_session *s = net->party[p->to];
    csig_err err;

    if (net_random(net, 100) < net->lose) return; /* and later again */
    err = csig_session_recv(s, p->bytes, p->len);
    net->delivered++;
    /* Copies of what is no longer needed arrive at sessions that are through. */
    if (err != CSIG_OK && err != CSIG_E_STATE) net->err[p->to] = err;
    if (!p->duplicated && net_random(net, 100) < net->duplicate) {
        p->duplicated = true;
        return;
    }
    free(take(net, i).bytes);
}

void net_run(network *net)
{
    for (;;) {
        if (drive(net)) continue;
        if (net->queued == 0) return;
        deliver(net);
    }
}

bool net_is_all(const network *net, csig_phase phase)
{
    for (uint16_t j = 0; j < net->n; j++) {
        const csig_phase its = csig_session_phase(net->party[j]);

        if (its != phase) return false;
    }
    return true;
}
