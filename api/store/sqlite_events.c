/* Events, which the schema's triggers write, and the webhooks that are told of them. */
#include <string.h>

#include "store/sqlite.h"

#define ID(p) CSIGD_BYTES((p), CSIGD_WEBHOOK_ID_BYTES)

static const char *const names[CSIGD_EVENT_KIND_COUNT] = {
#define KIND_NAME(name, word) [CSIGD_EVENT_##name] = (word),
    CSIGD_EVENT_KINDS(KIND_NAME)
#undef KIND_NAME
};

const char *csigd_event_kind_name(csigd_event_kind kind)
{
    return names[kind];
}

bool csigd_event_kind_is_read(csigd_event_kind *kind, const char *name)
{
    for (unsigned i = 0; i < CSIGD_EVENT_KIND_COUNT; i++) {
        if (strcmp(names[i], name) != 0) continue;
        *kind = (csigd_event_kind)i;
        return true;
    }
    return false;
}

/* --- events --- */

static bool kind_is_read(sqlite3_stmt *stmt, int column, csigd_event_kind *kind)
{
    char name[CSIGD_EVENT_KIND_BYTES];

    return csigd_column_is_text(stmt, column, name, sizeof name) &&
           csigd_event_kind_is_read(kind, name);
}

/* An id that may be missing. */
static bool id_is_read(sqlite3_stmt *stmt, int column, bool *has, uint8_t *out, size_t len)
{
    *has = sqlite3_column_type(stmt, column) != SQLITE_NULL;
    return !*has || csigd_column_is_bytes(stmt, column, out, len);
}

static bool event_is_read(sqlite3_stmt *stmt, csigd_event_row *e)
{
    *e = (csigd_event_row){.number = (uint64_t)sqlite3_column_int64(stmt, 0),
                           .created = sqlite3_column_int64(stmt, 3),
                           .has_epoch = sqlite3_column_type(stmt, 7) != SQLITE_NULL,
                           .epoch = (uint64_t)sqlite3_column_int64(stmt, 7),
                           .is_party = sqlite3_column_int(stmt, 10) != 0};
    return csigd_column_is_bytes(stmt, 1, e->id, sizeof e->id) && kind_is_read(stmt, 2, &e->kind) &&
           id_is_read(stmt, 4, &e->has_wallet, e->wallet, sizeof e->wallet) &&
           id_is_read(stmt, 5, &e->has_request, e->request, sizeof e->request) &&
           id_is_read(stmt, 6, &e->has_device, e->device, sizeof e->device) &&
           id_is_read(stmt, 8, &e->has_webhook, e->webhook, sizeof e->webhook) &&
           csigd_column_is_text(stmt, 9, e->label, sizeof e->label) &&
           csigd_column_is_text(stmt, 11, e->trace, sizeof e->trace);
}

static csigd_stored read_within(csigd_medium *m, uint64_t after, size_t n, const uint8_t *device,
                                void (*each)(void *ctx, const csigd_event_row *event), void *ctx)
{
    sqlite3_stmt *stmt;
    csigd_event_row event;
    csigd_stored result;

    CSIGD_STORE_TRY(csigd_sql_query(
        m, &stmt,
        "SELECT e.number, e.id, e.kind, e.created, e.wallet, e.request, e.device, e.epoch, "
        "e.webhook, coalesce(w.label, ''), EXISTS (SELECT 1 FROM wallet_devices AS d "
        "WHERE d.wallet = e.wallet AND d.device = ?3), coalesce(r.trace, '') FROM events AS e "
        "LEFT JOIN requests AS r ON r.id = e.request LEFT JOIN wallets AS w ON w.id = e.wallet "
        "WHERE e.number > ?1 ORDER BY e.number LIMIT ?2",
        CSIGD_VALUES(CSIGD_INT(after), CSIGD_INT(n),
                     device != NULL ? CSIGD_BYTES(device, CSIG_IDENTITY_BYTES) : CSIGD_NULL)));
    while ((result = csigd_sql_row(m, stmt)) == CSIGD_STORED) {
        if (!event_is_read(stmt, &event)) {
            result = csigd_sql_failed(m, "events");
            break;
        }
        each(ctx, &event);
    }
    sqlite3_finalize(stmt);
    return result == CSIGD_STORE_NONE ? CSIGD_STORED : result;
}

