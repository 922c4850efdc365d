/* Wiping, comparison, and what the two kinds of memory promise. */
#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "support/trap.h"

#define NOBODY 65534

/* The address sanitizer turns mlock into nothing and ends the process on impossible sizes. */
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HAS_ASAN 1
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define HAS_ASAN 1
#endif
#ifndef HAS_ASAN
#define HAS_ASAN 0
#endif

static void wipe(void **state)
{
    uint8_t buf[66];

    (void)state;
    for (size_t len = 0; len <= 64; len++) {
        memset(buf, 0xa5, sizeof buf);
        csig_wipe(buf + 1, len);
        assert_int_equal(buf[0], 0xa5);
        for (size_t i = 1; i <= len; i++)
            assert_int_equal(buf[i], 0);
        assert_int_equal(buf[len + 1], 0xa5);
    }
}

static void same(void **state)
{
    uint8_t a[70], b[70];

    (void)state;
    memset(a, 0x5a, sizeof a);
    memset(b, 0x5a, sizeof b);
    for (size_t len = 0; len <= sizeof a; len++) {
        assert_true(csig_is_same(a, b, len));
        for (size_t i = 0; i < sizeof a; i++) {
            for (int bit = 0; bit < 8; bit++) {
                b[i] ^= (uint8_t)(1 << bit);
                assert_int_equal(csig_is_same(a, b, len), i >= len);
                b[i] ^= (uint8_t)(1 << bit);
            }
        }
    }
}

static void expect_zeros_and_fill(uint8_t *p, size_t len)
{
    assert_non_null(p);
    for (size_t i = 0; i < len; i++)
        assert_int_equal(p[i], 0);
    memset(p, 0xff, len);
}

static void memory_is_zeroed(void **state)
{
    static const size_t sizes[] = {1, 16, 4095, 4096, 4097, 20000};

    (void)state;
    for (size_t i = 0; i < CSIG_ARRAY_LEN(sizes); i++) {
        for (int again = 0; again < 3; again++) { /* the second may get the first one's memory */
            uint8_t *s = csig_secret_alloc(sizes[i]);
            uint8_t *p = csig_public_alloc(sizes[i]);

            assert_int_equal((uintptr_t)s % _Alignof(max_align_t), 0);
            assert_int_equal((uintptr_t)p % _Alignof(max_align_t), 0);
            expect_zeros_and_fill(s, sizes[i]);
            expect_zeros_and_fill(p, sizes[i]);
            csig_secret_free(s);
            csig_public_free(p);
        }
    }
    csig_secret_free(NULL);
    csig_public_free(NULL);
}

static void impossible_sizes_are_refused(void **state)
{
    volatile size_t most = SIZE_MAX;

    (void)state;
    assert_null(csig_secret_alloc(most));
    assert_null(csig_secret_alloc(most / 4 * 3));
    if (!HAS_ASAN) assert_null(csig_public_alloc(most));
}

static void read_byte(void *p)
{
    const volatile uint8_t *byte = p;

    _exit(*byte == 0 ? 1 : 2);
}

static void secrets_are_guarded(void **state)
{
    uint8_t *p = csig_secret_alloc(48);

    (void)state;
    assert_non_null(p);
    assert_false(fault_is_hit(read_byte, p + 47));
    assert_true(fault_is_hit(read_byte, p + 48));
    csig_secret_free(p);
    assert_true(fault_is_hit(read_byte, p)); /* gone, not merely forgotten */
}

/* qemu shows its own mappings. */
#ifdef CSIG_EMULATED
#define IS_EMULATED true
#else
#define IS_EMULATED false
#endif

/* The flags of the mapping that holds p, from smaps; false when it is not found. */
static bool has_flags(const void *p, char *flags, size_t len)
{
    FILE *f = fopen("/proc/self/smaps", "r");
    bool inside = false, found = false;
    char line[512];

    assert_non_null(f);
    while (!found && fgets(line, sizeof line, f) != NULL) {
        unsigned long from, to;

        if (sscanf(line, "%lx-%lx ", &from, &to) == 2)
            inside = from <= (uintptr_t)p && (uintptr_t)p < to;
        found = inside && strncmp(line, "VmFlags:", 8) == 0;
    }
    if (found) (void)snprintf(flags, len, "%s", line);
    assert_int_equal(fclose(f), 0);
    return found;
}

static void secrets_are_locked_and_not_dumped(void **state)
{
    uint8_t *p = csig_secret_alloc(48);
    char flags[512];

    (void)state;
    if (HAS_ASAN || IS_EMULATED) skip();
    assert_non_null(p);
    assert_true(has_flags(p, flags, sizeof flags));
    assert_non_null(strstr(flags, " lo")); /* locked */
    assert_non_null(strstr(flags, " dd")); /* do not dump */
    csig_secret_free(p);
}

/* In a process that may lock nothing there is no secret memory; root first becomes nobody. */
static int child_without_locked_memory(void)
{
    const struct rlimit none = {0, 0};

    if (setrlimit(RLIMIT_MEMLOCK, &none) != 0) return 2;
    if (geteuid() == 0 && (setgid(NOBODY) != 0 || setuid(NOBODY) != 0)) return 3;
    return csig_secret_alloc(48) == NULL ? 0 : 1;
}

static void unlockable_memory_is_refused(void **state)
{
    int status = -1;
    pid_t child;

    (void)state;
    if (HAS_ASAN) skip();
    child = fork();
    if (child == 0) _exit(child_without_locked_memory());
    assert_true(child > 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wipe),
        cmocka_unit_test(same),
        cmocka_unit_test(memory_is_zeroed),
        cmocka_unit_test(impossible_sizes_are_refused),
        cmocka_unit_test(secrets_are_guarded),
        cmocka_unit_test(secrets_are_locked_and_not_dumped),
        cmocka_unit_test(unlockable_memory_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
