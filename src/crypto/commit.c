/* Hash commitments to messages; the transcript does the framing. */
#include "crypto/commit.h"

#include "base/ct.h"
#include "base/mem.h"

void csig_commit_shaped(uint8_t V[CSIG_HASH_BYTES], csig_label label,
                        const uint8_t ssid[CSIG_SSID_BYTES], uint16_t committer, csig_wire_fn *fn,
                        const csig_wire_shape *shape, const void *opening, const uint8_t u[32])
{
    CSIG_AUTO(csig_transcript) t;

    csig_transcript_init(&t, label);
    csig_transcript_bytes(&t, ssid, CSIG_SSID_BYTES);
    csig_transcript_party(&t, committer);
    csig_transcript_msg_shaped(&t, fn, shape, opening);
    csig_transcript_bytes(&t, u, 32);
    csig_transcript_hash(&t, V);
    csig_ct_public(V, CSIG_HASH_BYTES); /* made to be shown; u hides the opening */
}

csig_err csig_commit_open_shaped(const uint8_t V[CSIG_HASH_BYTES], csig_label label,
                                 const uint8_t ssid[CSIG_SSID_BYTES], uint16_t committer,
                                 csig_wire_fn *fn, const csig_wire_shape *shape,
                                 const void *opening, const uint8_t u[32])
{
    uint8_t again[CSIG_HASH_BYTES];

    csig_commit_shaped(again, label, ssid, committer, fn, shape, opening, u);
    CSIG_REQUIRE(csig_is_same(again, V, sizeof again), CSIG_E_COMMIT);
    return CSIG_OK;
}

void csig_commit(uint8_t V[CSIG_HASH_BYTES], csig_label label, const uint8_t ssid[CSIG_SSID_BYTES],
                 uint16_t committer, csig_wire_fn *fn, const void *opening, const uint8_t u[32])
{
    csig_commit_shaped(V, label, ssid, committer, fn, NULL, opening, u);
}

csig_err csig_commit_open(const uint8_t V[CSIG_HASH_BYTES], csig_label label,
                          const uint8_t ssid[CSIG_SSID_BYTES], uint16_t committer, csig_wire_fn *fn,
                          const void *opening, const uint8_t u[32])
{
    return csig_commit_open_shaped(V, label, ssid, committer, fn, NULL, opening, u);
}
