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

-- device.left, and request.declined of 0017, are told to those that were told everything.
UPDATE webhooks SET kinds = 65535 WHERE kinds = 16383;

-- opener: the device that made it; NULL: the operator. stranger: to this member the opener is one.
ALTER TABLE mailboxes ADD COLUMN opener BLOB;
ALTER TABLE mailbox_members ADD COLUMN stranger INTEGER NOT NULL DEFAULT 0;

CREATE INDEX sessions_ended ON sessions (deadline) WHERE state != 1;
CREATE INDEX presignatures_used ON presignatures (used_by) WHERE used_by IS NOT NULL;
