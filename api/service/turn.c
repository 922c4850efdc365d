/* One body of envelopes through the library. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "countersign/backup.h"
#include "countersign/evidence.h"
#include "service/evidence.h"
#include "service/recovery.h"

/* A body has at most so many envelopes: fifteen parties, sixteen presignatures, three pieces each,
 * and some room. Each costs a signature check. */
#define ENVELOPES_MAX 1024

/* --- the turn --- */

void csigd_turn_clear(csigd_turn *turn)
{
    free(turn->out);
    csigd_blob_free(&turn->evidence);
    csigd_blob_free(&turn->peer.sealed);
    csigd_share_row_free(&turn->share);
    csigd_share_row_free(&turn->birth.share);
    csigd_blob_free(&turn->birth.record);
    csigd_recoverable_free(&turn->birth.recoverable);
    csigd_share_row_free(&turn->staging.share);
    csigd_blob_free(&turn->commit.record);
    csigd_recoverable_free(&turn->commit.recoverable);
    for (size_t i = 0; i < turn->n_backups; i++)
        csigd_blob_free(&turn->backups[i].sealed);
    for (size_t i = 0; i < turn->n_fresh; i++)
        csigd_blob_free(&turn->fresh[i].sealed);
    memset(turn, 0, sizeof *turn);
}

void csigd_turn_fail(csigd_turn *turn, const csigd_problem *problem)
{
    const csigd_blamed blamed = turn->blamed;
    const csigd_problem copy = *problem;

    csigd_turn_clear(turn);
    turn->blamed = blamed;
    turn->problem = copy;
    turn->state = CSIGD_SESSION_FAILED;
    turn->complete = true;
}

/* --- envelopes out --- */

static bool room_is_made(csigd_turn *turn, size_t more)
{
    const size_t need = turn->out_len + more;
    size_t room = turn->out_room > 0 ? turn->out_room : 4096;
    uint8_t *grown;

    if (need <= turn->out_room) return true;
    while (room < need)
        room *= 2;
    grown = realloc(turn->out, room);
    if (grown == NULL) return false;
    turn->out = grown;
    turn->out_room = room;
    return true;
}

/* In mode phone the collector is the client: with this one our partial signature is out. What is
 * said in later rounds is said of sums or offences, and instead of it. */
static bool envelope_is_partial(const csigd_live *live, const uint8_t *envelope, size_t len)
{
    uint8_t round;

    if (live->row.kind != CSIGD_KIND_SIGN || live->request.mode != CSIGD_MODE_PHONE) return false;
    return csig_envelope_round(envelope, len, &round) == CSIG_OK &&
           round == CSIG_SIGN_PARTIAL_ROUND;
}

static bool run_is_gathered(const csigd_live *live, csig_session *run, csigd_turn *turn)
{
    size_t need;

    while ((need = csig_session_pending(run)) > 0) {
        size_t len;

        if (!room_is_made(turn, need)) return false;
        if (csig_session_send(run, turn->out + turn->out_len, need, &len) != CSIG_OK) return false;
        if (envelope_is_partial(live, turn->out + turn->out_len, len)) turn->released = true;
        turn->out_len += len;
    }
    return true;
}

bool csigd_live_is_gathered(csigd_live *live, csigd_turn *turn)
{
    for (size_t i = 0; i < live->n_runs; i++) {
        if (!run_is_gathered(live, live->run[i], turn)) return false;
    }
    return true;
}

/* --- envelopes in --- */

/* What a body goes on with: an envelope, or in a refresh a backup. */
static csig_err next_item(const csigd_live *live, const uint8_t *p, size_t len, size_t *item_len,
                          bool *is_backup)
{
    const csig_err err = csig_envelope_length(p, len, item_len);

    *is_backup = csigd_kind_is_refresh(live->row.kind) && err == CSIG_E_KIND &&
                 csig_backup_length(p, len, item_len) == CSIG_OK;
    return *is_backup ? CSIG_OK : err;
}

/* Nothing but whole envelopes and backups, and not too many. Backups alone say nothing about this
 * session: they are signed, but not for it. */
static csig_err check_framing(const csigd_live *live, const uint8_t *body, size_t len)
{
    size_t count = 0;
    bool has_envelope = false;

    for (size_t at = 0; at < len; count++) {
        size_t item_len;
        bool is_backup;
        const csig_err err = next_item(live, body + at, len - at, &item_len, &is_backup);

        if (err != CSIG_OK) return err;
        if (count == ENVELOPES_MAX) return CSIG_E_LENGTH;
        has_envelope = has_envelope || !is_backup;
        at += item_len;
    }
    return has_envelope ? CSIG_OK : CSIG_E_LENGTH;
}

/* The run that an envelope names; one that names none of them is judged by the last: of a refresh
 * that is the test, whose inputs may differ from the client's when those of the refresh do not. */
