/* Who accuses an honest party is named itself: every kind of claim that does not hold. And a cheat
 * that accuses others of what it did is still named for what it did. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "proto/evidence.h"
#include "proto/sign_attack.h"
#include "proto/state.h"
#include "proto/verdicts.h"
#include "support/random.h"

static attack a3, a4;

static int setup(void **state)
{
    (void)state;
    random_seed(73);
    attack_init(&a3, dealer_new(3, 3, true));
    attack_init(&a4, dealer_new(4, 4, true));
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    attack_free(&a3);
    attack_free(&a4);
    return 0;
}

/* What the accuser says; `s` is its session, in round 3. Its length; out may be NULL. */
typedef size_t claim_maker(uint8_t *out, csig_session *s);

static size_t honest_message(uint8_t *out, csig_session *s)
{
    return csig_claim_write(out, s, CSIG_E_PROOF, VICTIM, 1);
}

static size_t honest_first_message(uint8_t *out, csig_session *s)
{
    return csig_claim_write(out, s, CSIG_E_PROOF, VICTIM, 0);
}

static size_t exhibited(uint8_t *out, csig_session *s, csig_err err, const csig_octets *a,
                        const csig_octets *b)
{
    size_t len;

    s->exhibit[0] = a->p;
    s->exhibit_len[0] = a->len;
    s->exhibit[1] = b == NULL ? NULL : b->p;
    s->exhibit_len[1] = b == NULL ? 0 : b->len;
    len = csig_claim_write(out, s, err, err == CSIG_E_ECHO ? s->run.n : VICTIM, 0);
    memset(s->exhibit, 0, sizeof s->exhibit);
    memset(s->exhibit_len, 0, sizeof s->exhibit_len);
    return len;
}

static size_t one_message_twice(uint8_t *out, csig_session *s)
{
    return exhibited(out, s, CSIG_E_EQUIVOCATE, &s->log[0][VICTIM], &s->log[0][VICTIM]);
}

static size_t two_rounds(uint8_t *out, csig_session *s)
{
    return exhibited(out, s, CSIG_E_EQUIVOCATE, &s->log[0][VICTIM], &s->log[1][VICTIM]);
}

static size_t message_and_echo(uint8_t *out, csig_session *s)
{
    return exhibited(out, s, CSIG_E_EQUIVOCATE, &s->log[0][VICTIM], &s->echo_log[0][VICTIM]);
}

static size_t right_length(uint8_t *out, csig_session *s)
{
    return exhibited(out, s, CSIG_E_MESSAGE, &s->log[0][VICTIM], NULL);
}

static size_t right_echo(uint8_t *out, csig_session *s)
{
    return exhibited(out, s, CSIG_E_MESSAGE, &s->echo_log[0][VICTIM], NULL);
}

static size_t opening_of_agreement(uint8_t *out, csig_session *s)
{
    return exhibited(out, s, CSIG_E_ECHO, &s->echo_log[0][VICTIM], NULL);
}

static size_t opening_with_own_echo(uint8_t *out, csig_session *s)
{
    return exhibited(out, s, CSIG_E_ECHO, &s->echo_log[0][CHEAT], NULL);
}

static size_t noise(uint8_t *out, csig_session *s)
{
    (void)s;
    if (out != NULL) memset(out, 0x5a, 100);
    return 100;
}

static size_t nothing(uint8_t *out, csig_session *s)
{
    (void)out;
    (void)s;
    return 0;
}

/* The claim of honest_message with something else at an octet. */
static size_t altered(uint8_t *out, csig_session *s, size_t at, uint8_t octet)
{
    const size_t len = honest_message(out, s);

    if (out != NULL) out[at] = octet;
    return len;
}

static size_t other_inputs(uint8_t *out, csig_session *s)
{
    return altered(out, s, CSIG_CLAIM_BYTES + 40, 0x77); /* the key's id: another session */
}

static size_t in_anothers_name(uint8_t *out, csig_session *s)
{
    return altered(out, s, 10, (uint8_t)s->run.index[2]);
}

static size_t of_another(uint8_t *out, csig_session *s)
{
    return altered(out, s, 8, (uint8_t)s->run.index[2]);
}

static size_t other_error(uint8_t *out, csig_session *s)
{
    return altered(out, s, 4, CSIG_E_COMMIT);
}

static size_t other_round(uint8_t *out, csig_session *s)
{
    return altered(out, s, 6, 1);
}

static size_t no_such_sort(uint8_t *out, csig_session *s)
{
    return altered(out, s, 3, 9);
}

static size_t an_accusation(uint8_t *out, csig_session *s)
{
    const csig_octets *e = &s->log[0][VICTIM];

    return csig_claim_write_accusation(out, s, VICTIM, 1, e->p, e->len);
}

static size_t longer(uint8_t *out, csig_session *s)
{
    const size_t len = honest_message(out, s);

    if (out != NULL) out[len] = 0;
    return len + 1;
}

static size_t shorter(uint8_t *out, csig_session *s)
{
    const size_t len = honest_message(NULL, s);
    uint8_t *all = malloc(len);

    assert_non_null(all);
    (void)honest_message(all, s);
    if (out != NULL) memcpy(out, all, len - 1);
    free(all);
    return len - 1;
}

/* The accused answered another K than the one shown: the accuser's own first message is replaced,
 * and signed anew. The accused's echo says what it had. */
