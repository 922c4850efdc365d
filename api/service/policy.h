/* What may be signed: a wallet's policy is asked when a request is made, when somebody has approved
 * it, and again before the server's part of a signature leaves. */
#ifndef CSIGD_SERVICE_POLICY_H
#define CSIGD_SERVICE_POLICY_H

#include "countersign/payload.h"
#include "service/service.h"

#define CSIGD_CHANGE_SECONDS 604800 /* a change waits, when its approvers' rule says nothing */

/* One request before its judge. Borrows all it is made of. */
typedef struct csigd_case {
    const csigd_service *service;
    const csigd_request *request;
    const csig_facts *facts;
    csig_judgement judgement; /* what was said last */
    char policy[CSIGD_SUBJECT_BYTES];
    uint32_t version;  /* of the policy that says it */
    csigd_judge judge; /* for the store */
} csigd_case;

/* payload: bound to the wallet's key. */
void csigd_case_open(csigd_case *c, const csigd_service *service, const csigd_request *request,
                     const csig_payload *payload);
/* The problem that a denial is: it names the rule. */
csigd_code csigd_case_denied(const csigd_case *c, csigd_problem *why);
/* May something of it leave, by the policy of now, over the payload as it is stored? POLICY_DENIED,
 * STORE_UNAVAILABLE. */
csigd_code csigd_policy_release(const csigd_service *service, const csigd_wallet *wallet,
                                const csigd_request *request, const csig_payload *payload,
                                csigd_problem *why);

/* The same before a session is opened for it, which would come to nothing. */
csigd_code csigd_policy_admit(const csigd_service *service, const csigd_wallet *wallet,
                              const csigd_request *request, csigd_problem *why);

/* Is nothing at all in force? The daemon starts so only for development. */
bool csigd_policy_is_absent(const csigd_service *service);
/* The policy of all wallets from a file, when nothing is in force. false with a sentence. */
bool csigd_policy_is_loaded(const csigd_service *service, const char *path, char *why,
                            size_t why_len);

/* --- changes.c --- */

/* The text of a policy that a client wants; NULL: it is none, and why says where. */
csig_policy *csigd_policy_take(const char *text, size_t len, csigd_problem *why);

typedef struct csigd_change_wish {
    char subject[CSIGD_SUBJECT_BYTES];
    const char *text; /* canonical */
    size_t len;
    bool by_operator; /* over the Unix socket */
    bool has_creator;
    uint8_t creator[32];
} csigd_change_wish;

/* In force at once where nothing was in force or nobody is to be asked, which is for the operator
 * alone; else it waits. change: its text is not filled in; state says which. POLICY_DENIED with
 * the field `policy`, UNIX_SOCKET_ONLY, STATE_CONFLICT. */
csigd_code csigd_policy_change(const csigd_service *service, const csigd_change_wish *wish,
                               csigd_change *change, csigd_problem *why);

/* --- approvals.c --- */

/* Somebody's word about a request or a change. */
typedef struct csigd_word {
    uint8_t key[32];
    bool approves;
    uint8_t signature[64];
} csigd_word;

/* The octets that are signed: lines of text, the last without a newline. Their length. */
#define CSIGD_WORD_TEXT_BYTES 512
size_t csigd_word_about_request(char text[CSIGD_WORD_TEXT_BYTES], const csigd_request *request,
                                const uint8_t *payload, size_t len, bool approves);
size_t csigd_word_about_change(char text[CSIGD_WORD_TEXT_BYTES], const csigd_change *change,
                               bool approves);

/* NOT_FOUND; STATE_CONFLICT: it does not wait, or the key has said the contrary; FORBIDDEN: the key
 * is not among those asked; BAD_SIGNATURE; POLICY_DENIED. */
csigd_code csigd_request_say(const csigd_service *service, const uint8_t *request,
                             const csigd_word *word, csigd_problem *why);
/* The hook's. FAILED: the store; anything else that is not STORED: it is not waited for. */
csigd_stored csigd_request_decide(const csigd_service *service, const csigd_hook_ask *ask,
                                  const csigd_hook_word *word);
csigd_code csigd_change_say(const csigd_service *service, const uint8_t *change,
                            const csigd_word *word, csigd_problem *why);

/* How many of the quorum's live keys have said yes (the creator's only if it counts), and whether
 * one has said no. */
typedef struct csigd_votes {
    uint32_t yes;
    bool no;
} csigd_votes;
/* Who made what is voted on: a key, and the device whose it is; NULL: none. */
typedef struct csigd_creator {
    const uint8_t *key, *device;
} csigd_creator;
csigd_creator csigd_creator_of(const csigd_request *request);
/* Is this key the creator's, or another one of the same device? */
bool csigd_creator_has_key(const csigd_creator *creator, const csigd_key_row *key);
csigd_stored csigd_votes_count(const csigd_service *service, csigd_votes *votes,
                               const csig_quorum *quorum, const uint8_t *about,
                               const csigd_creator *creator);

/* Requests and changes that nobody approved in time. Called all the time. */
void csigd_approvals_tick(const csigd_service *service);

#endif
