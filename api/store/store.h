/* What is durable, by meaning. Every operation is atomic and durable when it returns; when it fails
 * nothing has changed. No SQL, no transaction and no secret in the clear crosses this line: blobs
 * arrive sealed. Operations may be called from any thread. */
#ifndef CSIGD_STORE_STORE_H
#define CSIGD_STORE_STORE_H

#include "auth/replay.h"
#include "countersign/sign.h"
#include "store/audit.h"
#include "store/campaigns.h"
#include "store/events.h"
#include "store/keys.h"
#include "store/mailbox.h"
#include "store/numbers.h"
#include "store/own.h"
#include "store/hook.h"
#include "store/request.h"
#include "store/stored.h"
#include "store/recovery.h"
#include "store/kind.h"

#define CSIGD_DEVICES_MAX (CSIG_PARTIES_MAX - 1)
#define CSIGD_NAME_BYTES  65 /* of a device, NUL included */
#define CSIGD_HASH_BYTES  32
#define CSIGD_BATCH_MAX   16 /* presignatures of one session */

/* Sessions of one pair of devices that were opened and never finished; then the pair is refused. */
#define CSIGD_UNFINISHED_MAX 64
/* Sessions for one input; when the last of them comes to nothing the request has failed. */
#define CSIGD_SESSIONS_PER_INPUT 8
/* Failures of a set of devices that name nobody; then all of the set are locked. */
#define CSIGD_SUSPICIONS_MAX 3

/* --- records. The numbers of states and kinds are in stores: never renumber them. --- */

typedef struct csigd_device {
    uint8_t identity[CSIG_IDENTITY_BYTES];
    char name[CSIGD_NAME_BYTES];
    int64_t created;
} csigd_device;

/* A device's verified auxiliary info, for one own generation. */
typedef struct csigd_peer_row {
    uint8_t device[CSIG_IDENTITY_BYTES];
    uint64_t own_generation;
    uint64_t generation;
    uint8_t aux_id[CSIG_AUX_ID_BYTES];
    csigd_blob sealed;
} csigd_peer_row;

typedef enum csigd_wallet_state { CSIGD_PENDING = 1, CSIGD_ACTIVE = 2 } csigd_wallet_state;

/* What the newest refresh achieved: with auxiliary info of newer generations than any used in the
 * epoch before it heals; else it changed the shares only. */
typedef enum csigd_refreshed {
    CSIGD_REFRESHED_NEVER = 0,
    CSIGD_REFRESHED_SHARES = 1,
    CSIGD_REFRESHED_HEALING = 2
} csigd_refreshed;

typedef struct csigd_wallet {
    uint8_t id[CSIGD_ID_BYTES];
    csigd_wallet_state state;
    uint16_t signers_required, parties;
    uint32_t allow;
    bool rehearsal;                  /* a throw-away wallet: in no list, count or campaign */
    char label[CSIGD_LABEL_MAX + 1]; /* "": none */
    int64_t created;
    size_t n_devices; /* parties - 1: those that are offline from birth come last */
    uint8_t devices[CSIGD_DEVICES_MAX][CSIG_IDENTITY_BYTES];
    bool locked[CSIGD_DEVICES_MAX]; /* with the own generation asked for or one before it */
    size_t n_recovery;
    csigd_recovery_key recovery[CSIG_PARTIES_MAX]; /* by index, ascending */
    /* when active */
    uint8_t key_id[CSIG_KEY_ID_BYTES];
    uint8_t public_key[CSIG_PUBKEY_BYTES];
    uint64_t epoch, epoch_attempt;
    bool has_epoch_state; /* false: from a store of format 1, see epoch_learn */
    uint8_t epoch_state[CSIGD_HASH_BYTES];
    uint8_t commit[64];
    csigd_refreshed refreshed;
    uint64_t refresh_attempts;         /* sessions opened for the next epoch */
    bool has_backup[CSIG_PARTIES_MAX]; /* of the party with this index - 1, of this epoch */
} csigd_wallet;

/* A share: sealed under a wrapping key of its own, which is sealed by the vault. Without one it is
 * sealed by the vault itself: from a store of format 1. */
