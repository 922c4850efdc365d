/* One exchange: the stored answer again, a conflict, or the next turn. */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "http/json.h"
#include "log.h"
#include "service/evidence.h"
#include "service/metrics.h"

#define OCTETS "application/octet-stream"

/* --- replies --- */

static const char *header_of(csigd_session_state state)
{
    switch (state) {
    case CSIGD_SESSION_RUNNING:
        return "running";
    case CSIGD_SESSION_DONE:
        return "done";
    case CSIGD_SESSION_FAILED:
    case CSIGD_SESSION_EXPIRED:
    case CSIGD_SESSION_ABORTED:
    case CSIGD_SESSION_LOST:
    case CSIGD_SESSION_OUTDATED:
        return "failed";
    }
    return NULL;
}

/* A problem about this session, which is not a stored answer. */
static csigd_reply problem_reply(csigd_problem *why, const uint8_t *id, csigd_session_state state)
{
    csigd_reply reply;

    csigd_hex_write(why->session, id, CSIGD_ID_BYTES);
    reply = csigd_reply_problem(why);
    reply.session = header_of(state);
    return reply;
}

static csigd_reply code_reply(csigd_code code, const uint8_t *id, csigd_session_state state)
{
    csigd_problem why;

    csigd_problem_set(&why, code);
    return problem_reply(&why, id, state);
}

/* Takes body. */
static csigd_reply answer_reply(uint32_t status, csigd_session_state state, csigd_blob *body)
{
    const csigd_reply reply = {
        .status = status,
        .type = status == 200 ? OCTETS : "application/problem+json",
        .session = header_of(state),
        .body = body->p,
        .len = body->len,
    };

    *body = (csigd_blob){NULL, 0};
    return reply;
}

/* --- the store --- */

/* What an answer is sealed under: session, round, status. */
#define NAME_BYTES (CSIGD_ID_BYTES + 4 + 4)
static void name_of(uint8_t name[NAME_BYTES], const csigd_answer *a)
{
    memcpy(name, a->session, CSIGD_ID_BYTES);
    for (int i = 0; i < 4; i++) {
        name[CSIGD_ID_BYTES + i] = (uint8_t)(a->n >> (24 - 8 * i));
        name[CSIGD_ID_BYTES + 4 + i] = (uint8_t)(a->status >> (24 - 8 * i));
    }
}

/* The turn as it will be repeated for ever: status and octets. */
static bool turn_is_written(const csigd_turn *turn, const uint8_t *id, uint32_t *status,
                            csigd_blob *body)
{
    csigd_problem problem = turn->problem;

    *status = 200;
    if (problem.code == CSIGD_OK || turn->out_len > 0)
        return csigd_blob_is_copied(body, turn->out, turn->out_len);
    *status = csigd_code_status(problem.code);
    csigd_hex_write(problem.session, id, CSIGD_ID_BYTES);
    body->p = (uint8_t *)csigd_problem_json(&problem, &body->len);
    return body->p != NULL;
}

static csigd_stored put(const csigd_service *service, const csigd_live *live,
                        const csigd_blob *body, uint32_t status)
{
    const csigd_turn *t = &live->turn;
    const csigd_effects effects = {
        .peer = t->has_peer ? &t->peer : NULL,
        .pending_share = t->has_share && !t->has_birth ? &t->share : NULL,
        .birth = t->has_birth ? &t->birth : NULL,
        .staged = t->has_staging ? &t->staging : NULL,
        .backups = t->backups,
        .n_backups = t->n_backups,
        .commit = t->has_commit ? &t->commit : NULL,
        .moves = t->moves,
        .n_moves = t->n_moves,
        .released = t->released,
        .signature = t->has_signature ? &t->signature : NULL,
        .blamed = t->blamed.devices,
        .n_blamed = t->blamed.n,
        .named = t->blamed.named,
        .reason = t->blamed.reason,
        .evidence = &t->evidence,
        .when = csigd_clock_now(),
    };
    csigd_answer answer = {.n = t->n, .status = status, .state = t->state, .when = effects.when};
    uint8_t name[NAME_BYTES];
    csigd_stored stored;

    memcpy(answer.session, live->row.id, sizeof answer.session);
    memcpy(answer.hash, t->hash, sizeof answer.hash);
    name_of(name, &answer);
    if (csigd_vault_seal(service->vault, CSIGD_SEAL_ANSWER, name, sizeof name, body->p, body->len,
                         &answer.reply) != CSIG_OK)
        return CSIGD_STORE_FAILED;
    stored = service->store->round_put(service->store, &answer, &effects);
    csigd_blob_free(&answer.reply);
    return stored;
}

