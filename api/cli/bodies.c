#include "cli/bodies.h"

/* 8 MiB, and what stands around a message on a board. */
#define ROOM (((size_t)8 << 20) - 1024)

cli_exit bodies_item(cli *c, const uint8_t *p, size_t len, size_t *one, bool *is_backup)
{
    const csig_err err = csig_envelope_length(p, len, one);

    *is_backup = err == CSIG_E_KIND && csig_backup_length(p, len, one) == CSIG_OK;
    return *is_backup ? CLI_OK : cli_check(c, err, "an envelope");
}

size_t bodies_room(void)
{
    return ROOM;
}

cli_exit bodies_next(cli *c, size_t room, const uint8_t *p, size_t len, size_t *body)
{
    size_t one;
    bool is_backup;

    *body = 0;
    while (*body < len) {
        CLI_TRY(bodies_item(c, p + *body, len - *body, &one, &is_backup));
        if (*body > 0 && *body + one > room) return CLI_OK;
        *body += one;
    }
    return CLI_OK;
}
