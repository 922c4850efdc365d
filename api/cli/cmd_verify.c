/* verify: is this a signature of this digest under this key? No state folder, no server, no secret.
 */
#include <string.h>

#include "cli/tell.h"

cli_exit cmd_verify(cli *c)
{
    uint8_t digest[CSIG_DIGEST_BYTES], rs[64];
    AUTO_JSON j = json_new();
    csig_signature sig = {0};

    if (c->digest == NULL || !hex_is_read(digest, sizeof digest, c->digest))
        return cli_fail(c, CLI_USAGE, "--digest takes 64 lower-case hex digits");
    if (c->signature == NULL || !hex_is_read(rs, sizeof rs, c->signature))
        return cli_fail(c, CLI_USAGE, "--signature takes r and s, 128 lower-case hex digits");
    if (c->public_key == NULL || !hex_is_read(sig.public_key, sizeof sig.public_key, c->public_key))
        return cli_fail(c, CLI_USAGE,
                        "--public-key takes a compressed key, 66 lower-case hex digits");
    memcpy(sig.r, rs, 32);
    memcpy(sig.s, rs + 32, 32);
    for (uint8_t id = 0; id < 4; id++) {
        sig.recovery_id = id;
        if (csig_signature_verify(&sig, digest) != CSIG_OK) continue;
        json_put_flag(j, "valid", true);
        json_put_number(j, "recid", id);
        return cli_tell(c, j, "valid (recid %d)\n", id);
    }
    return cli_fail(c, CLI_CHEAT, "no valid low-s signature of that digest under that key");
}
