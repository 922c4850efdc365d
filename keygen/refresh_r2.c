/* Refresh and resharing, round 2: everyone who deals opens, sends each that will hold a share its
 * sub-share, and encrypts those for the indices that have a recovery key so that all can check it.
 *
 * Out: the opening of V_i, an escrow of g_i(k) for each index k with a recovery key; for each j,
 * inside the same broadcast, c_ij = g_i(j) + mask_ij, and where somebody joins cc XOR pad_ij; zeros
 * for who leaves. In: the openings match, C_i,0 is the X_i of the current epoch, each sub-share
 * fits its commitments, each escrow is good, at who joins cc is that of H(cc). Then the staged
 * share is there: x'_j = sum lambda_i g_i(j), and X'_j of all indices. */
#include <string.h>

#include "base/ct.h"
#include "base/mem.h"
#include "keygen/refresh.h"

void csig_refresh_polynomial(csig_poly_commit *C, const csig_run *run,
                             const csig_refresh_opening *opening)
{
    memset(C, 0, sizeof *C);
    C->t = run->shape.t;
    memcpy(C->S, opening->C, sizeof C->S);
}

typedef struct sub_shares {
    csig_scalar at[CSIG_MAX_PARTIES];
} sub_shares;

static void sub_shares_wipe(sub_shares *s)
{
    csig_wipe(s, sizeof *s);
}

/* Who has dealt C at a position; before or after the share is staged. */
static csig_escrow_dealer dealer(const csig_run *run, uint16_t position, const csig_poly_commit *C)
{
    return (csig_escrow_dealer){
        .position = position,
        .index = csig_refresh_open_of(run)->deals[position],
        .C = C,
        .share = &csig_refresh_secret_of(run)->share,
    };
}

static csig_err make_escrows(csig_run *run, csig_refresh_open_msg *msg)
{
    csig_refresh_secret *st = csig_refresh_secret_of(run);
    csig_escrows *escrows = &csig_refresh_open_of(run)->escrows;
    csig_poly_commit C;
    const csig_escrow_dealer self = dealer(run, run->self, &C);
    CSIG_AUTO(sub_shares) sigma;

    csig_refresh_polynomial(&C, run, &st->own);
    for (uint16_t k = 0; k < escrows->count; k++)
        csig_poly_eval(&sigma.at[k], &st->g, escrows->index[k]);
    CSIG_TRY(csig_escrows_make(msg->escrow, escrows, &run->env, &self, sigma.at));
    return csig_escrows_keep(escrows, msg->escrow, &self);
}

void csig_refresh_part_wire(csig_wire *w, void *msg)
{
    csig_refresh_part_msg *m = msg;

    csig_scalar_wire(w, &m->c);
    if (w->shape->joins != 0) csig_bytes_wire(w, m->cc, sizeof m->cc);
}

static void xor32(uint8_t r[32], const uint8_t a[32], const uint8_t b[32])
{
    for (size_t k = 0; k < 32; k++)
        r[k] = a[k] ^ b[k];
}

static void make_part(const csig_run *run, uint16_t j, csig_refresh_part_msg *part)
{
    csig_refresh_secret *st = csig_refresh_secret_of(run);
    CSIG_AUTO(csig_scalar) sigma;

    csig_poly_eval(&sigma, &st->g, csig_refresh_holds(run, j));
    csig_scalar_add(&part->c, &sigma, &st->mask_out[j]);
    if (run->shape.joins != 0) xor32(part->cc, st->share.cc, st->pad_out.at[j]);
    csig_ct_public(part, sizeof *part); /* mask and pad are uniform and used once */
}

static bool due(const csig_run *run, uint16_t from)
{
    return csig_refresh_has_dealt(run, from);
}

static csig_err make(csig_run *run, csig_out *out)
{
    csig_refresh_secret *st = csig_refresh_secret_of(run);
    csig_refresh_open_msg *msg = out->bcast;

    csig_ct_public(&st->own, sizeof st->own); /* opened now: only V_i hid it */
    msg->opening = st->own;
    CSIG_TRY(make_escrows(run, msg));
    for (uint16_t j = 0; j < run->n; j++) {
        if (j != run->self && csig_refresh_holds(run, j) != 0) make_part(run, j, out->part[j]);
    }
    csig_wipe(st->mask_out, sizeof st->mask_out);
    csig_wipe(&st->pad_out, sizeof st->pad_out);
    return CSIG_OK;
}

