/* Payloads' facts, policies and histories for the tests of policies. */
#ifndef SUPPORT_POLICY_H
#define SUPPORT_POLICY_H

#include "countersign/policy.h"

#define POLICY_ETHER "eip155:1/slip44:60"
#define POLICY_USDC  "eip155:1/erc20:0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48"
#define POLICY_TOKEN "0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48"
#define POLICY_ALICE "0x00000000000000000000000000000000000A11cE"
#define POLICY_BOB   "0x0000000000000000000000000000000000000B0b"
#define POLICY_KEY_A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define POLICY_KEY_B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

/* 2026-11-20 12:00:00 UTC, a Friday */
#define POLICY_NOON INT64_C(1795176000)

/* What was signed before: every entry is one payload. fails: every question does. */
typedef struct policy_past {
    size_t n;
    struct {
        const char *asset, *amount;
        int64_t when;
    } of[4];
    int fails;
} policy_past;

/* A policy whose text is made from its rules; it must be good. */
csig_policy *policy_of(const char *rules);
/* No policy, and this is said. */
void policy_expect_refused(const char *text, const char *why);
/* The decision, and the rule that it must have come from. */
csig_decision policy_judged(const char *rules, const csig_facts *facts, const policy_past *past,
                            int64_t now, char rule[CSIG_RULE_BYTES]);
/* Is it that decision by that rule, at noon, with an empty past? */
void policy_expect(const char *rules, const csig_facts *facts, csig_decision decision,
                   const char *rule);

/* Ether on chain 1, with a fee of 1000 and a rate of 10. */
csig_facts policy_ether(const char *to, const char *amount);
/* A token's transfer: the call and what it does. */
csig_facts policy_tokens(const char *to, const char *amount);
/* A call of a method that is not known, which takes no value along. */
csig_facts policy_call(const char *contract, const char *method);
csig_facts policy_message(const char *type);
void policy_transfer(csig_facts *facts, const char *asset, const char *to, const char *amount);

#endif
