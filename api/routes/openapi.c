/* GET /openapi.json */
#include "routes/openapi.h"

#include <stdlib.h>
#include <string.h>

#include "routes/routes.h"

csigd_reply csigd_openapi_show(const csigd_call *call)
{
    uint8_t *copy = malloc(csigd_openapi_len);

    (void)call;
    if (copy == NULL) return csigd_reply_code(CSIGD_OVERLOADED);
    memcpy(copy, csigd_openapi, csigd_openapi_len);
    return (csigd_reply){
        .status = 200, .type = "application/json", .body = copy, .len = csigd_openapi_len};
}
