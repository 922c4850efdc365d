/* The search for a device's four safe primes: minutes of work that nothing may lose. */
#ifndef CSIG_CLI_PRIMES_H
#define CSIG_CLI_PRIMES_H

#include "cli/device.h"

/* Goes on where an earlier process stopped, shows progress, and stops at a signal with what it has
 * on disk: CLI_AGAIN. At the end `path` holds all four; free them with csig_primes_free. */
CLI_MUST cli_exit primes_find(cli *c, const device *d, const char *path, csig_primes **primes);

#endif
