/* What the protocols hand over to be stored, and what follows once it is. */
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "countersign/keygen.h"
#include "log.h"
#include "service/device.h"
#include "service/evidence.h"
#include "service/live.h"
#include "service/metrics.h"
#include "service/policy.h"
#include "service/primes.h"
#include "service/recovery.h"
#include "service/request.h"
#include "service/shares.h"

/* --- exports --- */

static csig_err export_peer(const void *peer, const csig_sealer *sealer, uint8_t *out, size_t *len)
{
    return csig_peer_export(peer, sealer, out, len);
}

/* --- auxiliary info: the verified peer --- */

/* A generation means one set of moduli, for ever; and nobody goes back, who has shown a newer one
 * while this session ran. */
static bool generation_is_unchanged(const csigd_service *service, const csigd_peer_row *peer)
{
    csigd_peer_row before;
    uint64_t last;
    bool same;

    if (service->store->device_generation(service->store, peer->device, &last) == CSIGD_STORED &&
        last > peer->generation)
        return false;
    if (service->store->peer_get(service->store, peer->device, peer->own_generation, &before) !=
        CSIGD_STORED)
        return true;
    same = before.generation != peer->generation ||
           memcmp(before.aux_id, peer->aux_id, sizeof before.aux_id) == 0;
    csigd_blob_free(&before.sealed);
    return same;
}

static csig_err store_peer(const csigd_service *service, csigd_live *live, csigd_problem *problem)
{
    csigd_peer_row *row = &live->turn.peer;
    uint8_t own_aux_id[CSIG_AUX_ID_BYTES];
    csig_peer *peer;
    csig_err err = csig_aux_session_peer(live->run[0], &peer);

    if (err != CSIG_OK) return err;
    csigd_blob_free(&row->sealed);
    csig_peer_ids(peer, row->device, row->aux_id, own_aux_id, &row->generation);
    row->own_generation = live->row.own_generation;
    err = csigd_export(&row->sealed, export_peer, peer,
                       csigd_vault_sealer(service->vault, CSIGD_SEAL_PEER));
    csig_peer_free(peer);
    live->turn.has_peer = err == CSIG_OK;
    if (err == CSIG_OK && !generation_is_unchanged(service, row)) {
        csigd_problem_field(problem, CSIGD_STATE_CONFLICT, "generation");
        return CSIG_E_STATE;
    }
    return err;
}

/* --- key generation: pending, then born --- */

/* The auxiliary info that the parties have by now. */
static void list_generations(const csigd_service *service, const csigd_live *live,
                             csigd_birth *birth)
{
    birth->n_generations = 0;
    birth->generations[birth->n_generations++] =
        (csigd_party_generation){CSIGD_SERVER_INDEX, live->row.own_generation};
    for (size_t i = 0; i < live->row.n_devices; i++) {
        csigd_peer_row peer;

        if (service->store->peer_get(service->store, live->row.devices[i], live->row.own_generation,
                                     &peer) != CSIGD_STORED)
            continue;
        csigd_blob_free(&peer.sealed);
        birth->generations[birth->n_generations++] =
            (csigd_party_generation){live->device_index[i], peer.generation};
    }
}

static csig_err store_birth(const csigd_service *service, csigd_live *live, const csig_share *share)
{
    csigd_birth *birth = &live->turn.birth;
    csig_share_info info;
    csig_err err;

    csig_share_describe(share, &info);
    memcpy(birth->key_id, info.key_id, sizeof birth->key_id);
    memcpy(birth->public_key, info.public_key, sizeof birth->public_key);
    birth->epoch = csigd_epoch_of(share);
    list_generations(service, live, birth);
    live->turn.has_birth = true;
    err = csigd_recovery_gather(live, share, &birth->recoverable);
    return err == CSIG_OK ? csig_keygen_commit(live->run[0], birth->commit) : err;
}

static csig_err store_share(const csigd_service *service, csigd_live *live)
{
    csigd_turn *turn = &live->turn;
    const bool born = ++live->stores == 2;
    csigd_share_row *sealed = born ? &turn->birth.share : &turn->share;
    csig_share *share;
    csig_err err = csig_keygen_share(live->run[0], &share);

    if (err != CSIG_OK) return err;
    csigd_share_row_free(sealed);
    err = csigd_share_seal(service, live->row.wallet, share, sealed);
    if (err == CSIG_OK && born) err = store_birth(service, live, share);
    turn->has_share = turn->has_share || !born;
    csig_share_free(share);
    return err;
}

/* --- presigning: kept, then ready --- */

static void move(csigd_turn *turn, const csig_presig *half, csigd_presig_state to)
{
    csigd_presig_move *m = &turn->moves[turn->n_moves++];

    csig_presig_id(half, m->id);
    m->to = to;
}

static csig_err store_half(csigd_live *live, size_t i)
{
    const csig_err err = csig_presign_result(live->run[i], &live->half[i]);

    if (err == CSIG_OK) move(&live->turn, live->half[i], CSIGD_PRESIG_KEPT);
    return err;
}

/* --- what the engine asks for --- */

