/* POST, GET /v1/campaigns, GET /v1/campaigns/{c}, .../pause, resume, cancel, .../wallets/{page} */
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "routes/routes.h"
#include "service/access.h"
#include "service/campaigns.h"
#include "service/request.h"

/* --- how a campaign looks --- */

static bool campaign_is_late(const csigd_campaign *c)
{
    return c->deadline <= csigd_clock_now();
}

static const char *state_of(const csigd_campaign *c, bool counted)
{
    switch (c->state) {
    case CSIGD_CAMPAIGN_RUNNING:
        return counted && c->count[CSIGD_STANDING_DONE] == c->eligible ? "done" : "running";
    case CSIGD_CAMPAIGN_PAUSED:
        return "paused";
    case CSIGD_CAMPAIGN_CANCELLED:
        return "cancelled";
    }
    return "";
}

static csigd_json *campaign_value(const csigd_campaign *c, bool counted)
{
    static const char *const selected[] = {"", "all", "list", "refreshed-before"};
    const uint64_t waiting = c->count[CSIGD_STANDING_WAITING];
    csigd_json *body = csigd_json_object();
    const bool late = campaign_is_late(c);

    csigd_json_hex(body, "campaign", c->id, sizeof c->id);
    csigd_json_text(body, "state", state_of(c, counted));
    csigd_json_text(body, "selected", selected[c->selected]);
    if (c->selected == CSIGD_CAMPAIGN_BEFORE) csigd_json_time(body, "refreshed_before", c->before);
    csigd_json_uint(body, "per_minute", c->per_minute);
    csigd_json_uint(body, "at_once", c->at_once);
    csigd_json_time(body, "deadline", c->deadline);
    csigd_json_text(body, "on_miss", c->on_miss == CSIGD_MISS_LOCK ? "lock" : "warn");
    csigd_json_time(body, "created", c->created);
    csigd_json_time(body, "changed", c->changed);
    csigd_json_uint(body, "eligible", c->eligible);
    if (!counted) return body;
    csigd_json_uint(body, "done", c->count[CSIGD_STANDING_DONE]);
    csigd_json_uint(body, "waiting", late ? 0 : waiting);
    csigd_json_uint(body, "running", c->count[CSIGD_STANDING_RUNNING]);
    csigd_json_uint(body, "late", late ? waiting : 0);
    csigd_json_uint(body, "failed", c->count[CSIGD_STANDING_FAILED]);
    csigd_json_uint(body, "pages", (c->eligible + CSIGD_CAMPAIGN_PAGE - 1) / CSIGD_CAMPAIGN_PAGE);
    return body;
}

/* Who reads only does not refresh: it is not told. */
void csigd_json_wanted(csigd_json *body, const csigd_call *call, const uint8_t *wallet)
{
    uint8_t id[CSIGD_ID_BYTES];

    if (call->caller != NULL && !call->caller->key.has_device) return;
    if (csigd_campaign_has_wanted(call->service, wallet, id))
        csigd_json_hex(body, "refresh_wanted", id, sizeof id);
}

/* --- begin --- */

typedef struct campaign_wish {
    csigd_campaign campaign;
    bool all_wallets;
    size_t n_wallets;
    uint8_t wallets[CSIGD_CAMPAIGN_LIST_MAX][CSIGD_ID_BYTES];
    char before[CSIGD_RFC3339_BYTES], deadline[CSIGD_RFC3339_BYTES], on_miss[8];
} campaign_wish;

static const csigd_json_field campaign_fields[] = {
    {"all_wallets", CSIGD_JSON_BOOL, .optional = true, CSIGD_AT(campaign_wish, all_wallets)},
    {"wallets", CSIGD_JSON_HEX_LIST, .optional = true,
     CSIGD_LIST(campaign_wish, wallets, n_wallets), .min = 1},
    {"refreshed_before", CSIGD_JSON_TEXT, .optional = true, CSIGD_AT(campaign_wish, before),
     .min = CSIGD_RFC3339_BYTES - 1},
    {"per_minute", CSIGD_JSON_UINT, .at = offsetof(campaign_wish, campaign.per_minute), .min = 1,
     .max = CSIGD_CAMPAIGN_PER_MINUTE_MAX},
    {"at_once", CSIGD_JSON_UINT, .at = offsetof(campaign_wish, campaign.at_once), .min = 1,
     .max = CSIGD_CAMPAIGN_AT_ONCE_MAX},
    {"deadline", CSIGD_JSON_TEXT, CSIGD_AT(campaign_wish, deadline),
     .min = CSIGD_RFC3339_BYTES - 1},
    {"on_miss", CSIGD_JSON_TEXT, CSIGD_AT(campaign_wish, on_miss)},
};

