-- Epochs: a wallet's shares change, its key does not.

-- The epoch's number is wallets.epoch, the committer's signature on it wallets.commit_signature, and
-- acks holds the envelopes that acknowledged it. epoch_state is NULL in what comes from format 1,
-- until the daemon has read it out of the share. refresh_attempts: sessions opened for the next
-- epoch. refreshed: 0 never, 1 shares only, 2 healing.
ALTER TABLE wallets ADD COLUMN epoch_attempt INTEGER NOT NULL DEFAULT 0;
ALTER TABLE wallets ADD COLUMN epoch_state BLOB CHECK (epoch_state IS NULL OR length(epoch_state) = 32);
ALTER TABLE wallets ADD COLUMN refresh_attempts INTEGER NOT NULL DEFAULT 0;
ALTER TABLE wallets ADD COLUMN refreshed INTEGER NOT NULL DEFAULT 0;

-- Slots: 1 pending (waiting for the birth), 2 current, 3 staged (waiting for the commit).
ALTER TABLE shares RENAME TO shares_of_format_1;

CREATE TABLE shares (
    wallet BLOB NOT NULL REFERENCES wallets (id) ON DELETE CASCADE,
    slot INTEGER NOT NULL CHECK (slot IN (1, 2, 3)),
    epoch INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    state BLOB CHECK (state IS NULL OR length(state) = 32),
    sealed BLOB NOT NULL,
    PRIMARY KEY (wallet, slot)
) STRICT, WITHOUT ROWID;

-- What a share is sealed under, itself sealed. It goes where its share goes. A share without one comes
-- from format 1 and is sealed under the daemon's key for shares.
CREATE TABLE share_keys (
    wallet BLOB NOT NULL,
    slot INTEGER NOT NULL,
    sealed BLOB NOT NULL,
    PRIMARY KEY (wallet, slot),
    FOREIGN KEY (wallet, slot) REFERENCES shares (wallet, slot) ON DELETE CASCADE ON UPDATE CASCADE
) STRICT, WITHOUT ROWID;

INSERT INTO shares (wallet, slot, epoch, attempt, sealed)
SELECT wallet, CASE current WHEN 0 THEN 1 ELSE 2 END, epoch, 0, sealed FROM shares_of_format_1;

DROP TABLE shares_of_format_1;

-- The auxiliary generation that a party had when the epoch began; none: its first.
CREATE TABLE generations (
    wallet BLOB NOT NULL REFERENCES wallets (id) ON DELETE CASCADE,
    party INTEGER NOT NULL,
    generation INTEGER NOT NULL,
    PRIMARY KEY (wallet, party)
) STRICT, WITHOUT ROWID;

-- The clients' backups, slot as in shares: 2 or 3.
CREATE TABLE backups (
    wallet BLOB NOT NULL REFERENCES wallets (id) ON DELETE CASCADE,
    slot INTEGER NOT NULL CHECK (slot IN (2, 3)),
    party INTEGER NOT NULL,
    sealed BLOB NOT NULL,
    PRIMARY KEY (wallet, slot, party)
) STRICT, WITHOUT ROWID;

-- attempt: of a refresh; else 0. state 7: ended because the wallet's epoch has changed.
ALTER TABLE sessions ADD COLUMN attempt INTEGER NOT NULL DEFAULT 0;
CREATE UNIQUE INDEX sessions_refresh ON sessions (wallet) WHERE kind = 6 AND state = 1;
CREATE INDEX sessions_of_wallet ON sessions (wallet) WHERE state = 1 AND wallet IS NOT NULL;
