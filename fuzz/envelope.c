/* Any octets as an envelope: what the three readers say of it must agree. */
#include "proto/envelope.h"

#include <string.h>

#include "countersign/session.h"
#include "fuzz.h"

static void check_readable(const csig_header *h, const uint8_t *body, const uint8_t *in, size_t len)
{
    const uint8_t seed[32] = {1};
    uint8_t again[CSIG_HEADER_BYTES], id[32];
    uint16_t from, to;
    size_t whole = 0;
    csig_ed_key key;

    FUZZ_REQUIRE(body == in + CSIG_HEADER_BYTES);
    FUZZ_REQUIRE(h->body_len == len - CSIG_ENVELOPE_OVERHEAD);
    csig_wire_write(csig_header_wire, h, again, sizeof again);
    FUZZ_REQUIRE(memcmp(again, in, sizeof again) == 0);
    FUZZ_REQUIRE(csig_envelope_length(in, len, &whole) == CSIG_OK && whole == len);
    FUZZ_REQUIRE(csig_envelope_address(in, len, id, &from, &to) == CSIG_OK);
    FUZZ_REQUIRE(from == h->from && to == h->to && memcmp(id, h->ssid, sizeof id) == 0);
    csig_ed_key_from_seed(&key, seed);
    FUZZ_REQUIRE(csig_envelope_verify(in, len, key.id) == CSIG_E_SIGNATURE);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    csig_header h;
    const uint8_t *body;
    uint8_t id[32];
    uint16_t from, to;
    size_t whole = 0;
    const csig_err err = csig_envelope_read(&h, &body, data, len);

    if (err == CSIG_OK) {
        check_readable(&h, body, data, len);
        return 0;
    }
    FUZZ_REQUIRE(csig_err_class(err) == CSIG_CLASS_INPUT);
    FUZZ_REQUIRE(csig_envelope_address(data, len, id, &from, &to) == err);
    /* the first of a list */
    if (csig_envelope_length(data, len, &whole) != CSIG_OK) return 0;
    FUZZ_REQUIRE(whole >= CSIG_ENVELOPE_OVERHEAD && whole <= len);
    if (csig_envelope_read(&h, &body, data, whole) == CSIG_OK)
        check_readable(&h, body, data, whole);
    return 0;
}
