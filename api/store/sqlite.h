/* The SQLite store inside: statements, transactions, and which file has which operations. Closed to
 * everybody else. */
#ifndef CSIGD_STORE_SQLITE_H
#define CSIGD_STORE_SQLITE_H

#include <sqlite3.h>

#include "store/store.h"

typedef struct csigd_medium {
    sqlite3 *db;
    /* One operation at a time on the one connection; recursive, because an operation may read with
     * another one inside its transaction. */
    sqlite3_mutex *lock;
} csigd_medium;

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

/* Take the connection (and for writing begin); give it back, with commit when result is STORED and
 * roll back otherwise. Returns the result, or STORE_FAILED when the commit failed. */
void csigd_sql_lock(csigd_medium *m);
void csigd_sql_unlock(csigd_medium *m);
csigd_stored csigd_sql_begin(csigd_medium *m);
csigd_stored csigd_sql_end(csigd_medium *m, csigd_stored result);

/* Whole operations of one statement. fetch: one row into an output by `read`, which is false when a
 * column is not what it must be; STORE_NONE: no row. write: CONFLICT when it changed nothing. */
csigd_stored csigd_sql_fetch(csigd_medium *m, const char *sql, const csigd_value *values, size_t n,
                             bool (*read)(sqlite3_stmt *stmt, void *out), void *out);
csigd_stored csigd_sql_write(csigd_medium *m, const char *sql, const csigd_value *values, size_t n);

#define CSIGD_STORE_TRY(call)                                                                      \
    do {                                                                                           \
        const csigd_stored csigd_try_stored = (call);                                              \
        if (csigd_try_stored != CSIGD_STORED) return csigd_try_stored;                             \
    } while (0)

/* What was deleted goes from the log of the medium, too, as far as that can be done now: with the
 * log written back and cut off, the file has zeros where it was. */
void csigd_sqlite_forget(csigd_medium *m);

/* --- the operations: each file fills in its own --- */

void csigd_sqlite_keys(csigd_store *s);     /* boot, aux, primes, devices, peers, pairs */
void csigd_sqlite_aux(csigd_store *s);      /* generations of own aux, and their pairings */
void csigd_sqlite_wallets(csigd_store *s);  /* wallets, current shares, requests */
void csigd_sqlite_epochs(csigd_store *s);   /* epochs of wallets and their backups */
void csigd_sqlite_recovery(csigd_store *s); /* recovery keys and escrows */
void csigd_sqlite_sessions(csigd_store *s); /* sessions, presignatures, recover, sweep */
void csigd_sqlite_rounds(csigd_store *s);   /* rounds and their effects */
void csigd_sqlite_access(csigd_store *s);   /* HTTP keys, tokens, spent signatures */
void csigd_sqlite_mailboxes(csigd_store *s);

/* Within a transaction: the end of a running session, with everything that hangs on it. */
csigd_stored csigd_sqlite_end_session(csigd_medium *m, const uint8_t *id,
                                      csigd_session_state state);
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
/* Within a transaction: is any pair of the session locked? STORE_LOCKED. */
csigd_stored csigd_sqlite_check_locks(csigd_medium *m, const uint8_t *session);
/* Within a transaction: lock or suspect who is to blame, and keep what shows it. */
csigd_stored csigd_sqlite_blame(csigd_medium *m, const uint8_t *session,
                                const csigd_effects *effects);

#endif
