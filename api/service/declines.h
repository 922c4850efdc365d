/* Devices that do not sign a request: each one's signed word, once and for good. It takes the
 * device out; when too few are left, the request is rejected. */
#ifndef CSIGD_SERVICE_DECLINES_H
#define CSIGD_SERVICE_DECLINES_H

#include "service/service.h"

/* The octets that the device's identity signs, use "decline": lines of text, the last without a
 * newline. Their length. */
#define CSIGD_DECLINE_TEXT_BYTES 768
size_t csigd_decline_text(char text[CSIGD_DECLINE_TEXT_BYTES], const csigd_request *request,
                          const uint8_t *payload, size_t len, const csigd_decline *decline);

/* Again is fine, and the first word stays. NOT_FOUND; FORBIDDEN: no party of the wallet;
 * BAD_SIGNATURE; STATE_CONFLICT: it has ended, or the server's part has left, which counts as
 * signed. said is filled in. */
csigd_code csigd_request_decline(const csigd_service *service, const uint8_t *id,
                                 csigd_decline *decline, csigd_problem *why);
/* May these devices sign the row's request? STATE_CONFLICT: one of them has declined it. */
csigd_code csigd_decline_check(const csigd_service *service, const csigd_session_row *row,
                               csigd_problem *why);

#endif
