/* A plan being written. */
#ifndef CSIG_CLI_PLAN_DRAFT_H
#define CSIG_CLI_PLAN_DRAFT_H

#include "cli/keys.h"
#include "cli/plan.h"

typedef struct draft {
    const device *host;
    uint8_t server[CSIG_IDENTITY_BYTES];
    json *parties, *leaves, *epoch; /* epoch NULL: of nothing that is there */
    uint16_t count, leavers, host_index, signers_required;
    recovery_keys keys; /* by index of what is made */
} draft;

/* The next party, with its key. */
void draft_party(draft *p, const uint8_t id[CSIG_IDENTITY_BYTES], const char *name, uint16_t was,
                 bool takes_part);
/* One that is a party no more. */
void draft_leaver(draft *p, const uint8_t id[CSIG_IDENTITY_BYTES], const char *name, uint16_t was,
                  bool takes_part);
/* Of a refresh or a resharing: from the wallet that the host holds a share of, and the options.
 * CLI_USAGE, CLI_REFUSED. */
CLI_MUST cli_exit draft_change(cli *c, bool reshares, draft *p);

#endif
