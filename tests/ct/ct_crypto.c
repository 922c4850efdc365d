/* The secret paths of the crypto floor under valgrind: encryption, commitments, sharing,
 * identities, boxes, seals and escrows, each with all of its secrets undefined memory. Built
 * everywhere; means something only in CSIG_CT builds under valgrind. */
#include <string.h>

#include "base/ct.h"
#include "crypto/commit.h"
#include "crypto/escrow.h"
#include "crypto/header.h"
#include "crypto/identity.h"
#include "crypto/shamir.h"
#include "support/keys.h"

static test_paillier paillier;
static test_pedersen pedersen;
static csig_curve curve;
static csig_rng rng;
static const csig_env env = {.rng = &rng, .curve = &curve};

static void run(csig_job job)
{
    CSIG_ASSERT(csig_exp_run(NULL, &job, 1) == CSIG_OK);
}

/* That the result is public shows in a comparison, which valgrind would report. */
static void expect_same(const csig_int *a, const csig_int *b)
{
    CSIG_ASSERT(csig_int_is_eq(a, b));
}

static void encryption(void)
{
    CSIG_AUTO(csig_sec) m, y, rho, r, got;
    csig_int c, d, again, w, e, one;

    csig_int_set_u64(&one, 1);
    csig_int_pow2(&e, CSIG_Q_BITS - 1);
    csig_sec_random_pm(&m, &rng, CSIG_ELL);
    csig_sec_random_pm(&y, &rng, CSIG_ELL_P);
    csig_sec_random_unit(&rho, &rng, &paillier.own.ring.n);
    csig_sec_random_unit(&r, &rng, &paillier.own.ring.n);
    run(csig_paillier_enc_job(&paillier.own, &c, &m, &rho));
    run(csig_paillier_enc_job(&paillier.peer, &again, &m, &rho));
    expect_same(&c, &again);
    run(csig_paillier_affine_job(&paillier.own, &d, &c, &m, &y, &r));
    run(csig_paillier_affine_job(&paillier.peer, &again, &c, &m, &y, &r));
    expect_same(&d, &again);
    run(csig_paillier_response_job(&paillier.own, &w, &r, &rho, &e, &one));
    run(csig_paillier_response_job(&paillier.peer, &again, &r, &rho, &e, &one));
    expect_same(&w, &again);
    CSIG_ASSERT(csig_paillier_decrypt(&got, &paillier.own, &d, &env) == CSIG_OK);
}

static void expect_commitments(const csig_pedersen *tabled, const csig_sec *u, const csig_sec *v)
{
    csig_int own, peer, fast;

    run(csig_pedersen_commit_job(&pedersen.own, &own, u, v));
    run(csig_pedersen_commit_job(&pedersen.peer, &peer, u, v));
    run(csig_pedersen_commit_job(tabled, &fast, u, v));
    expect_same(&own, &peer);
    expect_same(&own, &fast);
}

static void commitments(void)
{
    CSIG_AUTO(csig_sec) u, v, longest, room;
    csig_pedersen tabled = pedersen.peer;
    csig_int z1, z2, a, b;

    CSIG_ASSERT(csig_pedersen_tables(&tabled) == CSIG_OK);
    csig_sec_random_pm(&u, &rng, CSIG_ELL_P + CSIG_EPS);
    csig_sec_random_pm_times(&v, &rng, CSIG_ELL + CSIG_EPS, &pedersen.own.ring.n);
    csig_sec_random_pm_times(&longest, &rng, CSIG_ELL + CSIG_EPS + 8, &pedersen.own.ring.n);
    expect_commitments(&tabled, &u, &v);
    expect_commitments(&tabled, &u, &longest);
    csig_sec_reveal(&z1, &u); /* as a response would be */
    csig_sec_reveal(&z2, &v);
    run(csig_pedersen_check_job(&pedersen.own, &a, &z1, &z2, &pedersen.own.s, &z1, &room));
    run(csig_pedersen_check_job(&pedersen.peer, &b, &z1, &z2, &pedersen.own.s, &z1, &room));
    expect_same(&a, &b);
    csig_pedersen_free(&tabled);
}

static void sharing(void)
{
    csig_poly_commit c;
    csig_point Y, y_G;
    csig_scalar y;
    csig_poly f;

    csig_scalar_random(&y, &rng, "test");
    csig_poly_random(&f, 3, &y, &rng);
    csig_poly_eval(&y, &f, 7);
    CSIG_ASSERT(csig_poly_commit_to(&c, &f, &curve) == CSIG_OK);
    CSIG_ASSERT(csig_poly_commit_has_eval(&Y, &c, 7));
    CSIG_ASSERT(csig_point_mul_g(&y_G, &curve, &y) == CSIG_OK);
    CSIG_ASSERT(csig_point_is_eq(&Y, &y_G));
    csig_poly_wipe(&f);
}

