#include "net/address.h"

#include <netinet/in.h>
#include <stdint.h>
#include <string.h>

typedef struct range {
    uint8_t address[16];
    unsigned bits;
} range;

static const range odd_v4[] = {
    {{0}, 8},                   /* unspecified, "this network" */
    {{169, 254}, 16},           /* link-local, and metadata of most clouds */
    {{100, 100, 100, 200}, 32}, /* metadata: Alibaba */
    {{192, 0, 0, 192}, 32},     /* metadata: Oracle */
    {{168, 63, 129, 16}, 32},   /* metadata: Azure */
    {{224}, 4},                 /* multicast */
    {{240}, 4},                 /* reserved, broadcast */
};

static const range odd_v6[] = {
    {{0}, 128},                                                                /* unspecified */
    {{0xfe, 0x80}, 10},                                                        /* link-local */
    {{0xfe, 0xc0}, 10},                                                        /* site-local */
    {{0xff}, 8},                                                               /* multicast */
    {{0xfd, 0x00, 0x0e, 0xc2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x02, 0x54}, 128}, /* metadata: AWS */
};

/* Where IPv6 carries an address of IPv4: behind this prefix, at this octet. */
static const struct {
    range prefix;
    unsigned at;
} carriers[] = {
    {{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, 96}, 12}, /* mapped */
    {{{0}, 96}, 12},                                        /* compatible; ::1 is no such */
    {{{0x00, 0x64, 0xff, 0x9b}, 96}, 12},                   /* NAT64 */
    {{{0x20, 0x02}, 16}, 2},                                /* 6to4 */
};

static bool range_has_address(const range *r, const uint8_t *address)
{
    const unsigned whole = r->bits / 8, rest = r->bits % 8;

    if (memcmp(r->address, address, whole) != 0) return false;
    return rest == 0 || (r->address[whole] ^ address[whole]) >> (8 - rest) == 0;
}

/* The octets of an address; 4, 16, or 0: neither IPv4 nor IPv6. */
static size_t octets_of(const struct sockaddr *address, uint8_t octets[16])
{
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;

    if (address->sa_family == AF_INET) {
        memcpy(&v4, address, sizeof v4);
        memcpy(octets, &v4.sin_addr, 4);
        return 4;
    }
    if (address->sa_family != AF_INET6) return 0;
    memcpy(&v6, address, sizeof v6);
    memcpy(octets, v6.sin6_addr.s6_addr, 16);
    return 16;
}

bool csigd_address_is_loopback(const struct sockaddr *address)
{
    static const uint8_t one[16] = {[15] = 1};
    uint8_t octets[16];
    const size_t len = octets_of(address, octets);

    if (len == 4) return octets[0] == 127;
    return len == 16 && memcmp(octets, one, sizeof one) == 0;
}

static bool v4_is_odd(const uint8_t *octets)
{
    for (size_t i = 0; i < sizeof odd_v4 / sizeof odd_v4[0]; i++) {
        if (range_has_address(&odd_v4[i], octets)) return true;
    }
    return false;
}

bool csigd_address_is_odd(const struct sockaddr *address)
{
    uint8_t octets[16];
    const size_t len = octets_of(address, octets);

    if (len == 4) return v4_is_odd(octets);
    if (len != 16) return true;
    if (csigd_address_is_loopback(address)) return false;
    for (size_t i = 0; i < sizeof odd_v6 / sizeof odd_v6[0]; i++) {
        if (range_has_address(&odd_v6[i], octets)) return true;
    }
    for (size_t i = 0; i < sizeof carriers / sizeof carriers[0]; i++) {
        if (range_has_address(&carriers[i].prefix, octets) && v4_is_odd(octets + carriers[i].at))
            return true;
    }
    return false;
}
