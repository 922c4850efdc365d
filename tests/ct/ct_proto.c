/* Whole sessions of the toy protocol under valgrind, every secret undefined memory: what leaves is
 * public, what is decrypted is secret again, and no branch of the engine depends on either. */
#include "base/ct.h"
#include "proto/net.h"
#include "proto/toy.h"

static toy_group g;

static void keys_are_secret(void)
{
    for (uint16_t j = 0; j < g.n; j++) {
        csig_ct_secret(g.key[j].secret, 32);
        csig_ct_secret(g.seed, sizeof g.seed);
    }
}

#ifdef CSIG_CT
static bool is_secret(const void *p, size_t len)
{
    uint8_t bits[64] = {0};

    CSIG_ASSERT(len <= sizeof bits && VALGRIND_GET_VBITS(p, bits, len) == 1);
    for (size_t i = 0; i < len; i++) {
        if (bits[i] != 0xff) return false;
    }
    return true;
}
#else
static bool is_secret(const void *p, size_t len)
{
    return p != NULL && len > 0;
}
#endif

static void run(uint16_t n)
{
    network *net;

    toy_group_init(&g, n, 1);
    keys_are_secret();
    toy_group_start(&g, &toy_protocol, TOY_NOBODY);
    net = net_new(g.s, n, 1);
    net->duplicate = 20;
    net_run(net);
    CSIG_ASSERT(net_is_all(net, CSIG_DONE));
    for (uint16_t j = 0; j < n; j++)
        CSIG_ASSERT(is_secret(&toy_secret_of(g.s[j])->received, sizeof(csig_scalar)));
    net_free(net);
    toy_group_free(&g);
}

int main(void)
{
    run(2);
    run(3);
    return 0;
}
