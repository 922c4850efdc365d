/* One life of a wallet, the same in every run: two devices make auxiliary info and pair, make a
 * key, sign in full, presign, and sign with the presignature. Fixed primes, fixed randomness, two
 * parties; everything through the door. */
#ifndef TESTS_VECTORS_STORY_H
#define TESTS_VECTORS_STORY_H

#include <countersign/countersign.h>

#include <stdbool.h>

#define STORY_LETTERS 64
#define STORY_DEPTH   3

/* What rests sealed, by device; the sealer's key is story_key. */
typedef enum story_kind {
    STORY_IDENTITY,
    STORY_PRIMES,
    STORY_AUX,
    STORY_PEER,
    STORY_SHARE,
    STORY_PRESIG,
    STORY_KINDS
} story_kind;

typedef struct story_octets {
    uint8_t *p;
    size_t len;
} story_octets;

typedef struct story {
    csig_identity *id[2];
    csig_aux *aux[2];
    csig_peer *peer[2];
    csig_share *share[2];
    csig_presig *half[2];
    uint8_t birth[64];
    csig_signature full, online;
    story_octets object[STORY_KINDS][2];
    story_octets letter[STORY_LETTERS]; /* every envelope, in the order in which they left */
    size_t letters;
} story;

extern const char *const story_kind_names[STORY_KINDS];

/* 32 octets: 0, 1, ... 31. */
csig_sealer story_sealer(void);

void story_tell(story *st);
void story_free(story *st);

/* What the two requests of the story are. */
extern const uint32_t story_path[STORY_DEPTH];
csig_intent story_intent(bool presigned);
/* The signers as the device at a position (0: index 1) gives them; peers point into *st. */
typedef struct story_signers {
    uint16_t index[2];
    const csig_peer *peer[2];
    uint8_t nonces[2][CSIG_NONCE_BYTES];
    csig_signers signers;
} story_signers;
void story_signers_of(story_signers *q, const story *st, int device, uint8_t nonce);

/* Both sessions to the end; *st keeps what they say. */
void story_run(story *st, csig_session *const s[2]);
/* The signature of the presigned request, with these halves, shares and identities. */
csig_signature story_online(story *st);

#endif
