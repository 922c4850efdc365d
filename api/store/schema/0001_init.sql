-- Everything durable. Blobs called sealed are sealed by service/vault.c; nothing here is secret.
CREATE TABLE meta (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    kind TEXT NOT NULL,
    level INTEGER NOT NULL
) STRICT;

CREATE TABLE boot (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    wrap BLOB NOT NULL,
    identity BLOB NOT NULL
) STRICT;

CREATE TABLE own_aux (
    generation INTEGER PRIMARY KEY,
    sealed BLOB NOT NULL
) STRICT;

CREATE TABLE primes (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    sealed BLOB NOT NULL
) STRICT;

CREATE TABLE devices (
    identity BLOB PRIMARY KEY CHECK (length(identity) = 32),
    name TEXT NOT NULL,
    created INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE peers (
    device BLOB NOT NULL REFERENCES devices (identity),
    own_generation INTEGER NOT NULL,
    generation INTEGER NOT NULL,
    aux_id BLOB NOT NULL CHECK (length(aux_id) = 32),
    sealed BLOB NOT NULL,
    PRIMARY KEY (device, own_generation)
) STRICT, WITHOUT ROWID;

-- One row for each (device, own generation) that ever opened a session.
CREATE TABLE pairs (
    device BLOB NOT NULL REFERENCES devices (identity),
    own_generation INTEGER NOT NULL,
    opened INTEGER NOT NULL DEFAULT 0,
    unfinished INTEGER NOT NULL DEFAULT 0 CHECK (unfinished >= 0),
    suspicions INTEGER NOT NULL DEFAULT 0,
    locked INTEGER NOT NULL DEFAULT 0,
    reason TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (device, own_generation)
) STRICT, WITHOUT ROWID;

CREATE TABLE wallets (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    state INTEGER NOT NULL,
    signers_required INTEGER NOT NULL,
    parties INTEGER NOT NULL,
    allow INTEGER NOT NULL,
    created INTEGER NOT NULL,
    key_id BLOB,
    public_key BLOB,
    epoch INTEGER,
    commit_signature BLOB,
    acks BLOB,
    CHECK (state != 2 OR (length(key_id) = 32 AND length(public_key) = 33 AND epoch IS NOT NULL
                          AND length(commit_signature) = 64 AND acks IS NOT NULL))
) STRICT;

CREATE TABLE wallet_devices (
    wallet BLOB NOT NULL REFERENCES wallets (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    device BLOB NOT NULL REFERENCES devices (identity),
    PRIMARY KEY (wallet, position)
) STRICT, WITHOUT ROWID;

-- current = 0: pending, waiting for the birth.
CREATE TABLE shares (
    wallet BLOB PRIMARY KEY REFERENCES wallets (id) ON DELETE CASCADE,
    epoch INTEGER NOT NULL,
    current INTEGER NOT NULL,
    sealed BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE requests (
    id BLOB PRIMARY KEY CHECK (length(id) = 32),
    wallet BLOB NOT NULL REFERENCES wallets (id),
    state INTEGER NOT NULL,
    type INTEGER NOT NULL,
    digest BLOB NOT NULL CHECK (length(digest) = 32),
    path TEXT NOT NULL,
    mode INTEGER NOT NULL,
    presigned INTEGER NOT NULL,
    created INTEGER NOT NULL,
    released INTEGER NOT NULL DEFAULT 0,
    sessions INTEGER NOT NULL DEFAULT 0,
    signature BLOB,
    CHECK (state != 3 OR length(signature) = 98)
) STRICT, WITHOUT ROWID;

-- wallet has no reference: it is gone after a key generation that came to nothing.
CREATE TABLE sessions (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    kind INTEGER NOT NULL,
    state INTEGER NOT NULL,
    wallet BLOB,
    request BLOB REFERENCES requests (id),
    own_generation INTEGER NOT NULL,
    epoch INTEGER NOT NULL,
    next_round INTEGER NOT NULL DEFAULT 1,
    created INTEGER NOT NULL,
    deadline INTEGER NOT NULL
) STRICT;

CREATE INDEX sessions_running ON sessions (state) WHERE state = 1;
CREATE INDEX sessions_request ON sessions (request) WHERE request IS NOT NULL;

CREATE TABLE session_devices (
    session BLOB NOT NULL REFERENCES sessions (id),
    position INTEGER NOT NULL,
    device BLOB NOT NULL REFERENCES devices (identity),
    PRIMARY KEY (session, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE rounds (
    session BLOB NOT NULL REFERENCES sessions (id),
    n INTEGER NOT NULL,
    hash BLOB NOT NULL CHECK (length(hash) = 32),
    status INTEGER NOT NULL,
    state INTEGER NOT NULL,
    sealed BLOB,
    answered INTEGER NOT NULL,
    PRIMARY KEY (session, n)
) STRICT;

CREATE INDEX rounds_kept ON rounds (answered) WHERE sealed IS NOT NULL;

-- kept 1, ready 2, assigned 3, spent 4, destroyed 5. Never the halves themselves. reveal: the
-- envelope with our nonce, as it leaves when the presignature is assigned.
CREATE TABLE presignatures (
    id BLOB PRIMARY KEY CHECK (length(id) = 32),
    wallet BLOB NOT NULL REFERENCES wallets (id),
    session BLOB NOT NULL REFERENCES sessions (id),
    state INTEGER NOT NULL,
    used_by BLOB REFERENCES sessions (id),
    request BLOB REFERENCES requests (id),
    digest BLOB,
    path TEXT,
    reveal BLOB,
    CHECK (state NOT IN (3, 4) OR (request IS NOT NULL AND digest IS NOT NULL AND path IS NOT NULL
                                   AND reveal IS NOT NULL))
) STRICT, WITHOUT ROWID;

CREATE INDEX presignatures_open ON presignatures (state) WHERE state < 4;
CREATE INDEX presignatures_session ON presignatures (session);

-- Assigned never becomes ready, spent and destroyed never become anything: also not by mistake.
CREATE TRIGGER presignatures_one_way BEFORE UPDATE OF state ON presignatures
WHEN NEW.state <= OLD.state OR OLD.state IN (4, 5) OR (OLD.state = 1 AND NEW.state NOT IN (2, 5))
    OR (OLD.state = 2 AND NEW.state NOT IN (3, 5))
BEGIN
    SELECT RAISE(ABORT, 'a presignature cannot go back');
END;
