/* Files of the state folder: written whole or not at all, durable when the call returns. */
#ifndef CSIG_CLI_FILES_H
#define CSIG_CLI_FILES_H

#include "cli/cli.h"

#define PATH_ROOM 1024

typedef struct blob {
    uint8_t *p; /* free with blob_free */
    size_t len;
} blob;

void blob_free(blob *b);
#define AUTO_BLOB __attribute__((cleanup(blob_free))) blob

/* "folder/part/part"; CLI_INPUT when too long. */
CLI_MUST cli_exit path_join(cli *c, char out[PATH_ROOM], const char *folder, const char *a,
                            const char *b);
bool file_is_there(const char *path);
/* A new folder, mode 0700, durable; one that is there already is fine. */
CLI_MUST cli_exit folder_make(cli *c, const char *path);
CLI_MUST cli_exit file_read(cli *c, const char *path, blob *b);
/* Atomic: temporary file, fsync, rename, fsync of the folder. Replaces. */
CLI_MUST cli_exit file_write(cli *c, const char *path, const uint8_t *p, size_t len);
/* Durable. A file that is not there is fine. */
CLI_MUST cli_exit file_remove(cli *c, const char *path);
/* rename, durable. */
CLI_MUST cli_exit file_rename(cli *c, const char *from, const char *to);
/* Calls fn for each entry not starting with '.', in order of name; an absent folder has none. */
CLI_MUST cli_exit folder_each(cli *c, const char *path,
                              cli_exit (*fn)(cli *c, const char *name, void *arg), void *arg);
/* One process per state folder. CLI_REFUSED: another one runs. */
CLI_MUST cli_exit folder_lock(cli *c);

#endif
