/* Who may ask: HTTP keys, tokens for enrolment, signatures that were taken. */
#include <string.h>

#include "store/sqlite.h"

/* --- keys --- */

static csigd_stored audit_key(csigd_medium *m, const char *kind, const csigd_key_row *k,
                              const uint8_t *old)
{
    char roles[CSIGD_ROLES_BYTES];
    csigd_log_field fields[8] = {
        CSIGD_HEX("key", k->id, sizeof k->id),
        CSIGD_TEXT("owner", k->owner),
        CSIGD_TEXT("roles", roles),
        CSIGD_TEXT("label", k->label),
        CSIGD_NUMBER("per_minute", k->per_minute),
    };
    size_t n = 5;

    csigd_roles_write(roles, k->roles);
    if (k->has_device)
        fields[n++] = CSIGD_HEX("device", k->device, sizeof k->device);
    else if (k->all_wallets)
        fields[n++] = CSIGD_TEXT("wallets", "all");
    else
        fields[n++] = CSIGD_NUMBER("wallets", k->n_wallets);
    if (old != NULL) fields[n++] = CSIGD_HEX("old", old, CSIGD_KEY_HASH_BYTES);
    return csigd_sqlite_audit_add(m, kind, CSIGD_OF_NOTHING, fields, n);
}

static csigd_stored insert_key(csigd_medium *m, const csigd_key_row *k, const char *sql)
{
    CSIGD_STORE_TRY(csigd_sql_run(
        m, sql,
        CSIGD_VALUES(CSIGD_BYTES(k->id, sizeof k->id), CSIGD_INT(k->key.algorithm),
                     CSIGD_BYTES(k->key.octets, sizeof k->key.octets), CSIGD_STRING(k->owner),
                     k->has_device ? CSIGD_BYTES(k->device, sizeof k->device) : CSIGD_NULL,
                     CSIGD_INT(k->roles), CSIGD_INT(k->all_wallets),
                     CSIGD_BYTES(k->wallets, k->n_wallets * CSIGD_ID_BYTES), CSIGD_INT(k->created),
                     CSIGD_INT(k->per_minute), CSIGD_STRING(k->label))));
    return csigd_sql_changed(m) == 0 ? CSIGD_STORE_CONFLICT : CSIGD_STORED;
}

#define INSERT_KEY                                                                                 \
    "INSERT INTO http_keys (id, algorithm, octets, owner, device, roles, all_wallets, wallets, "   \
    "created, per_minute, label) "                                                                 \
    "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11) ON CONFLICT "

static csigd_stored key_put(csigd_store *s, const csigd_key_row *key)
{
    csigd_medium *m = s->medium;

    csigd_stored result;

    CSIGD_STORE_TRY(csigd_sql_begin(m));
    result = insert_key(m, key, INSERT_KEY "DO NOTHING");
    if (result == CSIGD_STORED) result = audit_key(m, "key.added", key, NULL);
    return csigd_sql_end(m, result);
}

static csigd_stored revoke_within(csigd_medium *m, const uint8_t *id, int64_t when)
{
    CSIGD_STORE_TRY(
        csigd_sql_run(m, "UPDATE http_keys SET revoked = ?2 WHERE id = ?1 AND revoked = 0",
                      CSIGD_VALUES(CSIGD_BYTES(id, CSIGD_KEY_HASH_BYTES), CSIGD_INT(when))));
    if (csigd_sql_changed(m) == 0) return CSIGD_STORE_NONE;
    return csigd_sqlite_audit_line(m, "key.revoked", CSIGD_OF_NOTHING,
                                   CSIGD_HEX("key", id, CSIGD_KEY_HASH_BYTES));
}

static csigd_stored key_revoke(csigd_store *s, const uint8_t id[CSIGD_KEY_HASH_BYTES], int64_t when)
{
    csigd_medium *m = s->medium;

    CSIGD_STORE_TRY(csigd_sql_begin(m));
    return csigd_sql_end(m, revoke_within(m, id, when));
}

