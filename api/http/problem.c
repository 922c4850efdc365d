#include "http/problem.h"

#include <stdio.h>
#include <string.h>

#include "http/json.h"

typedef struct row {
    unsigned status;
    const char *code;
    const char *culprit;
    bool retryable;
    const char *title;
    const char *detail;
} row;

static const row table[CSIGD_CODE_COUNT] = {[CSIGD_OK] = {200, "ok", "none", false, "OK", ""},
#define CODE_ROW(name, ...) [CSIGD_##name] = {__VA_ARGS__},
                                            CSIGD_CODES(CODE_ROW)
#undef CODE_ROW
};

csigd_code csigd_problem_set(csigd_problem *p, csigd_code code)
{
    *p = (csigd_problem){.code = code};
    return code;
}

csigd_code csigd_problem_field(csigd_problem *p, csigd_code code, const char *field)
{
    csigd_problem_set(p, code);
    /* It may be a name that the client made up: show what is harmless of it. */
    for (size_t i = 0; i + 1 < sizeof p->field && field[i] >= 0x20 && field[i] < 0x7f; i++)
        p->field[i] = field[i];
    return code;
}

csigd_code csigd_problem_err(csigd_problem *p, csig_err err)
{
    csigd_problem_set(p, csigd_code_of(err));
    p->err = err;
    return p->code;
}

csigd_code csigd_problem_own(csigd_problem *p, csig_err err)
{
    csigd_problem_err(p, err);
    if (csig_err_class(err) != CSIG_CLASS_LOCAL) p->code = CSIGD_INTERNAL;
    return p->code;
}

unsigned csigd_code_status(csigd_code code)
{
    return table[code].status;
}

const char *csigd_code_name(csigd_code code)
{
    return table[code].code;
}

bool csigd_code_is_retryable(csigd_code code)
{
    return table[code].retryable;
}

csigd_code csigd_code_of(csig_err err)
{
    switch (err) {
    case CSIG_OK:
        return CSIGD_OK;
    case CSIG_E_ARGUMENT:
    case CSIG_E_STATE:
    case CSIG_E_BUFFER:
    case CSIG_E_SEAL:
    case CSIG_E_RANDOM:
    case CSIG_E_ENGINE:
    case CSIG_E_HOST:
        return CSIGD_INTERNAL;
    case CSIG_E_USED:
        return CSIGD_NO_PRESIGNATURE;
    case CSIG_E_FORMAT:
    case CSIG_E_KIND:
    case CSIG_E_LENGTH:
    case CSIG_E_SENDER:
    case CSIG_E_SESSION:
    case CSIG_E_ROUND:
    case CSIG_E_POINT:
    case CSIG_E_RANGE:
        return CSIGD_BAD_ENVELOPE;
    case CSIG_E_VERSION:
    case CSIG_E_LEVEL:
        return CSIGD_PROTOCOL_VERSION;
    case CSIG_E_PATH:
    case CSIG_E_DIGEST:
    case CSIG_E_PARTIES:
    case CSIG_E_EVIDENCE:
    case CSIG_E_PAYLOAD:
    case CSIG_E_MISMATCH:
    case CSIG_E_POLICY:
        return CSIGD_BAD_REQUEST;
    case CSIG_E_SIGNATURE:
        return CSIGD_BAD_SIGNATURE;
    case CSIG_E_AUX:
        return CSIGD_AUX_MISSING;
    case CSIG_E_LOCKED:
        return CSIGD_KEY_LOCKED;
    case CSIG_E_SSID:
        return CSIGD_SSID_MISMATCH;
    case CSIG_E_EPOCH:
        return CSIGD_EPOCH_CHANGED;
    case CSIG_E_ABORTED:
        return CSIGD_SESSION_GONE;
    case CSIG_E_PROOF:
    case CSIG_E_COMMIT:
    case CSIG_E_SHARE:
    case CSIG_E_MODULUS:
    case CSIG_E_MESSAGE:
    case CSIG_E_SUM:
    case CSIG_E_PARTIAL:
    case CSIG_E_OUTPUT:
    case CSIG_E_ECHO:
    case CSIG_E_ACK:
    case CSIG_E_ACCUSE:
        return CSIGD_PROOF_FAILED;
    case CSIG_E_EQUIVOCATE:
        return CSIGD_ROUND_CONFLICT;
    case CSIG_E_MEMORY:
        return CSIGD_OVERLOADED;
    }
    return CSIGD_INTERNAL;
}

