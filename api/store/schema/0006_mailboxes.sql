-- Mailboxes: what devices have for one another. Messages are octets, signed and encrypted from end to
-- end: nothing here says what they are about.

-- How many mailboxes the device was ever a member of.
ALTER TABLE devices ADD COLUMN mailboxes INTEGER NOT NULL DEFAULT 0;

-- last: position of the newest message. octets: of all messages.
CREATE TABLE mailboxes (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    created INTEGER NOT NULL,
    expires INTEGER NOT NULL,
    last INTEGER NOT NULL DEFAULT 0,
    octets INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

CREATE INDEX mailboxes_expire ON mailboxes (expires);

-- number: among the mailboxes of the device. last, octets: of its messages. seen: when it last read or
-- wrote.
CREATE TABLE mailbox_members (
    mailbox BLOB NOT NULL REFERENCES mailboxes (id) ON DELETE CASCADE,
    place INTEGER NOT NULL CHECK (place BETWEEN 0 AND 15),
    device BLOB NOT NULL REFERENCES devices (identity),
    number INTEGER NOT NULL,
    last INTEGER NOT NULL DEFAULT 0,
    octets INTEGER NOT NULL DEFAULT 0,
    seen INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (mailbox, place)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX mailbox_members_of_device ON mailbox_members (device, number);

CREATE TABLE mailbox_messages (
    mailbox BLOB NOT NULL REFERENCES mailboxes (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    place INTEGER NOT NULL,
    number INTEGER NOT NULL,
    octets BLOB NOT NULL,
    PRIMARY KEY (mailbox, position),
    UNIQUE (mailbox, place, number)
) STRICT;
