/* Engines for tests: GMP behind the door's interface. */
#ifndef TESTS_SUPPORT_ENGINE_H
#define TESTS_SUPPORT_ENGINE_H

#include "base/base.h"
#include "countersign/engine.h"

typedef struct test_engine {
    csig_engine engine; /* give &engine to the code under test */
    size_t calls;
    size_t jobs;
    size_t secret_jobs;
    size_t fail_at; /* the number of the call that fails, from 1; 0: none */
} test_engine;

void test_engine_init(test_engine *e);

#endif
