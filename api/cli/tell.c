#include "cli/tell.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* What is shown may have been written by somebody else: it steers no terminal. NULL: no memory. */
__attribute__((format(printf, 1, 0))) static char *text_of(const char *format, va_list args)
{
    va_list again;
    char *text;
    int len;

    va_copy(again, args);
    len = vsnprintf(NULL, 0, format, again);
    va_end(again);
    text = len >= 0 ? malloc((size_t)len + 1) : NULL;
    if (text == NULL) return NULL;
    (void)vsnprintf(text, (size_t)len + 1, format, args);
    cli_harmless(text, true);
    return text;
}

cli_exit cli_tell(cli *c, const json *j, const char *format, ...)
{
    va_list args;
    char *text;

    va_start(args, format);
    text = c->json ? json_line(j) : text_of(format, args);
    va_end(args);
    if (text == NULL) return cli_fail(c, CLI_LOCAL, "out of memory");
    (void)fputs(text, stdout);
    if (c->json) (void)putchar('\n');
    free(text);
    return CLI_OK;
}

/* Three kinds of lines on stderr: {"note": ...}, {"error": ..., "exit": ...} and {"trace": ...}. */
static void complain(const cli *c, const char *member, const char *text, const char *problem,
                     cli_exit code)
{
    AUTO_JSON j = json_new();
    char *line;

    json_put_text(j, member, text);
    if (code != CLI_OK) json_put_number(j, "exit", code);
    if (problem[0] != '\0') json_put_text(j, "code", problem);
    if (code != CLI_OK && c->has_trace) json_put_text(j, "trace", c->trace.id);
    line = json_line(j);
    fprintf(stderr, "%s\n", line != NULL ? line : "{\"error\":\"out of memory\"}");
    free(line);
}

void cli_note(const cli *c, const char *format, ...)
{
    va_list args;
    char *text;

    va_start(args, format);
    text = text_of(format, args);
    va_end(args);
    if (c->json)
        complain(c, "note", text != NULL ? text : "out of memory", "", CLI_OK);
    else
        fprintf(stderr, "countersign: note: %s\n", text != NULL ? text : "out of memory");
    free(text);
}

void cli_tell_failure(const cli *c, cli_exit code)
{
    if (c->json)
        complain(c, "error", c->message, c->problem, code);
    else
        fprintf(stderr, "countersign: %s\n", c->message);
}

void cli_tell_trace(const cli *c)
{
    if (c->json && c->has_trace) complain(c, "trace", c->trace.id, "", CLI_OK);
}

cli_exit cli_tell_end(cli *c)
{
    if (fflush(stdout) == 0 && ferror(stdout) == 0) return CLI_OK;
    return cli_fail(c, CLI_LOCAL, "the result cannot be written to standard output: %s",
                    strerror(errno));
}
