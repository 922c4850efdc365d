/* Presigning and signing with more than two signers, after sums that do not match: who has made a
 * wrong product? If delta G is not sum Delta_j, all prove that they answered with the gamma of
 * their Gamma, and that delta is what came out; if only delta PK is not sum S_j, the same for w and
 * S.
 *
 * Body, by position without the sender's own: Pi-aff-g* for D_ij, F_ij, for each j; then Pi-dec for
 * K_i^x prod D_ji F_ij^-1. Source: protocol.md 2.8 and 1.9, Decided 17. */
#include "base/mem.h"
#include "signer/presign.h"
#include "zk/affgstar.h"
#include "zk/dec.h"

/* One proof at a time: they are large. */
typedef struct room {
    union {
        csig_zk_affgstar answer;
        csig_zk_dec sum;
    } proof;
    csig_presign_r2_part part[2]; /* to one, from one */
    csig_point G;
} room;

static size_t answer_bytes(void)
{
    return csig_wire_size(csig_zk_affgstar_wire);
}

static size_t body_bytes(const csig_run *run)
{
    return (run->n - 1U) * answer_bytes() + csig_wire_size(csig_zk_dec_wire);
}

/* The answer from one to another, of the product in question. */
static csig_err read_answer(const csig_mta_answer **answer, csig_presign_r2_part *part,
                            const csig_run *run, uint16_t from, uint16_t to)
{
    const csig_presign_open *open = run->open;

    CSIG_TRY(csig_wire_read(csig_presign_r2_part_wire, part, csig_run_part(run, 1, from, to),
                            run->part[1]));
    *answer = open->delta_fails ? &part->gamma : &part->w;
    return CSIG_OK;
}

/* --- statements --- */

static csig_zk_affgstar_stmt answer_statement(const csig_run *run, uint16_t from, uint16_t to,
                                              const csig_mta_answer *answer)
{
    const csig_presign_open *open = run->open;
    const csig_presign_party *prover = &open->party[from];

    return (csig_zk_affgstar_stmt){
        .prover = prover->paillier,
        .receiver = open->party[to].paillier,
        .C = &open->party[to].K,
        .D = &answer->D,
        .Y = &answer->F,
        .X = open->delta_fails ? &prover->Gamma : &prover->W,
    };
}

static void answer_transcript(csig_transcript *tr, const csig_run *run, uint16_t from, uint16_t to)
{
    const csig_presign_open *open = run->open;

    csig_transcript_proof(
        tr, open->delta_fails ? CSIG_LABEL_ZK_AFFGSTAR_GAMMA : CSIG_LABEL_ZK_AFFGSTAR_X, run->ssid,
        run->index[from], run->index[to]);
}

/* D = prod D_ji F_ij^-1 mod N_i^2 */
static csig_err sum_ciphertext(csig_int *D, room *m, const csig_run *run, uint16_t from)
{
    const csig_presign_open *open = run->open;
    const csig_int *NN = &open->party[from].paillier->ring.nn;

    csig_int_set_u64(D, 1);
    for (uint16_t j = 0; j < run->n; j++) {
        const csig_mta_answer *made, *got;
        csig_int inverse;

        if (j == from) continue;
        CSIG_TRY(read_answer(&made, &m->part[0], run, from, j));
        CSIG_TRY(read_answer(&got, &m->part[1], run, j, from));
        CSIG_REQUIRE(csig_int_has_inverse(&inverse, &made->F, NN), CSIG_E_PROOF);
        csig_int_mulm(D, D, &got->D, NN);
        csig_int_mulm(D, D, &inverse, NN);
    }
    return CSIG_OK;
}

