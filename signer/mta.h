/* One multiplicative-to-additive exchange (protocol.md 2.4). The asker holds k, the answerer holds
 * x with X = xG; afterwards they hold alpha and beta with alpha + beta = k x mod q.
 *
 *   ask      K = enc_asker(k; rho)                                  Pi-enc-elg, in round 1
 *   answer   y := -beta,  D = K^x enc_asker(y; rho),  F = enc_answerer(y; rho_y)    Pi-aff-g
 *   finish   alpha = dec(D), centred: k x + y
 */
#ifndef CSIG_SIGNER_MTA_H
#define CSIG_SIGNER_MTA_H

#include "zk/affg.h"

/* The answer, a message. */
typedef struct csig_mta_answer {
    csig_int D; /* mod N^2 of the asker */
    csig_int F; /* mod N^2 of the answerer */
    csig_zk_affg psi;
} csig_mta_answer;

void csig_mta_answer_wire(csig_wire *w, void *answer);

/* What both sides know of one exchange. */
typedef struct csig_mta {
    const csig_paillier *asker, *answerer;
    const csig_pedersen *verifier; /* the asker's */
    const csig_int *K;
    const csig_point *X;
} csig_mta;

/* The asker's secret until the proofs of K are made. */
typedef struct csig_mta_asked {
    csig_sec k; /* lifted to [0, q) */
    csig_sec rho;
} csig_mta_asked;

void csig_mta_asked_wipe(csig_mta_asked *asked);
/* Draws rho; the job makes K. */
csig_job csig_mta_ask(csig_mta_asked *asked, csig_int *K, const csig_paillier *asker,
                      const csig_scalar *k, csig_rng *rng);

/* The answerer's secret until the proof is made. */
typedef struct csig_mta_mask {
    csig_sec y;     /* -beta, in +-2^l' */
    csig_sec rho;   /* of D */
    csig_sec rho_y; /* of F */
} csig_mta_mask;

void csig_mta_mask_wipe(csig_mta_mask *mask);
/* Draws the mask; the jobs make D and F. x is the answerer's secret, lifted to [0, q). */
void csig_mta_answer_jobs(csig_job job[2], csig_mta_answer *answer, csig_mta_mask *mask,
                          const csig_mta *mta, const csig_sec *x, csig_rng *rng);
/* After the jobs. */
CSIG_MUST csig_err csig_mta_answer_prove(csig_mta_answer *answer, const csig_env *env,
                                         const csig_transcript *tr, const csig_mta *mta,
                                         const csig_scalar *x, const csig_mta_mask *mask);
/* beta = -y mod q */
void csig_mta_beta(csig_scalar *beta, const csig_mta_mask *mask);

/* The asker's check. D and F are units of the right rings: the proof's first line. */
CSIG_MUST csig_err csig_mta_answer_check(const csig_mta_answer *answer, const csig_env *env,
                                         const csig_transcript *tr, const csig_mta *mta);
/* alpha mod q, of a checked answer. */
CSIG_MUST csig_err csig_mta_finish(csig_scalar *alpha, const csig_mta_answer *answer,
                                   const csig_paillier *asker, const csig_env *env);

#endif
