/* Round 2 of presigning and signing, attacked by a signer that makes its answers and their proofs
 * itself. The letters are those of the catalogue of attacks: B1 Alpha-Rays, B3 answers that do not
 * fit together, B7 the sign of what is decrypted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "proto/sign_attack.h"
#include "support/zk_affg.h"
#include "support/random.h"

static attack a;

static int setup(void **state)
{
    (void)state;
    random_seed(35);
    attack_init(&a, dealer_new(2, 2, true));
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    attack_free(&a);
    return 0;
}

static void tell(uint8_t round, csig_err (*make)(csig_run *, csig_out *), csig_err err,
                 uint8_t found)
{
    attack_round(&a, &csig_sign_protocol, CHEAT, round)->make = make;
    attack_sign(&a, VICTIM);
    attack_expect(&a, err, found, CHEAT);
    attack_end(&a);
}

typedef enum lie {
    HONEST,
    LARGE_MASK,   /* y = 2^1543: the response fits its field, not its bound */
    LARGE_FACTOR, /* gamma + 2^262 q, the same point: likewise */
    NEXT_GAMMA,   /* gamma + 1 in D and in the proof */
    OWN_POINT,    /* gamma + 1, proven for its own point */
    NEXT_W,
    FOREIGN_F /* F under the victim's key */
} lie;

static lie told;

/* A response beyond its field has no octets; a small challenge hides what is too large. */
static bool can_be_sent(const csig_zk_affg *p)
{
    const uint32_t z1 = csig_int_bits(&p->z1), z2 = csig_int_bits(&p->z2);

    if (told == LARGE_FACTOR) return z1 > AFFG_Z1_BITS && z1 <= AFFG_Z1_BITS + 8;
    if (told == LARGE_MASK) return z2 > AFFG_Z2_BITS && z2 <= AFFG_Z2_BITS + 8;
    return true;
}

static zk_world world;

/* The cheating answer: multiplied with x, masked with y; the proof is the paper's, with whatever
 * the statement says. */
static void answer(csig_mta_answer *out, const csig_run *run, csig_label label, const csig_int *x,
                   const csig_int *y, const csig_point *X, const csig_paillier *F_key)
{
    const csig_presign_open *open = run->open;
    const csig_presign_party *victim = &open->party[VICTIM];
    static affg_sample s;
    affg_masks masks;
    csig_sec xs, ys;

    world.rng = *run->env.rng;
    s.w = &world;
    s.x = *x;
    s.y = *y;
    s.stmt = (csig_zk_affg_stmt){
        .prover = open->party[run->self].paillier,
        .receiver = victim->paillier,
        .verifier = victim->pedersen,
        .C = &victim->K,
        .D = &out->D,
        .Y = &out->F,
        .X = X,
    };
    zk_sec(&xs, x);
    zk_sec(&ys, y);
    csig_sec_random_unit(&s.rho, &world.rng, &victim->paillier->ring.n);
    csig_job job =
        csig_paillier_affine_job(victim->paillier, &out->D, &victim->K, &xs, &ys, &s.rho);
    zk_run(&job, 1);
    zk_encrypt(&out->F, &s.rho_y, &world, F_key, y);
    csig_transcript_proof(&s.tr, label, run->ssid, run->index[run->self], run->index[VICTIM]);
    do {
        affg_random_masks(&masks, &s);
        affg_prove_with(&s, &masks);
    } while (!can_be_sent(&s.proof));
    out->psi = s.proof;
}

static csig_err lying_answers(csig_run *run, csig_out *out)
{
    csig_presign_secret *secret = run->secret;
    const csig_presign_open *open = run->open;
    csig_presign_r2_part *part = out->part[VICTIM];
    csig_presign_r2 *msg = out->bcast;
    const csig_paillier *F_key = open->party[told == FOREIGN_F ? VICTIM : CHEAT].paillier;
    csig_int gamma, w, y, extra;
    csig_point X;

    csig_scalar_to_int(&gamma, &secret->gamma);
    csig_scalar_to_int(&w, &secret->w);
    CSIG_TRY(csig_presign_round_2.make(run, out));
    X = msg->Gamma;
    csig_int_pow2(&y, told == LARGE_MASK ? 1543 : 1279);
    csig_int_set_u64(&extra, 1);
    if (told == LARGE_FACTOR) {
        csig_scalar minus_one;

        csig_scalar_set_u32(&minus_one, 1);
        csig_scalar_neg(&minus_one, &minus_one);
        csig_scalar_to_int(&extra, &minus_one);
        csig_int_set_u64(&y, 1);
        csig_int_add(&extra, &extra, &y); /* q */
        csig_int_pow2(&y, 262);
        csig_int_mul(&extra, &extra, &y);
        csig_int_pow2(&y, 1279);
    }
    if (told == LARGE_FACTOR || told == NEXT_GAMMA || told == OWN_POINT)
        csig_int_add(&gamma, &gamma, &extra);
    if (told == OWN_POINT) {
        csig_point_generator(&X);
        CSIG_ASSERT(csig_point_has_add(&X, &X, &msg->Gamma));
    }
    if (told == NEXT_W) {
        csig_int_add(&w, &w, &extra);
        answer(&part->w, run, CSIG_LABEL_ZK_AFFG_X, &w, &y, &open->party[CHEAT].W, F_key);
    } else {
        answer(&part->gamma, run, CSIG_LABEL_ZK_AFFG_GAMMA, &gamma, &y, &X, F_key);
    }
    return CSIG_OK;
}