csigd_stored csigd_sqlite_inherit(csigd_medium *m, csigd_key_row *key, const uint8_t *old)
{
    static const char sql[] =
        "SELECT roles, per_minute, owner, label FROM http_keys WHERE device = ?1 AND "
        "revoked = 0 AND (?2 IS NULL OR id = ?2)";
    const csigd_value values[] = {CSIGD_BYTES(key->device, sizeof key->device),
                                  old != NULL ? CSIGD_BYTES(old, CSIGD_KEY_HASH_BYTES)
                                              : CSIGD_NULL};
    csigd_stored result;
    sqlite3_stmt *stmt;
    size_t n = 0;

    key->roles = 0;
    key->per_minute = 0;
    result = csigd_sql_query(m, &stmt, sql, values, 2);
    while (result == CSIGD_STORED) {
        result = csigd_sql_row(m, stmt);
        if (result != CSIGD_STORED) break;
        key->roles |= (uint32_t)sqlite3_column_int64(stmt, 0);
        if (sqlite3_column_int64(stmt, 1) > key->per_minute)
            key->per_minute = (uint32_t)sqlite3_column_int64(stmt, 1);
        if (!csigd_column_is_text(stmt, 2, key->owner, sizeof key->owner) ||
            !csigd_column_is_text(stmt, 3, key->label, sizeof key->label))
            result = csigd_sql_failed(m, sql);
        n++;
    }
    sqlite3_finalize(stmt);
    return result == CSIGD_STORE_NONE && n > 0 ? CSIGD_STORED : result;
}

static csigd_stored replace_within(csigd_medium *m, csigd_key_row *key, const uint8_t *old,
                                   int64_t when)
{
    const csigd_value own = CSIGD_BYTES(key->id, sizeof key->id);
    int64_t there = 0;

    CSIGD_STORE_TRY(
        csigd_sql_number(m, &there, "SELECT count(*) FROM http_keys WHERE id = ?1", &own, 1));
    /* Its roles are those it has got, when it has come before. */
    CSIGD_STORE_TRY(csigd_sqlite_inherit(m, key, there != 0 ? key->id : old));
    if (there != 0) return CSIGD_STORED;
    CSIGD_STORE_TRY(insert_key(m, key, INSERT_KEY "DO NOTHING"));
    CSIGD_STORE_TRY(csigd_sql_run(
        m,
        "UPDATE http_keys SET revoked = ?3 WHERE device = ?1 AND revoked = 0 AND id <> ?4 "
        "AND (?2 IS NULL OR id = ?2)",
        CSIGD_VALUES(CSIGD_BYTES(key->device, sizeof key->device),
                     old != NULL ? CSIGD_BYTES(old, CSIGD_KEY_HASH_BYTES) : CSIGD_NULL,
                     CSIGD_INT(when), CSIGD_BYTES(key->id, sizeof key->id))));
    return audit_key(m, "key.replaced", key, old);
}

static csigd_stored key_replace(csigd_store *s, csigd_key_row *key, const uint8_t *old,
                                int64_t when)
{
    csigd_medium *m = s->medium;

    CSIGD_STORE_TRY(csigd_sql_begin(m));
    return csigd_sql_end(m, replace_within(m, key, old, when));
}

