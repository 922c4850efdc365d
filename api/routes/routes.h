/* The handlers: parsed values in, a reply out; no socket, no thread, no SQL. One resource per file.
 */
#ifndef CSIGD_ROUTES_ROUTES_H
#define CSIGD_ROUTES_ROUTES_H

#include "http/json.h"
#include "http/router.h"
#include "service/session.h"
#include "store/keys.h"

csigd_reply csigd_health_show(const csigd_call *call);
csigd_reply csigd_ready_reply(const csigd_call *call);
csigd_reply csigd_metrics_show(const csigd_call *call);
csigd_reply csigd_openapi_show(const csigd_call *call);

csigd_reply csigd_aux_show(const csigd_call *call);
csigd_reply csigd_aux_rotate(const csigd_call *call);
csigd_reply csigd_aux_drop(const csigd_call *call);

csigd_reply csigd_device_create(const csigd_call *call);
csigd_reply csigd_device_session(const csigd_call *call);
csigd_reply csigd_device_rekey(const csigd_call *call);
csigd_reply csigd_move_put(const csigd_call *call);
csigd_reply csigd_move_delete(const csigd_call *call);
/* The key that the body of an enrolment brings. */
bool csigd_device_key_is_read(const csigd_call *call, csigd_key *key);

csigd_reply csigd_wallet_create(const csigd_call *call);
csigd_reply csigd_wallet_list(const csigd_call *call);
csigd_reply csigd_wallet_show(const csigd_call *call);
csigd_reply csigd_wallet_delete(const csigd_call *call);
csigd_reply csigd_wallet_session(const csigd_call *call);
csigd_reply csigd_wallet_unlock(const csigd_call *call);

csigd_reply csigd_epoch_show(const csigd_call *call);
csigd_reply csigd_backup_store(const csigd_call *call);
csigd_reply csigd_backup_show(const csigd_call *call);
csigd_reply csigd_escrows_show(const csigd_call *call);
csigd_reply csigd_record_show(const csigd_call *call);

csigd_reply csigd_request_create(const csigd_call *call);
csigd_reply csigd_request_show(const csigd_call *call);
csigd_reply csigd_payload_describe(const csigd_call *call);
csigd_reply csigd_address_show(const csigd_call *call);
csigd_reply csigd_xpub_show(const csigd_call *call);
csigd_reply csigd_request_end(const csigd_call *call);
csigd_reply csigd_request_refuse(const csigd_call *call);
csigd_reply csigd_request_list(const csigd_call *call);
csigd_reply csigd_request_wanted(const csigd_call *call);
csigd_reply csigd_request_session(const csigd_call *call);

csigd_reply csigd_policy_show(const csigd_call *call);
csigd_reply csigd_policy_put(const csigd_call *call);
csigd_reply csigd_policy_list(const csigd_call *call);
csigd_reply csigd_policies_put(const csigd_call *call);
csigd_reply csigd_change_show(const csigd_call *call);
csigd_reply csigd_change_approve(const csigd_call *call);
csigd_reply csigd_request_approve(const csigd_call *call);

csigd_reply csigd_campaign_create(const csigd_call *call);
csigd_reply csigd_campaign_list(const csigd_call *call);
csigd_reply csigd_campaign_show(const csigd_call *call);
csigd_reply csigd_campaign_wallets(const csigd_call *call);
csigd_reply csigd_campaign_pause(const csigd_call *call);
csigd_reply csigd_campaign_resume(const csigd_call *call);
csigd_reply csigd_campaign_cancel(const csigd_call *call);

csigd_reply csigd_event_list(const csigd_call *call);

csigd_reply csigd_webhook_create(const csigd_call *call);
csigd_reply csigd_webhook_list(const csigd_call *call);
csigd_reply csigd_webhook_show(const csigd_call *call);
csigd_reply csigd_webhook_delete(const csigd_call *call);
csigd_reply csigd_webhook_test(const csigd_call *call);

csigd_reply csigd_token_create(const csigd_call *call);
csigd_reply csigd_key_create(const csigd_call *call);
csigd_reply csigd_key_list(const csigd_call *call);
csigd_reply csigd_key_delete(const csigd_call *call);

csigd_reply csigd_server_keys_list(const csigd_call *call);
csigd_reply csigd_server_key_create(const csigd_call *call);

csigd_reply csigd_audit_head(const csigd_call *call);
csigd_reply csigd_audit_page(const csigd_call *call);

csigd_reply csigd_session_show(const csigd_call *call);
csigd_reply csigd_session_round(const csigd_call *call);
csigd_reply csigd_session_delete(const csigd_call *call);
csigd_reply csigd_session_evidence(const csigd_call *call);

csigd_reply csigd_mailbox_create(const csigd_call *call);
csigd_reply csigd_mailbox_show(const csigd_call *call);
csigd_reply csigd_mailbox_delete(const csigd_call *call);
csigd_reply csigd_mailbox_deliver(const csigd_call *call);
csigd_reply csigd_mailbox_messages(const csigd_call *call);
csigd_reply csigd_mailbox_list(const csigd_call *call);

/* --- what several resources show --- */

/* Seconds since 1970, as RFC 3339 UTC. */
void csigd_json_time(csigd_json *to, const char *name, int64_t when);
csigd_json *csigd_json_session(const csigd_session_row *row);
/* A session that was just opened; frees what opened owns. */
csigd_json *csigd_json_opened(csigd_opened *opened);
csigd_json *csigd_json_wallet(const csigd_service *service, const csigd_wallet *wallet);
/* Own generations, and how many devices have still to come to the newest. */
csigd_json *csigd_json_own_aux(const csigd_service *service);
/* "refresh_wanted", where a campaign wants the wallet refreshed now and a device asks. */
void csigd_json_wanted(csigd_json *body, const csigd_call *call, const uint8_t *wallet);
/* 404 of a wallet that is not there, with our signature on that. */
csigd_reply csigd_reply_unborn(const csigd_service *service, const uint8_t *wallet);
/* What was said about a request or a change, as `approvals`. */
csigd_stored csigd_approvals_put(csigd_json *to, csigd_store *s, const uint8_t *about);
/* Which devices do not sign a request, as `declines`. */
csigd_stored csigd_declines_put(csigd_json *to, csigd_store *s, const uint8_t *request);
csigd_json *csigd_json_key(const csigd_key_row *key);
/* Prints and takes value; 500 without memory. */
csigd_reply csigd_reply_value(unsigned status, csigd_json *value);

/* Where a member of the struct that a body lands in lies. */
#define CSIGD_AT(type, member) .at = offsetof(type, member), .size = sizeof(((type *)0)->member)
#define CSIGD_LIST(type, member, n)                                                                \
    .at = offsetof(type, member), .size = sizeof(((type *)0)->member[0]),                          \
    .max = sizeof(((type *)0)->member) / sizeof(((type *)0)->member[0]),                           \
    .count_at = offsetof(type, n)
#define CSIGD_TABLE(table) (table), sizeof(table) / sizeof((table)[0])

#endif
