/* Records of honest sessions, the same at every member. */
#ifndef TESTS_PROTO_RECORDS_H
#define TESTS_PROTO_RECORDS_H

#include "countersign/transcript.h"
#include "proto/keygen_group.h"
#include "proto/reshare_group.h"

typedef struct octets {
    uint8_t *p; /* free() */
    size_t len;
} octets;

/* A refresh of two, another of five, and a resharing in which one joins and one leaves. */
extern const reshare_case records_two_of_two, records_three_of_five, records_replaced;

/* Of a group that is initialised; last: the index of who moves last, 0: nobody. The group is to be
 * freed afterwards. */
octets records_keygen(keygen_group *g, uint16_t last);
octets records_reshare(reshare_group *g, const reshare_case *c);

#endif
