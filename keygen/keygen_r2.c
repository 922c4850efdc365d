/* Key generation, round 2: everyone opens, and sends each peer its sub-share and a part of the
 * chain code.
 *
 * Out: the opening of V_i; for each j, inside the same broadcast, c_ij = f_i(j) + mask_ij and
 * cc_i XOR pad_ij. In: the openings match, each sub-share fits its commitments, each cc_j its hash.
 * Then the share x_i = sum f_j(i), all X_j, PK, rid and cc are there. */
#include "keygen/keygen.h"

#include <string.h>

#include "base/ct.h"
#include "base/mem.h"

void csig_keygen_masked_wire(csig_wire *w, void *msg)
{
    csig_keygen_masked_msg *m = msg;

    csig_scalar_wire(w, &m->c);
    csig_bytes_wire(w, m->cc, sizeof m->cc);
}

static void xor32(uint8_t r[32], const uint8_t a[32])
{
    for (size_t k = 0; k < 32; k++)
        r[k] ^= a[k];
}

static csig_err make(csig_run *run, csig_out *out)
{
    csig_keygen_secret *st = csig_keygen_secret_of(run);

    csig_ct_public(&st->own, sizeof st->own); /* opened now: only V_i hid it */
    memcpy(out->bcast, &st->own, sizeof st->own);
    for (uint16_t j = 0; j < run->n; j++) {
        csig_keygen_masked_msg *masked = out->part[j];
        CSIG_AUTO(csig_scalar) sigma;

        if (j == run->self) continue;
        csig_poly_eval(&sigma, &st->f, run->index[j]);
        csig_scalar_add(&masked->c, &sigma, &st->mask_out[j]);
        memcpy(masked->cc, st->cc, sizeof masked->cc);
        xor32(masked->cc, st->pad_out.at[j]);
        csig_ct_public(masked, sizeof *masked); /* mask and pad are uniform and used once */
    }
    csig_wipe(st->mask_out, sizeof st->mask_out);
    csig_wipe(&st->pad_out, sizeof st->pad_out);
    return CSIG_OK;
}

static void polynomial_of(csig_poly_commit *S, const csig_run *run, const csig_keygen_open_msg *msg)
{
    memset(S, 0, sizeof *S);
    S->t = run->shape.t;
    memcpy(S->S, msg->S, sizeof S->S);
}

/* sigma_ji = c_ji - mask_ji */
static void unmask(csig_scalar *sigma, const csig_run *run, uint16_t from,
                   const csig_keygen_masked_msg *masked)
{
    csig_scalar_sub(sigma, &masked->c, &csig_keygen_secret_of(run)->mask_in[from]);
}

/* sigma_ji G == sum_k i^k S_j,k */
static csig_err check_share(const csig_run *run, uint16_t from, const csig_keygen_open_msg *msg,
                            const csig_keygen_masked_msg *masked)
{
    CSIG_AUTO(csig_scalar) sigma;
    csig_poly_commit S;
    csig_point claimed, got;

    polynomial_of(&S, run, msg);
    unmask(&sigma, run, from, masked);
    CSIG_REQUIRE(csig_poly_commit_has_eval(&claimed, &S, run->index[run->self]), CSIG_E_SHARE);
    CSIG_REQUIRE(csig_point_mul_g(&got, run->env.curve, &sigma) == CSIG_OK, CSIG_E_SHARE);
    CSIG_REQUIRE(csig_point_is_eq(&claimed, &got), CSIG_E_SHARE);
    return CSIG_OK;
}

/* cc_j = part XOR pad_ji */
static void unpad(uint8_t cc[32], const csig_run *run, uint16_t from,
                  const csig_keygen_masked_msg *masked)
{
    memcpy(cc, masked->cc, sizeof masked->cc);
    xor32(cc, csig_keygen_secret_of(run)->pad_in.at[from]);
}

/* H(CHAIN_CODE_SHARE, ssid, j, cc_j) is what j has committed to. */
static csig_err check_chain_code(const csig_run *run, uint16_t from,
                                 const csig_keygen_open_msg *msg,
                                 const csig_keygen_masked_msg *masked)
{
    uint8_t cc[32], hash[32];

    unpad(cc, run, from, masked);
    csig_keygen_cc_hash(hash, run, from, cc);
    csig_wipe(cc, sizeof cc);
    CSIG_REQUIRE(csig_is_same(hash, msg->cc_hash, sizeof hash), CSIG_E_COMMIT);
    return CSIG_OK;
}

