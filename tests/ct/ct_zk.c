/* The proofs of key generation and signing under valgrind, provers and verifiers with all of their
 * secrets undefined memory: witnesses and masks, and the factors and lambda that verifiers compute
 * with. Those of set-up, which are longer, are in ct_zk_setup.c. */
#include <string.h>

#include "base/ct.h"
#include "support/keys.h"
#include "zk/affg.h"
#include "zk/dleq.h"
#include "zk/elog.h"
#include "zk/encelg.h"
#include "zk/fac.h"
#include "zk/sch.h"

static test_paillier prover, receiver; /* N_i, N_j */
static test_pedersen ring;             /* N^_j, s, t */
static csig_pedersen tabled;           /* as the prover has it */
static csig_curve curve;
static csig_rng rng;
static const csig_env env = {.rng = &rng, .curve = &curve};
static csig_transcript tr;

static void secret_point(csig_scalar *x, csig_point *X)
{
    csig_scalar_random(x, &rng, "test");
    CSIG_ASSERT(csig_point_mul_g(X, &curve, x) == CSIG_OK);
}

static void run(csig_job job)
{
    CSIG_ASSERT(csig_exp_run(NULL, &job, 1) == CSIG_OK);
}

static void sch(void)
{
    CSIG_AUTO(csig_scalar) x;
    CSIG_AUTO(csig_scalar) alpha;
    csig_point X, A;
    const csig_zk_sch_stmt stmt = {.X = &X, .A = &A};
    csig_zk_sch p;

    secret_point(&x, &X);
    CSIG_ASSERT(csig_zk_sch_commit(&alpha, &A, &env) == CSIG_OK);
    csig_zk_sch_prove(&p, &tr, &stmt, &alpha, &x);
    CSIG_ASSERT(csig_zk_sch_verify(&p, &tr, &stmt) == CSIG_OK);
}

/* Y = yG, D = yP */
static void dleq(void)
{
    CSIG_AUTO(csig_scalar) y;
    CSIG_AUTO(csig_scalar) p;
    csig_point Y, P, D;
    const csig_zk_dleq_stmt stmt = {.Y = &Y, .P = &P, .D = &D};
    csig_zk_dleq proof;

    secret_point(&p, &P);
    secret_point(&y, &Y);
    CSIG_ASSERT(csig_point_mul(&D, &y, &P) == CSIG_OK);
    CSIG_ASSERT(csig_zk_dleq_prove(&proof, &env, &tr, &stmt, &y) == CSIG_OK);
    CSIG_ASSERT(csig_zk_dleq_verify(&proof, &tr, &stmt) == CSIG_OK);
}

/* L = lambda G, X = xG, M = (y + lambda x) G, Y = yH */
static void elog(void)
{
    CSIG_AUTO(csig_scalar) y;
    CSIG_AUTO(csig_scalar) lambda;
    CSIG_AUTO(csig_scalar) x;
    CSIG_AUTO(csig_scalar) m;
    csig_point L, M, X, Y, H;
    const csig_zk_elog_stmt stmt = {.L = &L, .M = &M, .X = &X, .Y = &Y, .H = &H};
    const csig_zk_elog_wit wit = {.y = &y, .lambda = &lambda, .x = &x};
    csig_zk_elog p;

    secret_point(&m, &H);
    secret_point(&y, &Y);
    secret_point(&lambda, &L);
    secret_point(&x, &X);
    csig_scalar_mul(&m, &lambda, &x);
    csig_scalar_add(&m, &m, &y);
    CSIG_ASSERT(csig_point_mul_g(&M, &curve, &m) == CSIG_OK);
    CSIG_ASSERT(csig_point_mul(&Y, &y, &H) == CSIG_OK);
    CSIG_ASSERT(csig_zk_elog_prove(&p, &env, &tr, &stmt, &wit) == CSIG_OK);
    CSIG_ASSERT(csig_zk_elog_verify(&p, &tr, &stmt) == CSIG_OK);
}

