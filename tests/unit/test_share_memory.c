/* Whatever allocates in src/share, without memory: CSIG_E_MEMORY, and nothing is left behind.
 * Linked with wrapped allocators: each allocation fails once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "countersign/aux.h"
#include "countersign/backup.h"
#include "support/deal.h"
#include "support/devices.h"
#include "support/parcels.h"

static struct {
    unsigned made, fail_at; /* the fail_at-th fails; 0: none */
    int live;
} account;

void *__real_csig_public_alloc(size_t len);
void *__real_csig_secret_alloc(size_t len);
void __real_csig_public_free(void *p);
void __real_csig_secret_free(void *p);
void *__wrap_csig_public_alloc(size_t len);
void *__wrap_csig_secret_alloc(size_t len);
void __wrap_csig_public_free(void *p);
void __wrap_csig_secret_free(void *p);

static bool is_refused(void)
{
    account.made++;
    if (account.made == account.fail_at) return true;
    account.live++;
    return false;
}

void *__wrap_csig_public_alloc(size_t len)
{
    return is_refused() ? NULL : __real_csig_public_alloc(len);
}

void *__wrap_csig_secret_alloc(size_t len)
{
    return is_refused() ? NULL : __real_csig_secret_alloc(len);
}

void __wrap_csig_public_free(void *p)
{
    if (p != NULL) account.live--;
    __real_csig_public_free(p);
}

void __wrap_csig_secret_free(void *p)
{
    if (p != NULL) account.live--;
    __real_csig_secret_free(p);
}

/* --- what is tried: from what was sealed and made before --- */

#define ROOM (200 * 1000)

static const uint8_t key[32] = {7};

typedef struct octets {
    uint8_t *p;
    size_t len;
} octets;

static csig_sealer sealer;
static csig_identity *id[2];
static csig_share *share[2];
static octets sealed_id, sealed_share, sealed_primes, sealed_aux, sealed_peer, room;
static csig_peer peer;
static uint8_t backup[CSIG_BACKUP_BYTES];
static csig_aux *aux;
static csig_recovery *recovery;
static uint8_t epoch[CSIG_EPOCH_BYTES], escrows[PARCELS * CSIG_ESCROW_BYTES], recovery_key[32];
static const csig_recovery_case asked = {epoch, 2, recovery_key, escrows, PARCELS};

static csig_err identity_new(void)
{
    csig_identity *made;
    const csig_err err = csig_identity_new(&made);

    csig_identity_free(made);
    return err;
}

static csig_err identity_import(void)
{
    csig_identity *made;
    const csig_err err = csig_identity_import(&made, &sealer, sealed_id.p, sealed_id.len);

    csig_identity_free(made);
    return err;
}

static csig_err share_export(void)
{
    size_t len = room.len;

    return csig_share_export(share[0], &sealer, room.p, &len);
}

static csig_err share_import(void)
{
    csig_share *made;
    const csig_err err = csig_share_import(&made, &sealer, sealed_share.p, sealed_share.len);

    csig_share_free(made);
    return err;
}

static csig_err primes_export(void)
{
    csig_primes *p;
    size_t len = room.len;
    csig_err err = csig_primes_new(&p);

    if (err == CSIG_OK) err = csig_primes_export(p, &sealer, room.p, &len);
    csig_primes_free(p);
    return err;
}

/* Imported and taken up again; the next search begins, as after a prime was found. */
static csig_err primes_go_on(void)
{
    csig_primes *p;
    int done;
    csig_err err = csig_primes_import(&p, &sealer, sealed_primes.p, sealed_primes.len);

    if (err == CSIG_OK) {
        csig_prime_search_free(p->search);
        p->search = NULL;
        err = csig_primes_step(p, 1, NULL, NULL, &done);
    }
    csig_primes_free(p);
    return err;
}

/* The search is used up in any case. */
static csig_err aux_new(void)
{
    const unsigned fail_at = account.fail_at, made = account.made;
    csig_primes *p;
    csig_aux *fresh;
    csig_err err;

    account.fail_at = 0;
    p = devices_primes(0);
    account.fail_at = fail_at;
    account.made = made;
    err = csig_aux_new(&fresh, p, id[0], 1, NULL);
    csig_aux_free(fresh);
    return err;
}

static csig_err aux_export(void)
{
    size_t len = room.len;

    return csig_aux_export(aux, &sealer, room.p, &len);
}

static csig_err aux_import(void)
{
    csig_aux *made;
    const csig_err err = csig_aux_import(&made, &sealer, sealed_aux.p, sealed_aux.len);

    csig_aux_free(made);
    return err;
}

static csig_err peer_import(void)
{
    csig_peer *made;
    csig_err err = csig_peer_import(&made, &sealer, sealed_peer.p, sealed_peer.len);

    if (err == CSIG_OK) err = csig_peer_prepare(made);
    csig_peer_free(made);
    return err;
}