static void identities(void)
{
    uint8_t ssid[CSIG_SSID_BYTES] = {1}, sig[CSIG_ED_SIG_BYTES], V[CSIG_HASH_BYTES];
    csig_transcript t;
    csig_ed_key key;

    csig_ed_key_random(&key, &rng);
    csig_transcript_proof(&t, CSIG_LABEL_TEST_A, ssid, 1, 2);
    csig_ed_sign(sig, &key, &t);
    CSIG_ASSERT(csig_ed_verify(sig, key.id, &t) == CSIG_OK);
    csig_transcript_hash(&t, V);
    CSIG_ASSERT(V[0] != 0 || V[1] != 0);
    csig_ed_key_wipe(&key);
}

static void secret_wire(csig_wire *w, void *msg)
{
    csig_bytes_wire(w, msg, 32);
}

static void hash_commitments(void)
{
    uint8_t ssid[CSIG_SSID_BYTES] = {1}, opening[32], u[32], V[CSIG_HASH_BYTES];

    csig_rng_bytes(&rng, "test", opening, sizeof opening);
    csig_rng_bytes(&rng, "test", u, sizeof u);
    csig_commit(V, CSIG_LABEL_TEST_A, ssid, 1, secret_wire, opening, u);
    CSIG_ASSERT(V[0] != 0 || V[1] != 0);
}

static void boxes(void)
{
    uint8_t ssid[CSIG_SSID_BYTES] = {1}, ad[3] = "ad", text[40], box[40 + CSIG_BOX_TAG_BYTES];
    uint8_t key[CSIG_BOX_KEY_BYTES], again[CSIG_BOX_KEY_BYTES];
    csig_eph a, b;

    csig_eph_random(&a, &rng);
    csig_eph_random(&b, &rng);
    csig_rng_bytes(&rng, "test", text, sizeof text);
    CSIG_ASSERT(csig_eph_key(key, &a, b.pub, ssid, 1, 2, true) == CSIG_OK);
    CSIG_ASSERT(csig_eph_key(again, &b, a.pub, ssid, 1, 2, false) == CSIG_OK);
    csig_box_seal(box, text, sizeof text, ad, sizeof ad, key, 1);
    CSIG_ASSERT(csig_box_open(text, box, sizeof box, ad, sizeof ad, again, 1) == CSIG_OK);
    box[0] ^= 1;
    CSIG_ASSERT(csig_box_open(text, box, sizeof box, ad, sizeof ad, again, 1) == CSIG_E_MESSAGE);
}

static void seals(void)
{
    uint8_t key[32] = {0}, text[40], sealed[CSIG_OBJECT_SEALED_BYTES(40)], out[sizeof sealed];
    const csig_sealer sealer = csig_sealer_from_key(key);
    csig_object what = {.kind = CSIG_KIND_SHARE};
    size_t len = sizeof sealed, room = sizeof out;

    csig_rng_bytes(&rng, "test", key, sizeof key);
    csig_rng_bytes(&rng, "test", text, sizeof text);
    CSIG_ASSERT(csig_seal_object(&sealer, &what, text, sizeof text, sealed, &len) == CSIG_OK);
    CSIG_ASSERT(csig_open_object(&sealer, &what, sealed, len, out, &room) == CSIG_OK);
    CSIG_ASSERT(room == sizeof text);
    sealed[len - 1] ^= 1;
    room = sizeof out;
    CSIG_ASSERT(csig_open_object(&sealer, &what, sealed, len, out, &room) == CSIG_E_SEAL);
}

static void escrows(void)
{
    static csig_escrow escrow;
    csig_escrow_stmt stmt = {.dealer = 1, .index = 3, .t = 2, .n = 3};
    uint8_t dk[CSIG_ESCROW_KEY_BYTES];
    csig_scalar x, got;

    csig_rng_bytes(&rng, "test", dk, sizeof dk);
    csig_escrow_key_public(stmt.ek, dk);
    csig_scalar_random(&x, &rng, "test");
    CSIG_ASSERT(csig_point_mul_g(&stmt.Q, &curve, &x) == CSIG_OK);
    csig_point_generator(&stmt.pk);
    CSIG_ASSERT(csig_escrow_prove(&escrow, &env, &stmt, &x) == CSIG_OK);
    CSIG_ASSERT(csig_escrow_verify(&escrow, &stmt) == CSIG_OK);
    CSIG_ASSERT(csig_escrow_recover(&got, &escrow, &curve, &stmt, dk) == CSIG_OK);
    CSIG_ASSERT(csig_scalar_is_eq(&got, &x));
}

int main(void)
{
    csig_rng_init(&rng, NULL, NULL);
    CSIG_ASSERT(csig_curve_init(&curve, &rng) == CSIG_OK);
    test_paillier_init(&paillier, 0);
    test_pedersen_init(&pedersen, 2);
    encryption();
    commitments();
    sharing();
    identities();
    hash_commitments();
    boxes();
    seals();
    escrows();
    return 0;
}
