/* The plan of a ceremony: who makes, refreshes or reshares a key, agreed to before anything runs.
 * One line of canonical JSON; its hash is SHA-256 of that line without "signatures", and every
 * participant signs the hash with its identity (use "ceremony-plan").
 *
 *   countersign       "plan"; version 1; level
 *   operation         "keygen", "refresh", "reshare"
 *   nonce             32 hex digits: no two plans are the same
 *   wallet            of which; null at key generation, like the next
 *   epoch             that it starts from: {"number", "state"}
 *   signers_required  of the key or epoch that is made
 *   parties           of it, by index: {"identity", "index", "name", "recovery", "takes_part",
 *                     "was"}. recovery: the key to which its share is encrypted, null: none. was:
 *                     the index it had before, 0: none. Party 2 is the server
 *   leaves            of a resharing, who is a party before and not after it, by the index it had:
 *                     {"identity", "name", "takes_part", "was"}
 *   host              index of who hosts the meetings
 *   address           of the server, for people
 *   seconds           {"gather", "rounds", "close"}: how long each phase may be silent
 *   no_return         the point of no return, in words
 *   signatures        by index, then of those that leave: hex; null: not signed yet, or takes no
 *                     part, or is the server */
#ifndef CSIG_CLI_PLAN_H
#define CSIG_CLI_PLAN_H

#include "cli/creation.h"
#include "cli/json.h"

#define PLAN_VERSION   1
#define PLAN_USE       "ceremony-plan"
#define PLAN_HASH      32
#define PLAN_SIGNATURE 64
#define PLAN_NAME_ROOM 64
#define PLAN_SEATS_MAX (2 * CSIG_PARTIES_MAX)

typedef struct plan_party {
    char name[PLAN_NAME_ROOM];
    uint8_t id[CSIG_IDENTITY_BYTES];
    uint16_t was;
    bool takes_part; /* in the meeting: a device, and not one that is only a recovery key */
    bool has_key, has_signed;
    uint8_t key[CSIG_RECOVERY_KEY_BYTES];
    uint8_t signature[PLAN_SIGNATURE];
} plan_party;

typedef struct plan {
    json *j;
    uint8_t hash[PLAN_HASH];
    char hash_text[2 * PLAN_HASH + 1];
    const char *operation, *wallet; /* of j; wallet NULL at key generation */
    uint64_t epoch;                 /* of a change: the one that it starts from */
    uint8_t state[32];
    uint16_t signers_required, parties, host;
    uint16_t seats;                   /* parties, and behind them those that leave */
    plan_party party[PLAN_SEATS_MAX]; /* by index - 1 */
    unsigned gather, rounds, close;
} plan;

void plan_close(plan *p);
#define AUTO_PLAN __attribute__((cleanup(plan_close))) plan

/* From its JSON, which the plan keeps. CLI_INPUT: not one. Signatures that are there are verified:
 * CLI_CHEAT and whose is wrong. */
CLI_MUST cli_exit plan_take(cli *c, json *j, plan *p);
/* CLI_INPUT: the file is none. */
CLI_MUST cli_exit plan_read(cli *c, const char *path, plan *p);
CLI_MUST cli_exit plan_write(cli *c, const char *path, const plan *p);
/* Into the JSON too. */
void plan_set_signature(plan *p, uint16_t index, const uint8_t signature[PLAN_SIGNATURE]);
/* CLI_REFUSED: names who has not signed. */
CLI_MUST cli_exit plan_check_signed(cli *c, const plan *p);
/* Among the seats, from 1; 0: it has none. */
uint16_t plan_index(const plan *p, const uint8_t id[CSIG_IDENTITY_BYTES]);
/* Does it begin something new? */
static inline bool plan_is_creation(const plan *p)
{
    return p->wallet == NULL;
}
static inline bool plan_is_leaving(const plan *p, uint16_t index)
{
    return index > p->parties;
}
/* The index that people know it by. */
static inline uint16_t plan_number(const plan *p, uint16_t index)
{
    return plan_is_leaving(p, index) ? p->party[index - 1].was : index;
}
/* Who takes part but the server, as key generation numbers them; no device is here yet. */
CLI_MUST cli_exit plan_creation(cli *c, const plan *p, creation *w);

/* Of a refresh or a resharing: can these parties make it? CLI_INPUT */
CLI_MUST cli_exit plan_check_change(cli *c, const plan *p);

#endif
