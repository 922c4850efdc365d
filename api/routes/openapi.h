/* The file api/openapi.json, as the build puts it in: what this service takes and says, for
 * programs. */
#ifndef CSIGD_ROUTES_OPENAPI_H
#define CSIGD_ROUTES_OPENAPI_H

#include <stddef.h>
#include <stdint.h>

extern const uint8_t csigd_openapi[];
extern const size_t csigd_openapi_len;

#endif
