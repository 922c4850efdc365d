/* Backups: one share and the identity it belongs to, sealed under a passphrase and signed by that
 * identity. Never in it are auxiliary info and presignatures: a device that is restored makes new
 * ones, of a newer generation. What it is of can be read without the passphrase. */
#ifndef COUNTERSIGN_BACKUP_H
#define COUNTERSIGN_BACKUP_H

#include "countersign/identity.h"
#include "countersign/refresh.h"
#include "countersign/share.h"

#ifdef __cplusplus
extern "C" {
#endif

#define CSIG_BACKUP_BYTES             2140 /**< every backup, at both levels */
#define CSIG_BACKUP_LABEL_MAX         32
#define CSIG_BACKUP_FINGERPRINT_BYTES 32

/* What Argon2id may cost. Backups that ask for more or less are neither made nor opened. */
#define CSIG_BACKUP_OPS          3U      /**< a good choice: passes over the memory, */
#define CSIG_BACKUP_MEMORY       262144U /**< and KiB of it; under a second on a phone */
#define CSIG_BACKUP_OPS_MOST     16U     /**< at least 1 */
#define CSIG_BACKUP_MEMORY_LEAST 8192U   /**< for tests alone */
#define CSIG_BACKUP_MEMORY_MOST  1048576U

typedef struct csig_backup_params {
    const csig_share *share;       /**< everything here is borrowed during the call only */
    const csig_identity *identity; /**< the one at the share's index */
    uint64_t generation;           /**< of the device's auxiliary info; 0: it has none */
    const char *label;             /**< printable ASCII without spaces: the wallet's id */
    const uint8_t *passphrase;
    size_t passphrase_len; /**< at least 1 */
    uint32_t ops, memory;  /**< Argon2id: passes, KiB */
} csig_backup_params;

/** What a backup says in the clear. Its owner has signed it. */
typedef struct csig_backup_info {
    char label[CSIG_BACKUP_LABEL_MAX + 1];
    uint8_t owner[CSIG_IDENTITY_BYTES];
    csig_share_info share;
    uint64_t generation;
    uint32_t ops, memory;
    uint8_t fingerprint[CSIG_BACKUP_FINGERPRINT_BYTES]; /**< of key, epoch and index: the same for
                                                           every backup of the same share */
} csig_backup_info;

/** Make a backup. Cost: Argon2id as asked for, in memory of that size.
 *
 *  CSIG_E_ARGUMENT: the identity is not the share's, the label too long or not printable, no
 *  passphrase; CSIG_E_RANGE: ops or memory; CSIG_E_MEMORY. */
CSIG_API csig_err csig_backup_make(uint8_t backup[CSIG_BACKUP_BYTES],
                                   const csig_backup_params *params);

/** Octets of the backup that starts at `p`, so that a list of envelopes and backups needs no other
 *  framing. CSIG_E_KIND: it is something else; CSIG_E_VERSION, E_LEVEL; CSIG_E_LENGTH: fewer than
 *  `len` octets are there. */
CSIG_API csig_err csig_backup_length(const uint8_t *p, size_t len, size_t *backup_len);

/** What it is a backup of: no passphrase, no secret, microseconds. It proves that the owner said
 *  so, and nothing about what is sealed.
 *
 *  CSIG_E_KIND, E_VERSION, E_LEVEL, E_LENGTH; CSIG_E_SIGNATURE: altered, or not the owner's;
 *  CSIG_E_FORMAT: the owner has signed what cannot be; CSIG_E_RANGE: it asks for more of Argon2id
 *  than is allowed here, or for less. */
CSIG_API csig_err csig_backup_describe(const uint8_t *backup, size_t len, csig_backup_info *info);

/** Open it: a new share and a new identity, to be freed by the caller. What was sealed is
 *  consistent, and is what csig_backup_describe says; whether its epoch is still the wallet's only
 *  the committer knows.
 *
 *  Errors of csig_backup_describe; CSIG_E_SEAL: wrong passphrase; CSIG_E_MEMORY. On error both are
 *  NULL. */
CSIG_API csig_err csig_backup_open(const uint8_t *backup, size_t len, const uint8_t *passphrase,
                                   size_t passphrase_len, csig_share **share,
                                   csig_identity **identity);

/** What a receipt names: a hash of all octets (csig_refresh_backup). Of any octets: it says nothing
 *  about what they are. */
CSIG_API csig_err csig_backup_hash(const uint8_t *backup, size_t len,
                                   uint8_t hash[CSIG_BACKUP_HASH_BYTES]);

/** Do two backups belong together: different shares of one key in one epoch?
 *  CSIG_E_PARTIES: two keys, or one share twice; CSIG_E_EPOCH: two epochs of one key. */
CSIG_API csig_err csig_backups_belong(const csig_backup_info *a, const csig_backup_info *b);

#ifdef __cplusplus
}
#endif
#endif
