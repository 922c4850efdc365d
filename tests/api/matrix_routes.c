/* Every route of the router's table as a request. One that is new there is asked for here. */
#include <stdio.h>
#include <string.h>

#include "api/matrix.h"

#define ID16(n) n "000000000000000000000000000000"
#define ID32(n) ID16(n) ID16("00")
#define HEX64   ID32("00") ID32("00")
#define POLICY                                                                                     \
    "{\"version\":1,\"default\":\"deny\",\"rules\":[{\"id\":\"a\",\"if\":{},\"then\":\"allow\"}]}"

/* --- paths --- */

static const struct {
    const char *name, *mine, *nobodys;
} parameters[] = {
    {":device", ID32("01"), ID32("ee")},
    {":wallet", ID16("01"), ID16("ee")},
    {":request", ID32("03"), ID32("ee")},
    {":session", ID16("c8"), ID16("ee")},
    {":key", ID32("dd"), ID32("ee")},
    {":state", ID32("00"), ID32("00")},
    {":n", "1", "1"},
    {":index", "1", "1"},
    {":generation", "1", "1"},
    {":mailbox", ID16("05"), ID16("ee")},
    {":change", ID32("0c"), ID32("ee")},
    {":member", ID32("01"), ID32("01")},
    {":message", "1", "1"},
    {":after", "0", "0"},
    {":before", "1", "1"},
    {":kind", "ethereum", "ethereum"},
    {":network", "main", "main"},
    {":derivation", "m.0", "m.0"},
    {":campaign", ID16("06"), ID16("ee")},
    {":page", "1", "1"},
    {":webhook", ID16("07"), ID16("ee")},
    {":position", "0", "0"},
};

static size_t put_parameter(char *out, size_t room, const char *name, size_t len, bool mine)
{
    for (size_t i = 0; i < sizeof parameters / sizeof parameters[0]; i++) {
        if (strlen(parameters[i].name) != len || memcmp(parameters[i].name, name, len) != 0)
            continue;
        return (size_t)snprintf(out, room, "%s", mine ? parameters[i].mine : parameters[i].nobodys);
    }
    fail_msg("the matrix does not know the parameter %.*s", (int)len, name);
    return 0;
}

static void put_path(char *out, size_t room, const char *pattern, bool mine)
{
    size_t at = 0;

    while (*pattern == '/') {
        const size_t len = strcspn(pattern + 1, "/");

        out[at++] = '/';
        if (pattern[1] == ':')
            at += put_parameter(out + at, room - at, pattern + 1, len, mine);
        else
            at += (size_t)snprintf(out + at, room - at, "%.*s", (int)len, pattern + 1);
        pattern += 1 + len;
    }
    out[at] = '\0';
}

/* --- bodies --- */

typedef struct member {
    const char *name, *value;
} member;

#define MEMBERS_MAX 8

