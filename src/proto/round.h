/* What a protocol is made of: a table of rounds. One file per round holds its message, how it is
 * made, what is checked of one peer's and what follows when all have passed. Blame, order,
 * duplicates, signatures, encryption, echo and wiping belong to the engine (session.h).
 *
 * A party's message of one round has up to three pieces:
 *   bcast   the same for all; signed, and echoed where n > 2 and the round says so
 *   part    one per recipient, but inside the same signed broadcast, for all to see: proofs that
 *           are made for one verifier and may later be evidence
 *   p2p     one per recipient, encrypted
 */
#ifndef CSIG_PROTO_ROUND_H
#define CSIG_PROTO_ROUND_H

#include "countersign/session.h"
#include "crypto/env.h"
#include "crypto/identity.h"
#include "proto/ssid.h"

typedef struct csig_protocol csig_protocol;

#define CSIG_MAX_ROUNDS 8
/* Where what is kept of the error round stands among the rounds. */
#define CSIG_ERROR_ROUND CSIG_MAX_ROUNDS

/* What rounds see of their session. Positions j run from 0 to n - 1 over the parties of this
 * session in ascending order of index; index[j] is the party's number of the key, from 1. */
typedef struct csig_run {
    const csig_protocol *protocol;
    uint16_t n, self;
    uint16_t index[CSIG_MAX_PARTIES];
    uint8_t identity[CSIG_MAX_PARTIES][CSIG_ID_BYTES];
    uint8_t ssid[CSIG_SSID_BYTES];
    /* Of every walk of this session: n is set by csig_session_new; t by the protocol, before
     * csig_session_start, where the widths of its messages follow from it. */
    csig_wire_shape shape;
    csig_env env;
    void *secret; /* protocol->secret_bytes(n), locked, zeroed, wiped */
    void *open;   /* protocol->open_bytes(n), ordinary memory, zeroed: nothing secret */
    /* A third party's: it sees again what was sent to all, as the party at `self` saw it, and knows
     * no secret. Rounds are then checked and stepped through, never made. */
    bool watching; /* what only self could check it takes for good */
    /* Bodies of broadcasts as they came, own ones too, where a watch exists and n > 2; NULL: not
     * here. front: octets before the parts, each of `part` octets. */
    const uint8_t *body[CSIG_MAX_ROUNDS + 1][CSIG_MAX_PARTIES];
    size_t front[CSIG_MAX_ROUNDS], part[CSIG_MAX_ROUNDS];
} csig_run;

/* Of what is kept of a round (from 0): the part that `from` made for `to`. */
static inline const uint8_t *csig_run_part(const csig_run *run, uint8_t round, uint16_t from,
                                           uint16_t to)
{
    const size_t nth = to < from ? to : to - 1U;

    return run->body[round][from] + run->front[round] + nth * run->part[round];
}

/* One peer's message of a round as seen by this party. */
typedef struct csig_in {
    const void *bcast;
    const void *part; /* the one addressed to this party */
    const void *p2p;
} csig_in;

/* Own message to fill; zeroed before. */
typedef struct csig_out {
    void *bcast;
    void *part[CSIG_MAX_PARTIES]; /* by position; part[self] is NULL */
    void *p2p[CSIG_MAX_PARTIES];  /* in secret memory */
} csig_out;

/* A check looks at something that its receiver alone knows. It can open it: then everybody can
 * check the same. What is opened depends on the error that it shows. */
typedef struct csig_testimony {
    size_t bytes;
    /* What self knows of this party, opened; while the secrets are there. CSIG_E_EVIDENCE: there is
     * nothing to open that would show this error. */
    csig_err (*make)(const csig_run *run, uint16_t accused, csig_err err, uint8_t *out);
    /* Watching: the same, taken. Class CHEAT or INPUT: it is not what self knows. */
    csig_err (*take)(csig_run *run, uint16_t accused, csig_err err, const uint8_t *in);
} csig_testimony;

