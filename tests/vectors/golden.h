/* Golden files: octets that were written once and are read for ever. */
#ifndef TESTS_VECTORS_GOLDEN_H
#define TESTS_VECTORS_GOLDEN_H

#include "vectors/story.h"

/* Letters from this length on (records of auxiliary info) are in the transcript by their hash. */
#define GOLDEN_LETTER_MAX ((size_t)1 << 16)
/* The format version whose files these are. */
#define GOLDEN_VERSION 1
/* Files that came beside the first ones when key generation had its version 2: what today's code
 * makes again of the same randomness. In front of a name. */
#define GOLDEN_FIRST ""
#define GOLDEN_AGAIN "keygen-2/"

/* A file of this level, or of the other one; a missing one ends the test. */
story_octets golden_read(const char *name, unsigned level);
/* A new file; ends the program when there is one by that name. */
void golden_write(const char *name, const uint8_t *p, size_t len);
void golden_free(story_octets *o);

/* Text: what the handles of a story say of themselves; one line for each letter. */
story_octets golden_content(const story *st);
story_octets golden_index(const story *st);

/* Every file of GOLDEN_AGAIN, from the story. */
void golden_write_all(const story *st);

/* Is there a golden file of this kind for this device? Of auxiliary info one is enough. */
bool golden_has_file(story_kind kind, int device);
/* The object as it was exported, at either level. */
story_octets golden_object(story_kind kind, int device, unsigned level);
/* Of this level, as today's code makes it. */
story_octets golden_object_again(story_kind kind, int device);
/* Import it with the story's key into the story's handle. */
csig_err golden_open(story *st, story_kind kind, int device, const story_octets *o);
/* All that have a file, of the first ones or as they are made again; what has none stays NULL. */
void golden_open_all(story *st, const char *folder);
#endif
