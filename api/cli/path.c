#include "cli/path.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HARDENED 0x80000000UL
#define DIGITS   10

cli_exit derivation_read(cli *c, const char *text, uint32_t path[CSIG_PATH_MAX], size_t *depth)
{
    const char *p = text != NULL ? text : "m";

    *depth = 0;
    if (*p++ != 'm')
        return cli_fail(c, CLI_USAGE, "a path starts with m, like m/0/1: not \"%s\"", text);
    while (*p == '/') {
        const size_t digits = strspn(++p, "0123456789");
        const unsigned long v = strtoul(p, NULL, 10);

        if (digits == 0 || digits > DIGITS || *depth == CSIG_PATH_MAX)
            return cli_fail(c, CLI_USAGE,
                            "the path \"%s\" cannot be read: m and at most %d numbers, like m/0/1",
                            text, CSIG_PATH_MAX);
        p += digits;
        if (v >= HARDENED || (*p != '\0' && strchr("'hH", *p) != NULL))
            return cli_fail(c, CLI_USAGE,
                            "hardened derivation needs the whole secret, which nobody has: use "
                            "indices below 2^31 without ' in \"%s\"",
                            text);
        path[(*depth)++] = (uint32_t)v;
    }
    if (*p != '\0')
        return cli_fail(c, CLI_USAGE, "the path \"%s\" cannot be read: write it like m/0/1", text);
    return CLI_OK;
}

void derivation_write(char out[PATH_TEXT_ROOM], const uint32_t *path, size_t depth)
{
    int at = snprintf(out, PATH_TEXT_ROOM, "m");

    for (size_t i = 0; i < depth; i++)
        at += snprintf(out + at, PATH_TEXT_ROOM - (size_t)at, "/%lu", (unsigned long)path[i]);
}
