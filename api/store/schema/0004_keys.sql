-- Who may ask over TCP: keys that sign requests, and what was signed already.

-- The server's own key for HTTP, sealed.
CREATE TABLE http_key (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    sealed BLOB NOT NULL
) STRICT;

-- id: SHA-256 of the SubjectPublicKeyInfo. algorithm: 1 Ed25519, 2 P-256. roles: bits. device: of a
-- device's key, which is good for the wallets it is a party of; else all wallets, or those whose ids
-- follow one another in wallets. revoked: 0 not.
CREATE TABLE http_keys (
    id BLOB PRIMARY KEY CHECK (length(id) = 32),
    algorithm INTEGER NOT NULL CHECK (algorithm IN (1, 2)),
    octets BLOB NOT NULL CHECK (length(octets) = 65),
    owner TEXT NOT NULL,
    device BLOB REFERENCES devices (identity),
    roles INTEGER NOT NULL,
    all_wallets INTEGER NOT NULL,
    wallets BLOB NOT NULL CHECK (length(wallets) % 16 = 0),
    created INTEGER NOT NULL,
    revoked INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

-- For one enrolment each. hash: SHA-256 of the token; used_by: the key it was used for, whose
-- enrolment may be sent again.
CREATE TABLE tokens (
    hash BLOB PRIMARY KEY CHECK (length(hash) = 32),
    roles INTEGER NOT NULL,
    expires INTEGER NOT NULL,
    used INTEGER NOT NULL DEFAULT 0,
    used_by BLOB
) STRICT, WITHOUT ROWID;

-- Signatures that were taken, until they expire; and the latest expiry that was ever forgotten.
CREATE TABLE replays (
    id BLOB PRIMARY KEY CHECK (length(id) = 32),
    expires INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX replays_expire ON replays (expires);

CREATE TABLE replay_horizon (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    expires INTEGER NOT NULL
) STRICT;

INSERT INTO replay_horizon (one, expires) VALUES (1, 0);

-- Is this device a party of this wallet, or was it one of a wallet that was never born?
CREATE INDEX sessions_of_birth ON sessions (wallet) WHERE kind = 2;