/* A store may have written and failed to say so: then what it has is what counts. */
static bool answer_is_stored(const csigd_service *service, const csigd_live *live)
{
    const csigd_turn *turn = &live->turn;
    csigd_answer answer;
    bool same;

    if (service->store->round_get(service->store, live->row.id, turn->n, &answer) != CSIGD_STORED)
        return false;
    same = memcmp(answer.hash, turn->hash, sizeof answer.hash) == 0 && answer.state == turn->state;
    csigd_blob_free(&answer.reply);
    return same;
}

/* Nothing of the answer leaves: it is this problem. */
static void answer_with(csigd_turn *turn, const csigd_problem *why)
{
    const uint32_t n = turn->n;
    uint8_t hash[CSIGD_HASH_BYTES];

    memcpy(hash, turn->hash, sizeof hash);
    csigd_turn_fail(turn, why);
    turn->n = n;
    memcpy(turn->hash, hash, sizeof hash);
}

/* Time has passed since it was made: what may leave now is asked of the policy of now. */
static csigd_stored ask_again(const csigd_service *service, csigd_live *live)
{
    csigd_problem why;
    csigd_code code;

    if (!live->turn.waited || answer_is_stored(service, live)) return CSIGD_STORED;
    code = csigd_effects_policy(service, live, &why);
    if (code == CSIGD_STORE_UNAVAILABLE) return CSIGD_STORE_FAILED;
    if (code != CSIGD_OK) answer_with(&live->turn, &why);
    return CSIGD_STORED;
}

csigd_stored csigd_live_save(const csigd_service *service, csigd_live *live)
{
    csigd_turn *turn = &live->turn;
    csigd_blob body;
    uint32_t status;
    csigd_stored stored = ask_again(service, live);

    if (stored != CSIGD_STORED) return stored;
    if (!turn_is_written(turn, live->row.id, &status, &body)) return CSIGD_STORE_FAILED;
    stored = put(service, live, &body, status);
    csigd_blob_free(&body);
    if (stored == CSIGD_STORE_LOCKED) {
        /* Locked by another session in the meantime: nothing of this one leaves. */
        csigd_problem why;

        csigd_problem_set(&why, CSIGD_KEY_LOCKED);
        answer_with(turn, &why);
        return csigd_live_save(service, live);
    }
    if (stored != CSIGD_STORED && !answer_is_stored(service, live)) {
        turn->waited = true;
        return stored;
    }
    csigd_effects_settle(service, live);
    turn->complete = false;
    live->row.next_round++;
    return CSIGD_STORED;
}

/* Its wallet is at another epoch, or its request is cancelled: nothing of it can go on. */
static csigd_reply ended(const csigd_service *service, csigd_live *live, csigd_session_state state)
{
    uint8_t id[CSIGD_ID_BYTES];

    memcpy(id, live->row.id, sizeof id);
    csigd_live_drop(service, live);
    return code_reply(state == CSIGD_SESSION_OUTDATED ? CSIGD_EPOCH_CHANGED : CSIGD_SESSION_GONE,
                      id, state);
}

