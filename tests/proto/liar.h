/* A cheating party: a tap (net.h) that alters what one party sends, signs it again with that
 * party's identity key, and where a piece is encrypted, encrypts it again.
 *
 *   liar l;
 *   liar_init(&l, net, 1, &key[1]);
 *   l.round = 2, l.piece = LIAR_BCAST, l.edit = raise_gamma;
 *   net_run(net);
 *
 * A lie told to all is told consistently: the liar's echo agrees with it. A lie told to one (to)
 * is a two-faced broadcast. */
#ifndef TESTS_PROTO_LIAR_H
#define TESTS_PROTO_LIAR_H

#include "proto/net.h"
#include "proto/state.h"

#define LIAR_ALL UINT16_MAX

typedef enum liar_piece {
    LIAR_HEADER, /* msg is a csig_header; with `cast` */
    LIAR_PREAMBLE,
    LIAR_BCAST,
    LIAR_PART,
    LIAR_P2P,
    LIAR_ECHO
} liar_piece;

typedef struct liar {
    /* which message: set by liar_init, then by the test */
    uint16_t from; /* position of the liar */
    uint8_t round; /* from 1 */
    liar_piece piece;
    csig_cast cast;         /* LIAR_HEADER: of which envelope */
    uint16_t to;            /* told to this one only, by position; LIAR_ALL */
    uint16_t part_for;      /* LIAR_PART: whose part is altered; LIAR_ALL: each recipient's */
    const csig_ed_key *key; /* signs the lie; NULL: the old signature stays */

    /* what is altered: one of these, or both in this order */
    void (*edit)(void *ctx, void *msg);                      /* the decoded piece */
    void (*edit_raw)(void *ctx, uint8_t *piece, size_t len); /* as on the wire */
    void *ctx;
    int resize;  /* octets more (zeros) or less at the end of the body */
    bool silent; /* instead: the envelope is never sent */

    unsigned told; /* how many packets were altered */

    csig_session *session;
    csig_eph eph; /* the session wipes its own before the last envelope leaves */
} liar;

/* Becomes the network's tap. Before net_run. */
void liar_init(liar *l, network *net, uint16_t from, const csig_ed_key *key);
void liar_tap(void *l, network *net, net_packet *p);

/* Sign again what stands in the packet. */
void liar_sign(net_packet *p, const csig_ed_key *key);
/* The envelope's header, and back. */
void liar_header_read(csig_header *h, const net_packet *p);
void liar_header_write(net_packet *p, const csig_header *h);
/* The octets of a piece in a packet of the liar, decrypted where need be; their number. 0: this
 * packet has no such piece. */
size_t liar_piece_read(const liar *l, const net_packet *p, uint8_t *out, size_t cap);

/* The walk of the piece; NULL: the round has none. Octets of its struct. */
csig_wire_fn *liar_walk(const liar *l);
size_t liar_struct_size(const liar *l);

/* --- every field of a piece, by its walk --- */
typedef struct liar_field {
    csig_field kind;
    size_t at, width;
} liar_field;

/* The fields of l->piece in l->round; their number, at most cap. */
size_t liar_fields(const liar *l, liar_field *out, size_t cap);

/* The acceptance matrix's values for one field. */
typedef enum liar_change {
    LIAR_FLIP_FIRST, /* the top bit */
    LIAR_FLIP_LAST,  /* the lowest bit */
    LIAR_ZERO,
    LIAR_ONE,
    LIAR_ONES, /* all bits: above every bound */
    LIAR_PLUS_ONE,
    LIAR_MINUS_ONE,
    LIAR_NEGATIVE, /* a signed number's sign octet; elsewhere nothing */
    LIAR_NOISE,    /* repeatable random octets */
    LIAR_VALUE,    /* the value given: another party's, another session's, a modulus */
    LIAR_CHANGES
} liar_change;

typedef struct liar_twist {
    liar_field field;
    liar_change change;
    const uint8_t *value; /* LIAR_VALUE: field.width octets */
    bool same;            /* out: it was that before, so nothing was altered */
} liar_twist;

/* For edit_raw, with a liar_twist as ctx. */
void liar_twist_field(void *twist, uint8_t *piece, size_t len);

#endif