static csigd_stored read(csigd_store *s, uint64_t after, size_t n, const uint8_t *device,
                         void (*each)(void *ctx, const csigd_event_row *event), void *ctx)
{
    csigd_medium *m = s->medium;
    csigd_stored result;

    csigd_sql_lock(m);
    result = read_within(m, after, n, device, each, ctx);
    csigd_sql_unlock(m);
    return result;
}

static csigd_stored last(csigd_store *s, uint64_t *number)
{
    csigd_medium *m = s->medium;
    int64_t have = 0;
    csigd_stored result;

    csigd_sql_lock(m);
    result = csigd_sql_number(m, &have, "SELECT coalesce(max(number), 0) FROM events", NULL, 0);
    csigd_sql_unlock(m);
    *number = (uint64_t)have;
    return result;
}

static csigd_stored deny_within(csigd_medium *m, const uint8_t *wallet, const uint8_t *request,
                                const csigd_log_field *fields, size_t n)
{
    CSIGD_STORE_TRY(
        csigd_sqlite_audit_add(m, "request.denied", CSIGD_OF_WALLET(wallet), fields, n));
    return csigd_sql_run(m,
                         "INSERT INTO events (kind, wallet, request) VALUES ('request.denied', ?1, "
                         "(SELECT id FROM requests WHERE id = ?2))",
                         CSIGD_VALUES(CSIGD_BYTES(wallet, CSIGD_ID_BYTES),
                                      CSIGD_BYTES(request, CSIG_REQUEST_ID_BYTES)));
}

static csigd_stored deny(csigd_store *s, const uint8_t *wallet, const uint8_t *request,
                         const csigd_log_field *fields, size_t n)
{
    csigd_medium *m = s->medium;

    CSIGD_STORE_TRY(csigd_sql_begin(m));
    return csigd_sql_end(m, deny_within(m, wallet, request, fields, n));
}

/* --- who wants to know --- */

/* Within a statement: it is told when its transaction is through. */
static void note_change(void *ctx, int what, const char *base, const char *table, sqlite3_int64 row)
{
    csigd_medium *m = ctx;

    (void)what;
    (void)base;
    (void)row;
    if (strcmp(table, "events") == 0) m->has_news = true;
}

static void listen(csigd_store *s, void (*told)(void *ctx), void *ctx)
{
    csigd_medium *m = s->medium;

    sqlite3_mutex_enter(m->lock);
    m->told = told;
    m->told_ctx = ctx;
    (void)sqlite3_update_hook(m->db, told != NULL ? note_change : NULL, m);
    sqlite3_mutex_leave(m->lock);
}

/* --- webhooks --- */

#define COLUMNS                                                                                    \
    "id, url, kinds, all_wallets, wallets, label, created, state, delivered, attempts, since, "    \
    "due, deliveries, failures, last_try, last_status"

static bool wallets_are_read(sqlite3_stmt *stmt, int column, csigd_webhook *w)
{
    const size_t len = (size_t)sqlite3_column_bytes(stmt, column);

    if (len > sizeof w->wallets) return false;
    w->n_wallets = len / CSIGD_ID_BYTES;
    if (len > 0) memcpy(w->wallets, sqlite3_column_blob(stmt, column), len);
    return true;
}

