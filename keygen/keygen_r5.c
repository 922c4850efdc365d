/* Key generation, round 5: the committer holds all acknowledgements and has written the birth.
 *
 * Out, from the committer alone, after its durable write: its signature over key id, public output
 * and its index. It stays true outside of the session: whoever crashed asks for it later. */
#include "keygen/keygen.h"

#include <string.h>

void csig_keygen_born_wire(csig_wire *w, void *msg)
{
    csig_keygen_born_msg *m = msg;

    csig_bytes_wire(w, m->signature, sizeof m->signature);
}

static bool due(const csig_run *run, uint16_t from)
{
    return run->index[from] == csig_keygen_open_of(run)->commits;
}

static csig_err make(csig_run *run, csig_out *out)
{
    csig_keygen_secret *st = csig_keygen_secret_of(run);
    csig_keygen_open *open = csig_keygen_open_of(run);
    csig_keygen_born_msg *msg = out->bcast;
    csig_transcript t;

    csig_share_commit_transcript(&t, &st->share, open->commits, open->output);
    csig_ed_sign(msg->signature, &st->key, &t);
    csig_ed_key_wipe(&st->key);
    memcpy(open->commit, msg->signature, sizeof open->commit);
    open->has_commit = true;
    return CSIG_OK;
}

/* The envelope around it was signed by the committer: a wrong signature inside is its fault. */
static csig_err check(const csig_run *run, uint16_t from, const csig_in *in)
{
    const csig_share *share = &csig_keygen_secret_of(run)->share;
    const csig_keygen_open *open = csig_keygen_open_of(run);
    const csig_keygen_born_msg *msg = in->bcast;
    csig_transcript t;

    /* output: own, or, to who does not know it, what the committer has acknowledged. */
    csig_share_commit_transcript(&t, share, open->commits, open->output);
    CSIG_REQUIRE(csig_ed_verify(msg->signature, run->identity[from], &t) == CSIG_OK, CSIG_E_ACK);
    return CSIG_OK;
}

static csig_err step(csig_run *run, const csig_in in[CSIG_MAX_PARTIES], uint16_t *culprit)
{
    csig_keygen_open *open = csig_keygen_open_of(run);

    (void)culprit;
    for (uint16_t j = 0; j < run->n; j++) {
        const csig_keygen_born_msg *msg = in[j].bcast;

        if (msg == NULL) continue;
        memcpy(open->commit, msg->signature, sizeof open->commit);
        open->has_commit = true;
    }
    return CSIG_OK;
}

const csig_round csig_keygen_r5 = {
    .name = "keygen/5",
    .bcast = csig_keygen_born_wire,
    .bcast_size = sizeof(csig_keygen_born_msg),
    .hold = true,
    .due = due,
    .make = make,
    .check = check,
    .step = step,
};
