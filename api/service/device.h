/* Devices: enrolment, and their verified auxiliary info, kept unsealed while it is in use. */
#ifndef CSIGD_SERVICE_DEVICE_H
#define CSIGD_SERVICE_DEVICE_H

#include "countersign/aux.h"
#include "service/service.h"

typedef struct csigd_enrolment {
    uint8_t identity[CSIG_IDENTITY_BYTES];
    uint8_t signature[64];
    char name[CSIGD_NAME_BYTES];
} csigd_enrolment;

/* Checks the device's signature alone; device: the row that an enrolment makes. */
csigd_code csigd_device_check(const csigd_service *service, const csigd_enrolment *enrolment,
                              csigd_device *device, csigd_problem *why);
/* Checks the device's signature and pins its identity; `fresh`: it was not there before.
 * `signature` is the server's over device identity and server identity. */
csigd_code csigd_device_enrol(const csigd_service *service, const csigd_enrolment *enrolment,
                              csigd_device *device, uint8_t signature[64], bool *fresh,
                              csigd_problem *why);

/* Of the auxiliary info last verified of this device; 0: none. */
csigd_code csigd_device_generation(const csigd_service *service, const uint8_t *device,
                                   uint64_t *generation, csigd_problem *why);

/* --- peers in use --- */

csigd_peers *csigd_peers_new(void);
void csigd_peers_free(csigd_peers *peers);
/* The device's verified auxiliary info for own generation; give it back with csigd_peer_release.
 * From its second use on it has tables. AUX_MISSING, STORE_UNAVAILABLE, INTERNAL, OVERLOADED. */
csigd_code csigd_peer_acquire(const csigd_service *service, const uint8_t *device, uint64_t own,
                              const csig_peer **peer, csigd_problem *why);
void csigd_peer_release(const csigd_service *service, const csig_peer *peer);
/* What is kept of this device is no longer the newest. */
void csigd_peer_forget(const csigd_service *service, const uint8_t *device);

#endif
