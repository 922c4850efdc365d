/* Webhooks: events told to others over HTTPS, each webhook's in order and at least once, by one
 * thread of its own in which nobody waits for anybody else's receiver. What was delivered, and when
 * the next attempt is, is in the store. */
#ifndef CSIGD_SERVICE_WEBHOOKS_H
#define CSIGD_SERVICE_WEBHOOKS_H

#include "net/http.h"
#include "service/service.h"

#define CSIGD_WEBHOOK_SECONDS   10 /* for one attempt */
#define CSIGD_WEBHOOK_REPLY_MAX ((size_t)64 << 10)
#define CSIGD_WEBHOOK_PAUSE_MAX 3600        /* between two attempts */
#define CSIGD_WEBHOOK_GIVE_UP   (3 * 86400) /* after the first of a row that failed */

/* Begins to deliver. rules are copied, what they point to is not. false: no memory, no threads. */
bool csigd_webhooks_is_started(csigd_service *service, const csigd_http_rules *rules);
/* What is under way is broken off, and delivered again another time. */
void csigd_webhooks_stop(csigd_webhooks *webhooks);
/* There is something to look at. NULL is fine. */
void csigd_webhooks_wake(csigd_webhooks *webhooks);

/* Plain HTTP does not leave this machine. */
bool csigd_webhook_url_is_fine(const char *text);
/* id, state and so on are filled in. BAD_REQUEST with the field; SESSION_LIMIT. */
csigd_code csigd_webhook_add(const csigd_service *service, csigd_webhook *webhook,
                             csigd_problem *why);
csigd_code csigd_webhook_remove(const csigd_service *service, const uint8_t *id,
                                csigd_problem *why);
/* Another event, for this webhook alone; the next attempt is made at once, also of one that fails.
 */
csigd_code csigd_webhook_try(const csigd_service *service, const uint8_t *id,
                             csigd_webhook *webhook, csigd_problem *why);

/* Is the event for it? */
bool csigd_webhook_has_event(const csigd_webhook *webhook, const csigd_event_row *event);
/* After an attempt at this event: status 0 is no answer. */
void csigd_webhook_note(csigd_webhook *webhook, uint64_t number, unsigned status, int64_t now);

#endif
