/* Any octets as a PSBT: refused, or written again as the same octets; as a payload, refused with a
 * reason, or told, and signed into a PSBT that is one. The corpus: BIP174's and BIP371's vectors,
 * and PSBTs with inputs of the account of tests/support/payloads.h. */
#include "payload/psbt.h"

#include <stdlib.h>

#include "base/base64.h"
#include "countersign/payload.h"
#include "fuzz.h"
#include "support/payloads.h"

#define OCTETS_MAX ((size_t)64 * 1024)

static void check_round_trip(const uint8_t *data, size_t len)
{
    uint8_t *again = malloc(len + 1);
    csig_sink s = {.out = again, .room = len};
    csig_psbt psbt;

    FUZZ_REQUIRE(again != NULL);
    if (csig_psbt_read(&psbt, (csig_span){data, len}, NULL) == CSIG_OK) {
        csig_psbt_magic_write(&s);
        csig_psbt_map_write(&s, &psbt.global);
        for (size_t i = 0; i < psbt.tx.n_in; i++)
            csig_psbt_map_write(&s, &psbt.in[i]);
        for (size_t i = 0; i < psbt.tx.n_out; i++)
            csig_psbt_map_write(&s, &psbt.out[i]);
        FUZZ_REQUIRE(s.at == len && memcmp(again, data, len) == 0);
        csig_psbt_free(&psbt);
    }
    free(again);
}

/* {"type":"psbt","psbt":"..."} */
static char *wrapped(const uint8_t *data, size_t len)
{
    static const char head[] = "{\"type\":\"psbt\",\"psbt\":\"";
    const size_t room = CSIG_BASE64_ROOM(len);
    char *json = malloc(sizeof head + room + 2);

    FUZZ_REQUIRE(json != NULL);
    memcpy(json, head, sizeof head);
    csig_base64_encode(json + strlen(json), room, data, len);
    memcpy(json + strlen(json), "\"}", 3);
    return json;
}

/* What comes out is a PSBT again, with at least as much in it to be refused as before. */
static void check_finished(const csig_payload *p)
{
    char *result = payloads_finished(p), *at = strstr(result, "\"psbt\":\"");
    size_t len = strlen(result);
    uint8_t *octets = malloc(len);
    csig_psbt psbt;

    FUZZ_REQUIRE(at != NULL && octets != NULL);
    at += strlen("\"psbt\":\"");
    FUZZ_REQUIRE(csig_base64_decode(octets, &len, at, (size_t)(strchr(at, '"') - at)) == CSIG_OK);
    FUZZ_REQUIRE(csig_psbt_read(&psbt, (csig_span){octets, len}, NULL) == CSIG_OK);
    csig_psbt_free(&psbt);
    free(octets);
    free(result);
}

static void check_payload(char *json)
{
    const csig_account account = payloads_account();
    char why[CSIG_WHY_BYTES] = "";
    csig_payload *p = NULL;
    csig_err err = csig_payload_read(&p, json, strlen(json), why);

    FUZZ_REQUIRE((err == CSIG_OK) == (p != NULL));
    if (err == CSIG_OK) {
        FUZZ_REQUIRE(csig_payload_facts(p)->n_transfers > 0 && csig_payload_facts(p)->has_fee);
        free(payloads_description(p));
        err = csig_payload_bind(p, &account, NULL, 0, why);
    }
    if (err == CSIG_OK) {
        FUZZ_REQUIRE(csig_payload_inputs(p) > 0);
        free(payloads_description(p));
        free(payloads_words(p));
        check_finished(p);
    } else {
        FUZZ_REQUIRE(err == CSIG_E_PAYLOAD && why[0] != 0);
    }
    csig_payload_free(p);
    free(json);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    if (len > OCTETS_MAX) return 0;
    check_round_trip(data, len);
    check_payload(wrapped(data, len));
    return 0;
}
