/* One party's half of a presignature: secret, one use. It is made by presigning and, inside full
 * signing, never leaves its session.
 *
 * One use is kept by construction: a half is moved, never copied. Presigning gives it out once,
 * export leaves the decision to the phone's durable write, and opening an online session takes it
 * away from its owner before anything else happens. */
#ifndef CSIG_SIGNER_PRESIGNATURE_H
#define CSIG_SIGNER_PRESIGNATURE_H

#include "countersign/sign.h"
#include "crypto/transcript.h"

/* In locked memory, the public part too: it is small and travels with the secret one. */
struct csig_presig {
    uint64_t magic;                   /* CSIG_PRESIG_MAGIC, or this is no half any more */
    csig_scalar k;                    /* k~_i = k_i / delta */
    csig_scalar chi;                  /* chi~_i = chi_i / delta */
    uint8_t nonce[CSIG_NONCE_BYTES];  /* n_i behind com_i */
    uint16_t count;                   /* of Q */
    uint16_t self;                    /* position in Q */
    uint16_t assigner;                /* position in Q */
    uint16_t index[CSIG_MAX_PARTIES]; /* Q, by position */
    uint8_t key_id[CSIG_KEY_ID_BYTES];
    uint64_t epoch, attempt;
    uint8_t epoch_state[32];
    uint8_t ssid[CSIG_SSID_BYTES]; /* of the presigning session */
    csig_point Gamma;
    csig_point Delta[CSIG_MAX_PARTIES];             /* Delta~_j = Delta_j / delta */
    csig_point S[CSIG_MAX_PARTIES];                 /* S~_j = S_j / delta */
    uint8_t com[CSIG_MAX_PARTIES][CSIG_HASH_BYTES]; /* H(PRESIG_COM, ssid, j, n_j) */
    uint8_t id[CSIG_PRESIG_ID_BYTES];
};

#define CSIG_PRESIG_MAGIC UINT64_C(0x636f756e74657201)

void csig_presig_wipe(csig_presig *half);

/* com_i = H(PRESIG_COM, ssid, i, n_i), i an index of the key: n_i is fixed before the digest is. */
void csig_presig_commit(uint8_t com[CSIG_HASH_BYTES], const uint8_t ssid[CSIG_SSID_BYTES],
                        uint16_t index, const uint8_t nonce[CSIG_NONCE_BYTES]);
/* H(PRESIG_ID, everything public of it): the same at all signers. */
void csig_presig_public_hash(const csig_presig *half, uint8_t hash[CSIG_HASH_BYTES]);
/* The first octets of that are the id. */
void csig_presig_name(csig_presig *half);

/* Everything but the magic; for sealing. */
void csig_presig_wire(csig_wire *w, void *half);

#endif