static bool key_is_read(sqlite3_stmt *stmt, csigd_key_row *k)
{
    const size_t len = (size_t)sqlite3_column_bytes(stmt, 7);

    *k = (csigd_key_row){.has_device = sqlite3_column_type(stmt, 4) != SQLITE_NULL};
    k->key.algorithm = (csigd_key_algorithm)sqlite3_column_int(stmt, 1);
    k->roles = (uint32_t)sqlite3_column_int64(stmt, 5);
    k->all_wallets = sqlite3_column_int(stmt, 6) != 0;
    k->n_wallets = len / CSIGD_ID_BYTES;
    k->created = sqlite3_column_int64(stmt, 8);
    k->revoked = sqlite3_column_int64(stmt, 9);
    k->per_minute = (uint32_t)sqlite3_column_int64(stmt, 10);
    return csigd_column_is_bytes(stmt, 0, k->id, sizeof k->id) &&
           csigd_column_is_bytes(stmt, 2, k->key.octets, sizeof k->key.octets) &&
           csigd_column_is_text(stmt, 3, k->owner, sizeof k->owner) &&
           csigd_column_is_text(stmt, 11, k->label, sizeof k->label) &&
           (!k->has_device || csigd_column_is_bytes(stmt, 4, k->device, sizeof k->device)) &&
           k->n_wallets <= CSIGD_KEY_WALLETS_MAX &&
           (len == 0 || csigd_column_is_bytes(stmt, 7, k->wallets[0], len));
}

static csigd_stored key_list(csigd_store *s, void (*each)(void *ctx, const csigd_key_row *key),
                             void *ctx)
{
    static const char sql[] = "SELECT id, algorithm, octets, owner, device, roles, all_wallets, "
                              "wallets, created, revoked, per_minute, label FROM http_keys "
                              "ORDER BY created, id";
    csigd_medium *m = s->medium;
    csigd_key_row key;
    sqlite3_stmt *stmt;
    csigd_stored result;

    csigd_sql_lock(m);
    result = csigd_sql_query(m, &stmt, sql, NULL, 0);
    while (result == CSIGD_STORED) {
        result = csigd_sql_row(m, stmt);
        if (result != CSIGD_STORED) break;
        if (key_is_read(stmt, &key))
            each(ctx, &key);
        else
            result = csigd_sql_failed(m, sql);
    }
    sqlite3_finalize(stmt);
    csigd_sql_unlock(m);
    return result == CSIGD_STORE_NONE ? CSIGD_STORED : result;
}

/* --- enrolment --- */

static csigd_stored token_put(csigd_store *s, const uint8_t hash[CSIGD_HASH_BYTES], uint32_t roles,
                              const char *label, int64_t now, int64_t expires)
{
    csigd_medium *m = s->medium;
    char names[CSIGD_ROLES_BYTES];
    csigd_stored result;

    CSIGD_STORE_TRY(csigd_sql_begin(m));
    result =
        csigd_sql_run(m, "DELETE FROM tokens WHERE expires < ?1", CSIGD_VALUES(CSIGD_INT(now)));
    if (result == CSIGD_STORED)
        result = csigd_sql_run(
            m, "INSERT INTO tokens (hash, roles, expires, label) VALUES (?1, ?2, ?3, ?4)",
            CSIGD_VALUES(CSIGD_BYTES(hash, CSIGD_HASH_BYTES), CSIGD_INT(roles), CSIGD_INT(expires),
                         CSIGD_STRING(label)));
    csigd_roles_write(names, roles);
    if (result == CSIGD_STORED)
        result = csigd_sqlite_audit_line(m, "token.made", CSIGD_OF_NOTHING,
                                         CSIGD_HEX("token_sha256", hash, CSIGD_HASH_BYTES),
                                         CSIGD_TEXT("roles", names), CSIGD_TEXT("label", label),
                                         CSIGD_NUMBER("expires", expires));
    return csigd_sql_end(m, result);
}

/* Roles, and the label if there is one. */
static csigd_stored take_grant(csigd_medium *m, const uint8_t *token, csigd_key_row *key)
{
    static const char sql[] = "SELECT roles, label FROM tokens WHERE hash = ?1";
    char label[sizeof key->label];
    sqlite3_stmt *stmt;
    csigd_stored result;

    CSIGD_STORE_TRY(
        csigd_sql_query(m, &stmt, sql, CSIGD_VALUES(CSIGD_BYTES(token, CSIGD_HASH_BYTES))));
    result = csigd_sql_row(m, stmt);
    if (result == CSIGD_STORED) {
        key->roles |= (uint32_t)sqlite3_column_int64(stmt, 0);
        if (!csigd_column_is_text(stmt, 1, label, sizeof label))
            result = csigd_sql_failed(m, sql);
        else if (label[0] != '\0')
            memcpy(key->label, label, sizeof key->label);
    }
    sqlite3_finalize(stmt);
    return result;
}