bool csigd_class_is_locking(csig_class class)
{
    switch (class) {
    case CSIG_CLASS_CHEAT:
        return true;
    case CSIG_CLASS_NONE:
    case CSIG_CLASS_CALLER:
    case CSIG_CLASS_INPUT:
    case CSIG_CLASS_BENIGN:
    case CSIG_CLASS_LOCAL:
        return false;
    }
    return false;
}

/* What these fields take, where the code alone leaves one guessing. */
static const struct {
    csigd_code code;
    const char *field, *detail;
} fields[] = {
    {CSIGD_BAD_REQUEST, "allow",
     "Types are digest, eth_tx, eip191, eip712, psbt and bip322, each once; nothing has changed."},
    {CSIGD_BAD_REQUEST, "label",
     "A label is like treasury/eu: steps of a-z, 0-9, '.', '-' and '_', 64 octets in all; nothing "
     "has changed."},
    {CSIGD_BAD_REQUEST, "roles",
     "Roles of a key are create, sign, approve, operate and read, of a token the first three; "
     "nothing has changed."},
    {CSIGD_BAD_REQUEST, "deadline",
     "A time to come in UTC, like 2030-12-01T00:00:00Z; nothing has changed."},
    {CSIGD_BAD_REQUEST, "refreshed_before",
     "A time in UTC, like 2030-12-01T00:00:00Z; nothing has changed."},
    {CSIGD_FORBIDDEN, "token",
     "This token is none, spent, or its time is up: the operator makes another one."},
    {CSIGD_FORBIDDEN, "label",
     "This key may not give this label: the operator gives tokens with a label, for it and those "
     "below."},
    {CSIGD_STATE_CONFLICT, "key",
     "This key is enrolled already, or was revoked, which is for good: take another one."},
};

static const char *detail_of(const csigd_problem *p)
{
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        if (p->detail[0] == '\0' && fields[i].code == p->code &&
            strcmp(fields[i].field, p->field) == 0)
            return fields[i].detail;
    }
    return p->detail[0] != '\0' ? p->detail : table[p->code].detail;
}

char *csigd_problem_json(const csigd_problem *p, size_t *len)
{
    const row *r = &table[p->code];
    csigd_json *body = csigd_json_object();
    char type[64];

    snprintf(type, sizeof type, "urn:countersign:problem:%s", r->code);
    csigd_json_text(body, "type", type);
    csigd_json_text(body, "title", r->title);
    csigd_json_uint(body, "status", r->status);
    csigd_json_text(body, "detail", detail_of(p));
    csigd_json_text(body, "code", r->code);
    csigd_json_bool(body, "retryable", r->retryable);
    csigd_json_text(body, "culprit", r->culprit);
    if (p->field[0] != '\0') csigd_json_text(body, "field", p->field);
    if (p->session[0] != '\0') csigd_json_text(body, "session", p->session);
    if (p->rule[0] != '\0') csigd_json_text(body, "rule", p->rule);
    if (p->unborn[0] != '\0') csigd_json_text(body, "unborn", p->unborn);
    if (p->expected_round != 0) csigd_json_uint(body, "expected_round", p->expected_round);
    /* Which cryptographic check failed is nobody's business but the operator's. */
    if (p->err != CSIG_OK && csig_err_class(p->err) != CSIG_CLASS_CHEAT)
        csigd_json_text(body, "error", csig_err_name(p->err));
    return csigd_json_print(body, len);
}