/* Nobody gets all wallets by leaving something out. */
static csigd_code read_selection(campaign_wish *w, csigd_problem *why)
{
    csigd_campaign *c = &w->campaign;

    if ((w->all_wallets ? 1 : 0) + (w->n_wallets > 0 ? 1 : 0) + (w->before[0] != '\0' ? 1 : 0) != 1)
        return csigd_problem_field(why, CSIGD_BAD_REQUEST, "wallets");
    c->selected = CSIGD_CAMPAIGN_ALL;
    if (w->n_wallets > 0) c->selected = CSIGD_CAMPAIGN_LIST;
    if (w->before[0] == '\0') return CSIGD_OK;
    c->selected = CSIGD_CAMPAIGN_BEFORE;
    return csigd_clock_is_read(&c->before, w->before)
               ? CSIGD_OK
               : csigd_problem_field(why, CSIGD_BAD_REQUEST, "refreshed_before");
}

static csigd_code read_wish(campaign_wish *w, csigd_problem *why)
{
    const bool locks = strcmp(w->on_miss, "lock") == 0;

    if (!locks && strcmp(w->on_miss, "warn") != 0)
        return csigd_problem_field(why, CSIGD_BAD_REQUEST, "on_miss");
    w->campaign.on_miss = locks ? CSIGD_MISS_LOCK : CSIGD_MISS_WARN;
    if (!csigd_clock_is_read(&w->campaign.deadline, w->deadline))
        return csigd_problem_field(why, CSIGD_BAD_REQUEST, "deadline");
    return read_selection(w, why);
}

/* The same name with the same body is the same campaign: whose name it is, as for requests. */
static csigd_code read_name(const csigd_call *call, csigd_idempotency *known, csigd_problem *why)
{
    const csigd_key_row *key = call->caller != NULL ? &call->caller->key : NULL;

    if (call->known_as_wrong) return csigd_problem_field(why, CSIGD_BAD_REQUEST, "Idempotency-Key");
    memcpy(known->name, call->known_as, sizeof known->name);
    csigd_request_fingerprint(known->hash, call->id, call->body, call->len);
    if (key == NULL) return CSIGD_OK;
    known->credential_len = sizeof known->credential;
    memcpy(known->credential, key->id, sizeof known->credential);
    return CSIGD_OK;
}

csigd_reply csigd_campaign_create(const csigd_call *call)
{
    campaign_wish wish = {.n_wallets = 0};
    csigd_idempotency known = {.credential_len = 0};
    csigd_problem why;
    bool again = false;
    csigd_code code = read_name(call, &known, &why);

    if (code == CSIGD_OK)
        code = csigd_json_parse(&wish, CSIGD_TABLE(campaign_fields), call->body, call->len, &why);
    if (code == CSIGD_OK) code = read_wish(&wish, &why);
    if (code == CSIGD_OK)
        code = csigd_campaign_begin(call->service, &wish.campaign, wish.wallets, wish.n_wallets,
                                    &known, &again, &why);
    if (code != CSIGD_OK) return csigd_reply_problem(&why);
    return csigd_reply_value(again ? 200 : 201, campaign_value(&wish.campaign, true));
}

/* --- show --- */

static void add_campaign(void *ctx, const csigd_campaign *campaign)
{
    csigd_json_append(ctx, campaign_value(campaign, false));
}

csigd_reply csigd_campaign_list(const csigd_call *call)
{
    csigd_store *store = call->service->store;
    csigd_json *body = csigd_json_object(), *all = csigd_json_list();
    const csigd_stored stored = store->campaigns.list(store, add_campaign, all);

    csigd_json_put(body, "campaigns", all);
    if (stored == CSIGD_STORED) return csigd_reply_value(200, body);
    csigd_json_free(body);
    return csigd_reply_code(csigd_code_of_store(stored));
}

csigd_reply csigd_campaign_show(const csigd_call *call)
{
    csigd_store *store = call->service->store;
    csigd_campaign campaign;
    const csigd_stored stored = store->campaigns.get(store, call->id, &campaign);

    if (stored != CSIGD_STORED) return csigd_reply_code(csigd_code_of_store(stored));
    return csigd_reply_value(200, campaign_value(&campaign, true));
}

/* --- pause, resume, cancel --- */

