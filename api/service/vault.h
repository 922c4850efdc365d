/* Seals everything before it reaches the store. A master key of 32 octets, wrapped by a passphrase
 * or read from a key file, gives one key for each kind of thing; what is sealed as one kind or
 * under one name never opens as another. */
#ifndef CSIGD_SERVICE_VAULT_H
#define CSIGD_SERVICE_VAULT_H

#include "countersign/sealer.h"
#include "service/secret.h"
#include "store/store.h"

typedef enum csigd_sealed {
    CSIGD_SEAL_IDENTITY = 0,
    CSIGD_SEAL_PRIMES,
    CSIGD_SEAL_AUX,
    CSIGD_SEAL_PEER,
    CSIGD_SEAL_SHARE,
    CSIGD_SEAL_ANSWER,
    CSIGD_SEAL_WRAPPING,
    CSIGD_SEAL_BACKUP,
    CSIGD_SEAL_HTTP,
    CSIGD_SEAL_COUNT
} csigd_sealed;

typedef struct csigd_vault csigd_vault;

/* A fresh master key; or with a key file, that one. wrap is what opens it again, with the secret:
 *   kind 64, version 1, level | how u8, ops u64, mem u64, salt 16 | nonce 24, 32 octets and tag
 * Passphrase: the master key under Argon2id (moderate cost). Key file: zeros under a key made from
 * it, to tell the right file. CSIG_E_MEMORY. */
csig_err csigd_vault_make(csigd_vault **vault, csigd_blob *wrap, const csigd_secret *secret);
/* CSIG_E_SEAL: wrong passphrase or key file, or altered. CSIG_E_STATE: it takes the other kind of
 * secret. CSIG_E_LENGTH, E_KIND, E_VERSION, E_LEVEL, E_RANGE (costs nobody uses), E_MEMORY. */
csig_err csigd_vault_open(csigd_vault **vault, const csigd_blob *wrap, const csigd_secret *secret);
/* For what the library exports; it binds kind, id, epoch and level itself. */
const csig_sealer *csigd_vault_sealer(const csigd_vault *vault, csigd_sealed kind);
/* For octets of the daemon's own, at most 64 octets of name: [kind 65][version][level] in clear,
 * and bound together with the name. CSIG_E_MEMORY, E_HOST; E_KIND, E_SEAL. */
csig_err csigd_vault_seal(const csigd_vault *vault, csigd_sealed kind, const uint8_t *name,
                          size_t name_len, const uint8_t *plain, size_t len, csigd_blob *sealed);
csig_err csigd_vault_unseal(const csigd_vault *vault, csigd_sealed kind, const uint8_t *name,
                            size_t name_len, const csigd_blob *sealed, csigd_blob *plain);
/* A random key of 32 octets under which one thing is sealed, itself sealed under its name: whoever
 * deletes it has deleted that thing. key: locked, from csigd_locked_alloc. */
#define CSIGD_WRAPPING_BYTES 32
csig_err csigd_vault_make_key(const csigd_vault *vault, const uint8_t *name, size_t name_len,
                              uint8_t *key, csigd_blob *sealed);
csig_err csigd_vault_open_key(const csigd_vault *vault, const uint8_t *name, size_t name_len,
                              const csigd_blob *sealed, uint8_t *key);
void csigd_vault_free(csigd_vault *vault);

#endif
