/* What each proof costs to make and to check, and what a peer's set-up costs its verifier: Pi-mod,
 * Pi-prm and Pi-fac together. The ratio is to one OpenSSL constant-time exponentiation mod N. */
#include "base/mem.h"
#include "bench/bench.h"
#include "bench/openssl.h"
#include "support/keys.h"
#include "zk/affg.h"
#include "zk/affgstar.h"
#include "zk/dec.h"
#include "zk/elog.h"
#include "zk/encelg.h"
#include "zk/fac.h"
#include "zk/mod.h"
#include "zk/prm.h"
#include "zk/sch.h"

typedef struct fixture {
    test_paillier prover, receiver;
    test_pedersen ring; /* the verifier's */
    csig_pedersen tabled;
    csig_rng rng;
    csig_curve curve;
    csig_env env;
    csig_transcript tr;
    /* one witness for all: X = xG, A = aG, B = bG, M = (x + b a) G, C = enc_j(k), D = C^x enc_j(y),
     * K = enc_i(x), Y = enc_i(y) */
    csig_scalar x, a, b, alpha;
    csig_sec y, rho, rho_y, rho_k;
    csig_point X, A, B, M, G, first;
    csig_int C, D, K, Y;
    csig_zk_sch sch;
    csig_zk_elog elog;
    csig_zk_encelg encelg;
    csig_zk_affg affg;
    csig_zk_fac fac;
    csig_zk_affgstar *affgstar;
    csig_zk_dec *dec;
    /* K^x own_D holds x^2 + y, S = (x^2 + y) A */
    csig_int own_D;
    csig_sec plain, root;
    csig_point S;
    csig_zk_mod *mod;
    csig_zk_prm *prm;
} fixture;

static fixture f;

static void require(csig_err err)
{
    CSIG_ASSERT(err == CSIG_OK);
}

static const csig_zk_sch_stmt sch_stmt = {.X = &f.X, .A = &f.first};
static const csig_zk_elog_stmt elog_stmt = {.L = &f.B, .M = &f.M, .X = &f.A, .Y = &f.X, .H = &f.G};

static csig_zk_encelg_stmt encelg_stmt(bool verifying)
{
    return (csig_zk_encelg_stmt){.prover = verifying ? &f.prover.peer : &f.prover.own,
                                 .verifier = verifying ? &f.ring.own : &f.tabled,
                                 .C = &f.K,
                                 .A = &f.A,
                                 .B = &f.B,
                                 .X = &f.M};
}

static csig_zk_affg_stmt affg_stmt(bool verifying)
{
    return (csig_zk_affg_stmt){.prover = verifying ? &f.prover.peer : &f.prover.own,
                               .receiver = verifying ? &f.receiver.own : &f.receiver.peer,
                               .verifier = verifying ? &f.ring.own : &f.tabled,
                               .C = &f.C,
                               .D = &f.D,
                               .Y = &f.Y,
                               .X = &f.X};
}

static void sch_prove(void *arg)
{
    (void)arg;
    require(csig_zk_sch_commit(&f.alpha, &f.first, &f.env));
    csig_zk_sch_prove(&f.sch, &f.tr, &sch_stmt, &f.alpha, &f.x);
}

static void sch_verify(void *arg)
{
    (void)arg;
    require(csig_zk_sch_verify(&f.sch, &f.tr, &sch_stmt));
}

static void elog_prove(void *arg)
{
    const csig_zk_elog_wit wit = {.y = &f.x, .lambda = &f.b, .x = &f.a};

    (void)arg;
    require(csig_zk_elog_prove(&f.elog, &f.env, &f.tr, &elog_stmt, &wit));
}

static void elog_verify(void *arg)
{
    (void)arg;
    require(csig_zk_elog_verify(&f.elog, &f.tr, &elog_stmt));
}

static void encelg_prove(void *arg)
{
    const csig_zk_encelg_stmt stmt = encelg_stmt(false);
    const csig_zk_encelg_wit wit = {.x = &f.x, .rho = &f.rho_k, .b = &f.b, .y = &f.a};

    (void)arg;
    require(csig_zk_encelg_prove(&f.encelg, &f.env, &f.tr, &stmt, &wit));
}

static void encelg_verify(void *arg)
{
    const csig_zk_encelg_stmt stmt = encelg_stmt(true);

    (void)arg;
    require(csig_zk_encelg_verify(&f.encelg, &f.env, &f.tr, &stmt));
}

