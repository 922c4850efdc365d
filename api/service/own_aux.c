#include "service/own_aux.h"

#include <stdlib.h>

#include "log.h"

typedef struct entry entry;
struct entry {
    entry *next;
    csig_aux *aux;
    unsigned users;
    bool dropped; /* gone from the store: nobody new */
};

struct csigd_own {
    const csigd_service *service;
    csigd_mutex *lock;
    entry *first; /* newest first */
};

csigd_own *csigd_own_new(const csigd_service *service)
{
    csigd_own *own = calloc(1, sizeof *own);

    if (own == NULL) return NULL;
    own->service = service;
    own->lock = csigd_mutex_new();
    if (own->lock != NULL) return own;
    free(own);
    return NULL;
}

static void entry_free(entry *e)
{
    csig_aux_free(e->aux);
    free(e);
}

void csigd_own_free(csigd_own *own)
{
    if (own == NULL) return;
    for (entry *e = own->first, *next; e != NULL; e = next) {
        next = e->next;
        entry_free(e);
    }
    csigd_mutex_free(own->lock);
    free(own);
}

/* --- into memory --- */

static csig_err open_one(csigd_own *own, csigd_own_aux *row, entry **at)
{
    entry *e = calloc(1, sizeof *e);
    const csig_err err =
        e == NULL
            ? CSIG_E_MEMORY
            : csig_aux_import(&e->aux, csigd_vault_sealer(own->service->vault, CSIGD_SEAL_AUX),
                              row->sealed.p, row->sealed.len);

    csigd_blob_free(&row->sealed);
    if (err == CSIG_OK)
        *at = e;
    else
        free(e);
    return err;
}

csig_err csigd_own_load(csigd_own *own)
{
    csigd_store *store = own->service->store;
    csigd_own_aux row;
    entry **at = &own->first;
    csigd_stored stored = store->aux_get(store, &row);

    while (stored == CSIGD_STORED) {
        const uint64_t generation = row.generation;
        const csig_err err = open_one(own, &row, at);

        if (err != CSIG_OK) return err;
        at = &(*at)->next;
        stored = store->aux_before(store, generation, &row);
    }
    return stored == CSIGD_STORE_NONE ? CSIG_OK : CSIG_E_HOST;
}

static csig_err export_aux(const void *aux, const csig_sealer *sealer, uint8_t *out, size_t *len)
{
    return csig_aux_export(aux, sealer, out, len);
}

csigd_stored csigd_own_put(csigd_own *own, csig_aux *aux)
{
    const csigd_service *service = own->service;
    csigd_own_aux row = {.generation = csig_aux_generation(aux)};
    entry *e = calloc(1, sizeof *e);
    csigd_stored stored = CSIGD_STORE_FAILED;

    if (e != NULL && csigd_export(&row.sealed, export_aux, aux,
                                  csigd_vault_sealer(service->vault, CSIGD_SEAL_AUX)) == CSIG_OK)
        stored = service->store->aux_put(service->store, &row);
    csigd_blob_free(&row.sealed);
    if (stored != CSIGD_STORED) {
        free(e);
        return stored;
    }
    e->aux = aux;
    csigd_mutex_lock(own->lock);
    e->next = own->first;
    own->first = e;
    csigd_mutex_unlock(own->lock);
    return CSIGD_STORED;
}

/* --- who uses it --- */

static uint64_t generation_at(csigd_own *own, bool older)
{
    uint64_t generation = 0;

    csigd_mutex_lock(own->lock);
    for (const entry *e = own->first; e != NULL && generation == 0; e = e->next) {
        if (!e->dropped && !(older && e == own->first)) generation = csig_aux_generation(e->aux);
    }
    csigd_mutex_unlock(own->lock);
    return generation;
}

uint64_t csigd_own_newest(csigd_own *own)
{
    return generation_at(own, false);
}

uint64_t csigd_own_older(csigd_own *own)
{
    return generation_at(own, true);
}

const csig_aux *csigd_own_acquire(csigd_own *own, uint64_t generation)
{
    const csig_aux *aux = NULL;

    csigd_mutex_lock(own->lock);
    for (entry *e = own->first; e != NULL; e = e->next) {
        if (e->dropped || csig_aux_generation(e->aux) != generation) continue;
        e->users++;
        aux = e->aux;
    }
    csigd_mutex_unlock(own->lock);
    return aux;
}

/* What is dropped and used by nobody. Under the lock. */
static void trim(csigd_own *own)
{
    for (entry **at = &own->first; *at != NULL;) {
        entry *e = *at;

        if (!e->dropped || e->users > 0) {
            at = &e->next;
            continue;
        }
        *at = e->next;
        csigd_log_line(CSIGD_AUDIT, "auxiliary info wiped",
                       CSIGD_NUMBER("generation", csig_aux_generation(e->aux)));
        entry_free(e);
    }
}

void csigd_own_release(csigd_own *own, const csig_aux *aux)
{
    if (aux == NULL) return;
    csigd_mutex_lock(own->lock);
    for (entry *e = own->first; e != NULL; e = e->next) {
        if (e->aux == aux) e->users--;
    }
    trim(own);
    csigd_mutex_unlock(own->lock);
}

csigd_stored csigd_own_drop(csigd_own *own, uint64_t generation, bool anyway)
{
    csigd_store *store = own->service->store;
    const csigd_stored stored = store->aux_drop(store, generation, anyway);

    if (stored != CSIGD_STORED) return stored;
    csigd_mutex_lock(own->lock);
    for (entry *e = own->first; e != NULL; e = e->next)
        e->dropped = e->dropped || csig_aux_generation(e->aux) == generation;
    trim(own);
    csigd_mutex_unlock(own->lock);
    return CSIGD_STORED;
}
