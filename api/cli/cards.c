#include "cli/cards.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth/text.h"
#include "cli/json.h"

#define CARD_MAX 4096

cli_exit card_make(cli *c, card *made, const uint8_t identity[CSIG_IDENTITY_BYTES],
                   const csig_recovery *key)
{
    memcpy(made->identity, identity, sizeof made->identity);
    csig_recovery_public(key, made->key);
    return cli_check(c, csig_recovery_fingerprint(made->key, made->fingerprint),
                     "the recovery key");
}

cli_exit card_write(cli *c, const char *path, const card *written)
{
    AUTO_JSON j = json_new();
    AUTO_BLOB b = {0};
    char *line;

    if (file_is_there(path))
        return cli_fail(c, CLI_REFUSED, "%s is there already; a card is never overwritten", path);
    json_put_octets(j, "identity", written->identity, sizeof written->identity);
    json_put_octets(j, "key", written->key, sizeof written->key);
    json_put_octets(j, "fingerprint", written->fingerprint, sizeof written->fingerprint);
    line = json_line(j);
    if (line == NULL) return cli_fail(c, CLI_LOCAL, "out of memory");
    b.len = strlen(line) + 1;
    b.p = (uint8_t *)line;
    line[b.len - 1] = '\n'; /* in the place of the NUL */
    return file_write(c, path, b.p, b.len);
}

static cli_exit no_card(cli *c, const char *path, const char *why)
{
    return cli_fail(c, CLI_INPUT,
                    "%s is no recovery card: %s; make one with: countersign recovery "
                    "init --card FILE",
                    path, why);
}

cli_exit card_read(cli *c, const char *path, card *found)
{
    AUTO_BLOB b = {0};
    AUTO_JSON j = NULL;
    uint8_t print[CSIG_FINGERPRINT_BYTES];

    CLI_TRY(file_read(c, path, &b));
    if (b.len > CARD_MAX || json_read(c, &j, b.p, b.len) != CLI_OK)
        return no_card(c, path, "not one JSON object");
    if (json_count_members(j) != 3 ||
        json_octets(c, j, "identity", found->identity, sizeof found->identity) != CLI_OK ||
        json_octets(c, j, "key", found->key, sizeof found->key) != CLI_OK ||
        json_octets(c, j, "fingerprint", found->fingerprint, sizeof found->fingerprint) != CLI_OK)
        return no_card(c, path, "it has identity, key and fingerprint, 64 hex digits each");
    if (csig_recovery_fingerprint(found->key, print) != CSIG_OK)
        return no_card(c, path, "its key is nobody's");
    if (memcmp(print, found->fingerprint, sizeof print) != 0)
        return no_card(c, path, "the fingerprint is not the one of its key");
    return CLI_OK;
}

cli_exit card_read_of(cli *c, const char *text, uint16_t *index, card *found)
{
    char *end;
    const unsigned long n = strtoul(text, &end, 10);

    if (text[0] < '1' || text[0] > '9' || *end != '=' || n > CSIG_PARTIES_MAX)
        return cli_fail(c, CLI_USAGE, "--recovery-of takes INDEX=CARD, not \"%s\"", text);
    *index = (uint16_t)n;
    return card_read(c, end + 1, found);
}

/* --- devices --- */

cli_exit device_card_make(cli *c, device_card *made, const uint8_t identity[CSIG_IDENTITY_BYTES],
                          const char *name)
{
    memcpy(made->identity, identity, sizeof made->identity);
    if (strlen(name) >= sizeof made->name) return cli_fail(c, CLI_BUG, "a name is too long");
    snprintf(made->name, sizeof made->name, "%s", name);
    (void)crypto_hash_sha256(made->fingerprint, identity, CSIG_IDENTITY_BYTES);
    return CLI_OK;
}

static cli_exit no_device_card(cli *c, const char *path, const char *why)
{
    return cli_fail(c, CLI_INPUT,
                    "%s is no device's card: %s; the device makes one with: countersign device "
                    "card NAME",
                    path, why);
}

cli_exit device_card_read(cli *c, const char *path, device_card *found)
{
    uint8_t print[CSIG_FINGERPRINT_BYTES];
    AUTO_BLOB b = {0};
    AUTO_JSON j = NULL;
    const char *name;

    CLI_TRY(file_read(c, path, &b));
    if (b.len > CARD_MAX || json_read(c, &j, b.p, b.len) != CLI_OK)
        return no_device_card(c, path, "not one JSON object");
    name = json_text(j, "name");
    if (json_count_members(j) != 3 || name == NULL || strlen(name) >= sizeof found->name ||
        !csigd_text_is_plain(name) ||
        json_octets(c, j, "identity", found->identity, sizeof found->identity) != CLI_OK ||
        json_octets(c, j, "fingerprint", found->fingerprint, sizeof found->fingerprint) != CLI_OK)
        return no_device_card(c, path, "it has identity, name and fingerprint");
    snprintf(found->name, sizeof found->name, "%s", name);
    (void)crypto_hash_sha256(print, found->identity, sizeof found->identity);
    if (memcmp(print, found->fingerprint, sizeof print) == 0) return CLI_OK;
    return no_device_card(c, path, "the fingerprint is not the one of its identity");
}
