/* Preloaded into a daemon under test: threads stand still in the middle of a protocol's work, where
 * a point is multiplied by a secret. HOLD: a file of 12 octets, mapped: how many threads are yet to
 * be held, how many are, and whether they may go on; the harness sets the first and the last. */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

static struct {
    _Atomic uint32_t to_come, held, may_go;
} * hold;

static void begin(void) __attribute__((constructor));
static void begin(void)
{
    const char *file = getenv("HOLD");
    const int fd = file != NULL ? open(file, O_RDWR | O_CLOEXEC) : -1;
    void *map;

    if (fd < 0) return;
    map = mmap(NULL, sizeof *hold, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    if (map != MAP_FAILED) hold = map;
}

static void stand_still(void)
{
    const struct timespec moment = {0, 5000000};
    uint32_t n = hold != NULL ? atomic_load(&hold->to_come) : 0;

    while (n > 0 && !atomic_compare_exchange_weak(&hold->to_come, &n, n - 1))
        continue;
    if (n == 0) return;
    atomic_fetch_add(&hold->held, 1);
    while (atomic_load(&hold->may_go) == 0)
        nanosleep(&moment, NULL);
    atomic_fetch_sub(&hold->held, 1);
}

typedef int ecdh(const void *ctx, unsigned char *out, const void *point,
                 const unsigned char *scalar, const void *hash, void *data);

ecdh secp256k1_ecdh;
int secp256k1_ecdh(const void *ctx, unsigned char *out, const void *point,
                   const unsigned char *scalar, const void *hash, void *data)
{
    static ecdh *next;

    if (next == NULL) *(void **)&next = dlsym(RTLD_NEXT, "secp256k1_ecdh");
    stand_still();
    return next(ctx, out, point, scalar, hash, data);
}
