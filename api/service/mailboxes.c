#include "service/mailboxes.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "http/router.h"

static csigd_code refused(csigd_problem *why, csigd_code code, const char *field, const char *words)
{
    csigd_problem_field(why, code, field);
    snprintf(why->detail, sizeof why->detail, "%s", words);
    return code;
}

/* --- a mailbox --- */

static bool members_are_distinct(const csigd_mailbox *b)
{
    for (size_t i = 0; i < b->n_members; i++) {
        for (size_t j = 0; j < i; j++) {
            if (memcmp(b->members[i], b->members[j], sizeof b->members[i]) == 0) return false;
        }
    }
    return true;
}

csigd_code csigd_mailbox_open(const csigd_service *s, csigd_mailbox *b, uint32_t seconds,
                              csigd_problem *why)
{
    csigd_stored stored;

    if (!members_are_distinct(b)) return csigd_problem_field(why, CSIGD_BAD_REQUEST, "members");
    b->created = csigd_clock_now();
    b->expires = b->created + seconds;
    randombytes_buf(b->id, sizeof b->id);
    stored = s->store->mailboxes.make(s->store, b);
    for (size_t i = 0; stored == CSIGD_STORED && i < b->n_members; i++)
        csigd_waiting_tell(s->waiting, b->members[i]);
    if (stored == CSIGD_STORED) return CSIGD_OK;
    if (stored == CSIGD_STORE_CONFLICT)
        return refused(
            why, CSIGD_SESSION_LIMIT, "members",
            "A member has as many open mailboxes as it may, or as strangers to it may make.");
    if (stored == CSIGD_STORE_NONE) return csigd_problem_field(why, CSIGD_NOT_FOUND, "members");
    return csigd_problem_set(why, csigd_code_of_store(stored));
}

csigd_code csigd_mailbox_close(const csigd_service *s, const uint8_t *id, csigd_problem *why)
{
    const csigd_stored stored = s->store->mailboxes.drop(s->store, id, csigd_clock_now());

    if (stored != CSIGD_STORED) return csigd_problem_set(why, csigd_code_of_store(stored));
    csigd_waiting_tell(s->waiting, id);
    return CSIGD_OK;
}

/* --- its messages --- */

static csigd_code tell_delivery(const csigd_delivering *d, csigd_problem *why)
{
    switch (d->became) {
    case CSIGD_DELIVERED:
        return CSIGD_OK;
    case CSIGD_DELIVERY_OTHER:
        return refused(why, CSIGD_ROUND_CONFLICT, "",
                       "There is another message with this number; it stays.");
    case CSIGD_DELIVERY_EARLY:
        csigd_problem_set(why, CSIGD_ROUND_OUT_OF_ORDER);
        why->expected_round = d->next;
        return why->code;
    case CSIGD_DELIVERY_MANY:
        return refused(why, CSIGD_SESSION_LIMIT, "", "The mailbox has all the messages it takes.");
    case CSIGD_DELIVERY_MAILBOX_FULL:
        return refused(why, CSIGD_TOO_LARGE, "", "The mailbox has no room for that.");
    case CSIGD_DELIVERY_WRITER_FULL:
        return refused(why, CSIGD_TOO_LARGE, "",
                       "This member has written as much as it may into its open mailboxes.");
    case CSIGD_DELIVERY_ALL_FULL:
        return csigd_problem_set(why, CSIGD_OVERLOADED);
    }
    return csigd_problem_set(why, CSIGD_INTERNAL);
}

csigd_code csigd_mailbox_write(const csigd_service *s, const uint8_t *id, const uint8_t *device,
                               uint32_t number, const uint8_t *octets, size_t len,
                               csigd_problem *why)
{
    csigd_delivering d = {.mailbox = id,
                          .device = device,
                          .number = number,
                          .octets = octets,
                          .len = len,
                          .now = csigd_clock_now()};
    csigd_stored stored;

    if (len == 0) return csigd_problem_field(why, CSIGD_BAD_REQUEST, "body");
    stored = s->store->mailboxes.put(s->store, &d);
    if (stored != CSIGD_STORED) return csigd_problem_set(why, csigd_code_of_store(stored));
    if (d.became == CSIGD_DELIVERED) csigd_waiting_tell(s->waiting, id);
    return tell_delivery(&d, why);
}

typedef struct collecting {
    csigd_blob frames;
    bool failed;
} collecting;

static void put_u32(uint8_t out[4], uint32_t value)
{
    for (int i = 0; i < 4; i++)
        out[i] = (uint8_t)(value >> (24 - 8 * i));
}

static bool collect(void *ctx, const csigd_mailbox_message *m)
{
    collecting *c = ctx;
    const size_t len = CSIGD_FRAME_HEAD_BYTES + m->len;
    uint8_t *grown;

    if (c->frames.len > 0 && c->frames.len + len > CSIGD_OCTETS_MAX) return false;
    grown = realloc(c->frames.p, c->frames.len + len);
    c->failed = grown == NULL;
    if (grown == NULL) return false;
    c->frames.p = grown;
    grown += c->frames.len;
    put_u32(grown, m->position);
    grown[4] = m->place;
    put_u32(grown + 5, m->number);
    put_u32(grown + 9, (uint32_t)m->len);
    memcpy(grown + CSIGD_FRAME_HEAD_BYTES, m->octets, m->len);
    c->frames.len += len;
    return true;
}

csigd_code csigd_mailbox_read(const csigd_service *s, const uint8_t *id, uint32_t after,
                              const uint8_t *reader, csigd_blob *frames, int64_t *expires,
                              csigd_problem *why)
{
    const int64_t now = csigd_clock_now();
    collecting c = {.failed = false};
    csigd_stored stored;

    /* Who looks is told what there is, also when the look itself cannot be noted. */
    if (reader != NULL) (void)s->store->mailboxes.see(s->store, id, reader, now);
    /* Something, so that nothing is an empty body. */
    if (!csigd_blob_is_copied(&c.frames, NULL, 0)) return csigd_problem_set(why, CSIGD_OVERLOADED);
    stored = s->store->mailboxes.read(s->store, id, after, now, expires, collect, &c);
    if (stored == CSIGD_STORED && !c.failed) {
        *frames = c.frames;
        return CSIGD_OK;
    }
    csigd_blob_free(&c.frames);
    return csigd_problem_set(why, c.failed ? CSIGD_OVERLOADED : csigd_code_of_store(stored));
}
