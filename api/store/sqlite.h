/* The SQLite store inside: statements, transactions, and which file has which operations. Closed to
 * everybody else. */
#ifndef CSIGD_STORE_SQLITE_H
#define CSIGD_STORE_SQLITE_H

#include <sqlite3.h>

#include "store/store.h"

#define CSIGD_AUDIT_KIND_BYTES 48

/* Of a lock that somebody else has. */
#define CSIGD_SQL_BUSY_MILLISECONDS 5000

typedef struct csigd_noted csigd_noted;
typedef struct csigd_group csigd_group;

typedef struct csigd_medium csigd_medium;
struct csigd_medium {
    sqlite3 *db;
    /* One operation at a time on the one connection; recursive, because an operation may read with
     * another one inside its transaction. */
    sqlite3_mutex *lock;
    csigd_group *group;         /* writes that become durable together; NULL: it only reads */
    unsigned depth;             /* where it only reads: operations inside each other */
    csigd_audit_sealer *sealer; /* NULL: there is no audit log */
    void *sealer_ctx;
    csigd_noted *noted; /* entries of the transaction that runs */
    csigd_noted *noted_before;
    /* Connections that change nothing: for whoever only reads, and for long questions. */
    csigd_medium *reader, *counter;
    /* Events were written; who is told of that once they are committed. */
    bool has_news;
    void (*told)(void *ctx);
    void *told_ctx;
};

/* --- sqlite_sql.c --- */

typedef struct csigd_value {
    enum { CSIGD_SQL_NULL = 0, CSIGD_SQL_INT, CSIGD_SQL_BLOB, CSIGD_SQL_TEXT } type;
    int64_t number;
    const void *p;
    size_t len;
} csigd_value;

#define CSIGD_INT(x)      ((csigd_value){CSIGD_SQL_INT, (int64_t)(x), NULL, 0})
#define CSIGD_BYTES(x, n) ((csigd_value){CSIGD_SQL_BLOB, 0, (x), (n)})
#define CSIGD_STRING(x)   ((csigd_value){CSIGD_SQL_TEXT, 0, (x), 0})
#define CSIGD_NULL        ((csigd_value){CSIGD_SQL_NULL, 0, NULL, 0})
#define CSIGD_VALUES(...)                                                                          \
    (const csigd_value[]){__VA_ARGS__},                                                            \
        (sizeof((const csigd_value[]){__VA_ARGS__}) / sizeof(csigd_value))

/* The values are those of ?1, ?2 ... All return STORED or STORE_FAILED, which is logged. */
csigd_stored csigd_sql_run(csigd_medium *m, const char *sql, const csigd_value *values, size_t n);
csigd_stored csigd_sql_query(csigd_medium *m, sqlite3_stmt **stmt, const char *sql,
                             const csigd_value *values, size_t n);
/* The next row: STORED; STORE_NONE: no more. */
csigd_stored csigd_sql_row(csigd_medium *m, sqlite3_stmt *stmt);
/* One row of one number: STORED, STORE_NONE. */
csigd_stored csigd_sql_number(csigd_medium *m, int64_t *number, const char *sql,
                              const csigd_value *values, size_t n);
/* Rows changed by the last csigd_sql_run. */
int64_t csigd_sql_changed(csigd_medium *m);
csigd_stored csigd_sql_failed(csigd_medium *m, const char *what);

/* Columns: exactly len octets, or nothing. */
bool csigd_column_is_bytes(sqlite3_stmt *stmt, int column, uint8_t *out, size_t len);
bool csigd_column_is_blob(sqlite3_stmt *stmt, int column, csigd_blob *out);
bool csigd_column_is_text(sqlite3_stmt *stmt, int column, char *out, size_t size);

/* Read: everything in between sees the same, which is durable; inside of a write it sees that. */
void csigd_sql_lock(csigd_medium *m);
void csigd_sql_unlock(csigd_medium *m);

/* A whole read of one statement: one row into an output by `read`, which is false when a column is
 * not what it must be; STORE_NONE: no row. */
csigd_stored csigd_sql_fetch(csigd_medium *m, const char *sql, const csigd_value *values, size_t n,
                             bool (*read)(sqlite3_stmt *stmt, void *out), void *out);

