/* What an earlier process began and did not see end. Every command that opens devices and knows the
 * server comes through here first. */
#ifndef CSIG_CLI_RECONCILE_H
#define CSIG_CLI_RECONCILE_H

#include "cli/device.h"

/* Pair new auxiliary info that waits for it with the server. Ask the server about every pending and
 * every staged share of these devices and follow it: born or committed, or never so when the server
 * signs that. Halves of another epoch go. Send every stored reply, and every word that a request is
 * not signed, again. Without such there is no
 * call; whatever the server does not decide stays as it is, with a note. */
CLI_MUST cli_exit reconcile(cli *c, const devices *all);
/* The beginning of a command: the folder's master key, the devices, and reconcile. */
CLI_MUST cli_exit begin_with_devices(cli *c, devices *all);

#endif
