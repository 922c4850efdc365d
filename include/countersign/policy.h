/* A wallet's policy: rules with stable ids over what a payload does. The daemon and the phone judge
 * with the same code, each its own policy with its own history.
 *
 * A policy is a JSON document:
 *
 *   {"version": 1, "default": "deny", "changes"?: QUORUM,
 *    "rules": [{"id", "if": {...}, "then": "allow" | "deny" | "hook" | {"approve": QUORUM},
 *               "because"?: text}]}
 *   QUORUM: {"quorum": m, "of": [names of approvers' keys], "seconds"?, "by_creator"?}
 *
 * First every rule that denies is asked, in order; the first that touches the payload decides. Then
 * some other rule must cover it, or the answer is no: rule "default". Then every rule that touches
 * it and wants approvals must have them, then every one that wants the hook. Then it is allowed.
 *
 * A rule touches a payload when some part of it is as `if` says, and covers it when all of it is: a
 * permission is for what it speaks of and for nothing else. All members of `if` must hold. Parts
 * are the transfers, but not what goes back to the wallet itself (change); powers over tokens that
 * are given away; and calls of contracts that are no known transfer of tokens. To cover, moreover:
 * bare digests, powers given away, code for accounts, created contracts and ANYONECANPAY need their
 * flag; calls need `calls`; what moves nothing and calls nothing needs its type in `types`.
 *
 *   types, chains, assets, to               lists: it is one of these
 *   types_other_than, chains_other_than,
 *     assets_other_than, to_other_than      it is none of these
 *   calls, calls_other_than                 lists of {"contract"?, "method"?}; method: its
 *                                           signature or selector ("0xa9059cbb"), which say the
 *                                           same; of typed data its primary type
 *   amount [{"asset", "above" or "up_to"}]  of this payload, all its parts together; decimal
 *   sum [{"asset", "seconds", "above" or "up_to"}]    transfers within so many seconds, and all
 *                                           parts of this one
 *   count {"seconds", "above" or "up_to"}   payloads, with this one
 *   fee, fee_rate {"above" or "up_to"}      the most that it can cost
 *   during, not_during
 *     [{"days"?, "from"?, "to"?}]           UTC: ["mon", ...], "09:00" until before "17:00"
 *   blind, delegates, authorizes, creates,
 *     anyonecanpay                          true or false: so it must be
 *
 * Which network of Bitcoin a PSBT is for is said by whoever made the payload, and signed by nobody:
 * who permits assets of the test networks permits the coins of the main one.
 *
 * Amounts and sums are without the fee, and `fee` and `fee_rate` are the only bounds that it has: a
 * permission without them allows every fee, which is a loss like any other where who asks and who
 * makes the blocks are friends. They have no asset: beside them name `chains` or `assets`.
 *
 * A transfer whose fee is not known, or not proven (facts.h), costs more than every number. No
 * days: every day. delegates: power over tokens is given away, or an account gets code; authorizes:
 * the latter (EIP-7702).
 *
 * Of several limits one is enough to touch. To cover, every "up_to" of an asset that is there must
 * hold, and one "above" if there are any; and where there is no `assets` the limits' assets are the
 * only ones. Addresses of Ethereum and of Bech32, and assets, are compared without
 * regard to case. */
#ifndef COUNTERSIGN_POLICY_H
#define COUNTERSIGN_POLICY_H

#include "countersign/facts.h"
#include "countersign/payload.h"

