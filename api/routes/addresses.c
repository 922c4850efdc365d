/* GET /v1/wallets/{w}/addresses/{kind}/{network}/{path}, GET /v1/wallets/{w}/xpub */
#include <string.h>

#include "routes/routes.h"
#include "service/payload.h"
#include "service/request.h"

static const struct {
    const char *name;
    csig_address_kind kind;
} kinds[] = {{"ethereum", CSIG_ADDRESS_ETHEREUM},
             {"p2pkh", CSIG_ADDRESS_P2PKH},
             {"p2sh-p2wpkh", CSIG_ADDRESS_P2SH_P2WPKH},
             {"p2wpkh", CSIG_ADDRESS_P2WPKH}};

static const struct {
    const char *name;
    csig_network network;
} networks[] = {
    {"main", CSIG_NETWORK_MAIN}, {"test", CSIG_NETWORK_TEST}, {"regtest", CSIG_NETWORK_REGTEST}};

/* What the address is made of. */
typedef struct wanted {
    csig_address_kind kind;
    csig_network network;
    char path[CSIGD_PATH_BYTES]; /* with slashes */
    uint32_t steps[CSIG_PATH_MAX];
    size_t depth;
} wanted;

/* In the path of a URL a path has dots: m.0.1. */
static csigd_code read_wanted(wanted *w, const csigd_call *call, csigd_problem *why)
{
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (strcmp(call->kind, kinds[i].name) == 0) w->kind = kinds[i].kind;
    }
    for (size_t i = 0; i < sizeof networks / sizeof networks[0]; i++) {
        if (strcmp(call->network, networks[i].name) == 0) w->network = networks[i].network;
    }
    if (w->kind == 0) return csigd_problem_field(why, CSIGD_BAD_REQUEST, "kind");
    if (w->network == 0) return csigd_problem_field(why, CSIGD_BAD_REQUEST, "network");
    memcpy(w->path, call->derivation, sizeof w->path);
    for (char *c = w->path; *c != '\0'; c++) {
        if (*c == '.') *c = '/';
    }
    if (csigd_path_read(w->steps, &w->depth, w->path) == CSIG_OK) return CSIGD_OK;
    return csigd_problem_field(why, CSIGD_BAD_REQUEST, "path");
}

static csigd_code make_address(const wanted *w, const csig_account *account,
                               char address[CSIG_ADDRESS_BYTES], uint8_t key[CSIG_PUBKEY_BYTES],
                               csigd_problem *why)
{
    csig_err err =
        csig_child(account->public_key, account->chain_code, w->steps, w->depth, key, NULL);

    if (err == CSIG_OK) err = csig_address(w->kind, w->network, key, address);
    return err == CSIG_OK ? CSIGD_OK : csigd_problem_own(why, err);
}

csigd_reply csigd_address_show(const csigd_call *call)
{
    wanted w = {.depth = 0};
    char address[CSIG_ADDRESS_BYTES];
    uint8_t key[CSIG_PUBKEY_BYTES];
    csig_account account;
    csigd_problem why;
    csigd_json *body;
    csigd_code code = read_wanted(&w, call, &why);

    if (code == CSIGD_OK) code = csigd_account_find(call->service, call->id, &account, &why);
    if (code == CSIGD_OK) code = make_address(&w, &account, address, key, &why);
    if (code != CSIGD_OK) return csigd_reply_problem(&why);
    body = csigd_json_object();
    csigd_json_text(body, "address", address);
    csigd_json_text(body, "kind", call->kind);
    csigd_json_text(body, "network", call->network);
    csigd_json_text(body, "path", w.path);
    csigd_json_hex(body, "public_key", key, sizeof key);
    return csigd_reply_value(200, body);
}

csigd_reply csigd_xpub_show(const csigd_call *call)
{
    char main_net[CSIG_XPUB_BYTES], test[CSIG_XPUB_BYTES];
    csig_account account;
    csigd_problem why;
    csigd_json *body;
    csig_err err;

    if (csigd_account_find(call->service, call->id, &account, &why) != CSIGD_OK)
        return csigd_reply_problem(&why);
    err = csig_xpub(&account, NULL, 0, CSIG_NETWORK_MAIN, main_net);
    if (err == CSIG_OK) err = csig_xpub(&account, NULL, 0, CSIG_NETWORK_TEST, test);
    if (err != CSIG_OK) {
        csigd_problem_own(&why, err);
        return csigd_reply_problem(&why);
    }
    body = csigd_json_object();
    csigd_json_text(body, "xpub", main_net);
    csigd_json_text(body, "tpub", test);
    return csigd_reply_value(200, body);
}
