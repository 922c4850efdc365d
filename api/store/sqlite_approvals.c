/* Requests that are judged: verdicts, what people say about them, what they spend. */
#include <stdlib.h>
#include <string.h>

#include "store/sqlite_policy.h"

#define ID(p) CSIGD_BYTES((p), CSIG_REQUEST_ID_BYTES)

/* --- verdicts --- */

static csigd_stored put_verdict(csigd_medium *m, const uint8_t *request, const csigd_verdict *v)
{
    return csigd_sql_run(
        m,
        "INSERT INTO verdicts (request, rule, because, until) VALUES (?1, ?2, ?3, "
        "?4) ON CONFLICT (request) DO UPDATE SET rule = ?2, because = ?3, until = ?4",
        CSIGD_VALUES(ID(request), CSIGD_STRING(v->rule), CSIGD_STRING(v->because),
                     CSIGD_INT(v->until)));
}

static bool verdict_read(sqlite3_stmt *stmt, void *out)
{
    csigd_verdict *v = out;

    v->until = sqlite3_column_int64(stmt, 2);
    return csigd_column_is_text(stmt, 0, v->rule, sizeof v->rule) &&
           csigd_column_is_text(stmt, 1, v->because, sizeof v->because);
}

static csigd_stored verdict(csigd_store *s, const uint8_t *request, csigd_verdict *v)
{
    return csigd_sql_fetch(s->medium,
                           "SELECT rule, because, until FROM verdicts WHERE request = ?1",
                           CSIGD_VALUES(ID(request)), verdict_read, v);
}

/* --- spendings --- */

static csigd_stored reserve(csigd_medium *m, const uint8_t *request,
                            const csigd_spendings *spendings)
{
    static const char sql[] = "INSERT INTO spendings (request, wallet, asset, amount) "
                              "VALUES (?1, (SELECT wallet FROM requests WHERE id = ?1), ?2, ?3)";
    static const uint8_t nothing[CSIG_AMOUNT_BYTES];

    CSIGD_STORE_TRY(csigd_sql_run(
        m, sql, CSIGD_VALUES(ID(request), CSIGD_STRING(""), CSIGD_BYTES(nothing, sizeof nothing))));
    for (size_t i = 0; i < spendings->n; i++) {
        const csigd_spending *one = &spendings->of[i];

        CSIGD_STORE_TRY(csigd_sql_run(m, sql,
                                      CSIGD_VALUES(ID(request), CSIGD_STRING(one->asset),
                                                   CSIGD_BYTES(one->amount, sizeof one->amount))));
    }
    return CSIGD_STORED;
}

/* Of ?1 wallet, ?2 asset: reserved, or left after ?3; but those of request ?4. What left before is
 * not even looked at. */
#define WITHIN_WINDOW(column)                                                                      \
    "SELECT " column " FROM spendings WHERE wallet = ?1 AND asset = ?2 AND released = 0 "          \
    "AND request != ?4 UNION ALL "                                                                 \
    "SELECT " column " FROM spendings WHERE wallet = ?1 AND asset = ?2 AND "                       \
    "released > max(?3, 0) AND request != ?4"

static csigd_stored sum_within(csigd_medium *m, const csigd_value *values,
                               uint8_t total[CSIG_AMOUNT_BYTES])
{
    uint8_t amount[CSIG_AMOUNT_BYTES];
    sqlite3_stmt *stmt;
    csigd_stored result;

    memset(total, 0, CSIG_AMOUNT_BYTES);
    CSIGD_STORE_TRY(csigd_sql_query(m, &stmt, WITHIN_WINDOW("amount"), values, 4));
    while ((result = csigd_sql_row(m, stmt)) == CSIGD_STORED) {
        if (!csigd_column_is_bytes(stmt, 0, amount, sizeof amount)) {
            result = csigd_sql_failed(m, "spending");
            break;
        }
        csig_amount_add(total, amount);
    }
    sqlite3_finalize(stmt);
    return result == CSIGD_STORE_NONE ? CSIGD_STORED : result;
}

static csigd_stored sum(csigd_store *s, const uint8_t *wallet, const uint8_t *but,
                        const char *asset, int64_t after, uint8_t total[CSIG_AMOUNT_BYTES])
{
    const csigd_value values[] = {CSIGD_BYTES(wallet, CSIGD_ID_BYTES), CSIGD_STRING(asset),
                                  CSIGD_INT(after), ID(but)};
    csigd_stored result;

    csigd_sql_lock(s->medium);
    result = sum_within(s->medium, values, total);
    csigd_sql_unlock(s->medium);
    return result;
}

