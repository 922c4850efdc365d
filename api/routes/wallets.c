/* POST /v1/wallets, GET /v1/wallets[/{w}], POST /v1/wallets/{w}/sessions, .../unlock */
#include <string.h>

#include "clock.h"
#include "routes/routes.h"
#include "service/access.h"
#include "service/locks.h"
#include "service/presigs.h"
#include "service/primes.h"
#include "service/request.h"

/* --- how a wallet looks --- */

/* Those that are offline from birth stand with their recovery keys. */
static csigd_json *device_list(const csigd_wallet *w)
{
    csigd_json *list = csigd_json_list();
    size_t n = w->n_devices;

    for (size_t i = 0; i < w->n_recovery; i++)
        n -= w->recovery[i].offline;
    for (size_t i = 0; i < n; i++)
        csigd_json_append_hex(list, w->devices[i], CSIG_IDENTITY_BYTES);
    return list;
}

static csigd_json *locked_list(const csigd_wallet *w)
{
    csigd_json *list = csigd_json_list();

    for (size_t i = 0; i < w->n_devices; i++) {
        if (w->locked[i]) csigd_json_append_hex(list, w->devices[i], CSIG_IDENTITY_BYTES);
    }
    return list;
}

static csigd_json *recovery_list(const csigd_wallet *w)
{
    csigd_json *list = csigd_json_list();

    for (size_t i = 0; i < w->n_recovery; i++) {
        const csigd_recovery_key *k = &w->recovery[i];
        csigd_json *entry = csigd_json_object();

        csigd_json_uint(entry, "index", k->index);
        csigd_json_hex(entry, "key", k->key, sizeof k->key);
        if (k->offline)
            csigd_json_hex(entry, "identity", w->devices[k->index == 1 ? 0 : k->index - 2],
                           CSIG_IDENTITY_BYTES);
        csigd_json_append(list, entry);
    }
    return list;
}

static csigd_json *allow_list(uint32_t allow)
{
    csigd_json *list = csigd_json_list();

    for (uint32_t type = 1; type != 0; type <<= 1) {
        if ((allow & type) != 0) csigd_json_append_text(list, csigd_payload_name(type));
    }
    return list;
}

static csigd_json *ready_list(const csigd_service *service, const uint8_t *wallet)
{
    uint8_t ids[CSIGD_STOCK_MAX][CSIG_PRESIG_ID_BYTES];
    const size_t n = csigd_presigs_list(service->presigs, wallet, ids, CSIGD_STOCK_MAX);
    csigd_json *list = csigd_json_list();

    for (size_t i = 0; i < n; i++)
        csigd_json_append_hex(list, ids[i], CSIG_PRESIG_ID_BYTES);
    return list;
}

static csigd_json *backup_list(const csigd_wallet *w)
{
    csigd_json *list = csigd_json_list();

    for (uint16_t i = 0; i < w->parties; i++) {
        if (w->has_backup[i]) csigd_json_append_uint(list, i + 1U);
    }
    return list;
}

static void put_refreshed(csigd_json *body, csigd_refreshed refreshed)
{
    switch (refreshed) {
    case CSIGD_REFRESHED_NEVER:
        csigd_json_null(body, "refreshed");
        return;
    case CSIGD_REFRESHED_SHARES:
        csigd_json_text(body, "refreshed", "shares-only");
        return;
    case CSIGD_REFRESHED_HEALING:
        csigd_json_text(body, "refreshed", "healing");
        return;
    }
}

