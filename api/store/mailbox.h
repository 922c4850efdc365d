/* Mailboxes as they are stored: an ordered board of octets among devices, for a while. An expired
 * one is as one that is not there. */
#ifndef CSIGD_STORE_MAILBOX_H
#define CSIGD_STORE_MAILBOX_H

#include "store/stored.h"

#define CSIGD_MAILBOX_ID_BYTES    16
#define CSIGD_MAILBOX_MEMBERS_MAX 16
#define CSIGD_MAILBOXES_OF_MEMBER 32 /* open at a time */
/* Of these, made by devices that it has no wallet with: by all of them, and by one. */
#define CSIGD_MAILBOXES_OF_STRANGERS 16
#define CSIGD_MAILBOXES_OF_STRANGER  8
#define CSIGD_MAILBOX_MESSAGES       4096u
/* Octets of messages: in one mailbox, written by one member in all that are open, in all of them
 * together. */
#define CSIGD_MAILBOX_OCTETS ((size_t)64 << 20)
#define CSIGD_WRITER_OCTETS  ((size_t)128 << 20)
#define CSIGD_ALL_OCTETS     ((size_t)1 << 30)

typedef struct csigd_mailbox {
    uint8_t id[CSIGD_MAILBOX_ID_BYTES];
    const uint8_t *opener;    /* to be made: by which of its members; NULL: by the operator */
    int64_t created, expires; /* seconds since 1970 */
    uint32_t last;            /* position of the newest message; 0: none */
    uint32_t number;          /* in a list: among the mailboxes of the device; else 0 */
    size_t n_members;
    uint8_t members[CSIGD_MAILBOX_MEMBERS_MAX][32];
    int64_t seen[CSIGD_MAILBOX_MEMBERS_MAX]; /* when the member last read or wrote; 0: never */
} csigd_mailbox;

typedef struct csigd_mailbox_message {
    uint32_t position; /* 1, 2, ... over the whole mailbox */
    uint8_t place;     /* of its writer among the members */
    uint32_t number;   /* 1, 2, ... of this writer */
    const uint8_t *octets;
    size_t len;
} csigd_mailbox_message;

/* What became of a message. Nothing has changed but for the first. */
typedef enum csigd_delivery {
    CSIGD_DELIVERED = 0,  /* also: it was there, with the same octets */
    CSIGD_DELIVERY_OTHER, /* it was there, with other octets */
    CSIGD_DELIVERY_EARLY, /* its number is not the next one */
    CSIGD_DELIVERY_MANY,
    CSIGD_DELIVERY_MAILBOX_FULL,
    CSIGD_DELIVERY_WRITER_FULL,
    CSIGD_DELIVERY_ALL_FULL
} csigd_delivery;

typedef struct csigd_delivering {
    const uint8_t *mailbox;
    const uint8_t *device;
    uint32_t number;
    const uint8_t *octets;
    size_t len;
    int64_t now;
    csigd_delivery became; /* what is told */
    uint32_t next;         /* number of this writer's next message */
} csigd_delivering;

typedef struct csigd_store csigd_store;

/* The operations of csigd_store about them; atomic and durable like all. now: seconds since 1970.
 */
typedef struct csigd_mailbox_store {
    /* Expired ones go. NONE: a member is not enrolled; CONFLICT: one has as many as it may. */
    csigd_stored (*make)(csigd_store *s, const csigd_mailbox *mailbox);
    csigd_stored (*get)(csigd_store *s, const uint8_t *id, int64_t now, csigd_mailbox *mailbox);
    /* Is the device a member? NONE: no. */
    csigd_stored (*ask)(csigd_store *s, const uint8_t *id, const uint8_t *device, int64_t now);
    /* Those of a device with a number above `after`, oldest first. NONE: no such device. `each`
     * must not call the store. */
    csigd_stored (*list)(csigd_store *s, const uint8_t *device, uint32_t after, int64_t now,
                         void (*each)(void *ctx, const csigd_mailbox *mailbox), void *ctx);
    /* Expired ones go. NONE: no such mailbox, or not a member of it. */
    csigd_stored (*put)(csigd_store *s, csigd_delivering *delivering);
    /* Messages at positions above `after`, in order, until `each` says false. It must not call the
     * store. expires: of the mailbox. */
    csigd_stored (*read)(csigd_store *s, const uint8_t *id, uint32_t after, int64_t now,
                         int64_t *expires,
                         bool (*each)(void *ctx, const csigd_mailbox_message *message), void *ctx);
    /* The member has read. */
    csigd_stored (*see)(csigd_store *s, const uint8_t *id, const uint8_t *device, int64_t now);
    csigd_stored (*drop)(csigd_store *s, const uint8_t *id, int64_t now);
    /* Expired ones go, with their messages. */
    csigd_stored (*sweep)(csigd_store *s, int64_t now);
} csigd_mailbox_store;

#endif
