/* A device gives its place to another one: the open move of each, with the token that lets one
 * enrol whom nobody knows yet; and what that one has of the other as soon as a wallet is its own.
 */
#include <string.h>

#include "store/sqlite.h"

#define DEVICE(p) CSIGD_BYTES((p), CSIG_IDENTITY_BYTES)

/* Of a row of moves: it can still be used by whoever asked for it. */
#define STANDS                                                                                     \
    "EXISTS (SELECT 1 FROM http_keys AS k WHERE k.device = moves.device AND k.revoked = 0 "        \
    "AND (moves.key IS NULL OR k.id = moves.key)) "                                                \
    "AND NOT EXISTS (SELECT 1 FROM pairs AS p WHERE p.device = moves.device AND p.locked != 0)"

/* --- the move of a device --- */

static bool move_is_read(sqlite3_stmt *stmt, void *out)
{
    csigd_move *move = out;
    const size_t len = (size_t)sqlite3_column_bytes(stmt, 3);

    *move = (csigd_move){.has_key = sqlite3_column_type(stmt, 1) != SQLITE_NULL,
                         .n_wallets = len / CSIGD_ID_BYTES,
                         .expires = sqlite3_column_int64(stmt, 4),
                         .has_successor = sqlite3_column_type(stmt, 5) != SQLITE_NULL};
    return csigd_column_is_bytes(stmt, 0, move->device, sizeof move->device) &&
           (!move->has_key || csigd_column_is_bytes(stmt, 1, move->key, sizeof move->key)) &&
           csigd_column_is_bytes(stmt, 2, move->token, sizeof move->token) &&
           move->n_wallets <= CSIGD_MOVE_WALLETS_MAX &&
           csigd_column_is_bytes(stmt, 3, move->wallets[0], len) &&
           (!move->has_successor ||
            csigd_column_is_bytes(stmt, 5, move->successor, sizeof move->successor));
}

static csigd_stored read_move(csigd_medium *m, const uint8_t *device, csigd_move *move)
{
    return csigd_sql_fetch(m,
                           "SELECT device, key, token, wallets, expires, successor FROM moves "
                           "WHERE device = ?1",
                           CSIGD_VALUES(DEVICE(device)), move_is_read, move);
}

/* Operators' tokens are tokens, too. */
static csigd_stored check_put(csigd_medium *m, const csigd_move *move)
{
    const csigd_value values[] = {
        DEVICE(move->device), move->has_key ? CSIGD_BYTES(move->key, sizeof move->key) : CSIGD_NULL,
        CSIGD_BYTES(move->token, sizeof move->token)};
    int64_t keys = 0, locked = 0, waiting = 0, known = 0;

    CSIGD_STORE_TRY(csigd_sql_number(m, &keys,
                                     "SELECT count(*) FROM http_keys WHERE device = ?1 AND "
                                     "revoked = 0 AND (?2 IS NULL OR id = ?2)",
                                     values, 2));
    CSIGD_STORE_TRY(csigd_sql_number(
        m, &locked, "SELECT count(*) FROM pairs WHERE device = ?1 AND locked != 0", values, 1));
    CSIGD_STORE_TRY(
        csigd_sql_number(m, &waiting, "SELECT count(*) FROM successors WHERE old = ?1", values, 1));
    CSIGD_STORE_TRY(csigd_sql_number(m, &known,
                                     "SELECT (SELECT count(*) FROM tokens WHERE hash = ?3) + "
                                     "(SELECT count(*) FROM moves WHERE token = ?3)",
                                     values, 3));
    if (keys == 0) return CSIGD_STORE_NONE;
    if (locked != 0) return CSIGD_STORE_LOCKED;
    if (waiting >= CSIGD_SUCCESSORS_MAX) return CSIGD_STORE_SPENT;
    return known == 0 ? CSIGD_STORED : CSIGD_STORE_CONFLICT;
}

