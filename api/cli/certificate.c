#include "cli/certificate.h"

#include <stdlib.h>
#include <string.h>

#include "cli/seal.h"

static cli_exit check_both(cli *c)
{
    if ((c->cert == NULL) == (c->cert_key == NULL)) return CLI_OK;
    return cli_fail(c, CLI_USAGE, "--cert and --key go together");
}

/* A relative path means something else tomorrow. */
static cli_exit whole_path(cli *c, char out[PATH_ROOM], const char *path)
{
    char *whole = realpath(path, NULL);
    cli_exit code;

    if (whole == NULL) return file_failure(c, "find", path);
    code = path_join(c, out, whole, NULL);
    free(whole);
    return code;
}

static cli_exit read_named(cli *c, const char *path, char cert[PATH_ROOM], char key[PATH_ROOM])
{
    AUTO_BLOB b = {0};
    const char *text, *second;
    size_t len, first;

    CLI_TRY(file_read(c, path, &b));
    CLI_TRY(cli_header_check(c, &b, CLI_KIND_CERTIFICATE, path));
    text = (const char *)b.p + CLI_HEADER_BYTES;
    len = b.len - CLI_HEADER_BYTES;
    second = memchr(text, '\0', len);
    if (second == NULL) return cli_file_is_damaged(c, path, "give --cert and --key again");
    first = (size_t)(second - text);
    len -= first + 1;
    if (first == 0 || first >= PATH_ROOM || len == 0 || len >= PATH_ROOM ||
        memchr(second + 1, '\0', len) != NULL)
        return cli_file_is_damaged(c, path, "give --cert and --key again");
    memcpy(cert, text, first + 1);
    memcpy(key, second + 1, len);
    key[len] = '\0';
    return CLI_OK;
}

cli_exit certificate_named(cli *c, char cert[PATH_ROOM], char key[PATH_ROOM])
{
    char path[PATH_ROOM];

    cert[0] = key[0] = '\0';
    CLI_TRY(check_both(c));
    if (c->cert != NULL) {
        CLI_TRY(whole_path(c, cert, c->cert));
        return whole_path(c, key, c->cert_key);
    }
    if (c->state == NULL) return CLI_OK;
    CLI_TRY(path_join(c, path, c->state, "client", NULL));
    return file_is_there(path) ? read_named(c, path, cert, key) : CLI_OK;
}

cli_exit certificate_pin(cli *c)
{
    uint8_t file[CLI_HEADER_BYTES + 2 * PATH_ROOM];
    char path[PATH_ROOM], cert[PATH_ROOM], key[PATH_ROOM];
    size_t at = CLI_HEADER_BYTES;

    if (c->cert == NULL) return CLI_OK;
    CLI_TRY(certificate_named(c, cert, key));
    cli_header_write(file, CLI_KIND_CERTIFICATE);
    memcpy(file + at, cert, strlen(cert) + 1);
    at += strlen(cert) + 1;
    memcpy(file + at, key, strlen(key));
    at += strlen(key);
    CLI_TRY(path_join(c, path, c->state, "client", NULL));
    return file_write(c, path, file, at);
}
