#include "api/openapi.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "api/temp.h"
#include "routes/openapi.h"

json_t *openapi;

int openapi_load(void **state)
{
    (void)state;
    openapi =
        json_loadb((const char *)csigd_openapi, csigd_openapi_len, JSON_REJECT_DUPLICATES, NULL);
    return openapi != NULL ? 0 : -1;
}

int openapi_unload(void **state)
{
    (void)state;
    json_decref(openapi);
    return 0;
}

json_t *openapi_meant(json_t *v)
{
    const char *to = json_string_value(json_object_get(v, "$ref"));
    char step[64];
    json_t *at = openapi;

    if (to == NULL) return v;
    assert_memory_equal(to, "#/", 2);
    for (to += 2;; to++) {
        const size_t len = strcspn(to, "/");

        snprintf(step, sizeof step, "%.*s", (int)len, to);
        at = json_object_get(at, step);
        if (at == NULL) fail_msg("nothing is at %s", step);
        to += len;
        if (*to == '\0') return openapi_meant(at);
    }
}

json_t *openapi_get(json_t *v, const char *name)
{
    return openapi_meant(json_object_get(v, name));
}

void openapi_path(char *out, size_t room, const char *path)
{
    size_t at = 0;

    for (; *path != '\0' && at + 3 < room; path++) {
        const size_t len = strcspn(path, "/");

        if (*path != ':') {
            out[at++] = *path;
            continue;
        }
        at += (size_t)snprintf(out + at, room - at, "{%.*s}", (int)len - 1, path + 1);
        path += len - 1;
    }
    out[at] = '\0';
}

json_t *openapi_operation(const csigd_route *r)
{
    char path[128], method[8] = "";
    json_t *o;

    openapi_path(path, sizeof path, r->path);
    for (size_t i = 0; r->method[i] != '\0' && i + 1 < sizeof method; i++)
        method[i] = (char)tolower((unsigned char)r->method[i]);
    o = json_object_get(json_object_get(json_object_get(openapi, "paths"), path), method);
    if (o == NULL) fail_msg("openapi.json does not have %s %s", r->method, r->path);
    return o;
}