typedef struct csigd_share_row {
    csigd_blob key, sealed;
} csigd_share_row;

void csigd_share_row_free(csigd_share_row *row);

/* An epoch of a wallet. */
typedef struct csigd_epoch {
    uint64_t number, attempt;
    uint8_t state[CSIGD_HASH_BYTES];
} csigd_epoch;

/* A party's auxiliary generation when an epoch begins. */
typedef struct csigd_party_generation {
    uint16_t party;
    uint64_t generation;
} csigd_party_generation;

typedef struct csigd_backup_row {
    uint16_t party;
    csigd_blob sealed;
} csigd_backup_row;

typedef enum csigd_session_state {
    CSIGD_SESSION_RUNNING = 1,
    CSIGD_SESSION_DONE = 2,
    CSIGD_SESSION_FAILED = 3,
    CSIGD_SESSION_EXPIRED = 4,
    CSIGD_SESSION_ABORTED = 5,
    CSIGD_SESSION_LOST = 6,    /* the process that had it ended */
    CSIGD_SESSION_OUTDATED = 7 /* the wallet's epoch has changed */
} csigd_session_state;

const char *csigd_session_state_name(csigd_session_state state);

typedef struct csigd_session_row {
    uint8_t id[CSIGD_ID_BYTES];
    csigd_kind kind;
    csigd_session_state state;
    bool has_wallet, has_request;
    uint8_t wallet[CSIGD_ID_BYTES];
    uint8_t request[CSIG_REQUEST_ID_BYTES];
    uint32_t input; /* of the request */
    uint64_t own_generation;
    uint64_t epoch;   /* of the wallet when it opened */
    uint64_t attempt; /* refresh, resharing: at the next epoch */
    uint32_t next_round;
    int64_t created, deadline; /* seconds since 1970 */
    size_t n_devices;          /* that take part */
    uint8_t devices[CSIGD_DEVICES_MAX][CSIG_IDENTITY_BYTES];
} csigd_session_row;

/* kept -> ready -> assigned -> spent; from everywhere but spent -> destroyed. Nothing else. */
typedef enum csigd_presig_state {
    CSIGD_PRESIG_KEPT = 1,
    CSIGD_PRESIG_READY = 2,
    CSIGD_PRESIG_ASSIGNED = 3,
    CSIGD_PRESIG_SPENT = 4,
    CSIGD_PRESIG_DESTROYED = 5
} csigd_presig_state;

typedef struct csigd_presig_move {
    uint8_t id[CSIG_PRESIG_ID_BYTES];
    csigd_presig_state to; /* KEPT makes it, READY moves it */
} csigd_presig_move;

/* --- what is written together --- */

/* A session opens: its row and the counters of its devices; with key generation its wallet; with
 * online signing its presignature becomes assigned; with a refresh or a resharing its attempt is
 * counted. */
typedef struct csigd_opening {
    csigd_session_row row;
    const csigd_wallet *wallet; /* key generation: the pending wallet; else NULL */
    const uint8_t *presig;      /* online: ready -> assigned to the request; else NULL */
    csigd_blob reveal;          /* online: what leaves with that, borrowed */
    const uint8_t *campaign;    /* refresh: that asked for it; else NULL */
} csigd_opening;

/* A round's answer, as it left or will leave. */
typedef struct csigd_answer {
    uint8_t session[CSIGD_ID_BYTES];
    uint32_t n;
    uint8_t hash[CSIGD_HASH_BYTES]; /* of the body that was answered */
    uint32_t status;
    csigd_session_state state; /* of the session after it */
    csigd_blob reply;          /* sealed; empty once it is too old */
    int64_t when;
} csigd_answer;

typedef struct csigd_birth {
    csigd_share_row share;
    uint8_t key_id[CSIG_KEY_ID_BYTES];
    uint8_t public_key[CSIG_PUBKEY_BYTES];
    csigd_epoch epoch;
    uint8_t commit[64];
    csigd_blob record; /* countersign/transcript.h */
    csigd_recoverable recoverable;
    size_t n_generations;
    csigd_party_generation generations[CSIG_PARTIES_MAX];
} csigd_birth;

