/* Any octets as something that rests, under a sealer that hides nothing: what is behind the seal is
 * checked as well. What is imported is exported again as the same octets. Behind auxiliary info
 * stands its record, which is always the same here and not part of the input. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "crypto/header.h"
#include "fuzz.h"
#include "share/record.h"
#include "support/devices.h"
#include "support/open_sealer.h"
#include "support/random.h"
#include "countersign/recovery.h"
#include "countersign/sign.h"

#define ROOM ((size_t)1 << 18)

static uint8_t again[ROOM];
static const uint8_t *record; /* of a device that stays; in memory that the sanitizer looks at */

static void start(void)
{
    csig_identity *id;

    if (record != NULL) return;
    FUZZ_REQUIRE(csig_init() == CSIG_OK);
    random_seed(1);
    FUZZ_REQUIRE(csig_identity_new(&id) == CSIG_OK);
    record = devices_aux(0, id, 1)->record;
    csig_identity_free(id);
}

/* Imports; exports what was imported. CSIG_E_KIND for what is no object at rest. */
#define THROUGH(type, handle_free)                                                                 \
    do {                                                                                           \
        type *handle = NULL;                                                                       \
        const csig_err err = type##_import(&handle, &sealer, in, len);                             \
                                                                                                   \
        FUZZ_REQUIRE((err == CSIG_OK) == (handle != NULL));                                        \
        if (err == CSIG_OK)                                                                        \
            FUZZ_REQUIRE(type##_export(handle, &sealer, again, out_len) == CSIG_OK);               \
        handle_free(handle);                                                                       \
        return err;                                                                                \
    } while (0)

static csig_err through(csig_kind kind, const uint8_t *in, size_t len, size_t *out_len)
{
    const csig_sealer sealer = open_sealer();

    switch (kind) {
    case CSIG_KIND_SHARE:
        THROUGH(csig_share, csig_share_free);
    case CSIG_KIND_AUX_SECRET:
        THROUGH(csig_aux, csig_aux_free);
    case CSIG_KIND_PEER:
        THROUGH(csig_peer, csig_peer_free);
    case CSIG_KIND_IDENTITY:
        THROUGH(csig_identity, csig_identity_free);
    case CSIG_KIND_PRESIG:
        THROUGH(csig_presig, csig_presig_free);
    case CSIG_KIND_PRIMES:
        THROUGH(csig_primes, csig_primes_free);
    case CSIG_KIND_RECOVERY:
        THROUGH(csig_recovery, csig_recovery_free);
    case CSIG_KIND_ENVELOPE:
    case CSIG_KIND_AUX_RECORD:
    case CSIG_KIND_REPLY:
    case CSIG_KIND_BACKUP:
    case CSIG_KIND_ESCROW:
    case CSIG_KIND_RECORD:
    case CSIG_KIND_EPOCH:
    case CSIG_KIND_EVIDENCE:
        break;
    }
    return CSIG_E_KIND;
}

static void check_header(const uint8_t *in, size_t len)
{
    for (csig_kind kind = CSIG_KIND_ENVELOPE; kind <= CSIG_KIND_EVIDENCE; kind++) {
        csig_object what = {.kind = kind};
        const csig_err err = csig_object_read(&what, in, len);

        FUZZ_REQUIRE(err == CSIG_OK || csig_err_class(err) == CSIG_CLASS_INPUT);
        if (err != CSIG_OK) continue;
        FUZZ_REQUIRE(in[0] == (uint8_t)kind && len >= CSIG_OBJECT_CLEAR_BYTES);
        FUZZ_REQUIRE(memcmp(what.id, in + CSIG_KIND_BYTES, sizeof what.id) == 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    const size_t record_len = csig_wire_size(csig_aux_record_wire);
    size_t whole = len, out_len = ROOM;
    uint8_t *in;
    csig_err err;

    start();
    check_header(data, len);
    if (len == 0 || len > ROOM / 4) return 0;
    in = malloc(len + record_len);
    FUZZ_REQUIRE(in != NULL);
    memcpy(in, data, len);
    if (data[0] == CSIG_KIND_AUX_SECRET) {
        memcpy(in + len, record, record_len);
        whole += record_len;
    }
    err = through((csig_kind)data[0], in, whole, &out_len);
    FUZZ_REQUIRE(err == CSIG_OK || csig_err_class(err) == CSIG_CLASS_INPUT);
    if (err == CSIG_OK) FUZZ_REQUIRE(out_len == whole && memcmp(again, in, whole) == 0);
    free(in);
    return 0;
}