/* --- one dealer's --- */

/* sigma_ji = c_ji - mask_ji */
static void unmask(csig_scalar *sigma, const csig_run *run, uint16_t from,
                   const csig_refresh_part_msg *part)
{
    csig_scalar_sub(sigma, &part->c, &csig_refresh_secret_of(run)->mask_in[from]);
}

/* sigma_ji G == sum_k i^k C_j,k */
static csig_err check_share(const csig_run *run, uint16_t from, const csig_poly_commit *C,
                            const csig_refresh_part_msg *part)
{
    CSIG_AUTO(csig_scalar) sigma;
    csig_point claimed, got;

    unmask(&sigma, run, from, part);
    CSIG_REQUIRE(csig_poly_commit_has_eval(&claimed, C, csig_refresh_holds(run, run->self)),
                 CSIG_E_SHARE);
    CSIG_REQUIRE(csig_point_mul_g(&got, run->env.curve, &sigma) == CSIG_OK, CSIG_E_SHARE);
    CSIG_REQUIRE(csig_point_is_eq(&claimed, &got), CSIG_E_SHARE);
    return CSIG_OK;
}

/* Who deals has it, and does not look: it could not show a wrong one. The point that it would open
 * is that of the other pad, too, under which it has sent the right one itself. */
static csig_err check_chain_code(const csig_run *run, uint16_t from,
                                 const csig_refresh_part_msg *part)
{
    const csig_refresh_secret *st = csig_refresh_secret_of(run);
    uint8_t cc[32], hash[32];

    if (csig_refresh_has_dealt(run, run->self)) return CSIG_OK;
    xor32(cc, part->cc, st->pad_in.at[from]);
    csig_chain_code_hash(hash, st->share.key_id, cc);
    csig_wipe(cc, sizeof cc);
    CSIG_REQUIRE(csig_is_same(hash, st->share.cc_hash, sizeof hash), CSIG_E_COMMIT);
    return CSIG_OK;
}

static csig_err check_part(const csig_run *run, uint16_t from, const csig_poly_commit *C,
                           const csig_refresh_part_msg *part)
{
    static const csig_refresh_part_msg none;
    const csig_refresh_open *open = csig_refresh_open_of(run);

    if (csig_refresh_holds(run, run->self) == 0) {
        CSIG_REQUIRE(csig_is_same(part, &none, sizeof none), CSIG_E_MESSAGE);
        return CSIG_OK;
    }
    /* A third party sees no more than was opened. */
    if (!run->watching || open->keys.opened[from]) CSIG_TRY(check_share(run, from, C, part));
    if (!run->watching || open->pads.opened[from]) CSIG_TRY(check_chain_code(run, from, part));
    return CSIG_OK;
}

static csig_err check(const csig_run *run, uint16_t from, const csig_in *in)
{
    const csig_share *current = &csig_refresh_secret_of(run)->share;
    const csig_refresh_open_msg *msg = in->bcast;
    uint8_t V[CSIG_HASH_BYTES];
    csig_poly_commit C;
    const csig_escrow_dealer sender = dealer(run, from, &C);

    csig_refresh_commitment(V, run, from, &msg->opening);
    CSIG_REQUIRE(csig_is_same(V, csig_refresh_open_of(run)->V[from], sizeof V), CSIG_E_COMMIT);
    csig_refresh_polynomial(&C, run, &msg->opening);
    /* Of each by itself: that the sum were right would not say who is wrong. */
    CSIG_REQUIRE(csig_point_is_eq(&C.S[0], &current->X[sender.index - 1]), CSIG_E_SHARE);
    /* First what is there for all to see. */
    CSIG_TRY(csig_escrows_verify(msg->escrow, &csig_refresh_open_of(run)->escrows, &sender));
    if (in->part == NULL) return CSIG_OK; /* that of the one for whom somebody watches */
    return check_part(run, from, &C, in->part);
}

/* --- the staged share --- */