#define CSIGD_STORE_TRY(call)                                                                      \
    do {                                                                                           \
        const csigd_stored csigd_try_stored = (call);                                              \
        if (csigd_try_stored != CSIGD_STORED) return csigd_try_stored;                             \
    } while (0)

/* --- sqlite_group.c --- */

/* NULL: no memory. */
csigd_group *csigd_group_new(void);
void csigd_group_free(csigd_group *group);
/* The connection that the calling thread works on. */
csigd_medium *csigd_sql_here(csigd_medium *m);

/* Write: begin; and when that is STORED end, which makes it durable when result is STORED and
 * undoes it otherwise. Returns the result, or STORE_FAILED when it is not durable. */
csigd_stored csigd_sql_begin(csigd_medium *m);
csigd_stored csigd_sql_end(csigd_medium *m, csigd_stored result);
/* A whole write of one statement, or a part of one: CONFLICT when it changed nothing. */
csigd_stored csigd_sql_write(csigd_medium *m, const char *sql, const csigd_value *values, size_t n);

/* What was deleted goes from the log of the medium, too, as far as that can be done now: with the
 * log written back and cut off, the file has zeros where it was. */
void csigd_sqlite_forget(csigd_medium *m);

/* --- the operations: each file fills in its own --- */

void csigd_sqlite_server_keys(csigd_store *s);
void csigd_sqlite_keys(csigd_store *s);    /* boot, aux, primes, devices, peers, pairs */
void csigd_sqlite_aux(csigd_store *s);     /* generations of own aux, and their pairings */
void csigd_sqlite_wallets(csigd_store *s); /* wallets, current shares */
void csigd_sqlite_requests(csigd_store *s);
void csigd_sqlite_declines(csigd_store *s); /* of requests; after them */
void csigd_sqlite_epochs(csigd_store *s);   /* epochs of wallets and their backups */
void csigd_sqlite_recovery(csigd_store *s); /* recovery keys and escrows */
void csigd_sqlite_sessions(csigd_store *s); /* sessions, presignatures, recover, sweep */
void csigd_sqlite_rounds(csigd_store *s);   /* rounds and their effects */
void csigd_sqlite_access(csigd_store *s);   /* HTTP keys, tokens, spent signatures */
void csigd_sqlite_moves(csigd_store *s);    /* devices that give their place to others */
void csigd_sqlite_mailboxes(csigd_store *s);
void csigd_sqlite_campaigns(csigd_store *s);
void csigd_sqlite_audit(csigd_store *s);
void csigd_sqlite_events(csigd_store *s);
void csigd_sqlite_policy(csigd_store *s); /* policies, approvals, what is spent */
void csigd_sqlite_numbers(csigd_store *s);

/* Active wallets, and those of them with a client index that has neither a backup of the current
 * epoch nor an escrow. The server, index 2 of every wallet, is no client. */
#define CSIGD_SQL_WALLET_COUNT                                                                     \
    "SELECT count(*), coalesce(sum((SELECT count(*) FROM ("                                        \
    "SELECT party FROM backups WHERE wallet = id AND slot = 2 UNION "                              \
    "SELECT party FROM recovery WHERE wallet = id AND party != 2 AND "                             \
    "EXISTS (SELECT 1 FROM escrows WHERE wallet = id))) < parties - 1), 0) "                       \
    "FROM wallets WHERE state = 2 AND rehearsal = 0"

/* --- sqlite_audit.c --- */

/* Within a transaction: an entry of what it changes. It is logged when the transaction is through.
 * csigd_sqlite_audit_line(m, "key.revoked", CSIGD_OF_NOTHING, CSIGD_HEX("key", id, 32)) */
csigd_stored csigd_sqlite_audit_add(csigd_medium *m, const char *kind, csigd_audit_about about,
                                    const csigd_log_field *fields, size_t n);
#define csigd_sqlite_audit_line(m, kind, about, ...)                                               \
    csigd_sqlite_audit_add((m), (kind), (about), (const csigd_log_field[]){__VA_ARGS__},           \
                           sizeof((const csigd_log_field[]){__VA_ARGS__}) /                        \
                               sizeof(csigd_log_field))
