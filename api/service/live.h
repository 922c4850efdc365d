/* A session in memory, and the table of them. Closed to everybody but the files about sessions:
 *
 *   sessions.c   the table, its limits, deadlines, the end
 *   weights.c    what they take of locked memory
 *   open.c       auxiliary info sessions begin
 *   open_keygen.c  key generation begins
 *   open_sign.c  presigning and signing begin
 *   open_refresh.c  a refresh begins
 *   open_reshare.c  a resharing begins
 *   signers.c    who takes part, and what they bring along
 *   turn.c       what a body of envelopes brings about
 *   effects.c    what the protocols hand over to be stored
 *   refresh.c    what a refresh does: staged, tested, committed
 *   refresh_backups.c  the clients' backups that come with it
 *   recovery.c   recovery keys and escrows
 *   round.c      one exchange: stored answers, turns, conflicts
 *   locks.c      who is to blame
 *   evidence.c   what shows it
 *
 * A live session is only touched by the job that has its id as key. */
#ifndef CSIGD_SERVICE_LIVE_H
#define CSIGD_SERVICE_LIVE_H

#include "countersign/refresh.h"
#include "service/locks.h"
#include "service/presigs.h"
#include "service/session.h"

/* What one round has brought about so far. It outlives refused attempts at the round, because what
 * the library took is taken; it is stored as a whole when the round is answered. */
typedef struct csigd_turn {
    bool complete; /* answered, but not yet stored */
    bool waited;   /* a write of it has failed */
    uint32_t n;
    uint8_t hash[CSIGD_HASH_BYTES]; /* of the body that was answered */
    csigd_session_state state;      /* of the session afterwards */
    csigd_problem problem;          /* code CSIGD_OK: the answer is octets */
    uint8_t *out;
    size_t out_len, out_room;
    bool released; /* our partial signature is in it */
    bool has_peer, has_share, has_birth, has_signature;
    csigd_peer_row peer;
    csigd_share_row share;
    csigd_birth birth;
    bool has_staging, has_commit;
    csigd_staging staging;
    csigd_commit commit;
    size_t n_backups, n_fresh;
    csigd_backup_row backups[CSIGD_DEVICES_MAX]; /* of the staged epoch */
    csigd_backup_row fresh[CSIGD_DEVICES_MAX];   /* as they came in this body */
    size_t n_moves;
    csigd_presig_move moves[2 * CSIGD_BATCH_MAX];
    csig_signature signature;
    csigd_blamed blamed;
    /* A run of more than two parties has failed by cheating: what it says of that is the answer. */
    bool telling;
    csigd_blob evidence;
} csigd_turn;

/* A refresh runs two protocols: itself and, once its shares are staged, the test signature. */
#define CSIGD_REFRESH_RUNS 2

/* What a refresh keeps from one round to another. */
typedef struct csigd_refreshing {
    uint8_t nonces[CSIG_PARTIES_MAX][CSIG_NONCE_BYTES]; /* of the test's signers, in order */
    csigd_epoch staged;
    /* What row.devices[i] is called in the refresh itself: its index; its place in the list of
     * members of a resharing. */
    uint16_t place[CSIGD_DEVICES_MAX];
    csigd_wallet next;                  /* resharing: the committee of the next epoch */
    bool has_receipt[CSIG_PARTIES_MAX]; /* by place - 1 */
    bool has_backup[CSIG_PARTIES_MAX];  /* by index - 1, as the next */
    uint8_t backup_hash[CSIG_PARTIES_MAX][CSIG_BACKUP_HASH_BYTES];
    bool tested;
    csig_signature test;
    const uint8_t *campaign; /* while it opens: that asked for it; NULL: none */
} csigd_refreshing;

/* Whose sub-shares are encrypted for whom: the indices online, and those with a recovery key. */
typedef struct csigd_escrowing {
    uint16_t dealers[CSIG_PARTIES_MAX], indices[CSIG_PARTIES_MAX];
    size_t n_dealers, n_indices; /* no indices: the wallet has no recovery keys */
} csigd_escrowing;

typedef struct csigd_live csigd_live;
struct csigd_live {
    csigd_live *next;
    bool open;   /* in the store too: it can be found */
    bool ending; /* a job to end it is on its way */
    csigd_session_row row;
    int64_t opened;   /* ticks */
    int64_t deadline; /* likewise */
    uint64_t cost;    /* octets of locked memory set aside */
    bool has_opener;  /* a device's key has begun it, and no wallet's limit holds */
    uint8_t opener[CSIG_IDENTITY_BYTES];

    size_t n_runs;
    csig_session *run[CSIGD_BATCH_MAX];
    bool run_done[CSIGD_BATCH_MAX];
    csig_share *share;
    const csig_aux *aux; /* of row.own_generation; key generation at first: NULL */
    size_t n_peers;
    const csig_peer *peer[CSIG_PARTIES_MAX]; /* by position among the signers; own: NULL */
    /* The party that row.devices[i] is here: in a resharing of the next epoch, 0 where it leaves.
     */
    uint16_t device_index[CSIGD_DEVICES_MAX];

    csigd_request request; /* signing */
    csigd_presig_key key;  /* presigning, signing; refresh: of the test signature */
    unsigned stores;       /* key generation, refresh: how many outputs were taken */
    csigd_refreshing refresh;
    csigd_escrowing escrows; /* key generation, refresh */
    csig_presig *half[CSIGD_BATCH_MAX];
    bool asked; /* a run has failed and names nobody: the others were asked what they got */
    csigd_turn turn;
};

struct csigd_sessions {
    const csigd_service *service;
    csigd_mutex *lock;
    csigd_live *first;
    uint64_t room; /* octets of locked memory for all */
};

/* A presignature's half in the pool. */
#define CSIGD_LIVE_HALF (4u << 10)

