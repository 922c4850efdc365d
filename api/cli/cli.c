#include "cli/cli.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "auth/text.h"

void cli_trace(cli *c, char parent[CSIGD_TRACE_PARENT_BYTES])
{
    const char *given = getenv("TRACEPARENT");

    if (!c->has_trace && (given == NULL || !csigd_trace_is_continued(&c->trace, given)))
        csigd_trace_new(&c->trace);
    c->has_trace = true;
    csigd_trace_parent(&c->trace, parent);
}

void cli_harmless(char *text, bool has_lines)
{
    char *to = text;

    while (*text != '\0') {
        const size_t control = has_lines && *text == '\n' ? 0 : csigd_text_control(text);

        *to++ = control > 0 ? '?' : *text;
        text += control > 0 ? control : 1;
    }
    *to = '\0';
}

cli_exit cli_fail(cli *c, cli_exit code, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    (void)vsnprintf(c->message, sizeof c->message, format, args);
    va_end(args);
    c->problem[0] = '\0';
    c->session[0] = '\0';
    /* A name from the command line must not steer a terminal. */
    cli_harmless(c->message, false);
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

cli_exit cli_exit_of_err(csig_err err)
{
    return err == CSIG_E_SEAL ? CLI_SEALED : cli_exit_of_class(csig_err_class(err));
}

cli_exit cli_check(cli *c, csig_err err, const char *what)
{
    if (err == CSIG_OK) return CLI_OK;
    return cli_fail(c, cli_exit_of_err(err), "%s: %s (%s)", what, csig_err_text(err),
                    csig_err_name(err));
}
