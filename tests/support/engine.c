#include "support/engine.h"

#include <gmp.h>
#include <string.h>

static void run_one(csig_modexp *job)
{
    mpz_t m, b, e;
    size_t len;

    mpz_inits(m, b, e, NULL);
    mpz_import(m, job->modulus_len, 1, 1, 1, 0, job->modulus);
    mpz_import(b, job->modulus_len, 1, 1, 1, 0, job->base);
    mpz_import(e, job->exponent_len, 1, 1, 1, 0, job->exponent);
    CSIG_ASSERT(mpz_odd_p(m) && mpz_cmp(b, m) < 0);
    mpz_powm(b, b, e, m);
    memset(job->result, 0, job->modulus_len);
    len = (mpz_sizeinbase(b, 2) + 7) / 8;
    mpz_export(job->result + job->modulus_len - len, NULL, 1, 1, 1, 0, b);
    mpz_clears(m, b, e, NULL);
}

static int run(void *ctx, csig_modexp *jobs, size_t n)
{
    test_engine *e = ctx;

    e->calls++;
    e->jobs += n;
    if (e->calls == e->fail_at) return 7;
    for (size_t i = n; i-- > 0;) { /* any order will do */
        e->secret_jobs += jobs[i].secret == 1;
        run_one(&jobs[i]);
    }
    return 0;
}

void test_engine_init(test_engine *e)
{
    *e = (test_engine){.engine = {.ctx = e, .run = run}};
}
