-- Campaigns: wallets that are to be refreshed, each when its device comes by.

-- When the current epoch was committed; 0: at birth, or before stores knew.
ALTER TABLE wallets ADD COLUMN epoch_since INTEGER NOT NULL DEFAULT 0;

CREATE INDEX wallets_of_device ON wallet_devices (device);
CREATE INDEX wallets_active ON wallets (created, id) WHERE state = 2;

-- state: 1 running, 2 paused, 3 cancelled. selected: 1 all wallets, 2 a list, 3 those whose epoch
-- began before `before`. on_miss: 1 warn, 2 lock.
CREATE TABLE campaigns (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    state INTEGER NOT NULL CHECK (state IN (1, 2, 3)),
    selected INTEGER NOT NULL CHECK (selected IN (1, 2, 3)),
    before INTEGER NOT NULL,
    per_minute INTEGER NOT NULL CHECK (per_minute > 0),
    at_once INTEGER NOT NULL CHECK (at_once > 0),
    deadline INTEGER NOT NULL,
    on_miss INTEGER NOT NULL CHECK (on_miss IN (1, 2)),
    created INTEGER NOT NULL,
    changed INTEGER NOT NULL,
    eligible INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- state: 1 waiting for its device (late, when the campaign's deadline is over), 2 a refresh runs, 3
-- done, 4 cannot refresh now. reason: of 4: 1 a device is locked, 2 too few devices are enrolled; of
-- 1: 3 the last refresh came to nothing.
CREATE TABLE campaign_wallets (
    campaign BLOB NOT NULL REFERENCES campaigns (id),
    position INTEGER NOT NULL,
    wallet BLOB NOT NULL REFERENCES wallets (id),
    state INTEGER NOT NULL CHECK (state IN (1, 2, 3, 4)),
    since INTEGER NOT NULL,
    epoch_before INTEGER NOT NULL,
    epoch_after INTEGER CHECK ((state = 3) = (epoch_after IS NOT NULL)),
    reason INTEGER NOT NULL DEFAULT 0 CHECK (reason = 0 OR state IN (1, 4)),
    PRIMARY KEY (campaign, position)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX campaigns_of_wallet ON campaign_wallets (wallet, campaign);
CREATE INDEX campaign_counts ON campaign_wallets (campaign, state);

-- Refreshes that campaigns started, for a minute.
CREATE TABLE campaign_starts (
    campaign BLOB NOT NULL REFERENCES campaigns (id),
    started INTEGER NOT NULL,
    session BLOB NOT NULL CHECK (length(session) = 16),
    PRIMARY KEY (campaign, started, session)
) STRICT, WITHOUT ROWID;
