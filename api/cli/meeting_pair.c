/* Auxiliary info between devices of different processes: what READY says of it is the same for all,
 * so everybody knows which pairs are to be made. */
#include <sodium.h>
#include <string.h>

#include "cli/meeting_inside.h"
#include "cli/pairing.h"
#include "cli/peers.h"

static bool are_paired(const meeting *m, size_t a, size_t b)
{
    return memcmp(m->of[a].knows[b], m->of[b].aux, CSIG_AUX_ID_BYTES) == 0 &&
           memcmp(m->of[b].knows[a], m->of[a].aux, CSIG_AUX_ID_BYTES) == 0;
}

/* Devices of one process pair by themselves. */
static bool is_to_pair(const meeting *m, size_t a, size_t b)
{
    return m->of[a].signs && m->of[b].signs && m->of[a].member != m->of[b].member &&
           !are_paired(m, a, b);
}

/* Of one device for one pair: nonces are used once. */
static void nonce_of(const meeting *m, size_t of, size_t a, size_t b, uint8_t nonce[32])
{
    uint8_t said[MAILBOX_ID_BYTES + CSIG_NONCE_BYTES + 2 * CSIG_IDENTITY_BYTES];
    uint8_t *p = said;

    memcpy(p, m->box.octets, MAILBOX_ID_BYTES);
    memcpy(p += MAILBOX_ID_BYTES, m->of[of].own, CSIG_NONCE_BYTES);
    memcpy(p += CSIG_NONCE_BYTES, m->of[a].id, CSIG_IDENTITY_BYTES);
    memcpy(p + CSIG_IDENTITY_BYTES, m->of[b].id, CSIG_IDENTITY_BYTES);
    (void)crypto_hash_sha256(nonce, said, sizeof said);
}

typedef struct pair_ids {
    uint8_t of[CSIG_PARTIES_MAX * CSIG_PARTIES_MAX][2][CSIG_IDENTITY_BYTES];
    size_t count;
} pair_ids;

/* The one before in the list moves first. */
static cli_exit start_pair(cli *c, const meeting *m, size_t a, size_t b, rounds *r, pair_ids *ids)
{
    const size_t here = m->of[a].here != NULL ? a : b, other = here == a ? b : a;
    const device *d = m->of[here].here;
    uint8_t nonces[2][CSIG_NONCE_BYTES];
    uint8_t(*both)[CSIG_IDENTITY_BYTES] = ids->of[ids->count++];

    memcpy(both[0], m->of[a].id, CSIG_IDENTITY_BYTES);
    memcpy(both[1], m->of[b].id, CSIG_IDENTITY_BYTES);
    CLI_TRY(lock_check(c, d, m->of[other].id));
    nonce_of(m, a, a, b, nonces[0]);
    nonce_of(m, b, a, b, nonces[1]);
    CLI_TRY(pair_session(c, r, d, d->aux, m->of[other].id, nonces, here == a ? 1 : 2));
    rounds_among(r, (const uint8_t(*)[CSIG_IDENTITY_BYTES])both, 2);
    return CLI_OK;
}

static cli_exit check_aux(cli *c, const meeting *m)
{
    static const uint8_t none[CSIG_AUX_ID_BYTES] = {0};

    for (size_t i = 0; i < m->count; i++)
        if (m->of[i].signs && memcmp(m->of[i].aux, none, sizeof none) == 0)
            return cli_fail(c, CLI_REFUSED,
                            "party %u has no auxiliary info and cannot sign; there: countersign "
                            "device init, countersign device enrol",
                            m->of[i].party);
    return CLI_OK;
}

static cli_exit run_pairs(cli *c, meeting *m)
{
    AUTO_ROUNDS r = {.store = pair_keep, .meeting = m, .others = true};
    pair_ids ids = {.count = 0};

    for (size_t b = 1; b < m->count; b++)
        for (size_t a = 0; a < b; a++)
            if (is_to_pair(m, a, b) && (m->of[a].here != NULL || m->of[b].here != NULL))
                CLI_TRY(start_pair(c, m, a, b, &r, &ids));
    if (r.count > 0) CLI_TRY(rounds_run(c, &r));
    return meeting_say(c, m, MEETING_PAIRED, NULL, 0);
}

static bool some_are_not_paired(meeting *m)
{
    bool some = false;

    meeting_await_nobody(m);
    for (size_t i = 0; i < m->box.members; i++) {
        m->is_awaited[i] = i != m->box.self && !m->is_paired[i];
        some = some || m->is_awaited[i];
    }
    return some;
}

cli_exit meeting_pair(cli *c, meeting *m)
{
    mailbox_message message;
    bool some = false;

    if (!meeting_is_held(m)) return CLI_OK;
    CLI_TRY(check_aux(c, m));
    for (size_t b = 1; b < m->count; b++)
        for (size_t a = 0; a < b; a++)
            some = some || is_to_pair(m, a, b);
    if (!some) return CLI_OK;
    CLI_TRY(run_pairs(c, m));
    while (meeting_has_host_here(m) && some_are_not_paired(m))
        CLI_TRY(meeting_next(c, m, &message));
    return CLI_OK;
}
