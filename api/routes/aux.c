/* GET, POST /v1/aux, DELETE /v1/aux/{generation} */
#include <stdlib.h>

#include "countersign/transcript.h"
#include "routes/routes.h"
#include "service/own_aux.h"
#include "service/rotation.h"

csigd_json *csigd_json_own_aux(const csigd_service *s)
{
    const uint64_t newest = csigd_own_newest(s->own), older = csigd_own_older(s->own);
    csigd_json *body = csigd_json_object(), *list = csigd_json_list();
    uint64_t devices;

    if (older > 0) csigd_json_append_uint(list, older);
    if (newest > 0) csigd_json_append_uint(list, newest);
    csigd_json_put(body, "generations", list);
    /* Without the store the rest is told all the same. */
    if (s->store->aux_to_come(s->store, newest, &devices) == CSIGD_STORED)
        csigd_json_uint(body, "devices_to_come", devices);
    return body;
}

/* As every peer gets it to see. */
static csigd_code show(const csig_aux *aux, csigd_reply *reply)
{
    size_t len = 0;
    uint8_t *shown = NULL;

    if (csig_aux_show(aux, NULL, &len) == CSIG_E_BUFFER) shown = malloc(len);
    if (shown == NULL) return CSIGD_INTERNAL;
    if (csig_aux_show(aux, shown, &len) != CSIG_OK) {
        free(shown);
        return CSIGD_INTERNAL;
    }
    *reply =
        (csigd_reply){.status = 200, .type = "application/octet-stream", .body = shown, .len = len};
    return CSIGD_OK;
}

csigd_reply csigd_aux_show(const csigd_call *call)
{
    csigd_own *own = call->service->own;
    const csig_aux *aux = csigd_own_acquire(own, csigd_own_newest(own));
    csigd_reply reply;
    csigd_code code;

    if (aux == NULL) return csigd_reply_code(CSIGD_NOT_READY);
    code = show(aux, &reply);
    csigd_own_release(own, aux);
    return code == CSIGD_OK ? reply : csigd_reply_code(code);
}

csigd_reply csigd_aux_rotate(const csigd_call *call)
{
    csigd_problem why;
    uint64_t generation;
    csigd_json *body;
    const csigd_code code = csigd_rotate(call->service, &generation, &why);

    if (code != CSIGD_OK) return csigd_reply_problem(&why);
    body = csigd_json_own_aux(call->service);
    csigd_json_uint(body, "generation", generation);
    return csigd_reply_value(201, body);
}

csigd_reply csigd_aux_drop(const csigd_call *call)
{
    csigd_problem why;
    const csigd_code code = csigd_rotation_drop(call->service, call->generation, &why);

    if (code != CSIGD_OK) return csigd_reply_problem(&why);
    return (csigd_reply){.status = 204};
}