/* S is room for delta_i G. CSIG_E_PROOF: delta_i is 0, which nobody's sum is. */
static csig_err sum_statement(csig_zk_dec_stmt *stmt, csig_point *S, const room *m,
                              const csig_run *run, uint16_t from, const csig_int *D)
{
    const csig_presign_open *open = run->open;
    const csig_presign_party *p = &open->party[from];

    *stmt = (csig_zk_dec_stmt){
        .prover = p->paillier, .K = &p->K, .D = D, .X = &p->W, .S = &p->S, .base = &open->Gamma};
    if (!open->delta_fails) return CSIG_OK;
    CSIG_REQUIRE(csig_point_has_mul_g_var(S, &p->delta), CSIG_E_PROOF);
    stmt->X = &p->Gamma;
    stmt->S = S;
    stmt->base = &m->G;
    return CSIG_OK;
}

static void sum_transcript(csig_transcript *tr, const csig_run *run, uint16_t from)
{
    const csig_presign_open *open = run->open;

    csig_transcript_proof(tr, open->delta_fails ? CSIG_LABEL_ZK_DEC_DELTA : CSIG_LABEL_ZK_DEC_CHI,
                          run->ssid, run->index[from], CSIG_TO_ALL);
}

/* --- make --- */

static const csig_scalar *own_secret(const csig_run *run)
{
    const csig_presign_open *open = run->open;
    const csig_presign_secret *s = run->secret;

    return open->delta_fails ? &s->gamma : &s->w;
}

static const csig_mta_mask *own_mask(const csig_run *run, uint16_t j)
{
    const csig_presign_open *open = run->open;
    const csig_presign_secret *s = run->secret;

    return open->delta_fails ? &s->masks[j].gamma : &s->masks[j].w;
}

static csig_err prove_answer(uint8_t *out, room *m, const csig_run *run, uint16_t j)
{
    const csig_mta_mask *mask = own_mask(run, j);
    const csig_zk_affgstar_wit wit = {
        .x = own_secret(run), .y = &mask->y, .rho = &mask->rho, .rho_y = &mask->rho_y};
    const csig_mta_answer *answer;
    csig_transcript tr;

    CSIG_TRY(read_answer(&answer, &m->part[0], run, run->self, j));
    const csig_zk_affgstar_stmt stmt = answer_statement(run, run->self, j, answer);

    answer_transcript(&tr, run, run->self, j);
    CSIG_TRY(csig_zk_affgstar_prove(&m->proof.answer, &run->env, &tr, &stmt, &wit));
    csig_wire_write(csig_zk_affgstar_wire, &m->proof.answer, out, answer_bytes());
    return CSIG_OK;
}

/* y = k x + sum (alpha_ij - y_ij), as an integer. */
static csig_err own_plaintext(csig_sec *y, room *m, const csig_run *run)
{
    const csig_presign_open *open = run->open;
    const csig_presign_secret *s = run->secret;
    CSIG_AUTO(csig_sec) k;
    CSIG_AUTO(csig_sec) x;

    csig_sec_from_scalar(&k, &s->k);
    csig_sec_from_scalar(&x, own_secret(run));
    csig_sec_mul(y, &k, &x);
    for (uint16_t j = 0; j < run->n; j++) {
        const csig_mta_answer *got;
        CSIG_AUTO(csig_sec) term;

        if (j == run->self) continue;
        CSIG_TRY(read_answer(&got, &m->part[0], run, j, run->self));
        CSIG_TRY(csig_paillier_decrypt(&term, open->party[run->self].paillier, &got->D, &run->env));
        /* Its Pi-aff-g has bounded it. */
        term.bits = CSIG_ZK_DEC_Y_BITS;
        csig_sec_add(y, y, &term);
        csig_sec_neg(&term, &own_mask(run, j)->y);
        csig_sec_add(y, y, &term);
        y->bits = CSIG_ZK_DEC_Y_BITS;
    }
    return CSIG_OK;
}

