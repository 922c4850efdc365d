#include "cli/backups.h"

#include <stdio.h>
#include <string.h>

#include "cli/passphrase.h"
#include "cli/seal.h"

cli_exit backup_passphrase(cli *c, char *out)
{
    if (c->backup_file != NULL) return passphrase_of_file(c, c->backup_file, out);
    CLI_TRY(cli_passphrase(c, false));
    memcpy(out, c->phrase, PASSPHRASE_ROOM);
    return CLI_OK;
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
    char *phrase = locked_alloc(PASSPHRASE_ROOM);
    csig_backup_params p = {
        .share = share,
        .identity = d->identity,
        .generation = d->aux != NULL ? csig_aux_generation(d->aux) : d->generation,
        .label = wallet,
        .passphrase = (const uint8_t *)phrase,
        .ops = CSIG_BACKUP_OPS,
        .memory = c->kdf_mib != 0 ? c->kdf_mib << 10 : CSIG_BACKUP_MEMORY,
    };
    cli_exit code;

    if (phrase == NULL) return no_locked_memory(c);
    code = backup_passphrase(c, phrase);
    if (code == CLI_OK) {
        p.passphrase_len = strlen(phrase);
        code = check(c, csig_backup_make(backup, &p), wallet, p.memory);
    }
    locked_free(phrase);
    return code;
}

cli_exit backup_read(cli *c, const char *path, blob *b, csig_backup_info *info)
{
    CLI_TRY(file_read(c, path, b));
    return check(c, csig_backup_describe(b->p, b->len, info), path, 0);
}

cli_exit backup_open(cli *c, const char *path, const blob *b, csig_share **share,
                     csig_identity **identity)
{
    char *phrase = locked_alloc(PASSPHRASE_ROOM);
    csig_backup_info info;
    cli_exit code;

    *share = NULL;
    *identity = NULL;
    if (phrase == NULL) return no_locked_memory(c);
    code = check(c, csig_backup_describe(b->p, b->len, &info), path, 0);
    if (code == CLI_OK) code = backup_passphrase(c, phrase);
    if (code == CLI_OK)
        code = check(c,
                     csig_backup_open(b->p, b->len, (const uint8_t *)phrase, strlen(phrase), share,
                                      identity),
                     path, info.memory);
    locked_free(phrase);
    return code;
}