/* Store the complete turn and let the answer go. */
static csigd_reply save_and_answer(const csigd_service *service, csigd_live *live)
{
    csigd_turn *turn = &live->turn;
    csigd_blob body;
    uint32_t status;
    csigd_reply reply;

    if (csigd_live_save(service, live) != CSIGD_STORED) {
        const csigd_session_state state = csigd_live_ended(service, live);

        if (state != CSIGD_SESSION_RUNNING) return ended(service, live, state);
        /* A failure waits to be durable: the housekeeper tries, whether the client comes back or
         * not. */
        if (turn->state == CSIGD_SESSION_FAILED) csigd_live_hurry(service, live);
        return code_reply(CSIGD_STORE_UNAVAILABLE, live->row.id, CSIGD_SESSION_RUNNING);
    }
    if (turn_is_written(turn, live->row.id, &status, &body))
        reply = answer_reply(status, turn->state, &body);
    else
        reply = code_reply(CSIGD_OVERLOADED, live->row.id, turn->state);
    if (turn->state == CSIGD_SESSION_RUNNING)
        csigd_turn_clear(turn);
    else
        csigd_live_drop(service, live);
    return reply;
}

/* --- the next round --- */

static csigd_reply play(const csigd_service *service, csigd_live *live, uint32_t n,
                        const uint8_t hash[CSIGD_HASH_BYTES], const uint8_t *body, size_t len)
{
    csigd_problem why;
    const csigd_code code = csigd_turn_play(service, live, body, len, &why);

    if (code != CSIGD_OK) return problem_reply(&why, live->row.id, CSIGD_SESSION_RUNNING);
    live->turn.n = n;
    memcpy(live->turn.hash, hash, CSIGD_HASH_BYTES);
    return save_and_answer(service, live);
}

/* --- an answered round again --- */

static csigd_reply repeat(const csigd_service *service, const csigd_answer *answer)
{
    uint8_t name[NAME_BYTES];
    csigd_blob body;
    csig_err err;

    if (answer->reply.len == 0)
        return code_reply(CSIGD_SESSION_GONE, answer->session, answer->state);
    name_of(name, answer);
    err = csigd_vault_unseal(service->vault, CSIGD_SEAL_ANSWER, name, sizeof name, &answer->reply,
                             &body);
    if (err == CSIG_OK) return answer_reply(answer->status, answer->state, &body);
    csigd_log_line(CSIGD_ERROR, "stored answer does not open",
                   CSIGD_TEXT("error", csig_err_name(err)),
                   CSIGD_HEX("session", answer->session, CSIGD_ID_BYTES));
    return code_reply(csigd_code_of(err), answer->session, answer->state);
}

/* Another body for an answered round. What is not validly signed changes nothing; what is ends the
 * session, and two different messages for one round lock its sender. */
static bool session_is_over(const csigd_live *live)
{
    for (size_t i = 0; i < live->n_runs; i++) {
        if (csig_session_phase(live->run[i]) == CSIG_FAILED) return true;
    }
    return false;
}

static csigd_reply conflict(const csigd_service *service, csigd_live *live, const uint8_t *body,
                            size_t len)
{
    uint8_t id[CSIGD_ID_BYTES];
    csigd_blob evidence = {NULL, 0};
    csigd_blamed blamed;
    csigd_problem why;
    const csigd_code code = csigd_turn_judge(live, body, len, &blamed, &why);
    const bool over = code == CSIGD_OK || session_is_over(live);
    const bool taken = csigd_evidence_is_taken(live, &evidence);
    const csigd_effects effects = {
        .blamed = blamed.devices,
        .n_blamed = blamed.n,
        .named = blamed.named,
        .reason = blamed.reason,
        .evidence = &evidence,
        .when = csigd_clock_now(),
    };
    csigd_stored stored = CSIGD_STORE_FAILED;

    memcpy(id, live->row.id, sizeof id);
    if (!over) return problem_reply(&why, id, CSIGD_SESSION_RUNNING);
    if (taken) stored = service->store->session_fail(service->store, id, &effects);
    csigd_blob_free(&evidence);
    if (stored == CSIGD_STORED)
        csigd_metrics_ended(service->metrics, live->row.kind, CSIGD_SESSION_FAILED);
    if (stored != CSIGD_STORED)
        return code_reply(CSIGD_STORE_UNAVAILABLE, id, CSIGD_SESSION_RUNNING);
    csigd_live_drop(service, live);
    return code == CSIGD_OK ? code_reply(CSIGD_ROUND_CONFLICT, id, CSIGD_SESSION_FAILED)
                            : problem_reply(&why, id, CSIGD_SESSION_FAILED);
}

