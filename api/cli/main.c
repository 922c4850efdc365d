/* countersign: the table of commands, options, and how it ends. */
#include <getopt.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "cli/client.h"
#include "cli/seal.h"

typedef struct command {
    const char *noun, *verb; /* verb NULL: the noun alone */
    cli_exit (*run)(cli *c);
    bool wallet; /* takes a wallet's id */
    bool folder; /* uses the state folder */
    const char *usage;
} command;

static const command commands[] = {
    {"device", "init", cmd_device_init, false, true,
     "[--device NAME] [--no-aux] [--kdf-memory MIB]"},
    {"device", "enrol", cmd_device_enrol, false, true, "[--device NAME] --server ADDRESS"},
    {"wallet", "create", cmd_wallet_create, false, true,
     "--signers N [--parties N] [--device NAME]..."},
    {"wallet", "list", cmd_wallet_list, false, true, ""},
    {"wallet", "show", cmd_wallet_show, true, true, "WALLET [--path m/0/1]"},
    {"wallet", "unlock", cmd_wallet_unlock, true, true, "WALLET [--device NAME]"},
    {"presign", NULL, cmd_presign, true, true, "WALLET [--count N]"},
    {"sign", NULL, cmd_sign, true, true,
     "WALLET --digest HEX [--path m/0/1] [--presigned | --mode phone|server]"},
    {"verify", NULL, cmd_verify, false, false, "--digest HEX --signature HEX --public-key HEX"},
};

#define COMMANDS (sizeof commands / sizeof commands[0])

enum {
    OPT_STATE = 256,
    OPT_SERVER,
    OPT_DEVICE,
    OPT_FILE,
    OPT_FD,
    OPT_JSON,
    OPT_SIGNERS,
    OPT_PARTIES,
    OPT_COUNT,
    OPT_DIGEST,
    OPT_PATH,
    OPT_MODE,
    OPT_PRESIGNED,
    OPT_NO_AUX,
    OPT_KDF,
    OPT_SIGNATURE,
    OPT_KEY,
    OPT_HELP,
    OPT_VERSION
};

static const struct option options[] = {
    {"state", required_argument, NULL, OPT_STATE},
    {"server", required_argument, NULL, OPT_SERVER},
    {"device", required_argument, NULL, OPT_DEVICE},
    {"passphrase-file", required_argument, NULL, OPT_FILE},
    {"passphrase-fd", required_argument, NULL, OPT_FD},
    {"json", no_argument, NULL, OPT_JSON},
    {"signers", required_argument, NULL, OPT_SIGNERS},
    {"parties", required_argument, NULL, OPT_PARTIES},
    {"count", required_argument, NULL, OPT_COUNT},
    {"digest", required_argument, NULL, OPT_DIGEST},
    {"path", required_argument, NULL, OPT_PATH},
    {"mode", required_argument, NULL, OPT_MODE},
    {"presigned", no_argument, NULL, OPT_PRESIGNED},
    {"no-aux", no_argument, NULL, OPT_NO_AUX},
    {"kdf-memory", required_argument, NULL, OPT_KDF},
    {"signature", required_argument, NULL, OPT_SIGNATURE},
    {"public-key", required_argument, NULL, OPT_KEY},
    {"help", no_argument, NULL, OPT_HELP},
    {"version", no_argument, NULL, OPT_VERSION},
    {NULL, 0, NULL, 0},
};

static void usage(FILE *to)
{
    fprintf(to, "countersign %s, security level %u\n\n", csig_version(), csig_level());
    for (size_t i = 0; i < COMMANDS; i++)
        fprintf(to, "  countersign %s%s%s %s\n", commands[i].noun, commands[i].verb ? " " : "",
                commands[i].verb ? commands[i].verb : "", commands[i].usage);
    fprintf(
        to,
        "\n  --state DIR              the state folder (~/.countersign)\n"
        "  --server ADDRESS         socket path or http://127.0.0.1:PORT; remembered at enrolment\n"
        "  --device NAME            the device of the folder (phone); again for more\n"
        "  --passphrase-file FILE   its first line; or --passphrase-fd N; or asked at the "
        "terminal\n"
        "  --json                   one JSON object per result, errors included\n"
        "\nexit: 0 done, 1 bug, 2 usage, 3 input, 4 passphrase or sealed file, 5 server not "
        "reached,\n"
        "      6 refused, 7 try again, 8 cheating or locked, 9 this machine\n");
}

static bool number_is_read(unsigned *v, const char *text, unsigned most)
{
    char *end;
    const unsigned long n = strtoul(text, &end, 10);

    if (text[0] < '0' || text[0] > '9' || *end != '\0' || n > most) return false;
    *v = (unsigned)n;
    return true;
}

