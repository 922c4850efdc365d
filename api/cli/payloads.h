/* Payloads on the command line, and what this folder's wallets make of them: digests, paths and
 * words come from the payload and the share, never from the server. */
#ifndef CSIG_CLI_PAYLOADS_H
#define CSIG_CLI_PAYLOADS_H

#include "cli/json.h"
#include "countersign/payload.h"
#include "countersign/share.h"

void payload_close(csig_payload **p);
#define AUTO_PAYLOAD __attribute__((cleanup(payload_close))) csig_payload *

/* What --eth-tx, --typed-data, --message, --psbt, --bip322 or --digest says, as its JSON. NULL:
 * none is there. CLI_USAGE: several are. */
CLI_MUST cli_exit payload_given(cli *c, json **payload);
/* Read, and bound to the key of the share at the path. CLI_INPUT with the parser's sentence. */
CLI_MUST cli_exit payload_bind(cli *c, const json *payload, const csig_share *share,
                               const uint32_t *path, size_t depth, csig_payload **p);
/* In words, and as JSON; free() it. NULL without memory. */
char *payload_words(const csig_payload *p);
CLI_MUST cli_exit payload_description(cli *c, const csig_payload *p, json **description);
/* What becomes of it with these signatures, one for each input. CLI_CHEAT: one is not valid. */
CLI_MUST cli_exit payload_result(cli *c, const csig_payload *p, const csig_signature *sigs,
                                 json **result);

#endif
