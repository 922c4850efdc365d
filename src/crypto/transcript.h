/* Framed hashing (protocol.md, section 4).
 *
 *   H(label, items...) = SHA-512("countersign/v1/h" NUL enc(label) enc(item) ... 0x05 u32be(count))
 *   enc(item)          = type octet, u32be length, octets
 *   XOF(seed, i)       = SHA-512("countersign/v1/x" NUL seed u32be(i))
 *
 * The count of items comes last, so that a transcript can be absorbed as it grows; every item is
 * self-delimiting and 0x05 is no item type, hence the encoding stays injective. The label is an
 * item of type 1 that is not counted. Copying a transcript forks it. Lists inside are announced by
 * their length, which is an item of its own. Numbers of nat and int have the width that the caller
 * gives, int a sign octet (1: negative) before it; one that does not fit is the caller's bug. */
#ifndef CSIG_CRYPTO_TRANSCRIPT_H
#define CSIG_CRYPTO_TRANSCRIPT_H

#include <sodium.h>

#include "crypto/labels.h"
#include "num/point.h"

#define CSIG_HASH_BYTES 64
#define CSIG_SSID_BYTES 32
#define CSIG_ID_BYTES   32 /* an identity: an Ed25519 public key */
#define CSIG_TO_ALL     UINT16_MAX

typedef struct csig_transcript {
    crypto_hash_sha512_state h;
    uint32_t count;
} csig_transcript;

void csig_transcript_init(csig_transcript *t, csig_label label);
void csig_transcript_bytes(csig_transcript *t, const void *p, size_t len);     /* type 1 */
void csig_transcript_nat(csig_transcript *t, const csig_int *a, size_t bytes); /* type 2 */
void csig_transcript_int(csig_transcript *t, const csig_int *a, size_t bytes); /* type 3 */
void csig_transcript_point(csig_transcript *t, const csig_point *P);           /* type 4 */
void csig_transcript_party(csig_transcript *t, uint16_t party);                /* type 6 */
void csig_transcript_scalar(csig_transcript *t, const csig_scalar *a);         /* type 7 */
void csig_transcript_u32(csig_transcript *t, uint32_t v);                      /* type 8 */
void csig_transcript_u64(csig_transcript *t, uint64_t v);                      /* type 9 */
void csig_transcript_list(csig_transcript *t, uint32_t count); /* type 10: `count` items follow */
/* The octets of a message's walk, as one item of type 1. */
void csig_transcript_msg(csig_transcript *t, csig_wire_fn *fn, const void *msg);
/* The same for walks whose widths follow from a shape. */
void csig_transcript_msg_shaped(csig_transcript *t, csig_wire_fn *fn, const csig_wire_shape *shape,
                                const void *msg);

/* All these leave t as it was. */
void csig_transcript_hash(const csig_transcript *t, uint8_t out[CSIG_HASH_BYTES]);
void csig_transcript_hash32(const csig_transcript *t, uint8_t out[32]); /* the first 32 octets */
/* int(XOF(H, 0)) mod q, in [0, q) */
void csig_transcript_challenge(const csig_transcript *t, csig_int *e);
void csig_transcript_challenge_scalar(const csig_transcript *t, csig_scalar *e);
/* 128 bits; bit i is bits[i / 8] >> (i % 8) & 1 */
void csig_transcript_challenge_bits(const csig_transcript *t, uint8_t bits[CSIG_REPEAT / 8]);
/* octets from XOF(seed = H, first), XOF(H, first + 1), ... */
void csig_transcript_expand(const csig_transcript *t, uint32_t first, uint8_t *out, size_t len);
void csig_transcript_wipe(csig_transcript *t); /* where something secret was absorbed */

/* The start of every proof: who proves what to whom in which session. */
void csig_transcript_proof(csig_transcript *t, csig_label use, const uint8_t ssid[CSIG_SSID_BYTES],
                           uint16_t prover, uint16_t verifier);
/* The same for proofs that belong to devices: identities instead of indices, NULL for all. */
void csig_transcript_device_proof(csig_transcript *t, csig_label use,
                                  const uint8_t ssid[CSIG_SSID_BYTES],
                                  const uint8_t prover[CSIG_ID_BYTES],
                                  const uint8_t verifier[CSIG_ID_BYTES]);

#endif
