/* Refresh: the door, the parameters, the table. */
#include "keygen/refresh.h"

#include <string.h>

#include "base/mem.h"
#include "share/device.h"

/* --- what several rounds use --- */

void csig_refresh_digest(uint8_t digest[CSIG_DIGEST_BYTES], const csig_run *run)
{
    csig_transcript t;

    csig_transcript_init(&t, CSIG_LABEL_REFRESH_TEST);
    csig_transcript_bytes(&t, run->ssid, CSIG_SSID_BYTES);
    csig_transcript_bytes(&t, csig_refresh_open_of(run)->output, CSIG_HASH_BYTES);
    csig_transcript_hash32(&t, digest);
}

/* --- the table --- */

static size_t secret_bytes(uint16_t n)
{
    (void)n;
    return sizeof(csig_refresh_secret);
}

static size_t open_bytes(uint16_t n)
{
    (void)n;
    return sizeof(csig_refresh_open);
}

static void free_open(csig_run *run)
{
    csig_escrows_free(&csig_refresh_open_of(run)->escrows);
}

static const csig_round *const rounds[] = {&csig_refresh_r1, &csig_refresh_r2, &csig_refresh_r3,
                                           &csig_refresh_r4};

const csig_protocol csig_refresh_protocol = {
    .id = CSIG_PROTOCOL_REFRESH,
    .name = "refresh",
    .rounds = rounds,
    .count = CSIG_ARRAY_LEN(rounds),
    .secret_bytes = secret_bytes,
    .open_bytes = open_bytes,
    .free_open = free_open,
};

/* --- the parameters --- */

/* The place of an index in a list; its length: it is not there. */
static uint16_t place(uint16_t index, const uint16_t *list, uint16_t count)
{
    uint16_t k = 0;

    while (k < count && list[k] != index)
        k++;
    return k;
}

static csig_err check_params(const csig_refresh_params *p)
{
    static const uint8_t none[CSIG_NONCE_BYTES];
    bool online[CSIG_MAX_PARTIES] = {false};
    const csig_share *share;

    CSIG_REQUIRE(p != NULL && p->identity != NULL && p->share != NULL && p->indices != NULL &&
                     p->nonces != NULL,
                 CSIG_E_ARGUMENT);
    share = p->share;
    CSIG_REQUIRE(p->attempt >= 1 && share->epoch < UINT64_MAX, CSIG_E_ARGUMENT);
    CSIG_REQUIRE(p->count >= share->t && p->count <= share->n, CSIG_E_PARTIES);
    for (uint16_t i = 0; i < p->count; i++) {
        CSIG_REQUIRE(p->indices[i] >= 1 && p->indices[i] <= share->n, CSIG_E_PARTIES);
        CSIG_REQUIRE(i == 0 || p->indices[i] > p->indices[i - 1], CSIG_E_PARTIES);
        online[p->indices[i] - 1] = true;
        /* A nonce that was never drawn. */
        CSIG_REQUIRE(!csig_is_same(p->nonces + (size_t)i * CSIG_NONCE_BYTES, none, sizeof none),
                     CSIG_E_ARGUMENT);
    }
    CSIG_REQUIRE(place(share->self, p->indices, p->count) < p->count, CSIG_E_PARTIES);
    CSIG_REQUIRE(place(p->commits, p->indices, p->count) < p->count, CSIG_E_PARTIES);
    return csig_escrows_check(&p->recovery, online, share->t, share->n);
}

