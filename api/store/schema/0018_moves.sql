-- Devices that give their place to another one, and who may come so; strangers in mailboxes; what of
-- ended sessions can go.

-- The open move of a device: for the enrolment of one that nobody knows yet. key: that asked for it;
-- NULL: the operator. token: SHA-256. successor: who it is, known when it has enrolled or begun; used_by:
-- the key that the token was spent for, whose enrolment may be sent again.
CREATE TABLE moves (
    device BLOB PRIMARY KEY REFERENCES devices (identity),
    key BLOB REFERENCES http_keys (id),
    token BLOB NOT NULL UNIQUE CHECK (length(token) = 32),
    wallets BLOB NOT NULL CHECK (length(wallets) > 0 AND length(wallets) % 16 = 0),
    expires INTEGER NOT NULL,
    successor BLOB CHECK (successor IS NULL OR length(successor) = 32),
    used_by BLOB
) STRICT, WITHOUT ROWID;

-- Devices that came by a move and have no wallet yet. old: whose place they take; roles, label: what they
-- have of it from the first wallet on that is theirs.
CREATE TABLE successors (
    device BLOB PRIMARY KEY CHECK (length(device) = 32),
    old BLOB NOT NULL REFERENCES devices (identity),
    roles INTEGER NOT NULL,
    label TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX successors_of ON successors (old);

-- Who was a party of a wallet and is none any more: what became of an epoch it may ask for good, however
-- old the session is in which it heard of it.
CREATE TABLE former_devices (
    wallet BLOB NOT NULL REFERENCES wallets (id) ON DELETE CASCADE,
    device BLOB NOT NULL CHECK (length(device) = 32),
    PRIMARY KEY (wallet, device)
) STRICT, WITHOUT ROWID;

INSERT OR IGNORE INTO former_devices (wallet, device)
SELECT s.wallet, d.device FROM sessions AS s JOIN session_devices AS d ON d.session = s.id
JOIN wallets AS w ON w.id = s.wallet
WHERE s.kind IN (2, 6, 7) AND w.state = 2 AND NOT EXISTS
    (SELECT 1 FROM wallet_devices AS o WHERE o.wallet = s.wallet AND o.device = d.device);

CREATE INDEX sessions_of_resharing ON sessions (wallet) WHERE kind = 7;

-- device.left, and request.declined of 0017, are told to those that were told everything.
UPDATE webhooks SET kinds = 65535 WHERE kinds = 16383;

-- opener: the device that made it; NULL: the operator. stranger: to this member the opener is one.
ALTER TABLE mailboxes ADD COLUMN opener BLOB;
ALTER TABLE mailbox_members ADD COLUMN stranger INTEGER NOT NULL DEFAULT 0;

CREATE INDEX sessions_ended ON sessions (deadline) WHERE state != 1;
CREATE INDEX presignatures_used ON presignatures (used_by) WHERE used_by IS NOT NULL;
