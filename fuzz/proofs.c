/* An honest proof whose fields are altered on the way to its verifier: whatever comes of it, it is
 * refused, and nothing traps, however far into the equations it gets. The input is which proof,
 * then a list of [field][change][argument]. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "countersign/types.h"
#include "crypto/escrow.h"
#include "fuzz.h"
#include "support/random.h"
#include "support/zk_affg.h"
#include "support/zk_rows.h"
#include "zk/elog.h"
#include "zk/encelg.h"
#include "zk/fac.h"
#include "zk/mod.h"
#include "zk/prm.h"
#include "zk/sch.h"

#define FIELDS 1024
#define ROOM   ((size_t)1 << 19)

typedef struct field {
    csig_field kind;
    size_t at, width;
} field;

typedef struct subject {
    csig_wire_fn *walk;
    csig_err (*verify)(void);
    void *proof; /* what verify looks at */
    size_t len, fields;
    uint8_t *honest;
    field *field;
} subject;

static zk_world *w;

/* --- honest proofs --- */

static struct {
    csig_point X, A;
    csig_zk_sch p;
} sch;

static csig_err verify_sch(void)
{
    const csig_zk_sch_stmt stmt = {.X = &sch.X, .A = &sch.A};
    csig_transcript tr;

    zk_transcript(&tr, CSIG_LABEL_ZK_SCH_SHARE);
    return csig_zk_sch_verify(&sch.p, &tr, &stmt);
}

static void prove_sch(void)
{
    const csig_zk_sch_stmt stmt = {.X = &sch.X, .A = &sch.A};
    csig_scalar x, alpha;
    csig_transcript tr;

    zk_random_point(&sch.X, &x, w);
    FUZZ_REQUIRE(csig_zk_sch_commit(&alpha, &sch.A, &w->env) == CSIG_OK);
    zk_transcript(&tr, CSIG_LABEL_ZK_SCH_SHARE);
    csig_zk_sch_prove(&sch.p, &tr, &stmt, &alpha, &x);
}

/* The base is the generator, X = xG. */
static struct {
    csig_point L, M, X, Y, G;
    csig_zk_elog p;
} elog;

static csig_zk_elog_stmt elog_stmt(void)
{
    return (csig_zk_elog_stmt){
        .L = &elog.L, .M = &elog.M, .X = &elog.X, .Y = &elog.Y, .H = &elog.G};
}

static csig_err verify_elog(void)
{
    const csig_zk_elog_stmt stmt = elog_stmt();
    csig_transcript tr;

    zk_transcript(&tr, CSIG_LABEL_ZK_ELOG_GAMMA);
    return csig_zk_elog_verify(&elog.p, &tr, &stmt);
}

static void prove_elog(void)
{
    const csig_zk_elog_stmt stmt = elog_stmt();
    csig_scalar y, lambda, x, one;
    csig_transcript tr;

    csig_scalar_set_u32(&one, 1);
    csig_point_generator(&elog.G);
    zk_random_point(&elog.L, &lambda, w);
    zk_random_point(&elog.X, &x, w);
    zk_random_point(&elog.Y, &y, w);
    zk_combine(&elog.M, &one, &elog.Y, &lambda, &elog.X);
    zk_transcript(&tr, CSIG_LABEL_ZK_ELOG_GAMMA);
    const csig_zk_elog_wit wit = {.y = &y, .lambda = &lambda, .x = &x};
    FUZZ_REQUIRE(csig_zk_elog_prove(&elog.p, &w->env, &tr, &stmt, &wit) == CSIG_OK);
}

static struct {
    csig_int C;
    csig_point A, B, X;
    csig_zk_encelg p;
} encelg;

static csig_zk_encelg_stmt encelg_stmt(bool mine)
{
    return (csig_zk_encelg_stmt){
        .prover = mine ? &w->party[0].own_key : &w->party[0].key,
        .verifier = mine ? &w->party[1].ring : &w->party[1].own_ring,
        .C = &encelg.C,
        .A = &encelg.A,
        .B = &encelg.B,
        .X = &encelg.X,
    };
}

static csig_err verify_encelg(void)
{
    const csig_zk_encelg_stmt stmt = encelg_stmt(false);
    csig_transcript tr;

    zk_transcript(&tr, CSIG_LABEL_ZK_ENCELG_K);
    return csig_zk_encelg_verify(&encelg.p, &w->env, &tr, &stmt);
}