static csigd_stored spend_token(csigd_medium *m, const uint8_t *token, int64_t now,
                                csigd_key_row *key)
{
    CSIGD_STORE_TRY(csigd_sql_run(m,
                                  "UPDATE tokens SET used = ?2, used_by = ?3 WHERE hash = ?1 AND "
                                  "expires >= ?2 AND (used = 0 OR used_by = ?3)",
                                  CSIGD_VALUES(CSIGD_BYTES(token, CSIGD_HASH_BYTES), CSIGD_INT(now),
                                               CSIGD_BYTES(key->id, sizeof key->id))));
    if (csigd_sql_changed(m) == 0) return csigd_sqlite_move_spend(m, token, now, key);
    return take_grant(m, token, key);
}

static csigd_stored enrol_within(csigd_medium *m, const csigd_device *device, csigd_key_row *key,
                                 const uint8_t *token, int64_t now)
{
    if (token != NULL) CSIGD_STORE_TRY(spend_token(m, token, now, key));
    CSIGD_STORE_TRY(
        csigd_sql_run(m,
                      "INSERT INTO devices (identity, name, created) "
                      "VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
                      CSIGD_VALUES(CSIGD_BYTES(device->identity, CSIG_IDENTITY_BYTES),
                                   CSIGD_STRING(device->name), CSIGD_INT(device->created))));
    if (csigd_sql_changed(m) == 1) CSIGD_STORE_TRY(csigd_sqlite_enrolled(m, device));
    CSIGD_STORE_TRY(insert_key(m, key,
                               INSERT_KEY "(id) DO UPDATE SET roles = excluded.roles, "
                                          "label = excluded.label "
                                          "WHERE device = excluded.device AND revoked = 0"));
    return audit_key(m, "key.added", key, NULL);
}

static csigd_stored enrol(csigd_store *s, const csigd_device *device, csigd_key_row *key,
                          const uint8_t token[CSIGD_HASH_BYTES], int64_t now)
{
    csigd_medium *m = s->medium;

    CSIGD_STORE_TRY(csigd_sql_begin(m));
    return csigd_sql_end(m, enrol_within(m, device, key, token, now));
}

/* How many there are: none is NONE. What is there takes as long as what is not. */
static csigd_stored ask(csigd_store *s, const char *sql, const uint8_t *id, const uint8_t *device)
{
    csigd_medium *m = s->medium;
    int64_t found = 0;
    csigd_stored result;

    csigd_sql_lock(m);
    result = csigd_sql_number(
        m, &found, sql,
        CSIGD_VALUES(CSIGD_BYTES(id, CSIGD_ID_BYTES), CSIGD_BYTES(device, CSIG_IDENTITY_BYTES)));
    csigd_sql_unlock(m);
    return result == CSIGD_STORED && found == 0 ? CSIGD_STORE_NONE : result;
}

static csigd_stored party_ask(csigd_store *s, const uint8_t *wallet, const uint8_t *device)
{
    return ask(s,
               "SELECT (SELECT count(*) FROM wallet_devices WHERE wallet = ?1 AND device = ?2) + "
               "(SELECT count(*) FROM sessions JOIN session_devices ON session = id "
               "WHERE kind = 2 AND wallet = ?1 AND device = ?2 AND NOT EXISTS "
               "(SELECT 1 FROM wallets AS w WHERE w.id = ?1 AND w.state = 2))",
               wallet, device);
}