static const csig_refresh_open_msg *said_by(const csig_in in[CSIG_MAX_PARTIES], uint16_t j)
{
    return in[j].bcast;
}

static const csig_refresh_opening *opening_of(const csig_run *run,
                                              const csig_in in[CSIG_MAX_PARTIES], uint16_t j)
{
    return in[j].bcast == NULL ? &csig_refresh_secret_of(run)->own : &said_by(in, j)->opening;
}

/* R = sum weight_k P_k; infinity is nobody's single fault and no share. */
static csig_err weighted_sum(csig_point *R, const csig_scalar *weight, const csig_point *const *P,
                             uint16_t n)
{
    csig_point term[CSIG_MAX_PARTIES];
    const csig_point *terms[CSIG_MAX_PARTIES];

    for (uint16_t k = 0; k < n; k++) {
        CSIG_ASSERT(csig_point_has_mul_var(&term[k], &weight[k], P[k])); /* weights are not 0 */
        terms[k] = &term[k];
    }
    CSIG_REQUIRE(csig_point_has_sum(R, terms, n), CSIG_E_SHARE);
    return CSIG_OK;
}

/* sum lambda'_j X'_j == PK, over as many as can sign */
static csig_err check_key(const csig_share *share)
{
    uint16_t set[CSIG_MAX_PARTIES];
    csig_scalar weight[CSIG_MAX_PARTIES];
    const csig_point *X[CSIG_MAX_PARTIES];
    csig_point sum;

    for (uint16_t k = 0; k < share->t; k++)
        set[k] = (uint16_t)(k + 1), X[k] = &share->X[k];
    for (uint16_t k = 0; k < share->t; k++)
        csig_lagrange(&weight[k], set[k], set, share->t);
    CSIG_TRY(weighted_sum(&sum, weight, X, share->t));
    CSIG_REQUIRE(csig_point_is_eq(&sum, &share->pk), CSIG_E_SHARE);
    return CSIG_OK;
}

/* By position; who joins has none. */
typedef struct weights {
    csig_scalar lambda[CSIG_MAX_PARTIES];
    uint16_t dealer[CSIG_MAX_PARTIES]; /* positions, count of them */
    uint16_t count;
} weights;

static void weigh(weights *w, const csig_run *run)
{
    const csig_refresh_open *open = csig_refresh_open_of(run);
    uint16_t set[CSIG_MAX_PARTIES];

    w->count = 0;
    for (uint16_t j = 0; j < run->n; j++) {
        if (open->deals[j] == 0) continue;
        set[w->count] = open->deals[j];
        w->dealer[w->count++] = j;
    }
    for (uint16_t k = 0; k < w->count; k++)
        csig_lagrange(&w->lambda[k], set[k], set, w->count);
}

/* S' = sum lambda_i C_i, X'_j = S'(j) for all indices of the next epoch, rid = XOR of all. */
static csig_err stage_public(csig_run *run, const csig_in in[CSIG_MAX_PARTIES], const weights *w)
{
    csig_share *share = &csig_refresh_secret_of(run)->share;
    const csig_refresh_open *open = csig_refresh_open_of(run);
    const csig_point *C[CSIG_MAX_PARTIES];

    share->t = open->escrows.t;
    share->n = open->escrows.n;
    memcpy(share->identity, open->identity, sizeof share->identity);
    memset(&share->S, 0, sizeof share->S);
    memset(share->X, 0, sizeof share->X);
    memset(share->rid, 0, sizeof share->rid);
    share->S.t = share->t;
    for (uint16_t k = 0; k < share->t; k++) {
        for (uint16_t j = 0; j < w->count; j++)
            C[j] = &opening_of(run, in, w->dealer[j])->C[k];
        CSIG_TRY(weighted_sum(&share->S.S[k], w->lambda, C, w->count));
    }
    for (uint16_t j = 0; j < share->n; j++)
        CSIG_REQUIRE(csig_poly_commit_has_eval(&share->X[j], &share->S, (uint16_t)(j + 1)),
                     CSIG_E_SHARE);
    for (uint16_t j = 0; j < w->count; j++)
        xor32(share->rid, share->rid, opening_of(run, in, w->dealer[j])->rid);
    share->epoch = open->escrows.epoch;
    share->attempt = open->escrows.attempt;
    return check_key(share);
}

