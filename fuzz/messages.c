/* One message walk, WALK over a STRUCT: octets that are read are written again as the same octets;
 * any other length than its own is refused as such, and what is not canonical by its name. One
 * program for each walk; CMakeLists.txt has the list. The input is the shape, SHAPED octets of n, t
 * and how many have a recovery key and whether
 * anybody joins, then the message; what is missing at its end are zeros. */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "keygen/auxinfo.h"
#include "keygen/keygen.h"
#include "keygen/refresh.h"
#include "signer/online.h"
#include "signer/sign.h"
#include "zk/affgstar.h"
#include "zk/dec.h"

/* No walk is longer: Pi-aff-g*. */
#define ROOM ((size_t)1 << 19)

static STRUCT msg, other;

static csig_err read_as(const csig_wire_shape *shape, STRUCT *to, const uint8_t *in, size_t len)
{
    uint8_t *exact = malloc(len + 1); /* so that a read beyond the end is seen */
    csig_err err;

    FUZZ_REQUIRE(exact != NULL);
    if (len > 0) memcpy(exact, in, len);
    err = csig_wire_read_shaped(WALK, shape, to, exact, len);
    free(exact);
    return err;
}

static void check_written_again(const csig_wire_shape *shape, const uint8_t *in, size_t size)
{
    static uint8_t again[ROOM];

    csig_wire_write_shaped(WALK, shape, &msg, again, size);
    FUZZ_REQUIRE(memcmp(again, in, size) == 0);
    FUZZ_REQUIRE(read_as(shape, &other, again, size) == CSIG_OK);
    memset(again, 0xff, size);
    csig_wire_write_shaped(WALK, shape, &other, again, size);
    FUZZ_REQUIRE(memcmp(again, in, size) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static uint8_t padded[ROOM];
    const size_t front = SHAPED;
    csig_wire_shape shape = {.n = 2, .t = 2};
    size_t size;
    csig_err err;

    if (front > 0 && len >= front) {
        shape.n = (uint16_t)(2 + data[0] % (CSIG_MAX_PARTIES - 1));
        shape.t = (uint16_t)(2 + data[1] % (shape.n - 1));
        if (front > 2) shape.escrows = data[2] % 3;
        if (front > 3) shape.joins = data[3] % 2;
        data += front;
        len -= front;
    }
    size = csig_wire_size_shaped(WALK, &shape);
    FUZZ_REQUIRE(size > 0 && size <= ROOM);
    if (len != size) FUZZ_REQUIRE(read_as(&shape, &msg, data, len) == CSIG_E_LENGTH);
    memset(padded, 0, size);
    memcpy(padded, data, len < size ? len : size);
    err = read_as(&shape, &msg, padded, size);
    FUZZ_REQUIRE(err == CSIG_OK || err == CSIG_E_FORMAT);
    if (err == CSIG_OK) check_written_again(&shape, padded, size);
    return 0;
}
