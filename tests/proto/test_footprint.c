/* What a session occupies, and what happens when there is no more. Linked with wrapped allocators.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "proto/net.h"
#include "proto/toy.h"

/* --- accounts of one session: the one that is being called --- */

#define BLOCKS 4096

static struct {
    csig_session *session; /* watched */
    bool inside;           /* one of its functions is running */
    const void *block[BLOCKS];
    size_t size[BLOCKS], now, peak, blocks;
    unsigned made, fail_at; /* the fail_at-th allocation fails; 0: none */
} account;

void *__real_csig_public_alloc(size_t len);
void *__real_csig_secret_alloc(size_t len);
void __real_csig_public_free(void *p);
void __real_csig_secret_free(void *p);
csig_err __real_csig_session_recv(csig_session *s, const uint8_t *in, size_t len);
csig_err __real_csig_session_confirm(csig_session *s);
void *__wrap_csig_public_alloc(size_t len);
void *__wrap_csig_secret_alloc(size_t len);
void __wrap_csig_public_free(void *p);
void __wrap_csig_secret_free(void *p);
csig_err __wrap_csig_session_recv(csig_session *s, const uint8_t *in, size_t len);
csig_err __wrap_csig_session_confirm(csig_session *s);

static void *book(void *p, size_t len)
{
    CSIG_ASSERT(p != NULL && account.blocks < BLOCKS);
    account.block[account.blocks] = p;
    account.size[account.blocks++] = len;
    account.now += len;
    if (account.now > account.peak) account.peak = account.now;
    return p;
}

static void unbook(const void *p)
{
    for (size_t i = 0; p != NULL && i < account.blocks; i++) {
        if (account.block[i] != p) continue;
        account.now -= account.size[i];
        account.blocks--;
        account.block[i] = account.block[account.blocks];
        account.size[i] = account.size[account.blocks];
        return;
    }
}

static bool is_refused(void)
{
    return account.inside && ++account.made == account.fail_at;
}

void *__wrap_csig_public_alloc(size_t len)
{
    if (is_refused()) return NULL;
    return account.inside ? book(__real_csig_public_alloc(len), len)
                          : __real_csig_public_alloc(len);
}

void *__wrap_csig_secret_alloc(size_t len)
{
    if (is_refused()) return NULL;
    return account.inside ? book(__real_csig_secret_alloc(len), len)
                          : __real_csig_secret_alloc(len);
}

void __wrap_csig_public_free(void *p)
{
    unbook(p);
    __real_csig_public_free(p);
}

void __wrap_csig_secret_free(void *p)
{
    unbook(p);
    __real_csig_secret_free(p);
}

csig_err __wrap_csig_session_recv(csig_session *s, const uint8_t *in, size_t len)
{
    account.inside = s == account.session;
    const csig_err err = __real_csig_session_recv(s, in, len);
    account.inside = false;
    return err;
}

csig_err __wrap_csig_session_confirm(csig_session *s)
{
    account.inside = s == account.session;
    const csig_err err = __real_csig_session_confirm(s);
    account.inside = false;
    return err;
}

/* --- messages as big as those of signing: 15 parts of 13 KB in one broadcast --- */

#define PART_OCTETS  13000
#define BCAST_OCTETS 4000

typedef struct big_bcast {
    uint8_t octets[BCAST_OCTETS], decoded[BCAST_OCTETS];
} big_bcast;
typedef struct big_part {
    uint8_t octets[PART_OCTETS], decoded[PART_OCTETS];
} big_part;

static void big_bcast_wire(csig_wire *w, void *msg)
{
    csig_bytes_wire(w, ((big_bcast *)msg)->octets, BCAST_OCTETS);
}

static void big_part_wire(csig_wire *w, void *msg)
{
    csig_bytes_wire(w, ((big_part *)msg)->octets, PART_OCTETS);
}

