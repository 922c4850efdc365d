#include <stdio.h>

#include "cli/args.h"
#include "cli/tell.h"

void args_print_help(const cli_command *commands, size_t count)
{
    printf("countersign %s, security level %u\n\n", csig_version(), csig_level());
    for (size_t i = 0; i < count; i++)
        printf("  countersign %s%s%s %s\n", commands[i].noun, commands[i].verb ? " " : "",
               commands[i].verb ? commands[i].verb : "", commands[i].usage);
    printf("\n"
           "  --state DIR              the state folder (~/.countersign)\n"
           "  --server ADDRESS         socket path, https://HOST:PORT or http://127.0.0.1:PORT; "
           "remembered at enrolment\n"
           "  --ca FILE                roots that vouch for the server (PEM); remembered likewise\n"
           "  --cert FILE --key FILE   what this client shows a server that asks for certificates "
           "(PEM); remembered likewise\n"
           "  --device NAME            a device of the folder (phone); again for more\n"
           "  --passphrase-file FILE   its first line; or --passphrase-fd N; or asked at the "
           "terminal\n"
           "  --backup-passphrase-file FILE   of backups; the folder's when not given\n"
           "  --recovery CARD          a party without a device, of this recovery card; again for "
           "more\n"
           "  --recovery-of INDEX=CARD   the recovery key of a party that has a device\n"
           "  --add, --remove, --replace   who comes, who goes, and who takes whose place; again "
           "for more\n"
           "  --with CARD, --with INDEX   a party that is elsewhere and joins (countersign join); "
           "again "
           "for more\n"
           "  --wait SECONDS           of silence until a meeting is given up (600)\n"
           "  --json                   one JSON object per line, errors included\n"
           "\n"
           "exit: 0 done, 1 bug, 2 usage, 3 input, 4 passphrase or sealed file, 5 server not "
           "reached,\n"
           "      6 refused, 7 try again, 8 cheating or locked, 9 this machine\n");
}

cli_exit args_print_version(cli *c)
{
    AUTO_JSON j = json_new();

    json_put_text(j, "version", csig_version());
    json_put_number(j, "level", csig_level());
    return cli_tell(c, j, "countersign %s, security level %u\n", csig_version(), csig_level());
}
