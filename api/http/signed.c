#include "http/signed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "log.h"
#include "service/server_keys.h"

static csigd_code refused(csigd_problem *why, const csigd_refusal *refusal)
{
    return csigd_problem_refusal(why, refusal);
}

/* --- the head --- */

static void keep(csigd_signed *s, const csigd_signature_params *p)
{
    /* Of these lengths, which the profile has checked. */
    memcpy(s->keyid, p->keyid, sizeof s->keyid);
    memcpy(s->nonce, p->nonce, sizeof s->nonce);
    s->expires = p->expires;
}

csigd_code csigd_signed_open(csigd_signed *s, const csigd_service *service, bool strangers,
                             csigd_problem *why)
{
    csigd_proof *proof = calloc(1, sizeof *proof);
    csigd_refusal refusal = {.error = CSIGD_AUTH_OVERLOADED};
    csigd_auth error;
    bool known;

    if (proof == NULL) return refused(why, &refusal);
    error = csigd_request_open(proof, &s->message, csigd_clock_now(), &refusal);
    if (error == CSIGD_AUTH_OK) {
        keep(s, &proof->signature.params);
        known = csigd_keys_has_key(service->keys, s->keyid, &s->caller.key);
        s->caller.is_stranger = !known;
        if (!known && strangers) {
            s->proof = proof;
            return CSIGD_OK;
        }
        error = csigd_request_verify(proof, known ? &s->caller.key.key : NULL, &refusal);
    }
    free(proof);
    return error == CSIGD_AUTH_OK ? CSIGD_OK : refused(why, &refusal);
}

/* --- the body is there --- */

static csigd_auth check_key(csigd_signed *s, const csigd_service *service, const csigd_key *own,
                            csigd_refusal *refusal)
{
    if (s->caller.is_stranger) return csigd_request_verify(s->proof, own, refusal);
    if (csigd_keys_has_key(service->keys, s->keyid, &s->caller.key)) return CSIGD_AUTH_OK;
    return csigd_refuse(refusal, CSIGD_AUTH_BAD_SIGNATURE, "");
}

static csigd_auth check_digest(const csigd_message *m, const uint8_t *body, size_t len,
                               csigd_refusal *refusal)
{
    const bool named = csigd_message_has_field(m, "content-digest");
    char value[1024] = "";
    csigd_text text = csigd_text_in(value, sizeof value);
    csigd_auth error = CSIGD_AUTH_DIGEST_MALFORMED;

    if (!named ||
        (csigd_message_field_is_read(&text, m, "content-digest") && csigd_text_is_whole(&text)))
        error = csigd_digest_verify(named ? value : NULL, body, len);
    return error == CSIGD_AUTH_OK ? error : csigd_refuse(refusal, error, "content-digest");
}

csigd_code csigd_signed_admit(csigd_signed *s, const csigd_service *service, const csigd_key *own,
                              const uint8_t *body, size_t len, csigd_problem *why)
{
    csigd_refusal refusal;
    csigd_auth error = check_key(s, service, own, &refusal);

    /* A stranger's enrolment sent again is the same enrolment: the token is for one key. So nobody
     * who is not known makes us write. */
    if (error == CSIGD_AUTH_OK && !s->caller.is_stranger)
        error = csigd_replay_admit(&service->store->replay, s->keyid, s->nonce, s->expires,
                                   csigd_clock_now(), &refusal);
    if (error == CSIGD_AUTH_OK) error = check_digest(&s->message, body, len, &refusal);
    return error == CSIGD_AUTH_OK ? CSIGD_OK : refused(why, &refusal);
}

void csigd_signed_free(csigd_signed *s)
{
    if (s == NULL) return;
    free(s->proof);
    free(s);
}

/* --- replies --- */

bool csigd_reply_is_signed(csigd_reply_signature *out, const csigd_message *request,
                           const csigd_service *service, const csigd_reply *reply)
{
    csigd_field fields[4];
    csigd_message m = {.status = reply->status, .fields = fields, .request = request};
    char seconds[16];
    csigd_refusal refusal;

    out->digest[0] = '\0';
    if (reply->body != NULL) {
        fields[m.n_fields++] = (csigd_field){"content-type", reply->type};
        csigd_digest_make(out->digest, reply->body, reply->len);
        fields[m.n_fields++] = (csigd_field){"content-digest", out->digest};
    }
    if (reply->session != NULL)
        fields[m.n_fields++] = (csigd_field){"countersign-session", reply->session};
    if (reply->retry_after != 0) {
        snprintf(seconds, sizeof seconds, "%u", (unsigned)reply->retry_after);
        fields[m.n_fields++] = (csigd_field){"retry-after", seconds};
    }
    if (csigd_server_keys_sign(service->server_keys, &out->fields, &m, &refusal) == CSIGD_AUTH_OK)
        return true;
    /* What was asked for has no name that can be signed: the asker's doing, not ours. */
    csigd_log_line(refusal.error == CSIGD_AUTH_COMPONENT ? CSIGD_INFO : CSIGD_ERROR,
                   "a reply is not signed", CSIGD_TEXT("reason", csigd_auth_text(refusal.error)),
                   CSIGD_TEXT("about", refusal.field));
    return false;
}
