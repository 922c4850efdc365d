/* Payloads: from the text that a client sends and the store keeps to what is signed. */
#ifndef CSIGD_SERVICE_PAYLOAD_H
#define CSIGD_SERVICE_PAYLOAD_H

#include "service/service.h"

#define CSIGD_TYPE_BYTES 33

/* The payload types there are; 0: no such type. And back; "": no such bit. */
uint32_t csigd_payload_type(const char *name);
const char *csigd_payload_name(uint32_t type);

/* What a payload asks to be signed. */
typedef struct csigd_signable {
    uint32_t type;
    size_t n_inputs;
    csigd_input inputs[CSIGD_INPUTS_MAX];
} csigd_signable;

/* path: as csigd_path_read takes it. BAD_REQUEST, POLICY_DENIED: no such type. */
csigd_code csigd_payload_take(csigd_signable *signable, const char *text, size_t len,
                              const char *path, csigd_problem *why);

#endif