/* Our share of the next epoch, beside the current one. */
typedef struct csigd_staging {
    csigd_share_row share;
    csigd_epoch epoch;
} csigd_staging;

/* The staged epoch becomes the only one. */
typedef struct csigd_commit {
    csigd_epoch epoch;
    uint8_t commit[64];
    csigd_blob record; /* countersign/transcript.h */
    csigd_recoverable recoverable;
    /* of the parties of the test signature; with a committee, of all that are known */
    size_t n_generations;
    csigd_party_generation generations[CSIG_PARTIES_MAX];
    /* Who holds the shares from now on: signers_required, parties, devices and recovery keys of
     * this take the place of the wallet's. NULL: nothing of it changes. */
    const csigd_wallet *committee;
} csigd_commit;

/* What a round brought about besides its answer. All optional. */
typedef struct csigd_effects {
    const csigd_peer_row *peer;
    const csigd_share_row *pending_share;
    const csigd_birth *birth;
    const csigd_staging *staged;
    const csigd_backup_row *backups; /* of the staged epoch */
    size_t n_backups;
    /* The old share and its wrapping key are deleted, the staged ones take their place, and so do
     * the backups and escrows; all presignatures of the wallet are destroyed; all other sessions of
     * the wallet that run are OUTDATED, their requests approved again. With a committee, that is
     * the wallet's, too. */
    const csigd_commit *commit;
    const csigd_presig_move *moves;
    size_t n_moves;
    bool released;
    const csig_signature *signature;
    /* After a failed check: the devices to blame, or all of them with `named` false. */
    const uint8_t (*blamed)[CSIG_IDENTITY_BYTES];
    size_t n_blamed;
    bool named;
    const char *reason;
    const csigd_blob *evidence; /* of a failure; NULL or empty: none */
    int64_t when;
} csigd_effects;

/* What there is to say of an epoch state that somebody has staged. */
typedef enum csigd_epoch_fate {
    CSIGD_EPOCH_CURRENT = 1,
    CSIGD_EPOCH_UNDECIDED, /* a refresh or a resharing of the wallet runs */
    CSIGD_EPOCH_DEAD       /* it is not current and never will be */
} csigd_epoch_fate;

typedef struct csigd_epoch_answer {
    csigd_epoch_fate fate;
    csigd_epoch current;
    uint8_t commit[64];
    uint8_t session[CSIGD_ID_BYTES]; /* when undecided */
} csigd_epoch_answer;

typedef struct csigd_wallet_counts {
    uint64_t active;
    uint64_t without_backup; /* of the current epoch, of any client index: no escrow either */
} csigd_wallet_counts;

struct csigd_store {
    void *medium;
    /* STORE_NONE: never started. */
    csigd_stored (*boot_get)(csigd_store *s, csigd_boot *boot);
    csigd_stored (*boot_put)(csigd_store *s, const csigd_boot *boot);

    /* The newest own auxiliary info. Putting it drops the search it came from. */
    csigd_stored (*aux_get)(csigd_store *s, csigd_own_aux *aux);
    csigd_stored (*aux_put)(csigd_store *s, const csigd_own_aux *aux);
    /* The newest one below this generation. */
    csigd_stored (*aux_before)(csigd_store *s, uint64_t generation, csigd_own_aux *aux);
    /* The newest own generation that all of these devices are paired with. */
    csigd_stored (*aux_choose)(csigd_store *s, const uint8_t (*devices)[CSIG_IDENTITY_BYTES],
                               size_t n, uint64_t *generation);
    /* Devices of active wallets that are paired, but not with this own generation. */
    csigd_stored (*aux_to_come)(csigd_store *s, uint64_t generation, uint64_t *devices);
    /* Destroy an older one. CONFLICT: the newest; or, not `anyway`, devices have still to come. */
    csigd_stored (*aux_drop)(csigd_store *s, uint64_t generation, bool anyway);
    /* The state of a search for primes. */
    csigd_stored (*primes_get)(csigd_store *s, csigd_blob *sealed);
    csigd_stored (*primes_put)(csigd_store *s, const csigd_blob *sealed);

