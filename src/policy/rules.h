/* A policy as it is read: what policy.h describes, in plain structs. read.c fills it, match.c and
 * judge.c look. */
#ifndef CSIG_POLICY_RULES_H
#define CSIG_POLICY_RULES_H

#include "base/base.h"
#include "countersign/policy.h"
#include "payload/json.h"

#define CSIG_LIMITS_MAX  8 /* of one kind in one rule */
#define CSIG_WINDOWS_MAX 8
/* Entries of all lists of a policy, and of all its lists of calls. */
#define CSIG_NAMES_MAX  2048
#define CSIG_CALLED_MAX 256

/* A part of the policy's entries. */
typedef struct csig_span {
    uint8_t given;
    uint16_t first, n;
} csig_span;

/* What a list is about; with _other_than beside it. */
typedef enum csig_list {
    CSIG_LIST_TYPES = 0,
    CSIG_LIST_CHAINS,
    CSIG_LIST_ASSETS,
    CSIG_LIST_TO,
    CSIG_LIST_COUNT
} csig_list;

/* One that may be called. */
typedef struct csig_called {
    const char *contract; /* NULL: any */
    const char *method;   /* NULL: any; where there is no selector a primary type */
    uint8_t has_selector;
    uint8_t selector[4];
} csig_called;

typedef enum csig_bound_kind { CSIG_NO_BOUND = 0, CSIG_ABOVE, CSIG_UP_TO } csig_bound_kind;

typedef struct csig_bound {
    csig_bound_kind kind;
    uint8_t amount[CSIG_AMOUNT_BYTES];
} csig_bound;

typedef struct csig_limit {
    const char *asset;
    int64_t seconds; /* of a sum */
    csig_bound bound;
} csig_limit;

typedef struct csig_limits {
    size_t n;
    csig_limit of[CSIG_LIMITS_MAX];
} csig_limits;

typedef struct csig_count_bound {
    csig_bound_kind kind;
    int64_t seconds;
    uint64_t count;
} csig_count_bound;

/* Minutes of some days. */
typedef struct csig_window {
    uint8_t days; /* bit 0: Monday */
    uint16_t from, to;
} csig_window;

typedef struct csig_windows {
    size_t n; /* 0: not given */
    csig_window of[CSIG_WINDOWS_MAX];
} csig_windows;

typedef enum csig_flag {
    CSIG_FLAG_BLIND = 0,
    CSIG_FLAG_DELEGATES,
    CSIG_FLAG_AUTHORIZES,
    CSIG_FLAG_CREATES,
    CSIG_FLAG_ANYONECANPAY,
    CSIG_FLAG_COUNT
} csig_flag;

typedef enum csig_want { CSIG_WANT_NOT_SAID = 0, CSIG_WANT_NO, CSIG_WANT_YES } csig_want;

typedef struct csig_rule {
    char id[CSIG_RULE_BYTES];
    char because[CSIG_BECAUSE_BYTES];
    csig_decision then;
    csig_quorum quorum;
    csig_span lists[CSIG_LIST_COUNT], others[CSIG_LIST_COUNT];
    csig_span calls, other_calls;
    csig_limits amount, sum;
    csig_count_bound count;
    csig_bound fee, fee_rate;
    csig_windows during, not_during;
    csig_want flags[CSIG_FLAG_COUNT];
} csig_rule;

struct csig_policy {
    size_t n_rules;
    csig_rule rules[CSIG_RULES_MAX];
    uint8_t has_changes;
    csig_quorum changes;
    size_t n_names, n_called;
    const char *names[CSIG_NAMES_MAX];
    csig_called called[CSIG_CALLED_MAX];
    csig_json *json; /* as it was read; every text above stands in it */
};

/* What a payload is judged against. */
typedef struct csig_case {
    const csig_policy *policy;
    const csig_facts *facts;
    const csig_history *history;
    int64_t now;
} csig_case;

/* Some part of the payload is as the rule says. CSIG_E_HOST: history failed. */
CSIG_MUST csig_err csig_rule_touches(bool *yes, const csig_case *c, const csig_rule *rule);
/* Every part of it is. */
CSIG_MUST csig_err csig_rule_covers(bool *yes, const csig_case *c, const csig_rule *rule);

#endif
