/* Backups. The octets:
 *
 *   kind, version, level; length u32           as of everything that can stand in a list
 *   owner 32, label 32 (zeros behind it), key id 32, public key 33, signers required u16, parties
 *   u16, index u16, epoch u64, attempt u64, state 32, generation u64
 *   salt 16, ops u32, memory u32               of Argon2id, whose output is the key of
 *   nonce 24, share and identity's seed, tag   XChaCha20-Poly1305 with all before it as its data
 *   signature 64                               the owner's, over all before it
 */
#include "countersign/backup.h"

#include <string.h>

#include "base/ct.h"
#include "base/mem.h"
#include "base/wire.h"
#include "crypto/header.h"
#include "crypto/stretch.h"
#include "share/device.h"
#include "share/share.h"

/* The part in the clear. */
typedef struct front {
    uint32_t length;
    uint8_t owner[CSIG_ID_BYTES];
    uint8_t label[CSIG_BACKUP_LABEL_MAX];
    csig_share_info share;
    uint64_t generation;
    csig_stretch how;
} front;

/* The sealed part, and the key it is sealed under. Locked memory. */
typedef struct inside {
    csig_share share;
    uint8_t seed[32]; /* of the identity */
    uint8_t key[CSIG_STRETCH_KEY_BYTES];
} inside;

#define LENGTH_BYTES    4
#define SIGNATURE_AT    (CSIG_BACKUP_BYTES - CSIG_ED_SIG_BYTES)
#define SEALER_OVERHEAD 40 /* nonce and tag of csig_sealer_from_key */

static void front_wire(csig_wire *w, void *msg)
{
    front *f = msg;
    uint8_t kind[CSIG_KIND_BYTES];

    csig_kind_write(kind, CSIG_KIND_BACKUP);
    csig_bytes_wire(w, kind, sizeof kind);
    csig_u32_wire(w, &f->length);
    csig_bytes_wire(w, f->owner, sizeof f->owner);
    csig_bytes_wire(w, f->label, sizeof f->label);
    csig_bytes_wire(w, f->share.key_id, sizeof f->share.key_id);
    csig_bytes_wire(w, f->share.public_key, sizeof f->share.public_key);
    csig_u16_wire(w, &f->share.signers_required);
    csig_u16_wire(w, &f->share.parties);
    csig_u16_wire(w, &f->share.self);
    csig_u64_wire(w, &f->share.epoch);
    csig_u64_wire(w, &f->share.epoch_attempt);
    csig_bytes_wire(w, f->share.epoch_state, sizeof f->share.epoch_state);
    csig_u64_wire(w, &f->generation);
    csig_bytes_wire(w, f->how.salt, sizeof f->how.salt);
    csig_u32_wire(w, &f->how.ops);
    csig_u32_wire(w, &f->how.memory);
}

static void inside_wire(csig_wire *w, void *msg)
{
    inside *in = msg;

    csig_bytes_wire(w, in->seed, sizeof in->seed);
    csig_share_wire(w, &in->share);
}

static void signed_part(csig_transcript *t, const uint8_t backup[CSIG_BACKUP_BYTES])
{
    csig_transcript_init(t, CSIG_LABEL_BACKUP);
    csig_transcript_bytes(t, backup, SIGNATURE_AT);
}

/* --- what may be in the clear --- */

/* Printable, and zeros behind it. */
static csig_err check_label(const uint8_t label[CSIG_BACKUP_LABEL_MAX], csig_err otherwise)
{
    bool ended = false;

    for (size_t i = 0; i < CSIG_BACKUP_LABEL_MAX; i++) {
        ended |= label[i] == 0;
        CSIG_REQUIRE(ended ? label[i] == 0 : label[i] > ' ' && label[i] < 0x7f, otherwise);
    }
    return CSIG_OK;
}

static csig_err check_stretch(const csig_stretch *how)
{
    CSIG_REQUIRE(how->ops >= 1 && how->ops <= CSIG_BACKUP_OPS_MOST, CSIG_E_RANGE);
    CSIG_REQUIRE(how->memory >= CSIG_BACKUP_MEMORY_LEAST, CSIG_E_RANGE);
    CSIG_REQUIRE(how->memory <= CSIG_BACKUP_MEMORY_MOST, CSIG_E_RANGE);
    return CSIG_OK;
}

