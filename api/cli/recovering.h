/* The device of a recovery machine. */
#ifndef CSIG_CLI_RECOVERING_H
#define CSIG_CLI_RECOVERING_H

#include "cli/device.h"

/* Named, or "recovery". CLI_USAGE: several are named. */
CLI_MUST cli_exit recovery_device_named(cli *c, const char **name);

#endif
