#include "http/router.h"

#include <stdlib.h>
#include <string.h>

#include "http/json.h"
#include "http/json_forget.h"

/* --- the path --- */

typedef struct parameter {
    const char *name;
    size_t at;         /* in csigd_call */
    size_t bytes;      /* of an id; 0: a number */
    uint64_t min, max; /* of a number; above 32 bits it is a uint64_t */
    size_t room;       /* of a word, with its NUL; 0: it is none */
} parameter;

static const parameter parameters[] = {
    {":device", offsetof(csigd_call, id), 32, 0, 0, 0},
    {":wallet", offsetof(csigd_call, id), 16, 0, 0, 0},
    {":request", offsetof(csigd_call, id), 32, 0, 0, 0},
    {":session", offsetof(csigd_call, id), 16, 0, 0, 0},
    {":key", offsetof(csigd_call, id), 32, 0, 0, 0},
    {":state", offsetof(csigd_call, epoch_state), 32, 0, 0, 0},
    {":n", offsetof(csigd_call, round), 0, 1, CSIGD_ROUND_MAX, 0},
    {":index", offsetof(csigd_call, index), 0, 1, CSIGD_INDEX_MAX, 0},
    {":change", offsetof(csigd_call, id), 32, 0, 0, 0},
    {":mailbox", offsetof(csigd_call, id), 16, 0, 0, 0},
    {":member", offsetof(csigd_call, member), 32, 0, 0, 0},
    {":message", offsetof(csigd_call, number), 0, 1, CSIGD_NUMBER_MAX, 0},
    {":after", offsetof(csigd_call, after), 0, 0, CSIGD_NUMBER_MAX, 0},
    {":before", offsetof(csigd_call, before), 0, 1, CSIGD_NUMBER_MAX, 0},
    {":campaign", offsetof(csigd_call, id), 16, 0, 0, 0},
    {":page", offsetof(csigd_call, page), 0, 1, CSIGD_PAGE_MAX, 0},
    {":webhook", offsetof(csigd_call, id), 16, 0, 0, 0},
    {":position", offsetof(csigd_call, position), 0, 0, CSIGD_POSITION_MAX, 0},
    {":kind", offsetof(csigd_call, kind), 0, 0, 0, sizeof((csigd_call *)0)->kind},
    {":network", offsetof(csigd_call, network), 0, 0, 0, sizeof((csigd_call *)0)->network},
    {":derivation", offsetof(csigd_call, derivation), 0, 0, 0, sizeof((csigd_call *)0)->derivation},
    {":generation", offsetof(csigd_call, generation), 0, 1, CSIGD_GENERATION_MAX, 0},
};

/* Decimal without leading zeros. */
static bool number_is_read(void *number, const parameter *p, const char *text, size_t len)
{
    uint64_t value = 0;
    uint32_t small;

    if (len == 0 || len > 16 || (text[0] == '0' && len > 1)) return false;
    for (size_t i = 0; i < len; i++) {
        if (text[i] < '0' || text[i] > '9') return false;
        value = value * 10 + (uint64_t)(text[i] - '0');
    }
    small = (uint32_t)value;
    if (p->max > UINT32_MAX)
        memcpy(number, &value, sizeof value);
    else
        memcpy(number, &small, sizeof small);
    return value >= p->min && value <= p->max;
}

