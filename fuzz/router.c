/* Any octets as a method, a target and a content type, a line each: a route of the table and a part
 * of a list, or a refusal. */
#include "http/router.h"

#include <string.h>

#include "fuzz.h"

#define LINE 256

/* The next line, cut; what is left. */
static const uint8_t *next_line(char line[LINE], const uint8_t *data, const uint8_t *end)
{
    size_t n = 0;

    for (; data < end && *data != '\n'; data++) {
        if (n + 1 < LINE && *data != '\0') line[n++] = (char)*data;
    }
    line[n] = '\0';
    return data < end ? data + 1 : data;
}

static void check_query(csigd_call *call, const csigd_route *route, const char *target)
{
    uint8_t id[CSIG_REQUEST_ID_BYTES];
    csigd_problem why;
    csigd_look look;

    if (csigd_query_read(call, route, target, &why) != CSIGD_OK) return;
    FUZZ_REQUIRE(call->limit <= CSIGD_PAGE_ROWS && strlen(call->after_id) < sizeof call->after_id);
    FUZZ_REQUIRE(route->body == CSIGD_PAGE_QUERY || (call->limit == 0 && call->after_id[0] == 0));
    if (!csigd_call_has_look(call, &look, id, sizeof id)) return;
    FUZZ_REQUIRE(look.n > 0 && look.n <= CSIGD_PAGE_ROWS);
    FUZZ_REQUIRE((look.after != NULL) == (call->after_id[0] != 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    const uint8_t *end = data + len;
    char method[LINE], target[LINE], path[LINE], type[LINE];
    const csigd_route *route;
    const char *allow;
    csigd_call call;
    csigd_code code;

    memset(&call, 0, sizeof call);
    data = next_line(method, data, end);
    data = next_line(target, data, end);
    memcpy(path, target, sizeof path);
    path[strcspn(path, "?")] = '\0';
    (void)next_line(type, data, end);
    code = csigd_route_find(&route, &call, &allow, method, path);
    FUZZ_REQUIRE(code == CSIGD_OK || code == CSIGD_NOT_FOUND || code == CSIGD_METHOD_NOT_ALLOWED);
    FUZZ_REQUIRE((code == CSIGD_OK) == (route != NULL));
    FUZZ_REQUIRE((code == CSIGD_METHOD_NOT_ALLOWED) == (allow != NULL));
    if (code != CSIGD_OK) return 0;
    FUZZ_REQUIRE(strcmp(route->method, method) == 0);
    FUZZ_REQUIRE(call.round <= CSIGD_ROUND_MAX);
    FUZZ_REQUIRE((strstr(route->path, ":n") != NULL) == (call.round > 0));
    FUZZ_REQUIRE(call.after <= CSIGD_NUMBER_MAX && call.number <= CSIGD_NUMBER_MAX);
    code = csigd_route_admit(route, &call, type, len);
    FUZZ_REQUIRE(!route->unix_only || code == CSIGD_UNIX_SOCKET_ONLY);
    check_query(&call, route, target);
    return 0;
}
