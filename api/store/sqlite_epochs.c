/* What is asked and told about epochs, and the clients' backups. */
#include <string.h>

#include "store/sqlite.h"

/* --- epochs --- */

static csigd_stored epoch_learn(csigd_store *s, const uint8_t *wallet, const csigd_epoch *epoch)
{
    return csigd_sql_write(s->medium,
                           "UPDATE wallets SET epoch_attempt = ?3, epoch_state = ?4 "
                           "WHERE id = ?1 AND state = 2 AND epoch = ?2 AND epoch_state IS NULL",
                           CSIGD_VALUES(CSIGD_BYTES(wallet, CSIGD_ID_BYTES),
                                        CSIGD_INT(epoch->number), CSIGD_INT(epoch->attempt),
                                        CSIGD_BYTES(epoch->state, sizeof epoch->state)));
}

static csigd_stored ask(csigd_store *s, const uint8_t *wallet,
                        const uint8_t state[CSIGD_HASH_BYTES], csigd_epoch_answer *answer)
{
    csigd_wallet w;
    csigd_stored stored;

    CSIGD_STORE_TRY(s->wallet_get(s, wallet, 0, &w));
    if (w.state != CSIGD_ACTIVE || !w.has_epoch_state) return CSIGD_STORE_CONFLICT;
    answer->current = (csigd_epoch){.number = w.epoch, .attempt = w.epoch_attempt};
    memcpy(answer->current.state, w.epoch_state, sizeof answer->current.state);
    memcpy(answer->commit, w.commit, sizeof answer->commit);
    answer->fate = CSIGD_EPOCH_CURRENT;
    if (memcmp(w.epoch_state, state, sizeof w.epoch_state) == 0) return CSIGD_STORED;
    stored = s->refresh_of(s, wallet, answer->session);
    answer->fate = stored == CSIGD_STORED ? CSIGD_EPOCH_UNDECIDED : CSIGD_EPOCH_DEAD;
    return stored == CSIGD_STORE_NONE ? CSIGD_STORED : stored;
}

static csigd_stored epoch_ask(csigd_store *s, const uint8_t *wallet,
                              const uint8_t state[CSIGD_HASH_BYTES], csigd_epoch_answer *answer)
{
    csigd_stored result;

    memset(answer, 0, sizeof *answer);
    csigd_sql_lock(s->medium);
    result = ask(s, wallet, state, answer);
    csigd_sql_unlock(s->medium);
    return result;
}

/* --- backups --- */

static csigd_stored put(csigd_medium *m, const uint8_t *wallet, const uint8_t *state,
                        const csigd_backup_row *backup)
{
    int64_t same = 0;

    CSIGD_STORE_TRY(csigd_sql_number(
        m, &same, "SELECT epoch_state IS ?2 FROM wallets WHERE id = ?1",
        CSIGD_VALUES(CSIGD_BYTES(wallet, CSIGD_ID_BYTES), CSIGD_BYTES(state, CSIGD_HASH_BYTES))));
    if (same == 0) return CSIGD_STORE_EPOCH;
    CSIGD_STORE_TRY(csigd_sql_run(
        m, "INSERT OR REPLACE INTO backups (wallet, slot, party, sealed) VALUES (?1, 2, ?2, ?3)",
        CSIGD_VALUES(CSIGD_BYTES(wallet, CSIGD_ID_BYTES), CSIGD_INT(backup->party),
                     CSIGD_BYTES(backup->sealed.p, backup->sealed.len))));
    return csigd_sqlite_audit_line(m, "backup.stored", CSIGD_OF_WALLET(wallet),
                                   CSIGD_NUMBER("index", backup->party),
                                   CSIGD_HEX("epoch_state", state, CSIGD_HASH_BYTES));
}

static csigd_stored backup_put(csigd_store *s, const uint8_t *wallet,
                               const uint8_t state[CSIGD_HASH_BYTES],
                               const csigd_backup_row *backup)
{
    csigd_medium *m = s->medium;

    CSIGD_STORE_TRY(csigd_sql_begin(m));
    return csigd_sql_end(m, put(m, wallet, state, backup));
}

static bool blob_read(sqlite3_stmt *stmt, void *out)
{
    return csigd_column_is_blob(stmt, 0, out);
}

static csigd_stored backup_get(csigd_store *s, const uint8_t *wallet, uint16_t party,
                               csigd_blob *sealed)
{
    return csigd_sql_fetch(s->medium,
                           "SELECT sealed FROM backups WHERE wallet = ?1 AND slot = 2 "
                           "AND party = ?2",
                           CSIGD_VALUES(CSIGD_BYTES(wallet, CSIGD_ID_BYTES), CSIGD_INT(party)),
                           blob_read, sealed);
}

static bool counts_read(sqlite3_stmt *stmt, void *out)
{
    csigd_wallet_counts *counts = out;

    counts->active = (uint64_t)sqlite3_column_int64(stmt, 0);
    counts->without_backup = (uint64_t)sqlite3_column_int64(stmt, 1);
    return true;
}

static csigd_stored wallet_count(csigd_store *s, csigd_wallet_counts *counts)
{
    const csigd_medium *m = s->medium;

    return csigd_sql_fetch(m->counter, CSIGD_SQL_WALLET_COUNT, NULL, 0, counts_read, counts);
}

void csigd_sqlite_epochs(csigd_store *s)
{
    s->epoch_learn = epoch_learn;
    s->epoch_ask = epoch_ask;
    s->backup_put = backup_put;
    s->backup_get = backup_get;
    s->wallet_count = wallet_count;
}
