/* Who may do what with which wallets: one table, default deny. Pure: no store, no HTTP. */
#ifndef CSIGD_AUTH_ROLE_H
#define CSIGD_AUTH_ROLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "auth/error.h"

#define CSIGD_LABEL_MAX 64 /* octets of a wallet's label */

/* X(name, on the wire). Bits are stored: add at the end. A key may have several; `device` is what
 * every enrolled phone has, for the wallets it is a party of. */
#define CSIGD_ROLES(X)                                                                             \
    X(CREATE, "create")                                                                            \
    X(SIGN, "sign")                                                                                \
    X(APPROVE, "approve")                                                                          \
    X(OPERATE, "operate")                                                                          \
    X(READ, "read")                                                                                \
    X(DEVICE, "device")

typedef enum csigd_role {
#define CSIGD_ROLE_ENUM(name, word) CSIGD_ROLE_##name,
    CSIGD_ROLES(CSIGD_ROLE_ENUM)
#undef CSIGD_ROLE_ENUM
        CSIGD_ROLE_COUNT
} csigd_role;

#define CSIGD_ROLE_BIT(role) (1u << (role))

/* What a route does; the columns of the table. X(name, of a wallet or of the whole service) */
#define CSIGD_ACTS(X)                                                                              \
    X(WALLET_CREATE, true)                                                                         \
    X(WALLET_READ, true)                                                                           \
    X(WALLET_OPERATE, true)                                                                        \
    X(REQUEST_CREATE, true)                                                                        \
    X(REQUEST_READ, true)                                                                          \
    X(REQUEST_CANCEL, true)                                                                        \
    X(REQUEST_APPROVE, true)                                                                       \
    X(SESSION_JOIN, true)                                                                          \
    X(POLICY_READ, true)                                                                           \
    X(POLICY_CHANGE, true)                                                                         \
    X(KEY_MANAGE, false)                                                                           \
    X(AUDIT_READ, false)                                                                           \
    X(SERVICE_OPERATE, false)                                                                      \
    X(ACCOUNT_READ, true)

typedef enum csigd_act {
#define CSIGD_ACT_ENUM(name, of_wallet) CSIGD_ACT_##name,
    CSIGD_ACTS(CSIGD_ACT_ENUM)
#undef CSIGD_ACT_ENUM
        CSIGD_ACT_COUNT
} csigd_act;

typedef enum csigd_rule { CSIGD_RULE_NONE = 0, CSIGD_DENY, CSIGD_ALLOW } csigd_rule;

/* THE table; nothing in it is CSIGD_RULE_NONE. */
extern const csigd_rule csigd_role_table[CSIGD_ROLE_COUNT][CSIGD_ACT_COUNT];

const char *csigd_role_name(csigd_role role);
/* false: no such role. */
/* Their names, in order, with commas between them. */
#define CSIGD_ROLES_BYTES 64
void csigd_roles_write(char out[CSIGD_ROLES_BYTES], uint32_t roles);
bool csigd_role_is_read(csigd_role *role, const char *name);

/* Labels are paths: "treasury/eu/hot". */
typedef enum csigd_select {
    CSIGD_SELECT_NONE = 0, /* numbers are stored: never renumber */
    CSIGD_SELECT_ALL = 1,
    CSIGD_SELECT_LIST = 2, /* these ids */
    CSIGD_SELECT_LABEL = 3 /* this label and those below it: "treasury/eu" has "treasury/eu/hot" */
} csigd_select;

typedef struct csigd_selector {
    csigd_select kind;
    const uint8_t (*ids)[16];
    size_t n_ids;
    char label[CSIGD_LABEL_MAX + 1];
} csigd_selector;

/* A wallet as far as it matters here. */
typedef struct csigd_subject {
    const uint8_t *id; /* 16 octets; NULL: it is to be made */
    const char *label; /* "": none */
} csigd_subject;

/* Steps of lower-case letters, digits, '.', '-' and '_', with '/' between them. */
bool csigd_label_is_fine(const char *label);
/* The same label, or one below it; no label is above all. */
bool csigd_label_has_label(const char *above, const char *below);
bool csigd_selector_has_wallet(const csigd_selector *selector, const csigd_subject *wallet);

/* What a key may do. */
typedef struct csigd_grant {
    unsigned roles; /* CSIGD_ROLE_BIT */
    csigd_selector wallets;
} csigd_grant;

/* Does one of its roles allow this, for some wallet? For lists, which then ask for each wallet. */
bool csigd_grant_has_act(const csigd_grant *grant, csigd_act act);
/* wallet: NULL for acts of the whole service, which only a grant for all wallets has.
 * CSIGD_AUTH_FORBIDDEN. */
csigd_auth csigd_grant_decide(const csigd_grant *grant, csigd_act act, const csigd_subject *wallet);

#endif
