#include "support/drawn.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

unsigned drawn_seed(void)
{
    static unsigned seed;
    static bool known;
    const char *words = getenv("SEED");

    if (known) return seed;
    known = true;
    /* Not of the random bytes, which are repeatable in many tests. */
    seed = words != NULL ? (unsigned)strtoul(words, NULL, 10)
                         : (unsigned)time(NULL) + 7919U * (unsigned)getpid();
    return seed;
}

bool drawn_all(void)
{
    const char *which = getenv("FAULTS");

    return which != NULL && strcmp(which, "all") == 0;
}

bool drawn_has(size_t i, size_t one_in)
{
    return drawn_all() || (i + drawn_seed()) % one_in == 0;
}

const char *drawn_words(void)
{
    static char words[32];

    if (!drawn_all()) (void)snprintf(words, sizeof words, " (SEED=%u)", drawn_seed());
    return words;
}
