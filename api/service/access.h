/* May this key do this with that? One rule for all routes: what no role of the key allows is
 * forbidden; what one allows, but not for this wallet, is not there. A wallet that is somebody
 * else's and one that does not exist are looked for in the same way and answered alike. */
#ifndef CSIGD_SERVICE_ACCESS_H
#define CSIGD_SERVICE_ACCESS_H

#include "http/router.h"
#include "service/keys.h"

/* caller: NULL is the operator at the Unix socket, who may do everything. FORBIDDEN, NOT_FOUND,
 * STORE_UNAVAILABLE. */
csigd_code csigd_access_decide(const csigd_service *service, const csigd_caller *caller,
                               csigd_act act, csigd_about about, const uint8_t *id,
                               csigd_problem *why);
/* May it make a wallet with this label ("": none)? A device's key only below the label of its
 * token, one that is good for a label only there. */
bool csigd_caller_has_label(const csigd_caller *caller, const char *label);
/* For lists. */
bool csigd_caller_has_wallet(const csigd_caller *caller, const csigd_wallet *wallet);
/* The same of an event, which was read for the caller's device if it is one. */
bool csigd_caller_has_event(const csigd_caller *caller, const csigd_event_row *event);

#endif
