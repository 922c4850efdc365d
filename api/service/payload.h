/* Payloads: from the text that a client sends and the store keeps to what is signed, by the
 * library's one parser, under the wallet's own key. */
#ifndef CSIGD_SERVICE_PAYLOAD_H
#define CSIGD_SERVICE_PAYLOAD_H

#include "countersign/payload.h"
#include "http/json.h"
#include "service/service.h"

#define CSIGD_TYPE_BYTES CSIG_TYPE_BYTES

/* The payload types that a wallet may allow; 0: no such type. And back; "": no such bit. */
uint32_t csigd_payload_type(const char *name);
const char *csigd_payload_name(uint32_t type);

/* What the addresses of an active wallet follow from. NOT_FOUND, STATE_CONFLICT: it is not born. */
csigd_code csigd_account_find(const csigd_service *service, const uint8_t *wallet,
                              csig_account *account, csigd_problem *why);

/* Read; then bound. path: as csigd_path_read takes it. BAD_REQUEST with field `payload` or `path`
 * and a sentence, PAYLOAD_MISMATCH. */
csigd_code csigd_payload_read(csig_payload **payload, const char *text, size_t len,
                              csigd_problem *why);
csigd_code csigd_payload_bind(csig_payload *payload, const csig_account *account, const char *path,
                              csigd_problem *why);
/* What it asks to be signed: csig_payload_inputs of them. */
csigd_code csigd_payload_inputs(const csig_payload *payload, csigd_input inputs[CSIGD_INPUTS_MAX],
                                csigd_problem *why);

/* What the library says of it; free() it. NULL: no memory. */
char *csigd_payload_told(const csig_payload *payload,
                         csig_err (*tell)(const csig_payload *payload, char *text, size_t *len));
/* Such text, which is JSON, as a member; takes it. What was not told makes the whole fail. */
void csigd_payload_put(csigd_json *body, const char *name, char *text);

#endif
