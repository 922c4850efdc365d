/* What the library has allocated: every allocation passes here by the linker's --wrap, which a
 * program that links this asks for (tests/CMakeLists.txt). */
#ifndef TESTS_BENCH_MEMORY_H
#define TESTS_BENCH_MEMORY_H

#include <stddef.h>

/* Octets now; the most there were since memory_start. */
size_t memory_held(void);
void memory_start(void);
size_t memory_peak(void);

#endif
