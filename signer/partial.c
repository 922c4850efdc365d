/* Partial signatures: made, checked, combined. protocol.md 2.5 and 2.6-C. */
#include "signer/partial.h"

#include <string.h>

#include "base/ct.h"
#include "base/mem.h"

csig_err csig_target_set_nonce(csig_target *target, const csig_point *Gamma, const csig_scalar *rho)
{
    uint8_t x[32];

    CSIG_REQUIRE(csig_point_has_mul_var(&target->R, rho, Gamma), CSIG_E_RANGE);
    csig_point_x(x, &target->R);
    csig_scalar_from_bytes(&target->r, x, sizeof x);
    CSIG_REQUIRE(!csig_scalar_is_zero(&target->r), CSIG_E_RANGE);
    csig_scalar_inv_var(&target->r_inverse, &target->r);
    csig_scalar_inv_var(&target->rho_inverse, rho);
    return CSIG_OK;
}

void csig_partial_spend(csig_scalar *sigma, const csig_target *target, csig_presig *half)
{
    CSIG_AUTO(csig_scalar) mk;

    csig_scalar_mul(&mk, &target->m, &half->k);
    csig_scalar_mul(sigma, &target->shift, &half->k);
    csig_scalar_add(sigma, sigma, &half->chi);
    csig_scalar_mul(sigma, sigma, &target->r);
    csig_scalar_add(sigma, sigma, &mk);
    csig_scalar_mul(sigma, sigma, &target->rho_inverse);
    csig_ct_public(sigma, sizeof *sigma); /* it is sent to all; the half is used up */
    csig_scalar_wipe(&half->k);
    csig_scalar_wipe(&half->chi);
    csig_wipe(half->nonce, sizeof half->nonce);
}

csig_err csig_partial_check(const csig_scalar *sigma, const csig_target *target,
                            const csig_presig *half, uint16_t j)
{
    csig_scalar on_R, on_Delta, on_S;

    /* (sigma_j / r) R - (m / r + shift) Delta~_j - S~_j = O: one multiplication less */
    csig_scalar_mul(&on_R, sigma, &target->r_inverse);
    csig_scalar_mul(&on_Delta, &target->m, &target->r_inverse);
    csig_scalar_add(&on_Delta, &on_Delta, &target->shift);
    csig_scalar_neg(&on_Delta, &on_Delta);
    csig_scalar_set_u32(&on_S, 1);
    csig_scalar_neg(&on_S, &on_S);
    const csig_scalar *const k[] = {&on_R, &on_Delta, &on_S};
    const csig_point *const P[] = {&target->R, &half->Delta[j], &half->S[j]};
    CSIG_REQUIRE(csig_point_is_zero_sum_var(k, P, CSIG_ARRAY_LEN(k)), CSIG_E_PARTIAL);
    return CSIG_OK;
}

csig_err csig_partial_combine(csig_ecdsa *sig, const csig_target *target, const csig_scalar *sigma,
                              uint16_t n)
{
    csig_ecdsa made = {0};
    csig_scalar s;

    memset(sig, 0, sizeof *sig);
    csig_scalar_set_u32(&s, 0);
    for (uint16_t j = 0; j < n; j++)
        csig_scalar_add(&s, &s, &sigma[j]);
    CSIG_TRY(csig_ecdsa_make(&made, &target->R, &s));
    CSIG_TRY(csig_ecdsa_verify(&made, &target->pk, target->digest));
    *sig = made;
    return CSIG_OK;
}

csig_err csig_target_verify(const csig_target *target, const csig_ecdsa *sig)
{
    CSIG_REQUIRE(csig_is_same(sig->r, target->r.b, sizeof sig->r), CSIG_E_OUTPUT);
    return csig_ecdsa_verify(sig, &target->pk, target->digest);
}
