/* Any octets as a policy: refused with a sentence, or its canonical text is read as the same
 * policy, and judging by it ends. */
#include "countersign/policy.h"

#include <stdlib.h>

#include "fuzz.h"

static csig_err sum(void *ctx, const char *asset, int64_t after, uint8_t total[CSIG_AMOUNT_BYTES])
{
    (void)ctx, (void)asset;
    memset(total, (int)(after & 0xff), CSIG_AMOUNT_BYTES);
    return CSIG_OK;
}

static csig_err count(void *ctx, int64_t after, uint64_t *n)
{
    (void)ctx;
    *n = (uint64_t)after & 3;
    return CSIG_OK;
}

static void check_judgement(const csig_policy *p, const csig_facts *facts)
{
    const csig_history past = {.sum = sum, .count = count};
    csig_judgement j;

    FUZZ_REQUIRE(csig_policy_judge(p, facts, &past, NULL, 1795176000, &j) == CSIG_OK);
    FUZZ_REQUIRE(j.decision >= CSIG_DENY && j.decision <= CSIG_ALLOW);
    FUZZ_REQUIRE(j.rule[0] != '\0' && memchr(j.rule, 0, sizeof j.rule) != NULL);
    FUZZ_REQUIRE(j.because[0] != '\0' && memchr(j.because, 0, sizeof j.because) != NULL);
    FUZZ_REQUIRE((j.decision != CSIG_APPROVE) == (j.quorum.n == 0));
    FUZZ_REQUIRE(j.quorum.needed <= j.quorum.n);
    if (j.decision != CSIG_DENY)
        FUZZ_REQUIRE(csig_policy_has_decision(p, j.decision) || j.decision == CSIG_ALLOW);
}

static void check_text(const csig_policy *p)
{
    csig_policy *again = NULL;
    size_t len = 0, other = 0;
    char *text, *same;

    FUZZ_REQUIRE(csig_policy_text(p, NULL, &len) == CSIG_E_BUFFER);
    text = malloc(len);
    FUZZ_REQUIRE(text != NULL && csig_policy_text(p, text, &len) == CSIG_OK);
    if (len - 1 <= CSIG_POLICY_MAX) {
        FUZZ_REQUIRE(csig_policy_read(&again, text, len - 1, NULL) == CSIG_OK);
        (void)csig_policy_text(again, NULL, &other);
        FUZZ_REQUIRE(other == len);
        same = malloc(other);
        FUZZ_REQUIRE(same != NULL && csig_policy_text(again, same, &other) == CSIG_OK);
        FUZZ_REQUIRE(strcmp(text, same) == 0);
        free(same);
        csig_policy_free(again);
    }
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static const csig_facts transfer = {
        .type = "eth_tx",
        .chain = "eip155:1",
        .n_transfers = 2,
        .transfers = {{.asset = "eip155:1/slip44:60",
                       .to = "0x0000000000000000000000000000000000000B0b"},
                      {.asset = "eip155:1/slip44:60", .to = "0x1", .to_self = 1}},
        .n_calls = 1,
        .calls = {{.contract = "0x2", .has_selector = 1}},
        .has_fee = 1};
    static const csig_facts message = {.type = "eip191"};
    char why[CSIG_WHY_BYTES] = "";
    csig_policy *p = NULL;
    const csig_err err = csig_policy_read(&p, (const char *)data, len, why);

    FUZZ_REQUIRE(err == CSIG_OK || err == CSIG_E_POLICY);
    if (err != CSIG_OK) {
        FUZZ_REQUIRE(p == NULL && why[0] != '\0' && memchr(why, 0, sizeof why) != NULL);
        return 0;
    }
    check_text(p);
    check_judgement(p, &transfer);
    check_judgement(p, &message);
    csig_policy_free(p);
    return 0;
}
