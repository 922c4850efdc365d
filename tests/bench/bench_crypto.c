/* What the crypto floor costs besides exponentiations mod N^2 (those are in bench_num): commitments
 * under a peer's N^, Feldman's sharing, signatures of identities and finished ones, boxes, hashes.
 * The ratio is to one OpenSSL constant-time exponentiation mod N. */
#include <string.h>

#include "bench/bench.h"
#include "bench/openssl.h"
#include "crypto/ecdsa.h"
#include "crypto/identity.h"
#include "crypto/shamir.h"
#include "support/keys.h"

#define T_LARGE 9 /* of the largest wallet that has a limit: 9 of 16 */

typedef struct fixture {
    test_pedersen ring;
    csig_pedersen tabled;
    csig_rng rng;
    csig_curve curve;
    csig_sec alpha, beta, gamma, room;
    csig_int z1, z2, minus_e, out;
    csig_poly poly;
    csig_poly_commit commit;
    csig_ed_key ed;
    csig_eph eph;
    csig_transcript t;
    csig_ecdsa sig;
    csig_point Q;
    csig_job job;
    uint8_t digest[32], ed_sig[CSIG_ED_SIG_BYTES], key[32], peer[CSIG_EPH_BYTES];
    uint8_t octets[4 * CSIG_NN_BYTES];
} fixture;

static fixture f;

static void job(void *arg)
{
    (void)arg;
    CSIG_ASSERT(csig_exp_run(NULL, &f.job, 1) == CSIG_OK);
}

static void check_own(void *arg)
{
    (void)arg;
    f.job = csig_pedersen_check_job(&f.ring.own, &f.out, &f.z1, &f.z2, &f.ring.own.s, &f.minus_e,
                                    &f.room);
    job(NULL);
}

static void feldman_commit(void *arg)
{
    (void)arg;
    CSIG_ASSERT(csig_poly_commit_to(&f.commit, &f.poly, &f.curve) == CSIG_OK);
}

static void feldman_eval(void *arg)
{
    csig_point Y;

    (void)arg;
    CSIG_ASSERT(csig_poly_commit_has_eval(&Y, &f.commit, CSIG_MAX_PARTIES));
}

static void ed_sign(void *arg)
{
    (void)arg;
    csig_ed_sign(f.ed_sig, &f.ed, &f.t);
}

static void ed_verify(void *arg)
{
    (void)arg;
    CSIG_ASSERT(csig_ed_verify(f.ed_sig, f.ed.id, &f.t) == CSIG_OK);
}

static void eph_key(void *arg)
{
    (void)arg;
    CSIG_ASSERT(csig_eph_key(f.key, &f.eph, f.peer, f.digest, 1, 2, true) == CSIG_OK);
}

static void ecdsa_verify(void *arg)
{
    (void)arg;
    CSIG_ASSERT(csig_ecdsa_verify(&f.sig, &f.Q, f.digest) == CSIG_OK);
}

static void transcript(void *arg)
{
    csig_int e;

    (void)arg;
    csig_transcript_bytes(&f.t, f.octets, sizeof f.octets);
    csig_transcript_challenge(&f.t, &e);
}

/* A signature with the nonce k = 2 under the key 3: s = (m + 3 r) / 2. */
static void make_signature(void)
{
    csig_scalar two, three, m, s;
    csig_point R;

    csig_scalar_set_u32(&two, 2), csig_scalar_set_u32(&three, 3);
    CSIG_ASSERT(csig_point_has_mul_g_var(&R, &two) && csig_point_has_mul_g_var(&f.Q, &three));
    CSIG_ASSERT(csig_ecdsa_digest(&m, f.digest) == CSIG_OK);
    csig_point_x(s.b, &R);
    csig_scalar_mul(&s, &s, &three);
    csig_scalar_add(&s, &s, &m);
    csig_scalar_inv(&two, &two);
    csig_scalar_mul(&s, &s, &two);
    CSIG_ASSERT(csig_ecdsa_make(&f.sig, &R, &s) == CSIG_OK);
}

static void set_up(void)
{
    csig_eph peer;

    csig_rng_init(&f.rng, NULL, NULL);
    CSIG_ASSERT(csig_curve_init(&f.curve, &f.rng) == CSIG_OK);
    test_pedersen_init(&f.ring, 2);
    f.tabled = f.ring.peer;
    CSIG_ASSERT(csig_pedersen_tables(&f.tabled) == CSIG_OK);
    csig_sec_random_pm(&f.alpha, &f.rng, CSIG_ELL + CSIG_EPS);
    csig_sec_random_pm(&f.beta, &f.rng, CSIG_ELL_P + CSIG_EPS);
    csig_sec_random_pm_times(&f.gamma, &f.rng, CSIG_ELL + CSIG_EPS, &f.tabled.ring.n);
    csig_int_pow2(&f.z1, CSIG_ELL + CSIG_EPS);
    csig_int_pow2(&f.z2, CSIG_ELL + CSIG_EPS + CSIG_N_BITS);
    csig_int_pow2(&f.minus_e, CSIG_Q_BITS - 1), csig_int_neg(&f.minus_e, &f.minus_e);
    csig_poly_random(&f.poly, T_LARGE, NULL, &f.rng);
    csig_ed_key_random(&f.ed, &f.rng);
    csig_eph_random(&f.eph, &f.rng), csig_eph_random(&peer, &f.rng);
    memcpy(f.peer, peer.pub, sizeof f.peer);
    memset(f.digest, 0x5a, sizeof f.digest);
    csig_transcript_init(&f.t, CSIG_LABEL_TEST_A);
    make_signature();
}

int main(void)
{
    const double n_us = openssl_modexp_us(CSIG_N_BITS, CSIG_N_BITS);

    set_up();
    f.job = csig_pedersen_commit_job(&f.tabled, &f.out, &f.alpha, &f.gamma);
    bench_run("pedersen_commit_alpha", job, NULL, n_us);
    f.job = csig_pedersen_commit_job(&f.tabled, &f.out, &f.beta, &f.gamma);
    bench_run("pedersen_commit_beta", job, NULL, n_us);
    bench_run("pedersen_check_own", check_own, NULL, n_us);
    bench_run("feldman_commit_9", feldman_commit, NULL, n_us);
    bench_run("feldman_eval_9", feldman_eval, NULL, n_us);
    bench_run("ed25519_sign", ed_sign, NULL, n_us);
    bench_run("ed25519_verify", ed_verify, NULL, n_us);
    bench_run("x25519_key", eph_key, NULL, n_us);
    bench_run("ecdsa_verify_and_recover", ecdsa_verify, NULL, n_us);
    bench_run("transcript_4_nn", transcript, NULL, n_us);
    csig_pedersen_free(&f.tabled);
    return 0;
}