static void lie_about(lie what)
{
    told = what;
    tell(2, lying_answers, CSIG_E_PROOF, 2);
}

static void B1_B8_numbers_out_of_range(void **state)
{
    (void)state;
    lie_about(LARGE_MASK);
    lie_about(LARGE_FACTOR);
}

static void B3_answers_that_do_not_fit(void **state)
{
    (void)state;
    lie_about(NEXT_GAMMA);
    lie_about(OWN_POINT);
    lie_about(NEXT_W);
    lie_about(FOREIGN_F);
}

/* The second layer: a victim that does not look at round 2 is saved by the public sums. */
static void B3_the_sums_stop_what_the_proof_would(void **state)
{
    const lie lies[] = {NEXT_GAMMA, NEXT_W};

    (void)state;
    for (size_t i = 0; i < CSIG_ARRAY_LEN(lies); i++) {
        told = lies[i];
        attack_round(&a, &csig_sign_protocol, VICTIM, 2)->check = NULL;
        attack_round(&a, &csig_sign_protocol, CHEAT, 2)->make = lying_answers;
        attack_round(&a, &csig_sign_protocol, CHEAT, 3)->step = NULL; /* it would find out first */
        attack_sign(&a, VICTIM);
        attack_expect(&a, CSIG_E_SUM, 3, CHEAT);
        attack_end(&a);
    }
}

/* --- plaintexts at the edges: honest, so it must sign --- */

static int edge;

/* y = -kx + edge, or the two largest masks; the answerer's share of the product follows. */
static csig_err edge_masks(csig_run *run, csig_out *out)
{
    csig_presign_secret *secret = run->secret;
    csig_presign_open *open = run->open;
    const csig_presign_secret *asker = attack_secret(&a, VICTIM);
    csig_presign_r2_part *part = out->part[VICTIM];
    csig_presign_r2 *msg = out->bcast;
    const csig_scalar gamma = secret->gamma, w = secret->w;
    csig_int k, x, y, one;
    csig_scalar beta;

    CSIG_TRY(csig_presign_round_2.make(run, out));
    csig_scalar_to_int(&k, &asker->k);
    csig_int_set_u64(&one, (uint64_t)(edge < 0 ? -edge : edge));
    if (edge < 0) csig_int_neg(&one, &one);
    for (int i = 0; i < 2; i++) {
        csig_scalar_to_int(&x, i == 0 ? &gamma : &w);
        csig_int_mul(&y, &k, &x);
        csig_int_sub(&y, &one, &y);
        if (edge == 2) csig_int_pow2(&y, CSIG_ELL_P);
        if (edge == -2) {
            csig_int_pow2(&y, CSIG_ELL_P);
            csig_int_neg(&y, &y);
        }
        answer(i == 0 ? &part->gamma : &part->w, run,
               i == 0 ? CSIG_LABEL_ZK_AFFG_GAMMA : CSIG_LABEL_ZK_AFFG_X, &x, &y,
               i == 0 ? &msg->Gamma : &open->party[CHEAT].W, open->party[CHEAT].paillier);
        csig_scalar_from_int(&beta, &y);
        csig_scalar_mul(i == 0 ? &secret->delta : &secret->chi, i == 0 ? &gamma : &w, &secret->k);
        csig_scalar_sub(i == 0 ? &secret->delta : &secret->chi,
                        i == 0 ? &secret->delta : &secret->chi, &beta);
    }
    return CSIG_OK;
}

static void B7_plaintexts_at_the_edges_still_sign(void **state)
{
    (void)state;
    for (edge = -2; edge <= 2; edge++) {
        attack_round(&a, &csig_sign_protocol, CHEAT, 2)->make = edge_masks;
        attack_sign(&a, VICTIM);
        signing_expect_signature_but(&a.g, &a.intent, CHEAT);
        attack_end(&a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(B1_B8_numbers_out_of_range),
        cmocka_unit_test(B3_answers_that_do_not_fit),
        cmocka_unit_test(B3_the_sums_stop_what_the_proof_would),
        cmocka_unit_test(B7_plaintexts_at_the_edges_still_sign),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
