-- Requests: a payload of one type, one signature for each of its inputs, an end; asked for once.

-- Digest and signature are of the inputs now, so the table is made anew. What refers to it is looked
-- at when the transaction ends, and finds every row again.
PRAGMA defer_foreign_keys = ON;
CREATE TABLE requests_of_format_9 AS SELECT * FROM requests;
DELETE FROM requests;
DROP TABLE requests;

-- number: 1, 2, ... of the wallet, never used twice. creator: the HTTP key that asked; NULL: the
-- operator, or nobody knows. path: as asked for; inputs may have their own.
CREATE TABLE requests (
    id BLOB PRIMARY KEY CHECK (length(id) = 32),
    wallet BLOB NOT NULL REFERENCES wallets (id),
    number INTEGER NOT NULL,
    state INTEGER NOT NULL,
    type INTEGER NOT NULL,
    path TEXT NOT NULL,
    mode INTEGER NOT NULL,
    presigned INTEGER NOT NULL,
    created INTEGER NOT NULL,
    expires INTEGER NOT NULL,
    creator BLOB CHECK (creator IS NULL OR length(creator) = 32),
    UNIQUE (wallet, number)
) STRICT, WITHOUT ROWID;

CREATE INDEX requests_approved ON requests (wallet) WHERE state = 1;
CREATE INDEX requests_expire ON requests (expires) WHERE state = 1;

-- Canonical JSON: the same octets for ever.
CREATE TABLE request_payloads (
    request BLOB PRIMARY KEY REFERENCES requests (id),
    text TEXT NOT NULL
) STRICT;

-- released: when our part of the signature left first; 0: not yet. sessions: that were opened for it.
CREATE TABLE request_inputs (
    request BLOB NOT NULL REFERENCES requests (id),
    input INTEGER NOT NULL CHECK (input BETWEEN 0 AND 63),
    digest BLOB NOT NULL CHECK (length(digest) = 32),
    path TEXT NOT NULL,
    released INTEGER NOT NULL DEFAULT 0,
    sessions INTEGER NOT NULL DEFAULT 0,
    signature BLOB CHECK (signature IS NULL OR length(signature) = 98),
    PRIMARY KEY (request, input)
) STRICT, WITHOUT ROWID;

-- What a client asked for under a name of its own (Idempotency-Key). credential: the device, or the
-- HTTP key, or nothing for the operator. hash: of wallet and body. Kept for good.
CREATE TABLE idempotency (
    credential BLOB NOT NULL,
    name TEXT NOT NULL,
    hash BLOB NOT NULL CHECK (length(hash) = 32),
    request BLOB NOT NULL REFERENCES requests (id),
    PRIMARY KEY (credential, name)
) STRICT, WITHOUT ROWID;

INSERT INTO requests (id, wallet, number, state, type, path, mode, presigned, created, expires)
SELECT id, wallet, row_number() OVER (PARTITION BY wallet ORDER BY created, id), state, type, path,
    mode, presigned, created, created + 604800 FROM requests_of_format_9;

INSERT INTO request_payloads (request, text)
SELECT id, '{"digest":"' || lower(hex(digest)) || '","type":"digest"}' FROM requests_of_format_9;

INSERT INTO request_inputs (request, input, digest, path, released, sessions, signature)
SELECT id, 0, digest, path, released, sessions, signature FROM requests_of_format_9;

DROP TABLE requests_of_format_9;

-- approved 1, signing 2, signed 3, failed 4, expired 5, cancelled 6. Nothing becomes of an end.
CREATE TRIGGER requests_stay_ended BEFORE UPDATE OF state ON requests
WHEN OLD.state BETWEEN 3 AND 6 AND NEW.state != OLD.state
BEGIN
    SELECT RAISE(ABORT, 'a request that has ended cannot go on');
END;

CREATE TRIGGER signatures_stay BEFORE UPDATE OF signature ON request_inputs
WHEN OLD.signature IS NOT NULL
BEGIN
    SELECT RAISE(ABORT, 'a signature is made once');
END;

-- Which of the request's inputs the session signs.
ALTER TABLE sessions ADD COLUMN input INTEGER NOT NULL DEFAULT 0;
