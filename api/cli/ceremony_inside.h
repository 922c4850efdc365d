/* Shared by ceremony_ask.c and ceremony_change.c: a refresh or a resharing in a ceremony, of which
 * one device is here. */
#ifndef CSIG_CLI_CEREMONY_INSIDE_H
#define CSIG_CLI_CEREMONY_INSIDE_H

#include "cli/ceremony.h"
#include "cli/meeting.h"
#include "cli/turnover.h"

typedef struct changing {
    ceremony *x;
    bool reshares;
    turnover t;
    uint16_t count, index[CSIG_PARTIES_MAX]; /* of those that take part: their seats, ascending */
    uint16_t self;                           /* own place, from 1 */
    uint8_t nonce[CSIG_PARTIES_MAX][CSIG_NONCE_BYTES];     /* by place */
    uint8_t number[CSIG_PARTIES_MAX][CSIG_IDENTITY_BYTES]; /* by number in the session - 1 */
    uint16_t numbers;
    uint8_t epoch[CSIG_EPOCH_BYTES]; /* the one before */
} changing;

/* Who takes part, in which place. */
void changing_list_places(changing *w);
/* The server and the first devices that make it enough. */
void changing_choose_test(changing *w);
bool changing_is_in_test(const changing *w, uint16_t index);
/* Recovery keys by the plan. CLI_CHEAT: a refresh would change them. */
CLI_MUST cli_exit changing_read_keys(cli *c, changing *w);
/* The body that asks for the session, and the nonces that its reply has. */
void changing_describe(const changing *w, json *body);
CLI_MUST cli_exit changing_read_nonces(cli *c, changing *w, const json *answer);

#endif