static csigd_stored member_ask(csigd_store *s, const uint8_t *session, const uint8_t *device)
{
    return ask(s, "SELECT count(*) FROM session_devices WHERE session = ?1 AND device = ?2",
               session, device);
}

static csigd_stored resharer_ask(csigd_store *s, const uint8_t *wallet, const uint8_t *device)
{
    return ask(s,
               "SELECT (SELECT count(*) FROM former_devices WHERE wallet = ?1 AND device = ?2) + "
               "(SELECT count(*) FROM sessions JOIN session_devices ON session = id "
               "WHERE kind = 7 AND wallet = ?1 AND device = ?2)",
               wallet, device);
}

/* --- signatures that were taken --- */

static csigd_auth auth_of(csigd_stored stored)
{
    switch (stored) {
    case CSIGD_STORED:
        return CSIGD_AUTH_OK;
    case CSIGD_STORE_CONFLICT:
        return CSIGD_AUTH_REPLAY;
    case CSIGD_STORE_EPOCH:
        return CSIGD_AUTH_EXPIRED;
    case CSIGD_STORE_NONE:
    case CSIGD_STORE_LOCKED:
    case CSIGD_STORE_SPENT:
    case CSIGD_STORE_LATER:
    case CSIGD_STORE_DENIED:
    case CSIGD_STORE_FAILED:
        return CSIGD_AUTH_STORE;
    }
    return CSIGD_AUTH_STORE;
}

static csigd_stored remember_within(csigd_medium *m, const uint8_t *id, int64_t expires)
{
    int64_t horizon = 0;

    CSIGD_STORE_TRY(csigd_sql_number(m, &horizon, "SELECT expires FROM replay_horizon", NULL, 0));
    if (expires <= horizon) return CSIGD_STORE_EPOCH;
    CSIGD_STORE_TRY(
        csigd_sql_run(m, "INSERT INTO replays (id, expires) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
                      CSIGD_VALUES(CSIGD_BYTES(id, CSIGD_REPLAY_ID_BYTES), CSIGD_INT(expires))));
    return csigd_sql_changed(m) == 0 ? CSIGD_STORE_CONFLICT : CSIGD_STORED;
}

static csigd_auth remember(void *context, const uint8_t id[CSIGD_REPLAY_ID_BYTES], int64_t expires)
{
    csigd_store *s = context;
    csigd_medium *m = s->medium;

    if (csigd_sql_begin(m) != CSIGD_STORED) return CSIGD_AUTH_STORE;
    return auth_of(csigd_sql_end(m, remember_within(m, id, expires)));
}

static csigd_stored forget_within(csigd_medium *m, int64_t until)
{
    CSIGD_STORE_TRY(csigd_sql_run(
        m,
        "UPDATE replay_horizon SET expires = max(expires, coalesce((SELECT max(expires) FROM "
        "replays WHERE expires <= ?1), 0))",
        CSIGD_VALUES(CSIGD_INT(until))));
    return csigd_sql_run(m, "DELETE FROM replays WHERE expires <= ?1",
                         CSIGD_VALUES(CSIGD_INT(until)));
}

static csigd_auth forget(void *context, int64_t until)
{
    csigd_store *s = context;
    csigd_medium *m = s->medium;

    if (csigd_sql_begin(m) != CSIGD_STORED) return CSIGD_AUTH_STORE;
    return auth_of(csigd_sql_end(m, forget_within(m, until)));
}

void csigd_sqlite_access(csigd_store *s)
{
    csigd_sqlite_server_keys(s);
    csigd_sqlite_moves(s);
    s->key_replace = key_replace;
    s->key_put = key_put;
    s->key_revoke = key_revoke;
    s->key_list = key_list;
    s->token_put = token_put;
    s->enrol = enrol;
    s->party_ask = party_ask;
    s->member_ask = member_ask;
    s->resharer_ask = resharer_ask;
    s->replay = (csigd_replay_store){.context = s, .remember = remember, .forget = forget};
}
