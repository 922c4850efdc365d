#include "service/vault.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define KIND_WRAP   64
#define KIND_ANSWER 65
#define VERSION     1
#define CONTEXT     "csigdkey" /* crypto_kdf_CONTEXTBYTES */

#define SALT_BYTES  crypto_pwhash_SALTBYTES
#define NONCE_BYTES crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define TAG_BYTES   crypto_aead_xchacha20poly1305_ietf_ABYTES

/* Offsets in the wrap. */
enum {
    AT_HOW = 3,
    AT_OPS = 4,
    AT_MEM = 12,
    AT_SALT = 20,
    AT_NONCE = AT_SALT + SALT_BYTES,
    AT_SEALED = AT_NONCE + NONCE_BYTES,
    WRAP_BYTES = AT_SEALED + CSIGD_MASTER_BYTES + TAG_BYTES
};

/* Key 0 of a key file proves it; the kinds have 1 and up. */
enum { KEY_PROOF = 0, KEY_KINDS = 1 };

struct csigd_vault {
    csig_sealer sealer[CSIGD_SEAL_COUNT];
    uint8_t (*keys)[crypto_kdf_KEYBYTES]; /* locked: one for each kind */
};

static void put_u64(uint8_t *out, uint64_t x)
{
    for (int i = 7; i >= 0; i--, x >>= 8)
        out[i] = (uint8_t)x;
}

static uint64_t get_u64(const uint8_t *in)
{
    uint64_t x = 0;

    for (int i = 0; i < 8; i++)
        x = x << 8 | in[i];
    return x;
}

static csig_err vault_new(csigd_vault **vault, const uint8_t *master)
{
    csigd_vault *v = calloc(1, sizeof *v);

    *vault = NULL;
    if (v == NULL) return CSIG_E_MEMORY;
    v->keys = csigd_locked_alloc(CSIGD_SEAL_COUNT * sizeof *v->keys);
    if (v->keys == NULL) {
        free(v);
        return CSIG_E_MEMORY;
    }
    for (unsigned i = 0; i < CSIGD_SEAL_COUNT; i++) {
        crypto_kdf_derive_from_key(v->keys[i], sizeof v->keys[i], KEY_KINDS + i, CONTEXT, master);
        v->sealer[i] = csig_sealer_from_key(v->keys[i]);
    }
    *vault = v;
    return CSIG_OK;
}

/* The key that the 32 octets of the wrap are under. Locked: 32 octets. */
static csig_err wrapping_key(uint8_t *key, const uint8_t *wrap, const csigd_secret *secret)
{
    const uint64_t ops = get_u64(wrap + AT_OPS), mem = get_u64(wrap + AT_MEM);

    if (secret->kind == CSIGD_KEY_FILE) {
        crypto_kdf_derive_from_key(key, CSIGD_MASTER_BYTES, KEY_PROOF, CONTEXT, secret->bytes);
        return CSIG_OK;
    }
    /* Also somebody else's numbers come along here: no more than the most expensive sensible. */
    if (ops < crypto_pwhash_OPSLIMIT_MIN || ops > 16 || mem < crypto_pwhash_MEMLIMIT_MIN ||
        mem > crypto_pwhash_MEMLIMIT_SENSITIVE)
        return CSIG_E_RANGE;
    if (crypto_pwhash(key, CSIGD_MASTER_BYTES, (const char *)secret->bytes, secret->len,
                      wrap + AT_SALT, ops, (size_t)mem, crypto_pwhash_ALG_ARGON2ID13) != 0)
        return CSIG_E_MEMORY;
    return CSIG_OK;
}

/* Fills the sealed part of a wrap whose front is written; work: locked, key and master. */
static csig_err make_wrap(uint8_t *wrap, uint8_t *work, const csigd_secret *secret)
{
    uint8_t *key = work, *master = work + CSIGD_MASTER_BYTES;
    static const uint8_t zeros[CSIGD_MASTER_BYTES];
    const uint8_t *inside = secret->kind == CSIGD_KEY_FILE ? zeros : master;
    const csig_err err = wrapping_key(key, wrap, secret);

    if (err != CSIG_OK) return err;
    if (secret->kind == CSIGD_KEY_FILE)
        memcpy(master, secret->bytes, CSIGD_MASTER_BYTES);
    else
        randombytes_buf(master, CSIGD_MASTER_BYTES);
    crypto_aead_xchacha20poly1305_ietf_encrypt(wrap + AT_SEALED, NULL, inside, CSIGD_MASTER_BYTES,
                                               wrap, AT_NONCE, NULL, wrap + AT_NONCE, key);
    return CSIG_OK;
}

