/* Key generation: the door, the parameters, the hashes that several rounds use, the table. */
#include "keygen/keygen.h"

#include <string.h>

#include "base/ct.h"
#include "base/mem.h"
#include "keygen/inputs.h"
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

void csig_keygen_pad(uint8_t pad[32], const csig_run *run, uint16_t from, uint16_t to,
                     const uint8_t dh[64])
{
    CSIG_AUTO(csig_transcript) t;

    csig_transcript_init(&t, CSIG_LABEL_KG_CC);
    csig_transcript_bytes(&t, run->ssid, CSIG_SSID_BYTES);
    csig_transcript_party(&t, run->index[from]);
    csig_transcript_party(&t, run->index[to]);
    csig_transcript_bytes(&t, dh, 64);
    csig_transcript_hash32(&t, pad);
}

void csig_keygen_sch_transcript(csig_transcript *t, const csig_run *run, uint16_t position)
{
    const csig_share *share = &csig_keygen_secret_of(run)->share;

    csig_transcript_proof(t, CSIG_LABEL_ZK_SCH_SHARE, run->ssid, run->index[position], CSIG_TO_ALL);
    csig_transcript_bytes(t, share->rid, sizeof share->rid);
    csig_transcript_point(t, &share->pk);
    csig_transcript_list(t, share->n);
    for (uint16_t j = 0; j < share->n; j++)
        csig_transcript_point(t, &share->X[j]);
}

csig_escrow_dealer csig_keygen_dealer(const csig_run *run, uint16_t position)
{
    return (csig_escrow_dealer){
        .position = position,
        .index = run->index[position],
        .C = &csig_keygen_open_of(run)->S[position],
        .share = &csig_keygen_secret_of(run)->share,
    };
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

static void free_open(csig_run *run)
{
    csig_escrows_free(&csig_keygen_open_of(run)->escrows);
}

/* There is no key before it is born. */
static const csig_share *about(const csig_run *run)
{
    (void)run;
    return NULL;
}

static const csig_round *const rounds[] = {&csig_keygen_r1, &csig_keygen_r2, &csig_keygen_r3,
                                           &csig_keygen_r4, &csig_keygen_r5};

const csig_protocol csig_keygen_protocol = {
    .id = CSIG_PROTOCOL_KEYGEN,
    .name = "keygen",
    .rounds = rounds,
    .count = CSIG_ARRAY_LEN(rounds),
    .secret_bytes = secret_bytes,
    .open_bytes = open_bytes,
    .free_open = free_open,
    .watch = csig_keygen_witness,
    .about = about,
};

/* --- the door --- */

static const uint8_t *identity_at(const csig_keygen_params *p, uint16_t position)
{
    return p->identities + (size_t)position * CSIG_ID_BYTES;
}

/* Who is online: p->indices, or all. */
typedef struct members {
    uint16_t count;
    uint16_t index[CSIG_MAX_PARTIES];
    bool has[CSIG_MAX_PARTIES]; /* by index - 1 */
} members;

static csig_err check_members(members *m, const csig_keygen_params *p)
{
    *m = (members){.count = p->indices == NULL ? p->parties : p->count};
    CSIG_REQUIRE(m->count >= p->signers_required && m->count <= p->parties, CSIG_E_PARTIES);
    for (uint16_t i = 0; i < m->count; i++) {
        m->index[i] = p->indices == NULL ? (uint16_t)(i + 1) : p->indices[i];
        CSIG_REQUIRE(m->index[i] >= 1 && m->index[i] <= p->parties, CSIG_E_PARTIES);
        CSIG_REQUIRE(i == 0 || m->index[i] > m->index[i - 1], CSIG_E_PARTIES);
        m->has[m->index[i] - 1] = true;
    }
    CSIG_REQUIRE(m->has[p->self - 1] && m->has[p->commits - 1], CSIG_E_PARTIES);
    return CSIG_OK;
}

/* Those online are compared by csig_session_new, which does not see the others. */
static csig_err check_identities(const csig_keygen_params *p)
{
    for (uint16_t i = 0; i < p->parties; i++) {
        for (uint16_t j = 0; j < i; j++)
            CSIG_REQUIRE(!csig_is_same(identity_at(p, i), identity_at(p, j), CSIG_ID_BYTES),
                         CSIG_E_PARTIES);
    }
    return CSIG_OK;
}

static csig_err check_params(members *m, const csig_keygen_params *p)
{
    static const uint8_t none[CSIG_NONCE_BYTES];

    CSIG_REQUIRE(p->identities != NULL && p->nonces != NULL, CSIG_E_ARGUMENT);
    CSIG_REQUIRE(p->parties >= 2 && p->parties <= CSIG_MAX_PARTIES, CSIG_E_PARTIES);
    CSIG_REQUIRE(p->signers_required >= 2 && p->signers_required <= p->parties, CSIG_E_PARTIES);
    CSIG_REQUIRE(p->self >= 1 && p->self <= p->parties, CSIG_E_PARTIES);
    CSIG_REQUIRE(p->commits >= 1 && p->commits <= p->parties, CSIG_E_PARTIES);
    CSIG_TRY(check_members(m, p));
    CSIG_TRY(check_identities(p));
    /* A nonce that was never drawn. That our identity is at its place is checked by
     * csig_session_new. */
    for (uint16_t i = 0; i < m->count; i++)
        CSIG_REQUIRE(!csig_is_same(p->nonces + (size_t)i * CSIG_NONCE_BYTES, none, sizeof none),
                     CSIG_E_ARGUMENT);
    return csig_escrows_check(&p->recovery, m->has, p->signers_required, p->parties);
}

/* The fields of recovery are there only where somebody has a recovery key. */
static void make_ssid(csig_ssid *ssid, const csig_keygen_params *p, const members *m)
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
    csig_ssid_add(ssid, "nonces", p->nonces, (size_t)m->count * CSIG_NONCE_BYTES);
    if (p->recovery.count > 0) {
        uint8_t online[CSIG_MAX_PARTIES];

        for (uint16_t i = 0; i < m->count; i++)
            online[i] = (uint8_t)m->index[i];
        csig_ssid_add(ssid, "online", online, m->count);
        csig_escrows_ssid(ssid, &p->recovery);
    }
    csig_ssid_end(ssid);
}

