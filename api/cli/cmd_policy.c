/* policy check: is this file a policy? By the reader that the daemon has; without server and state
 * folder. */
#include <stdlib.h>

#include "cli/files.h"
#include "cli/json.h"
#include "cli/tell.h"
#include "countersign/policy.h"

static cli_exit tell_policy(cli *c, const csig_policy *policy)
{
    AUTO_JSON j = json_new();
    size_t len = 0;
    char *text = csig_policy_text(policy, NULL, &len) == CSIG_E_BUFFER ? malloc(len) : NULL;
    cli_exit code;

    if (text == NULL) return cli_fail(c, CLI_LOCAL, "out of memory");
    code = cli_check(c, csig_policy_text(policy, text, &len), "the policy");
    if (code == CLI_OK) {
        json_put_text(j, "policy", text);
        json_put_flag(j, "changes", csig_policy_changes(policy) != NULL);
        code = cli_tell(c, j, "good: %s\n%s", text,
                        csig_policy_changes(policy) != NULL
                            ? ""
                            : "nobody is asked when it changes: only the operator changes it\n");
    }
    free(text);
    return code;
}

cli_exit cmd_policy_check(cli *c)
{
    char why[CSIG_WHY_BYTES] = "";
    AUTO_BLOB text = {0};
    csig_policy *policy = NULL;
    cli_exit code;

    CLI_TRY(file_read(c, c->file[0], &text));
    if (csig_policy_read(&policy, (const char *)text.p, text.len, why) != CSIG_OK)
        return cli_fail(c, CLI_INPUT, "%s is no policy: %s", c->file[0], why);
    code = tell_policy(c, policy);
    csig_policy_free(policy);
    return code;
}
