/* Files: read whole; written whole or not at all, durable when the call returns. */
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

/* The parts with '/' between them; the last argument is NULL. CLI_INPUT when too long. */
CLI_MUST cli_exit path_join(cli *c, char out[PATH_ROOM], const char *part, ...)
    __attribute__((sentinel));
bool file_is_there(const char *path);
CLI_MUST cli_exit file_read(cli *c, const char *path, blob *b);
/* Atomic: temporary file, fsync, rename, fsync of the folder. Replaces. */
CLI_MUST cli_exit file_write(cli *c, const char *path, const uint8_t *p, size_t len);
/* Durable. A file that is not there is fine. */
CLI_MUST cli_exit file_remove(cli *c, const char *path);
/* rename, durable. */
CLI_MUST cli_exit file_rename(cli *c, const char *from, const char *to);
/* c->message for a call that failed with errno. */
cli_exit file_failure(cli *c, const char *what, const char *path);
/* The entries of the folder that holds path are on disk. */
CLI_MUST cli_exit file_sync_folder_of(cli *c, const char *path);

/* Is this the name of a file that a crash left half written? */
bool file_name_is_temporary(const char *name);

#endif
