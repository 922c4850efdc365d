/* Everything the handlers work with. Made once at start, in this order; its parts are thread safe.
 */
#ifndef CSIGD_SERVICE_SERVICE_H
#define CSIGD_SERVICE_SERVICE_H

#include "countersign/identity.h"
#include "http/problem.h"
#include "service/jobs.h"
#include "service/vault.h"
#include "service/waiting.h"
#include "store/store.h"

typedef struct csigd_own csigd_own;
typedef struct csigd_primes csigd_primes;
typedef struct csigd_peers csigd_peers;
typedef struct csigd_presigs csigd_presigs;
typedef struct csigd_sessions csigd_sessions;
typedef struct csigd_keys csigd_keys;
typedef struct csigd_meter csigd_meter;
typedef struct csigd_server_keys csigd_server_keys;
typedef struct csigd_refusals csigd_refusals;
typedef struct csigd_metrics csigd_metrics;
typedef struct csigd_ready csigd_ready;
typedef struct csigd_webhooks csigd_webhooks;
typedef struct csigd_hook csigd_hook;

typedef struct csigd_service {
    csigd_store *store;
    csigd_vault *vault;
    csigd_jobs *jobs;
    csig_identity *identity;
    uint8_t identity_pub[CSIG_IDENTITY_BYTES];
    csigd_own *own; /* auxiliary info */
    csigd_primes *primes;
    csigd_peers *peers;
    csigd_presigs *presigs;
    csigd_sessions *sessions;
    csigd_keys *keys;
    csigd_meter *meter;
    csigd_server_keys *server_keys;
    csigd_refusals *refusals;
    csigd_metrics *metrics;
    csigd_ready *ready;
    csigd_waiting *waiting; /* clients that wait for messages */
    _Atomic(csigd_webhooks *) webhooks;
    _Atomic(csigd_hook *) hook; /* NULL: there is none */
    csigd_event *stop;          /* set when the daemon ends */
    csigd_thread *house;        /* deadlines and old things */
    bool development;           /* a wallet without a policy signs what it allows */
} csigd_service;

/* The server's index in every wallet. */
#define CSIGD_SERVER_INDEX 2

/* From an opened store and what opens the vault: identity, and the rest on top. At first start
 * makes master key and identity. false with a sentence in why; then nothing is left. Takes store.
 */
bool csigd_service_is_started(csigd_service *service, csigd_store *store,
                              const csigd_secret *secret, unsigned workers, char *why,
                              size_t why_len);
/* Is this store at its first start (a fresh passphrase is asked for twice)? */
bool csigd_service_is_fresh(csigd_store *store);
/* Takes no more jobs and finishes those there are. */
void csigd_service_drain(csigd_service *service);
/* Drains, then ends everything. Also of a service that did not start. */
void csigd_service_stop(csigd_service *service);

/* The code of a store's answer that the caller does not treat by itself. */
csigd_code csigd_code_of_store(csigd_stored stored);

/* One library call that exports: sealed octets into a fresh blob. */
typedef csig_err csigd_export_fn(const void *object, const csig_sealer *sealer, uint8_t *out,
                                 size_t *len);
csig_err csigd_export(csigd_blob *out, csigd_export_fn *export_fn, const void *object,
                      const csig_sealer *sealer);

#endif
