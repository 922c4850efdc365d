/* Wallets on disk: DIR/devices/NAME/wallets/ID/ with the sealed share and what is known of its
 * birth.
 *
 *   record    header, session id 16, committer u16, commit signature 64 (zero until born)
 *   pending   the sealed share before the birth is known
 *   share     the sealed share of a wallet that was born; record has the commit of its epoch
 *   rehearsal an empty file: this wallet is thrown away
 *
 * What a refresh has staged beside them is in slots.h.
 */
#ifndef CSIG_CLI_WALLET_H
#define CSIG_CLI_WALLET_H

#include "cli/device.h"

#define WALLET_ID_BYTES 16

typedef struct wallet_record {
    uint8_t session[WALLET_ID_BYTES];
    uint16_t server; /* the committer's index */
    uint8_t commit[64];
} wallet_record;

typedef enum wallet_state {
    WALLET_NONE,    /* nothing, or what was cut off before it mattered */
    WALLET_JOINING, /* a share of the next epoch is staged, and there is none of the current one */
    WALLET_PENDING, /* acknowledged perhaps: only the server knows whether it was born */
    WALLET_BORN
} wallet_state;

/* A record, in the file of that name in the wallet's folder. */
CLI_MUST cli_exit wallet_record_write(cli *c, const device *d, const char *wallet, const char *name,
                                      const wallet_record *record);
CLI_MUST cli_exit wallet_record_read(cli *c, const device *d, const char *wallet, const char *name,
                                     wallet_record *record);
CLI_MUST cli_exit wallet_look(cli *c, const device *d, const char *wallet, wallet_state *state);
/* The wallet's folder is there. */
CLI_MUST cli_exit wallet_prepare(cli *c, const device *d, const char *wallet);
/* Durable: record, then the pending share. */
CLI_MUST cli_exit wallet_keep_pending(cli *c, const device *d, const char *wallet,
                                      const wallet_record *record, const csig_share *share);
/* A pending one: record and share. */
CLI_MUST cli_exit wallet_open_pending(cli *c, const device *d, const char *wallet,
                                      wallet_record *record, csig_share **share);
/* The birth is known: record with commit, then pending becomes share. */
CLI_MUST cli_exit wallet_born(cli *c, const device *d, const char *wallet,
                              const wallet_record *record);
/* Never born: nothing is left. */
CLI_MUST cli_exit wallet_forget(cli *c, const device *d, const char *wallet);
/* Of a throw-away wallet, before anything else of it is there: what a process leaves of it goes at
 * the next start. */
CLI_MUST cli_exit wallet_mark(cli *c, const device *d, const char *wallet);
CLI_MUST cli_exit wallet_is_marked(cli *c, const device *d, const char *wallet, bool *marked);
/* All of it goes, the mark last. */
CLI_MUST cli_exit wallet_discard(cli *c, const device *d, const char *wallet);
/* A born one. CLI_REFUSED: this device has no such wallet. */
CLI_MUST cli_exit wallet_open(cli *c, const device *d, const char *wallet, wallet_record *record,
                              csig_share **share);
/* A share from a backup, with the commit of its epoch, where there is none. Durable: record, share.
 */
CLI_MUST cli_exit wallet_restore(cli *c, const device *d, const char *wallet,
                                 const wallet_record *record, const csig_share *share);
/* Does the record's commit say that the share's epoch is the one? CSIG_E_SIGNATURE: no. */
csig_err wallet_commit_verify(const wallet_record *record, const csig_share *share);
/* Calls fn for every wallet of the device. */
CLI_MUST cli_exit wallet_each(cli *c, const device *d,
                              cli_exit (*fn)(cli *c, const char *wallet, void *arg), void *arg);
/* Is this a wallet's id? */
bool wallet_id_is_read(uint8_t id[WALLET_ID_BYTES], const char *text);

#endif
