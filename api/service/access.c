#include "service/access.h"

#include <string.h>

#include "clock.h"

static csigd_grant grant_of(const csigd_caller *caller)
{
    const csigd_key_row *k = &caller->key;
    csigd_grant grant = {.roles = k->roles,
                         .wallets = {.kind = k->has_device         ? CSIGD_SELECT_NONE
                                             : k->all_wallets      ? CSIGD_SELECT_ALL
                                             : k->label[0] != '\0' ? CSIGD_SELECT_LABEL
                                                                   : CSIGD_SELECT_LIST,
                                     .ids = k->wallets,
                                     .n_ids = k->n_wallets}};

    memcpy(grant.wallets.label, k->label, sizeof grant.wallets.label);
    return grant;
}

/* --- wallets --- */

static csigd_stored ask_wallet(const csigd_service *s, const csigd_caller *caller, csigd_act act,
                               const uint8_t *wallet)
{
    const csigd_grant grant = grant_of(caller);
    char label[CSIGD_LABEL_MAX + 1] = "";
    const csigd_subject subject = {.id = wallet, .label = label};

    if (caller->key.has_device) return s->store->party_ask(s->store, wallet, caller->key.device);
    if (grant.wallets.kind == CSIGD_SELECT_LABEL) {
        const csigd_stored stored = s->store->label_get(s->store, wallet, label);

        if (stored != CSIGD_STORED) return stored;
    }
    return csigd_grant_decide(&grant, act, &subject) == CSIGD_AUTH_OK ? CSIGD_STORED
                                                                      : CSIGD_STORE_NONE;
}

/* What became of an epoch is told to everybody who was to hold its share, or to leave with it. */
static csigd_stored ask_epoch(const csigd_service *s, const csigd_caller *caller, csigd_act act,
                              const uint8_t *wallet)
{
    const csigd_stored stored = ask_wallet(s, caller, act, wallet);

    if (stored != CSIGD_STORE_NONE || !caller->key.has_device) return stored;
    return s->store->resharer_ask(s->store, wallet, caller->key.device);
}

static csigd_stored ask_request(const csigd_service *s, const csigd_caller *caller, csigd_act act,
                                const uint8_t *id)
{
    static const uint8_t nobodys[CSIGD_ID_BYTES] = {0};
    csigd_request request;
    const csigd_stored there = s->store->requests.get(s->store, id, 0, &request);
    csigd_stored mine;

    if (there != CSIGD_STORED && there != CSIGD_STORE_NONE) return there;
    mine = ask_wallet(s, caller, act, there == CSIGD_STORED ? request.wallet : nobodys);
    /* Who may see all is told by the handler that there is none. */
    return mine;
}

static csigd_stored ask_session(const csigd_service *s, const csigd_caller *caller, csigd_act act,
                                const uint8_t *id)
{
    static const uint8_t nobodys[CSIGD_ID_BYTES] = {0};
    csigd_session_row row = {.n_devices = 0};
    csigd_stored there;

    if (caller->key.has_device) return s->store->member_ask(s->store, id, caller->key.device);
    there = s->store->session_get(s->store, id, &row);
    if (there != CSIGD_STORED && there != CSIGD_STORE_NONE) return there;
    return ask_wallet(s, caller, act, row.has_wallet ? row.wallet : nobodys);
}

/* Devices alone are members. */
static csigd_stored ask_mailbox(const csigd_service *s, const csigd_caller *caller,
                                const uint8_t *id)
{
    if (!caller->key.has_device) return CSIGD_STORE_NONE;
    return s->store->mailboxes.ask(s->store, id, caller->key.device, csigd_clock_now());
}

/* A change is its subject's: a wallet's, or, for all and for labels, of who has all wallets. */
static csigd_stored ask_change(const csigd_service *s, const csigd_caller *caller, csigd_act act,
                               const uint8_t *id)
{
    static const uint8_t nobodys[CSIGD_ID_BYTES] = {0};
    uint8_t wallet[CSIGD_ID_BYTES] = {0};
    csigd_change change;
    const csigd_stored there = s->store->policies.change_get(s->store, id, &change);
    bool has_wallet = false;

    if (there != CSIGD_STORED && there != CSIGD_STORE_NONE) return there;
    if (there == CSIGD_STORED) {
        has_wallet = csigd_subject_has_wallet(change.subject, wallet);
        csigd_change_clear(&change);
    }
    return ask_wallet(s, caller, act, has_wallet ? wallet : nobodys);
}

