/* Mailboxes, their members and messages. */
#include <string.h>

#include "store/sqlite.h"

#define ID(p)     CSIGD_BYTES((p), CSIGD_MAILBOX_ID_BYTES)
#define DEVICE(p) CSIGD_BYTES((p), CSIG_IDENTITY_BYTES)

static csigd_stored sweep_within(csigd_medium *m, int64_t now)
{
    return csigd_sql_run(m, "DELETE FROM mailboxes WHERE expires <= ?1",
                         CSIGD_VALUES(CSIGD_INT(now)));
}

static csigd_stored sweep(csigd_store *s, int64_t now)
{
    csigd_medium *m = s->medium;

    CSIGD_STORE_TRY(csigd_sql_begin(m));
    return csigd_sql_end(m, sweep_within(m, now));
}

/* --- making one --- */

static csigd_stored make_within(csigd_medium *m, const csigd_mailbox *b)
{
    CSIGD_STORE_TRY(sweep_within(m, b->created));
    CSIGD_STORE_TRY(csigd_sql_run(
        m, "INSERT INTO mailboxes (id, created, expires, opener) VALUES (?1, ?2, ?3, ?4)",
        CSIGD_VALUES(ID(b->id), CSIGD_INT(b->created), CSIGD_INT(b->expires),
                     b->opener != NULL ? DEVICE(b->opener) : CSIGD_NULL)));
    for (size_t i = 0; i < b->n_members; i++)
        CSIGD_STORE_TRY(csigd_sqlite_mailbox_member(m, b, i));
    return CSIGD_STORED;
}

static csigd_stored make(csigd_store *s, const csigd_mailbox *mailbox)
{
    csigd_medium *m = s->medium;

    CSIGD_STORE_TRY(csigd_sql_begin(m));
    return csigd_sql_end(m, make_within(m, mailbox));
}

/* --- looking at them --- */

#define COLUMNS "b.id, b.created, b.expires, b.last"

static bool head_is_read(sqlite3_stmt *stmt, void *out)
{
    csigd_mailbox *b = out;

    *b = (csigd_mailbox){.created = sqlite3_column_int64(stmt, 1),
                         .expires = sqlite3_column_int64(stmt, 2),
                         .last = (uint32_t)sqlite3_column_int64(stmt, 3)};
    return csigd_column_is_bytes(stmt, 0, b->id, sizeof b->id);
}

static csigd_stored read_members(csigd_medium *m, csigd_mailbox *b)
{
    sqlite3_stmt *stmt;
    csigd_stored result;

    CSIGD_STORE_TRY(csigd_sql_query(
        m, &stmt, "SELECT device, seen FROM mailbox_members WHERE mailbox = ?1 ORDER BY place",
        CSIGD_VALUES(ID(b->id))));
    while ((result = csigd_sql_row(m, stmt)) == CSIGD_STORED &&
           b->n_members < CSIGD_MAILBOX_MEMBERS_MAX) {
        b->seen[b->n_members] = sqlite3_column_int64(stmt, 1);
        if (!csigd_column_is_bytes(stmt, 0, b->members[b->n_members], CSIG_IDENTITY_BYTES)) break;
        b->n_members++;
    }
    sqlite3_finalize(stmt);
    return result == CSIGD_STORE_NONE ? CSIGD_STORED : CSIGD_STORE_FAILED;
}

static csigd_stored get(csigd_store *s, const uint8_t *id, int64_t now, csigd_mailbox *mailbox)
{
    csigd_medium *m = s->medium;
    csigd_stored result;

    csigd_sql_lock(m);
    result =
        csigd_sql_fetch(m, "SELECT " COLUMNS " FROM mailboxes b WHERE id = ?1 AND expires > ?2",
                        CSIGD_VALUES(ID(id), CSIGD_INT(now)), head_is_read, mailbox);
    if (result == CSIGD_STORED) result = read_members(m, mailbox);
    csigd_sql_unlock(m);
    return result;
}

