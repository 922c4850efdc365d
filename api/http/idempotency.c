#include "http/idempotency.h"

#include <string.h>

static bool char_is_fine(char c, bool quoted)
{
    if (c == '"' || c == '\\') return false;
    return quoted ? c >= 0x20 && c < 0x7f : c > 0x20 && c < 0x7f && c != ',' && c != ';';
}

bool csigd_idempotency_is_read(char out[CSIGD_IDEMPOTENCY_BYTES], const char *value)
{
    size_t len = strlen(value);
    const bool quoted = len >= 2 && value[0] == '"' && value[len - 1] == '"';

    if (quoted) {
        value++;
        len -= 2;
    }
    if (len == 0 || len >= CSIGD_IDEMPOTENCY_BYTES) return false;
    for (size_t i = 0; i < len; i++) {
        if (!char_is_fine(value[i], quoted)) return false;
    }
    memcpy(out, value, len);
    out[len] = '\0';
    return true;
}
