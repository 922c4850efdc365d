/* A run that has been stopped just before one message of the liar arrives, and what honest parties
 * said elsewhere. */
#ifndef TESTS_MATRIX_STAGE_H
#define TESTS_MATRIX_STAGE_H

#include "matrix/matrix.h"
#include "matrix/office.h"

#define STAGE_PIECES 6

typedef struct stage_note {
    uint8_t *p;
    size_t len;
} stage_note;

/* What each party said in one honest run to the party that matters: the victim, or, if it is the
 * victim itself, the liar. Pieces are decrypted. */
typedef struct stage_notes {
    stage_note piece[CSIG_MAX_PARTIES][CSIG_MAX_ROUNDS][STAGE_PIECES];
    stage_note letter[CSIG_MAX_PARTIES][CSIG_MAX_ROUNDS][CSIG_CASTS];
} stage_notes;

typedef struct stage {
    const matrix_play *play;
    const stage_notes *other; /* of another session with the same roles */
    stage_notes now;
    office o;
    uint16_t leader;
    uint8_t round; /* from 1 */
    csig_cast cast;
    bool gate; /* closed: the message and what hangs on it stay where they are */
    bool gone; /* the message itself is never sent */
    liar *lie; /* looks at everything that the liar sends */
} stage;

/* An honest run from beginning to end; what was said is kept in notes. */
void stage_rehearse(const matrix_play *play, uint16_t leader, stage_notes *notes);
void stage_notes_free(stage_notes *notes);

/* Up to the message; false: the liar has none such in this role. */
bool stage_has_set(stage *st, const matrix_play *play, uint16_t leader, uint8_t round,
                   csig_cast cast, const stage_notes *other);
void stage_clear(stage *st);

/* The message as it would arrive at the victim. */
net_packet *stage_message(stage *st);
/* A liar that alters nothing yet. */
void stage_liar(const stage *st, liar *l);
/* Go on until nothing moves, or an honest party has failed. */
void stage_go_on(stage *st);

static inline csig_session *stage_victim(const stage *st)
{
    return st->o.s[st->play->victim];
}

#endif