static csigd_stored ask(csigd_store *s, const uint8_t *id, const uint8_t *device, int64_t now)
{
    csigd_medium *m = s->medium;
    csigd_stored result;
    int64_t one;

    csigd_sql_lock(m);
    result = csigd_sql_number(m, &one,
                              "SELECT 1 FROM mailboxes JOIN mailbox_members ON mailbox = id "
                              "WHERE id = ?1 AND device = ?2 AND expires > ?3",
                              CSIGD_VALUES(ID(id), DEVICE(device), CSIGD_INT(now)));
    csigd_sql_unlock(m);
    return result;
}

typedef struct listing {
    csigd_medium *m;
    void (*each)(void *ctx, const csigd_mailbox *mailbox);
    void *ctx;
} listing;

static csigd_stored list_rows(const listing *l, sqlite3_stmt *stmt)
{
    csigd_mailbox mailbox;

    for (;;) {
        const csigd_stored result = csigd_sql_row(l->m, stmt);

        if (result == CSIGD_STORE_NONE) return CSIGD_STORED;
        if (result != CSIGD_STORED) return result;
        if (!head_is_read(stmt, &mailbox)) return csigd_sql_failed(l->m, "mailboxes");
        mailbox.number = (uint32_t)sqlite3_column_int64(stmt, 4);
        CSIGD_STORE_TRY(read_members(l->m, &mailbox));
        l->each(l->ctx, &mailbox);
    }
}

static csigd_stored list_within(const listing *l, const uint8_t *device, uint32_t after,
                                int64_t now)
{
    sqlite3_stmt *stmt;
    csigd_stored result;
    int64_t one;

    CSIGD_STORE_TRY(csigd_sql_number(l->m, &one, "SELECT 1 FROM devices WHERE identity = ?1",
                                     CSIGD_VALUES(DEVICE(device))));
    CSIGD_STORE_TRY(csigd_sql_query(
        l->m, &stmt,
        "SELECT " COLUMNS ", o.number FROM mailbox_members o JOIN mailboxes b ON b.id = o.mailbox "
        "WHERE o.device = ?1 AND o.number > ?2 AND b.expires > ?3 ORDER BY o.number",
        CSIGD_VALUES(DEVICE(device), CSIGD_INT(after), CSIGD_INT(now))));
    result = list_rows(l, stmt);
    sqlite3_finalize(stmt);
    return result;
}

static csigd_stored list(csigd_store *s, const uint8_t *device, uint32_t after, int64_t now,
                         void (*each)(void *ctx, const csigd_mailbox *mailbox), void *ctx)
{
    const listing l = {.m = s->medium, .each = each, .ctx = ctx};
    csigd_stored result;

    csigd_sql_lock(l.m);
    result = list_within(&l, device, after, now);
    csigd_sql_unlock(l.m);
    return result;
}

/* --- messages --- */

/* Who writes, and what there is already. */
typedef struct writer {
    int64_t place, last;      /* the writer's */
    int64_t position, octets; /* the mailbox's */
} writer;

static bool writer_is_read(sqlite3_stmt *stmt, void *out)
{
    *(writer *)out = (writer){.place = sqlite3_column_int64(stmt, 0),
                              .last = sqlite3_column_int64(stmt, 1),
                              .position = sqlite3_column_int64(stmt, 2),
                              .octets = sqlite3_column_int64(stmt, 3)};
    return true;
}

/* A message that is there: is it this one? */
static csigd_stored compare(csigd_medium *m, csigd_delivering *d, const writer *w)
{
    int64_t same = 0;

    CSIGD_STORE_TRY(csigd_sql_number(
        m, &same,
        "SELECT octets = ?4 FROM mailbox_messages WHERE mailbox = ?1 AND place = ?2 AND number = "
        "?3",
        CSIGD_VALUES(ID(d->mailbox), CSIGD_INT(w->place), CSIGD_INT(d->number),
                     CSIGD_BYTES(d->octets, d->len))));
    d->became = same != 0 ? CSIGD_DELIVERED : CSIGD_DELIVERY_OTHER;
    return CSIGD_STORED;
}

