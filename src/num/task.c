/* The adapter to a host's engine: numbers become octets and come back. */
#include "num/task.h"

#include <string.h>

#include "base/mem.h"
#include "num/limbs.h"

csig_power csig_task_power(const csig_task *t)
{
    return (csig_power){
        .base = t->value, .exp = t->exp, .bits = t->bits, .is_secret = t->is_secret};
}

static size_t modulus_bytes(const csig_task *t)
{
    return csig_residues_limbs(&t->z) * CSIG_LIMB_BYTES;
}

static size_t exponent_bytes(const csig_task *t)
{
    return t->bits == 0 ? 1 : (t->bits + 7) / 8;
}

static size_t task_bytes(const csig_task *t)
{
    return 3 * modulus_bytes(t) + exponent_bytes(t);
}

/* Lays modulus, base, exponent and result of one task out at p. */
static void describe(csig_modexp *job, uint8_t *p, const csig_task *t)
{
    const uint32_t k = t->z.n->m.limbs;
    const uint32_t width = csig_residues_limbs(&t->z);
    const size_t len = modulus_bytes(t);
    mp_limb_t d[CSIG_PAIR_LIMBS];

    *job = (csig_modexp){.modulus = p,
                         .base = p + len,
                         .result = p + 2 * len,
                         .exponent = p + 3 * len,
                         .modulus_len = len,
                         .exponent_len = exponent_bytes(t),
                         .secret = t->is_private};
    if (t->z.is_squared)
        mpn_sec_sqr(d, t->z.n->m.n, k, NULL);
    else
        memcpy(d, t->z.n->m.n, k * sizeof *d);
    csig_limbs_to_bytes(p, len, d, width);
    csig_residues_leave(d, &t->z, t->value);
    csig_limbs_to_bytes(p + len, len, d, width);
    csig_limbs_to_bytes(p + 3 * len, exponent_bytes(t), t->exp, CSIG_LIMBS(t->bits));
    csig_wipe(d, sizeof d);
}

static void collect(csig_task *t, const csig_modexp *job)
{
    mp_limb_t d[CSIG_PAIR_LIMBS];
    const uint32_t width = csig_residues_limbs(&t->z);

    csig_limbs_from_bytes(d, width, job->result, job->modulus_len);
    csig_residues_enter(t->value, &t->z, d, width);
    csig_wipe(d, sizeof d);
}

static csig_err run_engine(const csig_engine *engine, csig_task *const *tasks, size_t n)
{
    size_t total = n * sizeof(csig_modexp);
    csig_modexp *jobs;
    uint8_t *p;
    int failed;

    for (size_t i = 0; i < n; i++)
        total += task_bytes(tasks[i]);
    jobs = csig_secret_alloc(total);
    CSIG_REQUIRE(jobs != NULL, CSIG_E_MEMORY);
    p = (uint8_t *)(jobs + n);
    for (size_t i = 0; i < n; i++) {
        describe(&jobs[i], p, tasks[i]);
        p += task_bytes(tasks[i]);
    }
    failed = engine->run(engine->ctx, jobs, n);
    for (size_t i = 0; i < n && failed == 0; i++)
        collect(tasks[i], &jobs[i]);
    csig_secret_free(jobs);
    return failed == 0 ? CSIG_OK : CSIG_E_ENGINE;
}

csig_err csig_task_run(const csig_engine *engine, csig_task *const *tasks, size_t n)
{
    if (n == 0) return CSIG_OK;
    if (engine != NULL) return run_engine(engine, tasks, n);
    for (size_t i = 0; i < n; i++) {
        const csig_power power = csig_task_power(tasks[i]);

        csig_power_product(tasks[i]->value, &tasks[i]->z, &power, 1);
    }
    return CSIG_OK;
}
