/* What a host asks of a refresh or a resharing, and tells it. */
#include <string.h>

#include "keygen/refresh.h"

/* The place of an index in a list; its length: it is not there. 0 is no index. */
static uint16_t place(uint16_t index, const uint16_t *list, uint16_t count)
{
    uint16_t k = 0;

    while (k < count && (index == 0 || list[k] != index))
        k++;
    return k;
}

csig_err csig_refresh_share(csig_session *s, csig_share **share)
{
    CSIG_REQUIRE(s != NULL && share != NULL, CSIG_E_ARGUMENT);
    *share = NULL;
    CSIG_TRY(csig_session_output(s, &csig_refresh_protocol));
    CSIG_REQUIRE(csig_refresh_holds(csig_session_run(s), csig_session_run(s)->self) != 0,
                 CSIG_E_STATE);
    *share = csig_share_alloc();
    CSIG_REQUIRE(*share != NULL, CSIG_E_MEMORY);
    **share = csig_refresh_secret_of(csig_session_run(s))->share;
    return CSIG_OK;
}

csig_err csig_refresh_epoch(csig_session *s, uint8_t epoch[CSIG_EPOCH_BYTES])
{
    CSIG_REQUIRE(s != NULL && epoch != NULL, CSIG_E_ARGUMENT);
    CSIG_TRY(csig_session_output(s, &csig_refresh_protocol));
    return csig_share_epoch(&csig_refresh_secret_of(csig_session_run(s))->share, epoch);
}

csig_err csig_refresh_backup(csig_session *s, const uint8_t hash[CSIG_BACKUP_HASH_BYTES])
{
    csig_refresh_open *open;
    const csig_run *run;

    CSIG_REQUIRE(s != NULL && hash != NULL, CSIG_E_ARGUMENT);
    CSIG_TRY(csig_session_output(s, &csig_refresh_protocol));
    run = csig_session_run(s);
    open = csig_refresh_open_of(run);
    CSIG_REQUIRE(csig_session_phase(s) == CSIG_STORE && !open->has_receipts, CSIG_E_STATE);
    CSIG_REQUIRE(csig_refresh_holds(run, run->self) != 0, CSIG_E_STATE);
    memcpy(open->backup[run->self], hash, CSIG_BACKUP_HASH_BYTES);
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
    j = place(index, open->holds, run->n);
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
    CSIG_REQUIRE(open->holds[run->self] == open->commits, CSIG_E_STATE);
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
    j = place(dealer, csig_refresh_open_of(run)->deals, run->n);
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