/* Where an option's text or number goes. */
static const struct {
    int opt;
    size_t text;   /* offset of a const char *, or */
    size_t number; /* offset of an unsigned, */
    unsigned most; /* at most this */
} targets[] = {
    {OPT_STATE, offsetof(cli, state), 0, 0},
    {OPT_SERVER, offsetof(cli, server), 0, 0},
    {OPT_FILE, offsetof(cli, passphrase_file), 0, 0},
    {OPT_DIGEST, offsetof(cli, digest), 0, 0},
    {OPT_PATH, offsetof(cli, path), 0, 0},
    {OPT_MODE, offsetof(cli, mode), 0, 0},
    {OPT_SIGNATURE, offsetof(cli, signature), 0, 0},
    {OPT_KEY, offsetof(cli, public_key), 0, 0},
    {OPT_SIGNERS, 0, offsetof(cli, signers_required), CSIG_PARTIES_MAX},
    {OPT_PARTIES, 0, offsetof(cli, parties), CSIG_PARTIES_MAX},
    {OPT_COUNT, 0, offsetof(cli, count), 1000},
    {OPT_FD, 0, offsetof(cli, passphrase_fd), 1023},
    {OPT_KDF, 0, offsetof(cli, kdf_mib), 4096},
};

static cli_exit set_target(cli *c, int opt)
{
    for (size_t i = 0; i < sizeof targets / sizeof targets[0]; i++) {
        unsigned v;

        if (targets[i].opt != opt) continue;
        if (targets[i].most == 0) {
            memcpy((char *)c + targets[i].text, &optarg, sizeof optarg);
            return CLI_OK;
        }
        if (!number_is_read(&v, optarg, targets[i].most))
            return cli_fail(c, CLI_USAGE, "a number up to %u is expected, not \"%s\"",
                            targets[i].most, optarg);
        memcpy((char *)c + targets[i].number, &v, sizeof v);
        return CLI_OK;
    }
    return cli_fail(c, CLI_USAGE, "unknown option; see: countersign --help");
}

static cli_exit set_option(cli *c, int opt)
{
    if (opt == OPT_JSON) {
        c->json = true;
        return CLI_OK;
    }
    if (opt == OPT_PRESIGNED) {
        c->presigned = true;
        return CLI_OK;
    }
    if (opt == OPT_NO_AUX) {
        c->no_aux = true;
        return CLI_OK;
    }
    if (opt != OPT_DEVICE) return set_target(c, opt);
    if (c->devices == CLI_NAMES_MAX) return cli_fail(c, CLI_USAGE, "too many devices");
    c->device[c->devices++] = optarg;
    return CLI_OK;
}

/* Options may stand anywhere; the words that are none name the command. */
static cli_exit read_command(cli *c, int argc, char **argv, const command **found)
{
    const char *word[4] = {NULL};
    size_t words = 0;
    int opt;

    opterr = 0;
    while ((opt = getopt_long(argc, argv, "-", options, NULL)) != -1) {
        if (opt == OPT_HELP) {
            usage(stdout);
            exit(CLI_OK);
        }
        if (opt == OPT_VERSION) {
            printf("countersign %s, security level %u\n", csig_version(), csig_level());
            exit(CLI_OK);
        }
        if (opt != 1)
            CLI_TRY(set_option(c, opt));
        else if (words < 3)
            word[words++] = optarg;
        else
            return cli_fail(c, CLI_USAGE, "too many words; see: countersign --help");
    }
    for (size_t i = 0; i < COMMANDS; i++) {
        const size_t used = commands[i].verb != NULL ? 2 : 1;

        if (words < used || strcmp(word[0], commands[i].noun) != 0) continue;
        if (used == 2 && strcmp(word[1], commands[i].verb) != 0) continue;
        if (words > used + (commands[i].wallet ? 1 : 0))
            return cli_fail(c, CLI_USAGE, "too many words; see: countersign --help");
        c->wallet = word[used];
        *found = &commands[i];
        return CLI_OK;
    }
    return cli_fail(c, CLI_USAGE, "%s; see: countersign --help",
                    words ? "unknown command" : "no command");
}

/* No core dumps, no files others can read. */
static void harden(void)
{
    const struct rlimit none = {0, 0};

    (void)umask(077);
    (void)setrlimit(RLIMIT_CORE, &none);
    (void)prctl(PR_SET_DUMPABLE, 0);
}

static cli_exit run(cli *c, int argc, char **argv)
{
    static char state[PATH_ROOM];
    const command *found = NULL;
    const char *home = getenv("HOME");

    CLI_TRY(cli_check(c, csig_init(), "start"));
    CLI_TRY(read_command(c, argc, argv, &found));
    if (c->state == NULL) {
        snprintf(state, sizeof state, "%s/.countersign", home != NULL ? home : ".");
        c->state = state;
    }
    if (found->folder) CLI_TRY(folder_lock(c));
    return found->run(c);
}

static void tell_failure(const cli *c, cli_exit code)
{
    AUTO_JSON j = c->json ? json_new() : NULL;
    char *line;

    if (!c->json) {
        fprintf(stderr, "countersign: %s\n", c->message);
        return;
    }
    json_put_text(j, "error", c->message);
    json_put_number(j, "exit", code);
    line = json_line(j);
    fprintf(stderr, "%s\n", line != NULL ? line : "{}");
    free(line);
}

int main(int argc, char **argv)
{
    cli c = {.passphrase_fd = -1, .lock_fd = -1};
    cli_exit code;

    harden();
    code = run(&c, argc, argv);
    if (code != CLI_OK) tell_failure(&c, code);
    client_close(&c);
    cli_forget(&c);
    if (fflush(stdout) != 0 && code == CLI_OK) code = CLI_LOCAL;
    return (int)code;
}
