/* What a third party needs to follow a session of presigning or signing: everything public that its
 * id binds. It is the front of the session's evidence, and a watching session is made from it
 * (src/proto/evidence.h). */
#ifndef CSIG_SIGNER_RECORD_H
#define CSIG_SIGNER_RECORD_H

#include "share/aux.h"
#include "signer/sign.h"

/* Longest payload type; padded with zeros. */
#define CSIG_TYPE_BYTES 32

/* Too large for the stack. Arrays of the key are by index - 1, those of Q by position. */
typedef struct csig_sign_record {
    uint16_t n, t; /* parties; signers, all of Q */
    uint8_t key_id[CSIG_KEY_ID_BYTES];
    uint64_t epoch, attempt;
    uint8_t epoch_state[32], cc_hash[32];
    csig_point pk;
    uint8_t identity[CSIG_MAX_PARTIES][CSIG_ID_BYTES];
    csig_point X[CSIG_MAX_PARTIES];
    uint16_t index[CSIG_MAX_PARTIES];
    uint8_t nonce[CSIG_MAX_PARTIES][CSIG_NONCE_BYTES];
    csig_aux_pub aux[CSIG_MAX_PARTIES];
    uint16_t leader; /* collector or assigner, an index */
    /* presigning */
    uint32_t number;
    /* signing */
    uint8_t request_id[CSIG_REQUEST_ID_BYTES], digest[CSIG_DIGEST_BYTES];
    uint32_t input;
    uint8_t type[CSIG_TYPE_BYTES];
    uint32_t depth, path[CSIG_MAX_PATH];
    csig_point child; /* the key that signs */
} csig_sign_record;

/* With the shape {n, t} of the record; the first four octets are these two numbers. */
void csig_sign_record_wire(csig_wire *w, void *record);

/* Of a session that is about to start, to be kept in it. intent NULL: presigning. */
CSIG_MUST csig_err csig_sign_record_keep(csig_session *s, const csig_signers *q,
                                         const csig_intent *intent, uint16_t leader,
                                         uint32_t number, const csig_point *child);
/* csig_protocol.about and watch of both. */
const csig_share *csig_sign_about(const csig_run *run);
CSIG_MUST csig_err csig_sign_watch(csig_session **s, const csig_protocol *protocol,
                                   const uint8_t *inputs, size_t len, uint16_t accuser);

#endif