static csigd_stored put_within(csigd_medium *m, csigd_move *move, int64_t now)
{
    csigd_move before;
    const csigd_stored there = read_move(m, move->device, &before);

    if (there != CSIGD_STORED && there != CSIGD_STORE_NONE) return there;
    if (there == CSIGD_STORED && memcmp(before.token, move->token, sizeof move->token) == 0 &&
        memcmp(before.key, move->key, sizeof move->key) == 0) {
        *move = before;
        return CSIGD_STORED;
    }
    CSIGD_STORE_TRY(check_put(m, move));
    CSIGD_STORE_TRY(csigd_sql_run(m, "DELETE FROM moves WHERE device = ?1 OR expires < ?2",
                                  CSIGD_VALUES(DEVICE(move->device), CSIGD_INT(now))));
    CSIGD_STORE_TRY(csigd_sql_run(
        m, "INSERT INTO moves (device, key, token, wallets, expires) VALUES (?1, ?2, ?3, ?4, ?5)",
        CSIGD_VALUES(DEVICE(move->device),
                     move->has_key ? CSIGD_BYTES(move->key, sizeof move->key) : CSIGD_NULL,
                     CSIGD_BYTES(move->token, sizeof move->token),
                     CSIGD_BYTES(move->wallets, move->n_wallets * CSIGD_ID_BYTES),
                     CSIGD_INT(move->expires))));
    return csigd_sqlite_audit_line(
        m, "move.begun", CSIGD_OF_NOTHING, CSIGD_HEX("device", move->device, sizeof move->device),
        CSIGD_HEX("token_sha256", move->token, sizeof move->token),
        CSIGD_NUMBER("wallets", move->n_wallets), CSIGD_NUMBER("expires", move->expires));
}

static csigd_stored put(csigd_store *s, csigd_move *move, int64_t now)
{
    csigd_medium *m = s->medium;

    CSIGD_STORE_TRY(csigd_sql_begin(m));
    return csigd_sql_end(m, put_within(m, move, now));
}

static csigd_stored drop_within(csigd_medium *m, const uint8_t *device, int64_t now)
{
    csigd_log_field fields[2] = {CSIGD_HEX("device", device, CSIG_IDENTITY_BYTES)};
    csigd_move move;

    CSIGD_STORE_TRY(read_move(m, device, &move));
    CSIGD_STORE_TRY(
        csigd_sql_run(m, "DELETE FROM moves WHERE device = ?1", CSIGD_VALUES(DEVICE(device))));
    if (move.expires < now && !move.has_successor) return CSIGD_STORED;
    if (move.has_successor)
        fields[1] = CSIGD_HEX("successor", move.successor, sizeof move.successor);
    return csigd_sqlite_audit_add(m, "move.ended", CSIGD_OF_NOTHING, fields,
                                  move.has_successor ? 2 : 1);
}

static csigd_stored drop(csigd_store *s, const uint8_t *device, int64_t now)
{
    csigd_medium *m = s->medium;

    CSIGD_STORE_TRY(csigd_sql_begin(m));
    return csigd_sql_end(m, drop_within(m, device, now));
}

/* --- the resharings of a move --- */

static bool wallet_is_of(const csigd_move *move, const uint8_t *wallet)
{
    for (size_t i = 0; i < move->n_wallets; i++) {
        if (memcmp(move->wallets[i], wallet, sizeof move->wallets[i]) == 0) return true;
    }
    return false;
}

/* Whoever it is now, nobody enrols for it any more. */
static csigd_stored bind(csigd_medium *m, const csigd_move *move, const uint8_t *wallet,
                         const uint8_t *successor)
{
    if (!wallet_is_of(move, wallet)) return CSIGD_STORE_CONFLICT;
    if (move->has_successor)
        return memcmp(move->successor, successor, sizeof move->successor) == 0
                   ? CSIGD_STORED
                   : CSIGD_STORE_CONFLICT;
    return csigd_sql_run(m, "UPDATE moves SET successor = ?2 WHERE device = ?1",
                         CSIGD_VALUES(DEVICE(move->device), DEVICE(successor)));
}

static csigd_stored begin_within(csigd_medium *m, const uint8_t *device, const uint8_t *wallet,
                                 const uint8_t *successor, int64_t now)
{
    csigd_move move;
    const csigd_stored there = read_move(m, device, &move);

    if (there != CSIGD_STORED && there != CSIGD_STORE_NONE) return there;
    if (there == CSIGD_STORED && move.expires >= now)
        CSIGD_STORE_TRY(bind(m, &move, wallet, successor));
    return csigd_sqlite_audit_line(m, "wallet.moving", CSIGD_OF_WALLET(wallet),
                                   CSIGD_HEX("device", device, CSIG_IDENTITY_BYTES),
                                   CSIGD_HEX("successor", successor, CSIG_IDENTITY_BYTES));
}

static csigd_stored begin(csigd_store *s, const uint8_t *device, const uint8_t *wallet,
                          const uint8_t *successor, int64_t now)
{
    csigd_medium *m = s->medium;

    CSIGD_STORE_TRY(csigd_sql_begin(m));
    return csigd_sql_end(m, begin_within(m, device, wallet, successor, now));
}

/* --- who enrols by a move --- */

/* A reply that was lost: it is this key's already. And a device that has a key here needs none: it
 * gets nothing more. */
