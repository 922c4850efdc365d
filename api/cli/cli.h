/* What every command shares: options, exit codes, how a failure is kept. */
#ifndef CSIG_CLI_CLI_H
#define CSIG_CLI_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "auth/key.h"
#include "auth/trace.h"
#include "countersign/countersign.h"

/* Exit codes are fixed: scripts depend on them. */
typedef enum cli_exit {
    CLI_OK = 0,
    CLI_BUG = 1,     /* a broken promise of our own code */
    CLI_USAGE = 2,   /* wrong command line */
    CLI_INPUT = 3,   /* malformed input, wrong kind, version or level */
    CLI_SEALED = 4,  /* wrong passphrase, or a sealed file was altered */
    CLI_OFFLINE = 5, /* the server cannot be reached */
    CLI_REFUSED = 6, /* the server, or this folder's state, refuses */
    CLI_AGAIN = 7,   /* nothing is wrong for good: try again */
    CLI_CHEAT = 8,   /* a cryptographic check failed, or the pair of devices is locked */
    CLI_LOCAL = 9    /* this machine: disk, memory, permissions */
} cli_exit;

#define CLI_MUST __attribute__((warn_unused_result))
#define CLI_TRY(call)                                                                              \
    do {                                                                                           \
        const cli_exit cli_try_exit = (call);                                                      \
        if (cli_try_exit != CLI_OK) return cli_try_exit;                                           \
    } while (0)

#define CLI_NAMES_MAX    CSIG_PARTIES_MAX
#define CLI_ADDRESS_ROOM 512

/* The key that the server signs its answers with; serverkey.h. */
typedef struct server_key {
    uint64_t generation;
    csigd_key key;
    uint8_t proof[64]; /* its identity's signature */
} server_key;

typedef struct cli {
    /* options */
    const char *state;  /* the state folder */
    const char *server; /* socket path or URL; NULL: the one pinned at enrolment */
    const char *passphrase_file;
    const char *backup_file; /* of the passphrase of backups; NULL: the folder's */
    int passphrase_fd;       /* -1: none */
    bool json;
    const char *device[CLI_NAMES_MAX];
    size_t devices;
    const char *wallet;              /* positional */
    const char *file[CLI_NAMES_MAX]; /* positional: backups */
    size_t files;
    const char *out, *card;
    const char *recovery[CLI_NAMES_MAX]; /* cards of parties without a device */
    size_t recoveries;
    const char *recovery_of[CLI_NAMES_MAX]; /* INDEX=CARD */
    size_t recoveries_of;
    const char *add[CLI_NAMES_MAX]; /* names of devices */
    size_t additions;
    const char *remove[CLI_NAMES_MAX]; /* indices */
    size_t removals;
    const char *replace[CLI_NAMES_MAX]; /* INDEX=DEVICE */
    size_t replacements;
    const char *digest, *path, *mode, *signature, *public_key;
    const char *ca, *cert, *cert_key, *token, *name;
    char token_text[65]; /* where token was not on the command line: unseen.h */
    const char *transcript, *label;
    const char *limit[CLI_NAMES_MAX]; /* PHASE=SECONDS */
    size_t limits;
    const char *eth_tx, *typed_data, *text, *psbt, *bip322, *address_text; /* of payloads */
    const char *request, *kind;
    const char *allow[CLI_NAMES_MAX]; /* types of payloads */
    size_t allows;
    const char *role[CLI_NAMES_MAX];
    size_t roles;
    const char *chosen[CLI_NAMES_MAX]; /* wallets of a key */
    size_t n_chosen;
    bool all_wallets;
    const char *with[CLI_NAMES_MAX]; /* who is elsewhere: cards of devices, or indices */
    size_t withs;
    const char *expect; /* join: the purpose that is agreed to */
    bool yes, follow, all;
    bool keeps_keys; /* whoever takes a party's place has its recovery key, too */
    unsigned wait;   /* seconds of silence until a meeting is given up; 0: MEETING_SECONDS */
    const char *refreshed_before, *deadline, *on_miss; /* of a campaign */
    const char *after, *head, *identity;               /* of an audit log */
    unsigned seconds, per_minute, at_once;
    bool has_seconds;
    unsigned signers_required, parties, count;
    unsigned kdf_mib; /* Argon2id memory of a new state folder */
    bool presigned;
    bool no_aux;
    /* this run */
    int lock_fd;
    uint8_t *master;                        /* 32 octets in locked memory; NULL before cli_unseal */
    char *phrase;                           /* the folder's passphrase, in locked memory likewise */
    char *backup_phrase;                    /* the one of backups, once it was needed; likewise */
    char address[CLI_ADDRESS_ROOM];         /* what is pinned; server may point here */
    void *http;                             /* client.c */
    struct device *open[2 * CLI_NAMES_MAX]; /* devices, and the one whose key signed last */
    size_t n_open;
    const struct device *acting;
    struct http_key *fresh; /* of a device that is not in the folder yet */
    bool has_server_key;    /* answers over TCP are verified with it */
    server_key server_key;
    bool has_certificate; /* that it shows */
    unsigned patience;    /* of the next call: the server may wait so long before it answers */
    char known_as[40];    /* Idempotency-Key of the next call; empty: none */
    bool answered;        /* the server has answered this process: a silence is waited out */
    long status;          /* of the last answer */
    bool has_trace;       /* all calls of this command are in it */
    csigd_trace trace;
    uint64_t server_generation; /* of its auxiliary info, as it said last; 0: it did not */
    /* A campaign wants a wallet refreshed, as the server said last; empty: it did not. See ride. */
    char wanted[33], campaign[33];
    bool riding; /* the refresh that runs is that */
    /* why it failed */
    char session[33]; /* that the server's problem named */
    char problem[40]; /* the server's code, such as "key-locked"; empty: it did not come to that */
    char message[1536];
} cli;

