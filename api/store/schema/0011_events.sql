-- What happened, in order, for good; and who is told of it.

-- number: 1, 2, ... in the order of the commits, without a gap. Of each but a test: the wallet, where it
-- is about one. request, device, epoch: which. webhook: of a test, the one that it is for.
CREATE TABLE events (
    number INTEGER PRIMARY KEY,
    id BLOB NOT NULL DEFAULT (randomblob(16)) CHECK (length(id) = 16),
    kind TEXT NOT NULL,
    created INTEGER NOT NULL DEFAULT (unixepoch()),
    wallet BLOB,
    request BLOB,
    device BLOB,
    epoch INTEGER,
    webhook BLOB
) STRICT;

CREATE TRIGGER events_stay BEFORE DELETE ON events
BEGIN
    SELECT RAISE(ABORT, 'an event stays');
END;

CREATE TRIGGER events_stay_as_they_are BEFORE UPDATE ON events
BEGIN
    SELECT RAISE(ABORT, 'an event stays as it is');
END;

-- Whoever changes what an event tells of writes the event with it, knowing or not: these triggers run
-- within its transaction.

-- What becomes of a request, by its state. A state that is not here is told of as request.changed.
CREATE TABLE request_events (
    state INTEGER PRIMARY KEY,
    kind TEXT -- NULL: told of to nobody
) STRICT;

INSERT INTO request_events (state, kind) VALUES
    (1, 'request.approved'), (2, NULL), (3, 'request.signed'), (4, 'request.failed'),
    (5, 'request.expired'), (6, 'request.cancelled');

CREATE TRIGGER request_created AFTER INSERT ON requests
BEGIN
    INSERT INTO events (kind, wallet, request) VALUES ('request.created', NEW.wallet, NEW.id);
    INSERT INTO events (kind, wallet, request)
    SELECT kind, NEW.wallet, NEW.id FROM request_events WHERE state = NEW.state AND kind IS NOT NULL;
END;

-- Back from signing it is what it was: nothing to tell.
CREATE TRIGGER request_changed AFTER UPDATE OF state ON requests
WHEN NEW.state != OLD.state AND NOT (OLD.state = 2 AND NEW.state = 1)
BEGIN
    INSERT INTO events (kind, wallet, request)
    SELECT kind, NEW.wallet, NEW.id
    FROM (SELECT CASE WHEN count(*) = 0 THEN 'request.changed' ELSE max(kind) END AS kind
          FROM request_events WHERE state = NEW.state)
    WHERE kind IS NOT NULL;
END;

CREATE TRIGGER wallet_born AFTER UPDATE OF state ON wallets
WHEN OLD.state = 1 AND NEW.state = 2
BEGIN
    INSERT INTO events (kind, wallet, epoch) VALUES ('wallet.born', NEW.id, NEW.epoch);
END;

CREATE TRIGGER epoch_committed AFTER UPDATE OF epoch ON wallets
WHEN OLD.state = 2 AND NEW.epoch != OLD.epoch
BEGIN
    INSERT INTO events (kind, wallet, epoch) VALUES ('epoch.committed', NEW.id, NEW.epoch);
END;

-- For each wallet that it is a party of; once, however many of its pairs with the server are locked.
CREATE TRIGGER device_locked AFTER UPDATE OF locked ON pairs
WHEN OLD.locked = 0 AND NEW.locked != 0 AND NOT EXISTS
    (SELECT 1 FROM pairs WHERE device = NEW.device AND locked != 0 AND own_generation != NEW.own_generation)
BEGIN
    INSERT INTO events (kind, wallet, device)
    SELECT 'device.locked', id, NEW.device FROM wallet_devices JOIN wallets ON id = wallet
    WHERE device = NEW.device AND state = 2;
    INSERT INTO events (kind, device)
    SELECT 'device.locked', NEW.device WHERE NOT EXISTS
        (SELECT 1 FROM wallet_devices JOIN wallets ON id = wallet WHERE device = NEW.device AND state = 2);
END;

-- kinds: bits, in the order of store/events.h; those of all_wallets, of the ids that follow one another
-- in wallets, or of the wallets with this label and those below it. delivered: number of the last event
-- that was delivered, or was not for it. attempts: that failed since, in a row; since: when the first of
-- them was made; due: when the next one is. state: 1 active, 2 failing: no attempt until it is tested.
CREATE TABLE webhooks (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    url TEXT NOT NULL,
    kinds INTEGER NOT NULL,
    all_wallets INTEGER NOT NULL,
    wallets BLOB NOT NULL CHECK (length(wallets) % 16 = 0),
    label TEXT NOT NULL,
    created INTEGER NOT NULL,
    state INTEGER NOT NULL DEFAULT 1 CHECK (state IN (1, 2)),
    delivered INTEGER NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    since INTEGER NOT NULL DEFAULT 0,
    due INTEGER NOT NULL DEFAULT 0,
    deliveries INTEGER NOT NULL DEFAULT 0,
    failures INTEGER NOT NULL DEFAULT 0,
    last_try INTEGER NOT NULL DEFAULT 0,
    last_status INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
