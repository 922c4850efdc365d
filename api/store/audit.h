/* The audit log: what happened, one entry after another, in the same transaction as what it tells
 * of. An entry is canonical JSON and has the hash of the one before it in it; each hash is signed.
 */
#ifndef CSIGD_STORE_AUDIT_H
#define CSIGD_STORE_AUDIT_H

#include "log.h"
#include "store/stored.h"

typedef struct csigd_store csigd_store;

#define CSIGD_AUDIT_ENTRY_BYTES 3328 /* with its NUL; a log line takes it whole */
#define CSIGD_AUDIT_FIELDS_MAX  16
/* Entries on one page. */
#define CSIGD_AUDIT_PAGE 500

/* What an entry tells of, besides its fields. NULL: of none. */
typedef struct csigd_audit_about {
    const uint8_t *wallet;  /* 16 octets */
    const uint8_t *request; /* 32 octets */
} csigd_audit_about;

#define CSIGD_OF_NOTHING       ((csigd_audit_about){NULL, NULL})
#define CSIGD_OF_WALLET(w)     ((csigd_audit_about){(w), NULL})
#define CSIGD_OF_REQUEST(w, r) ((csigd_audit_about){(w), (r)})

typedef struct csigd_audit_row {
    uint64_t sequence; /* from 1 on, without gaps */
    char entry[CSIGD_AUDIT_ENTRY_BYTES];
    uint8_t hash[32]; /* SHA-256 of the entry's octets */
    uint8_t signature[64];
} csigd_audit_row;

/* hash and signature of an entry; false: it cannot be signed. */
typedef bool csigd_audit_sealer(void *ctx, const char *entry, uint8_t hash[32],
                                uint8_t signature[64]);

/* A part of csigd_store. Every operation that changes something adds its entries by itself; before
 * it is told who seals them, a store has no audit log. */
typedef struct csigd_audit_store {
    void (*seal_with)(csigd_store *s, csigd_audit_sealer *sealer, void *ctx);
    /* An entry of something that is no change of the store. */
    csigd_stored (*append)(csigd_store *s, const char *kind, csigd_audit_about about,
                           const csigd_log_field *fields, size_t n);
    /* Those after this sequence, in order, CSIGD_AUDIT_PAGE at most. `each` must not call the
     * store. */
    csigd_stored (*page)(csigd_store *s, uint64_t after,
                         void (*each)(void *ctx, const csigd_audit_row *row), void *ctx);
    /* The newest. NONE: there is none. */
    csigd_stored (*newest)(csigd_store *s, csigd_audit_row *row);
} csigd_audit_store;

#endif
