#include "payload/rlp.h"

#include <string.h>

#define OCTETS     0x80 /* a head below is the octet itself */
#define LIST       0xc0
#define SHORT_MOST 55 /* longer ones have the length of their length in the head */

/* --- reading --- */

/* The length that is written in so many octets after the head: no leading zero, no short one. */
static csig_err long_length(size_t *len, csig_rlp *from, size_t octets)
{
    size_t n = 0;

    CSIG_REQUIRE(octets <= sizeof n && octets <= from->len, CSIG_E_FORMAT);
    CSIG_REQUIRE(from->at[0] != 0, CSIG_E_FORMAT);
    for (size_t i = 0; i < octets; i++)
        n = n << 8 | from->at[i];
    CSIG_REQUIRE(n > SHORT_MOST, CSIG_E_FORMAT);
    from->at += octets;
    from->len -= octets;
    *len = n;
    return CSIG_OK;
}

/* An item whose head is base or more. */
static csig_err take(csig_rlp *item, csig_rlp *from, uint8_t base)
{
    size_t len = (size_t)(from->at[0] - base);

    from->at++;
    from->len--;
    if (len > SHORT_MOST) CSIG_TRY(long_length(&len, from, len - SHORT_MOST));
    CSIG_REQUIRE(len <= from->len, CSIG_E_FORMAT);
    *item = (csig_rlp){from->at, len};
    from->at += len;
    from->len -= len;
    return CSIG_OK;
}

csig_err csig_rlp_list(csig_rlp *inside, csig_rlp *from)
{
    CSIG_REQUIRE(from->len > 0 && from->at[0] >= LIST, CSIG_E_FORMAT);
    return take(inside, from, LIST);
}

csig_err csig_rlp_octets(csig_rlp *octets, csig_rlp *from)
{
    CSIG_REQUIRE(from->len > 0 && from->at[0] < LIST, CSIG_E_FORMAT);
    if (from->at[0] < OCTETS) {
        *octets = (csig_rlp){from->at, 1};
        from->at++;
        from->len--;
        return CSIG_OK;
    }
    CSIG_TRY(take(octets, from, OCTETS));
    /* a single octet below 0x80 stands for itself */
    CSIG_REQUIRE(octets->len != 1 || octets->at[0] >= OCTETS, CSIG_E_FORMAT);
    return CSIG_OK;
}

csig_err csig_rlp_fixed(uint8_t *out, size_t len, csig_rlp *from)
{
    csig_rlp octets;

    CSIG_TRY(csig_rlp_octets(&octets, from));
    CSIG_REQUIRE(octets.len == len, CSIG_E_FORMAT);
    memcpy(out, octets.at, len);
    return CSIG_OK;
}

csig_err csig_rlp_number(uint8_t *out, size_t len, csig_rlp *from)
{
    csig_rlp octets;

    CSIG_TRY(csig_rlp_octets(&octets, from));
    CSIG_REQUIRE(octets.len <= len, CSIG_E_FORMAT);
    CSIG_REQUIRE(octets.len == 0 || octets.at[0] != 0, CSIG_E_FORMAT);
    memset(out, 0, len);
    memcpy(out + len - octets.len, octets.at, octets.len);
    return CSIG_OK;
}

/* --- writing --- */

void csig_rlp_put_raw(csig_rlp_out *to, const uint8_t *p, size_t len)
{
    CSIG_ASSERT(len <= to->room - to->len);
    if (len > 0) memcpy(to->out + to->len, p, len);
    to->len += len;
}

static void put_head(csig_rlp_out *to, size_t len, uint8_t base)
{
    uint8_t head[CSIG_RLP_HEAD_MAX];
    size_t octets = 0;

    if (len <= SHORT_MOST) {
        head[0] = (uint8_t)(base + len);
        csig_rlp_put_raw(to, head, 1);
        return;
    }
    for (size_t n = len; n > 0; n >>= 8)
        octets++;
    head[0] = (uint8_t)(base + SHORT_MOST + octets);
    for (size_t i = 0; i < octets; i++)
        head[1 + i] = (uint8_t)(len >> (8 * (octets - 1 - i)));
    csig_rlp_put_raw(to, head, 1 + octets);
}

void csig_rlp_put_octets(csig_rlp_out *to, const uint8_t *p, size_t len)
{
    if (len != 1 || p[0] >= OCTETS) put_head(to, len, OCTETS);
    csig_rlp_put_raw(to, p, len);
}

void csig_rlp_put_number(csig_rlp_out *to, const uint8_t *n, size_t len)
{
    while (len > 0 && n[0] == 0) {
        n++;
        len--;
    }
    csig_rlp_put_octets(to, n, len);
}

void csig_rlp_put_list_head(csig_rlp_out *to, size_t len)
{
    put_head(to, len, LIST);
}
