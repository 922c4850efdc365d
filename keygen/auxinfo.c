/* The auxiliary session: the door, the parameters, what several rounds use, the table. */
#include "keygen/auxinfo.h"

#include <string.h>

#include "base/mem.h"
#include "share/device.h"

void csig_auxinfo_fac_transcript(csig_transcript *t, const csig_aux_pub *prover,
                                 const csig_aux_pub *verifier)
{
    uint8_t ssid[CSIG_SSID_BYTES];

    csig_aux_pair_ssid(ssid, prover->id, verifier->id);
    csig_transcript_device_proof(t, CSIG_LABEL_ZK_FAC, ssid, prover->owner, verifier->owner);
}

void csig_auxinfo_pair_hash(uint8_t hash[CSIG_HASH_BYTES], const csig_run *run)
{
    const csig_auxinfo *st = csig_auxinfo_of(run);
    csig_transcript t;

    csig_transcript_init(&t, CSIG_LABEL_ACK);
    csig_transcript_bytes(&t, run->ssid, CSIG_SSID_BYTES);
    for (uint16_t j = 0; j < run->n; j++) {
        const csig_aux_pub *pub = j == run->self ? &st->ours->pub : &st->peer.pub;

        csig_transcript_bytes(&t, pub->id, sizeof pub->id);
    }
    csig_transcript_hash(&t, hash);
}

/* --- the table --- */

static size_t open_bytes(uint16_t n)
{
    (void)n;
    return sizeof(csig_auxinfo);
}

static const csig_round *const rounds[] = {&csig_auxinfo_r1, &csig_auxinfo_r2, &csig_auxinfo_r3};

const csig_protocol csig_auxinfo_protocol = {
    .id = CSIG_PROTOCOL_AUXINFO,
    .name = "auxinfo",
    .rounds = rounds,
    .count = CSIG_ARRAY_LEN(rounds),
    .open_bytes = open_bytes,
};

/* --- the door --- */

static csig_err check_params(const csig_aux_params *p)
{
    static const uint8_t none[CSIG_NONCE_BYTES];

    CSIG_REQUIRE(p != NULL && p->identity != NULL && p->aux != NULL, CSIG_E_ARGUMENT);
    CSIG_REQUIRE(csig_is_same(p->aux->pub.owner, p->identity->key.id, CSIG_ID_BYTES),
                 CSIG_E_ARGUMENT);
    CSIG_REQUIRE(!csig_is_same(p->nonce_first, none, sizeof none), CSIG_E_ARGUMENT);
    CSIG_REQUIRE(!csig_is_same(p->nonce_second, none, sizeof none), CSIG_E_ARGUMENT);
    return CSIG_OK;
}

static void make_ssid(csig_ssid *ssid, const csig_aux_params *p,
                      const uint8_t identity[2][CSIG_ID_BYTES])
{
    csig_ssid_begin(ssid, CSIG_LABEL_SSID_AUX);
    csig_ssid_add(ssid, "first", identity[0], CSIG_ID_BYTES);
    csig_ssid_add(ssid, "second", identity[1], CSIG_ID_BYTES);
    csig_ssid_add(ssid, "nonce_first", p->nonce_first, CSIG_NONCE_BYTES);
    csig_ssid_add(ssid, "nonce_second", p->nonce_second, CSIG_NONCE_BYTES);
    csig_ssid_end(ssid);
}

csig_err csig_aux_session_of(csig_session **s, const csig_aux_params *p,
                             const csig_protocol *protocol)
{
    static const uint16_t index[2] = {1, 2};
    uint16_t self;
    uint8_t identity[2][CSIG_ID_BYTES];
    uint8_t seed[32];
    csig_ssid ssid;
    csig_err err;

    CSIG_REQUIRE(s != NULL, CSIG_E_ARGUMENT);
    *s = NULL;
    CSIG_TRY(check_params(p));
    self = p->moves_last != 0 ? 1 : 0;
    memcpy(identity[self], p->identity->key.id, CSIG_ID_BYTES);
    memcpy(identity[1 - self], p->peer, CSIG_ID_BYTES);
    make_ssid(&ssid, p, (const uint8_t(*)[CSIG_ID_BYTES])identity);
    csig_identity_seed(p->identity, seed);
    err = csig_session_new(s, &(csig_session_setup){
                                  .protocol = protocol,
                                  .ssid = &ssid,
                                  .n = 2,
                                  .index = index,
                                  .identity = (const uint8_t(*)[CSIG_ID_BYTES])identity,
                                  .self = self,
                                  .key = &p->identity->key,
                                  .seed = seed,
                                  .engine = p->engine,
                                  .moves_last = p->moves_last != 0,
                              });
    csig_wipe(seed, sizeof seed);
    CSIG_TRY(err);
    csig_auxinfo_of(csig_session_run(*s))->ours = p->aux;
    csig_auxinfo_of(csig_session_run(*s))->above = p->peer_generation_above;
    err = csig_session_start(*s);
    if (err != CSIG_OK) {
        csig_session_free(*s);
        *s = NULL;
    }
    return err;
}

csig_err csig_aux_session(csig_session **s, const csig_aux_params *params)
{
    return csig_aux_session_of(s, params, &csig_auxinfo_protocol);
}

csig_err csig_aux_session_peer(csig_session *s, csig_peer **peer)
{
    CSIG_REQUIRE(s != NULL && peer != NULL, CSIG_E_ARGUMENT);
    *peer = NULL;
    CSIG_TRY(csig_session_output(s, &csig_auxinfo_protocol));
    *peer = csig_public_alloc(sizeof **peer);
    CSIG_REQUIRE(*peer != NULL, CSIG_E_MEMORY);
    **peer = csig_auxinfo_of(csig_session_run(s))->peer; /* has no tables yet */
    return CSIG_OK;
}
