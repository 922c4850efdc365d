/* Refresh and resharing: what a session is made of, checked and bound to its id; the table. */
#include "keygen/refresh.h"

#include <string.h>

#include "base/mem.h"
#include "keygen/inputs.h"
#include "share/device.h"

/* --- what several rounds use --- */

void csig_refresh_pad(uint8_t pad[32], const csig_run *run, uint16_t from, uint16_t to,
                      const uint8_t dh[64])
{
    CSIG_AUTO(csig_transcript) t;

    csig_transcript_init(&t, CSIG_LABEL_REFRESH_CC);
    csig_transcript_bytes(&t, run->ssid, CSIG_SSID_BYTES);
    csig_transcript_party(&t, run->index[from]);
    csig_transcript_party(&t, run->index[to]);
    csig_transcript_bytes(&t, dh, 64);
    csig_transcript_hash32(&t, pad);
}

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

static const csig_share *about(const csig_run *run)
{
    return &csig_refresh_secret_of(run)->share;
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
    .watch = csig_refresh_witness,
    .about = about,
};

/* --- the plan --- */

/* Indices 1 .. n, none twice; 0 is nobody. *count: how many there are. */
static csig_err check_indices(bool *has, uint16_t *count, const uint16_t *index, uint16_t members,
                              uint16_t n)
{
    *count = 0;
    for (uint16_t i = 0; i < members; i++) {
        if (index[i] == 0) continue;
        CSIG_REQUIRE(index[i] <= n && !has[index[i] - 1], CSIG_E_PARTIES);
        has[index[i] - 1] = true;
        (*count)++;
    }
    return CSIG_OK;
}

static csig_err check_members(const csig_reshare_plan *p, bool *holds)
{
    bool deals[CSIG_MAX_PARTIES] = {false};
    uint16_t dealers, holders;

    CSIG_REQUIRE(p->n >= 2 && p->n <= CSIG_MAX_PARTIES, CSIG_E_PARTIES);
    CSIG_REQUIRE(p->t >= 2 && p->t <= p->n, CSIG_E_PARTIES);
    CSIG_TRY(check_indices(deals, &dealers, p->deals, p->count, p->current->n));
    CSIG_TRY(check_indices(holds, &holders, p->holds, p->count, p->n));
    for (uint16_t i = 0; i < p->count; i++)
        CSIG_REQUIRE(p->deals[i] != 0 || p->holds[i] != 0, CSIG_E_PARTIES);
    CSIG_REQUIRE(dealers >= p->current->t && holders >= p->t, CSIG_E_PARTIES);
    CSIG_REQUIRE(p->commits >= 1 && p->commits <= p->n && holds[p->commits - 1], CSIG_E_PARTIES);
    if (p->identity == NULL) return CSIG_OK;
    CSIG_REQUIRE(p->deals[p->self] == (p->share == NULL ? 0 : p->share->self), CSIG_E_PARTIES);
    return CSIG_OK;
}

static csig_err check_plan(const csig_reshare_plan *p)
{
    static const uint8_t none[CSIG_NONCE_BYTES];
    bool holds[CSIG_MAX_PARTIES] = {false};

    CSIG_REQUIRE(p->attempt >= 1 && p->current->epoch < UINT64_MAX, CSIG_E_ARGUMENT);
    CSIG_TRY(check_members(p, holds));
    /* Of all, online or not; csig_session_new compares who speaks. */
    for (uint16_t i = 0; i < p->n; i++) {
        for (uint16_t j = 0; j < i; j++)
            CSIG_REQUIRE(!csig_is_same(p->identities + (size_t)i * CSIG_ID_BYTES,
                                       p->identities + (size_t)j * CSIG_ID_BYTES, CSIG_ID_BYTES),
                         CSIG_E_PARTIES);
    }
    /* A nonce that was never drawn. */
    for (uint16_t i = 0; i < p->count; i++)
        CSIG_REQUIRE(!csig_is_same(p->nonce[i], none, sizeof none), CSIG_E_ARGUMENT);
    return csig_escrows_check(&p->recovery, holds, p->t, p->n);
}

static void add_members(csig_ssid *ssid, const csig_reshare_plan *p)
{
    uint8_t octets[3 * CSIG_MAX_PARTIES]; /* all are at most CSIG_MAX_PARTIES */

    for (uint16_t i = 0; i < p->count; i++) {
        octets[3 * i] = (uint8_t)p->number[i];
        octets[3 * i + 1] = (uint8_t)p->deals[i];
        octets[3 * i + 2] = (uint8_t)p->holds[i];
    }
    csig_ssid_add(ssid, "members", octets, 3U * p->count);
}

