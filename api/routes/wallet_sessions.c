/* POST /v1/wallets/{w}/sessions: presigning, refresh, resharing. */
#include <string.h>

#include "routes/routes.h"
#include "service/keys.h"

typedef struct session_wish {
    csigd_refresh_wish wish;
    csigd_reshare_wish reshare;
    char kind[8];
} session_wish;

static const csigd_json_field member_fields[] = {
    {"deals", CSIGD_JSON_UINT, .optional = true, .at = offsetof(csigd_member_wish, deals), .min = 1,
     .max = CSIG_PARTIES_MAX},
    {"holds", CSIGD_JSON_UINT, .optional = true, .at = offsetof(csigd_member_wish, holds), .min = 1,
     .max = CSIG_PARTIES_MAX},
};

static const csigd_json_field recovery_fields[] = {
    {"index", CSIGD_JSON_UINT, .at = offsetof(csigd_recovery_wish, index), .min = 1,
     .max = CSIG_PARTIES_MAX},
    {"key", CSIGD_JSON_HEX, CSIGD_AT(csigd_recovery_wish, key)},
};

static const csigd_json_field session_fields[] = {
    {"kind", CSIGD_JSON_TEXT, CSIGD_AT(session_wish, kind)},
    {"signers", CSIGD_JSON_UINT_LIST, .optional = true,
     CSIGD_LIST(session_wish, wish.all.signers, wish.all.n_signers), .min = 2},
    {"nonces", CSIGD_JSON_HEX_LIST, CSIGD_LIST(session_wish, wish.all.nonces, wish.all.n_nonces),
     .min = 1},
    {"count", CSIGD_JSON_UINT, .optional = true, .at = offsetof(session_wish, wish.all.count),
     .min = 1, .max = CSIGD_BATCH_MAX},
    {"test_signers", CSIGD_JSON_UINT_LIST, .optional = true,
     CSIGD_LIST(session_wish, wish.test_signers, wish.n_test_signers), .min = 2},
    {"campaign", CSIGD_JSON_HEX, .optional = true, CSIGD_AT(session_wish, wish.campaign)},
    {"signers_required", CSIGD_JSON_UINT, .optional = true,
     .at = offsetof(session_wish, reshare.signers_required), .min = 2, .max = CSIG_PARTIES_MAX},
    {"members", CSIGD_JSON_NESTED_LIST, .optional = true,
     CSIGD_LIST(session_wish, reshare.members, reshare.n_members), .min = 2,
     .fields = member_fields, .n_fields = sizeof member_fields / sizeof member_fields[0]},
    {"devices", CSIGD_JSON_HEX_LIST, .optional = true,
     CSIGD_LIST(session_wish, reshare.devices, reshare.n_devices), .min = 1},
    {"recovery", CSIGD_JSON_NESTED_LIST, .optional = true,
     CSIGD_LIST(session_wish, reshare.recovery, reshare.n_recovery), .min = 1,
     .fields = recovery_fields, .n_fields = sizeof recovery_fields / sizeof recovery_fields[0]},
};

/* --- each kind has the members that are its own, and no others --- */

typedef struct member_rule {
    const char *name;
    bool given;
    bool presign, refresh, reshare; /* must it be there? */
    csigd_kind may;                 /* of this kind it may */
} member_rule;

static csigd_code check_members(const session_wish *w, csigd_kind kind, csigd_problem *why)
{
    static const uint8_t none[CSIGD_ID_BYTES] = {0};
    const member_rule rules[] = {
        {"signers", w->wish.all.n_signers > 0, true, true, false, 0},
        {"count", w->wish.all.count > 0, true, false, false, 0},
        {"test_signers", w->wish.n_test_signers > 0, false, true, true, 0},
        {"signers_required", w->reshare.signers_required > 0, false, false, true, 0},
        {"members", w->reshare.n_members > 0, false, false, true, 0},
        {"devices", w->reshare.n_devices > 0, false, false, true, 0},
        {"recovery", w->reshare.n_recovery > 0, false, false, false, CSIGD_KIND_RESHARE},
        {"campaign", memcmp(w->wish.campaign, none, sizeof none) != 0, false, false, false,
         CSIGD_KIND_REFRESH},
    };

    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        const member_rule *r = &rules[i];
        const bool must = kind == CSIGD_KIND_PRESIGN   ? r->presign
                          : kind == CSIGD_KIND_REFRESH ? r->refresh
                                                       : r->reshare;

        if (r->given != must && r->may != kind)
            return csigd_problem_field(why, CSIGD_BAD_REQUEST, r->name);
    }
    return CSIGD_OK;
}

static csigd_code open_reshare(const csigd_call *call, session_wish *w, csigd_opened *opened,
                               csigd_problem *why)
{
    csigd_reshare_wish *wish = &w->reshare;

    wish->n_nonces = w->wish.all.n_nonces;
    memcpy(wish->nonces, w->wish.all.nonces, sizeof wish->nonces);
    wish->n_test_signers = w->wish.n_test_signers;
    memcpy(wish->test_signers, w->wish.test_signers, sizeof wish->test_signers);
    return csigd_open_reshare(call->service, call->id, wish,
                              call->unix_socket ? NULL : call->caller->key.device, opened, why);
}

static csigd_code open_session(const csigd_call *call, session_wish *w, csigd_opened *opened,
                               csigd_problem *why)
{
    static const csigd_kind kinds[] = {CSIGD_KIND_PRESIGN, CSIGD_KIND_REFRESH, CSIGD_KIND_RESHARE};
    csigd_code code;
    size_t i = 0;

    while (i < 3 && strcmp(w->kind, csigd_kind_name(kinds[i])) != 0)
        i++;
    if (i == 3) return csigd_problem_field(why, CSIGD_BAD_REQUEST, "kind");
    code = check_members(w, kinds[i], why);
    if (code != CSIGD_OK) return code;
    if (kinds[i] == CSIGD_KIND_RESHARE) {
        /* It changes who the wallet's parties are: for the operator alone, but that a device may
         * put another one in its own place. */
        if (!call->unix_socket && (call->caller == NULL || !call->caller->key.has_device))
            return csigd_problem_set(why, CSIGD_UNIX_SOCKET_ONLY);
        return open_reshare(call, w, opened, why);
    }
    if (kinds[i] == CSIGD_KIND_PRESIGN)
        return csigd_open_presign(call->service, call->id, &w->wish.all, opened, why);
    return csigd_open_refresh(call->service, call->id, &w->wish, opened, why);
}

csigd_reply csigd_wallet_session(const csigd_call *call)
{
    csigd_opened opened = {.n_nonces = 0};
    csigd_problem why;
    session_wish wish = {.kind = ""};
    csigd_code code =
        csigd_json_parse(&wish, CSIGD_TABLE(session_fields), call->body, call->len, &why);

    if (code == CSIGD_OK) code = open_session(call, &wish, &opened, &why);
    if (code != CSIGD_OK) return csigd_reply_problem(&why);
    return csigd_reply_value(201, csigd_json_opened(&opened));
}
