/* Facts as JSON and in words, whatever kind they come from. */
#include "payload/describe.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "support/payloads.h"

static csig_json *nothing(const csig_payload *p)
{
    (void)p;
    return csig_json_object();
}

static void silence(const csig_payload *p, csig_text *t)
{
    (void)p, (void)t;
}

static const csig_payload_kind quiet = {.type = "quiet", .describe = nothing, .words = silence};

static csig_transfer transfer_of(const char *asset, uint8_t amount)
{
    csig_transfer a = {.to = "TO"};

    memcpy(a.asset, asset, strlen(asset) + 1);
    a.amount[CSIG_AMOUNT_BYTES - 1] = amount;
    return a;
}

static csig_payload *empty(void)
{
    static csig_payload p;

    p = (csig_payload){.kind = &quiet, .facts = {.type = "quiet"}};
    return &p;
}

static const struct {
    const char *asset, *words;
} assets[] = {
    {"eip155:1/slip44:60", "Sends 0.00000000000000002 ETH to TO\n"},
    {"eip155:10/slip44:60", "Sends 0.00000000000000002 of the native coin of eip155:10 to TO\n"},
    {"eip155:1/erc20:0xAb", "Sends 20 base units of the token 0xAb to TO\n"},
    {"bip122:000000000019d6689c085ae165831e93/slip44:0", "Sends 0.0000002 BTC to TO\n"},
    {"bip122:000000000933ea01ad0ee984209779ba/slip44:1", "Sends 0.0000002 test BTC to TO\n"},
    {"other:1/thing", "Sends 20 of other:1/thing to TO\n"},
    {"thing", "Sends 20 of thing to TO\n"},
};

static void units(void **state)
{
    (void)state;
    for (size_t i = 0; i < CSIG_ARRAY_LEN(assets); i++) {
        csig_payload *p = empty();

        p->facts.n_transfers = 1;
        p->facts.transfers[0] = transfer_of(assets[i].asset, 20);
        payloads_expect(payloads_words(p), assets[i].words);
    }
}

static void every_fact_in_words(void **state)
{
    csig_payload *p = empty();
    csig_facts *f = &p->facts;

    (void)state;
    f->n_transfers = 3;
    for (size_t i = 0; i < 3; i++)
        f->transfers[i] = transfer_of("eip155:1/erc20:0xAb", (uint8_t)i);
    memcpy(f->transfers[0].from, "FROM", 5);
    f->transfers[1].to_self = 1;
    f->transfers[2].to[0] = '\0';
    f->n_approvals = 1;
    f->approvals[0] = (csig_approval){"eip155:1/erc20:0xAb", "TO", {[31] = 7}, .has_amount = 1};
    f->has_fee = 1;
    memcpy(f->fee_asset, "eip155:1/slip44:60", 19);
    f->fee[24] = 0x0d; /* about an ether */
    payloads_expect(payloads_words(p),
                    "Sends 0 base units of the token 0xAb from FROM to TO\n"
                    "Keeps 1 base units of the token 0xAb at TO (own)\n"
                    "Sends 2 base units of the token 0xAb to the contract that it creates\n"
                    "Allows TO to take up to 7 base units of the token 0xAb\n"
                    "Fee: at most 0.936748722493063168 ETH\n");
    f->approvals[0].adds = 1;
    payloads_expect_inside(payloads_words(p),
                           "more than before, by 7 base units of the token 0xAb");
    f->approvals[0].unlimited = 1;
    payloads_expect_inside(payloads_words(p),
                           "Allows TO to take WITHOUT LIMIT of eip155:1/erc20:0xAb\n");
}

static void every_fact_in_json(void **state)
{
    csig_payload *p = empty();
    csig_facts *f = &p->facts;

    (void)state;
    memcpy(f->chain, "eip155:1", 9);
    f->n_transfers = 1;
    f->transfers[0] = transfer_of("A", 1);
    memcpy(f->transfers[0].from, "FROM", 5);
    f->transfers[0].to_self = 1;
    f->n_approvals = 1;
    f->approvals[0] = (csig_approval){"B", "TO", {[31] = 2}, 1, 1, 1};
    f->n_calls = 1;
    f->calls[0] = (csig_call){.contract = "C",
                              .selector = {1, 2, 3, 0xff},
                              .has_selector = 1,
                              .method = "m()",
                              .creates = 1};
    f->has_fee = f->has_fee_rate = f->delegates = f->blind = 1;
    f->fee[31] = 3;
    f->fee_rate[31] = 4;
    f->sighash_flags = CSIG_ANYONECANPAY;
    p->n_inputs = 1;
    payloads_expect(
        payloads_description(p),
        "{\"approvals\":[{\"adds\":true,\"amount\":\"2\",\"asset\":\"B\",\"spender\":\"TO\","
        "\"unlimited\":true}],\"blind\":true,"
        "\"calls\":[{\"contract\":\"C\",\"creates\":true,\"method\":\"m()\",\"selector\":"
        "\"0x010203ff\"}],\"chain\":\"eip155:1\",\"delegates\":true,\"digests\":["
        "\"0000000000000000000000000000000000000000000000000000000000000000\"],"
        "\"fee\":{\"amount\":\"3\",\"asset\":\"\",\"rate\":\"4\"},\"quiet\":{},"
        "\"sighash_flags\":128,\"transfers\":[{\"amount\":\"1\",\"asset\":\"A\",\"from\":\"FROM\","
        "\"to\":\"TO\",\"to_self\":true}],\"type\":\"quiet\"}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(units),
        cmocka_unit_test(every_fact_in_words),
        cmocka_unit_test(every_fact_in_json),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
