/* The state folder: private, and of one process at a time. */
#ifndef CSIGD_STATE_H
#define CSIGD_STATE_H

#include <stdbool.h>
#include <stddef.h>

/* Makes the folder if it is not there; refuses one that is open to others. The descriptor holds the
 * lock until it is closed. -1 with a sentence in why. */
int csigd_state_open(const char *folder, char *why, size_t why_len);
/* out: folder/name; false: it does not fit. */
bool csigd_state_path_is_made(char *out, size_t size, const char *folder, const char *name);

#endif
