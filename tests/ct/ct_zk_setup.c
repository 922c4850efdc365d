/* The proofs of a new device's moduli under valgrind, with the factors and lambda undefined memory,
 * and every exponent and root that follows from them. Their verifiers know no secret and take half
 * a minute here: instead, all octets of a proof are shown to be public. */
#include "base/ct.h"
#include "base/mem.h"
#include "support/keys.h"
#include "zk/mod.h"
#include "zk/prm.h"

static test_paillier key;
static test_pedersen ring;
static csig_rng rng;
static const csig_env env = {.rng = &rng};
static csig_transcript tr;

/* A branch on all octets: one that is undefined would be reported. */
static void expect_public(csig_wire_fn *fn, const void *proof)
{
    const size_t len = csig_wire_size(fn);
    uint8_t *const octets = csig_public_alloc(len);
    uint32_t sum = 0;

    CSIG_ASSERT(octets != NULL);
    csig_wire_write(fn, proof, octets, len);
    for (size_t i = 0; i < len; i++)
        sum += octets[i];
    CSIG_ASSERT(sum != 0);
    csig_public_free(octets);
}

static void mod(void)
{
    csig_zk_mod *p = csig_public_alloc(sizeof *p);

    CSIG_ASSERT(p != NULL);
    CSIG_ASSERT(csig_zk_mod_prove(p, &env, &tr, &key.own.ring, &key.factors, NULL) == CSIG_OK);
    expect_public(csig_zk_mod_wire, p);
    csig_public_free(p);
}

static void prm(void)
{
    csig_zk_prm *p = csig_public_alloc(sizeof *p);

    CSIG_ASSERT(p != NULL);
    CSIG_ASSERT(csig_zk_prm_prove(p, &env, &tr, &ring.own) == CSIG_OK);
    expect_public(csig_zk_prm_wire, p);
    csig_public_free(p);
}

int main(void)
{
    const uint8_t ssid[CSIG_SSID_BYTES] = {1};

    csig_rng_init(&rng, NULL, NULL);
    test_paillier_init(&key, 0);
    test_pedersen_init(&ring, 2);
    csig_transcript_proof(&tr, CSIG_LABEL_TEST_A, ssid, 1, CSIG_TO_ALL);
    mod();
    prm();
    return 0;
}
