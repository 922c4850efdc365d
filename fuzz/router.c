/* Any octets as a method, a path and a content type, a line each: a route of the table, or a
 * refusal. */
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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    const uint8_t *end = data + len;
    char method[LINE], path[LINE], type[LINE];
    const csigd_route *route;
    const char *allow;
    csigd_call call;
    csigd_code code;

    memset(&call, 0, sizeof call);
    data = next_line(method, data, end);
    data = next_line(path, data, end);
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
    return 0;
}
