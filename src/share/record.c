/* Records: made, and judged on arrival. */
#include "share/record.h"

#include "base/mem.h"
#include "crypto/header.h"

/* Without the signature, which covers exactly this. */
static void signed_wire(csig_wire *w, void *msg)
{
    csig_aux_record *r = msg;

    csig_kind_wire(w, CSIG_KIND_AUX_RECORD);
    csig_aux_pub_wire(w, &r->pub);
    csig_zk_mod_wire(w, &r->mod);
    csig_zk_prm_wire(w, &r->prm);
}

void csig_aux_record_wire(csig_wire *w, void *msg)
{
    csig_aux_record *r = msg;

    signed_wire(w, r);
    csig_bytes_wire(w, r->signature, sizeof r->signature);
    if (w->op == CSIG_WIRE_READ && !w->bad) csig_aux_pub_id(&r->pub);
}

static void signed_part(csig_transcript *t, const csig_aux_record *r)
{
    csig_transcript_init(t, CSIG_LABEL_AUX_RECORD);
    csig_transcript_msg(t, signed_wire, r);
}

static void proof_of(csig_transcript *t, csig_label label, const csig_aux_pub *pub)
{
    csig_transcript_device_proof(t, label, pub->id, pub->owner, NULL);
}

/* The parameters and both proofs, as anybody can check them. */
static csig_err check_proofs(const csig_aux_record *r, const csig_env *env)
{
    const csig_aux_pub *pub = &r->pub;
    csig_pedersen theirs;
    csig_transcript t;

    /* looks at the size of N^ and at s and t; Pi-mod at the size of N and more */
    CSIG_TRY(csig_pedersen_init(&theirs, &pub->n_hat, &pub->s, &pub->t, NULL, NULL));
    proof_of(&t, CSIG_LABEL_ZK_MOD, pub);
    CSIG_TRY(csig_zk_mod_verify(&r->mod, env, &t, &pub->n));
    proof_of(&t, CSIG_LABEL_ZK_PRM, pub);
    return csig_zk_prm_verify(&r->prm, env, &t, &theirs);
}

/* What was computed modulo two primes and is wrong modulo one of them, by a fault or a bad engine,
 * gives both away to whoever sees it (protocol.md 4.6): the proofs are verified before they are
 * signed, here and without the factors. */
static csig_err check_own(const csig_aux_record *r, csig_rng *rng)
{
    const csig_env here = {.rng = rng};
    const csig_err err = check_proofs(r, &here);

    return csig_err_class(err) == CSIG_CLASS_CHEAT ? CSIG_E_ENGINE : err;
}

csig_err csig_aux_record_make(csig_aux_record *r, const csig_aux *ours, const csig_ed_key *key,
                              const csig_env *env)
{
    csig_transcript t;

    r->pub = ours->pub;
    proof_of(&t, CSIG_LABEL_ZK_MOD, &r->pub);
    CSIG_TRY(csig_zk_mod_prove(&r->mod, env, &t, &ours->paillier.ring, &ours->n_factors, NULL));
    proof_of(&t, CSIG_LABEL_ZK_PRM, &r->pub);
    CSIG_TRY(csig_zk_prm_prove(&r->prm, env, &t, &ours->pedersen));
    CSIG_TRY(check_own(r, env->rng));
    signed_part(&t, r);
    csig_ed_sign(r->signature, key, &t);
    return CSIG_OK;
}

csig_err csig_aux_record_compare(const csig_aux_pub *a, const csig_aux_pub *b)
{
    const csig_int *own[] = {&b->n, &b->n_hat};

    for (size_t i = 0; i < CSIG_ARRAY_LEN(own); i++) {
        CSIG_REQUIRE(csig_int_is_coprime(&a->n, own[i]), CSIG_E_MODULUS);
        CSIG_REQUIRE(csig_int_is_coprime(&a->n_hat, own[i]), CSIG_E_MODULUS);
    }
    return CSIG_OK;
}

/* No prime in common, between the two or with either of ours: not shared, copied or N = N^. */
static csig_err check_moduli(const csig_aux_pub *theirs, const csig_aux_pub *ours)
{
    CSIG_REQUIRE(csig_int_is_coprime(&theirs->n, &theirs->n_hat), CSIG_E_MODULUS);
    return csig_aux_record_compare(theirs, ours);
}

csig_err csig_aux_record_check_shown(const csig_aux_record *r, const csig_env *env)
{
    csig_transcript t;

    signed_part(&t, r);
    CSIG_TRY(csig_ed_verify(r->signature, r->pub.owner, &t));
    CSIG_REQUIRE(csig_int_is_coprime(&r->pub.n, &r->pub.n_hat), CSIG_E_MODULUS);
    return check_proofs(r, env);
}

csig_err csig_aux_record_check(const csig_aux_record *r, const uint8_t owner[CSIG_ID_BYTES],
                               uint64_t above, const csig_aux *ours, const csig_env *env)
{
    const csig_aux_pub *pub = &r->pub;
    csig_transcript t;

    CSIG_REQUIRE(csig_is_same(pub->owner, owner, CSIG_ID_BYTES), CSIG_E_MESSAGE);
    signed_part(&t, r);
    CSIG_REQUIRE(csig_ed_verify(r->signature, owner, &t) == CSIG_OK, CSIG_E_MESSAGE);
    CSIG_REQUIRE(pub->generation > above, CSIG_E_MESSAGE);

    CSIG_TRY(check_moduli(pub, &ours->pub));
    return check_proofs(r, env);
}
