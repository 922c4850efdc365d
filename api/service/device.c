#include "service/device.h"

#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "http/json.h"
#include "log.h"

/* Peers kept unsealed without being in use: about half a megabyte each with their tables. */
#define KEPT_MAX 64

/* --- enrolment --- */

csigd_code csigd_device_check(const csigd_service *service, const csigd_enrolment *enrolment,
                              csigd_device *device, csigd_problem *why)
{
    const size_t name_len = strlen(enrolment->name);
    uint8_t statement[CSIG_IDENTITY_BYTES + CSIGD_NAME_BYTES];
    csig_err err;

    memcpy(statement, enrolment->identity, CSIG_IDENTITY_BYTES);
    memcpy(statement + CSIG_IDENTITY_BYTES, enrolment->name, name_len);
    err = csig_identity_verify(enrolment->identity, "enrol", statement,
                               CSIG_IDENTITY_BYTES + name_len, enrolment->signature);
    if (err != CSIG_OK) return csigd_problem_err(why, err);
    if (memcmp(enrolment->identity, service->identity_pub, CSIG_IDENTITY_BYTES) == 0)
        return csigd_problem_field(why, CSIGD_BAD_REQUEST, "identity");

    *device = (csigd_device){.created = csigd_clock_now()};
    memcpy(device->identity, enrolment->identity, sizeof device->identity);
    memcpy(device->name, enrolment->name, name_len + 1);
    return CSIGD_OK;
}

csigd_code csigd_device_enrol(const csigd_service *service, const csigd_enrolment *enrolment,
                              csigd_device *device, uint8_t signature[64], bool *fresh,
                              csigd_problem *why)
{
    uint8_t both[2 * CSIG_IDENTITY_BYTES];
    csigd_stored stored;
    csig_err err;
    const csigd_code code = csigd_device_check(service, enrolment, device, why);

    if (code != CSIGD_OK) return code;
    stored = service->store->device_put(service->store, device);
    *fresh = stored == CSIGD_STORED;
    if (stored == CSIGD_STORE_CONFLICT)
        stored = service->store->device_get(service->store, enrolment->identity, device);
    if (stored != CSIGD_STORED) return csigd_problem_set(why, csigd_code_of_store(stored));

    memcpy(both, device->identity, CSIG_IDENTITY_BYTES);
    memcpy(both + CSIG_IDENTITY_BYTES, service->identity_pub, CSIG_IDENTITY_BYTES);
    err = csig_identity_sign(service->identity, "enrolled", both, sizeof both, signature);
    return err == CSIG_OK ? CSIGD_OK : csigd_problem_err(why, err);
}

csigd_code csigd_device_generation(const csigd_service *service, const uint8_t *device,
                                   uint64_t *generation, csigd_problem *why)
{
    const csigd_stored stored =
        service->store->device_generation(service->store, device, generation);

    return stored == CSIGD_STORED ? CSIGD_OK : csigd_problem_set(why, csigd_code_of_store(stored));
}

/* --- peers in use --- */

typedef struct entry entry;
struct entry {
    entry *next;
    csig_peer *peer;
    uint8_t device[CSIG_IDENTITY_BYTES];
    uint64_t own_generation;
    unsigned users;
    bool seasoned; /* was used before */
    bool prepared;
    bool stale;
};

struct csigd_peers {
    csigd_mutex *lock;
    entry *first; /* most recently used first */
};

csigd_peers *csigd_peers_new(void)
{
    csigd_peers *peers = calloc(1, sizeof *peers);

    if (peers == NULL) return NULL;
    peers->lock = csigd_mutex_new();
    if (peers->lock != NULL) return peers;
    free(peers);
    return NULL;
}

static void entry_free(entry *e)
{
    if (e == NULL) return;
    csig_peer_free(e->peer);
    free(e);
}

void csigd_peers_free(csigd_peers *peers)
{
    if (peers == NULL) return;
    for (entry *e = peers->first, *next; e != NULL; e = next) {
        next = e->next;
        entry_free(e);
    }
    csigd_mutex_free(peers->lock);
    free(peers);
}