static csigd_stored spent(csigd_store *s, const uint8_t *wallet, const uint8_t *but, int64_t after,
                          uint64_t *n)
{
    int64_t rows = 0;
    csigd_stored result;

    csigd_sql_lock(s->medium);
    result = csigd_sql_number(s->medium, &rows,
                              "SELECT sum(n) FROM (" WITHIN_WINDOW("count(*) AS n") ")",
                              CSIGD_VALUES(CSIGD_BYTES(wallet, CSIGD_ID_BYTES), CSIGD_STRING(""),
                                           CSIGD_INT(after), ID(but)));
    csigd_sql_unlock(s->medium);
    *n = (uint64_t)rows;
    return result;
}

/* --- what is said --- */

csigd_stored csigd_sqlite_put_approval(csigd_medium *m, const uint8_t *about,
                                       const csigd_approval *a)
{
    const csigd_value values[] = {
        CSIGD_BYTES(about, 32), CSIGD_BYTES(a->key, sizeof a->key), CSIGD_INT(a->approves),
        CSIGD_BYTES(a->signature, sizeof a->signature), CSIGD_INT(a->said)};
    int64_t same = 0;

    CSIGD_STORE_TRY(csigd_sql_run(m,
                                  "INSERT INTO approvals (about, key, approves, signature, said) "
                                  "VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING",
                                  values, 5));
    CSIGD_STORE_TRY(csigd_sql_number(m, &same,
                                     "SELECT count(*) FROM approvals WHERE about = ?1 AND "
                                     "key = ?2 AND approves = ?3",
                                     values, 3));
    return same == 1 ? CSIGD_STORED : CSIGD_STORE_CONFLICT;
}

static csigd_stored tell_verdict(csigd_medium *m, const uint8_t *request, const csigd_judge *judge,
                                 csigd_request_state state, const char *rule)
{
    const char *kind = state == CSIGD_APPROVED           ? "request.approved"
                       : state == CSIGD_REQUEST_REJECTED ? "request.rejected"
                                                         : "request.pending";

    return csigd_sqlite_audit_line(m, kind, CSIGD_OF_REQUEST(judge->wallet, request),
                                   CSIGD_TEXT("rule", rule));
}

csigd_stored csigd_sqlite_judge(const csigd_judge *judge, csigd_request_state *state,
                                csigd_verdict *verdict)
{
    *verdict = (csigd_verdict){.until = 0};
    *state = CSIGD_REQUEST_PENDING;
    return judge->judge(judge->ctx, state, verdict);
}

csigd_stored csigd_sqlite_judged(csigd_medium *m, const uint8_t *request, const csigd_judge *judge,
                                 csigd_request_state state, const csigd_verdict *verdict)
{
    CSIGD_STORE_TRY(put_verdict(m, request, verdict));
    CSIGD_STORE_TRY(tell_verdict(m, request, judge, state, verdict->rule));
    if (state == CSIGD_REQUEST_PENDING) return csigd_sqlite_ask_hook(m, request, verdict);
    return state == CSIGD_APPROVED ? reserve(m, request, &judge->spendings) : CSIGD_STORED;
}

csigd_stored csigd_sqlite_judge_again(csigd_medium *m, const uint8_t *request,
                                      const csigd_judge *judge)
{
    csigd_request_state state;
    csigd_verdict v;

    CSIGD_STORE_TRY(csigd_sqlite_judge(judge, &state, &v));
    CSIGD_STORE_TRY(csigd_sqlite_judged(m, request, judge, state, &v));
    if (state == CSIGD_REQUEST_PENDING) return CSIGD_STORED;
    return csigd_sql_run(m, "UPDATE requests SET state = ?2 WHERE id = ?1 AND state = 7",
                         CSIGD_VALUES(ID(request), CSIGD_INT(state)));
}

