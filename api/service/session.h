/* Sessions: one attempt at a protocol between the daemon and one client process. They live in
 * memory and are never written; the store knows that they are, and every answer they gave. */
#ifndef CSIGD_SERVICE_SESSION_H
#define CSIGD_SERVICE_SESSION_H

#include "countersign/sign.h"
#include "http/router.h"
#include "service/service.h"

#define CSIGD_LIVE_PER_WALLET 16
/* Of no wallet that is born: auxiliary info and key generation, begun by one device's key. */
#define CSIGD_LIVE_PER_DEVICE 16

/* What the client asks for. */
typedef struct csigd_recovery_wish {
    uint32_t index;
    uint8_t key[CSIG_RECOVERY_KEY_BYTES];
    char
        identity[2 * CSIG_IDENTITY_BYTES + 1]; /* of an index without a device; empty: it has one */
} csigd_recovery_wish;

typedef struct csigd_keygen_wish {
    uint32_t signers_required, parties;
    size_t n_devices, n_nonces, n_recovery;
    csigd_recovery_wish recovery[CSIG_PARTIES_MAX];
    uint8_t devices[CSIGD_DEVICES_MAX][CSIG_IDENTITY_BYTES];
    uint8_t nonces[CSIGD_DEVICES_MAX][CSIG_NONCE_BYTES];
    uint32_t allow;
    char label[CSIGD_LABEL_MAX + 1];
    bool rehearsal;
} csigd_keygen_wish;

typedef struct csigd_signing_wish {
    size_t n_signers, n_nonces, n_presignatures;
    uint16_t signers[CSIG_PARTIES_MAX];
    uint8_t nonces[CSIGD_DEVICES_MAX][CSIG_NONCE_BYTES];
    uint8_t presignatures[32][CSIG_PRESIG_ID_BYTES]; /* online: those the client holds */
    uint32_t count;                                  /* presign: how many */
    uint32_t input;                                  /* signing: of the request */
} csigd_signing_wish;

typedef struct csigd_refresh_wish {
    csigd_signing_wish all; /* who is online */
    size_t n_test_signers;
    uint16_t test_signers[CSIG_PARTIES_MAX];
    uint8_t campaign[CSIGD_ID_BYTES]; /* that asks for it; zero: none */
} csigd_refresh_wish;

/* One that is online in a resharing: its index in the current epoch (0: it joins), and in the next
 * one (0: it leaves). */
typedef struct csigd_member_wish {
    uint32_t deals, holds;
} csigd_member_wish;

typedef struct csigd_reshare_wish {
    uint32_t signers_required; /* of the next epoch, as everything but `deals` */
    size_t n_members, n_devices, n_nonces, n_recovery, n_test_signers;
    csigd_member_wish members[CSIG_PARTIES_MAX];
    uint8_t devices[CSIGD_DEVICES_MAX][CSIG_IDENTITY_BYTES]; /* of all indices but the server's */
    uint8_t nonces[CSIGD_DEVICES_MAX][CSIG_NONCE_BYTES];     /* of the members but it, in order */
    csigd_recovery_wish recovery[CSIG_PARTIES_MAX];          /* without identity */
    uint16_t test_signers[CSIG_PARTIES_MAX];
} csigd_reshare_wish;

/* What it is told. */
typedef struct csigd_opened {
    csigd_session_row row;
    size_t n_nonces;
    uint8_t nonces[CSIG_PARTIES_MAX][CSIG_NONCE_BYTES];
    uint32_t number, count;               /* presign */
    uint8_t presig[CSIG_PRESIG_ID_BYTES]; /* online, with the server's first envelopes */
    csigd_blob envelopes;
    csigd_wallet wallet; /* key generation */
} csigd_opened;

/* locked_octets: of locked memory for all sessions and halves together. */
csigd_sessions *csigd_sessions_new(const csigd_service *service, uint64_t locked_octets);
/* No job runs any more: wipes what is left. */
void csigd_sessions_free(csigd_sessions *sessions);
/* How many run, the locked memory set aside for them, and that for all. */
void csigd_sessions_weigh(csigd_sessions *sessions, size_t *running, uint64_t *locked,
                          uint64_t *room);
/* How many two-party signing sessions fit at once. */
uint64_t csigd_sessions_room(const csigd_sessions *sessions);

csigd_code csigd_open_aux(const csigd_service *service, const uint8_t *device,
                          const uint8_t nonce[CSIG_NONCE_BYTES], csigd_opened *opened,
                          csigd_problem *why);
csigd_code csigd_open_keygen(const csigd_service *service, const csigd_keygen_wish *wish,
                             csigd_opened *opened, csigd_problem *why);
csigd_code csigd_open_presign(const csigd_service *service, const uint8_t *wallet,
                              const csigd_signing_wish *wish, csigd_opened *opened,
                              csigd_problem *why);
/* Full or presigned, as the request says. */
csigd_code csigd_open_signing(const csigd_service *service, const uint8_t *request,
                              const csigd_signing_wish *wish, csigd_opened *opened,
                              csigd_problem *why);

/* mover: NULL, or the device that asks for itself: it may give its place to another one, and
 * nothing else (CSIGD_UNIX_SOCKET_ONLY). */
csigd_code csigd_open_reshare(const csigd_service *service, const uint8_t *wallet,
                              const csigd_reshare_wish *wish, const uint8_t *mover,
                              csigd_opened *opened, csigd_problem *why);
csigd_code csigd_open_refresh(const csigd_service *service, const uint8_t *wallet,
                              const csigd_refresh_wish *wish, csigd_opened *opened,
                              csigd_problem *why);

/* One exchange. Runs as a job with the session's id as its key, like the next two. */
csigd_reply csigd_session_put(const csigd_service *service, const uint8_t *id, uint32_t n,
                              const uint8_t *body, size_t len);
csigd_code csigd_session_abort(const csigd_service *service, const uint8_t *id, csigd_problem *why);
/* What the store has ended goes here, too, soon: the sessions of a wallet that has a new epoch (id
 * NULL), or the one of a request that is cancelled (wallet NULL). */
void csigd_sessions_stop(const csigd_service *service, const uint8_t *wallet, const uint8_t *id);
/* Past its deadline: ends it. */
void csigd_session_expire(const csigd_service *service, const uint8_t *id);
/* Submits csigd_session_expire for what is past its deadline, and destroys old presignatures.
 * Called every second. */
void csigd_sessions_tick(const csigd_service *service);

#endif
