/* A sealer that hides and authenticates nothing: what is "sealed" can be altered like any octets,
 * to see what is checked behind the seal. */
#ifndef TESTS_SUPPORT_OPEN_SEALER_H
#define TESTS_SUPPORT_OPEN_SEALER_H

#include "countersign/sealer.h"

csig_sealer open_sealer(void);

#endif
