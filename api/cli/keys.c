#include "cli/keys.h"

#include <stdlib.h>
#include <string.h>

#include "cli/seal.h"
#include "cli/wallet.h"

#define ROW_BYTES (2 + CSIG_RECOVERY_KEY_BYTES)
#define PLAIN_MAX (CSIG_PARTIES_MAX * ROW_BYTES)
#define FILE_MAX  (CLI_HEADER_BYTES + PLAIN_MAX + CSIG_SEAL_OVERHEAD)
#define AD_BYTES  (CLI_HEADER_BYTES + WALLET_ID_BYTES)

/* --- the list --- */

cli_exit keys_add(cli *c, recovery_keys *keys, uint16_t index,
                  const uint8_t key[CSIG_RECOVERY_KEY_BYTES])
{
    uint16_t at = keys->count;

    if (keys_has(keys, index) || keys->count == CSIG_PARTIES_MAX)
        return cli_fail(c, CLI_USAGE, "party %u has a recovery key already", index);
    while (at > 0 && keys->index[at - 1] > index) {
        keys->index[at] = keys->index[at - 1];
        memcpy(keys->key[at], keys->key[at - 1], sizeof keys->key[at]);
        at--;
    }
    keys->index[at] = index;
    memcpy(keys->key[at], key, sizeof keys->key[at]);
    keys->count++;
    return CLI_OK;
}

bool keys_has(const recovery_keys *keys, uint16_t index)
{
    for (uint16_t k = 0; k < keys->count; k++)
        if (keys->index[k] == index) return true;
    return false;
}

csig_recovery_keys keys_lent(const recovery_keys *keys)
{
    return (csig_recovery_keys){.indices = keys->index, .keys = keys->key[0], .count = keys->count};
}

/* --- the file --- */

static cli_exit path_of(cli *c, const device *d, const char *wallet, const char *file,
                        char path[PATH_ROOM])
{
    return path_join(c, path, d->folder, "wallets", wallet, file, NULL);
}

/* Kind, version, level and the wallet. */
static cli_exit bind(cli *c, const char *wallet, uint8_t ad[AD_BYTES])
{
    cli_header_write(ad, CLI_KIND_KEYS);
    if (wallet_id_is_read(ad + CLI_HEADER_BYTES, wallet)) return CLI_OK;
    return cli_fail(c, CLI_BUG, "a wallet without id");
}

static cli_exit write_as(cli *c, const device *d, const char *wallet, const char *name,
                         const recovery_keys *keys)
{
    uint8_t plain[PLAIN_MAX], file[FILE_MAX], ad[AD_BYTES];
    size_t len = sizeof file - CLI_HEADER_BYTES;
    char path[PATH_ROOM];

    CLI_TRY(bind(c, wallet, ad));
    for (uint16_t k = 0; k < keys->count; k++) {
        uint8_t *row = plain + (size_t)k * ROW_BYTES;

        row[0] = (uint8_t)(keys->index[k] >> 8);
        row[1] = (uint8_t)keys->index[k];
        memcpy(row + 2, keys->key[k], CSIG_RECOVERY_KEY_BYTES);
    }
    memcpy(file, ad, CLI_HEADER_BYTES);
    if (d->sealer.seal(d->sealer.ctx, ad, sizeof ad, plain, (size_t)keys->count * ROW_BYTES,
                       file + CLI_HEADER_BYTES, &len) != 0)
        return cli_fail(c, CLI_LOCAL, "the recovery keys cannot be sealed");
    CLI_TRY(path_of(c, d, wallet, name, path));
    return file_write(c, path, file, CLI_HEADER_BYTES + len);
}

cli_exit keys_write(cli *c, const device *d, const char *wallet, const recovery_keys *keys)
{
    return write_as(c, d, wallet, "keys", keys);
}

cli_exit keys_stage(cli *c, const device *d, const char *wallet, const recovery_keys *keys)
{
    return write_as(c, d, wallet, "keys.staged", keys);
}

static bool rows_are_read(recovery_keys *keys, const uint8_t *plain, size_t len)
{
    *keys = (recovery_keys){.count = (uint16_t)(len / ROW_BYTES)};
    if (len % ROW_BYTES != 0 || len > PLAIN_MAX) return false;
    for (uint16_t k = 0; k < keys->count; k++) {
        const uint8_t *row = plain + (size_t)k * ROW_BYTES;

        keys->index[k] = (uint16_t)(row[0] << 8 | row[1]);
        memcpy(keys->key[k], row + 2, CSIG_RECOVERY_KEY_BYTES);
        if (keys->index[k] < 1 || keys->index[k] > CSIG_PARTIES_MAX) return false;
        if (k > 0 && keys->index[k] <= keys->index[k - 1]) return false;
    }
    return true;
}

cli_exit keys_read(cli *c, const device *d, const char *wallet, recovery_keys *keys, bool *known)
{
    AUTO_BLOB b = {0};
    uint8_t plain[FILE_MAX], ad[AD_BYTES];
    size_t len = 0;
    char path[PATH_ROOM];

    *keys = (recovery_keys){.count = 0};
    CLI_TRY(bind(c, wallet, ad));
    CLI_TRY(path_of(c, d, wallet, "keys", path));
    *known = file_is_there(path);
    if (!*known) return CLI_OK;
    CLI_TRY(file_read(c, path, &b));
    CLI_TRY(cli_header_check(c, &b, CLI_KIND_KEYS, path));
    if (b.len > sizeof plain)
        return cli_file_is_damaged(c, path, "restore it from a copy of the folder");
    if (d->sealer.open(d->sealer.ctx, ad, sizeof ad, b.p + CLI_HEADER_BYTES,
                       b.len - CLI_HEADER_BYTES, plain, &len) != 0)
        return cli_fail(c, CLI_SEALED,
                        "%s was altered, or is of another wallet or device; restore it from a copy "
                        "of the folder",
                        path);
    if (rows_are_read(keys, plain, len)) return CLI_OK;
    return cli_file_is_damaged(c, path, "restore it from a copy of the folder");
}

/* --- the server's list --- */

static bool row_is_same(const recovery_keys *keys, uint16_t k, const json *row)
{
    const char *text = json_text(row, "key");
    uint8_t key[CSIG_RECOVERY_KEY_BYTES];

    return json_number(row, "index") == keys->index[k] && text != NULL &&
           hex_is_read(key, sizeof key, text) && memcmp(key, keys->key[k], sizeof key) == 0;
}

cli_exit keys_check_server(cli *c, const recovery_keys *keys, const json *wallet)
{
    const json *list = json_member(wallet, "recovery");
    bool same;

    if (!json_is_list(list)) return json_lacks(c, "recovery");
    same = json_count(list) == keys->count;
    for (uint16_t k = 0; k < keys->count && same; k++)
        same = row_is_same(keys, k, json_at(list, k));
    if (same) return CLI_OK;
    return cli_fail(c, CLI_CHEAT,
                    "the server names other recovery keys than this device knows of; nothing was "
                    "done. Whoever has such a key gets a share: look for the reason on the server");
}
