-- Recovery keys: any index of a wallet may have one, and an index with one need not have a device.

-- An identity here need not be enrolled: its device may come later, or never.
ALTER TABLE wallet_devices RENAME TO wallet_devices_of_format_2;

CREATE TABLE wallet_devices (
    wallet BLOB NOT NULL REFERENCES wallets (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    device BLOB NOT NULL CHECK (length(device) = 32),
    PRIMARY KEY (wallet, position)
) STRICT, WITHOUT ROWID;

INSERT INTO wallet_devices (wallet, position, device)
SELECT wallet, position, device FROM wallet_devices_of_format_2;

DROP TABLE wallet_devices_of_format_2;

-- offline: from birth; its identity is in wallet_devices all the same.
CREATE TABLE recovery (
    wallet BLOB NOT NULL REFERENCES wallets (id) ON DELETE CASCADE,
    party INTEGER NOT NULL,
    key BLOB NOT NULL CHECK (length(key) = 32),
    offline INTEGER NOT NULL CHECK (offline IN (0, 1)),
    PRIMARY KEY (wallet, party)
) STRICT, WITHOUT ROWID;

-- Of a wallet with recovery keys, and of its current epoch: what is public of it, and what every
-- dealer has encrypted for every index with a key, in order of (index, dealer). Nothing is secret.
CREATE TABLE escrows (
    wallet BLOB PRIMARY KEY REFERENCES wallets (id) ON DELETE CASCADE,
    epoch BLOB NOT NULL,
    escrows BLOB NOT NULL
) STRICT;
