#include "cli/unseen.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <string.h>
#include <unistd.h>

#include "cli/json.h"

/* An octet at a time: nothing of it is buffered anywhere else, and what follows stays for others.
 */
static cli_exit read_line(cli *c, int fd, const char *what, char *out, size_t room)
{
    size_t n = 0;

    for (;;) {
        const ssize_t got = read(fd, out + n, 1);

        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return cli_fail(c, CLI_LOCAL, "%s cannot be read: %s", what, strerror(errno));
        if (got == 0 || out[n] == '\n') break;
        if (out[n] == '\0') return cli_fail(c, CLI_INPUT, "%s is no line of text", what);
        if (++n == room) return cli_fail(c, CLI_INPUT, "%s is too long", what);
    }
    while (n > 0 && (out[n - 1] == '\r' || out[n - 1] == ' '))
        n--;
    out[n] = '\0';
    return n > 0 ? CLI_OK : cli_fail(c, CLI_INPUT, "%s is empty", what);
}

cli_exit unseen_read(cli *c, const char *named, const char *what, char *out, size_t room)
{
    const bool is_input = strcmp(named, "-") == 0;
    /* Not to wait for what is no file at all. */
    const int fd =
        is_input ? STDIN_FILENO : open(named, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    cli_exit code;

    if (fd < 0) return file_failure(c, "read", named);
    code = read_line(c, fd, what, out, room);
    if (!is_input) close(fd);
    return code;
}

cli_exit unseen_token(cli *c)
{
    uint8_t token[32];

    bool is_one = c->token == NULL || hex_is_read(token, sizeof token, c->token);

    if (!is_one) {
        CLI_TRY(unseen_read(c, c->token, "the token", c->token_text, sizeof c->token_text));
        c->token = c->token_text;
        is_one = hex_is_read(token, sizeof token, c->token);
    }
    sodium_memzero(token, sizeof token);
    if (is_one) return CLI_OK;
    return cli_fail(c, CLI_INPUT, "a token has 64 lower-case hex digits");
}