#ifdef __cplusplus
extern "C" {
#endif

#define CSIG_POLICY_MAX         ((size_t)64 * 1024) /**< octets of a policy's text */
#define CSIG_RULES_MAX          64
#define CSIG_RULE_BYTES         33  /**< a rule's id: a-z, 0-9, '.', '-', '_'; and its NUL */
#define CSIG_BECAUSE_BYTES      161 /**< a sentence about a rule, and its NUL */
#define CSIG_APPROVERS_MAX      32
#define CSIG_APPROVER_BYTES     65      /**< the name of an approver's key: 64 hex digits */
#define CSIG_POLICY_SECONDS_MAX 7776000 /**< windows at most: 90 days */

/** What is to become of a payload. */
typedef enum csig_decision {
    CSIG_DENY = 1,
    CSIG_APPROVE, /**< when as many of those named as the rule wants have approved */
    CSIG_HOOK,    /**< when the hook says so */
    CSIG_ALLOW
} csig_decision;

/** m of these. */
typedef struct csig_quorum {
    uint32_t needed;
    uint32_t seconds;   /**< then it is rejected; 0: as long as the request lives */
    uint8_t by_creator; /**< 1: who made the request may approve it */
    size_t n;
    char of[CSIG_APPROVERS_MAX][CSIG_APPROVER_BYTES];
} csig_quorum;

typedef struct csig_judgement {
    csig_decision decision;
    char rule[CSIG_RULE_BYTES]; /**< that decided; "default": none */
    char because[CSIG_BECAUSE_BYTES];
    csig_quorum quorum; /**< of CSIG_APPROVE */
} csig_judgement;

/** What was signed before, by the wallet that is judged for, without what is judged now. Called
 *  while csig_policy_judge runs. Whatever is not CSIG_OK ends it with CSIG_E_HOST. */
typedef struct csig_history {
    void *ctx;
    /** How much of the asset after this moment; big-endian; more than 256 bits: all ones. */
    csig_err (*sum)(void *ctx, const char *asset, int64_t after, uint8_t sum[CSIG_AMOUNT_BYTES]);
    /** How many payloads. */
    csig_err (*count)(void *ctx, int64_t after, uint64_t *count);
} csig_history;

/** Rules whose approvals or hook have said yes, by id; and those that the hook has passed over:
 * they ask nobody any more, and permit nothing. */
typedef struct csig_settled {
    size_t n;
    char rules[CSIG_RULES_MAX][CSIG_RULE_BYTES];
    size_t n_passed;
    char passed[CSIG_RULES_MAX][CSIG_RULE_BYTES];
} csig_settled;

typedef struct csig_policy csig_policy; /* parsed, immutable, nothing secret */

/** CSIG_E_POLICY: it is none; `why` (may be NULL) names the rule and the member. CSIG_E_MEMORY. */
CSIG_API csig_err csig_policy_read(csig_policy **p, const char *json, size_t len,
                                   char why[CSIG_WHY_BYTES]);
CSIG_API void csig_policy_free(csig_policy *p);

/** The canonical text: compact, members sorted by name. *len: room before, length with the NUL
 *  after. CSIG_E_BUFFER sets *len, so ask with 0. */
CSIG_API csig_err csig_policy_text(const csig_policy *p, char *json, size_t *len);

/** Has it a rule that may decide so? */
CSIG_API int csig_policy_has_decision(const csig_policy *p, csig_decision decision);
/** Who may change it; NULL: nobody but by other means. Lives as long as the policy. */
CSIG_API const csig_quorum *csig_policy_changes(const csig_policy *p);

/** Judge a payload.
 *
 *  now: seconds since 1970, which the library does not know. settled: NULL for none; such rules
 *  still have to match, and then allow. A rule that denies is neither settled nor passed over.
 *
 *  Returns: CSIG_OK         judgement is filled, for deny and allow alike
 *           CSIG_E_HOST     history failed; judgement denies, too
 *           CSIG_E_ARGUMENT a moment before 1970 */
CSIG_API csig_err csig_policy_judge(const csig_policy *p, const csig_facts *facts,
                                    const csig_history *history, const csig_settled *settled,
                                    int64_t now, csig_judgement *judgement);

/** How much of one asset the payload takes from the wallet, all its transfers together: what a
 *  history is made of. More than 256 bits: all ones. */
CSIG_API void csig_facts_amount(const csig_facts *facts, const char *asset,
                                uint8_t amount[CSIG_AMOUNT_BYTES]);
/** to += more; more than 256 bits: all ones. */
CSIG_API void csig_amount_add(uint8_t to[CSIG_AMOUNT_BYTES], const uint8_t more[CSIG_AMOUNT_BYTES]);

#ifdef __cplusplus
}
#endif
#endif