static csig_err check(const csig_run *run, uint16_t from, const csig_in *in)
{
    const csig_keygen_open *open = csig_keygen_open_of(run);
    const csig_keygen_open_msg *msg = in->bcast;
    uint8_t hash[CSIG_HASH_BYTES];

    csig_keygen_commitment(hash, run, from, msg);
    CSIG_REQUIRE(csig_is_same(hash, open->V[from], CSIG_HASH_BYTES), CSIG_E_COMMIT);
    /* The rest is for one receiver each, unless it has opened it. */
    if (run->watching && !open->keys.opened[from]) return CSIG_OK;
    CSIG_TRY(check_share(run, from, msg, in->part));
    return check_chain_code(run, from, msg, in->part);
}

/* S = sum S_i, PK = S[0], X_j = S(j); an infinite point among them is nobody's single fault and no
 * key. x_i = 0 is X_i = O: the sub-shares have been checked. */
static csig_err public_key(csig_share *share, const csig_poly_commit *const *all, uint16_t dealers)
{
    CSIG_REQUIRE(csig_poly_commit_has_sum(&share->S, all, dealers), CSIG_E_SHARE);
    share->pk = share->S.S[0];
    for (uint16_t j = 0; j < share->n; j++)
        CSIG_REQUIRE(csig_poly_commit_has_eval(&share->X[j], &share->S, (uint16_t)(j + 1)),
                     CSIG_E_SHARE);
    return CSIG_OK;
}

static csig_err sum_public(csig_run *run, const csig_in in[CSIG_MAX_PARTIES])
{
    csig_keygen_secret *st = csig_keygen_secret_of(run);
    csig_keygen_open *open = csig_keygen_open_of(run);
    const csig_poly_commit *all[CSIG_MAX_PARTIES];

    for (uint16_t j = 0; j < run->n; j++) {
        const csig_keygen_open_msg *msg = in[j].bcast != NULL ? in[j].bcast : &st->own;

        polynomial_of(&open->S[j], run, msg);
        all[j] = &open->S[j];
        open->A[j] = msg->A;
        memcpy(open->cc_hash[j], msg->cc_hash, sizeof open->cc_hash[j]);
        xor32(st->share.rid, msg->rid);
    }
    return public_key(&st->share, all, run->n);
}

/* x_i = sum_j f_j(i), cc = XOR cc_j; of the polynomial what is still to be encrypted stays. */
static void sum_secret(csig_run *run, const csig_in in[CSIG_MAX_PARTIES])
{
    csig_keygen_secret *st = csig_keygen_secret_of(run);

    csig_poly_eval(&st->share.x, &st->f, run->index[run->self]);
    memcpy(st->parts.at[run->self], st->cc, sizeof st->cc);
    xor32(st->share.cc, st->cc);
    for (uint16_t j = 0; j < run->n; j++) {
        CSIG_AUTO(csig_scalar) sigma;

        if (j == run->self) continue;
        unmask(&sigma, run, j, in[j].part);
        csig_scalar_add(&st->share.x, &st->share.x, &sigma);
        unpad(st->parts.at[j], run, j, in[j].part);
        xor32(st->share.cc, st->parts.at[j]);
    }
    if (run->n == 2) csig_wipe(&st->parts, sizeof st->parts); /* nobody to show them to */
    for (uint16_t k = 0; k < run->shape.escrows; k++)
        csig_poly_eval(&st->escrowed[k], &st->f, csig_keygen_open_of(run)->escrows.index[k]);
    csig_poly_wipe(&st->f);
    csig_wipe(st->mask_in, sizeof st->mask_in);
    csig_wipe(&st->pad_in, sizeof st->pad_in);
    csig_wipe(st->y, sizeof st->y);
    csig_wipe(st->cc, sizeof st->cc);
}

/* first 32 octets of H(KEY_ID, ssid, PK) */
static void name_key(csig_share *share, const csig_run *run)
{
    csig_transcript t;

    csig_transcript_init(&t, CSIG_LABEL_KEY_ID);
    csig_transcript_bytes(&t, run->ssid, CSIG_SSID_BYTES);
    csig_transcript_point(&t, &share->pk);
    csig_transcript_hash32(&t, share->key_id);
}

static csig_err step(csig_run *run, const csig_in in[CSIG_MAX_PARTIES], uint16_t *culprit)
{
    csig_share *share = &csig_keygen_secret_of(run)->share;

    (void)culprit;
    CSIG_TRY(sum_public(run, in));
    if (!run->watching) sum_secret(run, in);
    name_key(share, run);
    if (run->watching)
        csig_share_derive_public(share);
    else
        csig_share_derive(share);
    csig_share_public_hash(share, csig_keygen_open_of(run)->output);
    return CSIG_OK;
}

const csig_round csig_keygen_r2 = {
    .name = "keygen/2",
    .bcast = csig_keygen_open_wire,
    .bcast_size = sizeof(csig_keygen_open_msg),
    .part = csig_keygen_masked_wire,
    .part_size = sizeof(csig_keygen_masked_msg),
    .echo = true,
    .make = make,
    .check = check,
    .step = step,
    .testimony = &csig_keygen_opens,
};
