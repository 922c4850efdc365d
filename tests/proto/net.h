/* A network in memory for any number of parties: shuffles, duplicates, delays and loses (what is
 * lost is delivered again later). One party may be given to a tap that alters what it sends. */
#ifndef TESTS_PROTO_NET_H
#define TESTS_PROTO_NET_H

#include "base/level.h"
#include "proto/session.h"

typedef struct network network;

/* One envelope on its way to one recipient; positions, not indices. bytes belongs to the packet and
 * has room for cap octets. */
typedef struct net_packet {
    uint16_t from, to;
    uint8_t *bytes;
    size_t len, cap;
    bool dropped;    /* set by a tap: never delivered */
    bool duplicated; /* delivered twice at most */
} net_packet;

/* Sees every packet as it leaves, once for each recipient. */
typedef void net_tap(void *ctx, network *net, net_packet *p);
/* A party is in CSIG_STORE: called before csig_session_confirm. Not CSIG_OK: it is never confirmed.
 */
typedef csig_err net_store(void *ctx, uint16_t position, csig_session *s);

#define NET_PACKETS 4096

struct network {
    uint16_t n;
    csig_session *party[CSIG_MAX_PARTIES]; /* borrowed */
    uint64_t random;                       /* state of the shuffle, not 0 */
    bool in_order;                         /* no shuffling */
    unsigned duplicate, lose;              /* per cent */
    net_tap *tap;
    void *tap_ctx;
    net_store *store;
    void *store_ctx;

    net_packet queue[NET_PACKETS];
    size_t queued;
    unsigned delivered;
    unsigned stores[CSIG_MAX_PARTIES]; /* how often each was in CSIG_STORE */
    csig_err err[CSIG_MAX_PARTIES];    /* the last error of each party's recv or confirm */
};

/* Started sessions, by position; n of them. A network is large: not on the stack. */
network *net_new(csig_session *const *party, uint16_t n, uint64_t seed);
void net_free(network *net);

/* Until nothing is under way. A session that is through or has failed is left alone. */
void net_run(network *net);
/* Every session has this phase. */
bool net_is_all(const network *net, csig_phase phase);

/* Put an envelope on its way; copies it. */
void net_post(network *net, uint16_t from, uint16_t to, const uint8_t *bytes, size_t len);
/* The next number of the network's own random stream, below `below`. */
uint64_t net_random(network *net, uint64_t below);

#endif