static csigd_stored ask(const csigd_service *s, const csigd_caller *caller, csigd_act act,
                        csigd_about about, const uint8_t *id)
{
    switch (about) {
    case CSIGD_ABOUT_NOTHING:
        return CSIGD_STORED;
    case CSIGD_ABOUT_DEVICE:
        return caller->key.has_device && memcmp(caller->key.device, id, CSIG_IDENTITY_BYTES) == 0
                   ? CSIGD_STORED
                   : CSIGD_STORE_NONE;
    case CSIGD_ABOUT_WALLET:
        return ask_wallet(s, caller, act, id);
    case CSIGD_ABOUT_EPOCH:
        return ask_epoch(s, caller, act, id);
    case CSIGD_ABOUT_REQUEST:
        return ask_request(s, caller, act, id);
    case CSIGD_ABOUT_SESSION:
        return ask_session(s, caller, act, id);
    case CSIGD_ABOUT_CHANGE:
        return ask_change(s, caller, act, id);
    case CSIGD_ABOUT_MAILBOX:
        return ask_mailbox(s, caller, id);
    }
    return CSIGD_STORE_NONE;
}

/* --- the rule --- */

/* What is made belongs to nobody's selection yet: a device may make wallets that it is a party of,
 * and join, and who has a label such with a label below it, which the handlers check; all else, and
 * everybody else, needs all wallets. */
static bool act_is_allowed(const csigd_caller *caller, csigd_act act, csigd_about about)
{
    const csigd_grant grant = grant_of(caller);
    const csigd_subject fresh = {.id = NULL, .label = ""};

    if (caller->is_stranger || !csigd_grant_has_act(&grant, act)) return false;
    if (about != CSIGD_ABOUT_NOTHING || act == CSIGD_ACT_WALLET_READ) return true;
    if (caller->key.has_device && (act == CSIGD_ACT_WALLET_CREATE || act == CSIGD_ACT_SESSION_JOIN))
        return true;
    if (act == CSIGD_ACT_WALLET_CREATE && grant.wallets.kind == CSIGD_SELECT_LABEL) return true;
    return csigd_grant_decide(&grant, act, &fresh) == CSIGD_AUTH_OK;
}

csigd_code csigd_access_decide(const csigd_service *service, const csigd_caller *caller,
                               csigd_act act, csigd_about about, const uint8_t *id,
                               csigd_problem *why)
{
    csigd_stored stored;

    if (caller == NULL) return CSIGD_OK;
    if (!act_is_allowed(caller, act, about)) return csigd_problem_set(why, CSIGD_FORBIDDEN);
    stored = ask(service, caller, act, about, id);
    if (stored == CSIGD_STORED) return CSIGD_OK;
    return csigd_problem_set(why, csigd_code_of_store(stored));
}

bool csigd_caller_has_label(const csigd_caller *caller, const char *label)
{
    const csigd_key_row *k = caller != NULL ? &caller->key : NULL;

    if (k == NULL || (!k->has_device && k->label[0] == '\0')) return true;
    if (k->has_device && label[0] == '\0') return true;
    return csigd_label_has_label(k->label, label);
}

bool csigd_caller_has_wallet(const csigd_caller *caller, const csigd_wallet *wallet)
{
    csigd_subject subject;
    csigd_grant grant;

    if (caller == NULL) return true;
    if (caller->key.has_device) {
        for (size_t i = 0; i < wallet->n_devices; i++) {
            if (memcmp(wallet->devices[i], caller->key.device, CSIG_IDENTITY_BYTES) == 0)
                return true;
        }
        return false;
    }
    grant = grant_of(caller);
    subject = (csigd_subject){.id = wallet->id, .label = wallet->label};
    return csigd_selector_has_wallet(&grant.wallets, &subject);
}

bool csigd_caller_has_event(const csigd_caller *caller, const csigd_event_row *event)
{
    csigd_subject subject;
    csigd_grant grant;

    if (caller == NULL) return true;
    if (caller->key.has_device) return event->is_party;
    grant = grant_of(caller);
    subject =
        (csigd_subject){.id = event->has_wallet ? event->wallet : NULL, .label = event->label};
    return csigd_selector_has_wallet(&grant.wallets, &subject);
}
