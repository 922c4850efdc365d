/* What belongs to the daemon itself and to the devices it knows. */
#include "store/sqlite.h"

/* --- the daemon --- */

static bool boot_read(sqlite3_stmt *stmt, void *out)
{
    csigd_boot *boot = out;

    if (!csigd_column_is_blob(stmt, 0, &boot->wrap)) return false;
    if (csigd_column_is_blob(stmt, 1, &boot->identity)) return true;
    csigd_blob_free(&boot->wrap);
    return false;
}

static csigd_stored boot_get(csigd_store *s, csigd_boot *boot)
{
    return csigd_sql_fetch(s->medium, "SELECT wrap, identity FROM boot", NULL, 0, boot_read, boot);
}

static csigd_stored boot_put(csigd_store *s, const csigd_boot *boot)
{
    return csigd_sql_write(s->medium,
                           "INSERT INTO boot (one, wrap, identity) VALUES (1, ?1, ?2) "
                           "ON CONFLICT DO NOTHING",
                           CSIGD_VALUES(CSIGD_BYTES(boot->wrap.p, boot->wrap.len),
                                        CSIGD_BYTES(boot->identity.p, boot->identity.len)));
}

static bool aux_read(sqlite3_stmt *stmt, void *out)
{
    csigd_own_aux *aux = out;

    aux->generation = (uint64_t)sqlite3_column_int64(stmt, 0);
    return csigd_column_is_blob(stmt, 1, &aux->sealed);
}

static csigd_stored aux_get(csigd_store *s, csigd_own_aux *aux)
{
    return csigd_sql_fetch(
        s->medium, "SELECT generation, sealed FROM own_aux ORDER BY generation DESC LIMIT 1", NULL,
        0, aux_read, aux);
}

static csigd_stored aux_put(csigd_store *s, const csigd_own_aux *aux)
{
    csigd_medium *m = s->medium;
    csigd_stored result;

    CSIGD_STORE_TRY(csigd_sql_begin(m));
    result = csigd_sql_run(
        m,
        "INSERT INTO own_aux (generation, sealed) VALUES (?1, ?2) "
        "ON CONFLICT DO NOTHING",
        CSIGD_VALUES(CSIGD_INT(aux->generation), CSIGD_BYTES(aux->sealed.p, aux->sealed.len)));
    if (result == CSIGD_STORED && csigd_sql_changed(m) == 0) result = CSIGD_STORE_CONFLICT;
    if (result == CSIGD_STORED) result = csigd_sql_run(m, "DELETE FROM primes", NULL, 0);
    if (result == CSIGD_STORED)
        result = csigd_sqlite_audit_line(m, "aux.made", CSIGD_OF_NOTHING,
                                         CSIGD_NUMBER("generation", aux->generation));
    return csigd_sql_end(m, result);
}

static bool blob_read(sqlite3_stmt *stmt, void *out)
{
    return csigd_column_is_blob(stmt, 0, out);
}

static csigd_stored primes_get(csigd_store *s, csigd_blob *sealed)
{
    return csigd_sql_fetch(s->medium, "SELECT sealed FROM primes", NULL, 0, blob_read, sealed);
}

static csigd_stored primes_put(csigd_store *s, const csigd_blob *sealed)
{
    return csigd_sql_write(s->medium, "INSERT OR REPLACE INTO primes (one, sealed) VALUES (1, ?1)",
                           CSIGD_VALUES(CSIGD_BYTES(sealed->p, sealed->len)));
}

/* --- devices --- */

static bool device_read(sqlite3_stmt *stmt, void *out)
{
    csigd_device *device = out;

    device->created = sqlite3_column_int64(stmt, 2);
    return csigd_column_is_bytes(stmt, 0, device->identity, sizeof device->identity) &&
           csigd_column_is_text(stmt, 1, device->name, sizeof device->name);
}

static csigd_stored device_get(csigd_store *s, const uint8_t *identity, csigd_device *device)
{
    return csigd_sql_fetch(
        s->medium, "SELECT identity, name, created FROM devices WHERE identity = ?1",
        CSIGD_VALUES(CSIGD_BYTES(identity, CSIG_IDENTITY_BYTES)), device_read, device);
}

