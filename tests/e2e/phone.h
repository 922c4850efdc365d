/* The client's side of every protocol, by the library's public door: devices, wallets, and runs of
 * sessions that a test can let go on step by step. */
#ifndef TESTS_E2E_PHONE_H
#define TESTS_E2E_PHONE_H

#include "countersign/countersign.h"
#include "e2e/daemon.h"

typedef struct device {
    csig_identity *identity;
    uint8_t id[CSIG_IDENTITY_BYTES];
    char hex[65];
    csig_aux *aux;
    csig_peer *server; /* verified; NULL: not yet */
    csig_peer *fellow; /* likewise: the one other device of the client that signs with it */
} device;

/* Who has a recovery key. */
typedef struct recovery_plan {
    size_t n;
    uint16_t index[4];
    uint8_t key[4][CSIG_RECOVERY_KEY_BYTES];
    const device *offline[4]; /* whose identity it is; NULL: the index has a device or the server */
} recovery_plan;

typedef struct wallet {
    char id[33];
    uint16_t signers, parties;
    size_t n; /* parties held by the client */
    device *owner[4];
    uint16_t index[4];
    csig_share *share[4];
    uint8_t public_key[CSIG_PUBKEY_BYTES];
    recovery_plan plan;
    char campaign[33]; /* that a refresh names; empty: none */
} wallet;

#define RUN_MAX 32

typedef enum run_kind {
    RUN_AUX,
    RUN_KEYGEN,
    RUN_PRESIGN,
    RUN_SIGN,
    RUN_ONLINE,
    RUN_REFRESH
} run_kind;

/* One session of the daemon: the client's parties of one or more protocol sessions. */
typedef struct run run;
struct run {
    run_kind kind;
    /* Changes what session i says, before anybody has it; NULL: nobody does. */
    void (*lie)(const run *r, size_t i, uint8_t *envelope, size_t len);
    /* Does session i hear this? NULL: all do. */
    bool (*hears)(const run *r, size_t i, const uint8_t *envelope, size_t len);
    char session[33];
    unsigned next; /* round */
    size_t n;
    csig_session *s[RUN_MAX];
    uint16_t index[RUN_MAX];
    device *owner; /* aux */
    wallet *to;    /* keygen: shares land here */
    csig_presig *half[RUN_MAX];
    bool done; /* the daemon said so */
    /* signing: how to make party 0 again */
    const wallet *of;
    uint8_t nonces[CSIG_PARTIES_MAX][CSIG_NONCE_BYTES];
    char request[65], mode[8];
    /* refresh: session i < wallet's n is party i's, further ones sign the test */
    uint64_t attempt;
    uint16_t online[CSIG_PARTIES_MAX];
    size_t n_online;
    csig_share *staged[4];
    bool tests[4]; /* does the party sign the test? */
    uint8_t test_nonces[CSIG_PARTIES_MAX][CSIG_NONCE_BYTES];
    uint16_t test_index[CSIG_PARTIES_MAX];
    size_t n_test;
    uint8_t backup[4][CSIG_BACKUP_BYTES];
    bool backed_up[4]; /* it was sent */
    bool stale;        /* backups are made of the current share instead of the staged one */
};

/* Lists of envelopes. */
typedef struct octets {
    uint8_t *p;
    size_t len;
} octets;
void octets_free(octets *o);

void random_octets(uint8_t *out, size_t len);

/* Identity, and with `aux` four primes (seconds) and auxiliary info. */
void device_make(device *dev, bool aux);
void device_free(device *dev);
void device_enrol(const daemon_process *d, const device *dev);
/* The whole auxiliary session. */
void device_pair(const daemon_process *d, device *dev);
/* Auxiliary info of this generation in place of what it has, which is given back. */
csig_aux *device_rotate(device *dev, uint64_t generation);
/* Two devices of the client, without the daemon. */
void device_pair_fellows(device *a, device *b);

void wallet_free(wallet *w);
/* Opens key generation of these devices; the wallet's id is set. */
run wallet_begin(const daemon_process *d, wallet *w, uint16_t signers, device **devices, size_t n);
/* The same with another threshold on the client's side. */
run wallet_begin_as(const daemon_process *d, wallet *w, uint16_t signers, uint16_t own_signers,
                    device **devices, size_t n);
/* The same with recovery keys; those without a device are the last parties. */
run wallet_begin_planned(const daemon_process *d, wallet *w, uint16_t signers, device **devices,
                         size_t n, const recovery_plan *plan);
/* Key generation to its end. */
void wallet_make(const daemon_process *d, wallet *w, uint16_t signers, device **devices, size_t n);
void wallet_make_planned(const daemon_process *d, wallet *w, uint16_t signers, device **devices,
                         size_t n, const recovery_plan *plan);

