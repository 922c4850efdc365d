/* What a fuzz target is: this one function, for libFuzzer and for replay.c alike. It stops the
 * process when something that must hold does not. */
#ifndef FUZZ_FUZZ_H
#define FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

#define FUZZ_REQUIRE(cond)                                                                         \
    do {                                                                                           \
        if (!(cond)) __builtin_trap();                                                             \
    } while (0)

/* One change of an object, as five octets of the input say: where (3), how, and with what. */
static inline void fuzz_change(uint8_t *p, size_t len, const uint8_t op[5])
{
    const size_t at = ((size_t)op[0] << 16 | (size_t)op[1] << 8 | op[2]) % len;

    switch (op[3] % 4) {
    case 0:
        p[at] ^= op[4];
        break;
    case 1:
        p[at] = op[4];
        break;
    case 2:
        memset(p + at, op[4], len - at < 32 ? len - at : 32);
        break;
    case 3:
        memmove(p + at, p + at / 2, len - at);
        break;
    }
}

#endif
