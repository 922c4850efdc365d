#include "cli/files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_MAX  ((off_t)16 << 20)
#define TEMPORARY ".tmp"

void blob_free(blob *b)
{
    free(b->p);
    *b = (blob){0};
}

cli_exit path_join(cli *c, char out[PATH_ROOM], const char *part, ...)
{
    size_t at = 0;
    va_list parts;
    bool fits = true;

    va_start(parts, part);
    for (const char *p = part; p != NULL && fits; p = va_arg(parts, const char *)) {
        const int n = snprintf(out + at, PATH_ROOM - at, "%s%s", at > 0 ? "/" : "", p);

        fits = n >= 0 && (size_t)n < PATH_ROOM - at;
        at += fits ? (size_t)n : 0;
    }
    va_end(parts);
    return fits ? CLI_OK : cli_fail(c, CLI_INPUT, "the path of the state folder is too long");
}

bool file_is_there(const char *path)
{
    struct stat st;

    return lstat(path, &st) == 0;
}

bool file_name_is_temporary(const char *name)
{
    const size_t len = strlen(name), end = sizeof TEMPORARY - 1;

    return len > end && strcmp(name + len - end, TEMPORARY) == 0;
}

cli_exit file_failure(cli *c, const char *what, const char *path)
{
    return cli_fail(c, CLI_LOCAL, "cannot %s %s: %s", what, path, strerror(errno));
}

cli_exit file_sync_folder_of(cli *c, const char *path)
{
    char folder[PATH_ROOM];
    char *slash;
    int fd, failed;

    snprintf(folder, sizeof folder, "%s", path);
    slash = strrchr(folder, '/');
    if (slash == folder)
        slash[1] = '\0';
    else if (slash != NULL)
        *slash = '\0';
    else
        memcpy(folder, ".", 2);
    fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return file_failure(c, "open folder", folder);
    failed = fsync(fd);
    close(fd);
    return failed ? file_failure(c, "sync folder", folder) : CLI_OK;
}

/* -1 with errno when it cannot be read or ends early. */
static int read_all(int fd, uint8_t *p, size_t len)
{
    while (len > 0) {
        const ssize_t n = read(fd, p, len);

        if (n < 0 && errno == EINTR) continue;
        if (n == 0) errno = EIO;
        if (n <= 0) return -1;
        p += n;
        len -= (size_t)n;
    }
    return 0;
}

static cli_exit read_open(cli *c, int fd, const char *path, blob *b)
{
    struct stat st;

    if (fstat(fd, &st) != 0) return file_failure(c, "read", path);
    if (!S_ISREG(st.st_mode) || st.st_size > FILE_MAX)
        return cli_fail(c, CLI_INPUT, "%s is not a file of this program", path);
    b->len = (size_t)st.st_size;
    b->p = malloc(b->len + 1);
    if (b->p == NULL) return cli_fail(c, CLI_LOCAL, "out of memory");
    return read_all(fd, b->p, b->len) == 0 ? CLI_OK : file_failure(c, "read", path);
}

cli_exit file_read(cli *c, const char *path, blob *b)
{
    /* Not to wait for what is no file at all. */
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    cli_exit code;

    *b = (blob){0};
    if (fd < 0) return file_failure(c, "read", path);
    code = read_open(c, fd, path, b);
    close(fd);
    if (code != CLI_OK) blob_free(b);
    return code;
}

static int write_all(int fd, const uint8_t *p, size_t len)
{
    while (len > 0) {
        const ssize_t n = write(fd, p, len);

        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return -1;
        p += n;
        len -= (size_t)n;
    }
    return fsync(fd);
}

cli_exit file_write(cli *c, const char *path, const uint8_t *p, size_t len)
{
    char tmp[PATH_ROOM + sizeof TEMPORARY];
    cli_exit code = CLI_OK;
    int fd;

    snprintf(tmp, sizeof tmp, "%s" TEMPORARY, path);
    /* A file of our own: what lies there may be open to others, or somebody else's. */
    (void)unlink(tmp);
    fd = open(tmp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) return file_failure(c, "write", path);
    if (write_all(fd, p, len) != 0) code = file_failure(c, "write", path);
    if (close(fd) != 0 && code == CLI_OK) code = file_failure(c, "write", path);
    if (code == CLI_OK && rename(tmp, path) != 0) code = file_failure(c, "write", path);
    if (code != CLI_OK) {
        (void)unlink(tmp);
        return code;
    }
    return file_sync_folder_of(c, path);
}

cli_exit file_remove(cli *c, const char *path)
{
    if (unlink(path) == 0) return file_sync_folder_of(c, path);
    return errno == ENOENT ? CLI_OK : file_failure(c, "remove", path);
}

cli_exit file_rename(cli *c, const char *from, const char *to)
{
    if (rename(from, to) != 0) return file_failure(c, "rename", from);
    return file_sync_folder_of(c, to);
}
