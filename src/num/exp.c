/* Jobs. Without an engine the terms of a job share one chain of squarings; with one, every term is
 * a task of its own, and the factors meet here. In both ways a job with own factors is done modulo
 * p and q, or p^2 and q^2:
 *
 *   r^N mod p^2 = ((r mod p)^(q mod (p-1)) mod p)^p mod p^2   (the lift: performance.md, section 2)
 */
#include "num/exp.h"

#include <string.h>

#include "base/mem.h"
#include "num/comb.h"
#include "num/factors.h"
#include "num/task.h"

#define MAX_TASKS (2 * CSIG_JOB_TERMS)

/* A job taken apart: the terms that need a power, modulo N or modulo both primes. */
typedef struct plan {
    const csig_job *job;
    uint32_t halves; /* 2 with own factors, else 1 */
    uint32_t terms;  /* of each half */
    csig_task *task; /* those of half h start at h * terms */
    csig_comb_power comb[CSIG_JOB_TERMS];
    uint32_t combs;
} plan;

bool csig_ring_has_init(csig_ring *r, const csig_int *n)
{
    const uint32_t bits = csig_int_bits(n);

    memset(r, 0, sizeof *r);
    if (n->neg || bits < 2 || bits > CSIG_N_BITS || !csig_int_is_odd(n)) return false;
    r->n = *n;
    csig_int_mul(&r->nn, n, n);
    csig_pair_init(&r->pair, n->d, n->limbs);
    return true;
}

/* An exponent, public or secret. */
typedef struct exponent {
    const mp_limb_t *d;
    uint32_t bits;
    mp_limb_t neg;
    bool is_secret;
} exponent;

static exponent exponent_of(const csig_term *t)
{
    CSIG_ASSERT((t->exp == NULL) != (t->secret_exp == NULL));
    if (t->exp != NULL)
        return (exponent){.d = t->exp->d, .bits = csig_int_bits(t->exp), .neg = t->exp->neg};
    return (exponent){.d = t->secret_exp->d,
                      .bits = t->secret_exp->bits,
                      .neg = t->secret_exp->neg,
                      .is_secret = true};
}

/* value = the base, or its inverse where the exponent is negative, in the task's residues. */
static void enter_base(csig_task *task, const csig_job *job, const csig_term *t, const exponent *e)
{
    const csig_int *modulus = job->squared ? &job->ring->nn : &job->ring->n;
    mp_limb_t base[CSIG_NN_LIMBS] = {0}, inverted[CSIG_NN_LIMBS] = {0};
    csig_int inverse;

    CSIG_ASSERT((t->base == NULL) != (t->secret_base == NULL));
    if (t->secret_base != NULL) {
        csig_residues_enter(task->value, &task->z, t->secret_base->d,
                            CSIG_LIMBS(t->secret_base->bits));
        return;
    }
    CSIG_ASSERT(!t->base->neg && t->base->limbs <= CSIG_NN_LIMBS);
    memcpy(base, t->base->d, t->base->limbs * sizeof *base);
    if (e->is_secret || e->neg) {
        CSIG_ASSERT(csig_int_has_inverse(&inverse, t->base, modulus));
        memcpy(inverted, inverse.d, inverse.limbs * sizeof *inverted);
        csig_mont_select(base, 0 - e->neg, inverted, base, CSIG_NN_LIMBS);
    }
    csig_residues_enter(task->value, &task->z, base, CSIG_NN_LIMBS);
    csig_wipe(base, sizeof base);
}

static void set_exponent(csig_task *task, const mp_limb_t *d, uint32_t bits)
{
    CSIG_ASSERT(CSIG_LIMBS(bits) <= CSIG_ARRAY_LEN(task->exp));
    memcpy(task->exp, d, CSIG_LIMBS(bits) * sizeof *d);
    task->bits = bits;
}

/* One term modulo N or N^2. */
static void plan_public(csig_task *task, const csig_job *job, const csig_term *t)
{
    const exponent e = exponent_of(t);

    *task = (csig_task){.z = {.n = &job->ring->pair, .is_squared = job->squared},
                        .is_secret = e.is_secret,
                        .is_private = e.is_secret || t->secret_base != NULL};
    enter_base(task, job, t, &e);
    set_exponent(task, e.d, e.bits);
}

static void plan_comb(csig_comb_power *power, const csig_term *t)
{
    const exponent e = exponent_of(t);

    *power = (csig_comb_power){
        .comb = t->comb, .exp = e.d, .bits = e.bits, .neg = e.neg, .is_secret = e.is_secret};
}

/* One term modulo p or p^2. A long exponent mod p is reduced mod p - 1, sign included; N mod N^2
 * is lifted; anything else stays as it is. */
