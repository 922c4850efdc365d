/* Wallets, their shares, and what they are asked to sign. */
#include <string.h>

#include "store/sqlite.h"

#define LIST_PART       100
#define SIGNATURE_BYTES (32 + 32 + 1 + CSIG_PUBKEY_BYTES)

/* --- wallets --- */

#define WALLET_COLUMNS                                                                             \
    "id, state, signers_required, parties, allow, created, key_id, public_key, epoch, "            \
    "commit_signature, epoch_attempt, epoch_state, refreshed, refresh_attempts, label"

static bool wallet_is_read(sqlite3_stmt *stmt, csigd_wallet *w)
{
    *w = (csigd_wallet){
        .state = (csigd_wallet_state)sqlite3_column_int(stmt, 1),
        .signers_required = (uint16_t)sqlite3_column_int(stmt, 2),
        .parties = (uint16_t)sqlite3_column_int(stmt, 3),
        .allow = (uint32_t)sqlite3_column_int64(stmt, 4),
        .created = sqlite3_column_int64(stmt, 5),
        .epoch = (uint64_t)sqlite3_column_int64(stmt, 8),
        .epoch_attempt = (uint64_t)sqlite3_column_int64(stmt, 10),
        .refreshed = (csigd_refreshed)sqlite3_column_int(stmt, 12),
        .refresh_attempts = (uint64_t)sqlite3_column_int64(stmt, 13),
    };
    if (!csigd_column_is_bytes(stmt, 0, w->id, sizeof w->id) ||
        !csigd_column_is_text(stmt, 14, w->label, sizeof w->label))
        return false;
    if (w->state != CSIGD_ACTIVE) return true;
    w->has_epoch_state = csigd_column_is_bytes(stmt, 11, w->epoch_state, sizeof w->epoch_state);
    return csigd_column_is_bytes(stmt, 6, w->key_id, sizeof w->key_id) &&
           csigd_column_is_bytes(stmt, 7, w->public_key, sizeof w->public_key) &&
           csigd_column_is_bytes(stmt, 9, w->commit, sizeof w->commit);
}

static csigd_stored read_devices(csigd_medium *m, csigd_wallet *w, uint64_t own_generation)
{
    sqlite3_stmt *stmt;
    csigd_stored result;

    CSIGD_STORE_TRY(csigd_sql_query(
        m, &stmt,
        "SELECT w.device, EXISTS (SELECT 1 FROM pairs AS p WHERE p.device = w.device "
        "AND p.own_generation <= ?2 AND p.locked != 0) FROM wallet_devices AS w "
        "WHERE w.wallet = ?1 ORDER BY w.position",
        CSIGD_VALUES(CSIGD_BYTES(w->id, sizeof w->id), CSIGD_INT(own_generation))));
    while ((result = csigd_sql_row(m, stmt)) == CSIGD_STORED && w->n_devices < CSIGD_DEVICES_MAX) {
        if (!csigd_column_is_bytes(stmt, 0, w->devices[w->n_devices], CSIG_IDENTITY_BYTES)) break;
        w->locked[w->n_devices++] = sqlite3_column_int64(stmt, 1) != 0;
    }
    sqlite3_finalize(stmt);
    return result == CSIGD_STORE_NONE ? CSIGD_STORED : CSIGD_STORE_FAILED;
}

static csigd_stored read_backups(csigd_medium *m, csigd_wallet *w)
{
    sqlite3_stmt *stmt;
    csigd_stored result;

    CSIGD_STORE_TRY(csigd_sql_query(m, &stmt,
                                    "SELECT party FROM backups WHERE wallet = ?1 AND slot = 2",
                                    CSIGD_VALUES(CSIGD_BYTES(w->id, sizeof w->id))));
    while ((result = csigd_sql_row(m, stmt)) == CSIGD_STORED) {
        const int64_t party = sqlite3_column_int64(stmt, 0);

        if (party < 1 || party > CSIG_PARTIES_MAX) break;
        w->has_backup[party - 1] = true;
    }
    sqlite3_finalize(stmt);
    return result == CSIGD_STORE_NONE ? CSIGD_STORED : CSIGD_STORE_FAILED;
}