/* C = enc_i(x), A = yG, B = bG, X = (by + x) G */
static void encelg(void)
{
    CSIG_AUTO(csig_scalar) x;
    CSIG_AUTO(csig_scalar) b;
    CSIG_AUTO(csig_scalar) y;
    CSIG_AUTO(csig_scalar) k;
    CSIG_AUTO(csig_sec) rho;
    CSIG_AUTO(csig_sec) m;
    csig_point A, B, X;
    csig_int C;
    csig_zk_encelg_stmt stmt = {
        .prover = &prover.own, .verifier = &tabled, .C = &C, .A = &A, .B = &B, .X = &X};
    const csig_zk_encelg_wit wit = {.x = &x, .rho = &rho, .b = &b, .y = &y};
    csig_zk_encelg p;

    csig_scalar_random(&x, &rng, "test");
    secret_point(&y, &A);
    secret_point(&b, &B);
    csig_scalar_mul(&k, &b, &y);
    csig_scalar_add(&k, &k, &x);
    CSIG_ASSERT(csig_point_mul_g(&X, &curve, &k) == CSIG_OK);
    csig_sec_from_scalar(&m, &x);
    csig_sec_random_unit(&rho, &rng, &prover.own.ring.n);
    run(csig_paillier_enc_job(&prover.own, &C, &m, &rho));
    CSIG_ASSERT(csig_zk_encelg_prove(&p, &env, &tr, &stmt, &wit) == CSIG_OK);
    stmt.prover = &prover.peer;
    stmt.verifier = &ring.own;
    CSIG_ASSERT(csig_zk_encelg_verify(&p, &env, &tr, &stmt) == CSIG_OK);
}

/* D = C^x enc_j(y), Y = enc_i(y), X = xG */
static void affg(void)
{
    CSIG_AUTO(csig_scalar) x;
    CSIG_AUTO(csig_sec) x_sec;
    CSIG_AUTO(csig_sec) y;
    CSIG_AUTO(csig_sec) k;
    CSIG_AUTO(csig_sec) rho;
    CSIG_AUTO(csig_sec) rho_y;
    csig_int C, D, Y;
    csig_point X;
    csig_zk_affg_stmt stmt = {.prover = &prover.own,
                              .receiver = &receiver.peer,
                              .verifier = &tabled,
                              .C = &C,
                              .D = &D,
                              .Y = &Y,
                              .X = &X};
    const csig_zk_affg_wit wit = {.x = &x, .y = &y, .rho = &rho, .rho_y = &rho_y};
    csig_zk_affg p;

    secret_point(&x, &X);
    csig_sec_from_scalar(&x_sec, &x);
    csig_sec_random_pm(&y, &rng, CSIG_ELL_P);
    csig_sec_random_pm(&k, &rng, CSIG_ELL);
    csig_sec_random_unit(&rho, &rng, &receiver.peer.ring.n);
    run(csig_paillier_enc_job(&receiver.own, &C, &k, &rho));
    csig_sec_random_unit(&rho, &rng, &receiver.peer.ring.n);
    csig_sec_random_unit(&rho_y, &rng, &prover.own.ring.n);
    run(csig_paillier_affine_job(&receiver.peer, &D, &C, &x_sec, &y, &rho));
    run(csig_paillier_enc_job(&prover.own, &Y, &y, &rho_y));
    CSIG_ASSERT(csig_zk_affg_prove(&p, &env, &tr, &stmt, &wit) == CSIG_OK);
    stmt.prover = &prover.peer;
    stmt.receiver = &receiver.own;
    stmt.verifier = &ring.own;
    CSIG_ASSERT(csig_zk_affg_verify(&p, &env, &tr, &stmt) == CSIG_OK);
}

static void fac(void)
{
    csig_zk_fac p;

    CSIG_ASSERT(csig_zk_fac_prove(&p, &env, &tr, &prover.own.ring, &prover.factors, &tabled) ==
                CSIG_OK);
    CSIG_ASSERT(csig_zk_fac_verify(&p, &env, &tr, &prover.peer.ring.n, &ring.own) == CSIG_OK);
}

int main(void)
{
    const uint8_t ssid[CSIG_SSID_BYTES] = {1};

    csig_rng_init(&rng, NULL, NULL);
    CSIG_ASSERT(csig_curve_init(&curve, &rng) == CSIG_OK);
    test_paillier_init(&prover, 0);
    test_paillier_init(&receiver, 2);
    test_pedersen_init(&ring, 4);
    tabled = ring.peer;
    CSIG_ASSERT(csig_pedersen_tables(&tabled) == CSIG_OK);
    csig_transcript_proof(&tr, CSIG_LABEL_TEST_A, ssid, 1, 2);
    sch();
    dleq();
    elog();
    encelg();
    affg();
    fac();
    csig_pedersen_free(&tabled);
    return 0;
}