static csig_err pick_run(const csigd_live *live, size_t *run, const uint8_t *envelope, size_t len)
{
    uint8_t named[32], id[32];
    uint16_t from, to;
    const csig_err err = csig_envelope_address(envelope, len, named, &from, &to);

    *run = live->n_runs - 1;
    if (err != CSIG_OK) return err;
    for (size_t i = 0; i < live->n_runs; i++) {
        csig_session_id(live->run[i], id);
        if (memcmp(named, id, sizeof id) == 0) *run = i;
    }
    return CSIG_OK;
}

static csigd_code refused(const csigd_live *live, size_t run, csig_err err, csigd_problem *why)
{
    csig_blame blame;

    csigd_problem_err(why, err);
    if (err != CSIG_E_SSID) return why->code;
    csig_session_blame(live->run[run], &blame);
    memcpy(why->field, blame.where, sizeof blame.where);
    return why->code;
}

/* What the devices are called in this run. */
static const uint16_t *numbers_of(const csigd_live *live, size_t run)
{
    return live->row.kind == CSIGD_KIND_RESHARE && run == 0 ? live->refresh.place
                                                            : live->device_index;
}

/* What is computed for this round goes; what remains is to hear and to tell. */
static void begin_telling(csigd_live *live, csig_err err)
{
    csigd_problem problem;

    csigd_problem_err(&problem, err);
    csigd_turn_fail(&live->turn, &problem);
    live->turn.complete = false;
    live->turn.telling = true;
}

/* What the library says of an envelope, or of what an envelope set going: the session goes on (OK),
 * the envelope is refused, or the session has failed and the turn is complete. */
static csigd_code judged(csigd_live *live, size_t run, csig_err err, csigd_problem *why)
{
    csig_blame blame;

    switch (csig_err_class(err)) {
    case CSIG_CLASS_NONE:
        return CSIGD_OK;
    case CSIG_CLASS_INPUT:
        return refused(live, run, err, why);
    case CSIG_CLASS_BENIGN:
        if (err == CSIG_E_SSID) return refused(live, run, err, why);
        break;
    case CSIG_CLASS_CALLER:
    case CSIG_CLASS_CHEAT:
    case CSIG_CLASS_LOCAL:
        break;
    }
    csigd_problem_err(why, err);
    if (csig_session_is_telling(live->run[run])) {
        begin_telling(live, err);
        return CSIGD_OK;
    }
    csig_session_blame(live->run[run], &blame);
    blame.err = err;
    csigd_blame(&live->turn.blamed, &blame, &live->row, numbers_of(live, run));
    if (csig_err_class(err) == CSIG_CLASS_LOCAL)
        snprintf(why->detail, sizeof why->detail,
                 "The session failed on the server's side: start a new one.");
    csigd_turn_fail(&live->turn, why);
    return CSIGD_OK;
}

/* Take what the run hands over, until it waits for the peer again or is done. */
static csigd_code settle_run(const csigd_service *service, csigd_live *live, size_t i,
                             csigd_problem *why)
{
    csigd_problem problem = {.code = CSIGD_OK};
    csig_err err = CSIG_OK;

    while (err == CSIG_OK && csig_session_phase(live->run[i]) == CSIG_STORE &&
           !csigd_refresh_is_waiting(live, i))
        err = csigd_effects_store(service, live, i, &problem);
    if (err == CSIG_OK && csig_session_phase(live->run[i]) == CSIG_DONE && !live->run_done[i])
        err = csigd_effects_done(live, i);
    if (problem.code == CSIGD_OK) return judged(live, i, err, why);
    csigd_turn_fail(&live->turn, &problem);
    return CSIGD_OK;
}

/* The rest of a body after a run has failed: somebody else's offence may have come earlier. */
static csigd_code hear(csigd_live *live, size_t run, const uint8_t *envelope, size_t len)
{
    if (csig_session_is_telling(live->run[run]))
        (void)csig_session_recv(live->run[run], envelope, len);
    return CSIGD_OK;
}

/* The verdict of the first run that has one is the session's; what every failed run says of it is
 * the answer. Without memory for that the answer is the problem alone. Where echoes differ the
 * others have what names the culprit: they are asked once. */
static void tell(csigd_live *live)
{
    csigd_turn *turn = &live->turn;
    csig_blame blame = {.err = CSIG_OK};
    const size_t first = csigd_verdict_of(live, &blame);

    for (size_t i = first; i < live->n_runs; i++) {
        if (!csig_session_is_telling(live->run[i])) continue;
        if (!run_is_gathered(live, live->run[i], turn)) turn->out_len = 0;
    }
    turn->released = false;
    turn->complete = true;
    if (blame.culprit == 0 && turn->out_len > 0 && !live->asked) {
        live->asked = true;
        turn->problem.code = CSIGD_OK;
        turn->state = CSIGD_SESSION_RUNNING;
        return;
    }
    csigd_blame(&turn->blamed, &blame, &live->row, numbers_of(live, first));
    (void)csigd_evidence_is_taken(live, &turn->evidence);
}

