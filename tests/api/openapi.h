/* openapi.json as the daemon has it, for the tests that hold it against the daemon. */
#ifndef TESTS_API_OPENAPI_H
#define TESTS_API_OPENAPI_H

#include <jansson.h>

#include "http/router.h"

extern json_t *openapi;

int openapi_load(void **state);
int openapi_unload(void **state);

/* A value, or what it refers to. */
json_t *openapi_meant(json_t *v);
/* A member, or what it refers to. NULL: there is none. */
json_t *openapi_get(json_t *v, const char *name);
/* "/v1/wallets/:wallet" as the file has it: "/v1/wallets/{wallet}". */
void openapi_path(char *out, size_t room, const char *path);
/* What the file says of a route; fails where it says nothing. */
json_t *openapi_operation(const csigd_route *r);

#endif
