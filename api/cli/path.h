/* Derivation paths as text: "m" or "m/0/1". */
#ifndef CSIG_CLI_PATH_H
#define CSIG_CLI_PATH_H

#include "cli/cli.h"

#define PATH_TEXT_ROOM (2 + 11 * CSIG_PATH_MAX)

/* Text into indices; NULL is "m", depth 0. CLI_USAGE, saying why a hardened index cannot be. */
CLI_MUST cli_exit derivation_read(cli *c, const char *text, uint32_t path[CSIG_PATH_MAX],
                                  size_t *depth);
void derivation_write(char out[PATH_TEXT_ROOM], const uint32_t *path, size_t depth);

#endif
