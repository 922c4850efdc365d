#include "proto/sign_attack.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "proto/state.h"

void attack_init(attack *a, dealer *d)
{
    uint16_t index[CSIG_MAX_PARTIES];

    memset(a, 0, sizeof *a);
    for (uint16_t i = 0; i < d->t; i++)
        index[i] = (uint16_t)(i + 1);
    signing_init(&a->g, d, index);
    a->intent = signing_intent(99, NULL, 0);
}

void attack_free(attack *a)
{
    dealer *d = a->g.d;

    signing_free(&a->g);
    for (uint16_t i = 0; i < d->t; i++)
        csig_presig_free(a->kept[i]);
    dealer_free(d);
}

void attack_make_halves(attack *a)
{
    attack_presign(a);
    assert_true(net_is_all(a->g.net, CSIG_DONE));
    for (uint16_t i = 0; i < a->g.count; i++) {
        a->kept[i] = a->g.half[i];
        a->g.half[i] = NULL;
    }
    attack_end(a);
}

void attack_load_halves(attack *a)
{
    for (uint16_t i = 0; i < a->g.count; i++) {
        if (a->g.half[i] == NULL) a->g.half[i] = csig_secret_alloc(sizeof(csig_presig));
        assert_non_null(a->g.half[i]);
        *a->g.half[i] = *a->kept[i];
    }
}

csig_round *attack_round(attack *a, const csig_protocol *p, uint16_t position, uint8_t round)
{
    if (!a->twisted[position]) twist_init(&a->table[position], p);
    a->twisted[position] = true;
    return twist_round(&a->table[position], round);
}

static const csig_protocol *const *tables(attack *a, const csig_protocol *p)
{
    static const csig_protocol *list[CSIG_MAX_PARTIES];

    for (uint16_t i = 0; i < a->g.count; i++)
        list[i] = a->twisted[i] ? &a->table[i].protocol : p;
    return list;
}

void attack_open_presign(attack *a)
{
    signing_presign(&a->g, a->g.index[VICTIM], 0, tables(a, &csig_presign_protocol));
}

void attack_open_sign(attack *a, uint16_t collector)
{
    signing_sign(&a->g, &a->intent, a->g.index[collector], tables(a, &csig_sign_protocol));
}

void attack_open_online(attack *a)
{
    signing_online(&a->g, &a->intent, tables(a, &csig_online_protocol));
}

void attack_presign(attack *a)
{
    attack_open_presign(a);
    signing_run(&a->g);
}

void attack_sign(attack *a, uint16_t collector)
{
    attack_open_sign(a, collector);
    signing_run(&a->g);
}

void attack_online(attack *a)
{
    attack_open_online(a);
    signing_run(&a->g);
}

static bool found(const attack *a, uint16_t position, uint8_t round)
{
    csig_blame blame;

    csig_session_blame(a->g.s[position], &blame);
    return csig_session_phase(a->g.s[position]) == CSIG_FAILED && blame.round == round;
}

void attack_expect(attack *a, csig_err err, uint8_t round, uint16_t culprit)
{
    unsigned refused = 0;

    for (uint16_t j = 0; j < a->g.count; j++) {
        if (j == CHEAT) continue;
        /* Nobody waits: whoever stops tells the others. Those of an online session are not told. */
        if (a->g.count > 2 && !csig_session_has_log(a->g.s[j]) &&
            csig_session_phase(a->g.s[j]) == CSIG_RUNNING)
            continue;
        signing_expect_failed(&a->g, j, err, culprit);
        assert_true(found(a, j, round));
        refused++;
    }
    assert_true(refused > 0);
    signing_expect_none(&a->g);
}

void attack_end(attack *a)
{
    dealer *d = a->g.d;
    csig_presig *kept[CSIG_MAX_PARTIES];

    signing_free(&a->g);
    memcpy(kept, a->kept, sizeof kept);
    attack_init(a, d);
    memcpy(a->kept, kept, sizeof kept);
}

csig_presign_open *attack_open_state(attack *a, uint16_t position)
{
    return csig_session_run(a->g.s[position])->open;
}

csig_presign_secret *attack_secret(attack *a, uint16_t position)
{
    return csig_session_run(a->g.s[position])->secret;
}