csig_err csigd_effects_store(const csigd_service *service, csigd_live *live, size_t i,
                             csigd_problem *problem)
{
    csig_err err = CSIG_E_STATE;

    switch (live->row.kind) {
    case CSIGD_KIND_AUX:
        err = store_peer(service, live, problem);
        break;
    case CSIGD_KIND_KEYGEN:
        err = store_share(service, live);
        break;
    case CSIGD_KIND_PRESIGN:
        err = store_half(live, i);
        break;
    case CSIGD_KIND_REFRESH:
    case CSIGD_KIND_RESHARE:
        err = csigd_refresh_stage(service, live, problem);
        break;
    case CSIGD_KIND_SIGN:
    case CSIGD_KIND_ONLINE:
        /* The server has nothing to store before it goes on. */
        break;
    }
    return err == CSIG_OK ? csig_session_confirm(live->run[i]) : err;
}

csig_err csigd_effects_done(csigd_live *live, size_t i)
{
    live->run_done[i] = true;
    switch (live->row.kind) {
    case CSIGD_KIND_AUX:
    case CSIGD_KIND_KEYGEN:
        return CSIG_OK;
    case CSIGD_KIND_PRESIGN:
        move(&live->turn, live->half[i], CSIGD_PRESIG_READY);
        return CSIG_OK;
    case CSIGD_KIND_SIGN:
    case CSIGD_KIND_ONLINE:
        live->turn.has_signature = true;
        return csig_sign_signature(live->run[i], &live->turn.signature);
    case CSIGD_KIND_REFRESH:
    case CSIGD_KIND_RESHARE:
        return i == 1 ? csigd_refresh_tested(live) : CSIG_OK;
    }
    return CSIG_E_STATE;
}

/* --- before it leaves --- */

/* The stored payload says itself what is signed: not what was noted of it, nor what this session
 * was opened with. */
static csigd_code is_what_it_says(const csigd_live *live, const csig_payload *payload,
                                  csigd_problem *why)
{
    csigd_input inputs[CSIGD_INPUTS_MAX];
    const csigd_input *here = &live->request.input, *there = &inputs[live->row.input];
    const csigd_code code = csigd_payload_inputs(payload, inputs, why);

    if (code != CSIGD_OK) return code;
    if (live->row.input < csig_payload_inputs(payload) && here->n == there->n &&
        memcmp(here->digest, there->digest, sizeof here->digest) == 0 &&
        strcmp(here->path, there->path) == 0)
        return CSIGD_OK;
    return csigd_problem_set(why, CSIGD_INTERNAL);
}

static csigd_code judge_again(const csigd_service *service, const csigd_live *live,
                              const csigd_wallet *wallet, const csigd_request *request,
                              csigd_problem *why)
{
    csig_account account;
    csig_payload *payload = NULL;
    const csig_err err = csig_share_account(live->share, &account);
    csigd_code code;

    if (err != CSIG_OK) return csigd_problem_own(why, err);
    code = csigd_request_payload(service, request, &account, &payload, why);
    if (code == CSIGD_OK) code = is_what_it_says(live, payload, why);
    if (code == CSIGD_OK) code = csigd_policy_release(service, wallet, request, payload, why);
    csig_payload_free(payload);
    return code;
}

csigd_code csigd_effects_policy(const csigd_service *service, const csigd_live *live,
                                csigd_problem *why)
{
    csigd_request request;
    csigd_wallet wallet;
    csigd_stored stored;

    if (!live->turn.released && !live->turn.has_signature) return CSIGD_OK;
    stored =
        service->store->requests.get(service->store, live->row.request, live->row.input, &request);
    if (stored == CSIGD_STORED)
        stored = service->store->wallet_get(service->store, live->row.wallet,
                                            live->row.own_generation, &wallet);
    if (stored != CSIGD_STORED) return csigd_problem_set(why, csigd_code_of_store(stored));
    return judge_again(service, live, &wallet, &request, why);
}

/* --- once it is stored --- */

static void into_pool(const csigd_service *service, csigd_live *live)
{
    csigd_wallet wallet;

    for (size_t i = 0; i < live->n_runs; i++) {
        if (!live->run_done[i] || live->half[i] == NULL) continue;
        /* Without memory it is simply gone: the client finds no-presignature. */
        (void)csigd_presigs_put(service->presigs, &live->key, &live->half[i]);
    }
    /* A commit that came between their being stored and being put there found none of them. */
    if (service->store->wallet_get(service->store, live->row.wallet, live->row.own_generation,
                                   &wallet) == CSIGD_STORED &&
        wallet.epoch != live->row.epoch)
        csigd_presigs_drop(service->presigs, live->row.wallet);
}

static void tell_end(const csigd_service *service, const csigd_live *live)
{
    const csigd_session_row *row = &live->row;
    const csigd_turn *turn = &live->turn;

    if (turn->state == CSIGD_SESSION_RUNNING) return;
    csigd_metrics_ended(service->metrics, row->kind, turn->state);
    if (turn->has_signature)
        csigd_metrics_signed(service->metrics, row->kind, csigd_clock_ticks() - live->opened);
    csigd_log_line(CSIGD_INFO, "session ended", CSIGD_HEX("session", row->id, CSIGD_ID_BYTES),
                   CSIGD_TEXT("state", csigd_session_state_name(turn->state)),
                   CSIGD_TEXT("problem", csigd_code_name(turn->problem.code)));
}

void csigd_effects_settle(const csigd_service *service, csigd_live *live)
{
    if (live->row.kind == CSIGD_KIND_PRESIGN && live->turn.state != CSIGD_SESSION_FAILED)
        into_pool(service, live);
    if (live->turn.has_peer) csigd_peer_forget(service, live->turn.peer.device);
    if (live->turn.has_commit) csigd_refresh_committed(service, live);
    tell_end(service, live);
}
