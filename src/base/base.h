/* Every macro of the library. Nothing else hides control flow. */
#ifndef CSIG_BASE_BASE_H
#define CSIG_BASE_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "countersign/error.h"

/* The result must be looked at. */
#define CSIG_MUST __attribute__((warn_unused_result))

/* Pass a failure on. */
#define CSIG_TRY(call)                                                                             \
    do {                                                                                           \
        const csig_err csig_try_err = (call);                                                      \
        if (csig_try_err != CSIG_OK) return csig_try_err;                                          \
    } while (0)

/* Make a failure. */
#define CSIG_REQUIRE(cond, err)                                                                    \
    do {                                                                                           \
        if (!(cond)) return (err);                                                                 \
    } while (0)

/* A broken promise of our own code, never of an input: stop before harm is done. */
#define CSIG_ASSERT(cond)                                                                          \
    do {                                                                                           \
        if (!(cond)) __builtin_trap();                                                             \
    } while (0)

/* Wiped on every way out: type##_wipe(type *) must exist. */
#define CSIG_AUTO(type) __attribute__((cleanup(type##_wipe))) type

#define CSIG_ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

#endif
