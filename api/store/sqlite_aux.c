/* Generations of own auxiliary info, and which devices are paired with which. */
#include "store/sqlite.h"

/* --- what there is --- */

static bool aux_read(sqlite3_stmt *stmt, void *out)
{
    csigd_own_aux *aux = out;

    aux->generation = (uint64_t)sqlite3_column_int64(stmt, 0);
    return csigd_column_is_blob(stmt, 1, &aux->sealed);
}

static csigd_stored aux_before(csigd_store *s, uint64_t generation, csigd_own_aux *aux)
{
    return csigd_sql_fetch(s->medium,
                           "SELECT generation, sealed FROM own_aux WHERE generation < ?1 "
                           "ORDER BY generation DESC LIMIT 1",
                           CSIGD_VALUES(CSIGD_INT(generation)), aux_read, aux);
}

/* --- pairings --- */

static csigd_stored are_paired(csigd_medium *m, uint64_t own,
                               const uint8_t (*devices)[CSIG_IDENTITY_BYTES], size_t n, bool *all)
{
    *all = true;
    for (size_t i = 0; i < n && *all; i++) {
        int64_t there = 0;

        CSIGD_STORE_TRY(csigd_sql_number(
            m, &there, "SELECT count(*) FROM peers WHERE device = ?1 AND own_generation = ?2",
            CSIGD_VALUES(CSIGD_BYTES(devices[i], CSIG_IDENTITY_BYTES), CSIGD_INT(own))));
        *all = there > 0;
    }
    return CSIGD_STORED;
}

static csigd_stored choose(csigd_medium *m, const uint8_t (*devices)[CSIG_IDENTITY_BYTES], size_t n,
                           uint64_t *generation)
{
    int64_t own = INT64_MAX;
    bool all = false;

    while (!all) {
        int64_t below = 0;

        CSIGD_STORE_TRY(csigd_sql_number(
            m, &below, "SELECT coalesce(max(generation), 0) FROM own_aux WHERE generation < ?1",
            CSIGD_VALUES(CSIGD_INT(own))));
        if (below == 0) return CSIGD_STORE_NONE;
        own = below;
        CSIGD_STORE_TRY(are_paired(m, (uint64_t)own, devices, n, &all));
    }
    *generation = (uint64_t)own;
    return CSIGD_STORED;
}

static csigd_stored aux_choose(csigd_store *s, const uint8_t (*devices)[CSIG_IDENTITY_BYTES],
                               size_t n, uint64_t *generation)
{
    csigd_medium *m = s->medium;
    csigd_stored result;

    csigd_sql_lock(m);
    result = choose(m, devices, n, generation);
    csigd_sql_unlock(m);
    return result;
}

/* A device that never had a pairing has nothing to lose and waits for nothing. Only who has an
 * older one is looked at, and after a rotation that is nobody. */
static csigd_stored count_to_come(csigd_medium *m, uint64_t generation, uint64_t *devices)
{
    int64_t number = 0;

    CSIGD_STORE_TRY(
        csigd_sql_number(m, &number,
                         "SELECT count(DISTINCT o.device) FROM peers AS o "
                         "WHERE o.own_generation < ?1 "
                         "AND NOT EXISTS (SELECT 1 FROM peers AS p WHERE p.device = o.device "
                         "AND p.own_generation = ?1) "
                         "AND EXISTS (SELECT 1 FROM wallet_devices AS d JOIN wallets AS w "
                         "ON w.id = d.wallet AND w.state = 2 AND w.rehearsal = 0 "
                         "WHERE d.device = o.device)",
                         CSIGD_VALUES(CSIGD_INT(generation))));
    *devices = (uint64_t)number;
    return CSIGD_STORED;
}

static csigd_stored aux_to_come(csigd_store *s, uint64_t generation, uint64_t *devices)
{
    csigd_medium *m = ((csigd_medium *)s->medium)->counter;
    csigd_stored result;

    csigd_sql_lock(m);
    result = count_to_come(m, generation, devices);
    csigd_sql_unlock(m);
    return result;
}

static csigd_stored device_generation(csigd_store *s, const uint8_t *device, uint64_t *generation)
{
    csigd_medium *m = s->medium;
    int64_t number = 0;
    csigd_stored result;

    csigd_sql_lock(m);
    result = csigd_sql_number(m, &number,
                              "SELECT coalesce(max(generation), 0) FROM peers WHERE device = ?1",
                              CSIGD_VALUES(CSIGD_BYTES(device, CSIG_IDENTITY_BYTES)));
    csigd_sql_unlock(m);
    *generation = (uint64_t)number;
    return result;
}

/* --- the end of one --- */

static csigd_stored drop(csigd_medium *m, uint64_t generation, bool anyway)
{
    const csigd_value self = CSIGD_INT(generation);
    int64_t newest = 0;
    uint64_t devices = 0;

    CSIGD_STORE_TRY(
        csigd_sql_number(m, &newest, "SELECT coalesce(max(generation), 0) FROM own_aux", NULL, 0));
    if ((uint64_t)newest == generation) return CSIGD_STORE_CONFLICT;
    if (!anyway) CSIGD_STORE_TRY(count_to_come(m, (uint64_t)newest, &devices));
    if (devices > 0) return CSIGD_STORE_CONFLICT;
    CSIGD_STORE_TRY(csigd_sql_run(m, "DELETE FROM own_aux WHERE generation = ?1", &self, 1));
    if (csigd_sql_changed(m) != 1) return CSIGD_STORE_NONE;
    /* A pairing of somebody who has not come by stays: it says which generation of his own he
     * showed last. */
    CSIGD_STORE_TRY(csigd_sql_run(m,
                                  "DELETE FROM peers WHERE own_generation = ?1 AND EXISTS "
                                  "(SELECT 1 FROM peers AS p WHERE p.device = peers.device "
                                  "AND p.own_generation > ?1)",
                                  &self, 1));
    return csigd_sqlite_audit_line(m, "aux.destroyed", CSIGD_OF_NOTHING,
                                   CSIGD_NUMBER("generation", generation));
}

static csigd_stored aux_drop(csigd_store *s, uint64_t generation, bool anyway)
{
    csigd_medium *m = s->medium;
    csigd_stored result;

    CSIGD_STORE_TRY(csigd_sql_begin(m));
    result = csigd_sql_end(m, drop(m, generation, anyway));
    if (result == CSIGD_STORED) csigd_sqlite_forget(m);
    return result;
}

void csigd_sqlite_aux(csigd_store *s)
{
    s->aux_before = aux_before;
    s->aux_choose = aux_choose;
    s->aux_to_come = aux_to_come;
    s->aux_drop = aux_drop;
    s->device_generation = device_generation;
}