csigd_json *csigd_json_wallet(const csigd_service *service, const csigd_wallet *w)
{
    csigd_json *body = csigd_json_object();
    char created[CSIGD_RFC3339_BYTES];

    csigd_clock_format(created, w->created);
    csigd_json_hex(body, "wallet", w->id, sizeof w->id);
    csigd_json_text(body, "state", w->state == CSIGD_ACTIVE ? "active" : "pending");
    csigd_json_uint(body, "signers_required", w->signers_required);
    csigd_json_uint(body, "parties", w->parties);
    csigd_json_uint(body, "server", CSIGD_SERVER_INDEX);
    csigd_json_put(body, "devices", device_list(w));
    csigd_json_hex(body, "server_identity", service->identity_pub, CSIG_IDENTITY_BYTES);
    csigd_json_put(body, "allow", allow_list(w->allow));
    if (w->label[0] != '\0') csigd_json_text(body, "label", w->label);
    if (w->rehearsal) csigd_json_bool(body, "rehearsal", true);
    csigd_json_text(body, "created", created);
    csigd_json_put(body, "locked", locked_list(w));
    csigd_json_put(body, "recovery", recovery_list(w));
    if (w->state != CSIGD_ACTIVE) return body;
    csigd_json_hex(body, "key_id", w->key_id, sizeof w->key_id);
    csigd_json_hex(body, "public_key", w->public_key, sizeof w->public_key);
    csigd_json_uint(body, "epoch", w->epoch);
    csigd_json_uint(body, "generation", csigd_primes_generation(service->primes));
    csigd_json_hex(body, "commit", w->commit, sizeof w->commit);
    if (w->has_epoch_state)
        csigd_json_hex(body, "epoch_state", w->epoch_state, sizeof w->epoch_state);
    csigd_json_uint(body, "epoch_attempt", w->epoch_attempt);
    put_refreshed(body, w->refreshed);
    csigd_json_put(body, "backups", backup_list(w));
    csigd_json_put(body, "presignatures", ready_list(service, w->id));
    return body;
}

/* --- create --- */

typedef struct create_wish {
    csigd_keygen_wish keygen;
    size_t n_allow;
    char allow[8][CSIGD_TYPE_BYTES];
} create_wish;

static const csigd_json_field recovery_fields[] = {
    {"index", CSIGD_JSON_UINT, .at = offsetof(csigd_recovery_wish, index), .min = 1,
     .max = CSIG_PARTIES_MAX},
    {"key", CSIGD_JSON_HEX, CSIGD_AT(csigd_recovery_wish, key)},
    {"identity", CSIGD_JSON_TEXT, .optional = true, CSIGD_AT(csigd_recovery_wish, identity),
     .min = 2 * CSIG_IDENTITY_BYTES},
};

static const csigd_json_field create_fields[] = {
    {"signers_required", CSIGD_JSON_UINT, .at = offsetof(create_wish, keygen.signers_required),
     .min = 2, .max = CSIG_PARTIES_MAX},
    {"parties", CSIGD_JSON_UINT, .at = offsetof(create_wish, keygen.parties), .min = 2,
     .max = CSIG_PARTIES_MAX},
    {"devices", CSIGD_JSON_HEX_LIST, CSIGD_LIST(create_wish, keygen.devices, keygen.n_devices),
     .min = 1},
    {"nonces", CSIGD_JSON_HEX_LIST, CSIGD_LIST(create_wish, keygen.nonces, keygen.n_nonces),
     .min = 1},
    {"allow", CSIGD_JSON_TEXT_LIST, .optional = true, CSIGD_LIST(create_wish, allow, n_allow),
     .min = 1},
    {"label", CSIGD_JSON_TEXT, .optional = true, CSIGD_AT(create_wish, keygen.label), .min = 1},
    {"rehearsal", CSIGD_JSON_BOOL, .optional = true, CSIGD_AT(create_wish, keygen.rehearsal)},
    {"recovery", CSIGD_JSON_NESTED_LIST, .optional = true,
     CSIGD_LIST(create_wish, keygen.recovery, keygen.n_recovery), .fields = recovery_fields,
     .n_fields = sizeof recovery_fields / sizeof recovery_fields[0]},
};

/* Digests say nothing of what they stand for: who wants to sign them says so. */
static csigd_code read_allow(create_wish *wish, csigd_problem *why)
{
    if (wish->n_allow == 0) wish->keygen.allow = CSIGD_ALLOW_TYPED;
    for (size_t i = 0; i < wish->n_allow; i++) {
        const uint32_t type = csigd_payload_type(wish->allow[i]);

        if (type == 0 || (wish->keygen.allow & type) != 0)
            return csigd_problem_field(why, CSIGD_BAD_REQUEST, "allow");
        wish->keygen.allow |= type;
    }
    return CSIGD_OK;
}

