#include "state.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

bool csigd_state_path_is_made(char *out, size_t size, const char *folder, const char *name)
{
    const int len = snprintf(out, size, "%s/%s", folder, name);

    return len > 0 && (size_t)len < size;
}

static bool folder_is_private(const char *folder, char *why, size_t why_len)
{
    struct stat st;

    if (mkdir(folder, 0700) != 0 && errno != EEXIST) {
        snprintf(why, why_len, "cannot make the state folder %s: %s", folder, strerror(errno));
        return false;
    }
    if (stat(folder, &st) != 0 || !S_ISDIR(st.st_mode)) {
        snprintf(why, why_len, "%s is not a folder", folder);
        return false;
    }
    if (st.st_uid != geteuid()) {
        snprintf(why, why_len, "the state folder %s belongs to another user", folder);
        return false;
    }
    if ((st.st_mode & 077) != 0) {
        snprintf(why, why_len, "the state folder %s is open to others: chmod 700 it", folder);
        return false;
    }
    return true;
}

int csigd_state_open(const char *folder, char *why, size_t why_len)
{
    char path[512];
    int fd;

    if (!folder_is_private(folder, why, why_len)) return -1;
    if (!csigd_state_path_is_made(path, sizeof path, folder, "lock")) {
        snprintf(why, why_len, "the name of the state folder is too long");
        return -1;
    }
    fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) {
        snprintf(why, why_len, "cannot write in the state folder %s: %s", folder, strerror(errno));
        return -1;
    }
    if (flock(fd, LOCK_EX | LOCK_NB) == 0) return fd;
    snprintf(why, why_len, "another countersignd uses the state folder %s", folder);
    close(fd);
    return -1;
}
