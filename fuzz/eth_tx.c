/* Any octets as an Ethereum transaction: what is read is the whole of them, in the one way that its
 * items are written. */
#include "payload/eth_tx.h"

#include <stdlib.h>

#include "fuzz.h"

#define DEPTH_MAX 8

/* An item written anew after it was read: RLP has one encoding. */
static void copy_item(csig_rlp_out *out, csig_rlp *from, size_t depth)
{
    csig_rlp inside = {0}, octets;
    csig_rlp_out items = {0};

    if (csig_rlp_octets(&octets, from) == CSIG_OK) {
        csig_rlp_put_octets(out, octets.at, octets.len);
        return;
    }
    FUZZ_REQUIRE(depth < DEPTH_MAX && csig_rlp_list(&inside, from) == CSIG_OK);
    items.room = inside.len + 1;
    items.out = malloc(items.room);
    FUZZ_REQUIRE(items.out != NULL);
    while (inside.len > 0)
        copy_item(&items, &inside, depth + 1);
    csig_rlp_put_list_head(out, items.len);
    csig_rlp_put_raw(out, items.out, items.len);
    free(items.out);
}

static void check_whole(const csig_eth_tx *tx, const uint8_t *data, size_t len)
{
    const size_t type = tx->type == CSIG_ETH_LEGACY ? 0 : 1;
    csig_rlp rest = {data + type, len - type};
    csig_rlp_out out = {.room = len + 1};

    out.out = malloc(out.room);
    FUZZ_REQUIRE(out.out != NULL);
    csig_rlp_put_raw(&out, data, type);
    copy_item(&out, &rest, 0);
    FUZZ_REQUIRE(rest.len == 0 && out.len == len && memcmp(out.out, data, len) == 0);
    free(out.out);
}

static void check_facts(const csig_eth_tx *tx)
{
    static csig_facts f;

    f = (csig_facts){0};
    csig_eth_tx_call(&f, tx);
    FUZZ_REQUIRE(f.n_transfers + f.n_calls >= 1 && f.n_transfers <= 2 && f.n_calls <= 1);
    FUZZ_REQUIRE(f.n_approvals <= f.n_calls);
    for (size_t i = 0; i < f.n_transfers; i++)
        FUZZ_REQUIRE((f.transfers[i].to[0] == '\0') == (tx->creates && i == 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    char why[CSIG_WHY_BYTES];
    csig_eth_tx tx;
    const csig_err err = csig_eth_tx_parse(&tx, data, len, why);

    FUZZ_REQUIRE(err == CSIG_OK || err == CSIG_E_PAYLOAD);
    if (err != CSIG_OK) return 0;
    check_whole(&tx, data, len);
    check_facts(&tx);
    return 0;
}
