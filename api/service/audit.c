#include "service/audit.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "context.h"

/* --- sealing --- */

static bool seal(void *ctx, const char *entry, uint8_t hash[32], uint8_t signature[64])
{
    const csig_identity *identity = ctx;

    crypto_hash_sha256(hash, (const uint8_t *)entry, strlen(entry));
    return csig_identity_sign(identity, CSIGD_AUDIT_USE, hash, 32, signature) == CSIG_OK;
}

static bool row_is_ours(const csigd_service *s, const csigd_audit_row *row)
{
    uint8_t hash[32];

    crypto_hash_sha256(hash, (const uint8_t *)row->entry, strlen(row->entry));
    return memcmp(hash, row->hash, sizeof hash) == 0 &&
           csig_identity_verify(s->identity_pub, CSIGD_AUDIT_USE, hash, sizeof hash,
                                row->signature) == CSIG_OK;
}

bool csigd_audit_is_started(const csigd_service *s, char *why, size_t why_len)
{
    csigd_audit_row newest;
    csigd_stored stored = s->store->audit.newest(s->store, &newest);

    s->store->audit.seal_with(s->store, seal, s->identity);
    if (stored == CSIGD_STORED && !row_is_ours(s, &newest)) {
        snprintf(why, why_len, "the audit log was altered: its entry %llu is not as it was signed",
                 (unsigned long long)newest.sequence);
        return false;
    }
    if (stored == CSIGD_STORE_NONE)
        stored = csigd_audit(s, "log.begun", CSIGD_OF_NOTHING,
                             CSIGD_HEX("server_identity", s->identity_pub, CSIG_IDENTITY_BYTES),
                             CSIGD_NUMBER("level", csig_level()));
    if (stored == CSIGD_STORED)
        stored = csigd_audit(s, "service.started", CSIGD_OF_NOTHING,
                             CSIGD_TEXT("version", csig_version()));
    if (stored == CSIGD_STORED) return true;
    snprintf(why, why_len, "the store cannot be written");
    return false;
}

csigd_stored csigd_audit_add(const csigd_service *s, const char *kind, csigd_audit_about about,
                             const csigd_log_field *fields, size_t n)
{
    return s->store->audit.append(s->store, kind, about, fields, n);
}