static void prove_encelg(void)
{
    const csig_zk_encelg_stmt stmt = encelg_stmt(true);
    csig_scalar x, b, y;
    csig_transcript tr;
    csig_point xG;
    csig_sec rho;
    csig_int m;

    zk_random_point(&xG, &x, w);
    csig_scalar_to_int(&m, &x);
    zk_encrypt(&encelg.C, &rho, w, &w->party[0].own_key, &m);
    zk_random_point(&encelg.A, &y, w);
    zk_random_point(&encelg.B, &b, w);
    csig_point_generator(&xG);
    zk_combine(&encelg.X, &b, &encelg.A, &x, &xG);
    zk_transcript(&tr, CSIG_LABEL_ZK_ENCELG_K);
    const csig_zk_encelg_wit wit = {.x = &x, .rho = &rho, .b = &b, .y = &y};
    FUZZ_REQUIRE(csig_zk_encelg_prove(&encelg.p, &w->env, &tr, &stmt, &wit) == CSIG_OK);
}

static affg_sample affg;

static csig_err verify_affg(void)
{
    return affg_verify(&affg);
}

static void prove_affg(void)
{
    affg_random_statement(&affg, w);
    affg_prove(&affg);
}

static affgstar_sample affgstar;

static csig_err verify_affgstar(void)
{
    return affgstar_verify(&affgstar);
}

static void prove_affgstar(void)
{
    affgstar_random_statement(&affgstar, w);
    affgstar_prove(&affgstar);
}

static dec_sample dec;

static csig_err verify_dec(void)
{
    return dec_verify(&dec);
}

static void prove_dec(void)
{
    dec_random_statement(&dec, w);
    dec_prove(&dec);
}

static csig_zk_fac fac;

static csig_err verify_fac(void)
{
    csig_transcript tr;

    zk_transcript(&tr, CSIG_LABEL_ZK_FAC);
    return csig_zk_fac_verify(&fac, &w->env, &tr, &w->party[0].key.ring.n, &w->party[1].own_ring);
}

static void prove_fac(void)
{
    csig_transcript tr;

    zk_transcript(&tr, CSIG_LABEL_ZK_FAC);
    FUZZ_REQUIRE(csig_zk_fac_prove(&fac, &w->env, &tr, &w->party[0].own_key.ring,
                                   &w->party[0].n_factors, &w->party[1].ring) == CSIG_OK);
}

static csig_zk_mod mod;

static csig_err verify_mod(void)
{
    csig_transcript tr;

    zk_transcript(&tr, CSIG_LABEL_ZK_MOD);
    return csig_zk_mod_verify(&mod, &w->env, &tr, &w->party[0].key.ring.n);
}

static void prove_mod(void)
{
    csig_transcript tr;

    zk_transcript(&tr, CSIG_LABEL_ZK_MOD);
    FUZZ_REQUIRE(csig_zk_mod_prove(&mod, &w->env, &tr, &w->party[0].own_key.ring,
                                   &w->party[0].n_factors, NULL) == CSIG_OK);
}

static csig_zk_prm prm;

static csig_err verify_prm(void)
{
    csig_transcript tr;

    zk_transcript(&tr, CSIG_LABEL_ZK_PRM);
    return csig_zk_prm_verify(&prm, &w->env, &tr, &w->party[0].ring);
}

static void prove_prm(void)
{
    csig_transcript tr;

    zk_transcript(&tr, CSIG_LABEL_ZK_PRM);
    FUZZ_REQUIRE(csig_zk_prm_prove(&prm, &w->env, &tr, &w->party[0].own_ring) == CSIG_OK);
}

static struct {
    csig_escrow_stmt stmt;
    csig_escrow p;
} escrow;

static csig_err verify_escrow(void)
{
    return csig_escrow_verify(&escrow.p, &escrow.stmt);
}

static void prove_escrow(void)
{
    const uint8_t dk[CSIG_ESCROW_KEY_BYTES] = {1};
    csig_scalar x;

    zk_random_point(&escrow.stmt.Q, &x, w);
    csig_point_generator(&escrow.stmt.pk);
    csig_escrow_key_public(escrow.stmt.ek, dk);
    FUZZ_REQUIRE(csig_escrow_prove(&escrow.p, &w->env, &escrow.stmt, &x) == CSIG_OK);
}

