#include "proto/twist.h"

void twist_init(twist *t, const csig_protocol *p)
{
    t->protocol = *p;
    t->protocol.rounds = t->rounds;
    for (uint8_t i = 0; i < p->count; i++) {
        t->copy[i] = *p->rounds[i];
        t->rounds[i] = &t->copy[i];
    }
}

csig_round *twist_round(twist *t, uint8_t round)
{
    CSIG_ASSERT(round >= 1 && round <= t->protocol.count);
    return &t->copy[round - 1];
}