static csigd_reply answered(const csigd_service *service, const csigd_answer *answer,
                            const uint8_t hash[CSIGD_HASH_BYTES], const uint8_t *body, size_t len,
                            csigd_session_state state)
{
    csigd_live *live = csigd_live_find(service, answer->session);

    if (memcmp(answer->hash, hash, CSIGD_HASH_BYTES) == 0) return repeat(service, answer);
    if (live == NULL) return code_reply(CSIGD_ROUND_CONFLICT, answer->session, state);
    /* An answer that is not stored yet may carry a lock. */
    if (live->turn.complete) return code_reply(CSIGD_STORE_UNAVAILABLE, answer->session, state);
    return conflict(service, live, body, len);
}

/* --- the exchange --- */

static csigd_reply not_next(const csigd_live *live)
{
    csigd_problem why;

    csigd_problem_set(&why, CSIGD_ROUND_OUT_OF_ORDER);
    why.expected_round = live->row.next_round;
    return problem_reply(&why, live->row.id, CSIGD_SESSION_RUNNING);
}

/* The answer exists in memory and could not be stored: that first. */
static csigd_reply catch_up(const csigd_service *service, csigd_live *live,
                            const uint8_t hash[CSIGD_HASH_BYTES])
{
    if (memcmp(live->turn.hash, hash, CSIGD_HASH_BYTES) == 0) return save_and_answer(service, live);
    return code_reply(CSIGD_STORE_UNAVAILABLE, live->row.id, CSIGD_SESSION_RUNNING);
}

csigd_reply csigd_session_put(const csigd_service *service, const uint8_t *id, uint32_t n,
                              const uint8_t *body, size_t len)
{
    uint8_t hash[CSIGD_HASH_BYTES];
    csigd_session_row row;
    csigd_answer answer;
    csigd_stored stored = service->store->session_get(service->store, id, &row);
    csigd_live *live;

    if (stored != CSIGD_STORED) return csigd_reply_code(csigd_code_of_store(stored));
    if (row.state == CSIGD_SESSION_OUTDATED) return code_reply(CSIGD_EPOCH_CHANGED, id, row.state);
    crypto_generichash(hash, sizeof hash, body, len, NULL, 0);
    live = csigd_live_find(service, id);
    if (live != NULL && live->turn.complete && n == live->row.next_round)
        return catch_up(service, live, hash);
    stored = service->store->round_get(service->store, id, n, &answer);
    if (stored == CSIGD_STORED) {
        const csigd_reply reply = answered(service, &answer, hash, body, len, row.state);

        csigd_blob_free(&answer.reply);
        return reply;
    }
    if (stored != CSIGD_STORE_NONE) return csigd_reply_code(csigd_code_of_store(stored));
    if (live == NULL || row.state == CSIGD_SESSION_ABORTED)
        return code_reply(CSIGD_SESSION_GONE, id, row.state);
    if (n != live->row.next_round) return not_next(live);
    if (csigd_clock_ticks() >= live->deadline) {
        csigd_session_expire(service, id);
        return code_reply(CSIGD_SESSION_GONE, id, CSIGD_SESSION_EXPIRED);
    }
    return play(service, live, n, hash, body, len);
}
