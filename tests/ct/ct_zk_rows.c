/* The provers of Pi-aff-g* and Pi-dec under valgrind, with witnesses, masks and factors undefined
 * memory. Their verifiers know no secret. */
#include "support/keys.h"
#include "zk/affgstar.h"
#include "zk/dec.h"

static test_paillier prover, receiver; /* N_i, N_j */
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

/* D = C^x enc_j(y), Y = enc_i(y), X = xG; then K^x Y = enc_i(k x + y), S = (k x + y) base */
static void affgstar_and_dec(void)
{
    static csig_zk_affgstar p;
    static csig_zk_dec q;
    CSIG_AUTO(csig_scalar) x;
    CSIG_AUTO(csig_scalar) y_q;
    CSIG_AUTO(csig_sec) x_sec;
    CSIG_AUTO(csig_sec) y;
    CSIG_AUTO(csig_sec) k;
    CSIG_AUTO(csig_sec) rho;
    CSIG_AUTO(csig_sec) rho_y;
    csig_int C, D, Y, K;
    csig_point X, S, base;
    const csig_zk_affgstar_stmt stmt = {
        .prover = &prover.own, .receiver = &receiver.peer, .C = &C, .D = &D, .Y = &Y, .X = &X};
    const csig_zk_affgstar_wit wit = {.x = &x, .y = &y, .rho = &rho, .rho_y = &rho_y};
    const csig_zk_dec_stmt dec = {
        .prover = &prover.own, .K = &K, .D = &Y, .X = &X, .S = &S, .base = &base};
    const csig_zk_dec_wit dec_wit = {.x = &x, .y = &y, .rho = &rho};

    secret_point(&y_q, &base);
    secret_point(&x, &X);
    csig_sec_from_scalar(&x_sec, &x);
    csig_sec_random_pm(&y, &rng, CSIG_ELL_P);
    csig_sec_random_pm(&k, &rng, CSIG_ELL);
    csig_sec_random_unit(&rho, &rng, &receiver.peer.ring.n);
    run(csig_paillier_enc_job(&receiver.own, &C, &k, &rho));
    csig_sec_random_unit(&rho_y, &rng, &prover.own.ring.n);
    run(csig_paillier_enc_job(&prover.own, &K, &k, &rho_y));
    csig_sec_random_unit(&rho, &rng, &receiver.peer.ring.n);
    csig_sec_random_unit(&rho_y, &rng, &prover.own.ring.n);
    run(csig_paillier_affine_job(&receiver.peer, &D, &C, &x_sec, &y, &rho));
    run(csig_paillier_enc_job(&prover.own, &Y, &y, &rho_y));
    CSIG_ASSERT(csig_zk_affgstar_prove(&p, &env, &tr, &stmt, &wit) == CSIG_OK);

    CSIG_ASSERT(csig_zk_dec_root(&rho, &env, &prover.own, &K, &x, &Y) == CSIG_OK);
    csig_sec_mul(&k, &k, &x_sec);
    csig_sec_add(&y, &y, &k);
    csig_sec_mod_q(&y_q, &y);
    CSIG_ASSERT(csig_point_mul(&S, &y_q, &base) == CSIG_OK);
    CSIG_ASSERT(csig_zk_dec_prove(&q, &env, &tr, &dec, &dec_wit) == CSIG_OK);
}

int main(void)
{
    const uint8_t ssid[CSIG_SSID_BYTES] = {1};

    csig_rng_init(&rng, NULL, NULL);
    CSIG_ASSERT(csig_curve_init(&curve, &rng) == CSIG_OK);
    test_paillier_init(&prover, 0);
    test_paillier_init(&receiver, 2);
    csig_transcript_proof(&tr, CSIG_LABEL_TEST_A, ssid, 1, 2);
    affgstar_and_dec();
    return 0;
}