static csigd_stored is_known(csigd_medium *m, const uint8_t *token, int64_t now,
                             const csigd_key_row *key)
{
    int64_t known = 0;

    CSIGD_STORE_TRY(csigd_sql_number(
        m, &known,
        "SELECT count(*) FROM moves JOIN http_keys AS k ON k.id = ?3 WHERE token = ?1 "
        "AND expires >= ?2 AND k.device = ?4 AND k.revoked = 0",
        CSIGD_VALUES(CSIGD_BYTES(token, CSIGD_HASH_BYTES), CSIGD_INT(now),
                     CSIGD_BYTES(key->id, sizeof key->id), DEVICE(key->device))));
    return known != 0 ? CSIGD_STORED : CSIGD_STORE_NONE;
}

static bool device_is_read(sqlite3_stmt *stmt, void *out)
{
    return csigd_column_is_bytes(stmt, 0, out, CSIG_IDENTITY_BYTES);
}

/* Roles and label wait until a wallet is its own: whoever got hold of the token has a device that
 * may do next to nothing. */
static csigd_stored promise(csigd_medium *m, const uint8_t *token, csigd_key_row *key)
{
    csigd_key_row from = {.has_device = true};
    csigd_move move;

    CSIGD_STORE_TRY(csigd_sql_fetch(m, "SELECT device FROM moves WHERE token = ?1",
                                    CSIGD_VALUES(CSIGD_BYTES(token, CSIGD_HASH_BYTES)),
                                    device_is_read, from.device));
    CSIGD_STORE_TRY(read_move(m, from.device, &move));
    CSIGD_STORE_TRY(csigd_sqlite_inherit(m, &from, move.has_key ? move.key : NULL));
    key->per_minute = from.per_minute;
    CSIGD_STORE_TRY(csigd_sql_run(
        m, "INSERT INTO successors (device, old, roles, label) VALUES (?1, ?2, ?3, ?4)",
        CSIGD_VALUES(DEVICE(key->device), DEVICE(from.device), CSIGD_INT(from.roles),
                     CSIGD_STRING(from.label))));
    return csigd_sqlite_audit_line(m, "move.joined", CSIGD_OF_NOTHING,
                                   CSIGD_HEX("device", from.device, sizeof from.device),
                                   CSIGD_HEX("successor", key->device, sizeof key->device),
                                   CSIGD_HEX("key", key->id, sizeof key->id),
                                   CSIGD_HEX("token_sha256", token, CSIGD_HASH_BYTES));
}

/* Nobody is who has not enrolled, and is no party of anything: a token of the operator's is another
 * word than that of a device. */
csigd_stored csigd_sqlite_move_spend(csigd_medium *m, const uint8_t *token, int64_t now,
                                     csigd_key_row *key)
{
    CSIGD_STORE_TRY(csigd_sql_run(
        m,
        "UPDATE moves SET successor = ?3, used_by = ?4 WHERE token = ?1 AND expires >= ?2 "
        "AND successor IS NULL AND " STANDS " "
        "AND NOT EXISTS (SELECT 1 FROM devices WHERE identity = ?3) "
        "AND NOT EXISTS (SELECT 1 FROM wallet_devices AS w WHERE w.device = ?3)",
        CSIGD_VALUES(CSIGD_BYTES(token, CSIGD_HASH_BYTES), CSIGD_INT(now), DEVICE(key->device),
                     CSIGD_BYTES(key->id, sizeof key->id))));
    return csigd_sql_changed(m) == 1 ? promise(m, token, key) : is_known(m, token, now, key);
}

/* --- a committee changes --- */

typedef struct heir {
    uint8_t device[CSIG_IDENTITY_BYTES], old[CSIG_IDENTITY_BYTES];
    uint32_t roles;
    char label[CSIGD_LABEL_MAX + 1];
} heir;

static bool wallet_has(const csigd_wallet *w, const uint8_t *device)
{
    for (size_t i = 0; i < w->n_devices; i++) {
        if (memcmp(w->devices[i], device, sizeof w->devices[i]) == 0) return true;
    }
    return false;
}

