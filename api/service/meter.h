/* How much a key, a wallet and an address may ask for: token buckets, in memory.
 *
 * A limit of n a minute is a bucket of n that fills evenly in a minute. Buckets of keys and wallets
 * are empty when the daemon starts: whoever makes it start again gains nothing by that. Those of
 * addresses are full, they are there for work and not for what may be signed. Who is counted where
 * is http/metered.c's business. */
#ifndef CSIGD_SERVICE_METER_H
#define CSIGD_SERVICE_METER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CSIGD_KEY_PER_MINUTE     6000u
#define CSIGD_WALLET_PER_MINUTE  600u
#define CSIGD_ADDRESS_PER_MINUTE 600u
#define CSIGD_PER_MINUTE_MAX     1000000u
/* Addresses that are told apart; all others share one bucket. */
#define CSIGD_METER_ADDRESSES 4096
/* Of the bodies that one key has under way. */
#define CSIGD_KEY_OCTETS_MAX ((size_t)32 << 20)

typedef enum csigd_metered {
    CSIGD_METER_KEY = 1,
    CSIGD_METER_REQUESTS,  /* of a wallet */
    CSIGD_METER_SESSIONS,  /* of a wallet */
    CSIGD_METER_QUESTIONS, /* of a wallet: what a payload does */
    CSIGD_METER_ADDRESS
} csigd_metered;

/* A minute; 0: the default. */
typedef struct csigd_meter_plan {
    uint32_t key, wallet, address;
} csigd_meter_plan;

#define CSIGD_METER_ID_BYTES 32

/* What is counted: its kind and its name. */
typedef struct csigd_metered_id {
    csigd_metered kind;
    uint8_t id[CSIGD_METER_ID_BYTES];
    uint32_t per_minute; /* of its own; 0: the plan's */
} csigd_metered_id;

typedef struct csigd_meter csigd_meter;

/* NULL: no memory. */
csigd_meter *csigd_meter_new(void);
void csigd_meter_free(csigd_meter *meter);
/* Before anybody is counted. */
void csigd_meter_set(csigd_meter *meter, const csigd_meter_plan *plan);

/* id: of len octets, the rest are 0. */
csigd_metered_id csigd_metered_as(csigd_metered kind, const uint8_t *id, size_t len);

/* Takes what n requests cost; one that costs more than the whole bucket takes a full one. false:
 * nothing is taken, and *seconds are to be waited. */
bool csigd_meter_has_taken(csigd_meter *meter, const csigd_metered_id *what, uint32_t n,
                           uint32_t *seconds);
/* The same, and nothing is taken. */
bool csigd_meter_has_room(csigd_meter *meter, const csigd_metered_id *what, uint32_t n,
                          uint32_t *seconds);
/* What was taken for nothing. */
void csigd_meter_return(csigd_meter *meter, const csigd_metered_id *what, uint32_t n);

/* Octets that a key has under way. false: it has too many. */
bool csigd_meter_has_held(csigd_meter *meter, const csigd_metered_id *key, size_t octets);
void csigd_meter_release(csigd_meter *meter, const csigd_metered_id *key, size_t octets);

/* From time to time: buckets that are as if nobody had touched them are forgotten. */
void csigd_meter_tidy(csigd_meter *meter);
/* How many are remembered. */
size_t csigd_meter_count(csigd_meter *meter);

#endif