static csigd_stored look_for_room(csigd_medium *m, csigd_delivering *d, const writer *w)
{
    const int64_t len = (int64_t)d->len;
    int64_t written = 0, all = 0;

    CSIGD_STORE_TRY(csigd_sql_number(m, &written,
                                     "SELECT sum(octets) FROM mailbox_members WHERE device = ?1",
                                     CSIGD_VALUES(DEVICE(d->device))));
    CSIGD_STORE_TRY(csigd_sql_number(m, &all, "SELECT sum(octets) FROM mailboxes", NULL, 0));
    if (w->position >= CSIGD_MAILBOX_MESSAGES)
        d->became = CSIGD_DELIVERY_MANY;
    else if (w->octets + len > (int64_t)CSIGD_MAILBOX_OCTETS)
        d->became = CSIGD_DELIVERY_MAILBOX_FULL;
    else if (written + len > (int64_t)CSIGD_WRITER_OCTETS)
        d->became = CSIGD_DELIVERY_WRITER_FULL;
    else if (all + len > (int64_t)CSIGD_ALL_OCTETS)
        d->became = CSIGD_DELIVERY_ALL_FULL;
    return CSIGD_STORED;
}

static csigd_stored add_message(csigd_medium *m, const csigd_delivering *d, const writer *w)
{
    const csigd_value mailbox = ID(d->mailbox), place = CSIGD_INT(w->place);
    const csigd_value len = CSIGD_INT(d->len);

    CSIGD_STORE_TRY(
        csigd_sql_run(m,
                      "INSERT INTO mailbox_messages (mailbox, position, place, number, octets) "
                      "VALUES (?1, ?2, ?3, ?4, ?5)",
                      CSIGD_VALUES(mailbox, CSIGD_INT(w->position + 1), place, CSIGD_INT(d->number),
                                   CSIGD_BYTES(d->octets, d->len))));
    CSIGD_STORE_TRY(
        csigd_sql_run(m, "UPDATE mailboxes SET last = last + 1, octets = octets + ?2 WHERE id = ?1",
                      CSIGD_VALUES(mailbox, len)));
    return csigd_sql_run(
        m,
        "UPDATE mailbox_members SET last = ?3, octets = octets + ?4, "
        "seen = max(seen, ?5) WHERE mailbox = ?1 AND place = ?2",
        CSIGD_VALUES(mailbox, place, CSIGD_INT(d->number), len, CSIGD_INT(d->now)));
}

static csigd_stored put_within(csigd_medium *m, csigd_delivering *d)
{
    writer w;

    CSIGD_STORE_TRY(sweep_within(m, d->now));
    CSIGD_STORE_TRY(csigd_sql_fetch(
        m,
        "SELECT o.place, o.last, b.last, b.octets FROM mailboxes b "
        "JOIN mailbox_members o ON o.mailbox = b.id WHERE b.id = ?1 AND o.device = ?2",
        CSIGD_VALUES(ID(d->mailbox), DEVICE(d->device)), writer_is_read, &w));
    d->became = CSIGD_DELIVERED;
    d->next = (uint32_t)w.last + 1;
    if (d->number < d->next) return compare(m, d, &w);
    if (d->number > d->next) {
        d->became = CSIGD_DELIVERY_EARLY;
        return CSIGD_STORED;
    }
    CSIGD_STORE_TRY(look_for_room(m, d, &w));
    return d->became == CSIGD_DELIVERED ? add_message(m, d, &w) : CSIGD_STORED;
}

static csigd_stored put(csigd_store *s, csigd_delivering *delivering)
{
    csigd_medium *m = s->medium;

    CSIGD_STORE_TRY(csigd_sql_begin(m));
    return csigd_sql_end(m, put_within(m, delivering));
}

