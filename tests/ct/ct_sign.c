/* Presigning, signing with the presignature and full signing under valgrind: shares, moduli and
 * everything that is drawn are undefined memory, so a branch or an index that depends on a secret
 * is reported and fails the run. */
#include <string.h>

#include "base/ct.h"
#include "proto/signing.h"

static void expect(csig_err err)
{
    CSIG_ASSERT(err == CSIG_OK);
}

static const uint8_t sealing_key[32] = {1};

/* The phone's half: sealed, opened and used. */
static void rest(csig_presig **half)
{
    const csig_sealer sealer = csig_sealer_from_key(sealing_key);
    static uint8_t out[8192];
    size_t len = sizeof out;

    expect(csig_presig_export(*half, &sealer, out, &len));
    csig_presig_free(*half);
    expect(csig_presig_import(half, &sealer, out, len));
}

static void shows(signing *g, const csig_intent *intent)
{
    for (uint16_t i = 0; i < g->count; i++) {
        csig_signature sig;

        expect(csig_sign_signature(g->s[i], &sig));
        expect(csig_signature_verify(&sig, intent->digest));
    }
}

int main(void)
{
    const uint16_t both[] = {1, 2};
    const uint32_t path[] = {0, 5};
    const csig_intent intent = signing_intent(3, path, CSIG_ARRAY_LEN(path));
    dealer *d = dealer_new(2, 2, true);
    signing g;

    signing_init(&g, d, both);
    signing_presign(&g, 2, 0, NULL);
    signing_run(&g);
    signing_close(&g);
    rest(&g.half[0]);
    signing_online(&g, &intent, NULL);
    signing_run(&g);
    shows(&g, &intent);
    signing_close(&g);

    signing_refresh(&g);
    signing_sign(&g, &intent, 1, NULL);
    signing_run(&g);
    shows(&g, &intent);
    signing_free(&g);
    dealer_free(d);
    return 0;
}
