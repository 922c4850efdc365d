#include "cli/asking.h"

#include <stdio.h>

#include "cli/client.h"
#include "cli/seal.h"

cli_exit asking_make(cli *c, const char *wallet, const json *body, json **answer)
{
    uint8_t random[16];
    char path[96], name[2 * sizeof random + 1];
    cli_exit code;

    random_octets(random, sizeof random);
    hex_write(name, random, sizeof random);
    (void)snprintf(path, sizeof path, "/v1/wallets/%s/requests", wallet);
    (void)snprintf(c->known_as, sizeof c->known_as, "\"%s\"", name);
    code = client_json(c, "POST", path, body, answer);
    c->known_as[0] = '\0';
    return code;
}
