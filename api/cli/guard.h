/* A device's own policy: every signature that it has a part in is judged by it before anything of
 * that part leaves, whoever asks, over what the device has read itself. File
 * DIR/devices/NAME/policy, [header][sealed: canonical text]; it is nobody's but the device's: a
 * backup does not have it.
 *
 * The test signatures of ceremonies, refreshes and resharings, whose digest the device makes
 * itself, are not judged. */
#ifndef CSIG_CLI_GUARD_H
#define CSIG_CLI_GUARD_H

#include "cli/signing.h"
#include "countersign/payload.h"
#include "countersign/policy.h"

/* The first device here that has a part and would not sign, and why. */
typedef struct guard_no {
    const device *d; /* NULL: all would */
    csig_judgement verdict;
} guard_no;

/* Would every device here that has a part sign this payload? */
CLI_MUST cli_exit guard_ask(cli *c, const signing *s, const csig_payload *p, guard_no *no);
/* CLI_REFUSED with the rule and why. */
CLI_MUST cli_exit guard_check(cli *c, const signing *s, const csig_payload *p);
/* The same, and durable: it has. Before anything of the request s->request leaves. */
CLI_MUST cli_exit guard_reserve(cli *c, signing *s, const csig_payload *p);
/* Both for the bare digest of the intent. */
CLI_MUST cli_exit guard_check_digest(cli *c, const signing *s);
CLI_MUST cli_exit guard_reserve_digest(cli *c, signing *s);

/* --- the policy of one device --- */

void policy_close(csig_policy **p);
#define AUTO_POLICY __attribute__((cleanup(policy_close))) csig_policy *
/* NULL: it has none. CLI_REFUSED: it has lost it. */
CLI_MUST cli_exit guard_policy(cli *c, const device *d, csig_policy **p);
/* The text; free() it. NULL without memory. */
char *guard_text(const csig_policy *p);
/* From now on. What was signed under an earlier one counts. CLI_REFUSED: not for a device. */
CLI_MUST cli_exit guard_set(cli *c, const device *d, const csig_policy *p);
/* None, and nothing of what was signed is known any more. */
CLI_MUST cli_exit guard_clear(cli *c, const device *d);

#endif