static csig_err check_front(const front *f)
{
    const csig_share_info *share = &f->share;
    csig_point key;

    CSIG_TRY(check_label(f->label, CSIG_E_FORMAT));
    CSIG_REQUIRE(csig_point_from_bytes(&key, share->public_key) == CSIG_OK, CSIG_E_FORMAT);
    CSIG_REQUIRE(share->parties <= CSIG_MAX_PARTIES, CSIG_E_FORMAT);
    CSIG_REQUIRE(share->signers_required >= 2, CSIG_E_FORMAT);
    CSIG_REQUIRE(share->signers_required <= share->parties, CSIG_E_FORMAT);
    CSIG_REQUIRE(share->self >= 1 && share->self <= share->parties, CSIG_E_FORMAT);
    return check_stretch(&f->how);
}

/* The signature first: whatever was altered on the way is told from what the owner has signed. */
static csig_err read_front(front *f, const uint8_t *in, size_t len)
{
    csig_transcript t;

    CSIG_TRY(csig_kind_check(in, len, CSIG_KIND_BACKUP));
    CSIG_REQUIRE(len == CSIG_BACKUP_BYTES, CSIG_E_LENGTH);
    CSIG_TRY(csig_wire_read(front_wire, f, in, csig_wire_size(front_wire)));
    CSIG_REQUIRE(f->length == CSIG_BACKUP_BYTES, CSIG_E_LENGTH);
    signed_part(&t, in);
    CSIG_TRY(csig_ed_verify(in + SIGNATURE_AT, f->owner, &t));
    return check_front(f);
}

/* --- making --- */

static csig_err check_params(const csig_backup_params *p)
{
    CSIG_REQUIRE(p->share != NULL && p->identity != NULL && p->label != NULL, CSIG_E_ARGUMENT);
    CSIG_REQUIRE(p->passphrase != NULL && p->passphrase_len > 0, CSIG_E_ARGUMENT);
    CSIG_REQUIRE(strnlen(p->label, CSIG_BACKUP_LABEL_MAX + 1) <= CSIG_BACKUP_LABEL_MAX,
                 CSIG_E_ARGUMENT);
    CSIG_REQUIRE(
        csig_is_same(p->share->identity[p->share->self - 1], p->identity->key.id, CSIG_ID_BYTES),
        CSIG_E_ARGUMENT);
    return CSIG_OK;
}

static void random_salt(uint8_t salt[CSIG_STRETCH_SALT_BYTES], const csig_share *share)
{
    CSIG_AUTO(csig_rng) rng;
    uint8_t seed[CSIG_RNG_SEED_BYTES];

    csig_share_seed(share, seed);
    csig_rng_init(&rng, seed, share->key_id);
    csig_wipe(seed, sizeof seed);
    csig_rng_bytes(&rng, "backup salt", salt, CSIG_STRETCH_SALT_BYTES);
    csig_ct_public(salt, CSIG_STRETCH_SALT_BYTES); /* stands in the clear */
}

static csig_err fill_front(front *f, const csig_backup_params *p)
{
    memset(f, 0, sizeof *f);
    f->length = CSIG_BACKUP_BYTES;
    memcpy(f->owner, p->identity->key.id, sizeof f->owner);
    memcpy(f->label, p->label, strlen(p->label));
    CSIG_TRY(check_label(f->label, CSIG_E_ARGUMENT));
    csig_share_describe(p->share, &f->share);
    f->generation = p->generation;
    random_salt(f->how.salt, p->share);
    f->how.ops = p->ops;
    f->how.memory = p->memory;
    return check_stretch(&f->how);
}

/* The front is written; plain has room for the walk. */
static csig_err seal_inside(uint8_t *backup, const inside *in, uint8_t *plain)
{
    const csig_sealer sealer = csig_sealer_from_key(in->key);
    const size_t front_len = csig_wire_size(front_wire), len = csig_wire_size(inside_wire);
    size_t sealed = 0;

    CSIG_ASSERT(front_len + len + SEALER_OVERHEAD == SIGNATURE_AT);
    csig_wire_write(inside_wire, in, plain, len);
    CSIG_REQUIRE(
        sealer.seal(sealer.ctx, backup, front_len, plain, len, backup + front_len, &sealed) == 0,
        CSIG_E_HOST);
    CSIG_ASSERT(sealed == len + SEALER_OVERHEAD);
    return CSIG_OK;
}

