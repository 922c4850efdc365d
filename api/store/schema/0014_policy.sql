-- What may be signed, who has approved it, and what was spent.

-- subject: "all", "label/treasury/eu", "wallet/" and 32 hex digits. Rows never change: which version
-- is in force stands in policies_current.
CREATE TABLE policies (
    subject TEXT NOT NULL,
    version INTEGER NOT NULL CHECK (version > 0),
    text TEXT NOT NULL,
    created INTEGER NOT NULL,
    PRIMARY KEY (subject, version)
) STRICT, WITHOUT ROWID;

CREATE TABLE policies_current (
    subject TEXT PRIMARY KEY,
    version INTEGER NOT NULL,
    FOREIGN KEY (subject, version) REFERENCES policies (subject, version)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER policies_stay BEFORE UPDATE ON policies
BEGIN
    SELECT RAISE(ABORT, 'a policy never changes');
END;

CREATE TRIGGER policies_are_kept BEFORE DELETE ON policies
BEGIN
    SELECT RAISE(ABORT, 'a policy is kept');
END;

-- What shall become the policy of its subject. over and over_version: the policy whose approvers are
-- asked, and which it takes for the one in force. pending 1, done 2, rejected 3.
CREATE TABLE policy_changes (
    id BLOB PRIMARY KEY CHECK (length(id) = 32),
    subject TEXT NOT NULL,
    over TEXT NOT NULL,
    over_version INTEGER NOT NULL,
    text TEXT NOT NULL,
    state INTEGER NOT NULL,
    created INTEGER NOT NULL,
    expires INTEGER NOT NULL,
    creator BLOB CHECK (creator IS NULL OR length(creator) = 32)
) STRICT, WITHOUT ROWID;

CREATE INDEX policy_changes_pending ON policy_changes (expires) WHERE state = 1;

-- What a person has said, with the signature that shows it. about: a request or a change.
CREATE TABLE approvals (
    about BLOB NOT NULL CHECK (length(about) = 32),
    key BLOB NOT NULL CHECK (length(key) = 32),
    approves INTEGER NOT NULL CHECK (approves IN (0, 1)),
    signature BLOB NOT NULL CHECK (length(signature) = 64),
    said INTEGER NOT NULL,
    PRIMARY KEY (about, key)
) STRICT, WITHOUT ROWID;

-- The rule that decided last about a request. until: when it is rejected; 0: not waiting.
CREATE TABLE verdicts (
    request BLOB PRIMARY KEY REFERENCES requests (id),
    rule TEXT NOT NULL,
    because TEXT NOT NULL,
    until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX verdicts_until ON verdicts (until) WHERE until > 0;

-- How much of an asset a request takes from its wallet; asset '': that it is one. Reserved when it is
-- approved, in the same transaction that looks at the limits. released: when something left; 0: it
-- is only reserved, and counts whenever that was.
CREATE TABLE spendings (
    request BLOB NOT NULL REFERENCES requests (id),
    wallet BLOB NOT NULL REFERENCES wallets (id),
    asset TEXT NOT NULL COLLATE NOCASE,
    amount BLOB NOT NULL CHECK (length(amount) = 32),
    released INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (request, asset)
) STRICT, WITHOUT ROWID;

CREATE INDEX spendings_of ON spendings (wallet, asset, released);

-- Given back by every end without anything having left.
CREATE TRIGGER spendings_end AFTER UPDATE OF state ON requests
WHEN NEW.state IN (4, 5, 6, 8)
BEGIN
    DELETE FROM spendings WHERE request = NEW.id AND released = 0;
END;

CREATE TRIGGER spendings_leave AFTER UPDATE OF released ON request_inputs
WHEN NEW.released != 0
BEGIN
    UPDATE spendings SET released = NEW.released WHERE request = NEW.request;
END;

-- Where the server itself makes the signature of the parts.
CREATE TRIGGER spendings_are_signed AFTER UPDATE OF signature ON request_inputs
WHEN NEW.released = 0
BEGIN
    UPDATE spendings SET released = unixepoch() WHERE request = NEW.request AND released = 0;
END;

-- What webhooks are told.
INSERT INTO request_events (state, kind) VALUES (7, 'request.pending'), (8, 'request.rejected');

-- Who waits for nothing has no time that can be up.
CREATE TRIGGER verdicts_wait_no_more AFTER UPDATE OF state ON requests
WHEN OLD.state = 7 AND NEW.state != 7
BEGIN
    UPDATE verdicts SET until = 0 WHERE request = NEW.id;
END;

CREATE INDEX requests_end ON requests (expires) WHERE state IN (1, 7);

-- pending 7, rejected 8
CREATE TRIGGER requests_stay_rejected BEFORE UPDATE OF state ON requests
WHEN OLD.state = 8 AND NEW.state != 8
BEGIN
    SELECT RAISE(ABORT, 'a request that was rejected cannot go on');
END;