static void plan_own(csig_task *task, const csig_job *job, const csig_term *t, const csig_half *h)
{
    exponent e = exponent_of(t);
    mp_limb_t reduced[CSIG_P_LIMBS];

    *task = (csig_task){
        .z = {.n = &h->p, .is_squared = job->squared}, .is_secret = true, .is_private = true};
    if (!job->squared && e.bits > CSIG_P_BITS) {
        csig_half_exponent(reduced, h, e.d, CSIG_LIMBS(e.bits), e.neg);
        e = (exponent){.d = reduced, .bits = CSIG_P_BITS};
    }
    if (job->squared && t->exp != NULL && csig_int_is_eq(t->exp, &job->ring->n)) {
        e = (exponent){.d = h->q, .bits = CSIG_P_BITS};
        task->z.is_squared = false;
        task->is_lift = true;
    }
    enter_base(task, job, t, &e);
    set_exponent(task, e.d, e.bits);
    csig_wipe(reduced, sizeof reduced);
}

/* A table serves mod N, and where the factors are known they serve better. */
static bool is_by_comb(const csig_job *job, const csig_term *t)
{
    return t->comb != NULL && job->own == NULL && !job->squared;
}

static uint32_t count_tasks(const csig_job *job)
{
    uint32_t terms = 0;

    for (uint32_t i = 0; i < job->terms; i++)
        terms += !is_by_comb(job, &job->term[i]);
    return job->own == NULL ? terms : 2 * terms;
}

/* room is for count_tasks(job) tasks. */
static void plan_job(plan *p, const csig_job *job, csig_task *room)
{
    CSIG_ASSERT((job->out == NULL) != (job->secret_out == NULL));
    CSIG_ASSERT(job->terms <= CSIG_JOB_TERMS);
    memset(p, 0, sizeof *p);
    p->job = job;
    p->task = room;
    p->halves = job->own == NULL ? 1 : 2;
    p->terms = count_tasks(job) / p->halves;
    for (uint32_t half = 0; half < p->halves; half++) {
        for (uint32_t i = 0; i < job->terms; i++) {
            const csig_term *t = &job->term[i];

            if (job->own != NULL)
                plan_own(room++, job, t, &job->own->half[half]);
            else if (is_by_comb(job, t))
                plan_comb(&p->comb[p->combs++], t);
            else
                plan_public(room++, job, t);
        }
    }
}

/* The second step of a lift: what was a power mod p is raised to p mod p^2. */
static void lift(csig_task *task)
{
    mp_limb_t plain[CSIG_MONT_LIMBS];
    const csig_mont *m = &task->z.n->m;

    csig_residues_leave(plain, &task->z, task->value);
    task->z.is_squared = true;
    csig_residues_enter(task->value, &task->z, plain, m->limbs);
    set_exponent(task, m->n, m->limbs * GMP_NUMB_BITS);
    task->is_lift = false;
    csig_wipe(plain, sizeof plain);
}

/* acc = the product of the tasks of one half: still to be raised, or already powers. */
static void multiply(mp_limb_t *acc, const csig_residues *z, const csig_task *task, uint32_t n,
                     bool is_raised)
{
    csig_power power[CSIG_JOB_TERMS];

    csig_residues_one(acc, z);
    for (uint32_t i = 0; i < n; i++) {
        power[i] = csig_task_power(&task[i]);
        if (is_raised) csig_residues_mul(acc, z, acc, task[i].value);
    }
    if (!is_raised && n > 0) csig_power_product(acc, z, power, n);
}

/* The product of all tasks mod N or N^2, in the ring's Montgomery form. */
static void gather(mp_limb_t *acc, const plan *p, bool is_raised)
{
    const csig_job *job = p->job;
    const csig_residues z = {.n = &job->ring->pair, .is_squared = job->squared};
    mp_limb_t part[2][CSIG_N_LIMBS], joined[CSIG_NN_LIMBS];

    if (job->own == NULL) {
        multiply(acc, &z, p->task, p->terms, is_raised);
        return;
    }
    for (uint32_t half = 0; half < 2; half++) {
        const csig_residues zp = {.n = &job->own->half[half].p, .is_squared = job->squared};

        multiply(acc, &zp, &p->task[half * p->terms], p->terms, is_raised);
        csig_residues_leave(part[half], &zp, acc);
    }
    if (job->squared)
        csig_factors_join2(joined, job->own, part[0], part[1]);
    else
        csig_factors_join(joined, job->own, part[0], part[1]);
    csig_residues_enter(acc, &z, joined, csig_residues_limbs(&z));
    csig_wipe(part, sizeof part);
    csig_wipe(joined, sizeof joined);
}

