/* Any octets as a backup: as they are, and signed by an owner who may say anything. What is
 * described is opened too, at the least that Argon2id may cost; it was never sealed. */
#include "countersign/backup.h"

#include <string.h>

#include "base/mem.h"
#include "crypto/header.h"
#include "crypto/identity.h"
#include "fuzz.h"

/* As in src/share/backup.c. */
#define OWNER_AT     7
#define OPS_AT       214
#define SIGNATURE_AT (CSIG_BACKUP_BYTES - CSIG_ED_SIG_BYTES)

static void sign(uint8_t *b, const csig_ed_key *owner)
{
    csig_transcript t;

    memcpy(b + OWNER_AT, owner->id, sizeof owner->id);
    csig_transcript_init(&t, CSIG_LABEL_BACKUP);
    csig_transcript_bytes(&t, b, SIGNATURE_AT);
    csig_ed_sign(b + SIGNATURE_AT, owner, &t);
}

static csig_err opened(const uint8_t *b, size_t len)
{
    const uint8_t phrase[] = "phrase";
    csig_share *share;
    csig_identity *id;
    const csig_err err = csig_backup_open(b, len, phrase, sizeof phrase, &share, &id);

    FUZZ_REQUIRE((err == CSIG_OK) == (share != NULL) && (err == CSIG_OK) == (id != NULL));
    csig_share_free(share);
    csig_identity_free(id);
    return err;
}

static void check_described(uint8_t *b, const csig_backup_info *info, const csig_ed_key *owner)
{
    static const uint8_t least[] = {0, 0, 0, 1, 0, 0, CSIG_BACKUP_MEMORY_LEAST >> 8, 0};
    size_t len = 0;

    FUZZ_REQUIRE(csig_backup_length(b, CSIG_BACKUP_BYTES, &len) == CSIG_OK);
    FUZZ_REQUIRE(len == CSIG_BACKUP_BYTES);
    FUZZ_REQUIRE(memcmp(info->owner, owner->id, sizeof info->owner) == 0);
    FUZZ_REQUIRE(strlen(info->label) <= CSIG_BACKUP_LABEL_MAX);
    for (const char *p = info->label; *p != 0; p++)
        FUZZ_REQUIRE(*p > ' ' && *p < 0x7f);
    FUZZ_REQUIRE(info->share.signers_required >= 2 && info->share.self >= 1);
    FUZZ_REQUIRE(info->share.signers_required <= info->share.parties);
    FUZZ_REQUIRE(info->share.self <= info->share.parties);
    FUZZ_REQUIRE(info->share.parties <= CSIG_PARTIES_MAX);
    FUZZ_REQUIRE(info->memory <= CSIG_BACKUP_MEMORY_MOST && info->ops <= CSIG_BACKUP_OPS_MOST);
    FUZZ_REQUIRE(csig_backups_belong(info, info) == CSIG_E_PARTIES);
    memcpy(b + OPS_AT, least, sizeof least);
    sign(b, owner);
    FUZZ_REQUIRE(opened(b, CSIG_BACKUP_BYTES) == CSIG_E_SEAL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static const uint8_t seed[32] = {3};
    uint8_t b[CSIG_BACKUP_BYTES] = {0}, hash[CSIG_BACKUP_HASH_BYTES];
    csig_backup_info info;
    csig_ed_key owner;
    size_t whole;
    csig_err err;

    FUZZ_REQUIRE(csig_init() == CSIG_OK);
    FUZZ_REQUIRE(csig_backup_hash(data, len, hash) == CSIG_OK);
    err = csig_backup_describe(data, len, &info);
    if (err != CSIG_OK) {
        FUZZ_REQUIRE(csig_err_class(err) == CSIG_CLASS_INPUT);
        FUZZ_REQUIRE(opened(data, len) == err);
    }
    err = csig_backup_length(data, len, &whole);
    FUZZ_REQUIRE(err == CSIG_OK ? whole <= len : csig_err_class(err) == CSIG_CLASS_INPUT);

    memcpy(b, data, len < sizeof b ? len : sizeof b);
    csig_ed_key_from_seed(&owner, seed);
    sign(b, &owner);
    err = csig_backup_describe(b, sizeof b, &info);
    FUZZ_REQUIRE(err == CSIG_OK || csig_err_class(err) == CSIG_CLASS_INPUT);
    if (err == CSIG_OK) check_described(b, &info, &owner);
    return 0;
}
