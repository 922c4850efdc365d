/* A golden transcript: its letters as octets, or, where they are large, as hashes. */
#ifndef TESTS_VECTORS_LETTERS_H
#define TESTS_VECTORS_LETTERS_H

#include "proto/envelope.h"
#include "vectors/golden.h"

typedef struct letter {
    csig_header header; /* of what is hashed: protocol, round, cast, from, to alone */
    size_t len;
    char hash[129];      /* SHA-512, hexadecimal, as the index says */
    bool old;            /* of a version that is not read any more */
    story_octets octets; /* p NULL: only the hash is there */
    const uint8_t *body;
} letter;

typedef struct letters {
    letter letter[STORY_LETTERS];
    size_t count, hashed, old;
    story_octets file, index;
} letters;

/* GOLDEN_FIRST or GOLDEN_AGAIN: the index names the letters; octets come from the transcript beside
 * it. Those of key generation's version 1 are refused by that name, and kept as octets. */
void letters_read(letters *all, const char *folder);
void letters_free(letters *all);
/* The index, written from what was read. */
story_octets letters_index(const letters *all);
/* The one of this protocol and round; the only one. */
const letter *letters_find(const letters *all, uint8_t protocol, uint8_t round);

/* Signed by id; what its round's walks read, they write again as the same octets. */
void letter_expect_readable(const letter *l, const uint8_t id[CSIG_IDENTITY_BYTES]);

#endif