/* A write of the transaction begins; its entries are undone with it. The transaction has ended. */
void csigd_sqlite_audit_begin(csigd_medium *m);
void csigd_sqlite_audit_undo(csigd_medium *m);
void csigd_sqlite_audit_end(csigd_medium *m, bool committed);

/* --- sqlite_told.c: within a transaction, what the audit log says of sessions --- */

csigd_stored csigd_sqlite_tell_opening(csigd_medium *m, const csigd_opening *opening);
csigd_stored csigd_sqlite_tell_effects(csigd_medium *m, const csigd_session_row *row,
                                       const csigd_effects *effects);
csigd_stored csigd_sqlite_tell_blame(csigd_medium *m, const uint8_t *session,
                                     const csigd_effects *effects);
/* Of an end that is none: everything but DONE. */
csigd_stored csigd_sqlite_tell_end(csigd_medium *m, const csigd_session_row *row,
                                   csigd_session_state state);

/* Within a transaction: a device is there for the first time. */
csigd_stored csigd_sqlite_enrolled(csigd_medium *m, const csigd_device *device);
/* Sessions that ended a month before now, where the answers of before this time go now. */
csigd_stored csigd_sqlite_purge(csigd_medium *m, int64_t answers_before);
/* Within a transaction: the member at this place of a mailbox that is made. NONE: it has not
 * enrolled. CONFLICT: it has as many as it may. */
csigd_stored csigd_sqlite_mailbox_member(csigd_medium *m, const csigd_mailbox *b, size_t place);
/* Within a transaction: roles, label and limit of the device's keys that are not revoked, or of
 * this one (old NULL: all). NONE: there is none. */
csigd_stored csigd_sqlite_inherit(csigd_medium *m, csigd_key_row *key, const uint8_t *old);
/* Within a transaction: the token of a move is spent for the key of a device that nobody knows yet.
 * NONE: no such token, or another key's. */
csigd_stored csigd_sqlite_move_spend(csigd_medium *m, const uint8_t *token, int64_t now,
                                     csigd_key_row *key);
/* Within a transaction: a committee is about to change. Events tell who leaves, and who came by a
 * move has from now on what the one had in whose place it is. */
csigd_stored csigd_sqlite_moved(csigd_medium *m, const uint8_t *wallet, const csigd_wallet *next);
/* Within a transaction: the end of a running session, with everything that hangs on it. */
csigd_stored csigd_sqlite_end_session(csigd_medium *m, const uint8_t *id,
                                      csigd_session_state state);
/* Within a transaction: what sessions do to their requests. An input is to be signed: CONFLICT: it
 * is, its request is not approved, or its time is up. A session came to nothing. Our part of the
 * signature leaves; the signature is there. */
csigd_stored csigd_sqlite_request_begins(csigd_medium *m, const csigd_session_row *row);
csigd_stored csigd_sqlite_request_waits(csigd_medium *m, const csigd_session_row *row);
csigd_stored csigd_sqlite_release(csigd_medium *m, const uint8_t *session, int64_t when);
csigd_stored csigd_sqlite_sign(csigd_medium *m, const uint8_t *session, const csig_signature *sig);
/* Within a transaction: what the judge says of a request (pending until he says otherwise), and,
 * when it is there in that state, what follows of it. */
csigd_stored csigd_sqlite_judge(const csigd_judge *judge, csigd_request_state *state,
                                csigd_verdict *verdict);
csigd_stored csigd_sqlite_judged(csigd_medium *m, const uint8_t *request, const csigd_judge *judge,
                                 csigd_request_state state, const csigd_verdict *verdict);
/* Within a transaction: the slots of a session's wallet. */
csigd_stored csigd_sqlite_put_pending(csigd_medium *m, const uint8_t *session,
                                      const csigd_share_row *share);
csigd_stored csigd_sqlite_put_birth(csigd_medium *m, const uint8_t *session,
                                    const csigd_birth *birth);
csigd_stored csigd_sqlite_note_generations(csigd_medium *m, const csigd_session_row *row);
csigd_stored csigd_sqlite_stage(csigd_medium *m, const uint8_t *session,
                                const csigd_staging *staging);
csigd_stored csigd_sqlite_stage_backup(csigd_medium *m, const uint8_t *session,
                                       const csigd_backup_row *backup);
csigd_stored csigd_sqlite_commit(csigd_medium *m, const uint8_t *session,
                                 const csigd_commit *commit);