/* What a session of this kind may take of locked memory, per protocol session. */
uint64_t csigd_live_cost(csigd_kind kind, size_t parties);

/* A session that cannot be found yet, of `runs` protocol sessions, within the limits:
 * SESSION_LIMIT, OVERLOADED. `like` has kind, wallet, request and devices, and the own generation
 * unless it is the newest; id and times are filled in. */
csigd_code csigd_live_new(const csigd_service *service, csigd_live **live,
                          const csigd_session_row *like, size_t runs, csigd_problem *why);
/* Durable, then to be found. KEY_LOCKED, SESSION_LIMIT, STATE_CONFLICT, NO_PRESIGNATURE,
 * STORE_UNAVAILABLE; the caller drops it then. */
csigd_code csigd_live_open(const csigd_service *service, csigd_live *live,
                           const csigd_wallet *wallet, const uint8_t *presig, csigd_problem *why);
csigd_live *csigd_live_find(const csigd_service *service, const uint8_t *id);
/* Its end is due: the housekeeper sees to it, and tries again until it is done. */
void csigd_live_hurry(const csigd_service *service, csigd_live *live);
/* Out of the table, wiped, freed. */
void csigd_live_drop(const csigd_service *service, csigd_live *live);
/* The complete turn into the store. STORED: what follows in memory has followed too, and a session
 * that is not running any more may be dropped. Else it waits as it is. */
csigd_stored csigd_live_save(const csigd_service *service, csigd_live *live);
/* How the store has ended it with something else: OUTDATED, the wallet's epoch has changed;
 * ABORTED, its request is cancelled. RUNNING: it has not. */
csigd_session_state csigd_live_ended(const csigd_service *service, const csigd_live *live);
/* Presignatures being made for a wallet right now. */
size_t csigd_live_presigning(const csigd_service *service, const uint8_t *wallet);

/* --- turn.c --- */

/* Take a body. CSIGD_OK: the turn is complete, with an answer or as a failure. Else the body was
 * refused, and nothing has changed but what the library already took. */
csigd_code csigd_turn_play(const csigd_service *service, csigd_live *live, const uint8_t *body,
                           size_t len, csigd_problem *why);
/* Another body for a round that was answered: CSIGD_OK when all of it is validly signed and nothing
 * else is wrong with it; a code of class CHEAT's when it is evidence, then blamed is filled. */
csigd_code csigd_turn_judge(csigd_live *live, const uint8_t *body, size_t len, csigd_blamed *blamed,
                            csigd_problem *why);
/* The turn becomes a failure of the session; nothing that it brought about remains. */
void csigd_turn_fail(csigd_turn *turn, const csigd_problem *problem);
void csigd_turn_clear(csigd_turn *turn);
/* All envelopes that a live session has to send, appended to *out. false: no memory. */
bool csigd_live_is_gathered(csigd_live *live, csigd_turn *turn);

/* --- effects.c --- */

/* The run is in phase STORE: take its output into the turn, then confirm. CSIG_OK, an error of the
 * library, or CSIG_E_STATE with `problem` set: the output cannot be accepted. */
csig_err csigd_effects_store(const csigd_service *service, csigd_live *live, size_t i,
                             csigd_problem *problem);
/* The run is done. */
csig_err csigd_effects_done(csigd_live *live, size_t i);
/* May what is in the turn leave? CSIGD_POLICY_DENIED, STORE_UNAVAILABLE. */
csigd_code csigd_effects_policy(const csigd_service *service, const csigd_live *live,
                                csigd_problem *why);
/* The turn is stored: what follows in memory, and the audit log. */
void csigd_effects_settle(const csigd_service *service, csigd_live *live);

/* --- open_refresh.c --- */

/* csigd_live_open of a refresh or a resharing; where one of the wallet runs already, why names its
 * session. */
csigd_code csigd_refresh_open(const csigd_service *service, csigd_live *live, csigd_problem *why);

/* --- refresh.c --- */

/* Its receipts are there, but not the test signature, or not yet looked at. */
bool csigd_refresh_is_waiting(const csigd_live *live, size_t run);
/* The staged share goes into the turn, and the test signature begins. */
csig_err csigd_refresh_stage(const csigd_service *service, csigd_live *live,
                             csigd_problem *problem);
/* A refresh has taken an envelope of a client: is it a receipt? */
csig_err csigd_receipt_taken(csigd_live *live, const uint8_t *envelope, size_t len);
/* The test signature is there. */
csig_err csigd_refresh_tested(csigd_live *live);
/* With a birth or a commit in the turn: the record of how it was made goes with it. CSIG_E_MEMORY.
 */
csig_err csigd_record_taken(csigd_live *live);
/* A body was taken as a whole: with receipts and test signature, the commit goes into the turn. A
 * receipt without its backup: `problem`, and CSIG_E_STATE. */
csig_err csigd_refresh_settle(const csigd_service *service, csigd_live *live,
                              csigd_problem *problem);
/* The commit is stored: nothing of the old epoch stays in memory. */
void csigd_refresh_committed(const csigd_service *service, const csigd_live *live);

/* --- refresh_backups.c --- */

/* A backup that one of the clients has signed; the last one of an index counts. BAD_REQUEST,
 * PROTOCOL_VERSION, OVERLOADED: refused, and nothing has changed. */
csigd_code csigd_refresh_backup(csigd_live *live, const uint8_t *backup, size_t len,
                                csigd_problem *why);
/* At the end of a body: its backups are of the staged share of their index and go into the turn;
 * every receipt has its backup. Otherwise `problem`, and CSIG_E_STATE. */
csig_err csigd_refresh_settle_backups(const csigd_service *service, csigd_live *live,
                                      csigd_problem *problem);

#endif
