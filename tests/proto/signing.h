/* Signing sessions of a set Q over the network in memory. */
#ifndef TESTS_PROTO_SIGNING_H
#define TESTS_PROTO_SIGNING_H

#include "countersign/sign.h"
#include "proto/net.h"
#include "signer/online.h"
#include "signer/sign.h"
#include "support/dealer.h"

/* Arrays are by position in Q. */
typedef struct signing {
    dealer *d;
    uint16_t count;
    uint16_t index[CSIG_MAX_PARTIES];
    uint8_t nonces[CSIG_MAX_PARTIES][CSIG_NONCE_BYTES];
    const csig_peer *peers[CSIG_MAX_PARTIES][CSIG_MAX_PARTIES];
    csig_signers signers[CSIG_MAX_PARTIES]; /* what each gives to the door; tests may change it */
    csig_session *s[CSIG_MAX_PARTIES];
    csig_presig *half[CSIG_MAX_PARTIES]; /* taken in CSIG_STORE of presigning */
    network *net;
    unsigned replies[CSIG_MAX_PARTIES]; /* csig_online_reply was taken that often */
    unsigned never_stores;              /* bit i: this one never confirms */
} signing;

/* Q's indices, ascending; d->t of them. The last of Q moves last (the server). */
void signing_init(signing *g, dealer *d, const uint16_t *index);
void signing_free(signing *g);
/* Fresh nonces: for another session. */
void signing_refresh(signing *g);

/* An intent; path may be NULL. The digest is a hash of `number`. */
csig_intent signing_intent(uint64_t number, const uint32_t *path, size_t depth);

/* The sessions of all, and the network between them, not run yet. protocol: by position; NULL: the
 * real one for all. */
void signing_sign(signing *g, const csig_intent *intent, uint16_t collector,
                  const csig_protocol *const *protocol);
void signing_presign(signing *g, uint16_t assigner, uint32_t number,
                     const csig_protocol *const *protocol);
/* Uses up all halves. */
void signing_online(signing *g, const csig_intent *intent, const csig_protocol *const *protocol);
/* Run to the end. Halves are taken, replies asked for. */
void signing_run(signing *g);
/* Frees the halves. */
void signing_drop(signing *g);
/* Frees the sessions. */
void signing_close(signing *g);

/* Every party has the same signature of the intent, and OpenSSL agrees that it is one. */
void signing_expect_signature(signing *g, const csig_intent *intent);
/* The same, but for one that has a table of its own. */
void signing_expect_signature_but(signing *g, const csig_intent *intent, uint16_t position);
/* Nobody has a signature. */
void signing_expect_none(signing *g);
/* Fails: this error, this culprit by position (CSIG_MAX_PARTIES: nobody), and nothing to send. */
void signing_expect_failed(signing *g, uint16_t position, csig_err err, uint16_t culprit);

#endif