typedef struct reading {
    csigd_medium *m;
    bool (*each)(void *ctx, const csigd_mailbox_message *message);
    void *ctx;
} reading;

static csigd_stored read_rows(const reading *r, sqlite3_stmt *stmt)
{
    csigd_stored result;

    while ((result = csigd_sql_row(r->m, stmt)) == CSIGD_STORED) {
        const csigd_mailbox_message message = {
            .position = (uint32_t)sqlite3_column_int64(stmt, 0),
            .place = (uint8_t)sqlite3_column_int(stmt, 1),
            .number = (uint32_t)sqlite3_column_int64(stmt, 2),
            .octets = sqlite3_column_blob(stmt, 3),
            .len = (size_t)sqlite3_column_bytes(stmt, 3),
        };

        if (!r->each(r->ctx, &message)) return CSIGD_STORED;
    }
    return result == CSIGD_STORE_NONE ? CSIGD_STORED : result;
}

static csigd_stored read_within(const reading *r, const uint8_t *id, uint32_t after, int64_t now,
                                int64_t *expires)
{
    sqlite3_stmt *stmt;
    csigd_stored result;

    CSIGD_STORE_TRY(csigd_sql_number(r->m, expires,
                                     "SELECT expires FROM mailboxes WHERE id = ?1 AND expires > ?2",
                                     CSIGD_VALUES(ID(id), CSIGD_INT(now))));
    CSIGD_STORE_TRY(csigd_sql_query(r->m, &stmt,
                                    "SELECT position, place, number, octets FROM mailbox_messages "
                                    "WHERE mailbox = ?1 AND position > ?2 ORDER BY position",
                                    CSIGD_VALUES(ID(id), CSIGD_INT(after))));
    result = read_rows(r, stmt);
    sqlite3_finalize(stmt);
    return result;
}

static csigd_stored read(csigd_store *s, const uint8_t *id, uint32_t after, int64_t now,
                         int64_t *expires,
                         bool (*each)(void *ctx, const csigd_mailbox_message *message), void *ctx)
{
    const reading r = {.m = s->medium, .each = each, .ctx = ctx};
    csigd_stored result;

    csigd_sql_lock(r.m);
    result = read_within(&r, id, after, now, expires);
    csigd_sql_unlock(r.m);
    return result;
}

static csigd_stored see(csigd_store *s, const uint8_t *id, const uint8_t *device, int64_t now)
{
    const csigd_stored stored = csigd_sql_write(
        s->medium,
        "UPDATE mailbox_members SET seen = ?3 WHERE mailbox = ?1 AND device = ?2 AND seen < ?3",
        CSIGD_VALUES(ID(id), DEVICE(device), CSIGD_INT(now)));

    return stored == CSIGD_STORE_CONFLICT ? CSIGD_STORED : stored;
}

/* --- the end --- */

static csigd_stored drop_within(csigd_medium *m, const uint8_t *id, int64_t now)
{
    CSIGD_STORE_TRY(sweep_within(m, now));
    CSIGD_STORE_TRY(csigd_sql_run(m, "DELETE FROM mailboxes WHERE id = ?1", CSIGD_VALUES(ID(id))));
    return csigd_sql_changed(m) == 0 ? CSIGD_STORE_NONE : CSIGD_STORED;
}

static csigd_stored drop(csigd_store *s, const uint8_t *id, int64_t now)
{
    csigd_medium *m = s->medium;

    CSIGD_STORE_TRY(csigd_sql_begin(m));
    return csigd_sql_end(m, drop_within(m, id, now));
}

void csigd_sqlite_mailboxes(csigd_store *s)
{
    s->mailboxes = (csigd_mailbox_store){
        .make = make,
        .get = get,
        .ask = ask,
        .list = list,
        .put = put,
        .read = read,
        .see = see,
        .drop = drop,
        .sweep = sweep,
    };
}