static bool webhook_is_read(sqlite3_stmt *stmt, void *out)
{
    csigd_webhook *w = out;

    *w = (csigd_webhook){.kinds = (uint32_t)sqlite3_column_int64(stmt, 2),
                         .all_wallets = sqlite3_column_int(stmt, 3) != 0,
                         .created = sqlite3_column_int64(stmt, 6),
                         .state = (csigd_webhook_state)sqlite3_column_int(stmt, 7),
                         .delivered = (uint64_t)sqlite3_column_int64(stmt, 8),
                         .attempts = (uint32_t)sqlite3_column_int64(stmt, 9),
                         .since = sqlite3_column_int64(stmt, 10),
                         .due = sqlite3_column_int64(stmt, 11),
                         .deliveries = (uint64_t)sqlite3_column_int64(stmt, 12),
                         .failures = (uint64_t)sqlite3_column_int64(stmt, 13),
                         .last_try = sqlite3_column_int64(stmt, 14),
                         .last_status = (uint32_t)sqlite3_column_int64(stmt, 15)};
    return csigd_column_is_bytes(stmt, 0, w->id, sizeof w->id) &&
           csigd_column_is_text(stmt, 1, w->url, sizeof w->url) && wallets_are_read(stmt, 4, w) &&
           csigd_column_is_text(stmt, 5, w->label, sizeof w->label);
}

/* Where it leads; the rest of a URL may be the receiver's secret. */
static csigd_stored audit_added(csigd_medium *m, const csigd_webhook *w)
{
    char origin[CSIGD_WEBHOOK_URL_BYTES];
    const char *host = strstr(w->url, "://");
    const size_t at = host != NULL ? (size_t)(host - w->url) + 3 : 0;
    const size_t len = at + strcspn(w->url + at, "/?#");

    memcpy(origin, w->url, len);
    origin[len] = '\0';
    return csigd_sqlite_audit_line(
        m, "webhook.added", CSIGD_OF_NOTHING, CSIGD_HEX("webhook", w->id, sizeof w->id),
        CSIGD_TEXT("origin", origin), CSIGD_NUMBER("kinds", w->kinds),
        CSIGD_NUMBER("all_wallets", w->all_wallets), CSIGD_NUMBER("wallets", w->n_wallets),
        CSIGD_TEXT("label", w->label));
}

static csigd_stored put_within(csigd_medium *m, csigd_webhook *w)
{
    int64_t n = 0, newest = 0;

    CSIGD_STORE_TRY(csigd_sql_number(m, &n, "SELECT count(*) FROM webhooks", NULL, 0));
    if (n >= CSIGD_WEBHOOKS_MAX) return CSIGD_STORE_CONFLICT;
    CSIGD_STORE_TRY(
        csigd_sql_number(m, &newest, "SELECT coalesce(max(number), 0) FROM events", NULL, 0));
    w->state = CSIGD_WEBHOOK_ACTIVE;
    w->delivered = (uint64_t)newest;
    CSIGD_STORE_TRY(csigd_sql_run(
        m,
        "INSERT INTO webhooks (id, url, kinds, all_wallets, wallets, label, created, delivered) "
        "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        CSIGD_VALUES(ID(w->id), CSIGD_STRING(w->url), CSIGD_INT(w->kinds),
                     CSIGD_INT(w->all_wallets),
                     CSIGD_BYTES(w->wallets, w->n_wallets * CSIGD_ID_BYTES), CSIGD_STRING(w->label),
                     CSIGD_INT(w->created), CSIGD_INT(newest))));
    return audit_added(m, w);
}

static csigd_stored webhook_put(csigd_store *s, csigd_webhook *webhook)
{
    csigd_medium *m = s->medium;

    CSIGD_STORE_TRY(csigd_sql_begin(m));
    return csigd_sql_end(m, put_within(m, webhook));
}

static csigd_stored webhook_get(csigd_store *s, const uint8_t *id, csigd_webhook *webhook)
{
    return csigd_sql_fetch(s->medium, "SELECT " COLUMNS " FROM webhooks WHERE id = ?1",
                           CSIGD_VALUES(ID(id)), webhook_is_read, webhook);
}

static csigd_stored list_within(csigd_medium *m,
                                void (*each)(void *ctx, const csigd_webhook *webhook), void *ctx)
{
    sqlite3_stmt *stmt;
    csigd_webhook webhook;
    csigd_stored result;

    CSIGD_STORE_TRY(csigd_sql_query(
        m, &stmt, "SELECT " COLUMNS " FROM webhooks ORDER BY created, id", NULL, 0));
    while ((result = csigd_sql_row(m, stmt)) == CSIGD_STORED) {
        if (!webhook_is_read(stmt, &webhook)) {
            result = csigd_sql_failed(m, "webhooks");
            break;
        }
        each(ctx, &webhook);
    }
    sqlite3_finalize(stmt);
    return result == CSIGD_STORE_NONE ? CSIGD_STORED : result;
}

