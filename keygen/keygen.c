/* Key generation: the door, the parameters, the hashes that several rounds use, the table. */
#include "keygen/keygen.h"

#include <string.h>

#include "base/ct.h"
#include "base/mem.h"
#include "share/device.h"

/* --- hashes --- */

void csig_keygen_cc_hash(uint8_t hash[32], const csig_run *run, uint16_t position,
                         const uint8_t cc[32])
{
    CSIG_AUTO(csig_transcript) t;

    csig_transcript_init(&t, CSIG_LABEL_CHAIN_CODE_SHARE);
    csig_transcript_bytes(&t, run->ssid, CSIG_SSID_BYTES);
    csig_transcript_party(&t, run->index[position]);
    csig_transcript_bytes(&t, cc, 32);
    csig_transcript_hash32(&t, hash);
    csig_ct_public(hash, 32); /* made to be shown: cc_i has 256 bits that no one can guess */
}

void csig_keygen_mask(csig_scalar *mask, const csig_run *run, uint16_t from, uint16_t to,
                      const uint8_t dh[64])
{
    CSIG_AUTO(csig_transcript) t;
    uint8_t hash[CSIG_HASH_BYTES];

    csig_transcript_init(&t, CSIG_LABEL_KG_MASK);
    csig_transcript_bytes(&t, run->ssid, CSIG_SSID_BYTES);
    csig_transcript_party(&t, run->index[from]);
    csig_transcript_party(&t, run->index[to]);
    csig_transcript_bytes(&t, dh, 64);
    csig_transcript_hash(&t, hash);
    csig_scalar_from_bytes(mask, hash, sizeof hash);
    csig_wipe(hash, sizeof hash);
}

void csig_keygen_sch_transcript(csig_transcript *t, const csig_run *run, uint16_t position)
{
    const csig_share *share = &csig_keygen_secret_of(run)->share;

    csig_transcript_proof(t, CSIG_LABEL_ZK_SCH_SHARE, run->ssid, run->index[position], CSIG_TO_ALL);
    csig_transcript_bytes(t, share->rid, sizeof share->rid);
    csig_transcript_point(t, &share->pk);
    csig_transcript_list(t, run->n);
    for (uint16_t j = 0; j < run->n; j++)
        csig_transcript_point(t, &share->X[j]);
}

void csig_keygen_birth(csig_transcript *t, const csig_share *share, uint16_t commits,
                       const uint8_t output[CSIG_HASH_BYTES])
{
    csig_transcript_init(t, CSIG_LABEL_COMMIT);
    csig_transcript_bytes(t, share->key_id, sizeof share->key_id);
    csig_transcript_bytes(t, output, CSIG_HASH_BYTES);
    csig_transcript_party(t, commits);
}

/* --- the table --- */

static size_t secret_bytes(uint16_t n)
{
    (void)n;
    return sizeof(csig_keygen_secret);
}

static size_t open_bytes(uint16_t n)
{
    (void)n;
    return sizeof(csig_keygen_open);
}

static const csig_round *const rounds[] = {&csig_keygen_r1, &csig_keygen_r2, &csig_keygen_r3,
                                           &csig_keygen_r4, &csig_keygen_r5};

const csig_protocol csig_keygen_protocol = {
    .id = CSIG_PROTOCOL_KEYGEN,
    .name = "keygen",
    .encrypts = true,
    .rounds = rounds,
    .count = CSIG_ARRAY_LEN(rounds),
    .secret_bytes = secret_bytes,
    .open_bytes = open_bytes,
};

/* --- the door --- */

static const uint8_t *identity_at(const csig_keygen_params *p, uint16_t position)
{
    return p->identities + (size_t)position * CSIG_ID_BYTES;
}

static csig_err check_params(const csig_keygen_params *p)
{
    static const uint8_t none[CSIG_NONCE_BYTES];

    CSIG_REQUIRE(p != NULL && p->identity != NULL && p->identities != NULL && p->nonces != NULL,
                 CSIG_E_ARGUMENT);
    CSIG_REQUIRE(p->parties >= 2 && p->parties <= CSIG_MAX_PARTIES, CSIG_E_PARTIES);
    CSIG_REQUIRE(p->signers_required >= 2 && p->signers_required <= p->parties, CSIG_E_PARTIES);
    CSIG_REQUIRE(p->self >= 1 && p->self <= p->parties, CSIG_E_PARTIES);
    CSIG_REQUIRE(p->commits >= 1 && p->commits <= p->parties, CSIG_E_PARTIES);
    /* A nonce that was never drawn. That identities are distinct and ours at its place is checked
     * by csig_session_new. */
    for (uint16_t i = 0; i < p->parties; i++)
        CSIG_REQUIRE(!csig_is_same(p->nonces + (size_t)i * CSIG_NONCE_BYTES, none, sizeof none),
                     CSIG_E_ARGUMENT);
    return CSIG_OK;
}