/* A device makes wallets that it is a party of, everybody with a label that is his to give. */
static csigd_code check_maker(const csigd_call *call, const csigd_keygen_wish *wish,
                              csigd_problem *why)
{
    if (wish->label[0] != '\0' && !csigd_label_is_fine(wish->label))
        return csigd_problem_field(why, CSIGD_BAD_REQUEST, "label");
    if (!csigd_caller_has_label(call->caller, wish->label))
        return csigd_problem_field(why, CSIGD_FORBIDDEN, "label");
    if (call->caller == NULL || !call->caller->key.has_device) return CSIGD_OK;
    for (size_t i = 0; i < wish->n_devices; i++) {
        if (memcmp(wish->devices[i], call->caller->key.device, CSIG_IDENTITY_BYTES) == 0)
            return CSIGD_OK;
    }
    return csigd_problem_field(why, CSIGD_FORBIDDEN, "devices");
}

csigd_reply csigd_wallet_create(const csigd_call *call)
{
    csigd_opened opened = {.n_nonces = 0};
    csigd_problem why;
    create_wish wish = {.n_allow = 0};
    csigd_json *body;
    csigd_code code =
        csigd_json_parse(&wish, CSIGD_TABLE(create_fields), call->body, call->len, &why);

    if (code == CSIGD_OK) code = read_allow(&wish, &why);
    if (code == CSIGD_OK) code = check_maker(call, &wish.keygen, &why);
    if (code == CSIGD_OK) code = csigd_open_keygen(call->service, &wish.keygen, &opened, &why);
    if (code != CSIGD_OK) return csigd_reply_problem(&why);
    body = csigd_json_object();
    csigd_json_put(body, "wallet", csigd_json_wallet(call->service, &opened.wallet));
    csigd_json_put(body, "session", csigd_json_opened(&opened));
    return csigd_reply_value(201, body);
}

/* --- show --- */

typedef struct listing {
    const csigd_service *service;
    const csigd_caller *caller;
    csigd_json *wallets;
    csigd_look look;
    size_t n; /* looked at */
    uint8_t last[CSIGD_ID_BYTES];
} listing;

static void add_wallet(void *ctx, const csigd_wallet *wallet)
{
    listing *l = ctx;

    memcpy(l->last, wallet->id, sizeof l->last);
    l->n++;
    if (csigd_caller_has_wallet(l->caller, wallet))
        csigd_json_append(l->wallets, csigd_json_wallet(l->service, wallet));
}

static bool wallet_is_named_before(const csigd_key_row *key, size_t i)
{
    for (size_t j = 0; j < i; j++) {
        if (memcmp(key->wallets[i], key->wallets[j], sizeof key->wallets[i]) == 0) return true;
    }
    return false;
}

/* Those of a key that names them. */
static csigd_stored list_named(listing *l)
{
    const csigd_key_row *key = &l->caller->key;
    csigd_store *store = l->service->store;
    bool begun = l->look.after == NULL;

    for (size_t i = 0; i < key->n_wallets && l->n < l->look.n; i++) {
        csigd_stored stored;
        csigd_wallet w;

        if (wallet_is_named_before(key, i)) continue;
        if (!begun) {
            begun = memcmp(l->look.after, key->wallets[i], sizeof key->wallets[i]) == 0;
            continue;
        }
        stored = store->wallet_get(store, key->wallets[i],
                                   csigd_primes_generation(l->service->primes), &w);
        if (stored == CSIGD_STORED && w.state == CSIGD_ACTIVE && !w.rehearsal) add_wallet(l, &w);
        if (stored != CSIGD_STORED && stored != CSIGD_STORE_NONE) return stored;
    }
    return begun ? CSIGD_STORED : CSIGD_STORE_NONE;
}

static csigd_stored list_all(listing *l)
{
    const csigd_key_row *key = l->caller != NULL ? &l->caller->key : NULL;
    csigd_store *store = l->service->store;

    if (key != NULL && key->n_wallets > 0) return list_named(l);
    l->look.device = key != NULL && key->has_device ? key->device : NULL;
    return store->wallet_list(store, csigd_primes_generation(l->service->primes), &l->look,
                              add_wallet, l);
}

