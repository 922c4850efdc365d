/* Preloaded into a process under test (LD_PRELOAD): counts every call that writes, syncs,
 * truncates, renames, unlinks or sends, and ends the process before the n-th; or its disk is full
 * from the n-th write on. Nothing of this is in the product.
 *
 *   CRASH_DIR      only files below this folder count (sockets always do)
 *   CRASH_COUNT    a file of 32 octets, mapped: the count so far, and before which call to kill (0:
 *                  only count); writes to files so far, and from which one on the disk is full (0:
 *                  it is not); the harness may set them while the process runs
 *   CRASH_SHADOW   a folder that keeps what a power cut would leave: contents as of the last fsync
 * of each file (c/INODE) and entries as of the last fsync of each folder (d/NAME)
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static struct {
    const char *dir, *shadow;
    _Atomic uint64_t *count; /* [0] so far, [1] kill before this one; [2] writes, [3] full from */
    pthread_mutex_t lock;
} crash = {.lock = PTHREAD_MUTEX_INITIALIZER};

static void begin(void) __attribute__((constructor));
static void begin(void)
{
    const char *file = getenv("CRASH_COUNT");
    int fd;

    crash.dir = getenv("CRASH_DIR");
    crash.shadow = getenv("CRASH_SHADOW");
    if (file == NULL || crash.dir == NULL) return;
    fd = open(file, O_RDWR | O_CLOEXEC);
    if (fd < 0) return;
    crash.count = mmap(NULL, 32, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    if (crash.count == MAP_FAILED) crash.count = NULL;
    unsetenv("LD_PRELOAD"); /* not in children */
}

static void step(void)
{
    const uint64_t n = atomic_fetch_add(&crash.count[0], 1) + 1, at = atomic_load(&crash.count[1]);

    if (at != 0 && n >= at) {
        (void)syscall(SYS_kill, getpid(), SIGKILL);
        for (;;)
            pause();
    }
}

static bool disk_is_full(void)
{
    const uint64_t n = atomic_fetch_add(&crash.count[2], 1) + 1, at = atomic_load(&crash.count[3]);

    if (at == 0 || n < at) return false;
    errno = ENOSPC;
    return true;
}

static bool path_of(int fd, char path[PATH_MAX])
{
    char link[64];
    ssize_t n;

    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    n = readlink(link, path, PATH_MAX - 1);
    if (n < 0) return false;
    path[n] = '\0';
    return true;
}

static bool is_ours(const char *path)
{
    return crash.count != NULL && strncmp(path, crash.dir, strlen(crash.dir)) == 0;
}

static bool fd_is_ours(int fd)
{
    char path[PATH_MAX];

    return crash.count != NULL && path_of(fd, path) && is_ours(path);
}

/* --- what a power cut would leave --- */

static void copy_whole(int fd, const char *to)
{
    char buf[65536];
    const int out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    off_t at = 0;
    ssize_t n;

    if (out < 0) return;
    while ((n = (ssize_t)syscall(SYS_pread64, fd, buf, sizeof buf, at)) > 0) {
        (void)syscall(SYS_write, out, buf, (size_t)n);
        at += n;
    }
    close(out);
}

static void keep_file(const char *path, const struct stat *st)
{
    char to[PATH_MAX], tmp[PATH_MAX + 8];
    const int in = open(path, O_RDONLY | O_CLOEXEC); /* fd may be write-only */

    if (in < 0) return;
    snprintf(to, sizeof to, "%s/c/%llu", crash.shadow, (unsigned long long)st->st_ino);
    snprintf(tmp, sizeof tmp, "%s.tmp", to);
    copy_whole(in, tmp);
    close(in);
    (void)syscall(SYS_rename, tmp, to);
}

static void keep_folder(const char *path)
{
    char to[PATH_MAX], tmp[PATH_MAX + 8];
    DIR *d = opendir(path);
    const struct dirent *e;
    FILE *f;
    size_t n;

    if (d == NULL) return;
    n = (size_t)snprintf(to, sizeof to, "%s/d/", crash.shadow);
    for (const char *p = path; *p != '\0' && n + 1 < sizeof to; p++)
        to[n++] = *p == '/' ? '%' : *p;
    to[n] = '\0';
    snprintf(tmp, sizeof tmp, "%s.tmp", to);
    f = fopen(tmp, "w");
    while (f != NULL && (e = readdir(d)) != NULL)
        if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
            fprintf(f, "%c %llu %s\n", e->d_type == DT_DIR ? 'd' : 'f',
                    (unsigned long long)e->d_ino, e->d_name);
    if (f != NULL) fclose(f);
    closedir(d);
    (void)syscall(SYS_rename, tmp, to);
}

static void keep(int fd)
{
    char path[PATH_MAX];
    struct stat st;

    if (crash.shadow == NULL || !path_of(fd, path) || !is_ours(path) || fstat(fd, &st) != 0) return;
    pthread_mutex_lock(&crash.lock);
    if (S_ISDIR(st.st_mode))
        keep_folder(path);
    else
        keep_file(path, &st);
    pthread_mutex_unlock(&crash.lock);
}

/* --- the calls --- */

#define NEXT(name, type)                                                                           \
    static __typeof__(type) next;                                                                  \
    if (next == NULL) *(void **)&next = dlsym(RTLD_NEXT, name)

ssize_t write(int fd, const void *p, size_t n)
{
    NEXT("write", ssize_t(*)(int, const void *, size_t));
    if (!fd_is_ours(fd)) return next(fd, p, n);
    step();
    if (disk_is_full()) return -1;
    return next(fd, p, n);
}

ssize_t pwrite64(int fd, const void *p, size_t n, off64_t at)
{
    NEXT("pwrite64", ssize_t(*)(int, const void *, size_t, off64_t));
    if (!fd_is_ours(fd)) return next(fd, p, n, at);
    step();
    if (disk_is_full()) return -1;
    return next(fd, p, n, at);
}

ssize_t pwrite(int fd, const void *p, size_t n, off_t at)
{
    return pwrite64(fd, p, n, at);
}

ssize_t writev(int fd, const struct iovec *v, int n)
{
    struct stat st;
    NEXT("writev", ssize_t(*)(int, const struct iovec *, int));
    if (fd_is_ours(fd) || (crash.count != NULL && fstat(fd, &st) == 0 && S_ISSOCK(st.st_mode)))
        step();
    return next(fd, v, n);
}

int ftruncate64(int fd, off64_t len)
{
    NEXT("ftruncate64", int (*)(int, off64_t));
    if (fd_is_ours(fd)) step();
    return next(fd, len);
}

int ftruncate(int fd, off_t len)
{
    return ftruncate64(fd, len);
}

int fsync(int fd)
{
    int failed;
    NEXT("fsync", int (*)(int));
    if (!fd_is_ours(fd)) return next(fd);
    step();
    failed = next(fd);
    if (!failed) keep(fd);
    return failed;
}

int fdatasync(int fd)
{
    int failed;
    NEXT("fdatasync", int (*)(int));
    if (!fd_is_ours(fd)) return next(fd);
    step();
    failed = next(fd);
    if (!failed) keep(fd);
    return failed;
}

int rename(const char *from, const char *to)
{
    NEXT("rename", int (*)(const char *, const char *));
    if (is_ours(to)) step();
    return next(from, to);
}

int unlink(const char *path)
{
    NEXT("unlink", int (*)(const char *));
    if (is_ours(path)) step();
    return next(path);
}

ssize_t send(int fd, const void *p, size_t n, int flags)
{
    NEXT("send", ssize_t(*)(int, const void *, size_t, int));
    if (crash.count != NULL) step();
    return next(fd, p, n, flags);
}

ssize_t sendto(int fd, const void *p, size_t n, int flags, const struct sockaddr *to, socklen_t len)
{
    NEXT("sendto", ssize_t(*)(int, const void *, size_t, int, const struct sockaddr *, socklen_t));
    if (crash.count != NULL) step();
    return next(fd, p, n, flags, to, len);
}

ssize_t sendmsg(int fd, const struct msghdr *m, int flags)
{
    NEXT("sendmsg", ssize_t(*)(int, const struct msghdr *, int));
    if (crash.count != NULL) step();
    return next(fd, m, flags);
}
