/* Transcripts: one file that says what was done in a key generation, refresh or resharing, and lets
 * whoever gets it check that, with nothing but the file. One line of canonical JSON:
 *
 *   countersign   "transcript"; version 1; level
 *   operation     "keygen", "refresh", "reshare"
 *   wallet        the server's name for it
 *   server        the identity of who commits
 *   record        the session's, see countersign/transcript.h
 *   before        {"committer", "commit"} of the epoch that was before; null at key generation
 *   moduli        of those who show theirs, in order of index: csig_aux_show
 *   plan          the signed plan (plan.h); null: it was no planned ceremony
 *   attempts      of the ceremony, in order: {"meeting", "number", "outcome"}; null likewise
 *   test          of a key generation by plan: {"r", "recid", "s"}, a signature of the new shares
 *                 under the new key, of transcript_test_digest; else null: a refresh and a
 *                 resharing have theirs in the record
 *   receipts      of each member but the server, in order of the record: {"content", "deals",
 *                 "holds", "identity", "kept", "destroyed", "signature"}: SHA-256 of the transcript
 *                 without receipts, indices (0: none), the states of the epochs whose share it
 *                 keeps and has destroyed (null: none), signed by the member, use
 *                 "ceremony-receipt", over the receipt without signature
 *
 * The server's receipt is its commit: it signs after the write that erases its old share. */
#ifndef CSIG_CLI_TRANSCRIPT_H
#define CSIG_CLI_TRANSCRIPT_H

#include "cli/json.h"
#include "cli/wallet.h"
#include "countersign/transcript.h"

#define TRANSCRIPT_VERSION   1
#define TRANSCRIPT_HASH      32
#define TRANSCRIPT_RECEIPT   "ceremony-receipt"
#define TRANSCRIPT_SIGNATURE 64

typedef struct transcript {
    const char *operation, *wallet;
    const uint8_t *server;       /* identity */
    const wallet_record *before; /* NULL at key generation */
    const device *here[CSIG_PARTIES_MAX];
    size_t count;
    const json *plan, *attempts; /* NULL: no planned ceremony */
    const json *test;            /* NULL: none */
    blob record;                 /* lent */
    const blob *shown;           /* moduli of others, lent, by index - 1; NULL: none */
} transcript;

/* With --transcript: is the file one that can be made? Before anything is done. CLI_REFUSED: it is
 * there already. */
CLI_MUST cli_exit transcript_begin(cli *c);
/* With --transcript: of a session that was just started. */
CLI_MUST cli_exit transcript_keep(cli *c, csig_session *s);
/* With --transcript: the session is done and every device here has stored what came of it. Verified
 * before it is written. */
CLI_MUST cli_exit transcript_write(cli *c, const transcript *t, csig_session *s);

/* --- step by step, where others are elsewhere --- */

CLI_MUST cli_exit transcript_record(cli *c, csig_session *s, blob *record);
CLI_MUST cli_exit transcript_show(cli *c, const csig_aux *aux, blob *shown);
/* Everything but the receipts, into j. */
CLI_MUST cli_exit transcript_content(cli *c, const transcript *t, json *j);
/* The receipt of device d, which took part and holds the new share alone, for such a content. */
CLI_MUST cli_exit transcript_receipt(cli *c, const json *content, const csig_record_info *record,
                                     const device *d, json **receipt);
/* j with its receipts, verified, into the file. */
CLI_MUST cli_exit transcript_save(cli *c, const char *path, const json *j);

/* SHA-256 of a value's canonical text without a member. CLI_LOCAL */
CLI_MUST cli_exit transcript_hash(cli *c, const json *j, const char *without,
                                  uint8_t hash[TRANSCRIPT_HASH]);

/* A party of the epoch before that is none of the new one, by the plan. */
typedef struct transcript_leaver {
    uint8_t identity[CSIG_IDENTITY_BYTES];
    uint16_t was;
    char name[64];
    bool took_part; /* has destroyed its share; else it is worth nothing where it is */
} transcript_leaver;

/* What a key generation's new shares sign: a hash over the plan's, the wallet and the epoch. */
CLI_MUST cli_exit transcript_test_digest(cli *c, const char *plan_hash, const char *wallet,
                                         const uint8_t state[32],
                                         uint8_t digest[CSIG_DIGEST_BYTES]);
/* Is this a test signature by that key? CLI_INPUT: it is none; CLI_CHEAT: it is another one. */
CLI_MUST cli_exit transcript_verify_test(cli *c, const json *test,
                                         const uint8_t digest[CSIG_DIGEST_BYTES],
                                         const uint8_t public_key[CSIG_PUBKEY_BYTES]);

/* What a transcript proves. */
typedef struct transcript_info {
    const char *operation; /* belongs to the file's JSON */
    char wallet[2 * WALLET_ID_BYTES + 1];
    csig_record_info record;
    uint64_t generation[CSIG_PARTIES_MAX]; /* of the moduli shown, by member; 0: none */
    char name[CSIG_PARTIES_MAX][64];       /* by index - 1, of the plan; empty: no plan */
    char plan[2 * TRANSCRIPT_HASH + 1];    /* its hash; empty likewise */
    size_t attempts;
    transcript_leaver leaver[CSIG_PARTIES_MAX];
    uint16_t leavers;
} transcript_info;

/* Everything, or the name of what is wrong. CLI_INPUT, CLI_CHEAT. */
CLI_MUST cli_exit transcript_verify(cli *c, const json *j, transcript_info *info);
/* Everything but the receipts, which are not there yet. */
CLI_MUST cli_exit transcript_verify_content(cli *c, const json *j, transcript_info *info);
/* One receipt for the content of hash `content`: of whom (place in the record)? CLI_INPUT,
 * CLI_CHEAT. */
CLI_MUST cli_exit transcript_verify_receipt(cli *c, const json *receipt, const csig_record_info *r,
                                            const uint8_t content[TRANSCRIPT_HASH],
                                            uint16_t *member);

#endif
