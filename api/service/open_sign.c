/* Presigning and signing begin. */
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "http/json.h"
#include "service/campaigns.h"
#include "service/declines.h"
#include "service/policy.h"
#include "service/request.h"
#include "service/signers.h"

/* --- presigning --- */

static csigd_code start_presign(const csigd_service *service, csigd_live *live,
                                csigd_opened *opened, csigd_problem *why)
{
    const csig_signers signers = csigd_signers_of(service, live, opened->nonces[0]);

    for (uint32_t i = 0; i < opened->count; i++) {
        const csig_err err =
            csig_presign_session(&live->run[i], &signers, CSIGD_SERVER_INDEX, opened->number + i);

        if (err != CSIG_OK) return csigd_problem_err(why, err);
    }
    return csigd_live_open(service, live, NULL, NULL, why);
}

csigd_code csigd_open_presign(const csigd_service *service, const uint8_t *wallet,
                              const csigd_signing_wish *wish, csigd_opened *opened,
                              csigd_problem *why)
{
    csigd_session_row row = {.kind = CSIGD_KIND_PRESIGN};
    csigd_wallet w;
    csigd_live *live;
    csigd_code code = csigd_wallet_find(service, wallet, &w, why);

    if (code == CSIGD_OK) code = csigd_signers_check(&w, wish, why);
    if (code == CSIGD_OK) code = csigd_campaign_admit(service, wallet, why);
    if (code == CSIGD_OK && w.rehearsal) code = csigd_problem_set(why, CSIGD_STATE_CONFLICT);
    if (code != CSIGD_OK) return code;
    if (csigd_presigs_count(service->presigs, wallet) + csigd_live_presigning(service, wallet) +
            wish->count >
        CSIGD_STOCK_MAX) {
        csigd_problem_set(why, CSIGD_SESSION_LIMIT);
        snprintf(why->detail, sizeof why->detail,
                 "A wallet keeps at most %d presignatures: use some first.", CSIGD_STOCK_MAX);
        return why->code;
    }
    csigd_signers_list(&row, &w, wish);
    code = csigd_signers_generation(service, &row, &w, wish->signers, wish->n_signers, why);
    if (code == CSIGD_OK) code = csigd_live_new(service, &live, &row, wish->count, why);
    if (code != CSIGD_OK) return code;
    opened->number = 1;
    opened->count = wish->count;
    code = csigd_signers_gather(service, live, &w, wish, opened, why);
    if (code == CSIGD_OK) code = start_presign(service, live, opened, why);
    return csigd_live_finish(service, live, code, opened);
}

/* --- signing --- */

static csigd_code make_intent(csig_intent *intent, uint32_t path[CSIG_PATH_MAX],
                              const csigd_request *r, csigd_problem *why)
{
    csig_err err;

    *intent = (csig_intent){.type = csigd_payload_name(r->type), .path = path, .input = r->input.n};
    memcpy(intent->request_id, r->id, sizeof intent->request_id);
    memcpy(intent->digest, r->input.digest, sizeof intent->digest);
    err = csigd_path_read(path, &intent->depth, r->input.path);
    return err == CSIG_OK ? CSIGD_OK : csigd_problem_err(why, err);
}

static uint16_t collector_of(const csigd_live *live)
{
    if (live->request.mode == CSIGD_MODE_SERVER) return CSIGD_SERVER_INDEX;
    return live->device_index[0];
}

static csigd_code start_sign(const csigd_service *service, csigd_live *live, csigd_opened *opened,
                             csigd_problem *why)
{
    const csig_signers signers = csigd_signers_of(service, live, opened->nonces[0]);
    uint32_t path[CSIG_PATH_MAX];
    csig_intent intent;
    csigd_code code = make_intent(&intent, path, &live->request, why);
    csig_err err;

    if (code != CSIGD_OK) return code;
    err = csig_sign_session(&live->run[0], &signers, &intent, collector_of(live));
    if (err != CSIG_OK) return csigd_problem_err(why, err);
    return csigd_live_open(service, live, NULL, NULL, why);
}

/* The half is burned when the session is made; assigned, durably, before anything of it leaves.
 * What does not come that far is destroyed. */
static csigd_code burn(const csigd_service *service, csigd_live *live, csig_presig **half,
                       csigd_opened *opened, csigd_problem *why)
{
    const csig_signers signers = csigd_signers_of(service, live, opened->nonces[0]);
    uint32_t path[CSIG_PATH_MAX];
    csig_intent intent;
    csigd_code code = make_intent(&intent, path, &live->request, why);
    csig_err err;

    if (code != CSIGD_OK) return code;
    err = csig_online_session(&live->run[0], &signers, half, &intent);
    if (err != CSIG_OK) return csigd_problem_err(why, err);
    if (!csigd_live_is_gathered(live, &live->turn)) return csigd_problem_set(why, CSIGD_OVERLOADED);
    return csigd_live_open(service, live, NULL, opened->presig, why);
}

