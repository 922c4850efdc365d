-- What the hook is asked about requests, and what it has said.

-- A pending request that waits for the hook. policy and version: in force when the rule was met.
-- attempts: made, and not answered with a decision; due: when the next is. trace: who asked for the
-- request.
CREATE TABLE hook_asks (
    request BLOB PRIMARY KEY REFERENCES requests (id),
    rule TEXT NOT NULL,
    policy TEXT NOT NULL,
    version INTEGER NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    due INTEGER NOT NULL DEFAULT 0,
    trace TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX hook_asks_due ON hook_asks (due);

CREATE TRIGGER hook_asks_end AFTER UPDATE OF state ON requests
WHEN OLD.state = 7 AND NEW.state != 7
BEGIN
    DELETE FROM hook_asks WHERE request = NEW.id;
END;

-- approve 1, reject 2, ignore 3. key: SHA-256 of the SubjectPublicKeyInfo that the signature is of.
CREATE TABLE hook_decisions (
    request BLOB NOT NULL REFERENCES requests (id),
    rule TEXT NOT NULL,
    policy TEXT NOT NULL,
    version INTEGER NOT NULL,
    key BLOB NOT NULL CHECK (length(key) = 32),
    decision INTEGER NOT NULL CHECK (decision IN (1, 2, 3)),
    because TEXT NOT NULL,
    nonce BLOB NOT NULL CHECK (length(nonce) = 16),
    signature BLOB NOT NULL CHECK (length(signature) = 64),
    decided INTEGER NOT NULL,
    PRIMARY KEY (request, rule, policy, version, key)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER hook_decisions_stay BEFORE UPDATE ON hook_decisions
BEGIN
    SELECT RAISE(ABORT, 'a decision never changes');
END;