csig_err csigd_vault_make(csigd_vault **vault, csigd_blob *wrap, const csigd_secret *secret)
{
    uint8_t *work = csigd_locked_alloc(2 * CSIGD_MASTER_BYTES);
    uint8_t out[WRAP_BYTES] = {KIND_WRAP, VERSION, (uint8_t)csig_level(), (uint8_t)secret->kind};
    csig_err err;

    *vault = NULL;
    *wrap = (csigd_blob){NULL, 0};
    if (work == NULL) return CSIG_E_MEMORY;
    put_u64(out + AT_OPS, crypto_pwhash_OPSLIMIT_MODERATE);
    put_u64(out + AT_MEM, crypto_pwhash_MEMLIMIT_MODERATE);
    randombytes_buf(out + AT_SALT, SALT_BYTES + NONCE_BYTES);
    err = make_wrap(out, work, secret);
    if (err == CSIG_OK) err = vault_new(vault, work + CSIGD_MASTER_BYTES);
    if (err == CSIG_OK && !csigd_blob_is_copied(wrap, out, sizeof out)) err = CSIG_E_MEMORY;
    csigd_locked_free(work);
    if (err != CSIG_OK) {
        csigd_vault_free(*vault);
        *vault = NULL;
    }
    return err;
}

static csig_err check_wrap(const csigd_blob *wrap, const csigd_secret *secret)
{
    if (wrap->len != WRAP_BYTES) return CSIG_E_LENGTH;
    if (wrap->p[0] != KIND_WRAP) return CSIG_E_KIND;
    if (wrap->p[1] != VERSION) return CSIG_E_VERSION;
    if (wrap->p[2] != csig_level()) return CSIG_E_LEVEL;
    return wrap->p[AT_HOW] == (uint8_t)secret->kind ? CSIG_OK : CSIG_E_STATE;
}

csig_err csigd_vault_open(csigd_vault **vault, const csigd_blob *wrap, const csigd_secret *secret)
{
    csig_err err = check_wrap(wrap, secret);
    uint8_t *work, *master;

    *vault = NULL;
    if (err != CSIG_OK) return err;
    work = csigd_locked_alloc(2 * CSIGD_MASTER_BYTES);
    if (work == NULL) return CSIG_E_MEMORY;
    master = work + CSIGD_MASTER_BYTES;
    err = wrapping_key(work, wrap->p, secret);
    if (err == CSIG_OK && crypto_aead_xchacha20poly1305_ietf_decrypt(
                              master, NULL, NULL, wrap->p + AT_SEALED, WRAP_BYTES - AT_SEALED,
                              wrap->p, AT_NONCE, wrap->p + AT_NONCE, work) != 0)
        err = CSIG_E_SEAL;
    if (err == CSIG_OK && secret->kind == CSIGD_KEY_FILE)
        memcpy(master, secret->bytes, CSIGD_MASTER_BYTES);
    if (err == CSIG_OK) err = vault_new(vault, master);
    csigd_locked_free(work);
    return err;
}

const csig_sealer *csigd_vault_sealer(const csigd_vault *vault, csigd_sealed kind)
{
    return &vault->sealer[kind];
}

/* Bound to what is sealed: kind, version, level, which stand in front of it too; which key; name.
 */
#define FRONT_BYTES 3
#define BOUND_MAX   64
static size_t bind_name(uint8_t ad[4 + BOUND_MAX], csigd_sealed kind, const uint8_t *name,
                        size_t name_len)
{
    const uint8_t front[4] = {KIND_ANSWER, VERSION, (uint8_t)csig_level(), (uint8_t)kind};

    if (name_len > BOUND_MAX) abort();
    memcpy(ad, front, sizeof front);
    if (name_len > 0) memcpy(ad + sizeof front, name, name_len);
    return sizeof front + name_len;
}

