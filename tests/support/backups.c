#include "support/backups.h"

#include <string.h>

const char backups_label[] = "00112233445566778899aabbccddeeff";
const char backups_phrase[] = "open sesame";

csig_backup_params backups_params(const backups *f, int position)
{
    return (csig_backup_params){
        .share = f->share[position],
        .identity = f->id[position],
        .generation = 7,
        .label = backups_label,
        .passphrase = (const uint8_t *)backups_phrase,
        .passphrase_len = strlen(backups_phrase),
        .ops = 1,
        .memory = CSIG_BACKUP_MEMORY_LEAST,
    };
}

int backups_setup(void **state)
{
    static backups f;
    csig_backup_params p;

    if (csig_init() != CSIG_OK) return -1;
    deal_identities(f.id, BACKUPS_N);
    deal_shares(f.share, f.id, BACKUPS_T, BACKUPS_N);
    for (int i = 0; i < BACKUPS_N; i++) {
        f.share[i]->epoch = 3;
        f.share[i]->attempt = 258;
        csig_share_derive(f.share[i]);
    }
    p = backups_params(&f, 1);
    *state = &f;
    return csig_backup_make(f.backup, &p) == CSIG_OK ? 0 : -1;
}

int backups_teardown(void **state)
{
    backups *f = *state;

    for (int i = 0; i < BACKUPS_N; i++) {
        csig_share_free(f->share[i]);
        csig_identity_free(f->id[i]);
    }
    return 0;
}

csig_err backups_open(const uint8_t *backup, size_t len, const char *with, csig_share **share,
                      csig_identity **id)
{
    return csig_backup_open(backup, len, (const uint8_t *)with, strlen(with), share, id);
}

void backups_sign(uint8_t *backup, const csig_identity *owner)
{
    csig_transcript t;

    csig_transcript_init(&t, CSIG_LABEL_BACKUP);
    csig_transcript_bytes(&t, backup, AT_SIGNATURE);
    csig_ed_sign(backup + AT_SIGNATURE, &owner->key, &t);
}
