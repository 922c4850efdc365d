-- How many requests a minute a key may make. 0: as many as the daemon is told for all.
ALTER TABLE http_keys ADD COLUMN per_minute INTEGER NOT NULL DEFAULT 0;