/* The traceparent of its calls: of the environment's TRACEPARENT, else a new one. */
void cli_trace(cli *c, char parent[CSIGD_TRACE_PARENT_BYTES]);
/* Remember why, and give back the code. */
cli_exit cli_fail(cli *c, cli_exit code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* What would steer a terminal becomes '?'; the ends of lines, too, unless there are to be some. */
void cli_harmless(char *text, bool has_lines);
/* The same for a library error: class -> exit code by one table; the text says what was done. */
CLI_MUST cli_exit cli_check(cli *c, csig_err err, const char *what);
/* The one table from classes to exit codes: total. */
cli_exit cli_exit_of_class(csig_class class);
/* The same for one error: a seal that does not open has an exit code of its own. */
cli_exit cli_exit_of_err(csig_err err);

/* --- commands: one row each in args.c --- */
cli_exit cmd_device_init(cli *c);
cli_exit cmd_device_card(cli *c);
cli_exit cmd_device_move(cli *c);
cli_exit cmd_device_adopt(cli *c);
cli_exit cmd_join(cli *c);
cli_exit cmd_device_enrol(cli *c);
cli_exit cmd_device_rotate(cli *c);
cli_exit cmd_device_rekey(cli *c);
cli_exit cmd_device_policy(cli *c);
cli_exit cmd_wallet_create(cli *c);
cli_exit cmd_wallet_list(cli *c);
cli_exit cmd_wallet_show(cli *c);
cli_exit cmd_wallet_unlock(cli *c);
cli_exit cmd_wallet_refresh(cli *c);
cli_exit cmd_wallet_reshare(cli *c);
cli_exit cmd_wallet_escrows(cli *c);
cli_exit cmd_ceremony_verify(cli *c);
cli_exit cmd_ceremony_plan(cli *c);
cli_exit cmd_ceremony_sign_plan(cli *c);
cli_exit cmd_ceremony_preflight(cli *c);
cli_exit cmd_ceremony_rehearse(cli *c);
cli_exit cmd_ceremony_run(cli *c);
cli_exit cmd_ceremony_resume(cli *c);
cli_exit cmd_ceremony_status(cli *c);
cli_exit cmd_ceremony_abort(cli *c);
cli_exit cmd_presign(cli *c);
cli_exit cmd_sign(cli *c);
cli_exit cmd_describe(cli *c);
cli_exit cmd_requests_list(cli *c);
cli_exit cmd_requests_show(cli *c);
cli_exit cmd_requests_cancel(cli *c);
cli_exit cmd_requests_decline(cli *c);
cli_exit cmd_requests_wait(cli *c);
cli_exit cmd_wallet_address(cli *c);
cli_exit cmd_wallet_xpub(cli *c);
cli_exit cmd_verify(cli *c);
cli_exit cmd_verify_evidence(cli *c);
cli_exit cmd_key_add(cli *c);
cli_exit cmd_key_list(cli *c);
cli_exit cmd_key_revoke(cli *c);
cli_exit cmd_key_rotate(cli *c);
cli_exit cmd_token_new(cli *c);
cli_exit cmd_campaign_new(cli *c);
cli_exit cmd_campaign_list(cli *c);
cli_exit cmd_campaign_show(cli *c);
cli_exit cmd_campaign_pause(cli *c);
cli_exit cmd_campaign_resume(cli *c);
cli_exit cmd_campaign_cancel(cli *c);
cli_exit cmd_campaign_export(cli *c);
cli_exit cmd_audit_export(cli *c);
cli_exit cmd_audit_head(cli *c);
cli_exit cmd_policy_check(cli *c);
cli_exit cmd_policy_show(cli *c);
cli_exit cmd_policy_propose(cli *c);
cli_exit cmd_policy_approve(cli *c);
cli_exit cmd_policy_reject(cli *c);
cli_exit cmd_approve(cli *c);
cli_exit cmd_reject(cli *c);
cli_exit cmd_audit_verify(cli *c);
cli_exit cmd_backup_export(cli *c);
cli_exit cmd_backup_inspect(cli *c);
cli_exit cmd_backup_restore(cli *c);
cli_exit cmd_recovery_init(cli *c);
cli_exit cmd_recovery_inspect(cli *c);
cli_exit cmd_recovery_restore(cli *c);

#endif