/* Within a transaction: the devices and recovery keys of a wallet, in the place of those it had;
 * the escrows of the session's wallet, in the place of those of the epoch before. */
csigd_stored csigd_sqlite_put_committee(csigd_medium *m, const uint8_t *wallet,
                                        const csigd_wallet *committee);
csigd_stored csigd_sqlite_put_escrows(csigd_medium *m, const uint8_t *session,
                                      const csigd_recoverable *recoverable);
/* With the connection taken. */
csigd_stored csigd_sqlite_read_recovery(csigd_medium *m, csigd_wallet *wallet);
/* Within a transaction: nothing of this wallet is staged any more. */
csigd_stored csigd_sqlite_unstage(csigd_medium *m, const uint8_t *wallet);
/* Campaigns, of a wallet in the table w: does a refresh of it run; why it cannot be refreshed
 * (csigd_miss_reason): every device without a recovery key must be enrolled and not locked, and so
 * many that, with the server, they sign. Then its csigd_standing, from these two as columns of
 * the table now. And of a campaign in the table c, now: does its pace allow one more? */
#define CSIGD_STANDING_RUNS                                                                        \
    "EXISTS (SELECT 1 FROM sessions AS s WHERE s.wallet = w.id AND s.kind IN (6, 7) "              \
    "AND s.state = 1)"
#define CSIGD_SQL_LOCKED                                                                           \
    "EXISTS (SELECT 1 FROM pairs AS p WHERE p.device = d.device AND p.locked != 0)"
#define CSIGD_SQL_USABLE                                                                           \
    "(EXISTS (SELECT 1 FROM devices AS e WHERE e.identity = d.device) AND NOT " CSIGD_SQL_LOCKED ")"
#define CSIGD_SQL_HAS_KEY                                                                          \
    "EXISTS (SELECT 1 FROM recovery AS r WHERE r.wallet = d.wallet "                               \
    "AND r.party = CASE d.position WHEN 0 THEN 1 ELSE d.position + 2 END)"
#define CSIGD_STANDING_REASON                                                                      \
    "(SELECT CASE WHEN 1 + sum(" CSIGD_SQL_USABLE ") >= w.signers_required "                       \
    "AND sum(NOT " CSIGD_SQL_USABLE " AND NOT " CSIGD_SQL_HAS_KEY ") = 0 THEN 0 "                  \
    "WHEN sum(" CSIGD_SQL_LOCKED ") > 0 THEN 1 ELSE 2 END "                                        \
    "FROM wallet_devices AS d WHERE d.wallet = w.id)"
#define CSIGD_STANDING_STATE "(CASE WHEN running THEN 2 WHEN now.reason > 0 THEN 4 ELSE 1 END)"
#define CSIGD_STANDING_PACE(now)                                                                   \
    "(SELECT count(*) FROM campaign_wallets AS o WHERE o.campaign = c.id AND o.state = 2) "        \
    "< c.at_once AND (SELECT count(*) FROM campaign_starts AS o WHERE o.campaign = c.id "          \
    "AND o.started > " now " - 60) < c.per_minute"

/* Within a transaction: a refresh of the wallet has opened, or ended without an epoch, which is the
 * reason where it waits again. */
csigd_stored csigd_sqlite_standing(csigd_medium *m, const uint8_t *wallet,
                                   csigd_miss_reason reason);
/* The device is locked, not locked any more, or enrolled. */
csigd_stored csigd_sqlite_standing_device(csigd_medium *m, const uint8_t *device);
/* The wallet is at a new epoch. */
csigd_stored csigd_sqlite_standing_done(csigd_medium *m, const uint8_t *wallet);
/* A refresh that this campaign asked for opens as this row: LATER. */
csigd_stored csigd_sqlite_standing_start(csigd_medium *m, const uint8_t *campaign,
                                         const csigd_session_row *row);

/* Within a transaction: is any pair of the session locked? STORE_LOCKED. */
csigd_stored csigd_sqlite_check_locks(csigd_medium *m, const uint8_t *session);
/* Within a transaction: lock or suspect who is to blame, and keep what shows it. */
csigd_stored csigd_sqlite_blame(csigd_medium *m, const uint8_t *session,
                                const csigd_effects *effects);

#endif