static csig_err make(uint8_t *backup, const csig_backup_params *p, inside *in, uint8_t *plain)
{
    csig_transcript t;
    front f;

    CSIG_TRY(fill_front(&f, p));
    CSIG_TRY(csig_stretch_key(in->key, &f.how, p->passphrase, p->passphrase_len));
    in->share = *p->share;
    memcpy(in->seed, p->identity->key.secret, sizeof in->seed);
    csig_wire_write(front_wire, &f, backup, csig_wire_size(front_wire));
    CSIG_TRY(seal_inside(backup, in, plain));
    signed_part(&t, backup);
    csig_ed_sign(backup + SIGNATURE_AT, &p->identity->key, &t);
    return CSIG_OK;
}

csig_err csig_backup_make(uint8_t backup[CSIG_BACKUP_BYTES], const csig_backup_params *params)
{
    inside *in;
    uint8_t *plain;
    csig_err err = CSIG_E_MEMORY;

    CSIG_REQUIRE(backup != NULL && params != NULL, CSIG_E_ARGUMENT);
    memset(backup, 0, CSIG_BACKUP_BYTES);
    CSIG_TRY(check_params(params));
    in = csig_secret_alloc(sizeof *in);
    plain = csig_secret_alloc(csig_wire_size(inside_wire));
    if (in != NULL && plain != NULL) err = make(backup, params, in, plain);
    csig_secret_free(plain);
    csig_secret_free(in);
    return err;
}

/* --- looking at it --- */

csig_err csig_backup_length(const uint8_t *p, size_t len, size_t *backup_len)
{
    static const uint8_t length[LENGTH_BYTES] = {0, 0, CSIG_BACKUP_BYTES >> 8,
                                                 CSIG_BACKUP_BYTES & 0xff};

    CSIG_REQUIRE(p != NULL && backup_len != NULL, CSIG_E_ARGUMENT);
    CSIG_TRY(csig_kind_check(p, len, CSIG_KIND_BACKUP));
    CSIG_REQUIRE(len >= CSIG_BACKUP_BYTES, CSIG_E_LENGTH);
    CSIG_REQUIRE(csig_is_same(p + CSIG_KIND_BYTES, length, sizeof length), CSIG_E_LENGTH);
    *backup_len = CSIG_BACKUP_BYTES;
    return CSIG_OK;
}

static void fingerprint(const csig_share_info *share, uint8_t out[CSIG_BACKUP_FINGERPRINT_BYTES])
{
    csig_transcript t;

    csig_transcript_init(&t, CSIG_LABEL_BACKUP_FINGERPRINT);
    csig_transcript_bytes(&t, share->key_id, sizeof share->key_id);
    csig_transcript_u64(&t, share->epoch);
    csig_transcript_u64(&t, share->epoch_attempt);
    csig_transcript_bytes(&t, share->epoch_state, sizeof share->epoch_state);
    csig_transcript_party(&t, share->self);
    csig_transcript_hash32(&t, out);
}

csig_err csig_backup_describe(const uint8_t *backup, size_t len, csig_backup_info *info)
{
    front f;

    CSIG_REQUIRE(backup != NULL && info != NULL, CSIG_E_ARGUMENT);
    memset(info, 0, sizeof *info);
    CSIG_TRY(read_front(&f, backup, len));
    memcpy(info->label, f.label, sizeof f.label);
    memcpy(info->owner, f.owner, sizeof info->owner);
    info->share = f.share;
    info->generation = f.generation;
    info->ops = f.how.ops;
    info->memory = f.how.memory;
    fingerprint(&f.share, info->fingerprint);
    return CSIG_OK;
}

csig_err csig_backup_hash(const uint8_t *backup, size_t len, uint8_t hash[CSIG_BACKUP_HASH_BYTES])
{
    csig_transcript t;

    CSIG_REQUIRE(backup != NULL && hash != NULL && len <= UINT32_MAX, CSIG_E_ARGUMENT);
    csig_transcript_init(&t, CSIG_LABEL_BACKUP_HASH);
    csig_transcript_bytes(&t, backup, len);
    csig_transcript_hash32(&t, hash);
    return CSIG_OK;
}