static void affg_prove(void *arg)
{
    const csig_zk_affg_stmt stmt = affg_stmt(false);
    const csig_zk_affg_wit wit = {.x = &f.x, .y = &f.y, .rho = &f.rho, .rho_y = &f.rho_y};

    (void)arg;
    require(csig_zk_affg_prove(&f.affg, &f.env, &f.tr, &stmt, &wit));
}

static void affg_verify(void *arg)
{
    const csig_zk_affg_stmt stmt = affg_stmt(true);

    (void)arg;
    require(csig_zk_affg_verify(&f.affg, &f.env, &f.tr, &stmt));
}

static csig_zk_affgstar_stmt affgstar_stmt(bool verifying)
{
    return (csig_zk_affgstar_stmt){.prover = verifying ? &f.prover.peer : &f.prover.own,
                                   .receiver = &f.receiver.peer,
                                   .C = &f.C,
                                   .D = &f.D,
                                   .Y = &f.Y,
                                   .X = &f.X};
}

static void affgstar_prove(void *arg)
{
    const csig_zk_affgstar_stmt stmt = affgstar_stmt(false);
    const csig_zk_affgstar_wit wit = {.x = &f.x, .y = &f.y, .rho = &f.rho, .rho_y = &f.rho_y};

    (void)arg;
    require(csig_zk_affgstar_prove(f.affgstar, &f.env, &f.tr, &stmt, &wit));
}

static void affgstar_verify(void *arg)
{
    const csig_zk_affgstar_stmt stmt = affgstar_stmt(true);

    (void)arg;
    require(csig_zk_affgstar_verify(f.affgstar, &f.env, &f.tr, &stmt));
}

static csig_zk_dec_stmt dec_stmt(bool verifying)
{
    return (csig_zk_dec_stmt){.prover = verifying ? &f.prover.peer : &f.prover.own,
                              .K = &f.K,
                              .D = &f.own_D,
                              .X = &f.X,
                              .S = &f.S,
                              .base = &f.A};
}

static void dec_prove(void *arg)
{
    const csig_zk_dec_stmt stmt = dec_stmt(false);
    const csig_zk_dec_wit wit = {.x = &f.x, .y = &f.plain, .rho = &f.root};

    (void)arg;
    require(csig_zk_dec_prove(f.dec, &f.env, &f.tr, &stmt, &wit));
}

static void dec_verify(void *arg)
{
    const csig_zk_dec_stmt stmt = dec_stmt(true);

    (void)arg;
    require(csig_zk_dec_verify(f.dec, &f.env, &f.tr, &stmt));
}

static void fac_prove(void *arg)
{
    (void)arg;
    require(
        csig_zk_fac_prove(&f.fac, &f.env, &f.tr, &f.prover.own.ring, &f.prover.factors, &f.tabled));
}

static void fac_verify(void *arg)
{
    (void)arg;
    require(csig_zk_fac_verify(&f.fac, &f.env, &f.tr, &f.prover.peer.ring.n, &f.ring.own));
}

static void mod_prove(void *arg)
{
    (void)arg;
    require(csig_zk_mod_prove(f.mod, &f.env, &f.tr, &f.prover.own.ring, &f.prover.factors, NULL));
}

static void mod_verify(void *arg)
{
    (void)arg;
    require(csig_zk_mod_verify(f.mod, &f.env, &f.tr, &f.prover.peer.ring.n));
}

static void prm_prove(void *arg)
{
    (void)arg;
    require(csig_zk_prm_prove(f.prm, &f.env, &f.tr, &f.ring.own));
}

static void prm_verify(void *arg)
{
    (void)arg;
    require(csig_zk_prm_verify(f.prm, &f.env, &f.tr, &f.ring.peer));
}

static void peer_verify(void *arg)
{
    mod_verify(arg);
    prm_verify(arg);
    fac_verify(arg);
}

static void run(csig_job job)
{
    require(csig_exp_run(NULL, &job, 1));
}

static void secret_point(csig_scalar *x, csig_point *X)
{
    csig_scalar_random(x, &f.rng, "bench");
    require(csig_point_mul_g(X, &f.curve, x));
}