csigd_stored csigd_sqlite_enrolled(csigd_medium *m, const csigd_device *device)
{
    CSIGD_STORE_TRY(csigd_sqlite_standing_device(m, device->identity));
    return csigd_sqlite_audit_line(m, "device.enrolled", CSIGD_OF_NOTHING,
                                   CSIGD_HEX("device", device->identity, CSIG_IDENTITY_BYTES),
                                   CSIGD_TEXT("name", device->name));
}

static csigd_stored put_device(csigd_medium *m, const csigd_device *device)
{
    CSIGD_STORE_TRY(
        csigd_sql_run(m,
                      "INSERT INTO devices (identity, name, created) VALUES (?1, ?2, ?3) "
                      "ON CONFLICT DO NOTHING",
                      CSIGD_VALUES(CSIGD_BYTES(device->identity, sizeof device->identity),
                                   CSIGD_STRING(device->name), CSIGD_INT(device->created))));
    if (csigd_sql_changed(m) == 0) return CSIGD_STORE_CONFLICT;
    return csigd_sqlite_enrolled(m, device);
}

static csigd_stored device_put(csigd_store *s, const csigd_device *device)
{
    csigd_medium *m = s->medium;

    CSIGD_STORE_TRY(csigd_sql_begin(m));
    return csigd_sql_end(m, put_device(m, device));
}

static bool peer_read(sqlite3_stmt *stmt, void *out)
{
    csigd_peer_row *peer = out;

    peer->own_generation = (uint64_t)sqlite3_column_int64(stmt, 1);
    peer->generation = (uint64_t)sqlite3_column_int64(stmt, 2);
    return csigd_column_is_bytes(stmt, 0, peer->device, sizeof peer->device) &&
           csigd_column_is_bytes(stmt, 3, peer->aux_id, sizeof peer->aux_id) &&
           csigd_column_is_blob(stmt, 4, &peer->sealed);
}

static csigd_stored peer_get(csigd_store *s, const uint8_t *device, uint64_t own_generation,
                             csigd_peer_row *peer)
{
    return csigd_sql_fetch(
        s->medium,
        "SELECT device, own_generation, generation, aux_id, sealed FROM peers "
        "WHERE device = ?1 AND own_generation <= ?2 ORDER BY own_generation DESC LIMIT 1",
        CSIGD_VALUES(CSIGD_BYTES(device, CSIG_IDENTITY_BYTES), CSIGD_INT(own_generation)),
        peer_read, peer);
}

/* Sessions that are running keep their place in the count. A pair that never opened a session has
 * nothing to forget. */
static csigd_stored unlock_within(csigd_medium *m, const uint8_t *device)
{
    CSIGD_STORE_TRY(
        csigd_sql_run(m,
                      "UPDATE pairs SET locked = 0, reason = '', suspicions = 0, unfinished = "
                      "(SELECT count(*) FROM sessions JOIN session_devices ON session = id "
                      " WHERE state = 1 AND kind IN (3, 4, 6) AND device = ?1"
                      " AND sessions.own_generation = pairs.own_generation) WHERE device = ?1",
                      CSIGD_VALUES(CSIGD_BYTES(device, CSIG_IDENTITY_BYTES))));
    CSIGD_STORE_TRY(csigd_sqlite_standing_device(m, device));
    return csigd_sqlite_audit_line(m, "device.unlocked", CSIGD_OF_NOTHING,
                                   CSIGD_HEX("device", device, CSIG_IDENTITY_BYTES));
}

static csigd_stored pair_unlock(csigd_store *s, const uint8_t *device)
{
    csigd_medium *m = s->medium;

    CSIGD_STORE_TRY(csigd_sql_begin(m));
    return csigd_sql_end(m, unlock_within(m, device));
}

void csigd_sqlite_keys(csigd_store *s)
{
    s->boot_get = boot_get;
    s->boot_put = boot_put;
    s->aux_get = aux_get;
    s->aux_put = aux_put;
    s->primes_get = primes_get;
    s->primes_put = primes_put;
    s->device_get = device_get;
    s->device_put = device_put;
    s->peer_get = peer_get;
    s->pair_unlock = pair_unlock;
}
