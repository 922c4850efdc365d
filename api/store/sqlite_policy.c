/* Policies: those in force, and how they change. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "http/json.h"
#include "store/sqlite_policy.h"

void csigd_policy_row_clear(csigd_policy_row *row)
{
    csigd_blob_free(&row->text);
}

void csigd_change_clear(csigd_change *change)
{
    csigd_blob_free(&change->text);
}

/* --- subjects --- */

void csigd_subject_of_wallet(char subject[CSIGD_SUBJECT_BYTES], const uint8_t *wallet)
{
    char id[2 * CSIGD_ID_BYTES + 1];

    csigd_hex_write(id, wallet, CSIGD_ID_BYTES);
    (void)snprintf(subject, CSIGD_SUBJECT_BYTES, "wallet/%s", id);
}

bool csigd_subject_has_wallet(const char *subject, uint8_t wallet[CSIGD_ID_BYTES])
{
    const size_t begins = strlen("wallet/");

    return strncmp(subject, "wallet/", begins) == 0 &&
           csigd_hex_is_read(wallet, CSIGD_ID_BYTES, subject + begins, strlen(subject + begins));
}

/* --- in force --- */

#define IN_FORCE                                                                                   \
    "SELECT p.subject, p.version, p.created, CAST(p.text AS BLOB) FROM policies_current AS c "     \
    "JOIN policies AS p ON p.subject = c.subject AND p.version = c.version "

static bool row_read(sqlite3_stmt *stmt, void *out)
{
    csigd_policy_row *row = out;

    *row = (csigd_policy_row){.version = (uint32_t)sqlite3_column_int64(stmt, 1),
                              .created = sqlite3_column_int64(stmt, 2)};
    return csigd_column_is_text(stmt, 0, row->subject, sizeof row->subject) &&
           csigd_column_is_blob(stmt, 3, &row->text);
}

/* "wallet/..." has the label of the wallet above it, a label those above it, and all have "all".
 * The longest that is in force: whose name with a '/' begins this one's. */
static csigd_stored nearest(csigd_medium *m, const char *subject, const char *label,
                            csigd_policy_row *row)
{
    return csigd_sql_fetch(m,
                           IN_FORCE
                           "WHERE c.subject IN (?1, 'all') OR (c.subject LIKE 'label/%' AND "
                           "substr(?2 || '/', 1, length(c.subject) + 1) = c.subject || '/') "
                           "ORDER BY CASE c.subject WHEN ?1 THEN 0 WHEN 'all' THEN 2 ELSE 1 "
                           "END, length(c.subject) DESC LIMIT 1",
                           CSIGD_VALUES(CSIGD_STRING(subject), CSIGD_STRING(label)), row_read, row);
}

static csigd_stored of_wallet(csigd_store *s, const uint8_t *wallet, csigd_policy_row *row)
{
    char subject[CSIGD_SUBJECT_BYTES], label[CSIGD_SUBJECT_BYTES] = "label/";

    CSIGD_STORE_TRY(s->label_get(s, wallet, label + strlen(label)));
    csigd_subject_of_wallet(subject, wallet);
    return nearest(s->medium, subject, label, row);
}

static csigd_stored of_subject(csigd_store *s, const char *subject, csigd_policy_row *row)
{
    uint8_t wallet[CSIGD_ID_BYTES];

    if (csigd_subject_has_wallet(subject, wallet)) return of_wallet(s, wallet, row);
    return nearest(s->medium, subject, subject, row);
}

static csigd_stored count(csigd_store *s, uint64_t *n)
{
    int64_t rows = 0;
    csigd_stored result;

    csigd_sql_lock(s->medium);
    result = csigd_sql_number(s->medium, &rows, "SELECT count(*) FROM policies_current", NULL, 0);
    csigd_sql_unlock(s->medium);
    *n = (uint64_t)rows;
    return result;
}

static csigd_stored list_within(csigd_medium *m,
                                void (*each)(void *ctx, const csigd_policy_row *row), void *ctx)
{
    csigd_policy_row row;
    sqlite3_stmt *stmt;
    csigd_stored result;

    CSIGD_STORE_TRY(csigd_sql_query(m, &stmt, IN_FORCE "ORDER BY p.subject", NULL, 0));
    while ((result = csigd_sql_row(m, stmt)) == CSIGD_STORED) {
        if (!row_read(stmt, &row)) {
            result = csigd_sql_failed(m, "policy");
            break;
        }
        each(ctx, &row);
        csigd_policy_row_clear(&row);
    }
    sqlite3_finalize(stmt);
    return result == CSIGD_STORE_NONE ? CSIGD_STORED : result;
}

