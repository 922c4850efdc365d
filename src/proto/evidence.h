/* Claims: why a party stops, in a form that convinces whoever was not there.
 *
 *   kind version level | sort err protocol round | accused accuser | length, inputs | envelopes
 *
 * A claim is the body of an abort envelope (CSIG_CAST_ABORT), and as it stands an evidence file.
 * Nothing but envelopes that the accused has signed can convict it: what it was answering to is in
 * the others' envelopes, and its own echoes say that it had exactly those. The inputs give the ssid
 * again, which is in each envelope. Envelopes, by sort:
 *
 *   CHECK       what the accused sent; then, unless its length alone is wrong, for each echoed
 *               round before it every party's broadcast in order of index and the accused's echo
 *   EQUIVOCATE  two envelopes of one round that differ
 *   ACCUSATION  the abort envelope of an accuser whose claim does not hold; never said in one
 *   OPENING     accuses nobody, without inputs: every broadcast of the round as the sender got it,
 *               and an echo that does not match them
 *   COMPLAINT   as CHECK; before the envelopes the accuser's testimony (round.h)
 */
#ifndef CSIG_PROTO_EVIDENCE_H
#define CSIG_PROTO_EVIDENCE_H

#include "proto/round.h"

typedef enum csig_sort {
    CSIG_SORT_CHECK = 1,
    CSIG_SORT_EQUIVOCATE = 2,
    CSIG_SORT_ACCUSATION = 3,
    CSIG_SORT_OPENING = 4,
    CSIG_SORT_COMPLAINT = 5
} csig_sort;

typedef struct csig_claim {
    uint8_t kind, version, level;
    uint8_t sort, err, protocol, round; /* round from 1; behind the last: the error round */
    uint16_t accused, accuser;          /* indices; accused 0 in an opening */
    uint32_t inputs_len;
} csig_claim;

#define CSIG_CLAIM_BYTES 15

void csig_claim_wire(csig_wire *w, void *claim);
/* Errors of csig_kind_check; CSIG_E_LENGTH, CSIG_E_FORMAT. rest: the envelopes. */
CSIG_MUST csig_err csig_claim_read(csig_claim *c, const uint8_t **inputs, const uint8_t **rest,
                                   size_t *rest_len, const uint8_t *in, size_t len);

/* What this session would say of why it fails, at `out`, or NULL to measure; its octets. culprit: a
 * position, n for an opening. The session's exhibits are what it fails over, its testimony, where
 * there is one, what it opens of its own knowledge. */
size_t csig_claim_write(uint8_t *out, const csig_session *s, csig_err err, uint16_t culprit,
                        uint8_t round);
/* The accuser's abort envelope as evidence against it. */
size_t csig_claim_write_accusation(uint8_t *out, const csig_session *s, uint16_t accuser,
                                   uint8_t round, const uint8_t *envelope, size_t len);

/* What a claim proves. */
typedef struct csig_proven {
    csig_sort sort;
    uint16_t culprit; /* position; n: an opening */
    csig_blame blame;
} csig_proven;

/* CSIG_OK: it holds. CSIG_E_EVIDENCE or another of class INPUT: it does not. Class LOCAL: this
 * machine could not say. ssid NULL: of any session. watching: NULL, or gets the session it was seen
 * in, to be freed. */
CSIG_MUST csig_err csig_claim_judge(csig_proven *proven, csig_session **watching,
                                    const csig_protocol *protocol, const uint8_t *ssid,
                                    const uint8_t *in, size_t len);
/* The body of an abort envelope of this session: a claim that holds, or an opening. */
CSIG_MUST csig_err csig_abort_judge(csig_proven *proven, csig_session *s, uint16_t from,
                                    const uint8_t *in, size_t len);

/* The next envelope of a list: of this session and signed by a party of it, in this round and cast.
 * Errors of class INPUT. */
typedef struct csig_list {
    const uint8_t *p;
    size_t len;
} csig_list;
typedef struct csig_listed {
    const uint8_t *p, *body;
    size_t len, body_len;
    uint16_t from; /* position */
    uint16_t to;
    uint8_t round, cast;
} csig_listed;
CSIG_MUST csig_err csig_list_next(csig_listed *e, csig_list *list, const csig_session *s);

#endif
