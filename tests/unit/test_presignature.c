/* Halves at rest: names, commitments, sealed and opened again, and everything that is refused. */
#include "signer/presignature.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "crypto/header.h"
#include "crypto/sealed.h"
#include "support/halves.h"
#include "support/random.h"
#include "support/trap.h"

static const uint8_t key[32] = {3, 1, 4};
static csig_sealer sealer;
static csig_rng rng;
static halves h;
static uint8_t file[16384];

static int setup(void **state)
{
    (void)state;
    random_seed(12);
    csig_rng_init(&rng, NULL, NULL);
    sealer = csig_sealer_from_key(key);
    halves_deal(&h, 3, &rng);
    return 0;
}

static size_t seal(const csig_presig *half)
{
    size_t len = sizeof file;

    assert_int_equal(csig_presig_export(half, &sealer, file, &len), CSIG_OK);
    return len;
}

static void export_and_import(void **state)
{
    csig_presig *again = NULL;
    uint8_t id[CSIG_PRESIG_ID_BYTES], key_id[CSIG_KEY_ID_BYTES];
    uint64_t epoch;

    (void)state;
    for (uint16_t i = 0; i < h.n; i++) {
        h.half[i].epoch = 5;
        h.half[i].attempt = 2;
        csig_rng_bytes(&rng, "key id", h.half[i].key_id, sizeof h.half[i].key_id);
        csig_presig_name(&h.half[i]);
        const size_t len = seal(&h.half[i]);

        assert_int_equal(csig_presig_import(&again, &sealer, file, len), CSIG_OK);
        assert_memory_equal(again, &h.half[i], offsetof(csig_presig, Delta));
        assert_memory_equal(again->Delta, h.half[i].Delta, h.n * sizeof again->Delta[0]);
        assert_memory_equal(again->S, h.half[i].S, h.n * sizeof again->S[0]);
        assert_memory_equal(again->com, h.half[i].com, sizeof again->com);
        csig_presig_id(again, id);
        assert_memory_equal(id, h.half[i].id, sizeof id);
        csig_presig_key(again, key_id, &epoch);
        assert_memory_equal(key_id, h.half[i].key_id, sizeof key_id);
        assert_int_equal(epoch, 5);
        csig_presig_free(again);
    }
    csig_presig_free(NULL);
}

static void room(void **state)
{
    size_t len = 0, need;

    (void)state;
    assert_int_equal(csig_presig_export(&h.half[0], &sealer, NULL, &len), CSIG_E_BUFFER);
    need = len;
    assert_true(need <= sizeof file);
    len--;
    assert_int_equal(csig_presig_export(&h.half[0], &sealer, file, &len), CSIG_E_BUFFER);
    assert_int_equal(len, need);
    assert_int_equal(csig_presig_export(&h.half[0], &sealer, file, &len), CSIG_OK);
    assert_int_equal(csig_presig_export(NULL, &sealer, file, &len), CSIG_E_ARGUMENT);
    assert_int_equal(csig_presig_export(&h.half[0], NULL, file, &len), CSIG_E_ARGUMENT);
    assert_int_equal(csig_presig_export(&h.half[0], &sealer, file, NULL), CSIG_E_ARGUMENT);
}

static void refuses(const uint8_t *in, size_t len, csig_err err)
{
    csig_presig *half = &h.half[0];

    assert_int_equal(csig_presig_import(&half, &sealer, in, len), err);
    assert_null(half);
}

static void altered_files(void **state)
{
    static const uint8_t other_key[32] = {1};
    const csig_sealer right = sealer;
    const size_t len = seal(&h.half[1]);
    csig_presig *half;

    (void)state;
    for (size_t i = 0; i < len; i += i < 64 ? 1 : 97) {
        file[i] ^= 1;
        assert_int_not_equal(csig_presig_import(&half, &sealer, file, len), CSIG_OK);
        assert_null(half);
        file[i] ^= 1;
    }
    refuses(file, 0, CSIG_E_LENGTH);
    refuses(file, len - 1, CSIG_E_SEAL);
    refuses(file, sizeof file, CSIG_E_LENGTH);
    refuses(NULL, len, CSIG_E_ARGUMENT);
    assert_int_equal(csig_presig_import(&half, NULL, file, len), CSIG_E_ARGUMENT);
    assert_null(half);
    assert_int_equal(csig_presig_import(NULL, &sealer, file, len), CSIG_E_ARGUMENT);
    file[0] = CSIG_KIND_SHARE;
    refuses(file, len, CSIG_E_KIND);
    file[0] = CSIG_KIND_PRESIG;
    file[1]++;
    refuses(file, len, CSIG_E_VERSION);
    file[1]--;
    file[2]++;
    refuses(file, len, CSIG_E_LEVEL);
    file[2]--;
    sealer = csig_sealer_from_key(other_key);
    refuses(file, len, CSIG_E_SEAL);
    sealer = right;
    assert_int_equal(csig_presig_import(&half, &sealer, file, len), CSIG_OK);
    csig_presig_free(half);
}

/* Validly sealed, but not what this library writes. */
static void seal_raw(const csig_presig *half, const uint8_t id[32], uint64_t epoch, csig_err err)
{
    csig_object what = {.kind = CSIG_KIND_PRESIG, .epoch = epoch};
    size_t len = sizeof file;

    memcpy(what.id, id, sizeof what.id);
    assert_int_equal(csig_sealed_write(&sealer, &what, csig_presig_wire, half, file, &len),
                     CSIG_OK);
    refuses(file, len, err);
}