static csigd_stored list(csigd_store *s, void (*each)(void *ctx, const csigd_policy_row *row),
                         void *ctx)
{
    csigd_stored result;

    csigd_sql_lock(s->medium);
    result = list_within(s->medium, each, ctx);
    csigd_sql_unlock(s->medium);
    return result;
}

/* --- another one comes into force --- */

/* Is what was looked at still in force? over NULL: nothing was. */
static csigd_stored check_base(csigd_store *s, const char *subject, const char *over,
                               uint32_t over_version)
{
    csigd_policy_row row;
    const csigd_stored stored = of_subject(s, subject, &row);
    bool same;

    if (stored != CSIGD_STORED && stored != CSIGD_STORE_NONE) return stored;
    if (stored == CSIGD_STORE_NONE) return over == NULL ? CSIGD_STORED : CSIGD_STORE_CONFLICT;
    same = over != NULL && strcmp(row.subject, over) == 0 && row.version == over_version;
    csigd_policy_row_clear(&row);
    return same ? CSIGD_STORED : CSIGD_STORE_CONFLICT;
}

static csigd_stored put_within(csigd_store *s, const char *subject, const char *text, int64_t now,
                               const char *over, uint32_t over_version)
{
    csigd_medium *m = s->medium;
    int64_t last = 0;

    CSIGD_STORE_TRY(check_base(s, subject, over, over_version));
    CSIGD_STORE_TRY(csigd_sql_number(
        m, &last, "SELECT coalesce(max(version), 0) FROM policies WHERE subject = ?1",
        CSIGD_VALUES(CSIGD_STRING(subject))));
    CSIGD_STORE_TRY(csigd_sql_run(
        m, "INSERT INTO policies (subject, version, text, created) VALUES (?1, ?2, ?3, ?4)",
        CSIGD_VALUES(CSIGD_STRING(subject), CSIGD_INT(last + 1), CSIGD_STRING(text),
                     CSIGD_INT(now))));
    CSIGD_STORE_TRY(csigd_sqlite_audit_line(m, "policy.in_force", CSIGD_OF_NOTHING,
                                            CSIGD_TEXT("subject", subject),
                                            CSIGD_NUMBER("version", last + 1)));
    return csigd_sql_run(m,
                         "INSERT INTO policies_current (subject, version) VALUES (?1, ?2) "
                         "ON CONFLICT (subject) DO UPDATE SET version = ?2",
                         CSIGD_VALUES(CSIGD_STRING(subject), CSIGD_INT(last + 1)));
}

static csigd_stored put(csigd_store *s, const char *subject, const char *text, int64_t now,
                        const char *over, uint32_t over_version)
{
    CSIGD_STORE_TRY(csigd_sql_begin(s->medium));
    return csigd_sql_end(s->medium, put_within(s, subject, text, now, over, over_version));
}

/* --- changes --- */

static csigd_stored change_put_within(csigd_medium *m, const csigd_change *c)
{
    CSIGD_STORE_TRY(csigd_sqlite_audit_line(m, "policy.proposed", CSIGD_OF_NOTHING,
                                            CSIGD_HEX("change", c->id, sizeof c->id),
                                            CSIGD_TEXT("subject", c->subject)));
    return csigd_sql_run(
        m,
        "INSERT INTO policy_changes (id, subject, over, over_version, text, state, created, "
        "expires, creator) VALUES (?1, ?2, ?3, ?4, CAST(?5 AS TEXT), ?6, ?7, ?8, ?9)",
        CSIGD_VALUES(CSIGD_BYTES(c->id, sizeof c->id), CSIGD_STRING(c->subject),
                     CSIGD_STRING(c->over), CSIGD_INT(c->over_version),
                     CSIGD_BYTES(c->text.p, c->text.len), CSIGD_INT(c->state),
                     CSIGD_INT(c->created), CSIGD_INT(c->expires),
                     c->has_creator ? CSIGD_BYTES(c->creator, sizeof c->creator) : CSIGD_NULL));
}

static csigd_stored change_put(csigd_store *s, const csigd_change *c)
{
    CSIGD_STORE_TRY(csigd_sql_begin(s->medium));
    return csigd_sql_end(s->medium, change_put_within(s->medium, c));
}

static bool change_read(sqlite3_stmt *stmt, void *out)
{
    csigd_change *c = out;

    *c = (csigd_change){.over_version = (uint32_t)sqlite3_column_int64(stmt, 3),
                        .state = (csigd_change_state)sqlite3_column_int(stmt, 4),
                        .created = sqlite3_column_int64(stmt, 5),
                        .expires = sqlite3_column_int64(stmt, 6)};
    c->has_creator = csigd_column_is_bytes(stmt, 7, c->creator, sizeof c->creator);
    return csigd_column_is_bytes(stmt, 0, c->id, sizeof c->id) &&
           csigd_column_is_text(stmt, 1, c->subject, sizeof c->subject) &&
           csigd_column_is_text(stmt, 2, c->over, sizeof c->over) &&
           csigd_column_is_blob(stmt, 8, &c->text);
}

