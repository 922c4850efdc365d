/* What this client shows a server that asks for certificates (mutual TLS): file DIR/client,
 * [header][path of the certificate] NUL [path of its key]. The files themselves stay where they
 * are: they are renewed there. */
#ifndef CSIG_CLI_CERTIFICATE_H
#define CSIG_CLI_CERTIFICATE_H

#include "cli/files.h"

/* Those of --cert and --key, or the remembered ones; "" when there are none. CLI_USAGE: one without
 * the other. */
CLI_MUST cli_exit certificate_named(cli *c, char cert[PATH_ROOM], char key[PATH_ROOM]);
/* Remembers those of the command line, if there are any. */
CLI_MUST cli_exit certificate_pin(cli *c);

#endif