static csigd_stored wallet_get(csigd_store *s, const uint8_t *id, uint64_t own_generation,
                               csigd_wallet *wallet)
{
    csigd_medium *m = s->medium;
    sqlite3_stmt *stmt;
    csigd_stored result;

    csigd_sql_lock(m);
    result = csigd_sql_query(m, &stmt, "SELECT " WALLET_COLUMNS " FROM wallets WHERE id = ?1",
                             CSIGD_VALUES(CSIGD_BYTES(id, CSIGD_ID_BYTES)));
    if (result == CSIGD_STORED) {
        result = csigd_sql_row(m, stmt);
        if (result == CSIGD_STORED && !wallet_is_read(stmt, wallet))
            result = csigd_sql_failed(m, "wallet");
        sqlite3_finalize(stmt);
    }
    if (result == CSIGD_STORED) result = read_devices(m, wallet, own_generation);
    if (result == CSIGD_STORED) result = read_backups(m, wallet);
    if (result == CSIGD_STORED) result = csigd_sqlite_read_recovery(m, wallet);
    csigd_sql_unlock(m);
    return result;
}

/* The next wallets behind the last one of the list. */
typedef struct listing {
    uint64_t own_generation;
    void (*each)(void *ctx, const csigd_wallet *wallet);
    void *ctx;
    csigd_wallet last;
    size_t n; /* of this part */
} listing;

static csigd_stored list_part(csigd_medium *m, listing *l)
{
    const csigd_wallet last = l->last;
    sqlite3_stmt *stmt;
    csigd_stored result;

    CSIGD_STORE_TRY(
        csigd_sql_query(m, &stmt,
                        "SELECT " WALLET_COLUMNS " FROM wallets WHERE state = 2 AND "
                        "(created, id) > (?1, ?2) ORDER BY created, id LIMIT ?3",
                        CSIGD_VALUES(CSIGD_INT(last.created), CSIGD_BYTES(last.id, sizeof last.id),
                                     CSIGD_INT(LIST_PART))));
    l->n = 0;
    while ((result = csigd_sql_row(m, stmt)) == CSIGD_STORED) {
        if (!wallet_is_read(stmt, &l->last) ||
            read_devices(m, &l->last, l->own_generation) != CSIGD_STORED ||
            read_backups(m, &l->last) != CSIGD_STORED ||
            csigd_sqlite_read_recovery(m, &l->last) != CSIGD_STORED) {
            result = csigd_sql_failed(m, "wallet");
            break;
        }
        l->each(l->ctx, &l->last);
        l->n++;
    }
    sqlite3_finalize(stmt);
    return result == CSIGD_STORE_NONE ? CSIGD_STORED : result;
}

/* In parts, between which others have the store: signing does not wait for a long list. */
static csigd_stored wallet_list(csigd_store *s, uint64_t own_generation,
                                void (*each)(void *ctx, const csigd_wallet *wallet), void *ctx)
{
    listing l = {.own_generation = own_generation, .each = each, .ctx = ctx};
    csigd_stored result;

    l.last.created = INT64_MIN;
    do {
        csigd_sql_lock(s->medium);
        result = list_part(s->medium, &l);
        csigd_sql_unlock(s->medium);
    } while (result == CSIGD_STORED && l.n == LIST_PART);
    return result;
}

static bool label_read(sqlite3_stmt *stmt, void *out)
{
    return csigd_column_is_text(stmt, 0, out, CSIGD_LABEL_MAX + 1);
}

static csigd_stored label_get(csigd_store *s, const uint8_t *wallet,
                              char label[CSIGD_LABEL_MAX + 1])
{
    return csigd_sql_fetch(s->medium, "SELECT label FROM wallets WHERE id = ?1",
                           CSIGD_VALUES(CSIGD_BYTES(wallet, CSIGD_ID_BYTES)), label_read, label);
}

static bool share_read(sqlite3_stmt *stmt, void *out)
{
    csigd_share_row *share = out;

    *share = (csigd_share_row){.key = {NULL, 0}};
    if (!csigd_column_is_blob(stmt, 0, &share->sealed)) return false;
    if (csigd_column_is_blob(stmt, 1, &share->key)) return true;
    csigd_share_row_free(share);
    return false;
}