static csigd_stored change_get(csigd_store *s, const uint8_t *id, csigd_change *change)
{
    return csigd_sql_fetch(s->medium,
                           "SELECT id, subject, over, over_version, state, created, expires, "
                           "creator, CAST(text AS BLOB) FROM policy_changes WHERE id = ?1",
                           CSIGD_VALUES(CSIGD_BYTES(id, 32)), change_read, change);
}

static csigd_stored move_change(csigd_medium *m, const uint8_t *id, csigd_change_state state)
{
    return csigd_sql_run(m, "UPDATE policy_changes SET state = ?2 WHERE id = ?1 AND state = 1",
                         CSIGD_VALUES(CSIGD_BYTES(id, 32), CSIGD_INT(state)));
}

/* The text is a blob without a NUL at its end. */
static csigd_stored change_comes(csigd_store *s, const csigd_change *c, int64_t now)
{
    char *text = malloc(c->text.len + 1);
    csigd_stored stored;

    if (text == NULL) return CSIGD_STORE_FAILED;
    memcpy(text, c->text.p, c->text.len);
    text[c->text.len] = '\0';
    stored = put_within(s, c->subject, text, now, c->over, c->over_version);
    free(text);
    if (stored == CSIGD_STORE_CONFLICT) return move_change(s->medium, c->id, CSIGD_CHANGE_REJECTED);
    if (stored != CSIGD_STORED) return stored;
    return move_change(s->medium, c->id, CSIGD_CHANGE_DONE);
}

static csigd_stored settle(csigd_store *s, const csigd_change *c, const csigd_approval *approval,
                           const csigd_change_judge *judge)
{
    csigd_change_state state = CSIGD_CHANGE_PENDING;

    if (c->state != CSIGD_CHANGE_PENDING || c->expires <= approval->said)
        return CSIGD_STORE_CONFLICT;
    CSIGD_STORE_TRY(csigd_sqlite_put_approval(s->medium, c->id, approval));
    CSIGD_STORE_TRY(csigd_sqlite_audit_line(
        s->medium, approval->approves ? "policy.approval" : "policy.rejection", CSIGD_OF_NOTHING,
        CSIGD_HEX("change", c->id, sizeof c->id),
        CSIGD_HEX("key", approval->key, sizeof approval->key),
        CSIGD_HEX("signature", approval->signature, sizeof approval->signature)));
    CSIGD_STORE_TRY(judge->judge(judge->ctx, &state));
    if (state == CSIGD_CHANGE_DONE) return change_comes(s, c, approval->said);
    if (state == CSIGD_CHANGE_REJECTED) return move_change(s->medium, c->id, state);
    return CSIGD_STORED;
}

static csigd_stored say_within(csigd_store *s, const uint8_t *id, const csigd_approval *approval,
                               const csigd_change_judge *judge)
{
    csigd_change c = {.text = {NULL, 0}};
    csigd_stored stored = change_get(s, id, &c);

    if (stored == CSIGD_STORED) stored = settle(s, &c, approval, judge);
    csigd_change_clear(&c);
    return stored;
}

static csigd_stored change_say(csigd_store *s, const uint8_t *id, const csigd_approval *approval,
                               const csigd_change_judge *judge)
{
    CSIGD_STORE_TRY(csigd_sql_begin(s->medium));
    return csigd_sql_end(s->medium, say_within(s, id, approval, judge));
}

static csigd_stored changes_expire(csigd_store *s, int64_t now)
{
    const csigd_stored stored = csigd_sql_write(
        s->medium, "UPDATE policy_changes SET state = 3 WHERE state = 1 AND expires <= ?1",
        CSIGD_VALUES(CSIGD_INT(now)));

    return stored == CSIGD_STORE_CONFLICT ? CSIGD_STORED : stored;
}

void csigd_sqlite_policy(csigd_store *s)
{
    s->policies.of_wallet = of_wallet;
    s->policies.of_subject = of_subject;
    s->policies.count = count;
    s->policies.list = list;
    s->policies.put = put;
    s->policies.change_put = change_put;
    s->policies.change_get = change_get;
    s->policies.change_say = change_say;
    s->policies.changes_expire = changes_expire;
    csigd_sqlite_approvals(s);
    csigd_sqlite_hooks(s);
}
