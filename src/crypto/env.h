/* What a computation borrows from its session. */
#ifndef CSIG_CRYPTO_ENV_H
#define CSIG_CRYPTO_ENV_H

#include "num/exp.h"
#include "num/point.h"

typedef struct csig_env {
    csig_rng *rng;
    const csig_curve *curve;
    const csig_engine *engine; /* NULL: the default */
} csig_env;

#endif
