/* The cases of one message. */
#ifndef TESTS_MATRIX_CASES_H
#define TESTS_MATRIX_CASES_H

#include "matrix/stage.h"

/* What happens to a whole message. */
typedef enum mishap {
    MISHAP_NONE,        /* a field is altered */
    MISHAP_MISSING,     /* it is not sent */
    MISHAP_NOTHING,     /* no octets */
    MISHAP_EMPTY,       /* an empty body, signed */
    MISHAP_CUT,         /* arg octets less, signed */
    MISHAP_EXTENDED,    /* arg octets more, signed */
    MISHAP_CUT_ON_WAY,  /* arg octets less, not by its sender */
    MISHAP_LONG_ON_WAY, /* arg octets more, not by its sender */
    MISHAP_BIT_ON_WAY,  /* one bit other, at arg / 64 of its length */
    MISHAP_TWICE,
    MISHAP_TWO_TALES,   /* another one after it, both signed */
    MISHAP_TWO_FACED,   /* the others were told otherwise */
    MISHAP_UNSIGNED,    /* zeros where the signature is */
    MISHAP_BY_ANOTHER,  /* signed by the party at position arg; n: by somebody else */
    MISHAP_AS_ANOTHER,  /* from the index arg */
    MISHAP_OTHER_ROUND, /* arg, signed */
    MISHAP_OTHER_CAST,  /* arg, signed */
    MISHAP_REPLAY       /* of another session */
} mishap;

typedef struct matrix_case {
    mishap mishap;
    uint16_t arg;
    /* a field */
    liar_piece piece;
    liar_field field;
    size_t number;
    liar_change change;
    uint8_t *value;
    const char *what; /* of LIAR_VALUE */
} matrix_case;

typedef struct matrix_cases {
    matrix_case *at;
    size_t count, room;
} matrix_cases;

void matrix_cases_of(matrix_cases *list, const stage *st);
void matrix_cases_free(matrix_cases *list);

/* One line. */
void matrix_case_describe(const stage *st, const matrix_case *c, char *out, size_t len);

#endif