static void make_ssid(csig_ssid *ssid, const csig_refresh_params *p)
{
    const csig_share *share = p->share;
    uint8_t online[2 * CSIG_MAX_PARTIES], pk[CSIG_POINT_BYTES];

    for (uint16_t i = 0; i < p->count; i++) {
        online[2 * i] = (uint8_t)(p->indices[i] >> 8);
        online[2 * i + 1] = (uint8_t)p->indices[i];
    }
    csig_point_to_bytes(pk, &share->pk);
    csig_ssid_begin(ssid, CSIG_LABEL_SSID_REFRESH);
    csig_ssid_add(ssid, "purpose", CSIG_PURPOSE, sizeof CSIG_PURPOSE - 1);
    csig_ssid_add(ssid, "key_id", share->key_id, sizeof share->key_id);
    csig_ssid_add(ssid, "public_key", pk, sizeof pk);
    csig_ssid_add_u64(ssid, "signers_required", share->t);
    csig_ssid_add_u64(ssid, "parties", share->n);
    csig_ssid_add(ssid, "identities", share->identity, (size_t)share->n * CSIG_ID_BYTES);
    csig_ssid_add(ssid, "chain_code", share->cc_hash, sizeof share->cc_hash);
    csig_ssid_add_u64(ssid, "epoch", share->epoch);
    csig_ssid_add_u64(ssid, "epoch_attempt", share->attempt);
    csig_ssid_add(ssid, "epoch_state", share->epoch_state, sizeof share->epoch_state);
    csig_ssid_add_u64(ssid, "attempt", p->attempt);
    csig_ssid_add(ssid, "online", online, 2U * p->count);
    csig_escrows_ssid(ssid, &p->recovery);
    csig_ssid_add_u64(ssid, "committer", p->commits);
    csig_ssid_add(ssid, "nonces", p->nonces, (size_t)p->count * CSIG_NONCE_BYTES);
    csig_ssid_end(ssid);
}

static csig_err fill(csig_run *run, const csig_refresh_params *p)
{
    csig_refresh_secret *st = csig_refresh_secret_of(run);
    csig_refresh_open *open = csig_refresh_open_of(run);

    run->shape.t = p->share->t;
    run->shape.escrows = p->recovery.count;
    st->share = *p->share;
    if (p->share->self == p->commits) st->key = p->identity->key;
    open->commits = p->commits;
    open->escrows.epoch = p->share->epoch + 1;
    open->escrows.attempt = p->attempt;
    open->escrows.t = p->share->t;
    open->escrows.n = p->share->n;
    memcpy(open->escrows.before, p->share->epoch_state, sizeof open->escrows.before);
    return csig_escrows_init(&open->escrows, &p->recovery, run->n);
}

static csig_err new_session(csig_session **s, const csig_refresh_params *p,
                            const csig_protocol *protocol)
{
    uint8_t identity[CSIG_MAX_PARTIES][CSIG_ID_BYTES];
    uint8_t seed[32];
    csig_ssid ssid;
    csig_err err;

    for (uint16_t i = 0; i < p->count; i++)
        memcpy(identity[i], p->share->identity[p->indices[i] - 1], CSIG_ID_BYTES);
    make_ssid(&ssid, p);
    csig_share_seed(p->share, seed);
    err = csig_session_new(s, &(csig_session_setup){
                                  .protocol = protocol,
                                  .ssid = &ssid,
                                  .n = p->count,
                                  .index = p->indices,
                                  .identity = (const uint8_t(*)[CSIG_ID_BYTES])identity,
                                  .self = place(p->share->self, p->indices, p->count),
                                  .key = &p->identity->key,
                                  .seed = seed,
                                  .engine = p->engine,
                                  .moves_last = p->moves_last != 0,
                              });
    csig_wipe(seed, sizeof seed);
    return err;
}

csig_err csig_refresh_session_of(csig_session **s, const csig_refresh_params *p,
                                 const csig_protocol *protocol)
{
    csig_err err;

    CSIG_REQUIRE(s != NULL, CSIG_E_ARGUMENT);
    *s = NULL;
    CSIG_TRY(check_params(p));
    CSIG_TRY(new_session(s, p, protocol));
    err = fill(csig_session_run(*s), p);
    if (err == CSIG_OK) err = csig_session_start(*s);
    if (err != CSIG_OK) {
        csig_session_free(*s);
        *s = NULL;
    }
    return err;
}

/* --- the door --- */

csig_err csig_refresh_session(csig_session **s, const csig_refresh_params *params)
{
    return csig_refresh_session_of(s, params, &csig_refresh_protocol);
}

csig_err csig_refresh_share(csig_session *s, csig_share **share)
{
    CSIG_REQUIRE(s != NULL && share != NULL, CSIG_E_ARGUMENT);
    *share = NULL;
    CSIG_TRY(csig_session_output(s, &csig_refresh_protocol));
    *share = csig_share_alloc();
    CSIG_REQUIRE(*share != NULL, CSIG_E_MEMORY);
    **share = csig_refresh_secret_of(csig_session_run(s))->share;
    return CSIG_OK;
}

