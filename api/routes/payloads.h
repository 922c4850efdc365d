/* How requests and payloads look. */
#ifndef CSIGD_ROUTES_PAYLOADS_H
#define CSIGD_ROUTES_PAYLOADS_H

#include "routes/routes.h"
#include "service/request.h"

/* As it stands in lists. */
csigd_json *csigd_json_request(const csigd_request *request);
/* All there is to say of it. */
csigd_reply csigd_reply_request(const csigd_service *service, unsigned status,
                                const csigd_request *request);

#endif
