#include "service/payload.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "service/primes.h"
#include "service/request.h"
#include "service/shares.h"

/* --- types --- */

static const struct {
    const char *name;
    uint32_t type;
} types[] = {
    {"digest", CSIGD_ALLOW_DIGEST}, {"eth_tx", CSIGD_ALLOW_ETH_TX}, {"eip191", CSIGD_ALLOW_EIP191},
    {"eip712", CSIGD_ALLOW_EIP712}, {"psbt", CSIGD_ALLOW_PSBT},     {"bip322", CSIGD_ALLOW_BIP322},
};

uint32_t csigd_payload_type(const char *name)
{
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (strcmp(types[i].name, name) == 0) return types[i].type;
    }
    return 0;
}

const char *csigd_payload_name(uint32_t type)
{
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (types[i].type == type) return types[i].name;
    }
    return "";
}

/* --- whose key --- */

static csigd_code account_of(const csigd_service *service, const csigd_wallet *w,
                             csig_account *account, csigd_problem *why)
{
    csig_share *share;
    csigd_code code = csigd_share_load(service, w, &share, why);
    csig_err err;

    if (code != CSIGD_OK) return code;
    err = csig_share_account(share, account);
    csig_share_free(share);
    return err == CSIG_OK ? CSIGD_OK : csigd_problem_own(why, err);
}

csigd_code csigd_account_find(const csigd_service *service, const uint8_t *wallet,
                              csig_account *account, csigd_problem *why)
{
    csigd_code code = CSIGD_EPOCH_CHANGED;

    /* Wallet and share are read one after the other; the account is that of every epoch. */
    for (int tries = 0; tries < 3 && code == CSIGD_EPOCH_CHANGED; tries++) {
        csigd_wallet w;
        const csigd_stored stored = service->store->wallet_get(
            service->store, wallet, csigd_primes_generation(service->primes), &w);

        if (stored != CSIGD_STORED) return csigd_problem_set(why, csigd_code_of_store(stored));
        if (w.state != CSIGD_ACTIVE) return csigd_problem_set(why, CSIGD_STATE_CONFLICT);
        code = account_of(service, &w, account, why);
    }
    return code;
}

/* --- what is signed --- */

static csigd_code path_is_wrong(csigd_problem *why)
{
    csigd_problem_field(why, CSIGD_BAD_REQUEST, "path");
    why->err = CSIG_E_PATH;
    snprintf(why->detail, sizeof why->detail,
             "A path is m or m/0/1 with at most %d decimal indices below 2^31; hardened steps "
             "need the whole private key, which nobody has.",
             CSIG_PATH_MAX);
    return why->code;
}

static csigd_code payload_is_wrong(csig_err err, const char *sentence, csigd_problem *why)
{
    if (err == CSIG_E_PATH || err == CSIG_E_POINT) return path_is_wrong(why);
    if (csig_err_class(err) == CSIG_CLASS_LOCAL) return csigd_problem_err(why, err);
    csigd_problem_field(why, err == CSIG_E_MISMATCH ? CSIGD_PAYLOAD_MISMATCH : CSIGD_BAD_REQUEST,
                        "payload");
    why->err = err;
    if (err == CSIG_E_PAYLOAD) snprintf(why->detail, sizeof why->detail, "%s.", sentence);
    return why->code;
}

csigd_code csigd_payload_read(csig_payload **payload, const char *text, size_t len,
                              csigd_problem *why)
{
    char sentence[CSIG_WHY_BYTES] = "";
    const csig_err err = csig_payload_read(payload, text, len, sentence);

    if (err == CSIG_OK) return CSIGD_OK;
    *payload = NULL;
    return payload_is_wrong(err, sentence, why);
}

csigd_code csigd_payload_bind(csig_payload *payload, const csig_account *account, const char *path,
                              csigd_problem *why)
{
    char sentence[CSIG_WHY_BYTES] = "";
    uint32_t steps[CSIG_PATH_MAX];
    size_t depth;
    csig_err err = csigd_path_read(steps, &depth, path);

    if (err == CSIG_OK) err = csig_payload_bind(payload, account, steps, depth, sentence);
    return err == CSIG_OK ? CSIGD_OK : payload_is_wrong(err, sentence, why);
}

static void path_write(char out[CSIGD_PATH_BYTES], const uint32_t *path, size_t depth)
{
    size_t at = (size_t)snprintf(out, CSIGD_PATH_BYTES, "m");

    for (size_t i = 0; i < depth; i++)
        at += (size_t)snprintf(out + at, CSIGD_PATH_BYTES - at, "/%u", (unsigned)path[i]);
}

/* 0 modulo the group order: with 32 octets that is 0 or the order itself. */
static bool digest_is_zero(const uint8_t digest[CSIG_DIGEST_BYTES])
{
    static const uint8_t zero[CSIG_DIGEST_BYTES];
    static const uint8_t order[CSIG_DIGEST_BYTES] = {
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
        0xff, 0xff, 0xff, 0xff, 0xfe, 0xba, 0xae, 0xdc, 0xe6, 0xaf, 0x48,
        0xa0, 0x3b, 0xbf, 0xd2, 0x5e, 0x8c, 0xd0, 0x36, 0x41, 0x41};

    return memcmp(digest, zero, sizeof zero) == 0 || memcmp(digest, order, sizeof order) == 0;
}

csigd_code csigd_payload_inputs(const csig_payload *payload, csigd_input inputs[CSIGD_INPUTS_MAX],
                                csigd_problem *why)
{
    for (size_t i = 0; i < csig_payload_inputs(payload); i++) {
        uint32_t path[CSIG_PATH_MAX];
        size_t depth;
        csig_err err;

        inputs[i] = (csigd_input){.n = (uint32_t)i};
        err = csig_payload_input(payload, i, inputs[i].digest, path, &depth);
        if (err != CSIG_OK) return csigd_problem_own(why, err);
        path_write(inputs[i].path, path, depth);
        if (!digest_is_zero(inputs[i].digest)) continue;
        csigd_problem_field(why, CSIGD_BAD_REQUEST, "payload");
        why->err = CSIG_E_DIGEST;
        return why->code;
    }
    return CSIGD_OK;
}

/* --- what it says --- */

char *csigd_payload_told(const csig_payload *payload,
                         csig_err (*tell)(const csig_payload *payload, char *text, size_t *len))
{
    size_t len = 0;
    char *text = tell(payload, NULL, &len) == CSIG_E_BUFFER ? malloc(len) : NULL;

    if (text == NULL || tell(payload, text, &len) == CSIG_OK) return text;
    free(text);
    return NULL;
}

void csigd_payload_put(csigd_json *body, const char *name, char *text)
{
    csigd_json_raw_put(body, name, text != NULL ? text : "", text != NULL ? strlen(text) : 0);
    free(text);
}
