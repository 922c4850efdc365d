/* Payload type "psbt": a partially signed transaction in base64, and the network it is for. */
#include "payload/psbt_kind.h"

#include <string.h>

#include "base/base64.h"
#include "base/mem.h"

static csig_err read_octets(csig_psbt_body *b, const csig_json *members, size_t *len, char *why)
{
    const char *text;
    size_t text_len;

    CSIG_TRY(csig_member_text(members, "psbt", &text, &text_len, why));
    *len = text_len / 4 * 3;
    b->octets = csig_public_alloc(*len + 1);
    CSIG_REQUIRE(b->octets != NULL, CSIG_E_MEMORY);
    if (csig_base64_decode(b->octets, len, text, text_len) != CSIG_OK)
        return csig_why(why, "\"psbt\" must be base64");
    return CSIG_OK;
}

static csig_err read(csig_payload *p, const csig_json *members, char *why)
{
    csig_psbt_body *b = csig_public_alloc(sizeof *b);
    size_t len;

    CSIG_REQUIRE(b != NULL, CSIG_E_MEMORY);
    p->body = b;
    CSIG_TRY(csig_btc_network_read(&b->network, members, why));
    CSIG_TRY(read_octets(b, members, &len, why));
    CSIG_TRY(csig_psbt_read(&b->psbt, (csig_span){b->octets, len}, why));
    b->coins = csig_public_alloc((b->psbt.tx.n_in + 1) * sizeof *b->coins);
    CSIG_REQUIRE(b->coins != NULL, CSIG_E_MEMORY);
    for (size_t i = 0; i < b->psbt.tx.n_in; i++)
        CSIG_TRY(csig_coin_read(&b->coins[i], &b->psbt, i, why));
    return csig_psbt_facts_read(p, why);
}

static csig_err bind(csig_payload *p, char *why)
{
    CSIG_TRY(csig_psbt_bind(p, why));
    return csig_psbt_facts_bind(p);
}

static void clear(csig_payload *p)
{
    csig_psbt_body *b = p->body;

    csig_psbt_free(&b->psbt);
    csig_public_free(b->coins);
    csig_public_free(b->octets);
}

const csig_payload_kind csig_payload_psbt = {
    .type = "psbt",
    .members = {"psbt", "network"},
    .read = read,
    .bind = bind,
    .describe = csig_psbt_describe,
    .words = csig_psbt_words,
    .finish = csig_psbt_finish,
    .clear = clear,
};
