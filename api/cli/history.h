/* What a device has signed under its own policy: DIR/devices/NAME/policy.history, [header][sealed:
 * the newest time known u64, rows]. Written before its part of a signature leaves; never taken
 * back, because nobody can know that it did not arrive.
 *
 *   row   wallet 16, request 32, what 32, time u64, n u8, n times: length u8, asset, amount 32
 *
 * What: SHA-256 of all digests and paths that the payload signs. The same of the same request is
 * one row, whose time is the latest. */
#ifndef CSIG_CLI_HISTORY_H
#define CSIG_CLI_HISTORY_H

#include "cli/wallet.h"
#include "countersign/policy.h"

#define WHAT_BYTES 32

typedef struct history {
    blob rows;
    int64_t newest; /* seconds since 1970 */
} history;

/* What is judged or written. */
typedef struct spending {
    uint8_t wallet[WALLET_ID_BYTES];
    uint8_t request[CSIG_REQUEST_ID_BYTES];
    uint8_t what[WHAT_BYTES];
    const csig_facts *facts;
} spending;

void history_close(history *h);
#define AUTO_HISTORY __attribute__((cleanup(history_close))) history

CLI_MUST cli_exit history_path(cli *c, const device *d, char path[PATH_ROOM]);
/* CLI_SEALED: it was altered. CLI_REFUSED: it is not there. */
CLI_MUST cli_exit history_read(cli *c, const device *d, history *h);
CLI_MUST cli_exit history_write(cli *c, const device *d, const history *h);
/* One more, now; what is too old for every window goes. CLI_REFUSED: it is full. */
CLI_MUST cli_exit history_add(cli *c, history *h, const spending *s, int64_t now);
/* Of the wallet, after this moment, without this one itself. */
uint64_t history_count(const history *h, const spending *s, int64_t after);
void history_sum(const history *h, const spending *s, const char *asset, int64_t after,
                 uint8_t sum[CSIG_AMOUNT_BYTES]);
size_t history_rows(const history *h);

#endif
