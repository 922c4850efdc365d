/* Broken promises of our own code stop the process: shown in a child. */
#ifndef TESTS_SUPPORT_TRAP_H
#define TESTS_SUPPORT_TRAP_H

#include <stdbool.h>

/* Does fn(arg) end in CSIG_ASSERT's trap? */
bool trap_is_hit(void (*fn)(void *arg), void *arg);
/* Does it end in an access to memory that may not be touched? */
bool fault_is_hit(void (*fn)(void *arg), void *arg);

#endif
