/* What is public about a device's auxiliary info. */
#include "share/aux.h"

#include "base/mem.h"

void csig_aux_pub_wire(csig_wire *w, void *msg)
{
    csig_aux_pub *pub = msg;

    csig_bytes_wire(w, pub->owner, sizeof pub->owner);
    csig_u64_wire(w, &pub->generation);
    csig_nat_wire(w, &pub->n, CSIG_N_BYTES);
    csig_nat_wire(w, &pub->n_hat, CSIG_N_BYTES);
    csig_nat_wire(w, &pub->s, CSIG_N_BYTES);
    csig_nat_wire(w, &pub->t, CSIG_N_BYTES);
}

void csig_aux_pub_id(csig_aux_pub *pub)
{
    csig_transcript t;

    csig_transcript_init(&t, CSIG_LABEL_AUX_ID);
    csig_transcript_u32(&t, CSIG_FORMAT_VERSION);
    csig_transcript_u32(&t, CSIG_LEVEL);
    csig_transcript_bytes(&t, pub->owner, sizeof pub->owner);
    csig_transcript_u64(&t, pub->generation);
    csig_transcript_nat(&t, &pub->n, CSIG_N_BYTES);
    csig_transcript_nat(&t, &pub->n_hat, CSIG_N_BYTES);
    csig_transcript_nat(&t, &pub->s, CSIG_N_BYTES);
    csig_transcript_nat(&t, &pub->t, CSIG_N_BYTES);
    csig_transcript_hash32(&t, pub->id);
}

void csig_aux_pair_ssid(uint8_t ssid[CSIG_SSID_BYTES], const uint8_t prover[CSIG_AUX_ID_BYTES],
                        const uint8_t verifier[CSIG_AUX_ID_BYTES])
{
    csig_transcript t;

    csig_transcript_init(&t, CSIG_LABEL_AUX_PAIR);
    csig_transcript_bytes(&t, prover, CSIG_AUX_ID_BYTES);
    csig_transcript_bytes(&t, verifier, CSIG_AUX_ID_BYTES);
    csig_transcript_hash32(&t, ssid);
}