/* acc *= 1 + plain N, which is the pair (1, plain mod N) */
static void multiply_plain(mp_limb_t *acc, const csig_residues *z, const csig_job *job)
{
    const csig_int *plain = job->plain;
    const csig_sec *secret = job->secret_plain;
    const csig_mont *m = &z->n->m;
    const mp_limb_t *d = plain != NULL ? plain->d : secret->d;
    const uint32_t limbs = plain != NULL ? plain->limbs : CSIG_LIMBS(secret->bits);
    const mp_limb_t neg = plain != NULL ? plain->neg : secret->neg;
    const mp_limb_t zero[CSIG_MONT_LIMBS] = {0};
    mp_limb_t pair[CSIG_PAIR_LIMBS] = {0}, other[CSIG_MONT_LIMBS];

    CSIG_ASSERT(job->squared && (plain == NULL || secret == NULL));
    csig_mont_enter(pair + m->limbs, m, d, limbs);
    csig_mont_leave(pair + m->limbs, m, pair + m->limbs);
    csig_mont_sub(other, m, zero, pair + m->limbs);
    csig_mont_select(pair + m->limbs, 0 - neg, other, pair + m->limbs, m->limbs);
    pair[0] = 1;
    csig_pair_mul(pair, z->n, pair, z->n->rr);
    csig_pair_mul(acc, z->n, acc, pair);
    csig_wipe(pair, sizeof pair);
    csig_wipe(other, sizeof other);
}

static void finish(const plan *p, bool is_raised)
{
    const csig_job *job = p->job;
    const csig_residues z = {.n = &job->ring->pair, .is_squared = job->squared};
    const uint32_t limbs = csig_residues_limbs(&z);
    mp_limb_t acc[CSIG_PAIR_LIMBS], t[CSIG_PAIR_LIMBS];

    gather(acc, p, is_raised);
    if (p->combs > 0) {
        csig_comb_product(t, job->ring, p->comb, p->combs);
        csig_residues_mul(acc, &z, acc, t);
    }
    if (job->times != NULL) {
        CSIG_ASSERT(!job->times->neg);
        csig_residues_enter(t, &z, job->times->d, job->times->limbs);
        csig_residues_mul(acc, &z, acc, t);
    }
    if (job->plain != NULL || job->secret_plain != NULL) multiply_plain(acc, &z, job);
    csig_residues_leave(t, &z, acc);
    if (job->out != NULL) {
        /* the caller says that it is public from here */
        csig_residues_reveal(job->out, t, limbs);
    } else {
        memset(job->secret_out, 0, sizeof *job->secret_out);
        memcpy(job->secret_out->d, t, limbs * sizeof *t);
        job->secret_out->bits = csig_int_bits(job->squared ? &job->ring->nn : &job->ring->n);
    }
    csig_wipe(acc, sizeof acc);
    csig_wipe(t, sizeof t);
    csig_mont_forget();
}

static csig_err run_here(const csig_job *job)
{
    csig_task room[MAX_TASKS];
    const uint32_t tasks = count_tasks(job);
    csig_err err = CSIG_OK;
    plan p;

    plan_job(&p, job, room);
    for (uint32_t i = 0; i < tasks && err == CSIG_OK; i++) {
        csig_task *const task = &room[i];

        if (!task->is_lift) continue;
        err = csig_task_run(NULL, &task, 1);
        lift(task);
    }
    if (err == CSIG_OK) finish(&p, false);
    csig_wipe(room, tasks * sizeof *room);
    return err;
}

/* At most this many jobs go to an engine together: their copies are locked memory. */
#define SLICE 16

/* All tasks in one call, then those to be lifted in another. */
static csig_err run_slice(const csig_engine *engine, const csig_job *jobs, size_t n,
                          csig_task *room)
{
    csig_task *first[SLICE * MAX_TASKS], *second[SLICE * MAX_TASKS];
    size_t firsts = 0, seconds = 0;
    plan plans[SLICE];

    for (size_t i = 0; i < n; i++) {
        const size_t end = firsts + count_tasks(&jobs[i]);

        plan_job(&plans[i], &jobs[i], room + firsts);
        for (; firsts < end; firsts++) {
            first[firsts] = &room[firsts];
            if (room[firsts].is_lift) second[seconds++] = &room[firsts];
        }
    }
    CSIG_TRY(csig_task_run(engine, first, firsts));
    for (size_t i = 0; i < seconds; i++)
        lift(second[i]);
    CSIG_TRY(csig_task_run(engine, second, seconds));
    for (size_t i = 0; i < n; i++)
        finish(&plans[i], true);
    return CSIG_OK;
}

static csig_err run_engine(const csig_engine *engine, const csig_job *jobs, size_t n)
{
    size_t tasks = 1;
    csig_task *room;
    csig_err err;

    for (size_t i = 0; i < n; i++)
        tasks += count_tasks(&jobs[i]);
    room = csig_secret_alloc(tasks * sizeof *room);
    CSIG_REQUIRE(room != NULL, CSIG_E_MEMORY);
    err = run_slice(engine, jobs, n, room);
    csig_secret_free(room);
    return err;
}

csig_err csig_exp_run(const csig_engine *engine, csig_job *jobs, size_t n)
{
    const size_t step = engine == NULL ? 1 : SLICE;

    for (size_t i = 0; i < n; i += step) {
        if (engine == NULL)
            CSIG_TRY(run_here(&jobs[i]));
        else
            CSIG_TRY(run_engine(engine, jobs + i, n - i < SLICE ? n - i : SLICE));
    }
    return CSIG_OK;
}
