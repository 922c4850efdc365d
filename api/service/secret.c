#include "service/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

void *csigd_locked_alloc(size_t len)
{
    void *p = sodium_malloc(len);

    if (p == NULL) return NULL;
    /* sodium_malloc goes on without a lock; this says whether there is one. */
    if (sodium_mlock(p, len) == 0) return p;
    sodium_free(p);
    return NULL;
}

void csigd_locked_free(void *p)
{
    sodium_free(p);
}

void csigd_secret_free(csigd_secret *s)
{
    csigd_locked_free(s->bytes);
    *s = (csigd_secret){.bytes = NULL};
}

/* Everything up to the end of the file, at most max octets. */
static bool all_is_read(int fd, uint8_t *out, size_t max, size_t *len)
{
    *len = 0;
    for (;;) {
        const ssize_t n = read(fd, out + *len, max - *len);

        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return n == 0;
        *len += (size_t)n;
        if (*len == max) return false;
    }
}

static bool secret_is_read(csigd_secret *s, csigd_secret_kind kind, int fd, const char *name,
                           char *why, size_t why_len)
{
    const size_t max = kind == CSIGD_KEY_FILE   ? CSIGD_MASTER_BYTES + 1
                       : kind == CSIGD_PEM_FILE ? CSIGD_PEM_MAX + 1
                                                : CSIGD_PASSPHRASE_MAX + 2;

    *s = (csigd_secret){.kind = kind, .bytes = csigd_locked_alloc(max)};
    if (s->bytes == NULL) {
        snprintf(why, why_len, "memory cannot be locked: raise RLIMIT_MEMLOCK (ulimit -l)");
        return false;
    }
    if (!all_is_read(fd, s->bytes, max, &s->len)) {
        snprintf(why, why_len, "cannot read %s, or it is too long", name);
        return false;
    }
    if (kind == CSIGD_PASSPHRASE && s->len > 0 && s->bytes[s->len - 1] == '\n') s->len--;
    if (kind == CSIGD_PASSPHRASE && s->len == 0) {
        snprintf(why, why_len, "the passphrase in %s is empty", name);
        return false;
    }
    if (kind == CSIGD_KEY_FILE && s->len != CSIGD_MASTER_BYTES) {
        snprintf(why, why_len, "the key file %s must have exactly %d octets", name,
                 CSIGD_MASTER_BYTES);
        return false;
    }
    return true;
}

static bool file_is_private(int fd, const char *path, mode_t closed, char *why, size_t why_len)
{
    struct stat st;

    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
        snprintf(why, why_len, "%s is not a regular file", path);
        return false;
    }
    if (st.st_uid != geteuid() && st.st_uid != 0) {
        snprintf(why, why_len, "%s belongs to another user", path);
        return false;
    }
    if ((st.st_mode & closed) != 0) {
        snprintf(why, why_len, "%s is open to others: chmod 600 it", path);
        return false;
    }
    return true;
}

static bool secret_is_opened(csigd_secret *s, csigd_secret_kind kind, const char *path,
                             mode_t closed, char *why, size_t why_len)
{
    /* Not blocking: a pipe is refused as what it is, not waited for. */
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    bool good;

    *s = (csigd_secret){.bytes = NULL};
    if (fd < 0) {
        snprintf(why, why_len, "cannot open %s: %s", path, strerror(errno));
        return false;
    }
    good = file_is_private(fd, path, closed, why, why_len) &&
           secret_is_read(s, kind, fd, path, why, why_len);
    close(fd);
    if (!good) csigd_secret_free(s);
    return good;
}

bool csigd_secret_is_from_key_file(csigd_secret *s, const char *path, char *why, size_t why_len)
{
    return secret_is_opened(s, CSIGD_KEY_FILE, path, 077, why, why_len);
}

bool csigd_secret_is_from_file(csigd_secret *s, const char *path, char *why, size_t why_len)
{
    return secret_is_opened(s, CSIGD_PASSPHRASE, path, 077, why, why_len);
}

bool csigd_secret_is_from_credential(csigd_secret *s, const char *path, char *why, size_t why_len)
{
    return secret_is_opened(s, CSIGD_PASSPHRASE, path, 037, why, why_len);
}

bool csigd_secret_is_from_pem(csigd_secret *s, const char *path, char *why, size_t why_len)
{
    return secret_is_opened(s, CSIGD_PEM_FILE, path, 037, why, why_len);
}

bool csigd_secret_is_from_fd(csigd_secret *s, int fd, char *why, size_t why_len)
{
    char name[32];
    bool good;

    snprintf(name, sizeof name, "descriptor %d", fd);
    good = secret_is_read(s, CSIGD_PASSPHRASE, fd, name, why, why_len);
    if (!good) csigd_secret_free(s);
    return good;
}

/* --- the terminal --- */

/* One line without echo. */
static bool line_is_read(int tty, const char *prompt, csigd_secret *s)
{
    struct termios before, quiet;
    bool good = false;

    if (write(tty, prompt, strlen(prompt)) < 0 || tcgetattr(tty, &before) != 0) return false;
    quiet = before;
    quiet.c_lflag &= ~(tcflag_t)ECHO;
    if (tcsetattr(tty, TCSAFLUSH, &quiet) != 0) return false;
    s->len = 0;
    while (s->len < CSIGD_PASSPHRASE_MAX) {
        const ssize_t n = read(tty, s->bytes + s->len, 1);

        if (n < 0 && errno == EINTR) continue;
        if (n != 1) break;
        good = s->bytes[s->len] == '\n';
        if (good) break;
        s->len++;
    }
    (void)tcsetattr(tty, TCSAFLUSH, &before);
    (void)!write(tty, "\n", 1);
    return good && s->len > 0;
}

bool csigd_secret_is_from_terminal(csigd_secret *s, bool fresh, char *why, size_t why_len)
{
    const int tty = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
    csigd_secret again = {.bytes = csigd_locked_alloc(CSIGD_PASSPHRASE_MAX)};
    bool good;

    *s =
        (csigd_secret){.kind = CSIGD_PASSPHRASE, .bytes = csigd_locked_alloc(CSIGD_PASSPHRASE_MAX)};
    snprintf(why, why_len,
             "no way to the master key: give --passphrase-file, --passphrase-fd or --key-file, or "
             "start on a terminal");
    good = tty >= 0 && s->bytes != NULL && again.bytes != NULL &&
           line_is_read(tty, "countersignd: passphrase: ", s);
    if (good && fresh) {
        good = line_is_read(tty, "countersignd: once more: ", &again) && again.len == s->len &&
               sodium_memcmp(again.bytes, s->bytes, s->len) == 0;
        if (!good) snprintf(why, why_len, "the two passphrases differ");
    }
    csigd_secret_free(&again);
    if (tty >= 0) close(tty);
    if (!good) csigd_secret_free(s);
    return good;
}