static const csig_round big_round = {
    .name = "big",
    .bcast = big_bcast_wire,
    .bcast_size = sizeof(big_bcast),
    .part = big_part_wire,
    .part_size = sizeof(big_part),
    .echo = true,
};
static const csig_round *const big_rounds[] = {&big_round, &big_round, &big_round};
static const csig_protocol big_protocol = {
    .id = CSIG_PROTOCOL_TEST,
    .name = "big",
    .rounds = big_rounds,
    .count = CSIG_ARRAY_LEN(big_rounds),
};

/* --- tests --- */

static toy_group g;

/* Party 0 is watched. The error of its new or start. */
static csig_err start(const csig_protocol *protocol, uint16_t n, unsigned fail_at)
{
    csig_err err;

    memset(&account, 0, sizeof account);
    account.fail_at = fail_at;
    toy_group_init(&g, n, 1);
    account.inside = true;
    err = toy_session(&g, protocol, 0, false);
    if (err == CSIG_OK) err = csig_session_start(g.s[0]);
    account.inside = false;
    account.session = g.s[0];
    for (uint16_t j = 1; err == CSIG_OK && j < n; j++) {
        assert_int_equal(toy_session(&g, protocol, j, false), CSIG_OK);
        assert_int_equal(csig_session_start(g.s[j]), CSIG_OK);
    }
    return err;
}

static size_t peak_of(uint16_t n, uint64_t seed)
{
    network *net;

    assert_int_equal(start(&big_protocol, n, 0), CSIG_OK);
    net = net_new(g.s, n, seed);
    net_run(net);
    assert_true(net_is_all(net, CSIG_DONE));
    net_free(net);
    toy_group_free(&g);
    assert_int_equal(account.now, 0);
    assert_int_equal(account.blocks, 0);
    return account.peak;
}

static void sixteen_parties_with_big_messages_fit(void **state)
{
    (void)state;
    assert_in_range(peak_of(16, 1), 200 * 1000, 6 * 1024 * 1024);
    assert_in_range(peak_of(16, 2), 200 * 1000, 6 * 1024 * 1024);
}

static void two_parties_fit(void **state)
{
    (void)state;
    assert_in_range(peak_of(2, 1), 20 * 1000, 1024 * 1024);
}

static void secrets_of_two_parties_fit_in_locked_memory(void **state)
{
    (void)state;
    assert_int_equal(start(&toy_protocol, 2, 0), CSIG_OK);
    assert_in_range(g.s[0]->secrets_len, 1, 64 * 1024);
    toy_group_free(&g);
}

/* Each allocation fails once: CSIG_E_MEMORY, nobody is blamed, nothing is left behind. */
static bool is_through_with(unsigned fail_at)
{
    csig_err err = start(&toy_protocol, 3, fail_at);
    const bool begun = err == CSIG_OK;

    if (begun) {
        network *net = net_new(g.s, 3, 1);

        net_run(net);
        err = toy_blame(g.s[0]).err;
        assert_int_equal(toy_blame(g.s[0]).culprit, 0);
        net_free(net);
    }
    const bool through = account.made < fail_at;
    assert_int_equal(err, through ? CSIG_OK : CSIG_E_MEMORY);
    if (g.s[0] != NULL)
        assert_int_equal(csig_session_phase(g.s[0]), through ? CSIG_DONE : CSIG_FAILED);
    toy_group_free(&g);
    assert_int_equal(account.now, 0);
    return through;
}

static void without_memory_the_session_ends_and_leaves_nothing(void **state)
{
    unsigned n = 1;

    (void)state;
    while (!is_through_with(n))
        n++;
    assert_in_range(n, 20, 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sixteen_parties_with_big_messages_fit),
        cmocka_unit_test(two_parties_fit),
        cmocka_unit_test(secrets_of_two_parties_fit_in_locked_memory),
        cmocka_unit_test(without_memory_the_session_ends_and_leaves_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
