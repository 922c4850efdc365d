/* The inside of a session, shared by the files of the engine and looked at by tests; closed to
 * everybody else.
 *
 *   session.c   life: new, start, confirm, failure, free
 *   inbox.c     one envelope in: who may say what when; what is kept of it
 *   advance.c   what follows: begin a round, echo, check, step
 *   make.c      own messages
 *   preamble.c  the front of the first broadcast
 *   outbox.c    envelopes waiting to leave
 *   log.c       envelopes kept for evidence
 *   abort.c     why a party stops, said and taken (n > 2)
 *   claim.c     claims written
 *   judge.c     claims judged
 *   evidence.c  claims verified by third parties
 *   record.c    what was said to all, kept for third parties and checked by them */
#ifndef CSIG_PROTO_STATE_H
#define CSIG_PROTO_STATE_H

#include "base/level.h"
#include "crypto/header.h"
#include "proto/envelope.h"
#include "proto/session.h"

#define CSIG_CASTS 3

/* How many rounds an honest peer may be ahead: one, and one more where it goes on alone after a
 * held message. */
#define CSIG_ROUNDS_AHEAD 2

/* An envelope of ours. */
typedef struct csig_packet csig_packet;
struct csig_packet {
    csig_packet *next;
    size_t len;
    bool held;
    uint8_t bytes[];
};

/* What has come from one peer for one round and waits for the others. */
typedef struct csig_slot {
    uint8_t *bcast; /* preamble, bcast and own part, as they came; NULL: not here */
    uint8_t *p2p;   /* header and ciphertext, as they came; NULL: not here */
    uint8_t echo[CSIG_HASH_BYTES];
} csig_slot;

/* A copy of octets that came or went. */
typedef struct csig_octets {
    uint8_t *p; /* NULL: none */
    size_t len;
} csig_octets;

/* The front of the one locked allocation. Behind it, in this order: run->secret, the decoded p2p
 * pieces of one round, one piece as it is written. */
typedef struct csig_secrets {
    csig_rng rng;
    csig_ed_key key;
    csig_eph eph;
    csig_curve curve;
} csig_secrets;

/* Octets of a round's pieces on the wire; 0: the round has none. */
typedef struct csig_sizes {
    size_t preamble, bcast, part, p2p;
} csig_sizes;

struct csig_session {
    csig_run run;
    csig_engine engine;
    csig_phase phase;
    csig_blame blame;
    csig_sizes size[CSIG_MAX_ROUNDS];
    bool moves_last;
    bool started;
    uint8_t round;  /* position in the protocol's table; its count when all are through */
    bool begun;     /* this round: own message is made, or none is due */
    bool holding;   /* since the last confirm: a message of ours was made that is held */
    bool echo_sent; /* this round */

    const char *field[CSIG_SSID_FIELDS]; /* names of the ssid's inputs and their digests */
    uint8_t digest[CSIG_SSID_FIELDS][CSIG_SSID_DIGEST_BYTES];

    csig_secrets *secrets;
    size_t secrets_len;
    uint8_t *p2p; /* n structs, p2p_stride apart: own ones while they are made, then the peers' */
    size_t p2p_stride;
    uint8_t *plain; /* one p2p piece on the wire */
    size_t plain_len;

    uint8_t eph[CSIG_MAX_PARTIES][CSIG_EPH_BYTES]; /* the peers' X25519 keys, after round 1 */
    bool seen[CSIG_MAX_ROUNDS][CSIG_MAX_PARTIES][CSIG_CASTS];
    uint8_t seen_hash[CSIG_MAX_ROUNDS][CSIG_MAX_PARTIES][CSIG_CASTS][32];
    csig_slot slot[1 + CSIG_ROUNDS_AHEAD][CSIG_MAX_PARTIES]; /* this round and those to come */
    csig_packet *out;                                        /* oldest first */

    bool recording; /* what was said to all is kept, so that others can check it: record.h */

    /* Only where csig_session_is_kept. */
    csig_octets log[CSIG_MAX_ROUNDS + 1][CSIG_MAX_PARTIES]; /* broadcasts, whole envelopes */
    csig_octets echo_log[CSIG_MAX_ROUNDS][CSIG_MAX_PARTIES];
    csig_octets inputs;        /* from which others can watch this session */
    csig_octets evidence;      /* of a failed session: a claim that names blame.culprit */
    csig_octets testimony;     /* what is opened with it; none: nothing */
    const uint8_t *exhibit[2]; /* envelopes that a failure is about, while it is told */
    size_t exhibit_len[2];
    bool disputing;                    /* in the error round */
    bool dismissed[CSIG_MAX_PARTIES];  /* a false accuser: no more is heard of it */
    bool has_opened[CSIG_MAX_PARTIES]; /* its opening was passed on */
    void *watched;                     /* what a watching session's state points to */
};

/* --- the table, read for this session --- */
static inline const csig_round *csig_session_round(const csig_session *s, uint8_t round)
{
    return s->run.protocol->rounds[round];
}
bool csig_round_has_due(const csig_session *s, uint8_t round, uint16_t from);
bool csig_round_has_echo(const csig_session *s, uint8_t round);
/* Octets of the body that a party owes; 0: the round has no such envelope, or not from this one. */
size_t csig_round_body(const csig_session *s, uint8_t round, uint16_t from, csig_cast cast);