static csig_err prove_sum(uint8_t *out, room *m, const csig_run *run)
{
    const csig_presign_open *open = run->open;
    const csig_paillier *own = open->party[run->self].paillier;
    CSIG_AUTO(csig_sec) y;
    CSIG_AUTO(csig_sec) rho;
    const csig_zk_dec_wit wit = {.x = own_secret(run), .y = &y, .rho = &rho};
    csig_zk_dec_stmt stmt;
    csig_transcript tr;
    csig_point S;
    csig_int D;

    CSIG_TRY(sum_ciphertext(&D, m, run, run->self));
    CSIG_TRY(sum_statement(&stmt, &S, m, run, run->self, &D));
    CSIG_TRY(own_plaintext(&y, m, run));
    CSIG_TRY(csig_zk_dec_root(&rho, &run->env, own, stmt.K, wit.x, &D));
    sum_transcript(&tr, run, run->self);
    CSIG_TRY(csig_zk_dec_prove(&m->proof.sum, &run->env, &tr, &stmt, &wit));
    csig_wire_write(csig_zk_dec_wire, &m->proof.sum, out, csig_wire_size(csig_zk_dec_wire));
    return CSIG_OK;
}

static csig_err make_in(room *m, csig_run *run, uint8_t *body)
{
    for (uint16_t j = 0; j < run->n; j++) {
        if (j == run->self) continue;
        CSIG_TRY(prove_answer(body, m, run, j));
        body += answer_bytes();
    }
    return prove_sum(body, m, run);
}

static csig_err make(csig_run *run, uint8_t *body)
{
    room *m = csig_public_alloc(sizeof *m);
    csig_err err;

    CSIG_REQUIRE(m != NULL, CSIG_E_MEMORY);
    csig_point_generator(&m->G);
    err = make_in(m, run, body);
    csig_public_free(m);
    return err;
}

/* --- check --- */

static csig_err check_answer(room *m, const csig_run *run, uint16_t from, uint16_t to,
                             const uint8_t *in)
{
    const csig_mta_answer *answer;
    csig_transcript tr;

    CSIG_TRY(csig_wire_read(csig_zk_affgstar_wire, &m->proof.answer, in, answer_bytes()));
    CSIG_TRY(read_answer(&answer, &m->part[0], run, from, to));
    const csig_zk_affgstar_stmt stmt = answer_statement(run, from, to, answer);

    answer_transcript(&tr, run, from, to);
    return csig_zk_affgstar_verify(&m->proof.answer, &run->env, &tr, &stmt);
}

static csig_err check_sum(room *m, const csig_run *run, uint16_t from, const uint8_t *in)
{
    csig_zk_dec_stmt stmt;
    csig_transcript tr;
    csig_point S;
    csig_int D;

    CSIG_TRY(csig_wire_read(csig_zk_dec_wire, &m->proof.sum, in, csig_wire_size(csig_zk_dec_wire)));
    CSIG_TRY(sum_ciphertext(&D, m, run, from));
    CSIG_TRY(sum_statement(&stmt, &S, m, run, from, &D));
    sum_transcript(&tr, run, from);
    return csig_zk_dec_verify(&m->proof.sum, &run->env, &tr, &stmt);
}

/* The sum first: it is the cheaper, and the likelier to fail. */
static csig_err check_in(room *m, const csig_run *run, uint16_t from, const uint8_t *body)
{
    CSIG_TRY(check_sum(m, run, from, body + (run->n - 1U) * answer_bytes()));
    for (uint16_t j = 0; j < run->n; j++) {
        if (j == from) continue;
        CSIG_TRY(check_answer(m, run, from, j, body));
        body += answer_bytes();
    }
    return CSIG_OK;
}

static csig_err check(const csig_run *run, uint16_t from, const uint8_t *body)
{
    room *m = csig_public_alloc(sizeof *m);
    csig_err err;

    CSIG_REQUIRE(m != NULL, CSIG_E_MEMORY);
    csig_point_generator(&m->G);
    err = check_in(m, run, from, body);
    csig_public_free(m);
    return err;
}

const csig_error_round csig_presign_error_round = {
    .name = "proofs after round 3",
    .after = 3,
    .bytes = body_bytes,
    .make = make,
    .check = check,
};
