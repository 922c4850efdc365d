/* What holds a share at rest, under valgrind: sealed and opened, and as a backup under a passphrase
 * that is public here (Argon2id looks where the passphrase tells it to, by design). Built
 * everywhere; means something only in CSIG_CT builds under valgrind. */
#include <string.h>

#include "base/ct.h"
#include "countersign/backup.h"
#include "support/deal.h"

#define PARTIES 2
#define ROOM    4096

static csig_identity *id[PARTIES];
static csig_share *share[PARTIES];

static void expect(csig_err err)
{
    CSIG_ASSERT(err == CSIG_OK);
}

static void sealed(void)
{
    static uint8_t octets[ROOM];
    uint8_t key[32] = {1};
    const csig_sealer sealer = csig_sealer_from_key(key);
    csig_identity *identity;
    csig_share *back;
    size_t len = ROOM;

    csig_ct_secret(key, sizeof key);
    expect(csig_share_export(share[0], &sealer, octets, &len));
    expect(csig_share_import(&back, &sealer, octets, len));
    csig_share_free(back);
    len = ROOM;
    expect(csig_identity_export(id[0], &sealer, octets, &len));
    expect(csig_identity_import(&identity, &sealer, octets, len));
    csig_identity_free(identity);
}

static void backup(void)
{
    static const uint8_t phrase[] = "public";
    static uint8_t octets[CSIG_BACKUP_BYTES];
    const csig_backup_params params = {
        .share = share[0],
        .identity = id[0],
        .label = "wallet",
        .passphrase = phrase,
        .passphrase_len = sizeof phrase,
        .ops = 1,
        .memory = CSIG_BACKUP_MEMORY_LEAST,
    };
    csig_identity *identity;
    csig_share *back;

    expect(csig_backup_make(octets, &params));
    expect(csig_backup_open(octets, sizeof octets, phrase, sizeof phrase, &back, &identity));
    csig_share_free(back);
    csig_identity_free(identity);
}

int main(void)
{
    expect(csig_init());
    deal_identities(id, PARTIES);
    deal_shares(share, id, 2, PARTIES);
    csig_ct_secret(&share[0]->x, sizeof share[0]->x);
    csig_ct_secret(share[0]->cc, sizeof share[0]->cc);
    csig_ct_secret(id[0]->key.secret, 32); /* the other half is the public key */
    sealed();
    backup();
    for (int i = 0; i < PARTIES; i++) {
        csig_share_free(share[i]);
        csig_identity_free(id[i]);
    }
    return 0;
}
