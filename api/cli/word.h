/* Somebody's word, about a request or a policy: lines of api/README.md, signed with the key of his
 * device. */
#ifndef CSIG_CLI_WORD_H
#define CSIG_CLI_WORD_H

#include "cli/device.h"
#include "cli/json.h"

#define WORD_LINES_ROOM 1024

/* The one device whose word it is. CLI_USAGE: there are several. */
CLI_MUST cli_exit word_begin(cli *c, devices *all);
/* The lines signed, given to the server at WHERE/approvals, where WHERE is about the id that the
 * command names, and told what state that is in by then. CLI_REFUSED: the device has no key. */
CLI_MUST cli_exit word_give(cli *c, const device *d, const char *decision, const char *lines,
                            const char *where);

#endif
