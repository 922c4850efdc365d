#include "matrix/judge.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const stage *stage_now;
static const matrix_case *case_now;

void judge_case(const stage *st, const matrix_case *c)
{
    stage_now = st;
    case_now = c;
}

void judge_bad(const char *what)
{
    char words[256];
    csig_blame blame;

    matrix_case_describe(stage_now, case_now, words, sizeof words);
    csig_session_blame(stage_victim(stage_now), &blame);
    fprintf(stderr, "%s: not so: %s (victim: phase %d, %s in round %u, culprit %u)\n", words, what,
            (int)csig_session_phase(stage_victim(stage_now)), csig_err_name(blame.err), blame.round,
            blame.culprit);
    (void)fflush(NULL);
    _exit(PERFORM_BAD);
}

/* --- what a session is --- */

static void absorb_slots(crypto_hash_sha512_state *h, const csig_session *s)
{
    for (size_t i = 0; i <= CSIG_ROUNDS_AHEAD; i++) {
        for (uint16_t j = 0; j < s->run.n; j++) {
            const csig_slot *slot = &s->slot[i][j];

            if (slot->bcast != NULL) crypto_hash_sha512_update(h, slot->bcast, 1);
            if (slot->p2p != NULL) crypto_hash_sha512_update(h, slot->p2p, CSIG_HEADER_BYTES);
        }
    }
}

judge_state judge_state_of(csig_session *s)
{
    const csig_protocol *p = s->run.protocol;
    const size_t open = p->open_bytes == NULL ? 0 : p->open_bytes(s->run.n);
    static csig_session copy;
    crypto_hash_sha512_state h;
    judge_state state;

    memcpy(&copy, s, sizeof copy);
    memset(&copy.blame, 0, sizeof copy.blame);
    crypto_hash_sha512_init(&h);
    crypto_hash_sha512_update(&h, (const uint8_t *)&copy, sizeof copy);
    crypto_hash_sha512_update(&h, (const uint8_t *)s->secrets, s->secrets_len);
    if (open > 0) crypto_hash_sha512_update(&h, s->run.open, open);
    absorb_slots(&h, s);
    for (const csig_packet *packet = s->out; packet != NULL; packet = packet->next)
        crypto_hash_sha512_update(&h, packet->bytes, packet->len);
    crypto_hash_sha512_final(&h, state.hash);
    return state;
}

/* --- judgement --- */

#define CAST_AT 5 /* in a header */

static void nobody_has_output(const stage *st)
{
    const matrix_play *play = st->play;

    for (uint16_t j = 0; j < play->n; j++) {
        csig_session *s = st->o.s[j];
        const csig_phase phase = csig_session_phase(s);

        if (j == play->liar) continue;
        JUDGE(phase != CSIG_DONE);
        JUDGE(phase == CSIG_STORE || !play->has_output(s));
    }
}

static void failed_session(const csig_session *s)
{
    const uint8_t *secret = (const uint8_t *)s->secrets;

    /* Why it stopped is all that may still leave, and only where there are others to be told. */
    for (const csig_packet *packet = s->out; packet != NULL; packet = packet->next)
        JUDGE(csig_session_has_log(s) &&
              (packet->bytes[CAST_AT] == CSIG_CAST_ABORT || s->disputing));
    for (size_t i = 0; i < s->secrets_len; i++)
        JUDGE(secret[i] == 0);
    JUDGE(csig_session_recv((csig_session *)(uintptr_t)s, secret, 0) == CSIG_E_STATE);
}

/* Sums and echoes are everybody's: with more than two parties they name nobody. */
static bool may_name_nobody(const stage *st, csig_err err)
{
    return st->play->n > 2 && (err == CSIG_E_SUM || err == CSIG_E_ECHO);
}

csig_err judge_failed(const stage *st, uint8_t latest)
{
    const matrix_play *play = st->play;
    const csig_run *run = csig_session_run(st->o.s[play->victim]);
    csig_err found = CSIG_OK;

    nobody_has_output(st);
    for (uint16_t j = 0; j < play->n; j++) {
        const csig_session *s = st->o.s[j];
        csig_blame blame;
        const csig_phase phase = csig_session_phase(s);

        if (j == play->liar) continue;
        if (phase == CSIG_RUNNING && s->disputing) { /* the liar does not prove its part */
            found = CSIG_E_SUM;
            continue;
        }
        if (phase != CSIG_FAILED) continue;
        failed_session(s);
        csig_session_blame(s, &blame);
        JUDGE(csig_err_class(blame.err) == CSIG_CLASS_CHEAT);
        JUDGE(blame.culprit == run->index[play->liar] ||
              (blame.culprit == 0 && may_name_nobody(st, blame.err)));
        JUDGE(blame.round >= st->round || blame.err == CSIG_E_EQUIVOCATE ||
              case_now->mishap == MISHAP_OTHER_ROUND || case_now->piece == LIAR_HEADER);
        /* One round more is the error round. */
        JUDGE(blame.round <= latest || case_now->mishap == MISHAP_OTHER_ROUND ||
              case_now->piece == LIAR_HEADER);
        JUDGE(st->o.said[j] <= latest || csig_session_has_log(s));
        found = blame.err;
    }
    JUDGE(found != CSIG_OK);
    return found;
}

void judge_waits(const stage *st)
{
    for (uint16_t j = 0; j < st->play->n; j++) {
        const csig_phase phase = csig_session_phase(st->o.s[j]);

        if (j != st->play->liar) JUDGE(phase != CSIG_FAILED);
    }
    nobody_has_output(st);
}

csig_err judge_refused(const stage *st, csig_err err, const judge_state *before)
{
    const judge_state after = judge_state_of(stage_victim(st));
    csig_blame blame;

    JUDGE(csig_err_class(err) == CSIG_CLASS_INPUT || err == CSIG_E_SSID);
    JUDGE(memcmp(before, &after, sizeof after) == 0);
    csig_session_blame(stage_victim(st), &blame);
    JUDGE(blame.err == err && blame.culprit == 0);
    return err;
}
