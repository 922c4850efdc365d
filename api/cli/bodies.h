/* Lists of envelopes and backups, and what one body of them holds: proofs of many signers, and
 * presignatures of many, do not go into one. */
#ifndef CSIG_CLI_BODIES_H
#define CSIG_CLI_BODIES_H

#include "cli/cli.h"

/* The next of a list is an envelope, or a backup. */
CLI_MUST cli_exit bodies_item(cli *c, const uint8_t *p, size_t len, size_t *one, bool *is_backup);
/* Octets of a body; the daemon takes no more (api/README.md). */
size_t bodies_room(void);
/* How many octets of a list go into the next body of this room: whole items, one at least. */
CLI_MUST cli_exit bodies_next(cli *c, size_t room, const uint8_t *p, size_t len, size_t *body);

#endif