static const struct {
    const char *method, *path;
    member members[MEMBERS_MAX];
} bodies[] = {
    {"POST",
     "/v1/devices",
     {{"identity", "\"" ID32("01") "\""},
      {"signature", "\"" HEX64 "\""},
      {"name", "\"phone\""},
      {"key", "\"00\""},
      {"key_signature", "\"" HEX64 "\""},
      {"token", "\"" ID32("00") "\""}}},
    {"POST", "/v1/devices/:device/sessions", {{"nonce", "\"" ID32("11") "\""}}},
    {"POST", "/v1/devices/:device/keys", {{"key", "\"00\""}, {"key_signature", "\"" HEX64 "\""}}},
    {"PUT",
     "/v1/devices/:device/move",
     {{"token_sha256", "\"" ID32("44") "\""},
      {"wallets", "[\"" ID16("01") "\"]"},
      {"seconds", "60"}}},
    {"POST",
     "/v1/wallets",
     {{"signers_required", "2"},
      {"parties", "2"},
      {"devices", "[\"" ID32("01") "\"]"},
      {"nonces", "[\"" ID32("11") "\"]"},
      {"allow", "[\"digest\"]"},
      {"label", "\"a\""}}},
    {"POST",
     "/v1/wallets/:wallet/sessions",
     {{"kind", "\"presign\""},
      {"signers", "[1,2]"},
      {"nonces", "[\"" ID32("11") "\"]"},
      {"count", "1"}}},
    {"POST",
     "/v1/wallets/:wallet/requests",
     {{"payload", "{\"type\":\"digest\",\"digest\":\"" ID32("11") "\"}"},
      {"path", "\"m\""},
      {"mode", "\"phone\""},
      {"expires_in", "60"}}},
    {"POST",
     "/v1/wallets/:wallet/describe",
     {{"payload", "{\"type\":\"digest\",\"digest\":\"" ID32("11") "\"}"}, {"path", "\"m\""}}},
    {"POST", "/v1/wallets/:wallet/unlock", {{"device", "\"" ID32("01") "\""}}},
    {"POST",
     "/v1/requests/:request/sessions",
     {{"signers", "[1,2]"}, {"nonces", "[\"" ID32("11") "\"]"}}},
    {"POST",
     "/v1/requests/:request/approvals",
     {{"decision", "\"approve\""}, {"key", "\"" ID32("00") "\""}, {"signature", "\"" HEX64 "\""}}},
    {"PUT",
     "/v1/requests/:request/declines/:member",
     {{"rule", "\"a\""}, {"because", "\"no\""}, {"signature", "\"" HEX64 "\""}}},
    {"POST",
     "/v1/policy-changes/:change/approvals",
     {{"decision", "\"approve\""}, {"key", "\"" ID32("00") "\""}, {"signature", "\"" HEX64 "\""}}},
    {"PUT", "/v1/wallets/:wallet/policy", {{"policy", POLICY}}},
    {"PUT", "/v1/policies", {{"policy", POLICY}, {"label", "\"a\""}}},
    {"POST", "/v1/tokens", {{"roles", "[\"sign\"]"}, {"seconds", "60"}, {"label", "\"a\""}}},
    {"POST",
     "/v1/keys",
     {{"key", "\"00\""},
      {"name", "\"backend\""},
      {"roles", "[\"sign\"]"},
      {"all_wallets", "true"},
      {"per_minute", "60"}}},
    {"POST", "/v1/server-keys", {{"seconds", "60"}}},
    {"POST",
     "/v1/webhooks",
     {{"url", "\"https://localhost/\""}, {"events", "[\"wallet.born\"]"}, {"all_wallets", "true"}}},
    {"POST",
     "/v1/campaigns",
     {{"all_wallets", "true"},
      {"per_minute", "60"},
      {"at_once", "4"},
      {"deadline", "\"2099-01-01T00:00:00Z\""},
      {"on_miss", "\"warn\""}}},
    {"POST",
     "/v1/mailboxes",
     {{"members", "[\"" ID32("01") "\",\"" ID32("02") "\"]"}, {"seconds", "600"}}},
};

bool matrix_body_is_json(const csigd_route *route)
{
    return route->body == CSIGD_JSON_BODY || route->body == CSIGD_PAYLOAD_BODY;
}

bool matrix_member_is(const csigd_route *route, size_t i, const char **name, const char **value)
{
    for (size_t b = 0; b < sizeof bodies / sizeof bodies[0]; b++) {
        if (strcmp(bodies[b].path, route->path) != 0 ||
            strcmp(bodies[b].method, route->method) != 0)
            continue;
        if (i >= MEMBERS_MAX || bodies[b].members[i].name == NULL) return false;
        *name = bodies[b].members[i].name;
        *value = bodies[b].members[i].value;
        return true;
    }
    fail_msg("the matrix does not know a body of %s %s", route->method, route->path);
    return false;
}

void matrix_body(attempt *a, size_t at, const char *value, const char *more)
{
    const char *name, *own;
    size_t len = 0;

    for (size_t i = 0; matrix_member_is(a->route, i, &name, &own); i++)
        len += (size_t)snprintf(a->body + len, sizeof a->body - len, "%s\"%s\":%s",
                                i == 0 ? "{" : ",", name, i == at ? value : own);
    len += (size_t)snprintf(a->body + len, sizeof a->body - len, "%s}", more);
    a->len = len;
}

attempt *matrix_request(const csigd_route *route, bool mine, const csigd_signer *signer)
{
    static attempt a;

    memset(&a, 0, sizeof a);
    a.route = route;
    a.signer = signer;
    put_path(a.asked, sizeof a.asked, route->path, mine);
    switch (route->body) {
    case CSIGD_NO_BODY:
    case CSIGD_PAGE_QUERY:
        break;
    case CSIGD_JSON_BODY:
    case CSIGD_PAYLOAD_BODY:
        a.type = "application/json";
        matrix_body(&a, SIZE_MAX, NULL, "");
        break;
    case CSIGD_OCTETS_BODY:
        a.type = "application/octet-stream";
        a.len = (size_t)snprintf(a.body, sizeof a.body, "no envelope");
        break;
    }
    return &a;
}
