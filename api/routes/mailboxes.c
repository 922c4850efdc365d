/* POST /v1/mailboxes, GET, DELETE /v1/mailboxes/{m}, PUT /v1/mailboxes/{m}/messages/{d}/{n},
 * GET /v1/mailboxes/{m}/messages/{after}, GET /v1/devices/{d}/mailboxes */
#include <string.h>

#include "clock.h"
#include "routes/routes.h"
#include "service/keys.h"
#include "service/mailboxes.h"

static csigd_json *seen_value(const csigd_mailbox *b)
{
    csigd_json *list = csigd_json_list();

    for (size_t i = 0; i < b->n_members; i++) {
        char text[CSIGD_RFC3339_BYTES];

        csigd_clock_format(text, b->seen[i]);
        if (b->seen[i] != 0)
            csigd_json_append_text(list, text);
        else
            csigd_json_append_null(list);
    }
    return list;
}

static csigd_json *mailbox_value(const csigd_mailbox *b)
{
    csigd_json *body = csigd_json_object(), *members = csigd_json_list();

    for (size_t i = 0; i < b->n_members; i++)
        csigd_json_append_hex(members, b->members[i], sizeof b->members[i]);
    csigd_json_hex(body, "mailbox", b->id, sizeof b->id);
    csigd_json_put(body, "members", members);
    csigd_json_time(body, "created", b->created);
    csigd_json_time(body, "expires", b->expires);
    csigd_json_uint(body, "last", b->last);
    csigd_json_put(body, "seen", seen_value(b));
    if (b->number != 0) csigd_json_uint(body, "number", b->number);
    return body;
}

/* The device that asks; NULL: none, but the operator. */
static const uint8_t *own_device(const csigd_call *call)
{
    const csigd_caller *caller = call->caller;

    return caller != NULL && caller->key.has_device ? caller->key.device : NULL;
}

typedef struct mailbox_wish {
    csigd_mailbox mailbox;
    uint32_t seconds;
} mailbox_wish;

static const csigd_json_field mailbox_fields[] = {
    {"members", CSIGD_JSON_HEX_LIST, CSIGD_LIST(mailbox_wish, mailbox.members, mailbox.n_members),
     .min = 2},
    {"seconds", CSIGD_JSON_UINT, .optional = true, .at = offsetof(mailbox_wish, seconds),
     .min = CSIGD_MAILBOX_SECONDS_MIN, .max = CSIGD_MAILBOX_SECONDS_MAX},
};

/* A key makes mailboxes that its device is a member of. */
static csigd_code check_maker(const csigd_call *call, const csigd_mailbox *b, csigd_problem *why)
{
    const uint8_t *own = own_device(call);

    if (call->caller == NULL) return CSIGD_OK;
    for (size_t i = 0; own != NULL && i < b->n_members; i++) {
        if (memcmp(b->members[i], own, sizeof b->members[i]) == 0) return CSIGD_OK;
    }
    return csigd_problem_field(why, CSIGD_FORBIDDEN, "members");
}

csigd_reply csigd_mailbox_create(const csigd_call *call)
{
    mailbox_wish wish = {.seconds = CSIGD_MAILBOX_SECONDS};
    csigd_problem why;
    csigd_code code =
        csigd_json_parse(&wish, CSIGD_TABLE(mailbox_fields), call->body, call->len, &why);

    if (code == CSIGD_OK) code = check_maker(call, &wish.mailbox, &why);
    wish.mailbox.opener = own_device(call);
    if (code == CSIGD_OK)
        code = csigd_mailbox_open(call->service, &wish.mailbox, wish.seconds, &why);
    if (code != CSIGD_OK) return csigd_reply_problem(&why);
    return csigd_reply_value(201, mailbox_value(&wish.mailbox));
}

csigd_reply csigd_mailbox_show(const csigd_call *call)
{
    csigd_store *store = call->service->store;
    csigd_mailbox mailbox;
    const csigd_stored stored = store->mailboxes.get(store, call->id, csigd_clock_now(), &mailbox);

    if (stored != CSIGD_STORED) return csigd_reply_code(csigd_code_of_store(stored));
    return csigd_reply_value(200, mailbox_value(&mailbox));
}

csigd_reply csigd_mailbox_delete(const csigd_call *call)
{
    csigd_problem why;

    if (csigd_mailbox_close(call->service, call->id, &why) != CSIGD_OK)
        return csigd_reply_problem(&why);
    return (csigd_reply){.status = 204};
}

csigd_reply csigd_mailbox_deliver(const csigd_call *call)
{
    const uint8_t *own = own_device(call);
    csigd_problem why;
    csigd_code code = CSIGD_OK;

    if (own != NULL && memcmp(own, call->member, sizeof call->member) != 0)
        code = csigd_problem_set(&why, CSIGD_FORBIDDEN);
    if (code == CSIGD_OK)
        code = csigd_mailbox_write(call->service, call->id, call->member, call->number, call->body,
                                   call->len, &why);
    if (code != CSIGD_OK) return csigd_reply_problem(&why);
    return (csigd_reply){.status = 204};
}

csigd_reply csigd_mailbox_messages(const csigd_call *call)
{
    /* Noted once: nobody who waits for a message waits for that, too. */
    const uint8_t *reader = call->again ? NULL : own_device(call);
    csigd_problem why;
    csigd_blob frames;
    int64_t expires;

    if (csigd_mailbox_read(call->service, call->id, call->after, reader, &frames, &expires, &why) !=
        CSIGD_OK)
        return csigd_reply_problem(&why);
    return (csigd_reply){.status = 200,
                         .type = "application/octet-stream",
                         .body = frames.p,
                         .len = frames.len,
                         .waits = true,
                         .is_nothing = frames.len == 0,
                         .until = expires};
}

typedef struct listing {
    csigd_json *mailboxes;
    size_t n;
} listing;

static void add_mailbox(void *ctx, const csigd_mailbox *mailbox)
{
    listing *l = ctx;

    csigd_json_append(l->mailboxes, mailbox_value(mailbox));
    l->n++;
}

csigd_reply csigd_mailbox_list(const csigd_call *call)
{
    csigd_store *store = call->service->store;
    listing l = {.mailboxes = csigd_json_list()};
    csigd_json *body = csigd_json_object();
    csigd_reply reply;
    const csigd_stored stored =
        store->mailboxes.list(store, call->id, call->after, csigd_clock_now(), add_mailbox, &l);

    csigd_json_put(body, "mailboxes", l.mailboxes);
    if (stored != CSIGD_STORED) {
        csigd_json_free(body);
        return csigd_reply_code(csigd_code_of_store(stored));
    }
    reply = csigd_reply_value(200, body);
    reply.waits = true;
    reply.is_nothing = l.n == 0;
    return reply;
}
