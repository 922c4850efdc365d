#include "support/open_sealer.h"

#include <string.h>

static int copy(void *ctx, const uint8_t *ad, size_t ad_len, const uint8_t *in, size_t len,
                uint8_t *out, size_t *out_len)
{
    (void)ctx, (void)ad, (void)ad_len;
    memcpy(out, in, len);
    *out_len = len;
    return 0;
}

csig_sealer open_sealer(void)
{
    return (csig_sealer){.seal = copy, .open = copy};
}