static void inconsistent_halves(void **state)
{
    csig_presig bad;

    (void)state;
#define BAD(change)                                                                                \
    do {                                                                                           \
        bad = h.half[2];                                                                           \
        change;                                                                                    \
        csig_presig_name(&bad);                                                                    \
        seal_raw(&bad, bad.id, bad.epoch, CSIG_E_FORMAT);                                          \
    } while (0)
    BAD(bad.count = 1; bad.self = 0; bad.assigner = 0);
    BAD(bad.self = 3);
    BAD(bad.assigner = 3);
    BAD(bad.index[0] = 0);
    BAD(bad.index[1] = 1);
    BAD(bad.index[2] = CSIG_MAX_PARTIES + 1);
    BAD(bad.index[3] = 4);
    BAD(bad.com[CSIG_MAX_PARTIES - 1][CSIG_HASH_BYTES - 1] = 1);
#undef BAD
    bad = h.half[2];
    seal_raw(&bad, h.half[2].ssid, bad.epoch, CSIG_E_FORMAT);
    seal_raw(&bad, bad.id, bad.epoch + 1, CSIG_E_FORMAT);
}

/* Places beyond the signers hold nothing, and more signers than there are places are refused. */
static void octets(void **state)
{
    const size_t len = csig_wire_size(csig_presig_wire);
    static uint8_t bytes[16384];
    csig_presig again;
    size_t last_S = len - CSIG_MAX_PARTIES * CSIG_HASH_BYTES - 1;

    (void)state;
    assert_int_equal(len, (3 + CSIG_MAX_PARTIES) * 2 + 2 * 32 + 32 + 32 + 16 + 32 + 32 +
                              CSIG_POINT_BYTES * (1 + 2 * CSIG_MAX_PARTIES) +
                              CSIG_HASH_BYTES * CSIG_MAX_PARTIES);
    csig_wire_write(csig_presig_wire, &h.half[0], bytes, len);
    assert_int_equal(csig_wire_read(csig_presig_wire, &again, bytes, len), CSIG_OK);
    bytes[last_S] = 1;
    assert_int_equal(csig_wire_read(csig_presig_wire, &again, bytes, len), CSIG_E_FORMAT);
    bytes[last_S] = 0;
    bytes[96 + 1] = CSIG_MAX_PARTIES + 1;
    assert_int_equal(csig_wire_read(csig_presig_wire, &again, bytes, len), CSIG_E_FORMAT);
}

static void commitments(void **state)
{
    uint8_t ssid[CSIG_SSID_BYTES] = {1}, nonce[CSIG_NONCE_BYTES] = {2};
    uint8_t com[CSIG_HASH_BYTES], other[CSIG_HASH_BYTES];

    (void)state;
    csig_presig_commit(com, ssid, 1, nonce);
    csig_presig_commit(other, ssid, 2, nonce);
    assert_memory_not_equal(com, other, sizeof com);
    nonce[0]++;
    csig_presig_commit(other, ssid, 1, nonce);
    assert_memory_not_equal(com, other, sizeof com);
    nonce[0]--;
    ssid[0]++;
    csig_presig_commit(other, ssid, 1, nonce);
    assert_memory_not_equal(com, other, sizeof com);
}

/* Every public field is in the name, no secret one is. */
static void names(void **state)
{
    const csig_presig good = h.half[0];
    csig_presig x = good;

    (void)state;
#define RENAMES(change)                                                                            \
    do {                                                                                           \
        x = good;                                                                                  \
        change;                                                                                    \
        csig_presig_name(&x);                                                                      \
        assert_memory_not_equal(x.id, good.id, sizeof x.id);                                       \
    } while (0)
    RENAMES(x.ssid[0]++);
    RENAMES(x.key_id[0]++);
    RENAMES(x.epoch++);
    RENAMES(x.attempt++);
    RENAMES(x.epoch_state[0]++);
    RENAMES(x.assigner = 0);
    RENAMES(x.Gamma = x.S[0]);
    RENAMES(x.index[2]++);
    RENAMES(x.Delta[1] = x.S[0]);
    RENAMES(x.S[1] = x.S[0]);
    RENAMES(x.com[2][0]++);
    RENAMES(x.count--);
#undef RENAMES
    x = good;
    csig_presig_wipe(&x);
    assert_int_equal(x.magic, 0);
    x = h.half[1];
    csig_presig_name(&x);
    assert_memory_equal(x.id, h.half[1].id, sizeof x.id);
}

static void use_after_the_end(void *half)
{
    uint8_t id[CSIG_PRESIG_ID_BYTES];

    csig_presig_id(half, id);
}

static void what_is_no_half_traps(void **state)
{
    csig_presig x = h.half[0];

    (void)state;
    csig_presig_wipe(&x);
    assert_true(trap_is_hit(use_after_the_end, &x));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(export_and_import),
        cmocka_unit_test(room),
        cmocka_unit_test(altered_files),
        cmocka_unit_test(inconsistent_halves),
        cmocka_unit_test(octets),
        cmocka_unit_test(commitments),
        cmocka_unit_test(names),
        cmocka_unit_test(what_is_no_half_traps),
    };

    return cmocka_run_group_tests(tests, setup, NULL);
}
