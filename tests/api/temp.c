#include "api/temp.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[64];

const char *temp_folder(void)
{
    snprintf(folder, sizeof folder, "/tmp/csigd-test-XXXXXX");
    assert_non_null(mkdtemp(folder));
    return folder;
}

const char *temp_path(const char *name)
{
    static char paths[8][160];
    static unsigned next;
    char *path = paths[next++ % 8];

    snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

void temp_remove(void)
{
    DIR *d = opendir(folder);
    struct dirent *e;

    if (d == NULL) return;
    while ((e = readdir(d)) != NULL) {
        if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
            (void)unlinkat(dirfd(d), e->d_name, 0);
    }
    closedir(d);
    rmdir(folder);
}

void temp_write(const char *name, const void *octets, size_t len, unsigned mode)
{
    const int fd = open(temp_path(name), O_WRONLY | O_CREAT | O_TRUNC, 0600);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, octets, len), (ssize_t)len);
    assert_int_equal(fchmod(fd, mode), 0);
    close(fd);
}

csigd_store *temp_store(void)
{
    char why[256] = "";
    csigd_store *store = csigd_sqlite_open(temp_path("store.db"), csig_level(), why, sizeof why);

    if (store == NULL) fail_msg("%s", why);
    return store;
}

void temp_service(csigd_service *service, uint8_t key)
{
    csigd_secret secret = {.kind = CSIGD_KEY_FILE, .bytes = csigd_locked_alloc(CSIGD_MASTER_BYTES)};
    char why[256] = "";

    assert_non_null(secret.bytes);
    memset(secret.bytes, key, CSIGD_MASTER_BYTES);
    secret.len = CSIGD_MASTER_BYTES;
    if (!csigd_service_is_started(service, temp_store(), &secret, 2, why, sizeof why))
        fail_msg("%s", why);
    service->development = true;
    csigd_secret_free(&secret);
}

void temp_quiet(void)
{
    const int fd = open("/dev/null", O_WRONLY);
    FILE *words = fdopen(dup(STDERR_FILENO), "w");

    assert_true(fd >= 0 && words != NULL);
    setvbuf(words, NULL, _IONBF, 0);
    stderr = words;
    dup2(fd, STDERR_FILENO);
    close(fd);
}
