#include "store/audit_text.h"

#include <string.h>

#include "auth/role.h"
#include "auth/text.h"
#include "clock.h"

static void name(csigd_text *t, const char *text)
{
    if (t->at[t->len - 1] != '{') csigd_text_char(t, ',');
    csigd_text_json(t, text);
    csigd_text_char(t, ':');
}

static void text_member(csigd_text *t, const char *at, const char *value)
{
    name(t, at);
    csigd_text_json(t, value);
}

static void hex_member(csigd_text *t, const char *at, const uint8_t *octets, size_t len)
{
    name(t, at);
    csigd_text_char(t, '"');
    csigd_text_hex(t, octets, len);
    csigd_text_char(t, '"');
}

static void number_member(csigd_text *t, const char *at, int64_t value)
{
    name(t, at);
    csigd_text_int(t, value);
}

static void field_member(csigd_text *t, const csigd_log_field *f)
{
    if (f->text != NULL)
        text_member(t, f->name, f->text);
    else if (f->bytes != NULL)
        hex_member(t, f->name, f->bytes, f->len);
    else
        number_member(t, f->name, f->number);
}

static void detail(csigd_text *t, const csigd_audit_entry *e)
{
    const csigd_log_field *sorted[CSIGD_AUDIT_FIELDS_MAX];

    for (size_t i = 0; i < e->n; i++) {
        size_t at = i;

        for (; at > 0 && strcmp(sorted[at - 1]->name, e->fields[i].name) > 0; at--)
            sorted[at] = sorted[at - 1];
        sorted[at] = &e->fields[i];
    }
    name(t, "detail");
    csigd_text_char(t, '{');
    for (size_t i = 0; i < e->n; i++)
        field_member(t, sorted[i]);
    csigd_text_char(t, '}');
}

static void role_list(csigd_text *t, uint32_t roles)
{
    bool first = true;

    name(t, "roles");
    csigd_text_char(t, '[');
    for (unsigned role = 0; role < CSIGD_ROLE_COUNT; role++) {
        if ((roles & CSIGD_ROLE_BIT(role)) == 0) continue;
        if (!first) csigd_text_char(t, ',');
        csigd_text_json(t, csigd_role_name((csigd_role)role));
        first = false;
    }
    csigd_text_char(t, ']');
}

static void who(csigd_text *t, const csigd_context *c)
{
    static const char *const names[] = {"daemon", "socket", "key", "stranger"};
    const bool has_key = c->by == CSIGD_BY_KEY || c->by == CSIGD_BY_STRANGER;

    name(t, "who");
    csigd_text_char(t, '{');
    text_member(t, "by", names[c->by]);
    if (c->has_device) hex_member(t, "device", c->device, sizeof c->device);
    if (has_key) hex_member(t, "key", c->key, sizeof c->key);
    if (c->by == CSIGD_BY_KEY) role_list(t, c->roles);
    if (c->has_uid) number_member(t, "uid", c->uid);
    csigd_text_char(t, '}');
}

bool csigd_audit_text_is_made(char out[CSIGD_AUDIT_ENTRY_BYTES], const csigd_audit_entry *e)
{
    csigd_text t = csigd_text_in(out, CSIGD_AUDIT_ENTRY_BYTES);
    char when[CSIGD_RFC3339_BYTES];

    if (e->n > CSIGD_AUDIT_FIELDS_MAX) return false;
    csigd_clock_format(when, e->time);
    csigd_text_char(&t, '{');
    detail(&t, e);
    text_member(&t, "kind", e->kind);
    hex_member(&t, "previous", e->previous, 32);
    if (e->about.request != NULL) hex_member(&t, "request", e->about.request, 32);
    number_member(&t, "sequence", (int64_t)e->sequence);
    text_member(&t, "time", when);
    if (e->context->has_trace) text_member(&t, "trace", e->context->trace.id);
    if (e->about.wallet != NULL) hex_member(&t, "wallet", e->about.wallet, 16);
    who(&t, e->context);
    csigd_text_char(&t, '}');
    return csigd_text_is_whole(&t);
}