static bool word_is_read(char *word, size_t room, const char *text, size_t len)
{
    if (len == 0 || len >= room || strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-.") < len)
        return false;
    memcpy(word, text, len);
    word[len] = '\0';
    return true;
}

static bool parameter_is_read(csigd_call *call, const char *name, size_t name_len, const char *text,
                              size_t len)
{
    for (size_t i = 0; i < sizeof parameters / sizeof parameters[0]; i++) {
        const parameter *p = &parameters[i];
        uint8_t *at = (uint8_t *)call + p->at;

        if (strlen(p->name) != name_len || memcmp(p->name, name, name_len) != 0) continue;
        if (p->room > 0) return word_is_read((char *)at, p->room, text, len);
        if (p->bytes == 0) return number_is_read(at, p, text, len);
        return csigd_hex_is_read(at, p->bytes, text, len);
    }
    return false;
}

static bool path_is_matched(csigd_call *call, const char *pattern, const char *path)
{
    while (*pattern == '/' && *path == '/') {
        const size_t want = strcspn(++pattern, "/"), have = strcspn(++path, "/");

        if (*pattern == ':') {
            if (!parameter_is_read(call, pattern, want, path, have)) return false;
        } else if (want != have || memcmp(pattern, path, want) != 0) {
            return false;
        }
        pattern += want;
        path += have;
    }
    return *pattern == '\0' && *path == '\0';
}

/* The methods of one path are at most these. */
static const char *allowed(bool get, bool post, bool put, bool delete)
{
    if (get && delete) return "GET, DELETE";
    if (get && post) return "GET, POST";
    if (get && put) return "GET, PUT";
    if (get) return "GET";
    if (put) return "PUT";
    if (delete) return "DELETE";
    return post ? "POST" : "";
}

csigd_code csigd_route_find(const csigd_route **route, csigd_call *call, const char **allow,
                            const char *method, const char *path)
{
    bool get = false, post = false, put = false, delete = false;

    *route = NULL;
    *allow = NULL;
    for (size_t i = 0; i < csigd_routes_count; i++) {
        const csigd_route *r = &csigd_routes[i];

        if (!path_is_matched(call, r->path, path)) continue;
        if (strcmp(r->method, method) == 0) {
            *route = r;
            return CSIGD_OK;
        }
        get = get || strcmp(r->method, "GET") == 0;
        post = post || strcmp(r->method, "POST") == 0;
        put = put || strcmp(r->method, "PUT") == 0;
        delete = delete || strcmp(r->method, "DELETE") == 0;
    }
    if (!get && !post && !put && !delete) return CSIGD_NOT_FOUND;
    *allow = allowed(get, post, put, delete);
    return CSIGD_METHOD_NOT_ALLOWED;
}

/* --- the query --- */

/* "name=value" into its place in the call; false: there is no such one, or it was there. */
static bool argument_is_read(csigd_call *call, const char *text, size_t len)
{
    static const parameter limit = {"limit", 0, 0, 1, CSIGD_PAGE_ROWS, 0};

    if (len > 6 && memcmp(text, "limit=", 6) == 0)
        return call->limit == 0 && number_is_read(&call->limit, &limit, text + 6, len - 6);
    if (len <= 6 || memcmp(text, "after=", 6) != 0 || call->after_id[0] != '\0') return false;
    return word_is_read(call->after_id, sizeof call->after_id, text + 6, len - 6);
}

csigd_code csigd_query_read(csigd_call *call, const csigd_route *route, const char *target,
                            csigd_problem *why)
{
    const char *at = strchr(target, '?');

    if (at == NULL || at[1] == '\0') return CSIGD_OK;
    if (route->body != CSIGD_PAGE_QUERY)
        return csigd_problem_field(why, CSIGD_BAD_REQUEST, "query");
    do {
        const size_t len = strcspn(++at, "&");

        if (!argument_is_read(call, at, len))
            return csigd_problem_field(why, CSIGD_BAD_REQUEST, "query");
        at += len;
    } while (*at == '&');
    return CSIGD_OK;
}

bool csigd_call_has_look(const csigd_call *call, csigd_look *look, uint8_t *id, size_t id_len)
{
    look->n = call->limit > 0 ? call->limit : CSIGD_PAGE_ROWS;
    look->after = call->after_id[0] != '\0' ? id : NULL;
    return look->after == NULL ||
           csigd_hex_is_read(id, id_len, call->after_id, strlen(call->after_id));
}

bool csigd_route_has_body(const csigd_route *route)
{
    return route->body != CSIGD_NO_BODY && route->body != CSIGD_PAGE_QUERY;
}

size_t csigd_route_body_max(const csigd_route *route)
{
    switch (route->body) {
    case CSIGD_NO_BODY:
    case CSIGD_PAGE_QUERY:
        return 0;
    case CSIGD_JSON_BODY:
        return CSIGD_JSON_MAX;
    case CSIGD_PAYLOAD_BODY:
        return CSIGD_PAYLOAD_MAX;
    case CSIGD_OCTETS_BODY:
        return CSIGD_OCTETS_MAX;
    }
    return 0;
}

/* Parameters such as charset may follow the type. */
static bool type_is_right(csigd_body body, const char *type)
{
    const char *want = body == CSIGD_OCTETS_BODY ? "application/octet-stream" : "application/json";
    const size_t len = strlen(want);

    if (body == CSIGD_NO_BODY || body == CSIGD_PAGE_QUERY) return true;
    if (type == NULL || strncmp(type, want, len) != 0) return false;
    return type[len] == '\0' || type[len] == ';' || type[len] == ' ';
}

csigd_code csigd_route_admit(const csigd_route *route, const csigd_call *call, const char *type,
                             uint64_t announced)
{
    if (route->unix_only && !call->unix_socket) return CSIGD_UNIX_SOCKET_ONLY;
    if (!type_is_right(route->body, type)) return CSIGD_WRONG_CONTENT_TYPE;
    if (announced > csigd_route_body_max(route)) return CSIGD_TOO_LARGE;
    return CSIGD_OK;
}

/* --- replies --- */

csigd_reply csigd_reply_json(unsigned status, char *text, size_t len)
{
    if (text == NULL) return (csigd_reply){.status = csigd_code_status(CSIGD_INTERNAL)};
    return (csigd_reply){
        .status = status, .type = "application/json", .body = (uint8_t *)text, .len = len};
}

csigd_reply csigd_reply_problem(const csigd_problem *problem)
{
    size_t len;
    char *text = csigd_problem_json(problem, &len);
    csigd_reply reply = csigd_reply_json(csigd_code_status(problem->code), text, len);

    if (reply.body != NULL) reply.type = "application/problem+json";
    reply.code = problem->code;
    reply.retry_after = problem->retry_after;
    return reply;
}

csigd_reply csigd_reply_code(csigd_code code)
{
    csigd_problem problem;

    csigd_problem_set(&problem, code);
    return csigd_reply_problem(&problem);
}

void csigd_reply_free(csigd_reply *reply)
{
    csigd_forget(reply->body);
    *reply = (csigd_reply){.status = 0};
}
