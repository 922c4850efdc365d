/* What the library says of itself. */
#include "countersign/types.h"

#include <sodium.h>

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
    /* 0: done, 1: done before; libsodium locks by itself. */
    return sodium_init() < 0 ? CSIG_E_RANDOM : CSIG_OK;
}
