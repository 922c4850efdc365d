/* Enrolment and pairing: a device and the server, or two devices of this folder, verify each
 * other's auxiliary info. */
#ifndef CSIG_CLI_PAIRING_H
#define CSIG_CLI_PAIRING_H

#include "cli/rounds.h"

/* What the server says at an enrolment. */
typedef struct enrolment {
    uint8_t server[CSIG_IDENTITY_BYTES];
    uint64_t generation;        /* of the device's auxiliary info that it verified last; 0: none */
    uint64_t server_generation; /* of its own auxiliary info */
} enrolment;

/* Tell the server of the device and its key for HTTP; pins the server at the first time, refuses
 * another one later. Over TCP this takes the token of --token, once. */
CLI_MUST cli_exit enrol(cli *c, const csig_identity *identity, const http_key *key,
                        const char *name, enrolment *said);
/* The same, and nothing is pinned yet. */
CLI_MUST cli_exit enrol_only(cli *c, const csig_identity *identity, const http_key *key,
                             const char *name, enrolment *said);
/* d has auxiliary info. Again is fine: both sides keep what they verified last. */
CLI_MUST cli_exit pair_with_server(cli *c, const device *d,
                                   const uint8_t server[CSIG_IDENTITY_BYTES]);
/* The server would take older auxiliary info for a cheat: CLI_REFUSED with the way out. */
CLI_MUST cli_exit check_generation(cli *c, const device *d, const csig_aux *aux,
                                   const enrolment *said);
/* Enrol, check, pair. */
CLI_MUST cli_exit pair_again(cli *c, device *d);
/* The same with d->next; the verified server lands in peer.next. */
CLI_MUST cli_exit pair_next_with_server(cli *c, device *d,
                                        const uint8_t server[CSIG_IDENTITY_BYTES]);
/* One side of an auxiliary session of d with another device, into r: index 1 moves first, 2 last;
 * their nonces in that order. */
CLI_MUST cli_exit pair_session(cli *c, rounds *r, const device *d, const csig_aux *aux,
                               const uint8_t peer[CSIG_IDENTITY_BYTES],
                               uint8_t nonces[2][CSIG_NONCE_BYTES], uint16_t index);
/* rounds.store of such sessions: the verified peer is kept. */
CLI_MUST cli_exit pair_keep(cli *c, rounds *r, size_t i, void *arg);
/* Two devices of the folder with auxiliary info, unless they are paired with what both have now. */
CLI_MUST cli_exit pair_here(cli *c, const device *a, const device *b);
/* With every other device of the folder that has auxiliary info and is not paired yet. */
CLI_MUST cli_exit pair_with_others(cli *c, const device *d);

#endif