    /* CONFLICT: it is there already, and stays as it is. */
    csigd_stored (*device_put)(csigd_store *s, const csigd_device *device);
    csigd_stored (*device_get)(csigd_store *s, const uint8_t *identity, csigd_device *device);
    /* The pairing with this own generation, or the newest before it. */
    csigd_stored (*peer_get)(csigd_store *s, const uint8_t *device, uint64_t own_generation,
                             csigd_peer_row *peer);
    /* Of the auxiliary info last verified of a device; 0: none. */
    csigd_stored (*device_generation)(csigd_store *s, const uint8_t *device, uint64_t *generation);
    /* Forget lock, suspicions and unfinished sessions of a device, with all own generations. */
    csigd_stored (*pair_unlock)(csigd_store *s, const uint8_t *device);

    csigd_stored (*wallet_get)(csigd_store *s, const uint8_t *id, uint64_t own_generation,
                               csigd_wallet *wallet);
    /* Active ones, oldest first. NONE: no such `after`. `each` must not call the store. */
    csigd_stored (*wallet_list)(csigd_store *s, uint64_t own_generation, const csigd_look *look,
                                void (*each)(void *ctx, const csigd_wallet *wallet), void *ctx);
    /* A throw-away wallet goes. CONFLICT: it is none, or a session of it runs. */
    csigd_stored (*rehearsal_drop)(csigd_store *s, const uint8_t *wallet);
    /* The current share. */
    csigd_stored (*share_get)(csigd_store *s, const uint8_t *wallet, csigd_share_row *share);
    /* Its label, pending or not. */
    csigd_stored (*label_get)(csigd_store *s, const uint8_t *wallet,
                              char label[CSIGD_LABEL_MAX + 1]);
    csigd_stored (*wallet_count)(csigd_store *s, csigd_wallet_counts *counts);

    /* Of a wallet that was born before stores knew it. CONFLICT: it is known. */
    csigd_stored (*epoch_learn)(csigd_store *s, const uint8_t *wallet, const csigd_epoch *epoch);
    /* One look at wallet and running refresh. CONFLICT: the wallet is pending, or its state is not
     * known. */
    csigd_stored (*epoch_ask)(csigd_store *s, const uint8_t *wallet,
                              const uint8_t state[CSIGD_HASH_BYTES], csigd_epoch_answer *answer);
    /* A backup of the current epoch, which must have this state: EPOCH. */
    csigd_stored (*backup_put)(csigd_store *s, const uint8_t *wallet,
                               const uint8_t state[CSIGD_HASH_BYTES],
                               const csigd_backup_row *backup);
    csigd_stored (*backup_get)(csigd_store *s, const uint8_t *wallet, uint16_t party,
                               csigd_blob *sealed);

    /* Of the current epoch: its public state, commit and escrows, one after another. CONFLICT: the
     * wallet has no recovery keys, or is pending. */
    csigd_stored (*escrows_get)(csigd_store *s, const uint8_t *wallet, csigd_blob *all);
    /* Of the session that made the current epoch. CONFLICT: pending, or stores did not keep it. */
    csigd_stored (*record_get)(csigd_store *s, const uint8_t *wallet, csigd_blob *record);

    csigd_request_store requests;

    /* LOCKED, SPENT; CONFLICT: the request is not approved, the presignature not ready, or a
     * refresh of the wallet runs; EPOCH: the wallet's epoch is not the row's; LATER. */
    csigd_stored (*session_open)(csigd_store *s, const csigd_opening *opening);
    /* The running session of a request. */
    csigd_stored (*session_of)(csigd_store *s, const uint8_t *request, uint8_t id[CSIGD_ID_BYTES]);
    /* The running refresh or resharing of a wallet. */
    csigd_stored (*refresh_of)(csigd_store *s, const uint8_t *wallet, uint8_t id[CSIGD_ID_BYTES]);
    csigd_stored (*session_get)(csigd_store *s, const uint8_t *id, csigd_session_row *row);
    /* From RUNNING to another state, with everything that hangs on it: the pending wallet goes,
     * what is staged goes, the request is approved again, presignatures not spent and not ready are
     * destroyed. CONFLICT: not running. */
    csigd_stored (*session_end)(csigd_store *s, const uint8_t *id, csigd_session_state state);