static csigd_code start_online(const csigd_service *service, csigd_live *live,
                               const csigd_signing_wish *wish, csigd_opened *opened,
                               csigd_problem *why)
{
    csig_presig *half = csigd_presigs_take(service->presigs, &live->key, wish->presignatures,
                                           wish->n_presignatures);
    csigd_code code;

    if (half == NULL) return csigd_problem_set(why, CSIGD_NO_PRESIGNATURE);
    csig_presig_id(half, opened->presig);
    code = burn(service, live, &half, opened, why);
    csig_presig_free(half);
    if (code != CSIGD_OK) {
        /* Gone already; a store that cannot be told calls it destroyed at the next start. */
        (void)service->store->presig_destroy(service->store, opened->presig);
        return code;
    }
    opened->envelopes = (csigd_blob){live->turn.out, live->turn.out_len};
    live->turn.out = NULL;
    live->turn.out_len = live->turn.out_room = 0;
    return CSIGD_OK;
}

/* What can be refused without taking anything. */
static csigd_code check_request(const csigd_service *service, const uint8_t *id, csigd_request *r,
                                csigd_wallet *w, const csigd_signing_wish *wish, csigd_problem *why)
{
    const csigd_stored stored = service->store->requests.get(service->store, id, wish->input, r);
    csigd_code code;

    if (stored != CSIGD_STORED) return csigd_problem_set(why, csigd_code_of_store(stored));
    code = csigd_wallet_find(service, r->wallet, w, why);
    if (code == CSIGD_OK) code = csigd_signers_check(w, wish, why);
    if (code == CSIGD_OK) code = csigd_campaign_admit(service, r->wallet, why);
    if (code != CSIGD_OK) return code;
    if (r->state == CSIGD_APPROVED) code = csigd_policy_admit(service, w, r, why);
    if (code != CSIGD_OK) return code;
    for (size_t i = 0; i < wish->n_signers; i++) {
        const uint16_t index = wish->signers[i];

        if (index != CSIGD_SERVER_INDEX && w->locked[index == 1 ? 0 : index - 2])
            return csigd_problem_set(why, CSIGD_KEY_LOCKED);
    }
    return CSIGD_OK;
}

/* One session at a time: the client may want to end the one there is. */
static csigd_code not_approved(const csigd_service *service, const csigd_request *r,
                               csigd_problem *why)
{
    uint8_t running[CSIGD_ID_BYTES];

    csigd_problem_set(why, CSIGD_STATE_CONFLICT);
    if (r->state == CSIGD_APPROVED)
        snprintf(why->detail, sizeof why->detail, "This input is signed, or its time is up.");
    else
        snprintf(why->detail, sizeof why->detail, "The request is %s.",
                 csigd_request_state_name(r->state));
    if (service->store->session_of(service->store, r->id, running) == CSIGD_STORED)
        csigd_hex_write(why->session, running, sizeof running);
    return why->code;
}

/* What has left counts as signed: it may be told again after its time. */
static bool may_begin(const csigd_request *r)
{
    return r->state == CSIGD_APPROVED && !r->input.is_signed &&
           (r->input.released != 0 || r->expires > csigd_clock_now());
}

csigd_code csigd_open_signing(const csigd_service *service, const uint8_t *request,
                              const csigd_signing_wish *wish, csigd_opened *opened,
                              csigd_problem *why)
{
    csigd_session_row row = {.kind = CSIGD_KIND_SIGN, .has_request = true, .input = wish->input};
    csigd_request r;
    csigd_wallet w;
    csigd_live *live;
    csigd_code code = check_request(service, request, &r, &w, wish, why);

    if (code != CSIGD_OK) return code;
    if (r.presigned) row.kind = CSIGD_KIND_ONLINE;
    /* A presignature is not taken for a request that would then be refused. */
    if (!may_begin(&r)) return not_approved(service, &r, why);
    memcpy(row.request, request, sizeof row.request);
    csigd_signers_list(&row, &w, wish);
    code = csigd_decline_check(service, &row, why);
    if (code != CSIGD_OK) return code;
    code = csigd_signers_generation(service, &row, &w, wish->signers, wish->n_signers, why);
    if (code == CSIGD_OK) code = csigd_live_new(service, &live, &row, 1, why);
    if (code != CSIGD_OK) return code;
    live->request = r;
    code = csigd_signers_gather(service, live, &w, wish, opened, why);
    if (code == CSIGD_OK)
        code = r.presigned ? start_online(service, live, wish, opened, why)
                           : start_sign(service, live, opened, why);
    return csigd_live_finish(service, live, code, opened);
}