static csigd_stored webhook_list(csigd_store *s,
                                 void (*each)(void *ctx, const csigd_webhook *webhook), void *ctx)
{
    csigd_medium *m = s->medium;
    csigd_stored result;

    csigd_sql_lock(m);
    result = list_within(m, each, ctx);
    csigd_sql_unlock(m);
    return result;
}

static csigd_stored drop_within(csigd_medium *m, const uint8_t *id)
{
    CSIGD_STORE_TRY(csigd_sql_run(m, "DELETE FROM webhooks WHERE id = ?1", CSIGD_VALUES(ID(id))));
    if (csigd_sql_changed(m) == 0) return CSIGD_STORE_NONE;
    return csigd_sqlite_audit_line(m, "webhook.removed", CSIGD_OF_NOTHING,
                                   CSIGD_HEX("webhook", id, CSIGD_WEBHOOK_ID_BYTES));
}

static csigd_stored webhook_drop(csigd_store *s, const uint8_t *id)
{
    csigd_medium *m = s->medium;

    CSIGD_STORE_TRY(csigd_sql_begin(m));
    return csigd_sql_end(m, drop_within(m, id));
}

/* Three days begin anew, too. */
static csigd_stored test_within(csigd_medium *m, const uint8_t *id, int64_t now)
{
    CSIGD_STORE_TRY(csigd_sql_run(m,
                                  "UPDATE webhooks SET state = 1, attempts = 0, since = 0, "
                                  "due = ?2 WHERE id = ?1",
                                  CSIGD_VALUES(ID(id), CSIGD_INT(now))));
    if (csigd_sql_changed(m) == 0) return CSIGD_STORE_NONE;
    CSIGD_STORE_TRY(csigd_sql_run(
        m, "INSERT INTO events (kind, webhook) VALUES ('webhook.test', ?1)", CSIGD_VALUES(ID(id))));
    return csigd_sqlite_audit_line(m, "webhook.tested", CSIGD_OF_NOTHING,
                                   CSIGD_HEX("webhook", id, CSIGD_WEBHOOK_ID_BYTES));
}

static csigd_stored webhook_test(csigd_store *s, const uint8_t *id, int64_t now)
{
    csigd_medium *m = s->medium;

    CSIGD_STORE_TRY(csigd_sql_begin(m));
    return csigd_sql_end(m, test_within(m, id, now));
}

static csigd_stored webhook_move(csigd_store *s, const csigd_webhook *w)
{
    const csigd_stored stored = csigd_sql_write(
        s->medium,
        "UPDATE webhooks SET state = ?2, delivered = ?3, attempts = ?4, since = ?5, due = ?6, "
        "deliveries = ?7, failures = ?8, last_try = ?9, last_status = ?10 WHERE id = ?1",
        CSIGD_VALUES(ID(w->id), CSIGD_INT(w->state), CSIGD_INT(w->delivered),
                     CSIGD_INT(w->attempts), CSIGD_INT(w->since), CSIGD_INT(w->due),
                     CSIGD_INT(w->deliveries), CSIGD_INT(w->failures), CSIGD_INT(w->last_try),
                     CSIGD_INT(w->last_status)));

    return stored == CSIGD_STORE_CONFLICT ? CSIGD_STORE_NONE : stored;
}

void csigd_sqlite_events(csigd_store *s)
{
    s->events = (csigd_event_store){
        .read = read,
        .last = last,
        .listen = listen,
        .deny = deny,
        .webhook_put = webhook_put,
        .webhook_get = webhook_get,
        .webhook_list = webhook_list,
        .webhook_drop = webhook_drop,
        .webhook_test = webhook_test,
        .webhook_move = webhook_move,
    };
}