static csig_err fill(csig_run *run, const csig_keygen_params *p)
{
    csig_share *share = &csig_keygen_secret_of(run)->share;
    csig_keygen_open *open = csig_keygen_open_of(run);

    run->shape.t = p->signers_required;
    run->shape.escrows = p->recovery.count;
    if (p->self == p->commits && p->identity != NULL)
        csig_keygen_secret_of(run)->key = p->identity->key;
    open->commits = p->commits;
    share->t = p->signers_required;
    share->n = p->parties;
    share->self = p->self;
    memcpy(share->identity, p->identities, (size_t)p->parties * CSIG_ID_BYTES);
    open->escrows.t = share->t;
    open->escrows.n = share->n;
    return csig_escrows_init(&open->escrows, &p->recovery, run->n);
}

static csig_err new_session(csig_session **s, const csig_keygen_params *p, const members *m,
                            const csig_protocol *protocol)
{
    uint8_t identity[CSIG_MAX_PARTIES][CSIG_ID_BYTES];
    uint8_t seed[32] = {0};
    uint16_t self = 0;
    csig_ssid ssid;
    csig_err err;

    for (uint16_t i = 0; i < m->count; i++) {
        memcpy(identity[i], identity_at(p, (uint16_t)(m->index[i] - 1)), CSIG_ID_BYTES);
        if (m->index[i] == p->self) self = i;
    }
    make_ssid(&ssid, p, m);
    if (p->identity != NULL) csig_identity_seed(p->identity, seed);
    err = csig_session_new(s, &(csig_session_setup){
                                  .protocol = protocol,
                                  .ssid = &ssid,
                                  .n = m->count,
                                  .index = m->index,
                                  .identity = (const uint8_t(*)[CSIG_ID_BYTES])identity,
                                  .self = self,
                                  .key = p->identity == NULL ? NULL : &p->identity->key,
                                  .seed = seed,
                                  .engine = p->engine,
                                  .moves_last = p->moves_last != 0,
                              });
    csig_wipe(seed, sizeof seed);
    return err;
}

/* For who records the session. */
static csig_err keep_inputs(csig_session *s, const csig_keygen_params *p, const members *m)
{
    csig_inputs in = {
        .t = p->signers_required, .n = p->parties, .commits = p->commits, .count = m->count};

    memcpy(in.identity, p->identities, (size_t)p->parties * CSIG_ID_BYTES);
    for (uint16_t i = 0; i < m->count; i++)
        in.holds[i] = m->index[i];
    memcpy(in.nonce, p->nonces, (size_t)m->count * CSIG_NONCE_BYTES);
    csig_inputs_recovery(&in, &p->recovery);
    return csig_inputs_keep(s, &in, NULL);
}

csig_err csig_keygen_session_of(csig_session **s, const csig_keygen_params *p,
                                const csig_protocol *protocol)
{
    members m;
    csig_err err;

    CSIG_REQUIRE(s != NULL, CSIG_E_ARGUMENT);
    *s = NULL;
    CSIG_REQUIRE(p != NULL && p->identity != NULL, CSIG_E_ARGUMENT);
    CSIG_TRY(check_params(&m, p));
    CSIG_TRY(new_session(s, p, &m, protocol));
    err = fill(csig_session_run(*s), p);
    if (err == CSIG_OK) err = keep_inputs(*s, p, &m);
    if (err == CSIG_OK) err = csig_session_start(*s);
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

csig_err csig_keygen_watch(csig_session **s, const csig_keygen_params *p, const uint8_t cc_hash[32])
{
    members m;

    *s = NULL;
    CSIG_TRY(check_params(&m, p));
    CSIG_TRY(new_session(s, p, &m, &csig_keygen_protocol));
    if (cc_hash != NULL)
        memcpy(csig_keygen_secret_of(csig_session_run(*s))->share.cc_hash, cc_hash, 32);
    csig_keygen_open_of(csig_session_run(*s))->no_cc = cc_hash == NULL;
    CSIG_TRY(fill(csig_session_run(*s), p));
    csig_session_watched(*s, NULL);
    return CSIG_OK;
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
    CSIG_REQUIRE(share != NULL && signature != NULL, CSIG_E_ARGUMENT);
    return csig_share_commit_verify(share, commits, signature);
}

csig_err csig_keygen_escrow(csig_session *s, uint16_t dealer, uint16_t index,
                            uint8_t escrow[CSIG_ESCROW_BYTES])
{
    const csig_run *run;
    uint16_t j = 0;

    CSIG_REQUIRE(s != NULL && escrow != NULL, CSIG_E_ARGUMENT);
    CSIG_TRY(csig_session_output(s, &csig_keygen_protocol));
    run = csig_session_run(s);
    while (j < run->n && run->index[j] != dealer)
        j++;
    CSIG_REQUIRE(j < run->n, CSIG_E_ARGUMENT);
    return csig_escrows_write(&csig_keygen_open_of(run)->escrows, j, index, escrow);
}
