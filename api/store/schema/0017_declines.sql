-- What a device says of a request that it does not sign: once, for good, with the signature of its identity;
-- and the trace that a request is in.

-- rule: of the device's own policy; '': a person has said no.
CREATE TABLE declines (
    request BLOB NOT NULL REFERENCES requests (id),
    device BLOB NOT NULL CHECK (length(device) = 32),
    rule TEXT NOT NULL,
    because TEXT NOT NULL,
    signature BLOB NOT NULL CHECK (length(signature) = 64),
    said INTEGER NOT NULL,
    PRIMARY KEY (request, device)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER declines_stay BEFORE DELETE ON declines
BEGIN
    SELECT RAISE(ABORT, 'a decline stays');
END;

CREATE TRIGGER declines_stay_as_they_are BEFORE UPDATE ON declines
BEGIN
    SELECT RAISE(ABORT, 'a decline stays as it is');
END;

CREATE TRIGGER request_declined AFTER INSERT ON declines
BEGIN
    INSERT INTO events (kind, wallet, request, device)
    SELECT 'request.declined', wallet, id, NEW.device FROM requests WHERE id = NEW.request;
END;

-- The traceparent of who asked for it; '': of none, or from before.
ALTER TABLE requests ADD COLUMN trace TEXT NOT NULL DEFAULT '';
