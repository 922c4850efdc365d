/* countersign: hardening, the command, and how it ends. */
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/args.h"
#include "cli/client.h"
#include "cli/ride.h"
#include "cli/seal.h"
#include "cli/tell.h"
#include "cli/unseen.h"

/* No core dumps, no files others can read; a reader that went away is an error like any other. A
 * standard descriptor that came closed is taken by what cannot be written: else the next file
 * opened would get what we say. */
static void harden(void)
{
    const struct rlimit none = {0, 0};
    int fd;

    do
        fd = open("/dev/null", O_RDONLY);
    while (fd >= 0 && fd <= STDERR_FILENO);
    if (fd >= 0) close(fd);
    (void)umask(077);
    (void)setrlimit(RLIMIT_CORE, &none);
    (void)prctl(PR_SET_DUMPABLE, 0);
    (void)signal(SIGPIPE, SIG_IGN);
}

static cli_exit run(cli *c, int argc, char **argv)
{
    const cli_command *command;

    CLI_TRY(cli_check(c, csig_init(), "start"));
    CLI_TRY(args_read(c, argc, argv, &command));
    if (command == NULL) return CLI_OK;
    if (c->server != NULL) CLI_TRY(client_check_address(c, c->server));
    CLI_TRY(unseen_token(c));
    return command->run(c);
}

int main(int argc, char **argv)
{
    cli c = {.passphrase_fd = -1, .lock_fd = -1};
    cli_exit code;

    harden();
    code = run(&c, argc, argv);
    if (code == CLI_OK) code = cli_tell_end(&c);
    if (code != CLI_OK) cli_tell_failure(&c, code);
    ride_at_end(&c, code);
    if (code == CLI_OK) cli_tell_trace(&c);
    client_close(&c);
    cli_forget(&c);
    return (int)code;
}