static void make_statements(void)
{
    csig_sec x, k;
    csig_scalar m;

    secret_point(&f.x, &f.X);
    secret_point(&f.a, &f.A);
    secret_point(&f.b, &f.B);
    csig_scalar_mul(&m, &f.a, &f.b);
    csig_scalar_add(&m, &m, &f.x);
    require(csig_point_mul_g(&f.M, &f.curve, &m));
    csig_point_generator(&f.G);
    csig_sec_from_scalar(&x, &f.x);
    csig_sec_random_pm(&k, &f.rng, CSIG_ELL);
    csig_sec_random_pm(&f.y, &f.rng, CSIG_ELL_P);
    csig_sec_random_unit(&f.rho, &f.rng, &f.receiver.peer.ring.n);
    csig_sec_random_unit(&f.rho_y, &f.rng, &f.prover.own.ring.n);
    csig_sec_random_unit(&f.rho_k, &f.rng, &f.prover.own.ring.n);
    run(csig_paillier_enc_job(&f.receiver.own, &f.C, &k, &f.rho));
    run(csig_paillier_affine_job(&f.receiver.peer, &f.D, &f.C, &x, &f.y, &f.rho));
    run(csig_paillier_enc_job(&f.prover.own, &f.K, &x, &f.rho_k));
    run(csig_paillier_enc_job(&f.prover.own, &f.Y, &f.y, &f.rho_y));
    run(csig_paillier_enc_job(&f.prover.own, &f.own_D, &f.y, &f.rho_y));
    csig_sec_mul(&f.plain, &x, &x); /* K = enc_i(x) */
    csig_sec_add(&f.plain, &f.plain, &f.y);
    csig_sec_mod_q(&m, &f.plain);
    require(csig_point_mul(&f.S, &m, &f.A));
    require(csig_zk_dec_root(&f.root, &f.env, &f.prover.own, &f.K, &f.x, &f.own_D));
}

static void set_up(void)
{
    const uint8_t ssid[CSIG_SSID_BYTES] = {1};

    csig_rng_init(&f.rng, NULL, NULL);
    require(csig_curve_init(&f.curve, &f.rng));
    f.env = (csig_env){.rng = &f.rng, .curve = &f.curve};
    test_paillier_init(&f.prover, 0);
    test_paillier_init(&f.receiver, 2);
    test_pedersen_init(&f.ring, 4);
    f.tabled = f.ring.peer;
    require(csig_pedersen_tables(&f.tabled));
    f.mod = csig_public_alloc(sizeof *f.mod);
    f.prm = csig_public_alloc(sizeof *f.prm);
    f.affgstar = csig_public_alloc(sizeof *f.affgstar);
    f.dec = csig_public_alloc(sizeof *f.dec);
    CSIG_ASSERT(f.mod != NULL && f.prm != NULL && f.affgstar != NULL && f.dec != NULL);
    csig_transcript_proof(&f.tr, CSIG_LABEL_TEST_A, ssid, 1, 2);
    make_statements();
}

/* In this order: what is verified was proven before. */
static const struct {
    const char *name;
    void (*fn)(void *arg);
} measures[] = {
    {"zk_sch_prove", sch_prove},
    {"zk_sch_verify", sch_verify},
    {"zk_elog_prove", elog_prove},
    {"zk_elog_verify", elog_verify},
    {"zk_encelg_prove", encelg_prove},
    {"zk_encelg_verify", encelg_verify},
    {"zk_affg_prove", affg_prove},
    {"zk_affg_verify", affg_verify},
    {"zk_fac_prove", fac_prove},
    {"zk_fac_verify", fac_verify},
    {"zk_mod_prove", mod_prove},
    {"zk_mod_verify", mod_verify},
    {"zk_prm_prove", prm_prove},
    {"zk_prm_verify", prm_verify},
    {"zk_peer_verify", peer_verify},
    {"zk_affgstar_prove", affgstar_prove},
    {"zk_affgstar_verify", affgstar_verify},
    {"zk_dec_prove", dec_prove},
    {"zk_dec_verify", dec_verify},
};

int main(void)
{
    const double n_us = openssl_modexp_us(CSIG_N_BITS, CSIG_N_BITS);

    set_up();
    for (size_t i = 0; i < CSIG_ARRAY_LEN(measures); i++)
        bench_run(measures[i].name, measures[i].fn, NULL, n_us);
    csig_pedersen_free(&f.tabled);
    csig_public_free(f.mod);
    csig_public_free(f.prm);
    csig_public_free(f.affgstar);
    csig_public_free(f.dec);
    return 0;
}
