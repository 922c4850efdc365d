/* Auxiliary session, round 3: both have stored the peer and say which pair it is.
 *
 * Out, after the host's durable write: the hash of the pair. In: it is ours too. */
#include "keygen/auxinfo.h"

#include "base/mem.h"

void csig_auxinfo_paired_wire(csig_wire *w, void *msg)
{
    csig_auxinfo_paired_msg *m = msg;

    csig_bytes_wire(w, m->hash, sizeof m->hash);
}

static csig_err make(csig_run *run, csig_out *out)
{
    csig_auxinfo_paired_msg *msg = out->bcast;

    csig_auxinfo_pair_hash(msg->hash, run);
    return CSIG_OK;
}

static csig_err check(const csig_run *run, uint16_t from, const csig_in *in)
{
    const csig_auxinfo_paired_msg *msg = in->bcast;
    uint8_t hash[CSIG_HASH_BYTES];

    (void)from;
    csig_auxinfo_pair_hash(hash, run);
    CSIG_REQUIRE(csig_is_same(msg->hash, hash, sizeof hash), CSIG_E_ACK);
    return CSIG_OK;
}

const csig_round csig_auxinfo_r3 = {
    .name = "auxinfo/3",
    .bcast = csig_auxinfo_paired_wire,
    .bcast_size = sizeof(csig_auxinfo_paired_msg),
    .echo = true,
    .hold = true,
    .make = make,
    .check = check,
};
