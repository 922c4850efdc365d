/* Attacks A6 and C11: no two sequences of items hash alike. */
#include "crypto/transcript.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum type { END, BYTES, NAT, INT, POINT, PARTY, SCALAR, U32, U64, LIST };

/* size: octets of bytes, width of a number; value: of a number, sign of a point. */
typedef struct step {
    enum type type;
    const char *octets;
    size_t size;
    int value;
} step;

static const step sequences[][6] = {
    {{END, NULL, 0, 0}},
    {{BYTES, "", 0, 0}},
    {{BYTES, "", 0, 0}, {BYTES, "", 0, 0}},
    {{BYTES, "ab", 2, 0}, {BYTES, "c", 1, 0}},
    {{BYTES, "a", 1, 0}, {BYTES, "bc", 2, 0}},
    {{BYTES, "c", 1, 0}, {BYTES, "ab", 2, 0}},
    {{BYTES, "abc", 3, 0}},
    {{BYTES, "ab", 2, 0}},
    {{BYTES, "\0ab", 3, 0}},
    {{BYTES, "ab\0", 3, 0}},
    {{BYTES, "ab", 2, 0}, {BYTES, "c", 1, 0}, {BYTES, "", 0, 0}},
    {{BYTES, "", 0, 0}, {BYTES, "ab", 2, 0}, {BYTES, "c", 1, 0}},
    /* the octets of an item, and of an item and the end, as an item */
    {{BYTES, "\1\0\0\0\2ab", 7, 0}},
    {{BYTES, "\1\0\0\0\2ab\5\0\0\0\1", 12, 0}},
    /* the head of an item, with its length or without, at the end of one or the start of the next
     */
    {{BYTES, "a\1\0\0\0\0", 6, 0}, {BYTES, "b", 1, 0}},
    {{BYTES, "a", 1, 0}, {BYTES, "\1\0\0\0\0b", 6, 0}},
    {{BYTES, "a\1", 2, 0}, {BYTES, "b", 1, 0}},
    {{BYTES, "a", 1, 0}, {BYTES, "\1b", 2, 0}},
    /* leading zeros, signs, and one value as every type */
    {{NAT, NULL, 1, 1}},
    {{NAT, NULL, 2, 1}},
    {{NAT, NULL, 32, 1}},
    {{INT, NULL, 1, 1}},
    {{INT, NULL, 1, -1}},
    {{INT, NULL, 2, 1}},
    {{BYTES, "\0\1", 2, 0}},
    {{BYTES, "\0\0\0\1", 4, 0}},
    {{BYTES, "\0\0\0\0\0\0\0\1", 8, 0}},
    {{PARTY, NULL, 0, 1}},
    {{SCALAR, NULL, 0, 1}},
    {{U32, NULL, 0, 1}},
    {{U64, NULL, 0, 1}},
    {{LIST, NULL, 0, 1}},
    {{POINT, NULL, 0, 1}},
    {{POINT, NULL, 0, -1}},
    {{BYTES,
      "\x02\x79\xbe\x66\x7e\xf9\xdc\xbb\xac\x55\xa0\x62\x95\xce\x87\x0b\x07"
      "\x02\x9b\xfc\xdb\x2d\xce\x28\xd9\x59\xf2\x81\x5b\x16\xf8\x17\x98",
      33, 0}},
    /* three items moved between two lists */
    {{LIST, NULL, 0, 2},
     {U32, NULL, 0, 7},
     {U32, NULL, 0, 8},
     {LIST, NULL, 0, 1},
     {U32, NULL, 0, 9}},
    {{LIST, NULL, 0, 1},
     {U32, NULL, 0, 7},
     {LIST, NULL, 0, 2},
     {U32, NULL, 0, 8},
     {U32, NULL, 0, 9}},
    {{LIST, NULL, 0, 0},
     {LIST, NULL, 0, 3},
     {U32, NULL, 0, 7},
     {U32, NULL, 0, 8},
     {U32, NULL, 0, 9}},
};
#define SEQUENCES (sizeof sequences / sizeof sequences[0])

static void absorb(csig_transcript *t, const step *s)
{
    csig_scalar scalar;
    csig_point P;
    csig_int a;

    csig_int_set_u64(&a, (uint64_t)(s->value < 0 ? -s->value : s->value));
    csig_point_generator(&P);
    if (s->value < 0) {
        csig_int_neg(&a, &a);
        csig_point_neg(&P, &P);
    }
    csig_scalar_set_u32(&scalar, 1);
    switch (s->type) {
    case END:
        break;
    case BYTES:
        csig_transcript_bytes(t, s->octets, s->size);
        break;
    case NAT:
        csig_transcript_nat(t, &a, s->size);
        break;
    case INT:
        csig_transcript_int(t, &a, s->size);
        break;
    case POINT:
        csig_transcript_point(t, &P);
        break;
    case PARTY:
        csig_transcript_party(t, (uint16_t)s->value);
        break;
    case SCALAR:
        csig_transcript_scalar(t, &scalar);
        break;
    case U32:
        csig_transcript_u32(t, (uint32_t)s->value);
        break;
    case U64:
        csig_transcript_u64(t, (uint64_t)s->value);
        break;
    case LIST:
        csig_transcript_list(t, (uint32_t)s->value);
        break;
    }
}

static void no_two_sequences_hash_alike_A6_C11(void **state)
{
    uint8_t hash[SEQUENCES][CSIG_HASH_BYTES];

    (void)state;
    for (size_t i = 0; i < SEQUENCES; i++) {
        csig_transcript t;

        csig_transcript_init(&t, CSIG_LABEL_TEST_A);
        for (const step *s = sequences[i]; s->type != END; s++)
            absorb(&t, s);
        csig_transcript_hash(&t, hash[i]);
        for (size_t j = 0; j < i; j++)
            assert_memory_not_equal(hash[i], hash[j], CSIG_HASH_BYTES);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_two_sequences_hash_alike_A6_C11),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