static subject subjects[] = {
    {.walk = csig_zk_sch_wire, .verify = verify_sch, .proof = &sch.p},
    {.walk = csig_zk_elog_wire, .verify = verify_elog, .proof = &elog.p},
    {.walk = csig_zk_encelg_wire, .verify = verify_encelg, .proof = &encelg.p},
    {.walk = csig_zk_affg_wire, .verify = verify_affg, .proof = &affg.proof},
    {.walk = csig_zk_fac_wire, .verify = verify_fac, .proof = &fac},
    {.walk = csig_zk_mod_wire, .verify = verify_mod, .proof = &mod},
    {.walk = csig_zk_prm_wire, .verify = verify_prm, .proof = &prm},
    {.walk = csig_escrow_wire, .verify = verify_escrow, .proof = &escrow.p},
    {.walk = csig_zk_affgstar_wire, .verify = verify_affgstar, .proof = &affgstar.proof},
    {.walk = csig_zk_dec_wire, .verify = verify_dec, .proof = &dec.proof},
};

static void visit(csig_wire *walk, csig_field kind, size_t width)
{
    subject *s = walk->visitor;

    FUZZ_REQUIRE(s->fields < FIELDS);
    s->field[s->fields++] = (field){.kind = kind, .at = walk->at, .width = width};
}

static void start(void)
{
    void *world = NULL;

    if (w != NULL) return;
    FUZZ_REQUIRE(csig_init() == CSIG_OK);
    random_seed(1);
    (void)zk_parties_new(&world);
    w = world;
    prove_sch();
    prove_elog();
    prove_encelg();
    prove_affg();
    prove_fac();
    prove_mod();
    prove_prm();
    prove_escrow();
    prove_affgstar();
    prove_dec();
    for (size_t i = 0; i < CSIG_ARRAY_LEN(subjects); i++) {
        subject *s = &subjects[i];
        csig_wire walk = {.op = CSIG_WIRE_WRITE, .visit = visit, .visitor = s};

        s->len = walk.len = csig_wire_size(s->walk);
        s->honest = walk.out = malloc(s->len);
        s->field = calloc(FIELDS, sizeof *s->field);
        FUZZ_REQUIRE(s->honest != NULL && s->field != NULL);
        s->walk(&walk, s->proof);
    }
}

/* --- changes --- */

static void count(uint8_t *p, size_t width, int step)
{
    for (size_t i = width; i-- > 0;) {
        p[i] = (uint8_t)(p[i] + step);
        if (p[i] != (step > 0 ? 0x00 : 0xff)) return;
    }
}

/* N of the prover, N^ of the verifier, or N^2, one less or more. */
static void residue(uint8_t *p, size_t width, uint8_t which)
{
    csig_int M = which & 1 ? w->party[1].ring.ring.n : w->party[0].key.ring.n;

    if (width != CSIG_N_BYTES && width != CSIG_NN_BYTES) return;
    if (width == CSIG_NN_BYTES) csig_int_mul(&M, &M, &M);
    csig_int_to_bytes(p, width, &M);
    if (which & 2) count(p, width, which & 4 ? 1 : -1);
}

static void change(const subject *s, uint8_t *proof, const uint8_t op[4])
{
    const field *f = &s->field[(op[0] * 256U + op[1]) % s->fields];
    const field *g = &s->field[op[3] % s->fields];
    uint8_t *p = proof + f->at;

    switch (op[2] % 8) {
    case 0:
        p[op[3] * f->width / 256] ^= (uint8_t)(1U << op[2] / 32);
        break;
    case 1:
        memset(p, 0, f->width);
        break;
    case 2:
        memset(p + (f->kind == CSIG_FIELD_INT), 0xff, f->width - (f->kind == CSIG_FIELD_INT));
        break;
    case 3:
        count(p, f->width, 1);
        break;
    case 4:
        count(p, f->width, -1);
        break;
    case 5:
        if (g->width == f->width) memcpy(p, s->honest + g->at, f->width);
        break;
    case 6:
        residue(p, f->width, op[3]);
        break;
    case 7:
        p[op[3] * f->width / 256] = op[2];
        break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static uint8_t proof[ROOM];
    const subject *s;
    bool same;
    csig_err err;

    start();
    if (len == 0) return 0;
    s = &subjects[data[0] % CSIG_ARRAY_LEN(subjects)];
    FUZZ_REQUIRE(s->len <= ROOM);
    memcpy(proof, s->honest, s->len);
    for (size_t at = 1; at + 4 <= len; at += 4)
        change(s, proof, data + at);
    same = memcmp(proof, s->honest, s->len) == 0;
    err = csig_wire_read(s->walk, s->proof, proof, s->len);
    FUZZ_REQUIRE(err == CSIG_OK || (err == CSIG_E_FORMAT && !same));
    if (err != CSIG_OK) return 0;
    err = s->verify();
    if (same) FUZZ_REQUIRE(err == CSIG_OK);
    if (!same) FUZZ_REQUIRE(csig_err_class(err) == CSIG_CLASS_CHEAT);
    return 0;
}
