/* Paillier encryption as exponentiation jobs: enc_N(m; rho) = (1 + m N) rho^N mod N^2, with m
 * reduced mod N and decryption centred. The job constructors only describe work; csig_exp_run does
 * it. Everything a job points to must live until then. */
#ifndef CSIG_CRYPTO_PAILLIER_H
#define CSIG_CRYPTO_PAILLIER_H

#include "crypto/env.h"

typedef struct csig_paillier {
    csig_ring ring;
    const csig_factors *own; /* NULL: a peer's key */
} csig_paillier;

/* CSIG_E_MODULUS: N is even, or not of exactly CSIG_N_BITS bits. */
CSIG_MUST csig_err csig_paillier_init(csig_paillier *k, const csig_int *n, const csig_factors *own);

/* c = enc(m; rho) */
csig_job csig_paillier_enc_job(const csig_paillier *k, csig_int *c, const csig_sec *m,
                               const csig_sec *rho);
/* d = C^x * enc(y; rho), C a public unit mod N^2 */
csig_job csig_paillier_affine_job(const csig_paillier *k, csig_int *d, const csig_int *C,
                                  const csig_sec *x, const csig_sec *y, const csig_sec *rho);
/* w = r * rho^e mod N: the response for a randomiser; public. one must be 1 and outlive the job. */
csig_job csig_paillier_response_job(const csig_paillier *k, csig_int *w, const csig_sec *r,
                                    const csig_sec *rho, const csig_int *e, const csig_int *one);
/* a = enc(z; w) * C^x * D^minus_e mod N^2, all public: what must equal the first message A. C and x
 * may both be NULL. minus_e is -e. */
csig_job csig_paillier_check_job(const csig_paillier *k, csig_int *a, const csig_int *z,
                                 const csig_int *w, const csig_int *C, const csig_int *x,
                                 const csig_int *D, const csig_int *minus_e);
/* Centred plaintext of c, a unit mod N^2; own key only. */
CSIG_MUST csig_err csig_paillier_decrypt(csig_sec *m, const csig_paillier *k, const csig_int *c,
                                         const csig_env *env);

#endif
