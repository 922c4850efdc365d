/* The session id: a hash of every input with its name, and a short digest of each input by itself.
 */
#include "proto/ssid.h"

#include <string.h>

#include "base/level.h"

void csig_ssid_begin(csig_ssid *s, csig_label label)
{
    memset(s, 0, sizeof *s);
    csig_transcript_init(&s->t, label);
    csig_ssid_add_u64(s, "version", CSIG_FORMAT_VERSION);
    csig_ssid_add_u64(s, "level", CSIG_LEVEL);
    csig_ssid_add(s, "curve", "secp256k1", strlen("secp256k1"));
}

void csig_ssid_add(csig_ssid *s, const char *name, const void *p, size_t len)
{
    csig_transcript field;
    uint8_t hash[CSIG_HASH_BYTES];

    CSIG_ASSERT(s->count < CSIG_SSID_FIELDS);
    csig_transcript_bytes(&s->t, name, strlen(name));
    csig_transcript_bytes(&s->t, p, len);

    csig_transcript_init(&field, CSIG_LABEL_SSID_FIELD);
    csig_transcript_bytes(&field, name, strlen(name));
    csig_transcript_bytes(&field, p, len);
    csig_transcript_hash(&field, hash);
    s->name[s->count] = name;
    memcpy(s->digest[s->count], hash, CSIG_SSID_DIGEST_BYTES);
    s->count++;
}

void csig_ssid_add_u64(csig_ssid *s, const char *name, uint64_t v)
{
    uint8_t be[8];

    for (int i = 0; i < 8; i++)
        be[i] = (uint8_t)(v >> (56 - 8 * i));
    csig_ssid_add(s, name, be, sizeof be);
}

void csig_ssid_end(csig_ssid *s)
{
    csig_transcript_hash32(&s->t, s->id);
}
