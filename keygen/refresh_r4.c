/* Refresh and resharing, round 4: the committer holds all receipts and a signature by the staged
 * shares, and has made the new epoch the only one.
 *
 * Out, from the committer alone, after its durable write: the test signature under the unchanged
 * key, and its own signature over key id, new public output and its index, which stays true outside
 * of the session: whoever crashed asks for it later. */
#include <string.h>

#include "keygen/refresh.h"

void csig_refresh_commit_wire(csig_wire *w, void *msg)
{
    csig_refresh_commit_msg *m = msg;

    csig_ecdsa_wire(w, &m->test);
    csig_bytes_wire(w, m->signature, sizeof m->signature);
}

static bool due(const csig_run *run, uint16_t from)
{
    return csig_refresh_holds(run, from) == csig_refresh_open_of(run)->commits;
}

static csig_err make(csig_run *run, csig_out *out)
{
    csig_refresh_secret *st = csig_refresh_secret_of(run);
    csig_refresh_open *open = csig_refresh_open_of(run);
    csig_refresh_commit_msg *msg = out->bcast;
    csig_transcript t;

    CSIG_REQUIRE(open->has_test, CSIG_E_STATE);
    csig_share_commit_transcript(&t, &st->share, open->commits, open->output);
    csig_ed_sign(msg->signature, &st->key, &t);
    csig_ed_key_wipe(&st->key);
    msg->test = open->test;
    memcpy(open->commit, msg->signature, sizeof open->commit);
    open->has_commit = true;
    return CSIG_OK;
}

/* The envelope around it was signed by the committer: what is wrong inside is its fault. */
static csig_err check(const csig_run *run, uint16_t from, const csig_in *in)
{
    const csig_share *share = &csig_refresh_secret_of(run)->share;
    const csig_refresh_open *open = csig_refresh_open_of(run);
    const csig_refresh_commit_msg *msg = in->bcast;
    uint8_t digest[CSIG_DIGEST_BYTES];
    csig_transcript t;

    csig_refresh_digest(digest, run);
    CSIG_TRY(csig_ecdsa_verify(&msg->test, &share->pk, digest));
    csig_share_commit_transcript(&t, share, open->commits, open->output);
    CSIG_REQUIRE(csig_ed_verify(msg->signature, run->identity[from], &t) == CSIG_OK, CSIG_E_ACK);
    return CSIG_OK;
}

static csig_err step(csig_run *run, const csig_in in[CSIG_MAX_PARTIES], uint16_t *culprit)
{
    csig_refresh_open *open = csig_refresh_open_of(run);

    (void)culprit;
    for (uint16_t j = 0; j < run->n; j++) {
        const csig_refresh_commit_msg *msg = in[j].bcast;

        if (msg == NULL) continue;
        open->test = msg->test;
        memcpy(open->commit, msg->signature, sizeof open->commit);
        open->has_commit = true;
    }
    return CSIG_OK;
}

const csig_round csig_refresh_r4 = {
    .name = "refresh/4",
    .bcast = csig_refresh_commit_wire,
    .bcast_size = sizeof(csig_refresh_commit_msg),
    .hold = true,
    .late = true,
    .due = due,
    .make = make,
    .check = check,
    .step = step,
};
