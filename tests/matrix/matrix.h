/* The acceptance matrix: every message of a protocol, every field of it, every value that a
 * cheating party may put there; and every message missing, empty, cut, extended, doubled, unsigned,
 * signed by another, of another round or session.
 *
 * The honest run up to the message is made once; each case then goes on from there in a process of
 * its own, so that what crashes is seen to crash. The liar signs whatever it sends with its real
 * identity key. In every case: an honest party refuses with an error of class CHEAT that names the
 * liar, keeps no secret and sends nothing of a later round; or, where nothing was validly signed,
 * it refuses with class INPUT and is octet for octet what it was before. Nobody has the output. */
#ifndef TESTS_MATRIX_MATRIX_H
#define TESTS_MATRIX_MATRIX_H

#include "proto/liar.h"

#define MATRIX_MODULI 4
#define MATRIX_NEVER  UINT8_MAX
#define MATRIX_OWN    (UINT8_MAX - 1)

/* Where a wrong value is not seen at once: fields first .. last of a piece are found in this round
 * at the latest. MATRIX_NEVER: to the others any value is as good as another, but the liar's own
 * session does not go on with it, and nobody gets the output. MATRIX_OWN: it concerns the liar
 * alone, and the run ends well. */
typedef struct matrix_late {
    uint8_t round;
    liar_piece piece;
    uint16_t first, last;
    uint8_t found;
} matrix_late;

/* One protocol with its players. Positions. */
typedef struct matrix_play {
    const char *name;
    const csig_protocol *protocol;
    uint16_t n;
    uint16_t liar, victim;
    void *ctx;
    /* The session of a party, started. leader: who collects, assigns or commits. */
    csig_session *(*open)(void *ctx, uint16_t self, uint16_t leader);
    void (*renew)(void *ctx); /* from here on sessions have other nonces */
    const csig_ed_key *(*key)(void *ctx, uint16_t position);
    bool (*has_output)(csig_session *s);
    /* What a party's host does in CSIG_STORE before it confirms; NULL: nothing. */
    void (*store)(void *ctx, uint16_t position, csig_session *s);
    /* The liar makes consistent again what it altered in this field; NULL: nothing. */
    void (*mend)(void *ctx, uint8_t round, const liar_field *field, uint8_t *piece, size_t len);
    const csig_int *modulus[MATRIX_MODULI]; /* of parties; unused ones NULL */
    const matrix_late *late;
    size_t lates;
    /* Of the values of a field and of the ways of a mishap, one in so many is drawn: at least one
     * of each, in every run (support/drawn.h). */
    unsigned step;
} matrix_play;

/* What came of the cases. */
typedef struct matrix_tally {
    unsigned cases;
    unsigned same;     /* not counted among them: the value was that before */
    unsigned waits;    /* nothing was said, and nothing followed */
    unsigned works;    /* said twice: honest, and the run goes on */
    unsigned harmless; /* MATRIX_NEVER, MATRIX_OWN */
    unsigned refused[256];
    unsigned bad; /* anything else; each has printed what it is */
} matrix_tally;

/* From here on everything is drawn the same way in every run: before the players are made. */
void matrix_repeatable(void);
/* All messages of the play. Prints one line. */
void matrix_run(const matrix_play *play, matrix_tally *tally);

#endif
