/* What has very many cases of one kind takes some of them in a run: which, SEED in the environment
 * says (drawn anew where it is not set); all with FAULTS=all. */
#ifndef TESTS_SUPPORT_DRAWN_H
#define TESTS_SUPPORT_DRAWN_H

#include <stdbool.h>
#include <stddef.h>

/* The same in the whole process. */
unsigned drawn_seed(void);
bool drawn_all(void);
/* Of the cases that are counted by i, one in so many. */
bool drawn_has(size_t i, size_t one_in);
/* For the line that a test prints of itself: " (SEED=7)", or nothing where all are taken. */
const char *drawn_words(void);

#endif
