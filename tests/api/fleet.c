#include "api/fleet.h"

#include <stdio.h>
#include <string.h>

csigd_store *fleet;

int fleet_setup(void **state)
{
    (void)state;
    temp_folder();
    fleet = temp_store();
    store_with_wallet(fleet);
    for (int i = 2; i <= 4; i++) {
        char sql[512];

        snprintf(
            sql, sizeof sql,
            "INSERT INTO wallets (id, state, signers_required, parties, allow, created, key_id, "
            "public_key, epoch, commit_signature, record, epoch_attempt, epoch_state) "
            "SELECT x'%02d000000000000000000000000000000', state, signers_required, parties, "
            "allow, created + %d, key_id, public_key, epoch, commit_signature, record, "
            "epoch_attempt, epoch_state FROM wallets WHERE created = 2001 RETURNING 1",
            i, i);
        assert_int_equal(peek(sql), 1);
    }
    assert_int_equal(peek("INSERT INTO wallet_devices SELECT w.id, d.position, d.device FROM "
                          "wallets AS w JOIN wallet_devices AS d WHERE w.id != d.wallet "
                          "RETURNING 1"),
                     1);
    return 0;
}

int fleet_teardown(void **state)
{
    (void)state;
    fleet->close(fleet);
    temp_remove();
    return 0;
}

csigd_campaign fleet_campaign(uint8_t n, csigd_campaign_select selected)
{
    csigd_campaign c = {.state = CSIGD_CAMPAIGN_RUNNING,
                        .selected = selected,
                        .per_minute = 100,
                        .at_once = 10,
                        .deadline = FLEET_DEADLINE,
                        .on_miss = CSIGD_MISS_LOCK,
                        .created = 4000 + n,
                        .changed = 4000 + n};

    memcpy(c.id, octets(n), sizeof c.id);
    return c;
}

void fleet_begin(uint8_t n)
{
    csigd_campaign c = fleet_campaign(n, CSIGD_CAMPAIGN_ALL);

    assert_int_equal(fleet->campaigns.put(fleet, &c, NULL, 0), CSIGD_STORED);
}

void fleet_expect(uint8_t n, uint64_t waiting, uint64_t running, uint64_t done, uint64_t failed)
{
    csigd_campaign c;

    assert_int_equal(fleet->campaigns.get(fleet, octets(n), &c), CSIGD_STORED);
    assert_int_equal(c.count[CSIGD_STANDING_WAITING], waiting);
    assert_int_equal(c.count[CSIGD_STANDING_RUNNING], running);
    assert_int_equal(c.count[CSIGD_STANDING_DONE], done);
    assert_int_equal(c.count[CSIGD_STANDING_FAILED], failed);
    assert_int_equal(c.eligible, waiting + running + done + failed);
}

void fleet_keep(void *ctx, const csigd_campaign_wallet *w)
{
    fleet_rows *r = ctx;

    assert_true(r->n < sizeof r->row / sizeof r->row[0]);
    r->row[r->n++] = *w;
}

csigd_campaign_wallet fleet_row_of(uint8_t n, uint8_t wallet)
{
    static fleet_rows all;

    all.n = 0;
    assert_int_equal(fleet->campaigns.page(fleet, octets(n), 1, fleet_keep, &all), CSIGD_STORED);
    for (size_t i = 0; i < all.n; i++) {
        if (memcmp(all.row[i].wallet, octets(wallet), 16) == 0) return all.row[i];
    }
    fail_msg("no row");
    return all.row[0];
}

csigd_stored fleet_refresh_at(uint8_t session, uint8_t wallet, uint8_t campaign, uint64_t attempt,
                              int64_t when)
{
    csigd_opening o = {.row = {.kind = CSIGD_KIND_REFRESH,
                               .own_generation = 1,
                               .has_wallet = true,
                               .attempt = attempt,
                               .created = when,
                               .n_devices = 2}};

    memcpy(o.row.id, octets(session), sizeof o.row.id);
    memcpy(o.row.wallet, octets(wallet), sizeof o.row.wallet);
    for (uint8_t i = 0; i < 2; i++)
        memcpy(o.row.devices[i], octets((uint8_t)(i + 1)), CSIG_IDENTITY_BYTES);
    if (campaign != 0) o.campaign = octets(campaign);
    return fleet->session_open(fleet, &o);
}

csigd_stored fleet_wanted_of(uint8_t wallet, int64_t now, uint8_t campaign)
{
    uint8_t id[16];
    const csigd_stored stored = fleet->campaigns.wanted(fleet, octets(wallet), now, id);

    if (stored == CSIGD_STORED) assert_memory_equal(id, octets(campaign), sizeof id);
    return stored;
}

csigd_stored fleet_missed_of(uint8_t wallet, int64_t now)
{
    uint8_t id[16];

    return fleet->campaigns.missed(fleet, octets(wallet), now, id);
}

void fleet_lock_device(uint8_t session, uint8_t device)
{
    const csigd_effects effects = {.blamed = (const uint8_t(*)[CSIG_IDENTITY_BYTES])octets(device),
                                   .n_blamed = 1,
                                   .named = true,
                                   .reason = "a lie",
                                   .when = 7};

    assert_int_equal(store_open_plain(fleet, session, CSIGD_KIND_AUX), CSIGD_STORED);
    assert_int_equal(fleet->session_fail(fleet, octets(session), &effects), CSIGD_STORED);
}
