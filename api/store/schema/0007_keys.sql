-- How many requests a minute a key may make. 0: as many as the daemon is told for all.
ALTER TABLE http_keys ADD COLUMN per_minute INTEGER NOT NULL DEFAULT 0;

-- The server's own keys for HTTP, sealed: the one that signs, and the one that will from `since` on.
CREATE TABLE server_keys (
    generation INTEGER PRIMARY KEY,
    since INTEGER NOT NULL,
    sealed BLOB NOT NULL
) STRICT;

INSERT INTO server_keys (generation, since, sealed) SELECT 1, 0, sealed FROM http_key;
DROP TABLE http_key;

-- Labels are paths: "treasury/eu/hot"; '' none. Of a wallet; of a key that is good for the wallets
-- with this label and those below it, or, of a device's key, whose wallets may have such labels;
-- of a token, for the key that it brings.
ALTER TABLE wallets ADD COLUMN label TEXT NOT NULL DEFAULT '';
ALTER TABLE http_keys ADD COLUMN label TEXT NOT NULL DEFAULT '';
ALTER TABLE tokens ADD COLUMN label TEXT NOT NULL DEFAULT '';
