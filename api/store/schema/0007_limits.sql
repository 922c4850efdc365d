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