static csigd_stored say_within(csigd_medium *m, const uint8_t *request,
                               const csigd_approval *approval, const csigd_judge *judge)
{
    int64_t waits = 0;

    CSIGD_STORE_TRY(csigd_sql_number(
        m, &waits,
        "SELECT count(*) FROM requests AS r JOIN verdicts AS v ON v.request = r.id "
        "WHERE r.id = ?1 AND r.state = 7 AND r.expires > ?2 AND (v.until = 0 OR v.until > ?2)",
        CSIGD_VALUES(ID(request), CSIGD_INT(approval->said))));
    if (waits != 1) return CSIGD_STORE_CONFLICT;
    CSIGD_STORE_TRY(csigd_sqlite_put_approval(m, request, approval));
    CSIGD_STORE_TRY(csigd_sqlite_audit_line(
        m, approval->approves ? "approval" : "rejection", CSIGD_OF_REQUEST(judge->wallet, request),
        CSIGD_HEX("key", approval->key, sizeof approval->key),
        CSIGD_HEX("signature", approval->signature, sizeof approval->signature)));
    return csigd_sqlite_judge_again(m, request, judge);
}

static csigd_stored say(csigd_store *s, const uint8_t *request, const csigd_approval *approval,
                        const csigd_judge *judge)
{
    CSIGD_STORE_TRY(csigd_sql_begin(s->medium));
    return csigd_sql_end(s->medium, say_within(s->medium, request, approval, judge));
}

static csigd_stored said_within(csigd_medium *m, const uint8_t *about,
                                void (*each)(void *ctx, const csigd_approval *approval), void *ctx)
{
    sqlite3_stmt *stmt;
    csigd_stored result;

    CSIGD_STORE_TRY(csigd_sql_query(m, &stmt,
                                    "SELECT key, approves, signature, said FROM approvals "
                                    "WHERE about = ?1 ORDER BY said, key",
                                    CSIGD_VALUES(CSIGD_BYTES(about, 32))));
    while ((result = csigd_sql_row(m, stmt)) == CSIGD_STORED) {
        csigd_approval a = {.approves = sqlite3_column_int(stmt, 1) != 0,
                            .said = sqlite3_column_int64(stmt, 3)};

        if (!csigd_column_is_bytes(stmt, 0, a.key, sizeof a.key) ||
            !csigd_column_is_bytes(stmt, 2, a.signature, sizeof a.signature)) {
            result = csigd_sql_failed(m, "approval");
            break;
        }
        each(ctx, &a);
    }
    sqlite3_finalize(stmt);
    return result == CSIGD_STORE_NONE ? CSIGD_STORED : result;
}

static csigd_stored said(csigd_store *s, const uint8_t *about,
                         void (*each)(void *ctx, const csigd_approval *approval), void *ctx)
{
    csigd_stored result;

    csigd_sql_lock(s->medium);
    result = said_within(s->medium, about, each, ctx);
    csigd_sql_unlock(s->medium);
    return result;
}

/* --- nobody has said anything in time --- */

typedef struct late {
    uint8_t request[CSIG_REQUEST_ID_BYTES], wallet[CSIGD_ID_BYTES];
} late;

static bool late_read(sqlite3_stmt *stmt, void *out)
{
    late *l = out;

    return csigd_column_is_bytes(stmt, 0, l->request, sizeof l->request) &&
           csigd_column_is_bytes(stmt, 1, l->wallet, sizeof l->wallet);
}

static csigd_stored reject_late_within(csigd_medium *m, int64_t now)
{
    late l;

    CSIGD_STORE_TRY(csigd_sql_fetch(m,
                                    "SELECT r.id, r.wallet FROM verdicts AS v JOIN requests AS r "
                                    "ON r.id = v.request WHERE v.until > 0 AND v.until <= ?1 AND "
                                    "r.state = 7 LIMIT 1",
                                    CSIGD_VALUES(CSIGD_INT(now)), late_read, &l));
    CSIGD_STORE_TRY(csigd_sql_run(m, "UPDATE requests SET state = 8 WHERE id = ?1 AND state = 7",
                                  CSIGD_VALUES(ID(l.request))));
    return csigd_sqlite_audit_line(m, "request.rejected", CSIGD_OF_REQUEST(l.wallet, l.request),
                                   CSIGD_TEXT("reason", "not approved in time"));
}

static csigd_stored reject_late(csigd_store *s, int64_t now)
{
    CSIGD_STORE_TRY(csigd_sql_begin(s->medium));
    return csigd_sql_end(s->medium, reject_late_within(s->medium, now));
}

void csigd_sqlite_approvals(csigd_store *s)
{
    s->policies.say = say;
    s->policies.said = said;
    s->policies.verdict = verdict;
    s->policies.reject_late = reject_late;
    s->policies.sum = sum;
    s->policies.spent = spent;
}
