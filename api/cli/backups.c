#include "cli/backups.h"

#include <stdio.h>
#include <string.h>

#include "cli/client.h"
#include "cli/passphrase.h"
#include "cli/seal.h"

static cli_exit read_passphrase(cli *c)
{
    if (c->backup_file != NULL) return passphrase_of_file(c, c->backup_file, c->backup_phrase);
    CLI_TRY(cli_passphrase(c, false));
    memcpy(c->backup_phrase, c->phrase, PASSPHRASE_ROOM);
    return CLI_OK;
}

cli_exit backup_begin(cli *c)
{
    cli_exit code;

    if (c->kdf_mib != 0 &&
        (c->kdf_mib < CSIG_BACKUP_MEMORY_LEAST >> 10 || c->kdf_mib > CSIG_BACKUP_MEMORY_MOST >> 10))
        return cli_fail(c, CLI_USAGE, "--kdf-memory takes %u to %u MiB for backups",
                        CSIG_BACKUP_MEMORY_LEAST >> 10, CSIG_BACKUP_MEMORY_MOST >> 10);
    if (c->backup_phrase != NULL) return CLI_OK;
    c->backup_phrase = locked_alloc(PASSPHRASE_ROOM);
    if (c->backup_phrase == NULL) return no_locked_memory(c);
    code = read_passphrase(c);
    if (code == CLI_OK) return CLI_OK;
    locked_free(c->backup_phrase);
    c->backup_phrase = NULL;
    return code;
}

/* CSIG_E_MEMORY is Argon2id's most of all. */
static cli_exit check(cli *c, csig_err err, const char *path, uint32_t memory)
{
    char what[PATH_ROOM + 8];

    if (err == CSIG_E_MEMORY)
        return cli_fail(c, CLI_LOCAL, "not enough memory to stretch the passphrase: %u MiB",
                        memory >> 10);
    if (err == CSIG_E_SEAL)
        return cli_fail(c, CLI_SEALED,
                        "wrong passphrase for the backup %s; name the file of the right one: "
                        "--backup-passphrase-file FILE",
                        path);
    snprintf(what, sizeof what, "backup %s", path);
    return cli_check(c, err, what);
}

cli_exit backup_make(cli *c, const device *d, const char *wallet, const csig_share *share,
                     uint8_t backup[CSIG_BACKUP_BYTES])
{
    csig_backup_params p = {
        .share = share,
        .identity = d->identity,
        .generation = d->aux != NULL ? csig_aux_generation(d->aux) : d->generation,
        .label = wallet,
        .ops = CSIG_BACKUP_OPS,
        .memory = c->kdf_mib != 0 ? c->kdf_mib << 10 : CSIG_BACKUP_MEMORY,
    };

    CLI_TRY(backup_begin(c));
    p.passphrase = (const uint8_t *)c->backup_phrase;
    p.passphrase_len = strlen(c->backup_phrase);
    return check(c, csig_backup_make(backup, &p), wallet, p.memory);
}

cli_exit backup_give(cli *c, const char *wallet, uint16_t index, const blob *b)
{
    AUTO_REPLY r = {0};
    char path[96];

    snprintf(path, sizeof path, "/v1/wallets/%s/backups/%u", wallet, index);
    CLI_TRY(client_call(c, "PUT", path, "application/octet-stream", b->p, b->len, &r));
    return r.status == 204 ? CLI_OK : client_problem(c, &r);
}

cli_exit backup_read(cli *c, const char *path, blob *b, csig_backup_info *info)
{
    CLI_TRY(file_read(c, path, b));
    return check(c, csig_backup_describe(b->p, b->len, info), path, 0);
}

cli_exit backup_open(cli *c, const char *path, const blob *b, csig_share **share,
                     csig_identity **identity)
{
    csig_backup_info info;

    *share = NULL;
    *identity = NULL;
    CLI_TRY(check(c, csig_backup_describe(b->p, b->len, &info), path, 0));
    CLI_TRY(backup_begin(c));
    return check(c,
                 csig_backup_open(b->p, b->len, (const uint8_t *)c->backup_phrase,
                                  strlen(c->backup_phrase), share, identity),
                 path, info.memory);
}