static csigd_reply change(const csigd_call *call, csigd_campaign_state state)
{
    csigd_campaign campaign;
    csigd_problem why;

    if (csigd_campaign_move(call->service, call->id, state, &campaign, &why) != CSIGD_OK)
        return csigd_reply_problem(&why);
    return csigd_reply_value(200, campaign_value(&campaign, true));
}

csigd_reply csigd_campaign_pause(const csigd_call *call)
{
    return change(call, CSIGD_CAMPAIGN_PAUSED);
}

csigd_reply csigd_campaign_resume(const csigd_call *call)
{
    return change(call, CSIGD_CAMPAIGN_RUNNING);
}

csigd_reply csigd_campaign_cancel(const csigd_call *call)
{
    return change(call, CSIGD_CAMPAIGN_CANCELLED);
}

/* --- wallet by wallet --- */

typedef struct exporting {
    bool late;
    int64_t deadline;
    size_t n;
    csigd_campaign_wallet wallet[CSIGD_CAMPAIGN_PAGE];
} exporting;

static void keep_wallet(void *ctx, const csigd_campaign_wallet *wallet)
{
    exporting *e = ctx;

    if (e->n < CSIGD_CAMPAIGN_PAGE) e->wallet[e->n++] = *wallet;
}

static const char *standing_of(const exporting *e, const csigd_campaign_wallet *w)
{
    switch (w->state) {
    case CSIGD_STANDING_WAITING:
        return e->late ? "late" : "waiting";
    case CSIGD_STANDING_RUNNING:
        return "running";
    case CSIGD_STANDING_DONE:
        return "done";
    case CSIGD_STANDING_FAILED:
        return "failed";
    }
    return "";
}

static void put_reason(csigd_json *line, csigd_miss_reason reason)
{
    static const struct {
        const char *word, *action;
    } reasons[] = {
        [CSIGD_REASON_LOCKED] = {"device-locked",
                                 "look for the reason in the audit log, then unlock the device"},
        [CSIGD_REASON_ABSENT] = {"device-absent",
                                 "enrol the device of every party that has no recovery key, or "
                                 "reshare the wallet"},
        [CSIGD_REASON_CUT_OFF] = {"cut-off", "nothing: it begins again when its device comes by"},
    };

    if (reason == CSIGD_REASON_NONE) return;
    csigd_json_text(line, "reason", reasons[reason].word);
    csigd_json_text(line, "do", reasons[reason].action);
}

static csigd_json *wallet_line(const exporting *e, const csigd_campaign_wallet *w)
{
    const bool late = e->late && w->state == CSIGD_STANDING_WAITING;
    csigd_json *line = csigd_json_object();

    csigd_json_hex(line, "wallet", w->wallet, sizeof w->wallet);
    csigd_json_text(line, "state", standing_of(e, w));
    csigd_json_time(line, "since", late && w->since < e->deadline ? e->deadline : w->since);
    csigd_json_uint(line, "epoch_before", w->epoch_before);
    if (w->state == CSIGD_STANDING_DONE)
        csigd_json_uint(line, "epoch_after", w->epoch_after);
    else
        csigd_json_null(line, "epoch_after");
    put_reason(line, w->reason);
    return line;
}

static csigd_reply export_page(const csigd_call *call, exporting *e)
{
    csigd_store *store = call->service->store;
    csigd_json *body = csigd_json_object(), *all = csigd_json_list();
    csigd_campaign campaign;
    csigd_stored stored = store->campaigns.get(store, call->id, &campaign);

    if (stored == CSIGD_STORED)
        stored = store->campaigns.page(store, call->id, call->page, keep_wallet, e);
    if (stored == CSIGD_STORED) {
        e->late = campaign_is_late(&campaign);
        e->deadline = campaign.deadline;
    }
    for (size_t i = 0; i < e->n && stored == CSIGD_STORED; i++)
        csigd_json_append(all, wallet_line(e, &e->wallet[i]));
    csigd_json_put(body, "wallets", all);
    if (stored == CSIGD_STORED) return csigd_reply_value(200, body);
    csigd_json_free(body);
    return csigd_reply_code(csigd_code_of_store(stored));
}

csigd_reply csigd_campaign_wallets(const csigd_call *call)
{
    exporting *e = calloc(1, sizeof *e);
    csigd_reply reply;

    if (e == NULL) return csigd_reply_code(CSIGD_OVERLOADED);
    reply = export_page(call, e);
    free(e);
    return reply;
}