static csigd_code take_envelope(const csigd_service *service, csigd_live *live,
                                const uint8_t *envelope, size_t len, csigd_problem *why)
{
    size_t run;
    csig_err err = pick_run(live, &run, envelope, len);
    csigd_code code;

    if (err != CSIG_OK) return csigd_problem_err(why, err);
    if (live->turn.telling) return hear(live, run, envelope, len);
    /* What a finished run was sent may come again when its round was refused for another one. */
    if (live->run_done[run]) return CSIGD_OK;
    err = csig_session_recv(live->run[run], envelope, len);
    code = judged(live, run, err, why);
    if (code != CSIGD_OK || live->turn.complete || live->turn.telling) return code;
    if (csigd_kind_is_refresh(live->row.kind) && run == 0) {
        code = judged(live, run, csigd_receipt_taken(live, envelope, len), why);
        if (live->turn.complete) return code;
    }
    return settle_run(service, live, run, why);
}

static csigd_code take_backup(csigd_live *live, const uint8_t *backup, size_t len,
                              csigd_problem *why)
{
    return live->turn.telling ? CSIGD_OK : csigd_refresh_backup(live, backup, len, why);
}

static csigd_code settle_refresh(const csigd_service *service, csigd_live *live, csigd_problem *why)
{
    csigd_problem problem = {.code = CSIGD_OK};
    csig_err err;

    if (!csigd_kind_is_refresh(live->row.kind)) return CSIGD_OK;
    err = csigd_refresh_settle(service, live, &problem);
    if (problem.code == CSIGD_OK) return judged(live, 0, err, why);
    csigd_turn_fail(&live->turn, &problem);
    return CSIGD_OK;
}

static bool all_done(const csigd_live *live)
{
    for (size_t i = 0; i < live->n_runs; i++) {
        if (!live->run_done[i]) return false;
    }
    return true;
}

/* Everything was taken and the session goes on or is done. */
static csigd_code complete(const csigd_service *service, csigd_live *live, csigd_problem *why)
{
    csigd_turn *turn = &live->turn;
    csigd_code code;

    if (turn->telling) {
        tell(live);
        return CSIGD_OK;
    }
    code = settle_refresh(service, live, why);
    if (turn->telling) tell(live);
    if (code != CSIGD_OK || turn->complete) return code;
    if (!csigd_live_is_gathered(live, turn)) {
        csigd_problem_set(why, CSIGD_OVERLOADED);
        csigd_turn_fail(turn, why);
        return CSIGD_OK;
    }
    code = csigd_effects_policy(service, live, why);
    if (code == CSIGD_STORE_UNAVAILABLE) return code;
    if (code != CSIGD_OK) {
        csigd_turn_fail(turn, why);
        return CSIGD_OK;
    }
    if (csigd_record_taken(live) != CSIG_OK) return csigd_problem_set(why, CSIGD_OVERLOADED);
    turn->state = all_done(live) ? CSIGD_SESSION_DONE : CSIGD_SESSION_RUNNING;
    turn->complete = true;
    return CSIGD_OK;
}

csigd_code csigd_turn_play(const csigd_service *service, csigd_live *live, const uint8_t *body,
                           size_t len, csigd_problem *why)
{
    const csig_err err = check_framing(live, body, len);
    csig_blame blame;

    if (err != CSIG_OK) return csigd_problem_err(why, err);
    if (live->asked && !live->turn.telling && csigd_verdict_of(live, &blame) < live->n_runs)
        begin_telling(live, blame.err);
    for (size_t at = 0; at < len;) {
        size_t item_len;
        bool is_backup;
        csigd_code code;

        if (next_item(live, body + at, len - at, &item_len, &is_backup) != CSIG_OK) break;
        code = is_backup ? take_backup(live, body + at, item_len, why)
                         : take_envelope(service, live, body + at, item_len, why);
        if (code != CSIGD_OK || live->turn.complete) return code;
        at += item_len;
    }
    return complete(service, live, why);
}

static csig_err judge_envelope(csigd_live *live, size_t *run, const uint8_t *envelope, size_t len)
{
    const csig_err err = pick_run(live, run, envelope, len);

    /* A run that is done cannot say. */
    if (err != CSIG_OK || live->run_done[*run]) return err;
    return csig_session_recv(live->run[*run], envelope, len);
}

csigd_code csigd_turn_judge(csigd_live *live, const uint8_t *body, size_t len, csigd_blamed *blamed,
                            csigd_problem *why)
{
    csig_err err = check_framing(live, body, len);
    csig_blame blame;
    size_t run = 0;

    memset(blamed, 0, sizeof *blamed);
    for (size_t at = 0; err == CSIG_OK && at < len;) {
        size_t item_len;
        bool is_backup;

        err = next_item(live, body + at, len - at, &item_len, &is_backup);
        if (err == CSIG_OK && !is_backup) err = judge_envelope(live, &run, body + at, item_len);
        at += item_len;
    }
    if (err == CSIG_OK) return CSIGD_OK;
    if (csig_err_class(err) == CSIG_CLASS_INPUT || err == CSIG_E_SSID)
        return refused(live, run, err, why);
    csig_session_blame(live->run[run], &blame);
    blame.err = err;
    csigd_blame(blamed, &blame, &live->row, numbers_of(live, run));
    return csigd_problem_err(why, err);
}