    csigd_stored (*round_get)(csigd_store *s, const uint8_t *session, uint32_t n,
                              csigd_answer *answer);
    /* The answer of the next round, its effects and, when answer->state is not RUNNING, the end.
     * CONFLICT: not the next round of a running session. LOCKED: a pair of it is locked by now;
     * only an answer of state FAILED is taken. */
    csigd_stored (*round_put)(csigd_store *s, const csigd_answer *answer,
                              const csigd_effects *effects);
    /* Blame outside a round: the session ends as failed. */
    csigd_stored (*session_fail)(csigd_store *s, const uint8_t *id, const csigd_effects *effects);
    csigd_stored (*evidence_get)(csigd_store *s, const uint8_t *session, csigd_blob *evidence);

    /* From any state but SPENT to DESTROYED. */
    csigd_stored (*presig_destroy)(csigd_store *s, const uint8_t *id);

    csigd_server_key_store server_keys;
    csigd_move_store moves;
    /* CONFLICT: it is or was there. */
    csigd_stored (*key_put)(csigd_store *s, const csigd_key_row *key);
    /* NONE: not there, or revoked already. */
    csigd_stored (*key_revoke)(csigd_store *s, const uint8_t id[CSIGD_KEY_HASH_BYTES],
                               int64_t when);
    /* In the place of one key of its device, or of all (old NULL), with their roles and limit;
     * again is fine. NONE: there is none that is not revoked, or this key is or was somebody
     * else's. */
    csigd_stored (*key_replace)(csigd_store *s, csigd_key_row *key, const uint8_t *old,
                                int64_t when);
    /* All, revoked ones too, oldest first. `each` must not call the store. */
    csigd_stored (*key_list)(csigd_store *s, void (*each)(void *ctx, const csigd_key_row *key),
                             void *ctx);
    /* A token for one enrolment. */
    csigd_stored (*token_put)(csigd_store *s, const uint8_t hash[CSIGD_HASH_BYTES], uint32_t roles,
                              const char *label, int64_t now, int64_t expires);
    /* A device, if it is not there, and its key, with what the token gives, which is spent (NULL:
     * none). NONE: no such token, or another key's. CONFLICT: the key is somebody else's. */
    csigd_stored (*enrol)(csigd_store *s, const csigd_device *device, csigd_key_row *key,
                          const uint8_t token[CSIGD_HASH_BYTES], int64_t now);
    /* Is it a party of the wallet, or of its birth that came to nothing? NONE: no. */
    csigd_stored (*party_ask)(csigd_store *s, const uint8_t *wallet, const uint8_t *device);
    /* Does the device take part in the session? NONE: no. */
    csigd_stored (*member_ask)(csigd_store *s, const uint8_t *session, const uint8_t *device);
    /* Was it ever a party of that wallet, or in a resharing of it, whatever came of that? */
    csigd_stored (*resharer_ask)(csigd_store *s, const uint8_t *wallet, const uint8_t *device);
    csigd_replay_store replay; /* what was signed already */
    csigd_mailbox_store mailboxes;
    csigd_campaign_store campaigns;
    csigd_audit_store audit;
    csigd_event_store events;
    csigd_policy_store policies;
    csigd_hook_store hooks;
    /* Everything counted, without keeping anybody waiting. */
    csigd_stored (*numbers)(csigd_store *s, csigd_numbers *numbers);
    /* Can it be written, durably, now? It tells what it stands on, too. */
    csigd_stored (*probe)(csigd_store *s, csigd_probe *probe);

    /* At start: running sessions are lost, unspent presignatures and throw-away wallets go. */
    csigd_stored (*recover)(csigd_store *s);
    /* Answers and throw-away wallets of before `oldest` go, and sessions that are 29 days older. */
    csigd_stored (*sweep)(csigd_store *s, int64_t oldest);
    void (*close)(csigd_store *s);
};

/* The SQLite store in this file; made if it is not there. NULL with a sentence in `why`. */
csigd_store *csigd_sqlite_open(const char *path, unsigned level, char *why, size_t why_len);

#endif
