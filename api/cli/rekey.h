/* Another key for HTTP in the place of a device's. It is made and sealed beside the old one
 * (http.next) before the server is told; the old one vouches for it, and so does the identity. Once
 * the server has it, it knows the old one no more, and the file takes its place. */
#ifndef CSIG_CLI_REKEY_H
#define CSIG_CLI_REKEY_H

#include "cli/device.h"

/* Did an earlier process begin and not see the end? */
CLI_MUST cli_exit rekey_is_open(cli *c, const device *d, bool *open);
/* Makes the next key; nothing is told yet. */
CLI_MUST cli_exit rekey_begin(cli *c, const device *d);
/* Tells the server, or finds that it was told. CLI_OK: the device has the new key alone. */
CLI_MUST cli_exit rekey_settle(cli *c, device *d);

#endif