/* A run for the session in a reply; the nonces in it, exactly n. */
void run_start(run *r, run_kind kind, const json_t *session);
void run_read_nonces(const json_t *session, uint8_t (*nonces)[CSIG_NONCE_BYTES], size_t n);
run run_aux(const daemon_process *d, device *dev);
/* Batch of `count` by the server and the wallet's first `signers - 1` client parties. */
run run_presign(const daemon_process *d, const wallet *w, unsigned count);
/* Makes a request; mode NULL: the default; path "m/...". */
void request_make(const daemon_process *d, const wallet *w, const uint8_t digest[32],
                  const char *path, const char *mode, bool presigned, char id[65]);
run run_sign(const daemon_process *d, const wallet *w, const char *request,
             const uint8_t digest[32], const char *path, const char *mode);
/* Our first party again, with fresh randomness: of the same inputs (a clone), or of others. */
csig_session *run_sign_again(const run *r, const uint8_t digest[32], const char *path);
/* With one of the halves of a presign run, which is used up; the server's envelopes are taken. */
run run_online(const daemon_process *d, const wallet *w, const char *request,
               const uint8_t digest[32], const char *path, run *halves);

/* A refresh by all parties held here and the server; it and the first of them sign the test. */
run run_refresh(const daemon_process *d, const wallet *w);
/* The same in two halves, for what comes in between; lists: what was asked for. */
http_reply run_refresh_ask(const daemon_process *d, const wallet *w, run *lists);
run run_refresh_begin(const wallet *w, const run *lists, http_reply *reply);
/* A resharing of `w` to the committee of `next`, which has everything but shares, all its devices
 * online; wherever one of them holds a share of `w` it deals, and of the others of `w` those that
 * `leave` do. The run is of `next`: the sessions of who leaves come behind its n. */
run run_reshare(const daemon_process *d, const wallet *w, wallet *next, bool leave);
/* The same in two halves; members: the places, the server's among them. */
typedef struct reshare_members {
    size_t n;
    csig_reshare_member list[CSIG_PARTIES_MAX];
    device *owner[CSIG_PARTIES_MAX];           /* NULL: the server */
    const csig_share *share[CSIG_PARTIES_MAX]; /* NULL: it joins */
} reshare_members;
http_reply run_reshare_ask(const daemon_process *d, const wallet *w, const wallet *next, bool leave,
                           reshare_members *members);
run run_reshare_begin(const wallet *w, wallet *next, reshare_members *members, http_reply *reply);
/* The party of this session has staged its share: takes it, and begins its part of the test. */
void run_refresh_stage(run *r, size_t i);
/* A backup of a share of the wallet's party i, under the passphrase "backup". */
void backup_make(uint8_t backup[CSIG_BACKUP_BYTES], const wallet *w, size_t i,
                 const csig_share *share);
/* The refresh is done: the staged shares are the wallet's. */
void run_refresh_adopt(run *r, wallet *w);
/* What the daemon says of an epoch state; its commit or "dead" is verified against the share of
 * that state and the server's identity. */
typedef enum epoch_fate { EPOCH_CURRENT, EPOCH_UNDECIDED, EPOCH_DEAD } epoch_fate;
epoch_fate epoch_ask(const daemon_process *d, const wallet *w, const csig_share *share);
/* The wallet's epoch as the daemon shows it. */
uint64_t wallet_epoch(const daemon_process *d, const wallet *w);

/* What everybody may read of the wallet's current epoch: epoch, commit, escrows. */
typedef struct escrow_list {
    uint8_t epoch[CSIG_EPOCH_BYTES], commit[64];
    size_t n;
    uint8_t (*escrow)[CSIG_ESCROW_BYTES];
} escrow_list;
escrow_list escrows_get(const daemon_process *d, const wallet *w);
void escrows_free(escrow_list *list);
/* The question about one of its indices; borrows. */
csig_recovery_case escrows_of(const escrow_list *list, const wallet *w, uint16_t index);

/* Everything there is to send now, own parties served first. */
octets run_collect(run *r);
/* PUT as the next round (or as n). */
http_reply run_put(const daemon_process *d, const run *r, const octets *body);
http_reply run_put_as(const daemon_process *d, const run *r, unsigned n, const octets *body);
/* Gives the reply's envelopes to our parties and counts the round; expects 200. */
void run_take(run *r, http_reply *reply);
/* One whole exchange. */
void run_step(const daemon_process *d, run *r);
void run_finish(const daemon_process *d, run *r);
void run_free(run *r);

/* The signature our first party has, checked by OpenSSL under the wallet's key at the path. */
void run_check_signature(const run *r, const wallet *w, const char *path, const uint8_t digest[32]);
/* The one that the daemon has; false: the request is not signed. */
bool request_is_signed(const daemon_process *d, const char *request, const uint8_t digest[32],
                       csig_signature *signature);
/* By OpenSSL alone. */
void openssl_check(const csig_signature *signature, const uint8_t digest[32]);

#endif
