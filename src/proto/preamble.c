/* The front of the first broadcast: the X25519 key for what follows encrypted, and the digests of
 * the ssid's inputs, by which honest parties with different inputs find out which one differs. */
#include <string.h>

#include "base/mem.h"
#include "proto/state.h"

#define DIGESTS_BYTES ((size_t)CSIG_SSID_FIELDS * CSIG_SSID_DIGEST_BYTES)

static size_t eph_bytes(const csig_session *s)
{
    return s->run.protocol->encrypts ? CSIG_EPH_BYTES : 0;
}

size_t csig_preamble_bytes(const csig_session *s)
{
    return eph_bytes(s) + DIGESTS_BYTES;
}

void csig_preamble_write(const csig_session *s, uint8_t *out)
{
    if (s->run.protocol->encrypts) memcpy(out, s->secrets->eph.pub, CSIG_EPH_BYTES);
    memcpy(out + eph_bytes(s), s->digest, DIGESTS_BYTES);
}

/* Under the same ssid the digests are the same, or the sender lies about them. */
csig_err csig_preamble_read(csig_session *s, uint16_t from, const uint8_t *in)
{
    CSIG_AUTO(csig_peer_key) key = {0};

    CSIG_REQUIRE(csig_is_same(in + eph_bytes(s), s->digest, DIGESTS_BYTES), CSIG_E_MESSAGE);
    if (!s->run.protocol->encrypts) return CSIG_OK;
    memcpy(s->eph[from], in, CSIG_EPH_BYTES);
    /* Refuses keys of small order, here, where their sender can be named. */
    return csig_peer_key_agree(&key, s, from, true);
}

const char *csig_preamble_difference(const csig_session *s, const uint8_t *body, size_t len)
{
    const uint8_t *theirs = body + eph_bytes(s);

    if (len < csig_preamble_bytes(s)) return NULL;
    for (size_t i = 0; i < CSIG_SSID_FIELDS; i++) {
        if (csig_is_same(theirs + i * CSIG_SSID_DIGEST_BYTES, s->digest[i], CSIG_SSID_DIGEST_BYTES))
            continue;
        return s->field[i] != NULL ? s->field[i] : "inputs";
    }
    return NULL;
}
