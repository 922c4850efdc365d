/* A refresh goes on: run 0 is the refresh, run 1 the test signature by the staged shares.
 *
 * Our staged share is stored before our receipt leaves, together with the answer it is in; the
 * commit is stored before it leaves, and it is the point of no return. */
#include "countersign/refresh.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "countersign/transcript.h"
#include "service/keys.h"
#include "service/recovery.h"
#include "service/shares.h"
#include "service/signers.h"

#define TEST_TYPE "refresh-test"

bool csigd_refresh_is_waiting(const csigd_live *live, size_t run)
{
    return csigd_kind_is_refresh(live->row.kind) && run == 0 && live->stores > 0;
}

/* --- staged --- */

static csig_err start_test(const csigd_service *service, csigd_live *live)
{
    const csig_signers signers = csigd_signers_of(service, live, live->refresh.nonces[0]);
    csig_intent intent = {.type = TEST_TYPE};
    csig_err err = csig_refresh_test_digest(live->run[0], intent.digest);

    if (err != CSIG_OK) return err;
    memcpy(intent.request_id, intent.digest, sizeof intent.request_id);
    err = csig_sign_session(&live->run[1], &signers, &intent, CSIGD_SERVER_INDEX);
    if (err == CSIG_OK) live->n_runs = CSIGD_REFRESH_RUNS;
    return err;
}

/* The server's own backup is its store: what the receipt names is the sealed share in it. */
static csig_err name_backup(csigd_live *live, const csigd_blob *sealed)
{
    uint8_t hash[CSIG_BACKUP_HASH_BYTES];

    crypto_generichash(hash, sizeof hash, sealed->p, sealed->len, NULL, 0);
    return csig_refresh_backup(live->run[0], hash);
}

static csig_err stage(const csigd_service *service, csigd_live *live)
{
    csigd_turn *turn = &live->turn;
    csig_err err = csig_refresh_share(live->run[0], &live->share);

    if (err != CSIG_OK) return err;
    turn->staging.epoch = csigd_epoch_of(live->share);
    err = csigd_share_seal(service, live->row.wallet, live->share, &turn->staging.share);
    if (err != CSIG_OK) return err;
    turn->has_staging = true;
    live->refresh.staged = turn->staging.epoch;
    err = name_backup(live, &turn->staging.share.sealed);
    if (err == CSIG_OK) err = start_test(service, live);
    if (err == CSIG_OK) live->stores = 1;
    return err;
}

csig_err csigd_refresh_stage(const csigd_service *service, csigd_live *live, csigd_problem *problem)
{
    const csig_err err = stage(service, live);

    /* All of it is our own doing. */
    if (err != CSIG_OK) csigd_problem_own(problem, err);
    return err;
}

/* --- receipts --- */

csig_err csigd_receipt_taken(csigd_live *live, const uint8_t *envelope, size_t len)
{
    uint8_t session[32], round;
    uint16_t from, to;
    csig_err err = csig_envelope_round(envelope, len, &round);

    if (err == CSIG_OK) err = csig_envelope_address(envelope, len, session, &from, &to);
    if (err == CSIG_OK && round == CSIG_REFRESH_RECEIPT_ROUND)
        live->refresh.has_receipt[from - 1] = true;
    return err;
}

/* --- the commit --- */

csig_err csigd_refresh_tested(csigd_live *live)
{
    const csig_err err = csig_sign_signature(live->run[1], &live->refresh.test);

    live->refresh.tested = err == CSIG_OK;
    return err;
}

/* Ours, and those that the devices of a new committee have by now. */
static void list_known(const csigd_service *service, const csigd_live *live, csigd_commit *commit)
{
    const csigd_wallet *next = &live->refresh.next;

    commit->n_generations = 0;
    for (uint16_t index = 1; index <= next->parties; index++) {
        csigd_party_generation *g = &commit->generations[commit->n_generations];
        csigd_peer_row peer;

        *g = (csigd_party_generation){index, live->row.own_generation};
        if (index != CSIGD_SERVER_INDEX) {
            if (service->store->peer_get(service->store, csigd_wallet_device(next, index),
                                         live->row.own_generation, &peer) != CSIGD_STORED)
                continue;
            csigd_blob_free(&peer.sealed);
            g->generation = peer.generation;
        }
        commit->n_generations++;
    }
}

/* Ours, and those of the devices that signed the test. */
static void list_generations(const csigd_live *live, csigd_commit *commit)
{
    uint8_t device[CSIG_IDENTITY_BYTES], aux_id[CSIG_AUX_ID_BYTES], own_aux_id[CSIG_AUX_ID_BYTES];

    commit->n_generations = live->key.n_signers;
    for (size_t i = 0; i < live->key.n_signers; i++) {
        csigd_party_generation *g = &commit->generations[i];

        *g = (csigd_party_generation){live->key.signers[i], live->row.own_generation};
        if (g->party != CSIGD_SERVER_INDEX)
            csig_peer_ids(live->peer[i], device, aux_id, own_aux_id, &g->generation);
    }
}

csig_err csigd_refresh_settle(const csigd_service *service, csigd_live *live,
                              csigd_problem *problem)
{
    csigd_commit *commit = &live->turn.commit;
    csig_err err = csigd_refresh_settle_backups(service, live, problem);

    if (err != CSIG_OK) return err;
    if (live->stores != 1 || !live->refresh.tested) return CSIG_OK;
    if (csig_session_phase(live->run[0]) != CSIG_STORE) return CSIG_OK;
    err = csig_refresh_tested(live->run[0], &live->refresh.test);
    if (err == CSIG_OK) err = csig_session_confirm(live->run[0]);
    if (err == CSIG_OK) err = csig_refresh_commit(live->run[0], commit->commit);
    if (err != CSIG_OK) return err;
    live->stores = 2;
    live->run_done[0] = csig_session_phase(live->run[0]) == CSIG_DONE;
    commit->epoch = live->refresh.staged;
    err = csigd_recovery_gather(live, live->share, &commit->recoverable);
    if (err != CSIG_OK) return err;
    if (live->row.kind == CSIGD_KIND_RESHARE) {
        commit->committee = &live->refresh.next;
        list_known(service, live, commit);
    } else {
        list_generations(live, commit);
    }
    live->turn.has_commit = true;
    return CSIG_OK;
}

/* --- how it was made --- */

csig_err csigd_record_taken(csigd_live *live)
{
    csigd_turn *turn = &live->turn;
    csigd_blob *record = turn->has_birth ? &turn->birth.record : &turn->commit.record;
    csig_err err;

    if (!turn->has_birth && !turn->has_commit) return CSIG_OK;
    csigd_blob_free(record);
    err = csig_session_record(live->run[0], NULL, &record->len);
    if (err != CSIG_E_BUFFER) return err;
    record->p = malloc(record->len);
    if (record->p == NULL) return CSIG_E_MEMORY;
    return csig_session_record(live->run[0], record->p, &record->len);
}

/* --- afterwards --- */

void csigd_refresh_committed(const csigd_service *service, const csigd_live *live)
{
    csigd_sessions_stop(service, live->row.wallet, NULL);
    csigd_presigs_drop(service->presigs, live->row.wallet);
    if (live->row.kind == CSIGD_KIND_RESHARE && service->keys != NULL)
        csigd_keys_follow(service, live->refresh.next.devices, live->refresh.next.n_devices);
}