typedef struct csig_round {
    const char *name;
    csig_wire_fn *bcast; /* NULL: none; sizes are those of the structs */
    size_t bcast_size;
    csig_wire_fn *part;
    size_t part_size;
    csig_wire_fn *p2p;
    size_t p2p_size;
    bool echo; /* agreement on bcast and parts before anything is checked (n > 2) */
    bool hold; /* the host must store the session's output and confirm before this party's
                  message of this round leaves. Where no other party is due in it, the next
                  round's message is made first, and both wait for one confirm */
    bool late; /* with hold: made when the host confirms, from what it has given meanwhile; without
                  it make returns CSIG_E_STATE, before it changes anything, and so does confirm */
    /* Does the party at this position speak in this round? Known from the start: it must not depend
     * on what rounds compute. NULL: all do (in round 1 of a protocol that encrypts always). */
    bool (*due)(const csig_run *run, uint16_t from);
    /* Fill this party's message. Runs when the round begins, after the step of the round before. */
    csig_err (*make)(csig_run *run, csig_out *out);
    /* One peer's message is acceptable, or it is that peer's fault. Changes nothing. NULL: nothing
     * to check. */
    csig_err (*check)(const csig_run *run, uint16_t from, const csig_in *in);
    /* All passed. in[j] for every position that was due, in[self] is empty. On failure *culprit is
     * a position, or stays as it is (n) when nobody can be named. NULL: nothing to do. */
    csig_err (*step)(csig_run *run, const csig_in in[CSIG_MAX_PARTIES], uint16_t *culprit);
    const csig_testimony *testimony; /* NULL: what is checked is there for all to see */
} csig_round;

/* After a step's CSIG_E_SUM that names nobody: every party proves to all that its own part was
 * right, and the first whose proofs fail is to blame (protocol.md 2.8). Its messages are the
 * broadcasts of one round more; they are large, so the walks are the protocol's own. */
typedef struct csig_error_round {
    const char *name;
    uint8_t after; /* rounds whose messages it looks at */
    size_t (*bytes)(const csig_run *run);
    csig_err (*make)(csig_run *run, uint8_t *body);
    csig_err (*check)(const csig_run *run, uint16_t from, const uint8_t *body);
} csig_error_round;

struct csig_protocol {
    uint8_t id; /* in every header */
    const char *name;
    bool encrypts; /* has p2p pieces: the first broadcast carries an X25519 key */
    bool no_curve; /* multiplies points by public scalars only: env.curve is NULL, which saves time
                    */
    const csig_round *const *rounds;
    uint8_t count; /* at most CSIG_MAX_ROUNDS */
    size_t (*secret_bytes)(uint16_t n);
    size_t (*open_bytes)(uint16_t n);
    /* Frees what the open state owns besides its memory (tables); NULL: nothing. */
    void (*free_open)(csig_run *run);
    const csig_error_round *error; /* NULL: none */
    /* A watching session of this protocol from the inputs that csig_session_keep_inputs was given;
     * accuser: its position. Where there is one, sessions of more than two parties keep what they
     * receive, say to all why they stop, and leave evidence. Class INPUT: not such inputs. */
    csig_err (*watch)(csig_session **s, const csig_protocol *protocol, const uint8_t *inputs,
                      size_t len, uint16_t accuser);
    /* Of a session with a watch: the key that it is about, NULL where there is none yet. */
    const csig_share *(*about)(const csig_run *run);
};

/* Those that leave evidence; made on the floors above. */
extern const csig_protocol csig_sign_protocol, csig_presign_protocol, csig_keygen_protocol,
    csig_refresh_protocol;

enum {
    CSIG_PROTOCOL_AUXINFO = 1,
    CSIG_PROTOCOL_KEYGEN,
    CSIG_PROTOCOL_PRESIGN,
    CSIG_PROTOCOL_SIGN,
    CSIG_PROTOCOL_ONLINE,
    CSIG_PROTOCOL_REFRESH,
    CSIG_PROTOCOL_TEST = 250
};

#endif