/* What is not the caller's is looked at and passed over: a page may have fewer, and still a next.
 */
csigd_reply csigd_wallet_list(const csigd_call *call)
{
    listing l = {.service = call->service, .caller = call->caller};
    uint8_t after[CSIGD_ID_BYTES];
    csigd_json *body;
    csigd_problem why;
    csigd_stored stored = CSIGD_STORE_NONE;

    l.wallets = csigd_json_list();
    if (csigd_call_has_look(call, &l.look, after, sizeof after)) stored = list_all(&l);
    body = csigd_json_object();
    csigd_json_put(body, "wallets", l.wallets);
    if (l.n == l.look.n) csigd_json_hex(body, "next", l.last, sizeof l.last);
    if (stored == CSIGD_STORED) return csigd_reply_value(200, body);
    csigd_json_free(body);
    if (stored != CSIGD_STORE_NONE) return csigd_reply_code(csigd_code_of_store(stored));
    csigd_problem_field(&why, CSIGD_BAD_REQUEST, "after");
    return csigd_reply_problem(&why);
}

/* A key generation that came to nothing stays so: its wallet's row is gone, and only that row can
 * be born. A client deletes its pending share on our signature alone, never on a status. */
csigd_reply csigd_reply_unborn(const csigd_service *s, const uint8_t *wallet)
{
    uint8_t signature[64];
    csigd_problem why;

    csigd_problem_set(&why, CSIGD_NOT_FOUND);
    if (csig_identity_sign(s->identity, "unborn", wallet, CSIGD_ID_BYTES, signature) == CSIG_OK)
        csigd_hex_write(why.unborn, signature, sizeof signature);
    return csigd_reply_problem(&why);
}

csigd_reply csigd_wallet_show(const csigd_call *call)
{
    const csigd_service *s = call->service;
    csigd_wallet wallet;
    csigd_json *body;
    const csigd_stored stored =
        s->store->wallet_get(s->store, call->id, csigd_primes_generation(s->primes), &wallet);

    if (stored == CSIGD_STORE_NONE) return csigd_reply_unborn(s, call->id);
    if (stored != CSIGD_STORED) return csigd_reply_code(csigd_code_of_store(stored));
    body = csigd_json_wallet(s, &wallet);
    csigd_json_wanted(body, call, call->id);
    return csigd_reply_value(200, body);
}

/* --- throw away --- */

csigd_reply csigd_wallet_delete(const csigd_call *call)
{
    csigd_store *store = call->service->store;
    const csigd_stored stored = store->rehearsal_drop(store, call->id);

    if (stored == CSIGD_STORE_NONE) return csigd_reply_unborn(call->service, call->id);
    if (stored != CSIGD_STORED) return csigd_reply_code(csigd_code_of_store(stored));
    return (csigd_reply){.status = 204};
}

/* --- unlock --- */

typedef struct unlock_wish {
    uint8_t device[CSIG_IDENTITY_BYTES];
} unlock_wish;

static const csigd_json_field unlock_fields[] = {
    {"device", CSIGD_JSON_HEX, CSIGD_AT(unlock_wish, device)},
};

csigd_reply csigd_wallet_unlock(const csigd_call *call)
{
    csigd_problem why;
    unlock_wish wish;
    csigd_json *body;
    csigd_code code =
        csigd_json_parse(&wish, CSIGD_TABLE(unlock_fields), call->body, call->len, &why);

    if (code == CSIGD_OK) code = csigd_unlock(call->service, call->id, wish.device, &why);
    if (code != CSIGD_OK) return csigd_reply_problem(&why);
    body = csigd_json_object();
    csigd_json_hex(body, "device", wish.device, sizeof wish.device);
    csigd_json_hex(body, "wallet", call->id, CSIGD_ID_BYTES);
    csigd_json_bool(body, "unlocked", true);
    return csigd_reply_value(200, body);
}
