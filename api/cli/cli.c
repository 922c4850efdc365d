#include "cli/cli.h"

#include <stdarg.h>
#include <stdio.h>

cli_exit cli_fail(cli *c, cli_exit code, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    (void)vsnprintf(c->message, sizeof c->message, format, args);
    va_end(args);
    return code;
}

cli_exit cli_exit_of_class(csig_class class)
{
    switch (class) {
    case CSIG_CLASS_NONE:
        return CLI_OK;
    case CSIG_CLASS_CALLER:
        return CLI_BUG;
    case CSIG_CLASS_INPUT:
        return CLI_INPUT;
    case CSIG_CLASS_BENIGN:
        return CLI_AGAIN;
    case CSIG_CLASS_CHEAT:
        return CLI_CHEAT;
    case CSIG_CLASS_LOCAL:
        return CLI_LOCAL;
    }
    return CLI_BUG;
}

cli_exit cli_check(cli *c, csig_err err, const char *what)
{
    cli_exit code;

    if (err == CSIG_OK) return CLI_OK;
    code = err == CSIG_E_SEAL ? CLI_SEALED : cli_exit_of_class(csig_err_class(err));
    return cli_fail(c, code, "%s: %s (%s)", what, csig_err_text(err), csig_err_name(err));
}
