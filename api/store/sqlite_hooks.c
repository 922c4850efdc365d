/* What the hook is asked about requests, and what it has said. */
#include <string.h>

#include "context.h"
#include "store/sqlite_policy.h"

#define ID(p) CSIGD_BYTES((p), CSIG_REQUEST_ID_BYTES)

/* --- asked --- */

csigd_stored csigd_sqlite_ask_hook(csigd_medium *m, const uint8_t *request, const csigd_verdict *v)
{
    const csigd_context *context = csigd_context_now();
    char trace[CSIGD_TRACE_PARENT_BYTES] = "";

    if (!v->asks_hook)
        return csigd_sql_run(m, "DELETE FROM hook_asks WHERE request = ?1",
                             CSIGD_VALUES(ID(request)));
    if (context->has_trace) csigd_trace_parent(&context->trace, trace);
    return csigd_sql_run(
        m,
        "INSERT INTO hook_asks (request, rule, policy, version, trace) VALUES (?1, ?2, ?3, ?4, ?5) "
        "ON CONFLICT (request) DO UPDATE SET rule = ?2, policy = ?3, version = ?4, attempts = 0, "
        "due = 0 WHERE rule != ?2 OR policy != ?3 OR version != ?4",
        CSIGD_VALUES(ID(request), CSIGD_STRING(v->rule), CSIGD_STRING(v->policy),
                     CSIGD_INT(v->version), CSIGD_STRING(trace)));
}

static bool ask_is_read(sqlite3_stmt *stmt, csigd_hook_ask *ask)
{
    *ask = (csigd_hook_ask){.version = (uint32_t)sqlite3_column_int64(stmt, 3),
                            .attempts = (uint32_t)sqlite3_column_int64(stmt, 4),
                            .due = sqlite3_column_int64(stmt, 5)};
    return csigd_column_is_bytes(stmt, 0, ask->request, sizeof ask->request) &&
           csigd_column_is_text(stmt, 1, ask->rule, sizeof ask->rule) &&
           csigd_column_is_text(stmt, 2, ask->policy, sizeof ask->policy) &&
           csigd_column_is_text(stmt, 6, ask->trace, sizeof ask->trace);
}

static csigd_stored asks_within(csigd_medium *m, void (*each)(void *ctx, const csigd_hook_ask *ask),
                                void *ctx)
{
    csigd_hook_ask ask;
    sqlite3_stmt *stmt;
    csigd_stored result;

    CSIGD_STORE_TRY(csigd_sql_query(m, &stmt,
                                    "SELECT request, rule, policy, version, attempts, due, trace "
                                    "FROM hook_asks ORDER BY due, request LIMIT ?1",
                                    CSIGD_VALUES(CSIGD_INT(CSIGD_HOOK_LISTED))));
    while ((result = csigd_sql_row(m, stmt)) == CSIGD_STORED) {
        if (!ask_is_read(stmt, &ask)) {
            result = csigd_sql_failed(m, "hook");
            break;
        }
        each(ctx, &ask);
    }
    sqlite3_finalize(stmt);
    return result == CSIGD_STORE_NONE ? CSIGD_STORED : result;
}

static csigd_stored asks(csigd_store *s, void (*each)(void *ctx, const csigd_hook_ask *ask),
                         void *ctx)
{
    csigd_stored result;

    csigd_sql_lock(s->medium);
    result = asks_within(s->medium, each, ctx);
    csigd_sql_unlock(s->medium);
    return result;
}

static csigd_stored tried(csigd_store *s, const uint8_t *request, int64_t due)
{
    return csigd_sql_write(
        s->medium, "UPDATE hook_asks SET attempts = attempts + 1, due = ?2 WHERE request = ?1",
        CSIGD_VALUES(ID(request), CSIGD_INT(due)));
}

/* --- said --- */

static bool word_read(sqlite3_stmt *stmt, void *out)
{
    csigd_hook_word *w = out;

    w->verb = (csigd_hook_verb)sqlite3_column_int(stmt, 0);
    w->decided = sqlite3_column_int64(stmt, 5);
    return csigd_column_is_text(stmt, 1, w->because, sizeof w->because) &&
           csigd_column_is_bytes(stmt, 2, w->key, sizeof w->key) &&
           csigd_column_is_bytes(stmt, 3, w->nonce, sizeof w->nonce) &&
           csigd_column_is_bytes(stmt, 4, w->signature, sizeof w->signature);
}

static csigd_stored said(csigd_store *s, const csigd_hook_ask *a, const uint8_t *key,
                         csigd_hook_word *word)
{
    return csigd_sql_fetch(s->medium,
                           "SELECT decision, because, key, nonce, signature, decided FROM "
                           "hook_decisions WHERE request = ?1 AND rule = ?2 AND policy = ?3 "
                           "AND version = ?4 AND key = ?5",
                           CSIGD_VALUES(ID(a->request), CSIGD_STRING(a->rule),
                                        CSIGD_STRING(a->policy), CSIGD_INT(a->version),
                                        CSIGD_BYTES(key, 32)),
                           word_read, word);
}