/* x' = sum lambda_j g_j(i); the polynomial and the current share are not needed here any more. Of
 * who leaves nothing is left. */
static void stage_secret(csig_run *run, const csig_in in[CSIG_MAX_PARTIES], const weights *w)
{
    csig_refresh_secret *st = csig_refresh_secret_of(run);

    st->share.self = csig_refresh_holds(run, run->self);
    csig_scalar_set_u32(&st->share.x, 0);
    for (uint16_t k = 0; st->share.self != 0 && k < w->count; k++) {
        const uint16_t j = w->dealer[k];
        CSIG_AUTO(csig_scalar) sigma;

        if (j == run->self)
            csig_poly_eval(&sigma, &st->g, st->share.self);
        else
            unmask(&sigma, run, j, in[j].part);
        csig_scalar_mul(&sigma, &sigma, &w->lambda[k]);
        csig_scalar_add(&st->share.x, &st->share.x, &sigma);
    }
    csig_poly_wipe(&st->g);
    csig_wipe(st->mask_in, sizeof st->mask_in);
    csig_wipe(st->y, sizeof st->y);
    csig_wipe(st->z, sizeof st->z);
}

/* Who joins takes the chain code from the first dealer: all have been compared with its hash. */
static void stage_chain_code(csig_run *run, const csig_in in[CSIG_MAX_PARTIES], const weights *w)
{
    csig_refresh_secret *st = csig_refresh_secret_of(run);
    const uint16_t first = w->dealer[0];
    const csig_refresh_part_msg *part = in[first].part;

    if (!csig_refresh_has_dealt(run, run->self))
        xor32(st->share.cc, part->cc, st->pad_in.at[first]);
    csig_wipe(&st->pad_in, sizeof st->pad_in);
}

/* The escrows of the others, for whoever asks. */
static csig_err keep_escrows(csig_run *run, const csig_in in[CSIG_MAX_PARTIES])
{
    for (uint16_t j = 0; j < run->n; j++) {
        csig_poly_commit C;
        const csig_escrow_dealer other = dealer(run, j, &C);

        if (j == run->self || !csig_refresh_has_dealt(run, j)) continue;
        csig_refresh_polynomial(&C, run, opening_of(run, in, j));
        CSIG_TRY(
            csig_escrows_keep(&csig_refresh_open_of(run)->escrows, said_by(in, j)->escrow, &other));
    }
    return CSIG_OK;
}

/* The share is what its owner can check, or no share at all. */
static csig_err finish(csig_run *run)
{
    csig_share *share = &csig_refresh_secret_of(run)->share;

    if (run->watching)
        csig_share_derive_public(share);
    else
        csig_share_derive(share);
    csig_share_public_hash(share, csig_refresh_open_of(run)->output);
    if (share->self == 0) { /* also who only watches */
        csig_wipe(share->cc, sizeof share->cc);
        CSIG_REQUIRE(csig_share_public_check(share) == CSIG_OK, CSIG_E_SHARE);
        return CSIG_OK;
    }
    CSIG_REQUIRE(csig_share_check(share, run->env.curve) == CSIG_OK, CSIG_E_SHARE);
    return CSIG_OK;
}

static csig_err step(csig_run *run, const csig_in in[CSIG_MAX_PARTIES], uint16_t *culprit)
{
    weights w;

    (void)culprit;
    weigh(&w, run);
    if (!run->watching) CSIG_TRY(keep_escrows(run, in));
    CSIG_TRY(stage_public(run, in, &w));
    if (!run->watching) {
        stage_secret(run, in, &w);
        stage_chain_code(run, in, &w);
    }
    return finish(run);
}

const csig_round csig_refresh_r2 = {
    .name = "refresh/2",
    .bcast = csig_refresh_open_wire,
    .bcast_size = sizeof(csig_refresh_open_msg),
    .part = csig_refresh_part_wire,
    .part_size = sizeof(csig_refresh_part_msg),
    .echo = true,
    .due = due,
    .make = make,
    .check = check,
    .step = step,
    .testimony = &csig_refresh_opens,
};
