/* What the library says of itself. */
#include "countersign/types.h"

#include <sodium.h>

#include "base/base.h"
#include "base/ct.h"
#include "base/level.h"

unsigned csig_level(void)
{
    return CSIG_LEVEL;
}

const char *csig_version(void)
{
    return CSIG_VERSION;
}

csig_err csig_init(void)
{
#ifdef CSIG_CT
    CSIG_ASSERT(RUNNING_ON_VALGRIND); /* its proofs are too short to convince: CSIG_REPEAT */
#endif
    /* 0: done, 1: done before; libsodium locks by itself. */
    return sodium_init() < 0 ? CSIG_E_RANDOM : CSIG_OK;
}
