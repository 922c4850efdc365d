#include "service/request.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "service/primes.h"

/* --- payload types --- */

static const struct {
    const char *name;
    uint32_t type;
} types[] = {{"digest", CSIGD_ALLOW_DIGEST}};

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

/* --- paths --- */

static const char *index_read(uint32_t *index, const char *text)
{
    uint64_t value = 0;
    size_t digits = 0;

    for (; text[digits] >= '0' && text[digits] <= '9'; digits++) {
        value = value * 10 + (uint64_t)(text[digits] - '0');
        if (digits == 10) return NULL;
    }
    if (digits == 0 || (digits > 1 && text[0] == '0') || value >= UINT64_C(0x80000000)) return NULL;
    *index = (uint32_t)value;
    return text + digits;
}

csig_err csigd_path_read(uint32_t path[CSIG_PATH_MAX], size_t *depth, const char *text)
{
    *depth = 0;
    if (*text++ != 'm') return CSIG_E_PATH;
    while (*text == '/') {
        if (*depth == CSIG_PATH_MAX) return CSIG_E_PATH;
        text = index_read(&path[*depth], text + 1);
        if (text == NULL) return CSIG_E_PATH;
        ++*depth;
    }
    return *text == '\0' ? CSIG_OK : CSIG_E_PATH;
}

/* --- requests --- */

csigd_code csigd_policy(const csigd_wallet *wallet, const csigd_request *request)
{
    return (wallet->allow & request->type) != 0 ? CSIGD_OK : CSIGD_POLICY_DENIED;
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

static csigd_code read_mode(const csigd_request_wish *wish, csigd_mode *mode, csigd_problem *why)
{
    *mode = wish->presigned ? CSIGD_MODE_SERVER : CSIGD_MODE_PHONE;
    if (wish->mode[0] == '\0') return CSIGD_OK;
    if (strcmp(wish->mode, "server") == 0) {
        *mode = CSIGD_MODE_SERVER;
        return CSIGD_OK;
    }
    if (strcmp(wish->mode, "phone") == 0 && !wish->presigned) return CSIGD_OK;
    return csigd_problem_field(why, CSIGD_BAD_REQUEST, "mode");
}

static csigd_code check_wish(const csigd_request_wish *wish, csigd_request *r, csigd_problem *why)
{
    uint32_t path[CSIG_PATH_MAX];
    size_t depth;

    if (csigd_path_read(path, &depth, wish->path) != CSIG_OK) {
        csigd_problem_field(why, CSIGD_BAD_REQUEST, "path");
        why->err = CSIG_E_PATH;
        snprintf(why->detail, sizeof why->detail,
                 "A path is m or m/0/1 with at most %d decimal indices below 2^31; hardened steps "
                 "need the whole private key, which nobody has.",
                 CSIG_PATH_MAX);
        return why->code;
    }
    if (digest_is_zero(wish->digest)) {
        csigd_problem_field(why, CSIGD_BAD_REQUEST, "digest");
        why->err = CSIG_E_DIGEST;
        return why->code;
    }
    r->type = csigd_payload_type(wish->type);
    if (r->type == 0) return csigd_problem_field(why, CSIGD_POLICY_DENIED, "type");
    return read_mode(wish, &r->mode, why);
}

csigd_code csigd_request_make(const csigd_service *service, const uint8_t *wallet,
                              const csigd_request_wish *wish, csigd_request *request,
                              csigd_problem *why)
{
    csigd_wallet w;
    csigd_stored stored;
    csigd_code code;

    *request = (csigd_request){.state = CSIGD_APPROVED, .created = csigd_clock_now()};
    code = check_wish(wish, request, why);
    if (code != CSIGD_OK) return code;
    stored = service->store->wallet_get(service->store, wallet,
                                        csigd_primes_generation(service->primes), &w);
    if (stored != CSIGD_STORED) return csigd_problem_set(why, csigd_code_of_store(stored));
    if (w.state != CSIGD_ACTIVE) return csigd_problem_set(why, CSIGD_STATE_CONFLICT);
    if (csigd_policy(&w, request) != CSIGD_OK)
        return csigd_problem_field(why, CSIGD_POLICY_DENIED, "type");

    randombytes_buf(request->id, sizeof request->id);
    memcpy(request->wallet, wallet, sizeof request->wallet);
    memcpy(request->digest, wish->digest, sizeof request->digest);
    memcpy(request->path, wish->path, sizeof request->path);
    request->presigned = wish->presigned;
    stored = service->store->request_put(service->store, request);
    if (stored != CSIGD_STORED) return csigd_problem_set(why, csigd_code_of_store(stored));
    return CSIGD_OK;
}
