/* How an entry of the audit log is written. */
#ifndef CSIGD_STORE_AUDIT_TEXT_H
#define CSIGD_STORE_AUDIT_TEXT_H

#include "context.h"
#include "store/audit.h"

typedef struct csigd_audit_entry {
    uint64_t sequence;
    int64_t time;
    const uint8_t *previous; /* hash of the entry before it; of the first one zeros */
    const char *kind;
    csigd_audit_about about;
    const csigd_context *context; /* who did it, in which trace */
    const csigd_log_field *fields;
    size_t n; /* CSIGD_AUDIT_FIELDS_MAX at most */
} csigd_audit_entry;

/* Members in order of their names, no white space. false: it is too long. */
bool csigd_audit_text_is_made(char out[CSIGD_AUDIT_ENTRY_BYTES], const csigd_audit_entry *entry);

#endif