/* While the device that it comes after has a key: what was taken from that one nobody inherits. */
static csigd_stored pass_on(csigd_medium *m, const uint8_t *wallet, const heir *h)
{
    char roles[CSIGD_ROLES_BYTES];

    CSIGD_STORE_TRY(csigd_sql_run(
        m,
        "UPDATE http_keys SET roles = roles | ?3, label = CASE label WHEN '' THEN ?4 ELSE label "
        "END WHERE device = ?1 AND revoked = 0 AND EXISTS "
        "(SELECT 1 FROM http_keys AS k WHERE k.device = ?2 AND k.revoked = 0)",
        CSIGD_VALUES(DEVICE(h->device), DEVICE(h->old), CSIGD_INT(h->roles),
                     CSIGD_STRING(h->label))));
    if (csigd_sql_changed(m) == 0) return CSIGD_STORED;
    CSIGD_STORE_TRY(csigd_sql_run(m, "DELETE FROM successors WHERE device = ?1",
                                  CSIGD_VALUES(DEVICE(h->device))));
    csigd_roles_write(roles, h->roles);
    return csigd_sqlite_audit_line(m, "key.inherited", CSIGD_OF_WALLET(wallet),
                                   CSIGD_HEX("device", h->device, sizeof h->device),
                                   CSIGD_HEX("from", h->old, sizeof h->old),
                                   CSIGD_TEXT("roles", roles), CSIGD_TEXT("label", h->label));
}

static csigd_stored list_heirs(csigd_medium *m, const uint8_t *wallet, const csigd_wallet *next,
                               heir *heirs, size_t *n)
{
    static const char sql[] = "SELECT s.device, s.old, s.roles, s.label FROM successors AS s "
                              "JOIN wallet_devices AS w ON w.device = s.old WHERE w.wallet = ?1";
    csigd_stored result;
    sqlite3_stmt *stmt;

    *n = 0;
    CSIGD_STORE_TRY(
        csigd_sql_query(m, &stmt, sql, CSIGD_VALUES(CSIGD_BYTES(wallet, CSIGD_ID_BYTES))));
    while ((result = csigd_sql_row(m, stmt)) == CSIGD_STORED && *n < CSIGD_DEVICES_MAX) {
        heir *h = &heirs[*n];

        h->roles = (uint32_t)sqlite3_column_int64(stmt, 2);
        if (!csigd_column_is_bytes(stmt, 0, h->device, sizeof h->device) ||
            !csigd_column_is_bytes(stmt, 1, h->old, sizeof h->old) ||
            !csigd_column_is_text(stmt, 3, h->label, sizeof h->label)) {
            result = csigd_sql_failed(m, sql);
            break;
        }
        *n += wallet_has(next, h->device) && !wallet_has(next, h->old);
    }
    sqlite3_finalize(stmt);
    return result == CSIGD_STORE_NONE ? CSIGD_STORED : result;
}

static csigd_stored tell_leaving(csigd_medium *m, const uint8_t *wallet, const csigd_wallet *next)
{
    static const char sql[] = "SELECT device FROM wallet_devices WHERE wallet = ?1";
    const csigd_value self = CSIGD_BYTES(wallet, CSIGD_ID_BYTES);
    uint8_t devices[CSIGD_DEVICES_MAX][CSIG_IDENTITY_BYTES];
    csigd_stored result;
    sqlite3_stmt *stmt;
    size_t n = 0;

    CSIGD_STORE_TRY(csigd_sql_query(m, &stmt, sql, &self, 1));
    while ((result = csigd_sql_row(m, stmt)) == CSIGD_STORED && n < CSIGD_DEVICES_MAX &&
           device_is_read(stmt, devices[n]))
        n += !wallet_has(next, devices[n]);
    sqlite3_finalize(stmt);
    if (result != CSIGD_STORE_NONE) return CSIGD_STORE_FAILED;
    for (size_t i = 0; i < n; i++) {
        CSIGD_STORE_TRY(csigd_sql_run(
            m, "INSERT OR IGNORE INTO former_devices (wallet, device) VALUES (?1, ?2)",
            CSIGD_VALUES(self, DEVICE(devices[i]))));
        CSIGD_STORE_TRY(csigd_sql_run(m,
                                      "INSERT INTO events (kind, wallet, device) SELECT "
                                      "'device.left', id, ?2 FROM wallets WHERE id = ?1 AND "
                                      "rehearsal = 0",
                                      CSIGD_VALUES(self, DEVICE(devices[i]))));
    }
    return CSIGD_STORED;
}

csigd_stored csigd_sqlite_moved(csigd_medium *m, const uint8_t *wallet, const csigd_wallet *next)
{
    heir heirs[CSIGD_DEVICES_MAX];
    size_t n;

    CSIGD_STORE_TRY(tell_leaving(m, wallet, next));
    CSIGD_STORE_TRY(list_heirs(m, wallet, next, heirs, &n));
    for (size_t i = 0; i < n; i++)
        CSIGD_STORE_TRY(pass_on(m, wallet, &heirs[i]));
    return CSIGD_STORED;
}

void csigd_sqlite_moves(csigd_store *s)
{
    s->moves = (csigd_move_store){.put = put, .drop = drop, .begin = begin};
}
