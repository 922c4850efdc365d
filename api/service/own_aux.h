/* The daemon's own auxiliary info by generation, open: the newest and, while devices have still to
 * come by, the one before it. */
#ifndef CSIGD_SERVICE_OWN_AUX_H
#define CSIGD_SERVICE_OWN_AUX_H

#include "countersign/aux.h"
#include "service/service.h"

typedef struct csigd_own csigd_own;

csigd_own *csigd_own_new(const csigd_service *service);
/* No session runs any more: wipes what is left. */
void csigd_own_free(csigd_own *own);
/* From the store: what there is, which may be nothing. CSIG_E_HOST: it cannot be read. */
csig_err csigd_own_load(csigd_own *own);
/* Durable, then the newest; the search it came from is gone with the same write. Takes aux when it
 * is STORED. */
csigd_stored csigd_own_put(csigd_own *own, csig_aux *aux);
/* The newest generation; 0: none. */
uint64_t csigd_own_newest(csigd_own *own);
/* The generation that is left beside the newest; 0: none. */
uint64_t csigd_own_older(csigd_own *own);
/* For a session, until csigd_own_release; NULL: not there, or not any more. */
const csig_aux *csigd_own_acquire(csigd_own *own, uint64_t generation);
void csigd_own_release(csigd_own *own, const csig_aux *aux);
/* Destroy an older generation: from the store, then from memory, there when the last session that
 * uses it ends. As csigd_store's aux_drop. */
csigd_stored csigd_own_drop(csigd_own *own, uint64_t generation, bool anyway);

#endif
