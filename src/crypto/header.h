/* The first octets of everything that is sent or stored, [kind][format version][level], and objects
 * sealed behind them:
 *
 *   kind u8, version u8, level u8, id 32 octets, epoch u64be  in clear, and bound to what follows
 *   as much as the sealer makes of the plaintext
 *
 * A sealed object says what it is without any key, and opens only as that. */
#ifndef CSIG_CRYPTO_HEADER_H
#define CSIG_CRYPTO_HEADER_H

#include "base/base.h"
#include "base/level.h"
#include "base/wire.h"
#include "countersign/sealer.h"

/* Part of every format: never renumbered, never given twice. */
typedef enum csig_kind {
    CSIG_KIND_ENVELOPE = 1,
    CSIG_KIND_SHARE = 2,
    CSIG_KIND_AUX_SECRET = 3,
    CSIG_KIND_AUX_RECORD = 4,
    CSIG_KIND_PEER = 5,
    CSIG_KIND_IDENTITY = 6,
    CSIG_KIND_PRESIG = 7,
    CSIG_KIND_PRIMES = 8,
    CSIG_KIND_REPLY = 9,
    CSIG_KIND_BACKUP = 10,
    CSIG_KIND_RECOVERY = 11,
    CSIG_KIND_ESCROW = 12,
    CSIG_KIND_EPOCH = 13,
    CSIG_KIND_EVIDENCE = 14,
    CSIG_KIND_RECORD = 15
} csig_kind;

#define CSIG_KIND_BYTES 3

void csig_kind_write(uint8_t out[CSIG_KIND_BYTES], csig_kind kind);
/* Is this, by its first octets, a `kind` that this build can read? The first of these that is so:
 * CSIG_E_KIND, CSIG_E_VERSION, CSIG_E_LEVEL; CSIG_E_LENGTH where the octet to look at is missing.
 */
CSIG_MUST csig_err csig_kind_check(const uint8_t *in, size_t len, csig_kind kind);
/* The same of what has had another version since. */
CSIG_MUST csig_err csig_kind_check_version(const uint8_t *in, size_t len, csig_kind kind,
                                           uint8_t version);

/* The three octets at the front of a walk: written as they must be, bad when they are others. */
void csig_kind_wire(csig_wire *w, csig_kind kind);

#define CSIG_OBJECT_ID_BYTES    32
#define CSIG_OBJECT_CLEAR_BYTES (CSIG_KIND_BYTES + CSIG_OBJECT_ID_BYTES + 8)
/* Room that sealing a plaintext of len octets may need; and room that opening may need. */
#define CSIG_OBJECT_SEALED_BYTES(len) (CSIG_OBJECT_CLEAR_BYTES + (len) + CSIG_SEAL_OVERHEAD)
#define CSIG_OBJECT_OPENED_BYTES(len) ((len)-CSIG_OBJECT_CLEAR_BYTES)

/* What an object says of itself. */
typedef struct csig_object {
    csig_kind kind;
    uint8_t id[CSIG_OBJECT_ID_BYTES]; /* of a key, a device generation, a presignature, ... */
    uint64_t epoch;                   /* or generation; 0 where there is none */
} csig_object;

/* Reads id and epoch; what->kind is what is expected. They are bound to the sealed part but prove
 * nothing until that is opened. Errors of csig_kind_check. */
CSIG_MUST csig_err csig_object_read(csig_object *what, const uint8_t *in, size_t len);

/* Seal. *out_len is the room of out on entry and what was written on return. CSIG_E_BUFFER: less
 * room than CSIG_OBJECT_SEALED_BYTES(len). CSIG_E_HOST: the sealer failed. On error out is wiped.
 */
CSIG_MUST csig_err csig_seal_object(const csig_sealer *sealer, const csig_object *what,
                                    const uint8_t *plain, size_t len, uint8_t *out,
                                    size_t *out_len);
/* Open an object of what->kind; its id and epoch are put into what. *out_len as above, with room
 * for CSIG_OBJECT_OPENED_BYTES(len), more than the plaintext: a sealer may use it. Errors of
 * csig_kind_check; CSIG_E_BUFFER; CSIG_E_SEAL: wrong key, or altered. On error out is wiped. */
CSIG_MUST csig_err csig_open_object(const csig_sealer *sealer, csig_object *what, const uint8_t *in,
                                    size_t len, uint8_t *out, size_t *out_len);

#endif
