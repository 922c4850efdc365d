/* Events as they are stored: what happened, in the order of the commits, for good; and webhooks,
 * which are told of them. Events are written by the store itself, in the transaction that changes
 * what they tell of (schema/0011_events.sql): none is lost, and none told of what was not. They
 * hold ids and states, nothing else. */
#ifndef CSIGD_STORE_EVENTS_H
#define CSIGD_STORE_EVENTS_H

#include "auth/role.h"
#include "auth/trace.h"
#include "store/audit.h"
#include "store/request.h"
#include "store/stored.h"

#define CSIGD_WEBHOOK_ID_BYTES  16
#define CSIGD_WEBHOOKS_MAX      64
#define CSIGD_WEBHOOK_URL_BYTES 512
#define CSIGD_WEBHOOK_LIST_MAX  64 /* wallets of one */
#define CSIGD_EVENT_KIND_BYTES  24

/* X(name, on the wire). Bits are stored: add at the end. */
#define CSIGD_EVENT_KINDS(X)                                                                       \
    X(TEST, "webhook.test")                                                                        \
    X(REQUEST_CREATED, "request.created")                                                          \
    X(REQUEST_PENDING, "request.pending")                                                          \
    X(REQUEST_APPROVED, "request.approved")                                                        \
    X(REQUEST_DENIED, "request.denied")                                                            \
    X(REQUEST_SIGNED, "request.signed")                                                            \
    X(REQUEST_FAILED, "request.failed")                                                            \
    X(REQUEST_EXPIRED, "request.expired")                                                          \
    X(REQUEST_CANCELLED, "request.cancelled")                                                      \
    X(REQUEST_REJECTED, "request.rejected")                                                        \
    X(REQUEST_CHANGED, "request.changed")                                                          \
    X(WALLET_BORN, "wallet.born")                                                                  \
    X(EPOCH_COMMITTED, "epoch.committed")                                                          \
    X(DEVICE_LOCKED, "device.locked")                                                              \
    X(DEVICE_LEFT, "device.left")                                                                  \
    X(REQUEST_DECLINED, "request.declined")

typedef enum csigd_event_kind {
#define CSIGD_EVENT_ENUM(name, word) CSIGD_EVENT_##name,
    CSIGD_EVENT_KINDS(CSIGD_EVENT_ENUM)
#undef CSIGD_EVENT_ENUM
        CSIGD_EVENT_KIND_COUNT
} csigd_event_kind;

#define CSIGD_EVENT_BIT(kind) (1u << (kind))
#define CSIGD_EVENTS_ALL      (CSIGD_EVENT_BIT(CSIGD_EVENT_KIND_COUNT) - 1)

typedef struct csigd_event_row {
    uint64_t number; /* 1, 2, ... without a gap */
    uint8_t id[16];  /* never the same again, also when the store was set back */
    csigd_event_kind kind;
    int64_t created;
    bool has_wallet, has_request, has_device, has_epoch, has_webhook;
    uint8_t wallet[CSIGD_ID_BYTES];
    uint8_t request[CSIG_REQUEST_ID_BYTES];
    uint8_t device[CSIG_IDENTITY_BYTES];
    uint8_t webhook[CSIGD_WEBHOOK_ID_BYTES]; /* of a test: which alone it is for */
    uint64_t epoch;
    char label[CSIGD_LABEL_MAX + 1];      /* of the wallet */
    char trace[CSIGD_TRACE_PARENT_BYTES]; /* that the request is in; "": of none */
    bool is_party;                        /* the device that was asked for, of the wallet */
} csigd_event_row;

typedef enum csigd_webhook_state {
    CSIGD_WEBHOOK_ACTIVE = 1,
    CSIGD_WEBHOOK_FAILING = 2
} csigd_webhook_state;

typedef struct csigd_webhook {
    uint8_t id[CSIGD_WEBHOOK_ID_BYTES];
    char url[CSIGD_WEBHOOK_URL_BYTES];
    uint32_t kinds; /* CSIGD_EVENT_BIT */
    bool all_wallets;
    size_t n_wallets;
    uint8_t wallets[CSIGD_WEBHOOK_LIST_MAX][CSIGD_ID_BYTES];
    char label[CSIGD_LABEL_MAX + 1];
    int64_t created;
    csigd_webhook_state state;
    uint64_t delivered;            /* number of the last event that it has, or that is not for it */
    uint32_t attempts;             /* at the next one, all failed */
    int64_t since;                 /* when the first of them was; 0: there was none */
    int64_t due;                   /* when the next one is */
    uint64_t deliveries, failures; /* in all */
    int64_t last_try;              /* 0: none */
    uint32_t last_status;          /* 0: no answer */
} csigd_webhook;

typedef struct csigd_store csigd_store;

/* The operations of csigd_store about them; atomic and durable like all. `each` must not call the
 * store. */
typedef struct csigd_event_store {
    /* Events with a number above `after`, in order, at most n. device: NULL, or whose wallets
     * is_party says. */
    csigd_stored (*read)(csigd_store *s, uint64_t after, size_t n, const uint8_t *device,
                         void (*each)(void *ctx, const csigd_event_row *event), void *ctx);
    /* The number of the last one; 0: none. */
    csigd_stored (*last)(csigd_store *s, uint64_t *number);
    /* told(ctx) after every commit that wrote one; from any thread, without a lock of the store. */
    void (*listen)(csigd_store *s, void (*told)(void *ctx), void *ctx);

    /* What a policy forbids is no change of anything else: an entry of the audit log with these
     * fields, and an event; of the request, if it was made. */
    csigd_stored (*deny)(csigd_store *s, const uint8_t *wallet, const uint8_t *request,
                         const csigd_log_field *fields, size_t n);

    /* From the next event on: `delivered` is filled in. CONFLICT: there are as many as may be. */
    csigd_stored (*webhook_put)(csigd_store *s, csigd_webhook *webhook);
    csigd_stored (*webhook_get)(csigd_store *s, const uint8_t *id, csigd_webhook *webhook);
    /* Oldest first. */
    csigd_stored (*webhook_list)(csigd_store *s,
                                 void (*each)(void *ctx, const csigd_webhook *webhook), void *ctx);
    csigd_stored (*webhook_drop)(csigd_store *s, const uint8_t *id);
    /* An event for it alone, and its next attempt is now. */
    csigd_stored (*webhook_test)(csigd_store *s, const uint8_t *id, int64_t now);
    /* How far it is and how it goes: all from `state` on. NONE: it is gone. */
    csigd_stored (*webhook_move)(csigd_store *s, const csigd_webhook *webhook);
} csigd_event_store;

const char *csigd_event_kind_name(csigd_event_kind kind);
/* false: no such kind. */
bool csigd_event_kind_is_read(csigd_event_kind *kind, const char *name);

#endif