csig_err csig_backups_belong(const csig_backup_info *a, const csig_backup_info *b)
{
    const csig_share_info *x, *y;

    CSIG_REQUIRE(a != NULL && b != NULL, CSIG_E_ARGUMENT);
    x = &a->share;
    y = &b->share;
    CSIG_REQUIRE(csig_is_same(x->key_id, y->key_id, sizeof x->key_id), CSIG_E_PARTIES);
    CSIG_REQUIRE(csig_is_same(x->public_key, y->public_key, sizeof x->public_key), CSIG_E_PARTIES);
    CSIG_REQUIRE(x->epoch == y->epoch && x->epoch_attempt == y->epoch_attempt, CSIG_E_EPOCH);
    CSIG_REQUIRE(csig_is_same(x->epoch_state, y->epoch_state, sizeof x->epoch_state), CSIG_E_EPOCH);
    CSIG_REQUIRE(x->self != y->self, CSIG_E_PARTIES);
    return CSIG_OK;
}

/* --- opening --- */

/* What was sealed is what is said in front of it. */
static csig_err check_inside(const front *f, const inside *in, const csig_ed_key *key)
{
    uint8_t said[CSIG_BACKUP_BYTES], is[CSIG_BACKUP_BYTES];
    const size_t len = csig_wire_size(front_wire);
    const csig_share *share = &in->share;
    front again = *f;

    CSIG_TRY(csig_share_check_opened(share));
    csig_share_describe(share, &again.share);
    csig_wire_write(front_wire, f, said, len);
    csig_wire_write(front_wire, &again, is, len);
    CSIG_REQUIRE(csig_is_same(said, is, len), CSIG_E_FORMAT);
    CSIG_REQUIRE(csig_is_same(key->id, f->owner, CSIG_ID_BYTES), CSIG_E_FORMAT);
    CSIG_REQUIRE(csig_is_same(key->id, share->identity[share->self - 1], CSIG_ID_BYTES),
                 CSIG_E_FORMAT);
    return CSIG_OK;
}

static csig_err unseal(inside *in, const uint8_t *backup, uint8_t *plain)
{
    const csig_sealer from_key = csig_sealer_from_key(in->key), *sealer = &from_key;
    const size_t at = csig_wire_size(front_wire);
    size_t len = 0;

    CSIG_REQUIRE(
        sealer->open(sealer->ctx, backup, at, backup + at, SIGNATURE_AT - at, plain, &len) == 0,
        CSIG_E_SEAL);
    return csig_wire_read(inside_wire, in, plain, len);
}

/* The two that are given out, and what is needed on the way to them. */
typedef struct opening {
    csig_share *share;
    csig_identity *identity;
    inside *in;
    uint8_t *plain;
} opening;

static csig_err open_backup(opening *o, const front *f, const uint8_t *backup,
                            const uint8_t *passphrase, size_t passphrase_len)
{
    o->share = csig_share_alloc();
    o->identity = csig_secret_alloc(sizeof *o->identity);
    o->in = csig_secret_alloc(sizeof *o->in);
    o->plain = csig_secret_alloc(csig_wire_size(inside_wire));
    CSIG_REQUIRE(o->share != NULL && o->identity != NULL, CSIG_E_MEMORY);
    CSIG_REQUIRE(o->in != NULL && o->plain != NULL, CSIG_E_MEMORY);
    CSIG_TRY(csig_stretch_key(o->in->key, &f->how, passphrase, passphrase_len));
    CSIG_TRY(unseal(o->in, backup, o->plain));
    csig_ed_key_from_seed(&o->identity->key, o->in->seed);
    CSIG_TRY(check_inside(f, o->in, &o->identity->key));
    *o->share = o->in->share;
    return CSIG_OK;
}

csig_err csig_backup_open(const uint8_t *backup, size_t len, const uint8_t *passphrase,
                          size_t passphrase_len, csig_share **share, csig_identity **identity)
{
    opening o = {0};
    front f;
    csig_err err;

    CSIG_REQUIRE(share != NULL && identity != NULL, CSIG_E_ARGUMENT);
    *share = NULL;
    *identity = NULL;
    CSIG_REQUIRE(backup != NULL && passphrase != NULL && passphrase_len > 0, CSIG_E_ARGUMENT);
    CSIG_TRY(read_front(&f, backup, len));
    err = open_backup(&o, &f, backup, passphrase, passphrase_len);
    csig_secret_free(o.plain);
    csig_secret_free(o.in);
    if (err == CSIG_OK) {
        *share = o.share;
        *identity = o.identity;
    } else {
        csig_share_free(o.share);
        csig_identity_free(o.identity);
    }
    return err;
}