static csigd_stored put_word(csigd_medium *m, const csigd_hook_ask *a, const csigd_hook_word *w)
{
    return csigd_sql_run(
        m,
        "INSERT INTO hook_decisions (request, rule, policy, version, key, decision, because, "
        "nonce, signature, decided) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        CSIGD_VALUES(ID(a->request), CSIGD_STRING(a->rule), CSIGD_STRING(a->policy),
                     CSIGD_INT(a->version), CSIGD_BYTES(w->key, sizeof w->key), CSIGD_INT(w->verb),
                     CSIGD_STRING(w->because), CSIGD_BYTES(w->nonce, sizeof w->nonce),
                     CSIGD_BYTES(w->signature, sizeof w->signature), CSIGD_INT(w->decided)));
}

static csigd_stored tell_word(csigd_medium *m, const csigd_hook_ask *a, const csigd_hook_word *w,
                              const uint8_t *wallet)
{
    static const char *const verbs[] = {[CSIGD_HOOK_APPROVE] = "approve",
                                        [CSIGD_HOOK_REJECT] = "reject",
                                        [CSIGD_HOOK_IGNORE] = "ignore"};

    return csigd_sqlite_audit_line(
        m, "hook.decision", CSIGD_OF_REQUEST(wallet, a->request),
        CSIGD_TEXT("verdict", verbs[w->verb]), CSIGD_TEXT("rule", a->rule),
        CSIGD_TEXT("policy", a->policy), CSIGD_NUMBER("version", a->version),
        CSIGD_TEXT("because", w->because), CSIGD_HEX("key", w->key, sizeof w->key),
        CSIGD_HEX("nonce", w->nonce, sizeof w->nonce),
        CSIGD_HEX("signature", w->signature, sizeof w->signature));
}

static csigd_stored say_within(csigd_medium *m, const csigd_hook_ask *a, const csigd_hook_word *w,
                               const csigd_judge *judge)
{
    int64_t waits = 0;

    CSIGD_STORE_TRY(csigd_sql_number(
        m, &waits,
        "SELECT count(*) FROM hook_asks AS a JOIN requests AS r ON r.id = a.request "
        "JOIN verdicts AS v ON v.request = a.request WHERE a.request = ?1 AND a.rule = ?2 AND "
        "a.policy = ?3 AND a.version = ?4 AND r.state = 7 AND r.expires > ?5 AND v.until > ?5",
        CSIGD_VALUES(ID(a->request), CSIGD_STRING(a->rule), CSIGD_STRING(a->policy),
                     CSIGD_INT(a->version), CSIGD_INT(w->decided))));
    if (waits != 1) return CSIGD_STORE_CONFLICT;
    CSIGD_STORE_TRY(put_word(m, a, w));
    CSIGD_STORE_TRY(tell_word(m, a, w, judge->wallet));
    return csigd_sqlite_judge_again(m, a->request, judge);
}

static csigd_stored say(csigd_store *s, const csigd_hook_ask *ask, const csigd_hook_word *word,
                        const csigd_judge *judge)
{
    CSIGD_STORE_TRY(csigd_sql_begin(s->medium));
    return csigd_sql_end(s->medium, say_within(s->medium, ask, word, judge));
}

/* --- in vain --- */

static bool wallet_read(sqlite3_stmt *stmt, void *wallet)
{
    return csigd_column_is_bytes(stmt, 0, wallet, CSIGD_ID_BYTES);
}

static csigd_stored give_up_within(csigd_medium *m, const csigd_hook_ask *a, const char *because)
{
    const csigd_value values[] = {ID(a->request), CSIGD_STRING(because)};
    uint8_t wallet[CSIGD_ID_BYTES];

    CSIGD_STORE_TRY(csigd_sql_fetch(m,
                                    "SELECT r.wallet FROM hook_asks AS a JOIN requests AS r "
                                    "ON r.id = a.request WHERE a.request = ?1 AND r.state = 7",
                                    values, 1, wallet_read, wallet));
    CSIGD_STORE_TRY(
        csigd_sql_run(m, "UPDATE verdicts SET because = ?2 WHERE request = ?1", values, 2));
    CSIGD_STORE_TRY(
        csigd_sql_run(m, "UPDATE requests SET state = 8 WHERE id = ?1 AND state = 7", values, 1));
    return csigd_sqlite_audit_line(m, "request.rejected", CSIGD_OF_REQUEST(wallet, a->request),
                                   CSIGD_TEXT("rule", a->rule), CSIGD_TEXT("reason", because));
}

static csigd_stored give_up(csigd_store *s, const csigd_hook_ask *ask, const char *because)
{
    CSIGD_STORE_TRY(csigd_sql_begin(s->medium));
    return csigd_sql_end(s->medium, give_up_within(s->medium, ask, because));
}

void csigd_sqlite_hooks(csigd_store *s)
{
    s->hooks = (csigd_hook_store){
        .asks = asks, .tried = tried, .say = say, .said = said, .give_up = give_up};
}
