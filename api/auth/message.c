#include "auth/message.h"

#include <string.h>

/* --- fields --- */

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool name_is(const char *field, const char *name)
{
    while (*name != '\0' && lower(*field) == *name) {
        field++;
        name++;
    }
    return *field == '\0' && *name == '\0';
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static bool value_is_added(csigd_text *out, const char *value)
{
    size_t len;

    while (is_blank(*value))
        value++;
    len = strlen(value);
    while (len > 0 && is_blank(value[len - 1]))
        len--;
    for (size_t i = 0; i < len; i++) {
        if ((value[i] < 0x20 && value[i] != '\t') || value[i] > 0x7e) return false;
    }
    csigd_text_add(out, value, len);
    return true;
}

bool csigd_message_has_field(const csigd_message *m, const char *name)
{
    for (size_t i = 0; i < m->n_fields; i++) {
        if (name_is(m->fields[i].name, name)) return true;
    }
    return false;
}

bool csigd_message_field_is_read(csigd_text *out, const csigd_message *m, const char *name)
{
    bool found = false;

    for (size_t i = 0; i < m->n_fields; i++) {
        if (!name_is(m->fields[i].name, name)) continue;
        if (found) csigd_text_put(out, ", ");
        found = true;
        if (!value_is_added(out, m->fields[i].value)) return false;
    }
    return found;
}

/* --- derived components: false when the message has none --- */

/* Printable and without spaces, as everything in a request line is. */
static bool is_clean(const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text <= 0x20 || *text > 0x7e) return false;
    }
    return true;
}

static bool is_put(csigd_text *out, const char *text)
{
    if (text == NULL || *text == '\0' || !is_clean(text)) return false;
    csigd_text_put(out, text);
    return true;
}

static bool put_method(csigd_text *out, const csigd_message *m)
{
    return is_put(out, m->method);
}

static bool put_scheme(csigd_text *out, const csigd_message *m)
{
    return is_put(out, m->scheme);
}

static bool put_request_target(csigd_text *out, const csigd_message *m)
{
    return is_put(out, m->target);
}

/* In lower case and without the scheme's own port (section 2.2.3). */
static bool put_authority(csigd_text *out, const csigd_message *m)
{
    const char *port;
    size_t len;

    if (m->authority == NULL || m->scheme == NULL || !is_clean(m->authority)) return false;
    port = strcmp(m->scheme, "https") == 0 ? ":443" : ":80";
    len = strlen(m->authority);
    if (len > strlen(port) && strcmp(m->authority + len - strlen(port), port) == 0)
        len -= strlen(port);
    for (size_t i = 0; i < len; i++)
        csigd_text_char(out, lower(m->authority[i]));
    return len > 0;
}

/* Only a target that is a path has the following three. */
static bool target_is_path(const csigd_message *m)
{
    return m->target != NULL && m->target[0] == '/' && is_clean(m->target);
}

static bool put_target_uri(csigd_text *out, const csigd_message *m)
{
    if (!target_is_path(m) || !put_scheme(out, m)) return false;
    csigd_text_put(out, "://");
    if (!put_authority(out, m)) return false;
    csigd_text_put(out, m->target);
    return true;
}

static bool put_path(csigd_text *out, const csigd_message *m)
{
    if (!target_is_path(m)) return false;
    csigd_text_add(out, m->target, strcspn(m->target, "?"));
    return true;
}

/* With its question mark, which stands alone when there is no query (section 2.2.7). */
static bool put_query(csigd_text *out, const csigd_message *m)
{
    const char *query;

    if (!target_is_path(m)) return false;
    query = strchr(m->target, '?');
    csigd_text_put(out, query != NULL ? query : "?");
    return true;
}

static bool put_status(csigd_text *out, const csigd_message *m)
{
    if (m->status < 100 || m->status > 999) return false;
    csigd_text_int(out, m->status);
    return true;
}

