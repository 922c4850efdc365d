/* What an escrow costs: to make, to verify, to open. The limits, of protocol.md 7.7 and the
 * product, are lines of their own; the ratio is to one OpenSSL constant-time exponentiation mod N.
 */
#include <stdio.h>

#include "bench/bench.h"
#include "bench/openssl.h"
#include "crypto/escrow.h"

#define PROVE_LIMIT_MS  50
#define VERIFY_LIMIT_MS 30

typedef struct fixture {
    csig_rng rng;
    csig_curve curve;
    csig_env env;
    csig_escrow_stmt stmt;
    csig_escrow escrow;
    csig_scalar x;
    uint8_t dk[CSIG_ESCROW_KEY_BYTES];
} fixture;

static fixture f;

static void prove(void *arg)
{
    (void)arg;
    CSIG_ASSERT(csig_escrow_prove(&f.escrow, &f.env, &f.stmt, &f.x) == CSIG_OK);
}

static void verify(void *arg)
{
    (void)arg;
    CSIG_ASSERT(csig_escrow_verify(&f.escrow, &f.stmt) == CSIG_OK);
}

static void recover(void *arg)
{
    csig_scalar x;

    (void)arg;
    CSIG_ASSERT(csig_escrow_recover(&x, &f.escrow, &f.curve, &f.stmt, f.dk) == CSIG_OK);
}

static void set_up(void)
{
    csig_rng_init(&f.rng, NULL, NULL);
    CSIG_ASSERT(csig_curve_init(&f.curve, &f.rng) == CSIG_OK);
    f.env = (csig_env){.rng = &f.rng, .curve = &f.curve};
    csig_rng_bytes(&f.rng, "bench", f.dk, sizeof f.dk);
    csig_escrow_key_public(f.stmt.ek, f.dk);
    csig_scalar_random(&f.x, &f.rng, "bench");
    CSIG_ASSERT(csig_point_mul_g(&f.stmt.Q, &f.curve, &f.x) == CSIG_OK);
    csig_point_generator(&f.stmt.pk);
}

static void print_limit(const char *name, double us, int limit_ms)
{
    printf("{\"name\":\"%s\",\"ms\":%.1f,\"limit_ms\":%d,\"within\":%s}\n", name, us / 1000,
           limit_ms, us <= 1000.0 * limit_ms ? "true" : "false");
}

int main(void)
{
    const double n_us = openssl_modexp_us(CSIG_N_BITS, CSIG_N_BITS);

    set_up();
    print_limit("escrow_prove_limit", bench_run("escrow_prove", prove, NULL, n_us), PROVE_LIMIT_MS);
    print_limit("escrow_verify_limit", bench_run("escrow_verify", verify, NULL, n_us),
                VERIFY_LIMIT_MS);
    (void)bench_run("escrow_recover", recover, NULL, n_us);
    printf("{\"name\":\"escrow_octets\",\"octets\":%d}\n", CSIG_ESCROW_WIRE_BYTES);
    return 0;
}
