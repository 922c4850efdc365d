/* Key generation, round 4: everyone has stored its share as pending and says which key it saw.
 *
 * Out, after the host's durable write: the hash of the public output. In: it is everybody's. */
#include "keygen/keygen.h"

#include <string.h>

#include "base/mem.h"

void csig_keygen_ack_wire(csig_wire *w, void *msg)
{
    csig_keygen_ack_msg *m = msg;

    csig_bytes_wire(w, m->hash, sizeof m->hash);
}

static csig_err make(csig_run *run, csig_out *out)
{
    csig_keygen_ack_msg *msg = out->bcast;

    memcpy(msg->hash, csig_keygen_open_of(run)->output, sizeof msg->hash);
    return CSIG_OK;
}

static csig_err check(const csig_run *run, uint16_t from, const csig_in *in)
{
    const csig_keygen_ack_msg *msg = in->bcast;

    (void)from;
    if (csig_keygen_open_of(run)->no_cc) return CSIG_OK; /* the output has its hash in it */
    CSIG_REQUIRE(csig_is_same(msg->hash, csig_keygen_open_of(run)->output, sizeof msg->hash),
                 CSIG_E_ACK);
    return CSIG_OK;
}

/* Without its hash the chain code is in the committer's word alone, by which its birth is judged.
 */
static csig_err step(csig_run *run, const csig_in in[CSIG_MAX_PARTIES], uint16_t *culprit)
{
    csig_keygen_secret *st = csig_keygen_secret_of(run);
    csig_keygen_open *open = csig_keygen_open_of(run);

    (void)culprit;
    csig_wipe(&st->parts, sizeof st->parts);
    for (uint16_t j = 0; open->no_cc && j < run->n; j++) {
        const csig_keygen_ack_msg *msg = in[j].bcast;

        if (run->index[j] == open->commits) memcpy(open->output, msg->hash, sizeof open->output);
    }
    return CSIG_OK;
}

const csig_round csig_keygen_r4 = {
    .name = "keygen/4",
    .bcast = csig_keygen_ack_wire,
    .bcast_size = sizeof(csig_keygen_ack_msg),
    .echo = true,
    .hold = true,
    .make = make,
    .check = check,
    .step = step,
    .testimony = &csig_keygen_opens_parts,
};