/* Everything of the current epoch that who joins has been given, and everything of the next. */
static void make_ssid(csig_ssid *ssid, const csig_reshare_plan *p)
{
    const csig_share *now = p->current;
    uint8_t pk[CSIG_POINT_BYTES];

    csig_point_to_bytes(pk, &now->pk);
    csig_ssid_begin(ssid, CSIG_LABEL_SSID_REFRESH);
    csig_ssid_add(ssid, "purpose", CSIG_PURPOSE, sizeof CSIG_PURPOSE - 1);
    csig_ssid_add(ssid, "key_id", now->key_id, sizeof now->key_id);
    csig_ssid_add(ssid, "public_key", pk, sizeof pk);
    csig_ssid_add_u64(ssid, "signers_required", now->t);
    csig_ssid_add_u64(ssid, "parties", now->n);
    csig_ssid_add(ssid, "identities", now->identity, (size_t)now->n * CSIG_ID_BYTES);
    csig_ssid_add(ssid, "chain_code", now->cc_hash, sizeof now->cc_hash);
    csig_ssid_add_u64(ssid, "epoch", now->epoch);
    csig_ssid_add_u64(ssid, "epoch_attempt", now->attempt);
    csig_ssid_add(ssid, "epoch_state", now->epoch_state, sizeof now->epoch_state);
    csig_ssid_add_u64(ssid, "attempt", p->attempt);
    add_members(ssid, p);
    csig_ssid_add_u64(ssid, "next_signers_required", p->t);
    csig_ssid_add_u64(ssid, "next_parties", p->n);
    csig_ssid_add(ssid, "next_identities", p->identities, (size_t)p->n * CSIG_ID_BYTES);
    csig_escrows_ssid(ssid, &p->recovery);
    csig_ssid_add_u64(ssid, "committer", p->commits);
    csig_ssid_add(ssid, "nonces", p->nonce, (size_t)p->count * CSIG_NONCE_BYTES);
    csig_ssid_end(ssid);
}

/* --- the session --- */

static csig_err fill(csig_run *run, const csig_reshare_plan *p)
{
    csig_refresh_secret *st = csig_refresh_secret_of(run);
    csig_refresh_open *open = csig_refresh_open_of(run);

    run->shape.t = p->t;
    run->shape.escrows = p->recovery.count;
    for (uint16_t i = 0; i < p->count; i++)
        if (p->deals[i] == 0) run->shape.joins = 1;
    st->share = p->share != NULL ? *p->share : *p->current;
    if (p->holds[p->self] == p->commits && p->identity != NULL) st->key = p->identity->key;
    memcpy(open->deals, p->deals, sizeof open->deals);
    memcpy(open->holds, p->holds, sizeof open->holds);
    open->commits = p->commits;
    memcpy(open->identity, p->identities, (size_t)p->n * CSIG_ID_BYTES);
    open->escrows.epoch = p->current->epoch + 1;
    open->escrows.attempt = p->attempt;
    open->escrows.t = p->t;
    open->escrows.n = p->n;
    memcpy(open->escrows.before, p->current->epoch_state, sizeof open->escrows.before);
    return csig_escrows_init(&open->escrows, &p->recovery, run->n);
}

/* Under which a member speaks: that of the next epoch; of the current one where it leaves. */
static const uint8_t *identity_of(const csig_reshare_plan *p, uint16_t i)
{
    if (p->holds[i] == 0) return p->current->identity[p->deals[i] - 1];
    return p->identities + (p->holds[i] - 1U) * CSIG_ID_BYTES;
}

static csig_err new_session(csig_session **s, const csig_reshare_plan *p,
                            const csig_protocol *protocol)
{
    uint8_t identity[CSIG_MAX_PARTIES][CSIG_ID_BYTES];
    uint8_t seed[32] = {0};
    csig_ssid ssid;
    csig_err err;

    for (uint16_t i = 0; i < p->count; i++)
        memcpy(identity[i], identity_of(p, i), CSIG_ID_BYTES);
    make_ssid(&ssid, p);
    if (p->share != NULL)
        csig_share_seed(p->share, seed);
    else if (p->identity != NULL)
        csig_identity_seed(p->identity, seed);
    err = csig_session_new(s, &(csig_session_setup){
                                  .protocol = protocol,
                                  .ssid = &ssid,
                                  .n = p->count,
                                  .index = p->number,
                                  .identity = (const uint8_t(*)[CSIG_ID_BYTES])identity,
                                  .self = p->self,
                                  .key = p->identity == NULL ? NULL : &p->identity->key,
                                  .seed = seed,
                                  .engine = p->engine,
                                  .moves_last = p->moves_last,
                              });
    csig_wipe(seed, sizeof seed);
    return err;
}

/* For who records the session. */
static csig_err keep_inputs(csig_session *s, const csig_reshare_plan *p)
{
    csig_inputs in = {
        .t = p->t, .n = p->n, .commits = p->commits, .count = p->count, .attempt = p->attempt};

    memcpy(in.identity, p->identities, (size_t)p->n * CSIG_ID_BYTES);
    memcpy(in.number, p->number, sizeof in.number);
    memcpy(in.deals, p->deals, sizeof in.deals);
    memcpy(in.holds, p->holds, sizeof in.holds);
    memcpy(in.nonce, p->nonce, sizeof in.nonce);
    csig_inputs_recovery(&in, &p->recovery);
    return csig_inputs_keep(s, &in, p->current);
}

csig_err csig_reshare_watch(csig_session **s, const csig_reshare_plan *p)
{
    *s = NULL;
    CSIG_TRY(check_plan(p));
    CSIG_TRY(new_session(s, p, &csig_refresh_protocol));
    CSIG_TRY(fill(csig_session_run(*s), p));
    csig_session_watched(*s, NULL);
    return CSIG_OK;
}

csig_err csig_reshare_start(csig_session **s, const csig_reshare_plan *p,
                            const csig_protocol *protocol)
{
    csig_err err;

    CSIG_TRY(check_plan(p));
    CSIG_TRY(new_session(s, p, protocol));
    err = fill(csig_session_run(*s), p);
    if (err == CSIG_OK) err = keep_inputs(*s, p);
    if (err == CSIG_OK) err = csig_session_start(*s);
    if (err != CSIG_OK) {
        csig_session_free(*s);
        *s = NULL;
    }
    return err;
}