static size_t own_message_replaced(uint8_t *out, csig_session *s)
{
    csig_octets *own = &s->log[0][CHEAT];
    uint8_t *at = own->p + CSIG_HEADER_BYTES + s->size[0].preamble + 100;
    size_t len;
    csig_header h;

    *at ^= 1;
    CSIG_ASSERT(csig_wire_read(csig_header_wire, &h, own->p, CSIG_HEADER_BYTES) == CSIG_OK);
    csig_envelope_write(own->p, &h, own->p + CSIG_HEADER_BYTES, &s->secrets->key);
    len = honest_message(out, s);
    *at ^= 1;
    csig_envelope_write(own->p, &h, own->p + CSIG_HEADER_BYTES, &s->secrets->key);
    return len;
}

/* --- told --- */

static void post_claim(network *net, csig_session *s, claim_maker *make, uint16_t to)
{
    const size_t len = make(NULL, s);
    csig_packet *p = csig_packet_new(len);
    csig_header h = {.kind = CSIG_KIND_ENVELOPE,
                     .version = CSIG_FORMAT_VERSION,
                     .level = CSIG_LEVEL,
                     .protocol = s->run.protocol->id,
                     .round = 2,
                     .cast = CSIG_CAST_ABORT,
                     .from = s->run.index[CHEAT],
                     .to = CSIG_TO_ALL,
                     .body_len = (uint32_t)len};

    assert_non_null(p);
    memcpy(h.ssid, s->run.ssid, sizeof h.ssid);
    (void)make(p->bytes + CSIG_HEADER_BYTES, s);
    csig_envelope_write(p->bytes, &h, p->bytes + CSIG_HEADER_BYTES, &s->secrets->key);
    net_post(net, CHEAT, to, p->bytes, p->len);
    csig_public_free(p);
}

typedef struct accuser {
    claim_maker *make;
    bool done;
} accuser;

/* With its message of round 3, to one party: the others hear of it from that one. */
static void accuse(void *ctx, network *net, net_packet *p)
{
    accuser *who = ctx;
    csig_header h;

    liar_header_read(&h, p);
    if (p->from != CHEAT || who->done || h.round != 3 || h.cast != CSIG_CAST_ALL) return;
    who->done = true;
    post_claim(net, net->party[CHEAT], who->make, (uint16_t)(net->n - 1));
}

static void false_accusers_are_named(void **state)
{
    static claim_maker *const claims[] = {
        honest_message,
        honest_first_message,
        one_message_twice,
        two_rounds,
        message_and_echo,
        right_length,
        right_echo,
        opening_of_agreement,
        noise,
        opening_with_own_echo,
        nothing,
        other_inputs,
        in_anothers_name,
        of_another,
        other_error,
        other_round,
        no_such_sort,
        an_accusation,
        own_message_replaced,
        longer,
        shorter,
    };

    (void)state;
    for (size_t i = 0; i < CSIG_ARRAY_LEN(claims); i++) {
        attack *a = i % 5 == 4 ? &a4 : &a3;
        accuser who = {.make = claims[i]};

        attack_open_sign(a, VICTIM);
        a->g.net->tap = accuse;
        a->g.net->tap_ctx = &who;
        a->g.net->in_order = true;
        signing_run(&a->g);
        assert_true(who.done);
        expect_verdict(&a->g, CSIG_E_ACCUSE, 2, CHEAT);
        attack_end(a);
    }
}

/* --- a cheat that accuses --- */

typedef struct both {
    liar l;
    bool done;
} both;

static void lie_and_accuse(void *ctx, network *net, net_packet *p)
{
    both *b = ctx;
    csig_header h;

    liar_header_read(&h, p);
    if (p->from == CHEAT && !b->done && h.round == 2 && h.cast == CSIG_CAST_ALL) {
        b->done = true;
        post_claim(net, net->party[CHEAT], honest_first_message, (uint16_t)(net->n - 1));
    }
    liar_tap(&b->l, net, p);
}

static void another_z1(void *ctx, void *msg)
{
    const csig_int one = {.limbs = 1, .d = {1}};
    csig_presign_r2_part *m = msg;

    (void)ctx;
    csig_int_add(&m->gamma.psi.z1, &m->gamma.psi.z1, &one);
}

/* In whatever order they hear of it: when somebody has found the lie, it is that; all agree. */
static void all_agree_on_a_cheat_that_accuses(void **state)
{
    unsigned found = 0;

    (void)state;
    for (int i = 0; i < 12; i++) {
        attack *a = i % 2 == 0 ? &a3 : &a4;
        csig_blame blame;
        both b = {.done = false};

        attack_open_sign(a, VICTIM);
        liar_init(&b.l, a->g.net, CHEAT, &a->g.d->id[CHEAT]->key);
        b.l.round = 2;
        b.l.piece = LIAR_PART;
        b.l.part_for = VICTIM;
        b.l.edit = another_z1;
        a->g.net->tap = lie_and_accuse;
        a->g.net->tap_ctx = &b;
        signing_run(&a->g);
        csig_session_blame(a->g.s[VICTIM], &blame);
        assert_true(blame.err == CSIG_E_ACCUSE || blame.err == CSIG_E_PROOF);
        found += blame.err == CSIG_E_PROOF;
        expect_verdict(&a->g, blame.err, 2, CHEAT);
        attack_end(a);
    }
    assert_true(found > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(false_accusers_are_named),
        cmocka_unit_test(all_agree_on_a_cheat_that_accuses),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
