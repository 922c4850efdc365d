#include "cli/files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_MAX ((off_t)16 << 20)

void blob_free(blob *b)
{
    free(b->p);
    *b = (blob){0};
}

cli_exit path_join(cli *c, char out[PATH_ROOM], const char *folder, const char *a, const char *b)
{
    const int n = snprintf(out, PATH_ROOM, "%s/%s%s%s", folder, a, b ? "/" : "", b ? b : "");

    if (n < 0 || n >= PATH_ROOM) return cli_fail(c, CLI_INPUT, "the path of a file is too long");
    return CLI_OK;
}

bool file_is_there(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0;
}

static cli_exit broken(cli *c, const char *what, const char *path)
{
    return cli_fail(c, CLI_LOCAL, "cannot %s %s: %s", what, path, strerror(errno));
}

/* The folder of a path, durable: its entries are on disk. */
static cli_exit sync_folder_of(cli *c, const char *path)
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
    if (fd < 0) return broken(c, "open folder", folder);
    failed = fsync(fd);
    close(fd);
    return failed ? broken(c, "sync folder", folder) : CLI_OK;
}

cli_exit folder_make(cli *c, const char *path)
{
    if (mkdir(path, 0700) == 0) return sync_folder_of(c, path);
    if (errno == EEXIST) return CLI_OK;
    return broken(c, "make folder", path);
}

cli_exit file_read(cli *c, const char *path, blob *b)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    size_t got = 0;

    *b = (blob){0};
    if (fd < 0) return broken(c, "read", path);
    if (fstat(fd, &st) != 0 || st.st_size > FILE_MAX) {
        close(fd);
        return cli_fail(c, CLI_INPUT, "%s is not a file of this program: too large", path);
    }
    b->p = malloc((size_t)st.st_size + 1);
    while (b->p != NULL && got < (size_t)st.st_size) {
        const ssize_t n = read(fd, b->p + got, (size_t)st.st_size - got);

        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) break;
        got += (size_t)n;
    }
    close(fd);
    if (b->p == NULL || got != (size_t)st.st_size) {
        blob_free(b);
        return broken(c, "read", path);
    }
    b->len = got;
    return CLI_OK;
}

static int write_all(int fd, const uint8_t *p, size_t len)
{
    while (len > 0) {
        const ssize_t n = write(fd, p, len);

        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return -1;
        p += n;
        len -= (size_t)n;
    }
    return fsync(fd);
}

cli_exit file_write(cli *c, const char *path, const uint8_t *p, size_t len)
{
    char tmp[PATH_ROOM + 8];
    cli_exit code = CLI_OK;
    int fd;

    snprintf(tmp, sizeof tmp, "%s.tmp", path);
    fd = open(tmp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0) return broken(c, "write", path);
    if (write_all(fd, p, len) != 0) code = broken(c, "write", path);
    if (close(fd) != 0 && code == CLI_OK) code = broken(c, "write", path);
    if (code == CLI_OK && rename(tmp, path) != 0) code = broken(c, "write", path);
    if (code != CLI_OK) {
        (void)unlink(tmp);
        return code;
    }
    return sync_folder_of(c, path);
}

cli_exit file_remove(cli *c, const char *path)
{
    if (unlink(path) == 0) return sync_folder_of(c, path);
    return errno == ENOENT ? CLI_OK : broken(c, "remove", path);
}

cli_exit file_rename(cli *c, const char *from, const char *to)
{
    if (rename(from, to) != 0) return broken(c, "rename", from);
    return sync_folder_of(c, to);
}

static int visible(const struct dirent *e)
{
    const size_t len = strlen(e->d_name);

    /* What a crash left half written is no entry. */
    return e->d_name[0] != '.' && !(len > 4 && strcmp(e->d_name + len - 4, ".tmp") == 0);
}

cli_exit folder_each(cli *c, const char *path, cli_exit (*fn)(cli *c, const char *name, void *arg),
                     void *arg)
{
    struct dirent **entry;
    cli_exit code = CLI_OK;
    const int n = scandir(path, &entry, visible, alphasort);

    if (n < 0) return errno == ENOENT ? CLI_OK : broken(c, "read folder", path);
    for (int i = 0; i < n; i++) {
        if (code == CLI_OK) code = fn(c, entry[i]->d_name, arg);
        free(entry[i]);
    }
    free(entry);
    return code;
}

cli_exit folder_lock(cli *c)
{
    char path[PATH_ROOM];

    CLI_TRY(folder_make(c, c->state));
    CLI_TRY(path_join(c, path, c->state, "lock", NULL));
    c->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (c->lock_fd < 0) return broken(c, "open", path);
    if (flock(c->lock_fd, LOCK_EX | LOCK_NB) != 0)
        return cli_fail(c, CLI_REFUSED,
                        "another countersign process uses %s; wait until it has finished",
                        c->state);
    return CLI_OK;
}
