#include "keygen/complaint.h"

#include "base/mem.h"

void csig_complaint_wire(csig_wire *w, void *complaint)
{
    csig_complaint *c = complaint;

    csig_point_wire(w, &c->D);
    csig_zk_dleq_wire(w, &c->proof);
}

static void transcript(csig_transcript *tr, const csig_run *run, uint16_t accused)
{
    csig_transcript_proof(tr, CSIG_LABEL_ZK_DLEQ_MASK, run->ssid, run->index[run->self],
                          CSIG_TO_ALL);
    csig_transcript_party(tr, run->index[accused]);
}

static csig_zk_dleq_stmt statement(const csig_mask_keys *keys, uint16_t accused,
                                   const csig_complaint *c)
{
    return (csig_zk_dleq_stmt){.Y = &keys->mine[accused], .P = &keys->theirs[accused], .D = &c->D};
}

csig_err csig_complaint_make(uint8_t out[CSIG_COMPLAINT_BYTES], const csig_run *run,
                             const csig_mask_keys *keys, const csig_scalar *y, uint16_t accused)
{
    csig_complaint c;
    const csig_zk_dleq_stmt stmt = statement(keys, accused, &c);
    csig_transcript tr;

    /* Public from here on: the session is dead. */
    CSIG_TRY(csig_point_mul(&c.D, y, stmt.P));
    transcript(&tr, run, accused);
    CSIG_TRY(csig_zk_dleq_prove(&c.proof, &run->env, &tr, &stmt, y));
    csig_wire_write(csig_complaint_wire, &c, out, CSIG_COMPLAINT_BYTES);
    return CSIG_OK;
}

csig_err csig_complaint_take(uint8_t dh[64], const csig_run *run, const csig_mask_keys *keys,
                             uint16_t accused, const uint8_t in[CSIG_COMPLAINT_BYTES])
{
    csig_complaint c;
    const csig_zk_dleq_stmt stmt = statement(keys, accused, &c);
    csig_transcript tr;
    csig_scalar one;

    CSIG_TRY(csig_wire_read(csig_complaint_wire, &c, in, CSIG_COMPLAINT_BYTES));
    transcript(&tr, run, accused);
    CSIG_TRY(csig_zk_dleq_verify(&c.proof, &tr, &stmt));
    csig_scalar_set_u32(&one, 1);
    return csig_point_dh(dh, &one, &c.D);
}