static csigd_stored share_get(csigd_store *s, const uint8_t *wallet, csigd_share_row *share)
{
    return csigd_sql_fetch(s->medium,
                           "SELECT s.sealed, k.sealed FROM shares AS s LEFT JOIN share_keys AS k "
                           "ON k.wallet = s.wallet AND k.slot = s.slot "
                           "WHERE s.wallet = ?1 AND s.slot = 2",
                           CSIGD_VALUES(CSIGD_BYTES(wallet, CSIGD_ID_BYTES)), share_read, share);
}

/* --- requests --- */

static csigd_stored put_request(csigd_medium *m, const csigd_request *r)
{
    CSIGD_STORE_TRY(csigd_sql_run(
        m,
        "INSERT INTO requests (id, wallet, state, type, digest, path, mode, presigned, created) "
        "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        CSIGD_VALUES(CSIGD_BYTES(r->id, sizeof r->id), CSIGD_BYTES(r->wallet, sizeof r->wallet),
                     CSIGD_INT(r->state), CSIGD_INT(r->type),
                     CSIGD_BYTES(r->digest, sizeof r->digest), CSIGD_STRING(r->path),
                     CSIGD_INT(r->mode), CSIGD_INT(r->presigned), CSIGD_INT(r->created))));
    return csigd_sqlite_audit_line(
        m, "request.created", CSIGD_OF_REQUEST(r->wallet, r->id),
        CSIGD_HEX("digest", r->digest, sizeof r->digest), CSIGD_TEXT("path", r->path),
        CSIGD_TEXT("mode", r->mode == CSIGD_MODE_PHONE ? "phone" : "server"),
        CSIGD_NUMBER("presigned", r->presigned));
}

static csigd_stored request_put(csigd_store *s, const csigd_request *request)
{
    csigd_medium *m = s->medium;

    CSIGD_STORE_TRY(csigd_sql_begin(m));
    return csigd_sql_end(m, put_request(m, request));
}

static bool signature_is_read(sqlite3_stmt *stmt, int column, csig_signature *sig)
{
    uint8_t packed[SIGNATURE_BYTES];

    if (!csigd_column_is_bytes(stmt, column, packed, sizeof packed)) return false;
    memcpy(sig->r, packed, 32);
    memcpy(sig->s, packed + 32, 32);
    sig->recovery_id = packed[64];
    memcpy(sig->public_key, packed + 65, CSIG_PUBKEY_BYTES);
    return true;
}

static bool request_read(sqlite3_stmt *stmt, void *out)
{
    csigd_request *r = out;

    *r = (csigd_request){
        .state = (csigd_request_state)sqlite3_column_int(stmt, 2),
        .type = (uint32_t)sqlite3_column_int64(stmt, 3),
        .mode = (csigd_mode)sqlite3_column_int(stmt, 6),
        .presigned = sqlite3_column_int(stmt, 7) != 0,
        .created = sqlite3_column_int64(stmt, 8),
        .released = sqlite3_column_int64(stmt, 9),
    };
    return csigd_column_is_bytes(stmt, 0, r->id, sizeof r->id) &&
           csigd_column_is_bytes(stmt, 1, r->wallet, sizeof r->wallet) &&
           csigd_column_is_bytes(stmt, 4, r->digest, sizeof r->digest) &&
           csigd_column_is_text(stmt, 5, r->path, sizeof r->path) &&
           (r->state != CSIGD_SIGNED || signature_is_read(stmt, 10, &r->signature));
}

static csigd_stored request_get(csigd_store *s, const uint8_t *id, csigd_request *request)
{
    return csigd_sql_fetch(s->medium,
                           "SELECT id, wallet, state, type, digest, path, mode, presigned, "
                           "created, released, signature FROM requests WHERE id = ?1",
                           CSIGD_VALUES(CSIGD_BYTES(id, CSIG_REQUEST_ID_BYTES)), request_read,
                           request);
}

void csigd_sqlite_wallets(csigd_store *s)
{
    s->wallet_get = wallet_get;
    s->wallet_list = wallet_list;
    s->label_get = label_get;
    s->share_get = share_get;
    s->request_put = request_put;
    s->request_get = request_get;
}
