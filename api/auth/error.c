#include "auth/error.h"

#include <stddef.h>

typedef struct row {
    unsigned status;
    const char *code;
    const char *text;
} row;

static const row table[CSIGD_AUTH_COUNT] = {[CSIGD_AUTH_OK] = {200, "ok", "validly signed"},
#define AUTH_ROW(name, ...) [CSIGD_AUTH_##name] = {__VA_ARGS__},
                                            CSIGD_AUTH_ERRORS(AUTH_ROW)
#undef AUTH_ROW
};

unsigned csigd_auth_status(csigd_auth error)
{
    return table[error].status;
}

const char *csigd_auth_name(csigd_auth error)
{
    return table[error].code;
}

const char *csigd_auth_text(csigd_auth error)
{
    return table[error].text;
}

csigd_auth csigd_refuse(csigd_refusal *why, csigd_auth error, const char *field)
{
    *why = (csigd_refusal){.error = error};
    for (size_t i = 0; i + 1 < sizeof why->field && field[i] >= 0x20 && field[i] < 0x7f; i++)
        why->field[i] = field[i];
    return error;
}