static const struct {
    const char *name;
    bool (*put)(csigd_text *out, const csigd_message *m);
} derived[] = {
    {"@method", put_method},
    {"@target-uri", put_target_uri},
    {"@authority", put_authority},
    {"@scheme", put_scheme},
    {"@request-target", put_request_target},
    {"@path", put_path},
    {"@query", put_query},
    {"@status", put_status},
};

/* --- components --- */

csigd_auth csigd_component_read(csigd_component *c, const csigd_sf *sf, size_t entry)
{
    *c = (csigd_component){.is_of_request = false};
    if (!csigd_sf_text_is_read(c->name, sizeof c->name, sf, entry, CSIGD_SF_STRING))
        return CSIGD_AUTH_COMPONENT;
    for (size_t i = csigd_sf_next(sf, entry, CSIGD_SF_ENTRY_PARAM); i != CSIGD_SF_NONE;
         i = csigd_sf_next(sf, i, CSIGD_SF_ENTRY_PARAM)) {
        if (!csigd_sf_key_is(sf, i, "req") || sf->nodes[i].type != CSIGD_SF_BOOLEAN ||
            sf->nodes[i].integer != 1)
            return CSIGD_AUTH_COMPONENT;
        c->is_of_request = true;
    }
    return CSIGD_AUTH_OK;
}

bool csigd_component_is_same(const csigd_component *a, const csigd_component *b)
{
    return strcmp(a->name, b->name) == 0 && a->is_of_request == b->is_of_request;
}

void csigd_component_print(csigd_text *out, const csigd_component *c)
{
    csigd_sf_print_string(out, c->name);
    if (c->is_of_request) csigd_text_put(out, ";req");
}

csigd_auth csigd_component_value(csigd_text *out, const csigd_message *m, const csigd_component *c)
{
    const csigd_message *of = c->is_of_request ? m->request : m;

    if (of == NULL) return CSIGD_AUTH_COMPONENT;
    if (c->name[0] != '@')
        return csigd_message_field_is_read(out, of, c->name) ? CSIGD_AUTH_OK : CSIGD_AUTH_COMPONENT;
    for (size_t i = 0; i < sizeof derived / sizeof derived[0]; i++) {
        if (strcmp(c->name, derived[i].name) != 0) continue;
        return derived[i].put(out, of) ? CSIGD_AUTH_OK : CSIGD_AUTH_COMPONENT;
    }
    return CSIGD_AUTH_COMPONENT;
}

/* --- the base --- */

static bool component_is_again(const csigd_sf *sf, size_t member, size_t entry,
                               const csigd_component *c)
{
    csigd_component other;

    for (size_t i = csigd_sf_next(sf, member, CSIGD_SF_ENTRY); i < entry;
         i = csigd_sf_next(sf, i, CSIGD_SF_ENTRY)) {
        if (csigd_component_read(&other, sf, i) == CSIGD_AUTH_OK &&
            csigd_component_is_same(&other, c))
            return true;
    }
    return false;
}

csigd_auth csigd_base_make(csigd_text *out, const csigd_message *m, const csigd_sf *input,
                           size_t member, csigd_refusal *why)
{
    csigd_component c;

    for (size_t i = csigd_sf_next(input, member, CSIGD_SF_ENTRY); i != CSIGD_SF_NONE;
         i = csigd_sf_next(input, i, CSIGD_SF_ENTRY)) {
        if (csigd_component_read(&c, input, i) != CSIGD_AUTH_OK ||
            component_is_again(input, member, i, &c))
            return csigd_refuse(why, CSIGD_AUTH_COMPONENT, c.name);
        /* As the signer wrote it. */
        csigd_sf_print(out, input, i);
        csigd_text_put(out, ": ");
        if (csigd_component_value(out, m, &c) != CSIGD_AUTH_OK)
            return csigd_refuse(why, CSIGD_AUTH_COMPONENT, c.name);
        csigd_text_char(out, '\n');
    }
    csigd_text_put(out, "\"@signature-params\": ");
    csigd_sf_print(out, input, member);
    if (!csigd_text_is_whole(out)) return csigd_refuse(why, CSIGD_AUTH_TOO_LONG, "");
    return CSIGD_AUTH_OK;
}