/* Drop what is stale or too much, of those nobody uses. Under the lock. */
static void trim(csigd_peers *peers)
{
    size_t kept = 0;

    for (entry **at = &peers->first; *at != NULL;) {
        entry *e = *at;

        if (e->users == 0 && (e->stale || kept >= KEPT_MAX)) {
            *at = e->next;
            entry_free(e);
            continue;
        }
        kept++;
        at = &e->next;
    }
}

/* Found ones move to the front. Under the lock. */
static entry *find(csigd_peers *peers, const uint8_t *device, uint64_t own_generation)
{
    for (entry **at = &peers->first; *at != NULL; at = &(*at)->next) {
        entry *e = *at;

        if (e->stale || e->own_generation != own_generation ||
            memcmp(e->device, device, CSIG_IDENTITY_BYTES) != 0)
            continue;
        *at = e->next;
        e->next = peers->first;
        peers->first = e;
        return e;
    }
    return NULL;
}

static csigd_code missing(const uint8_t *device, csigd_problem *why)
{
    char name[2 * CSIG_IDENTITY_BYTES + 1];

    csigd_hex_write(name, device, CSIG_IDENTITY_BYTES);
    return csigd_problem_field(why, CSIGD_AUX_MISSING, name);
}

static csigd_code load(const csigd_service *service, const uint8_t *device, uint64_t own_generation,
                       entry **loaded, csigd_problem *why)
{
    csigd_peer_row row;
    const csigd_stored stored =
        service->store->peer_get(service->store, device, own_generation, &row);
    entry *e;
    csig_err err;

    if (stored == CSIGD_STORE_NONE) return missing(device, why);
    if (stored != CSIGD_STORED) return csigd_problem_set(why, CSIGD_STORE_UNAVAILABLE);
    if (row.own_generation != own_generation) {
        csigd_blob_free(&row.sealed);
        return missing(device, why);
    }
    e = calloc(1, sizeof *e);
    err = e == NULL
              ? CSIG_E_MEMORY
              : csig_peer_import(&e->peer, csigd_vault_sealer(service->vault, CSIGD_SEAL_PEER),
                                 row.sealed.p, row.sealed.len);
    csigd_blob_free(&row.sealed);
    if (err != CSIG_OK) {
        free(e);
        csigd_log_line(CSIGD_ERROR, "stored peer does not open",
                       CSIGD_TEXT("error", csig_err_name(err)),
                       CSIGD_HEX("device", device, CSIG_IDENTITY_BYTES));
        return csigd_problem_own(why, err);
    }
    memcpy(e->device, device, CSIG_IDENTITY_BYTES);
    e->own_generation = own_generation;
    *loaded = e;
    return CSIGD_OK;
}

csigd_code csigd_peer_acquire(const csigd_service *service, const uint8_t *device, uint64_t own,
                              const csig_peer **peer, csigd_problem *why)
{
    csigd_peers *peers = service->peers;
    csigd_code code = CSIGD_OK;
    entry *e;

    csigd_mutex_lock(peers->lock);
    e = find(peers, device, own);
    if (e == NULL) {
        code = load(service, device, own, &e, why);
        if (code == CSIGD_OK) {
            e->next = peers->first;
            peers->first = e;
        }
    } else if (e->seasoned && !e->prepared && e->users == 0) {
        /* Nobody else looks at it now. Without tables it works as well, only slower. */
        e->prepared = csig_peer_prepare(e->peer) == CSIG_OK;
    }
    if (code == CSIGD_OK) {
        e->users++;
        e->seasoned = true;
        *peer = e->peer;
    }
    trim(peers);
    csigd_mutex_unlock(peers->lock);
    return code;
}

void csigd_peer_release(const csigd_service *service, const csig_peer *peer)
{
    csigd_peers *peers = service->peers;

    if (peer == NULL) return;
    csigd_mutex_lock(peers->lock);
    for (entry *e = peers->first; e != NULL; e = e->next) {
        if (e->peer == peer) e->users--;
    }
    trim(peers);
    csigd_mutex_unlock(peers->lock);
}

void csigd_peer_forget(const csigd_service *service, const uint8_t *device)
{
    csigd_peers *peers = service->peers;

    csigd_mutex_lock(peers->lock);
    for (entry *e = peers->first; e != NULL; e = e->next) {
        if (memcmp(e->device, device, CSIG_IDENTITY_BYTES) == 0) e->stale = true;
    }
    trim(peers);
    csigd_mutex_unlock(peers->lock);
}
