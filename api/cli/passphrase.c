#include "cli/passphrase.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "cli/seal.h"

/* A signal came while the terminal did not echo. */
static volatile sig_atomic_t interrupted;

static void interrupt(int number)
{
    interrupted = number;
}

/* A line without its end, an octet at a time: nothing of it is buffered anywhere else, and what
 * follows stays for others to read. */
static cli_exit read_line(cli *c, int fd, const char *from, char out[PASSPHRASE_ROOM])
{
    size_t n = 0;

    for (;;) {
        const ssize_t got = read(fd, out + n, 1);

        if (got < 0 && errno == EINTR && !interrupted) continue;
        if (got < 0 && errno == EINTR)
            return cli_fail(c, CLI_AGAIN, "stopped; nothing has changed");
        if (got < 0)
            return cli_fail(c, CLI_LOCAL, "the passphrase cannot be read from %s: %s", from,
                            strerror(errno));
        if (got == 0 || out[n] == '\n') break;
        if (out[n] == '\0')
            return cli_fail(c, CLI_INPUT, "the passphrase in %s is no line of text", from);
        if (++n == PASSPHRASE_ROOM)
            return cli_fail(c, CLI_INPUT, "the passphrase in %s is too long; at most %d octets",
                            from, PASSPHRASE_ROOM - 1);
    }
    out[n] = '\0';
    if (n == 0)
        return cli_fail(c, CLI_INPUT, "the passphrase in %s is empty; give at least one character",
                        from);
    return CLI_OK;
}

/* --- the terminal --- */

static cli_exit prompt(cli *c, int tty, const char *text, char out[PASSPHRASE_ROOM])
{
    struct termios shown, hidden;
    cli_exit code;

    if (tcgetattr(tty, &shown) != 0) return file_failure(c, "use", "the terminal");
    hidden = shown;
    hidden.c_lflag &= (tcflag_t)~ECHO;
    if (tcsetattr(tty, TCSAFLUSH, &hidden) != 0)
        return cli_fail(c, CLI_LOCAL,
                        "the terminal would show the passphrase; use "
                        "--passphrase-file or --passphrase-fd");
    dprintf(tty, "%s: ", text);
    code = read_line(c, tty, "the terminal", out);
    (void)tcsetattr(tty, TCSAFLUSH, &shown);
    dprintf(tty, "\n");
    return code;
}

static cli_exit prompt_twice(cli *c, int tty, char out[PASSPHRASE_ROOM])
{
    char *again = locked_alloc(PASSPHRASE_ROOM);
    cli_exit code;

    if (again == NULL) return no_locked_memory(c);
    code = prompt(c, tty, "New passphrase", out);
    if (code == CLI_OK) code = prompt(c, tty, "Once more", again);
    if (code == CLI_OK && strcmp(out, again) != 0)
        code = cli_fail(c, CLI_INPUT, "the two passphrases differ; nothing has changed");
    locked_free(again);
    return code;
}

/* Signals are noted while the terminal hides what is typed, so that it always shows again. */
static cli_exit from_terminal(cli *c, bool fresh, char out[PASSPHRASE_ROOM])
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
    struct sigaction note = {.sa_handler = interrupt}, before[4];
    const int tty = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
    cli_exit code;

    if (tty < 0)
        return cli_fail(c, CLI_USAGE,
                        "no terminal to ask for the passphrase; use --passphrase-file or "
                        "--passphrase-fd");
    for (size_t i = 0; i < 4; i++)
        (void)sigaction(numbers[i], &note, &before[i]);
    code = fresh ? prompt_twice(c, tty, out) : prompt(c, tty, "Passphrase", out);
    for (size_t i = 0; i < 4; i++)
        (void)sigaction(numbers[i], &before[i], NULL);
    close(tty);
    return code;
}

/* --- a file --- */

cli_exit passphrase_of_file(cli *c, const char *path, char out[PASSPHRASE_ROOM])
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    struct stat st;
    cli_exit code;

    if (fd < 0) return file_failure(c, "read the passphrase file", path);
    if (fstat(fd, &st) != 0)
        code = file_failure(c, "read the passphrase file", path);
    else if (S_ISREG(st.st_mode) && (st.st_mode & 077) != 0)
        code =
            cli_fail(c, CLI_LOCAL, "the passphrase file %s is open to others: chmod 600 it", path);
    else
        code = read_line(c, fd, path, out);
    close(fd);
    return code;
}

cli_exit passphrase_get(cli *c, bool fresh, char out[PASSPHRASE_ROOM])
{
    if (c->passphrase_fd >= 0) return read_line(c, c->passphrase_fd, "the descriptor", out);
    if (c->passphrase_file != NULL) return passphrase_of_file(c, c->passphrase_file, out);
    return from_terminal(c, fresh, out);
}