/* Room for a struct so that the next one is aligned. */
static inline size_t csig_aligned(size_t size)
{
    return (size + 15) & ~(size_t)15;
}

/* --- log.c --- */
/* Does this session keep what it needs to show others who cheated? */
static inline bool csig_session_has_log(const csig_session *s)
{
    return s->run.n > 2 && s->run.protocol->watch != NULL;
}
/* Does it keep broadcasts and echoes, for that or for a record? */
static inline bool csig_session_is_kept(const csig_session *s)
{
    return csig_session_has_log(s) || s->recording;
}
/* After the current round, the last that its error round looks at? */
static inline bool csig_session_has_error_round(const csig_session *s)
{
    const csig_error_round *error = s->run.protocol->error;

    return csig_session_has_log(s) && error != NULL && error->after == s->round + 1;
}
/* Keep an envelope: a broadcast (round CSIG_ERROR_ROUND: of the error round) or an echo. */
CSIG_MUST csig_err csig_log_keep(csig_session *s, uint8_t round, uint16_t from, csig_cast cast,
                                 const uint8_t *envelope, size_t len);
CSIG_MUST csig_err csig_octets_copy(csig_octets *to, const uint8_t *p, size_t len);
void csig_octets_free(csig_octets *o);
void csig_log_free(csig_session *s);

/* --- session.c --- */
/* Of a round, or of the error round. */
const char *csig_session_where(const csig_session *s, uint8_t round);
/* The phase and blame of a failed session; everything secret is gone. */
void csig_session_end(csig_session *s, const csig_blame *blame);
/* The session ends here: blame, nothing more leaves, everything secret is wiped. culprit is a
 * position, n for nobody. Returns err. */
csig_err csig_session_fail(csig_session *s, csig_err err, uint16_t culprit, uint8_t round);
/* The session is through: wipe what the output does not need. */
void csig_session_finish(csig_session *s);

/* --- abort.c --- */
/* Say to all why this session is about to fail: while its key is still there. */
void csig_abort_say(csig_session *s, csig_err err, uint16_t culprit, uint8_t round);
/* Another party says why it stops. */
CSIG_MUST csig_err csig_abort_take(csig_session *s, uint16_t from, const uint8_t *envelope,
                                   size_t len);

/* --- inbox.c --- */
CSIG_MUST csig_err csig_slot_keep(csig_slot *slot, const csig_session *s, uint8_t round,
                                  uint16_t from, const uint8_t *body);
static inline csig_slot *csig_session_slot(csig_session *s, uint8_t round, uint16_t from)
{
    return &s->slot[round % (1 + CSIG_ROUNDS_AHEAD)][from];
}
void csig_slot_clear(csig_slot *slot);
/* What identifies a message: the hash of what its sender signed. */
void csig_message_hash(uint8_t hash[32], const uint8_t *envelope, size_t len);

/* --- advance.c --- */
/* Everything that can be done now. */
CSIG_MUST csig_err csig_session_advance(csig_session *s);

/* A watching session: step through the current round with the messages in its slots, or without
 * any; check the message of one. */
CSIG_MUST csig_err csig_session_replay(csig_session *s, bool has_messages);
CSIG_MUST csig_err csig_session_check(csig_session *s, uint16_t from);

/* --- make.c --- */
CSIG_MUST csig_err csig_make_error(csig_session *s);
/* Make, write, encrypt, sign and queue this party's message of the current round. */
CSIG_MUST csig_err csig_make_message(csig_session *s);
CSIG_MUST csig_err csig_make_echo(csig_session *s);
/* The hash over all broadcasts of a round, in order of index. */
void csig_echo_hash(const csig_session *s, uint8_t round, uint8_t hash[CSIG_HASH_BYTES]);
void csig_echo_begin(csig_transcript *t, const csig_session *s, uint8_t round);
void csig_echo_add(csig_transcript *t, const csig_session *s, uint16_t from,
                   const uint8_t hash[32]);
/* The key agreed with a peer, for one direction. */
typedef struct csig_peer_key {
    uint8_t b[CSIG_BOX_KEY_BYTES];
} csig_peer_key;
CSIG_MUST csig_err csig_peer_key_agree(csig_peer_key *key, const csig_session *s, uint16_t peer,
                                       bool mine_is_from);
void csig_peer_key_wipe(csig_peer_key *key);

/* --- preamble.c --- */
size_t csig_preamble_bytes(const csig_session *s);
void csig_preamble_write(const csig_session *s, uint8_t *out);
/* A peer's, under the same ssid. CSIG_E_MESSAGE. */
CSIG_MUST csig_err csig_preamble_read(csig_session *s, uint16_t from, const uint8_t *in);
/* The name of the first input that differs in a first broadcast under another ssid; NULL: none. */
const char *csig_preamble_difference(const csig_session *s, const uint8_t *body, size_t len);

/* --- outbox.c --- */
csig_packet *csig_packet_new(size_t body_len); /* NULL: no memory */
void csig_outbox_add(csig_session *s, csig_packet *p);
void csig_outbox_release(csig_session *s); /* what was held may leave */
void csig_outbox_clear(csig_session *s);

#endif