static csig_backup_params backup_params(void)
{
    return (csig_backup_params){
        .share = share[0],
        .identity = id[0],
        .label = "wallet",
        .passphrase = key,
        .passphrase_len = sizeof key,
        .ops = 1,
        .memory = CSIG_BACKUP_MEMORY_LEAST,
    };
}

static csig_err backup_make(void)
{
    const csig_backup_params p = backup_params();

    return csig_backup_make(room.p, &p);
}

static csig_err backup_open(void)
{
    csig_share *opened;
    csig_identity *owner;
    const csig_err err = csig_backup_open(backup, sizeof backup, key, sizeof key, &opened, &owner);

    assert_true((err == CSIG_OK) == (opened != NULL) && (err == CSIG_OK) == (owner != NULL));
    csig_share_free(opened);
    csig_identity_free(owner);
    return err;
}

static csig_err recovery_new(void)
{
    csig_recovery *made;
    const csig_err err = csig_recovery_new(&made);

    csig_recovery_free(made);
    return err;
}

/* Sealed and opened. */
static csig_err recovery_rest(void)
{
    csig_recovery *made = NULL;
    size_t len = room.len;
    csig_err err = csig_recovery_export(recovery, &sealer, room.p, &len);

    if (err == CSIG_OK) err = csig_recovery_import(&made, &sealer, room.p, len);
    csig_recovery_free(made);
    return err;
}

static csig_err recovery_share(void)
{
    csig_share *made;
    const csig_err err = csig_recovery_share(recovery, &asked, &made, NULL);

    csig_share_free(made);
    return err;
}

static void every_allocation_may_fail(void **state)
{
    static csig_err (*const tries[])(void) = {
        identity_new, identity_import, share_export, share_import,  primes_export,
        primes_go_on, aux_new,         aux_export,   aux_import,    peer_import,
        backup_make,  backup_open,     recovery_new, recovery_rest, recovery_share,
    };

    (void)state;
    for (size_t i = 0; i < CSIG_ARRAY_LEN(tries); i++) {
        const int live = account.live;
        csig_err err = CSIG_E_MEMORY;
        unsigned k;

        for (k = 1; err != CSIG_OK; k++) {
            account.made = 0;
            account.fail_at = k;
            err = tries[i]();
            assert_int_equal(err, account.made < k ? CSIG_OK : CSIG_E_MEMORY);
            assert_int_equal(account.live, live);
        }
        account.fail_at = 0;
        assert_in_range(k, 3, 30);
    }
}

/* The len octets in `room`. */
static octets keep(csig_err err, size_t len)
{
    const octets o = {malloc(len), len};

    assert_int_equal(err, CSIG_OK);
    assert_non_null(o.p);
    memcpy(o.p, room.p, len);
    return o;
}

static void seal_all(void)
{
    static csig_parcel parcel[PARCELS];
    csig_primes *p = devices_primes(0);
    const csig_backup_params p_backup = backup_params();
    size_t len[5] = {ROOM, ROOM, ROOM, ROOM, ROOM};
    csig_err err;

    p->found = 3;
    err = csig_primes_export(p, &sealer, room.p, &len[0]);
    sealed_primes = keep(err, len[0]);
    csig_primes_free(p);
    err = csig_identity_export(id[0], &sealer, room.p, &len[1]);
    sealed_id = keep(err, len[1]);
    err = csig_share_export(share[0], &sealer, room.p, &len[2]);
    sealed_share = keep(err, len[2]);
    err = csig_aux_export(aux, &sealer, room.p, &len[3]);
    sealed_aux = keep(err, len[3]);
    err = csig_peer_export(&peer, &sealer, room.p, &len[4]);
    sealed_peer = keep(err, len[4]);
    assert_int_equal(csig_backup_make(backup, &p_backup), CSIG_OK);
    assert_int_equal(csig_recovery_new(&recovery), CSIG_OK);
    csig_recovery_public(recovery, recovery_key);
    assert_int_equal(csig_share_epoch(share[1], epoch), CSIG_OK);
    parcels_make(parcel, share[1], recovery);
    parcels_write(escrows, parcel, PARCELS);
}

static int setup(void **state)
{
    (void)state;
    sealer = csig_sealer_from_key(key);
    room = (octets){malloc(ROOM), ROOM};
    assert_non_null(room.p);
    deal_identities(id, 2);
    deal_shares(share, id, 2, 2);
    aux = devices_aux(0, id[0], 1);
    assert_int_equal(csig_peer_init(&peer, &aux->pub, aux->pub.id), CSIG_OK);
    seal_all();
    return 0;
}

static int teardown(void **state)
{
    const octets all[] = {sealed_id, sealed_share, sealed_primes, sealed_aux, sealed_peer, room};

    (void)state;
    for (size_t i = 0; i < CSIG_ARRAY_LEN(all); i++)
        free(all[i].p);
    for (int i = 0; i < 2; i++) {
        csig_identity_free(id[i]);
        csig_share_free(share[i]);
    }
    csig_aux_free(aux);
    csig_recovery_free(recovery);
    return account.live;
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_allocation_may_fail)};

    return cmocka_run_group_tests(tests, setup, teardown);
}
