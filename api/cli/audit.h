/* An exported audit log: one entry on each line, {"entry":E,"hash":"...","signature":"..."}. What
 * is hashed are the octets of E; E has the hash of the one before it. */
#ifndef CSIG_CLI_AUDIT_H
#define CSIG_CLI_AUDIT_H

#include "cli/files.h"

#define AUDIT_HASH_BYTES 32

/* The end of a log that somebody has seen. */
typedef struct audit_head {
    int64_t sequence; /* 0: nothing was seen */
    uint8_t hash[AUDIT_HASH_BYTES];
} audit_head;

/* SEQUENCE:HASH. CLI_USAGE. */
CLI_MUST cli_exit audit_head_read(cli *c, audit_head *head, const char *text);

typedef struct audit_log {
    bool has_identity; /* whose log it must be; else it is learnt from the first entry */
    uint8_t identity[CSIG_IDENTITY_BYTES];
    audit_head pin; /* must be in it, or just before it */
    bool has_pin_seen;
    audit_head last; /* so far; sequence 0: none */
    char since[24], until[24];
} audit_log;

/* Every line of the file: chain, signatures, no gap, no entry behind the pin missing. CLI_CHEAT
 * with the sequence of what is wrong; CLI_USAGE: it does not begin at 1, and nobody said whose it
 * is. */
CLI_MUST cli_exit audit_verify(cli *c, audit_log *log, const char *path, const blob *text);
/* The last line alone, of a file that was verified when it was made. CLI_INPUT. */
CLI_MUST cli_exit audit_last(cli *c, audit_head *last, const char *path, const blob *text);

#endif
