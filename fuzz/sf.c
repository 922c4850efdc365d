/* Any octets as a structured field: refused, or written in one way that is read as the same again.
 */
#include "auth/sf.h"

#include <string.h>

#include "fuzz.h"

static void check_node(const csigd_sf *sf, const csigd_sf_node *n)
{
    FUZZ_REQUIRE(n->type >= CSIGD_SF_INTEGER && n->type <= CSIGD_SF_LIST);
    FUZZ_REQUIRE(n->type != CSIGD_SF_LIST || n->role == CSIGD_SF_MEMBER);
    FUZZ_REQUIRE((size_t)n->key_at + n->key_len <= sf->n_text);
    FUZZ_REQUIRE((size_t)n->at + n->len <= sf->n_text);
    FUZZ_REQUIRE(n->integer > -INT64_C(1000000000000000) && n->integer < INT64_C(1000000000000000));
}

/* All members with their keys. Octets that are not decoded are written as they came, so this may be
 * a little longer than the field: "a" for a true member is "a=?1". */
static void print(csigd_text *out, const csigd_sf *sf, bool is_item)
{
    for (size_t i = 0; i < sf->n_nodes; i++) {
        const csigd_sf_node *n = &sf->nodes[i];

        check_node(sf, n);
        if (n->role != CSIGD_SF_MEMBER) continue;
        FUZZ_REQUIRE(is_item == (n->key_len == 0));
        if (i > 0) csigd_text_put(out, ", ");
        csigd_text_add(out, sf->text + n->key_at, n->key_len);
        if (!is_item) csigd_text_char(out, '=');
        csigd_sf_print(out, sf, i);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static char first[4 * CSIGD_SF_OCTETS], second[4 * CSIGD_SF_OCTETS];
    csigd_text once = csigd_text_in(first, sizeof first);
    csigd_text twice = csigd_text_in(second, sizeof second);
    bool is_item;
    csigd_sf sf;

    if (len == 0) return 0;
    is_item = (data[0] & 1) != 0;
    if (is_item ? !csigd_sf_item_is_read(&sf, (const char *)data + 1, len - 1)
                : !csigd_sf_dictionary_is_read(&sf, (const char *)data + 1, len - 1)) {
        FUZZ_REQUIRE(sf.n_nodes == 0);
        return 0;
    }
    FUZZ_REQUIRE(sf.n_nodes <= CSIGD_SF_NODES && sf.n_text <= CSIGD_SF_OCTETS);
    print(&once, &sf, is_item);
    FUZZ_REQUIRE(csigd_text_is_whole(&once));
    if (once.len > CSIGD_SF_OCTETS) return 0;
    FUZZ_REQUIRE(is_item ? csigd_sf_item_is_read(&sf, first, once.len)
                         : csigd_sf_dictionary_is_read(&sf, first, once.len));
    print(&twice, &sf, is_item);
    FUZZ_REQUIRE(strcmp(first, second) == 0);
    return 0;
}
