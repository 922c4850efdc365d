#include "auth/role.h"

#include <string.h>

#include "auth/text.h"

#define Y CSIGD_ALLOW
#define N CSIGD_DENY

/* Who operates does not by that create, sign or approve. The columns are to be seen. */
/* clang-format off */
const csigd_rule csigd_role_table[CSIGD_ROLE_COUNT][CSIGD_ACT_COUNT] = {
    /*                      wallet:  request:    session policy  key  audit service account
     *                      c  r  o  c  r  c  a  join    read c  mng  read  operate read */
    [CSIGD_ROLE_CREATE]  = {Y, Y, N, N, N, N, N, N,      N, N,   N,   N,    N,       N},
    [CSIGD_ROLE_SIGN]    = {N, Y, N, Y, Y, Y, N, N,      N, N,   N,   N,    N,       N},
    [CSIGD_ROLE_APPROVE] = {N, Y, N, N, Y, N, Y, N,      Y, N,   N,   N,    N,       N},
    [CSIGD_ROLE_OPERATE] = {N, Y, Y, N, Y, Y, N, N,      Y, Y,   Y,   Y,    Y,       Y},
    [CSIGD_ROLE_READ]    = {N, Y, N, N, Y, N, N, N,      Y, N,   N,   Y,    N,       N},
    [CSIGD_ROLE_DEVICE]  = {N, Y, N, N, Y, Y, N, Y,      N, N,   N,   N,    N,       Y},
};
/* clang-format on */

static const char *const names[CSIGD_ROLE_COUNT] = {
#define ROLE_NAME(name, word) [CSIGD_ROLE_##name] = (word),
    CSIGD_ROLES(ROLE_NAME)
#undef ROLE_NAME
};

static const bool is_of_wallet[CSIGD_ACT_COUNT] = {
#define ACT_OF_WALLET(name, of_wallet) [CSIGD_ACT_##name] = (of_wallet),
    CSIGD_ACTS(ACT_OF_WALLET)
#undef ACT_OF_WALLET
};

const char *csigd_role_name(csigd_role role)
{
    return names[role];
}

void csigd_roles_write(char out[CSIGD_ROLES_BYTES], uint32_t roles)
{
    csigd_text t = csigd_text_in(out, CSIGD_ROLES_BYTES);

    for (unsigned i = 0; i < CSIGD_ROLE_COUNT; i++) {
        if ((roles & CSIGD_ROLE_BIT(i)) == 0) continue;
        if (t.len > 0) csigd_text_char(&t, ',');
        csigd_text_put(&t, names[i]);
    }
}

bool csigd_role_is_read(csigd_role *role, const char *name)
{
    for (unsigned i = 0; i < CSIGD_ROLE_COUNT; i++) {
        if (strcmp(names[i], name) != 0) continue;
        *role = (csigd_role)i;
        return true;
    }
    return false;
}

static bool list_has_id(const csigd_selector *selector, const uint8_t *id)
{
    for (size_t i = 0; i < selector->n_ids && id != NULL; i++) {
        if (memcmp(selector->ids[i], id, sizeof selector->ids[i]) == 0) return true;
    }
    return false;
}

bool csigd_label_is_fine(const char *label)
{
    const size_t len = strlen(label);
    bool in_step = false;

    for (size_t i = 0; i < len; i++) {
        const char c = label[i];

        if (c == '/' && !in_step) return false;
        in_step = c != '/';
        if (in_step && strchr("abcdefghijklmnopqrstuvwxyz0123456789.-_", c) == NULL) return false;
    }
    return in_step && len <= CSIGD_LABEL_MAX;
}

/* Whole steps of the path: "treasury/eu" has neither "treasury" nor "treasury/europe". */
bool csigd_label_has_label(const char *above, const char *below)
{
    const size_t len = strlen(above);

    return len > 0 && strncmp(above, below, len) == 0 && (below[len] == '\0' || below[len] == '/');
}

bool csigd_selector_has_wallet(const csigd_selector *selector, const csigd_subject *wallet)
{
    switch (selector->kind) {
    case CSIGD_SELECT_NONE:
        return false;
    case CSIGD_SELECT_ALL:
        return true;
    case CSIGD_SELECT_LIST:
        return list_has_id(selector, wallet->id);
    case CSIGD_SELECT_LABEL:
        return csigd_label_has_label(selector->label, wallet->label);
    }
    return false;
}

bool csigd_grant_has_act(const csigd_grant *grant, csigd_act act)
{
    for (unsigned role = 0; role < CSIGD_ROLE_COUNT; role++) {
        if ((grant->roles & CSIGD_ROLE_BIT(role)) != 0 &&
            csigd_role_table[role][act] == CSIGD_ALLOW)
            return true;
    }
    return false;
}

csigd_auth csigd_grant_decide(const csigd_grant *grant, csigd_act act, const csigd_subject *wallet)
{
    bool good = csigd_grant_has_act(grant, act);

    if (is_of_wallet[act])
        good = good && wallet != NULL && csigd_selector_has_wallet(&grant->wallets, wallet);
    else
        good = good && grant->wallets.kind == CSIGD_SELECT_ALL;
    return good ? CSIGD_AUTH_OK : CSIGD_AUTH_FORBIDDEN;
}