csig_err csig_refresh_backup(csig_session *s, const uint8_t hash[CSIG_BACKUP_HASH_BYTES])
{
    csig_refresh_open *open;

    CSIG_REQUIRE(s != NULL && hash != NULL, CSIG_E_ARGUMENT);
    CSIG_TRY(csig_session_output(s, &csig_refresh_protocol));
    open = csig_refresh_open_of(csig_session_run(s));
    CSIG_REQUIRE(csig_session_phase(s) == CSIG_STORE && !open->has_receipts, CSIG_E_STATE);
    memcpy(open->backup[csig_session_run(s)->self], hash, CSIG_BACKUP_HASH_BYTES);
    open->has_backup = true;
    return CSIG_OK;
}

csig_err csig_refresh_backup_of(csig_session *s, uint16_t index,
                                uint8_t hash[CSIG_BACKUP_HASH_BYTES])
{
    const csig_refresh_open *open;
    const csig_run *run;
    uint16_t j;

    CSIG_REQUIRE(s != NULL && hash != NULL, CSIG_E_ARGUMENT);
    CSIG_TRY(csig_session_output(s, &csig_refresh_protocol));
    run = csig_session_run(s);
    open = csig_refresh_open_of(run);
    CSIG_REQUIRE(open->has_receipts, CSIG_E_STATE);
    j = place(index, run->index, run->n);
    CSIG_REQUIRE(j < run->n, CSIG_E_ARGUMENT);
    memcpy(hash, open->backup[j], CSIG_BACKUP_HASH_BYTES);
    return CSIG_OK;
}

csig_err csig_refresh_test_digest(csig_session *s, uint8_t digest[CSIG_DIGEST_BYTES])
{
    CSIG_REQUIRE(s != NULL && digest != NULL, CSIG_E_ARGUMENT);
    CSIG_TRY(csig_session_output(s, &csig_refresh_protocol));
    csig_refresh_digest(digest, csig_session_run(s));
    return CSIG_OK;
}

csig_err csig_refresh_tested(csig_session *s, const csig_signature *signature)
{
    csig_ecdsa sig;
    uint8_t digest[CSIG_DIGEST_BYTES];
    csig_refresh_open *open;
    const csig_run *run;

    CSIG_REQUIRE(s != NULL && signature != NULL, CSIG_E_ARGUMENT);
    CSIG_TRY(csig_session_output(s, &csig_refresh_protocol));
    run = csig_session_run(s);
    open = csig_refresh_open_of(run);
    CSIG_REQUIRE(csig_session_phase(s) == CSIG_STORE, CSIG_E_STATE);
    CSIG_REQUIRE(run->index[run->self] == open->commits, CSIG_E_STATE);
    memcpy(sig.r, signature->r, sizeof sig.r);
    memcpy(sig.s, signature->s, sizeof sig.s);
    sig.recid = signature->recovery_id;
    csig_refresh_digest(digest, run);
    CSIG_TRY(csig_ecdsa_verify(&sig, &csig_refresh_secret_of(run)->share.pk, digest));
    open->test = sig;
    open->has_test = true;
    return CSIG_OK;
}

csig_err csig_refresh_escrow(csig_session *s, uint16_t dealer, uint16_t index,
                             uint8_t escrow[CSIG_ESCROW_BYTES])
{
    const csig_run *run;
    uint16_t j;

    CSIG_REQUIRE(s != NULL && escrow != NULL, CSIG_E_ARGUMENT);
    CSIG_TRY(csig_session_output(s, &csig_refresh_protocol));
    run = csig_session_run(s);
    j = place(dealer, run->index, run->n);
    CSIG_REQUIRE(j < run->n, CSIG_E_ARGUMENT);
    return csig_escrows_write(&csig_refresh_open_of(run)->escrows, j, index, escrow);
}

csig_err csig_refresh_commit(csig_session *s, uint8_t signature[64])
{
    const csig_refresh_open *open;

    CSIG_REQUIRE(s != NULL && signature != NULL, CSIG_E_ARGUMENT);
    CSIG_TRY(csig_session_output(s, &csig_refresh_protocol));
    open = csig_refresh_open_of(csig_session_run(s));
    CSIG_REQUIRE(open->has_commit, CSIG_E_STATE);
    memcpy(signature, open->commit, CSIG_ED_SIG_BYTES);
    return CSIG_OK;
}

csig_err csig_refresh_commit_verify(const csig_share *share, uint16_t commits,
                                    const uint8_t signature[64])
{
    return csig_keygen_commit_verify(share, commits, signature);
}