csig_err csigd_vault_seal(const csigd_vault *vault, csigd_sealed kind, const uint8_t *name,
                          size_t name_len, const uint8_t *plain, size_t len, csigd_blob *sealed)
{
    const csig_sealer *sealer = &vault->sealer[kind];
    uint8_t ad[4 + BOUND_MAX];
    const size_t ad_len = bind_name(ad, kind, name, name_len);
    size_t inner = len + CSIG_SEAL_OVERHEAD;

    *sealed = (csigd_blob){malloc(FRONT_BYTES + inner), 0};
    if (sealed->p == NULL) return CSIG_E_MEMORY;
    memcpy(sealed->p, ad, FRONT_BYTES);
    if (sealer->seal(sealer->ctx, ad, ad_len, plain, len, sealed->p + FRONT_BYTES, &inner) == 0) {
        sealed->len = FRONT_BYTES + inner;
        return CSIG_OK;
    }
    csigd_blob_free(sealed);
    return CSIG_E_HOST;
}

csig_err csigd_vault_unseal(const csigd_vault *vault, csigd_sealed kind, const uint8_t *name,
                            size_t name_len, const csigd_blob *sealed, csigd_blob *plain)
{
    const csig_sealer *sealer = &vault->sealer[kind];
    uint8_t ad[4 + BOUND_MAX];
    const size_t ad_len = bind_name(ad, kind, name, name_len);

    *plain = (csigd_blob){NULL, 0};
    if (sealed->len < FRONT_BYTES || memcmp(sealed->p, ad, FRONT_BYTES) != 0) return CSIG_E_KIND;
    *plain = (csigd_blob){malloc(sealed->len), sealed->len};
    if (plain->p == NULL) return CSIG_E_MEMORY;
    if (sealer->open(sealer->ctx, ad, ad_len, sealed->p + FRONT_BYTES, sealed->len - FRONT_BYTES,
                     plain->p, &plain->len) == 0)
        return CSIG_OK;
    csigd_blob_free(plain);
    return CSIG_E_SEAL;
}

csig_err csigd_vault_make_key(const csigd_vault *vault, const uint8_t *name, size_t name_len,
                              uint8_t *key, csigd_blob *sealed)
{
    randombytes_buf(key, CSIGD_WRAPPING_BYTES);
    return csigd_vault_seal(vault, CSIGD_SEAL_WRAPPING, name, name_len, key, CSIGD_WRAPPING_BYTES,
                            sealed);
}

csig_err csigd_vault_open_key(const csigd_vault *vault, const uint8_t *name, size_t name_len,
                              const csigd_blob *sealed, uint8_t *key)
{
    const csig_sealer *sealer = &vault->sealer[CSIGD_SEAL_WRAPPING];
    uint8_t ad[4 + BOUND_MAX], *plain;
    const size_t ad_len = bind_name(ad, CSIGD_SEAL_WRAPPING, name, name_len);
    size_t len = 0;
    int failed;

    if (sealed->len < FRONT_BYTES || memcmp(sealed->p, ad, FRONT_BYTES) != 0) return CSIG_E_KIND;
    /* A sealer may write as many octets as it is given. */
    plain = csigd_locked_alloc(sealed->len);
    if (plain == NULL) return CSIG_E_MEMORY;
    failed = sealer->open(sealer->ctx, ad, ad_len, sealed->p + FRONT_BYTES,
                          sealed->len - FRONT_BYTES, plain, &len);
    if (failed == 0 && len == CSIGD_WRAPPING_BYTES) memcpy(key, plain, CSIGD_WRAPPING_BYTES);
    csigd_locked_free(plain);
    return failed == 0 && len == CSIGD_WRAPPING_BYTES ? CSIG_OK : CSIG_E_SEAL;
}

void csigd_vault_free(csigd_vault *vault)
{
    if (vault == NULL) return;
    csigd_locked_free(vault->keys);
    free(vault);
}