static void make_ssid(csig_ssid *ssid, const csig_keygen_params *p)
{
    uint8_t parties[CSIG_MAX_PARTIES * (2 + CSIG_ID_BYTES)];
    uint8_t *at = parties;

    for (uint16_t i = 0; i < p->parties; i++) {
        *at++ = (uint8_t)((i + 1) >> 8);
        *at++ = (uint8_t)(i + 1);
        memcpy(at, identity_at(p, i), CSIG_ID_BYTES);
        at += CSIG_ID_BYTES;
    }
    csig_ssid_begin(ssid, CSIG_LABEL_SSID_KEYGEN);
    csig_ssid_add(ssid, "purpose", CSIG_PURPOSE, sizeof CSIG_PURPOSE - 1);
    csig_ssid_add_u64(ssid, "signers_required", p->signers_required);
    csig_ssid_add_u64(ssid, "parties", p->parties);
    csig_ssid_add(ssid, "identities", parties, (size_t)(at - parties));
    csig_ssid_add_u64(ssid, "committer", p->commits);
    csig_ssid_add(ssid, "nonces", p->nonces, (size_t)p->parties * CSIG_NONCE_BYTES);
    csig_ssid_end(ssid);
}

static void fill(csig_run *run, const csig_keygen_params *p, const csig_ed_key *key)
{
    csig_share *share = &csig_keygen_secret_of(run)->share;

    run->shape.t = p->signers_required;
    if (p->self == p->commits) csig_keygen_secret_of(run)->key = *key;
    csig_keygen_open_of(run)->commits = p->commits;
    share->t = p->signers_required;
    share->n = p->parties;
    share->self = p->self;
    memcpy(share->identity, p->identities, (size_t)p->parties * CSIG_ID_BYTES);
}

csig_err csig_keygen_session_of(csig_session **s, const csig_keygen_params *p,
                                const csig_protocol *protocol)
{
    uint16_t index[CSIG_MAX_PARTIES];
    uint8_t identity[CSIG_MAX_PARTIES][CSIG_ID_BYTES];
    uint8_t seed[32];
    csig_ssid ssid;
    csig_err err;

    CSIG_REQUIRE(s != NULL, CSIG_E_ARGUMENT);
    *s = NULL;
    CSIG_TRY(check_params(p));
    for (uint16_t i = 0; i < p->parties; i++)
        index[i] = (uint16_t)(i + 1);
    memcpy(identity, p->identities, (size_t)p->parties * CSIG_ID_BYTES);
    make_ssid(&ssid, p);
    csig_identity_seed(p->identity, seed);
    err = csig_session_new(s, &(csig_session_setup){
                                  .protocol = protocol,
                                  .ssid = &ssid,
                                  .n = p->parties,
                                  .index = index,
                                  .identity = (const uint8_t(*)[CSIG_ID_BYTES])identity,
                                  .self = (uint16_t)(p->self - 1),
                                  .key = &p->identity->key,
                                  .seed = seed,
                                  .engine = p->engine,
                                  .moves_last = p->moves_last != 0,
                              });
    csig_wipe(seed, sizeof seed);
    CSIG_TRY(err);
    fill(csig_session_run(*s), p, &p->identity->key);
    err = csig_session_start(*s);
    if (err != CSIG_OK) {
        csig_session_free(*s);
        *s = NULL;
    }
    return err;
}

csig_err csig_keygen_session(csig_session **s, const csig_keygen_params *params)
{
    return csig_keygen_session_of(s, params, &csig_keygen_protocol);
}

csig_err csig_keygen_share(csig_session *s, csig_share **share)
{
    CSIG_REQUIRE(s != NULL && share != NULL, CSIG_E_ARGUMENT);
    *share = NULL;
    CSIG_TRY(csig_session_output(s, &csig_keygen_protocol));
    *share = csig_share_alloc();
    CSIG_REQUIRE(*share != NULL, CSIG_E_MEMORY);
    **share = csig_keygen_secret_of(csig_session_run(s))->share;
    return CSIG_OK;
}

csig_err csig_keygen_commit(csig_session *s, uint8_t signature[64])
{
    const csig_keygen_open *open;

    CSIG_REQUIRE(s != NULL && signature != NULL, CSIG_E_ARGUMENT);
    CSIG_TRY(csig_session_output(s, &csig_keygen_protocol));
    open = csig_keygen_open_of(csig_session_run(s));
    CSIG_REQUIRE(open->has_commit, CSIG_E_STATE);
    memcpy(signature, open->commit, CSIG_ED_SIG_BYTES);
    return CSIG_OK;
}

csig_err csig_keygen_commit_verify(const csig_share *share, uint16_t commits,
                                   const uint8_t signature[64])
{
    uint8_t output[CSIG_HASH_BYTES];
    csig_transcript t;

    CSIG_REQUIRE(share != NULL && signature != NULL, CSIG_E_ARGUMENT);
    CSIG_REQUIRE(commits >= 1 && commits <= share->n, CSIG_E_SIGNATURE);
    csig_share_public_hash(share, output);
    csig_keygen_birth(&t, share, commits, output);
    return csig_ed_verify(signature, share->identity[commits - 1], &t);
}
