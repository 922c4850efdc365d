-- Resharings: kind 7, another committee at the next epoch. At most one of refreshes and resharings of
-- a wallet runs at a time.
DROP INDEX sessions_refresh;
CREATE UNIQUE INDEX sessions_refresh ON sessions (wallet) WHERE kind IN (6, 7) AND state = 1;

-- generations holds, from here on, the newest generation that a party has used in the current epoch,
-- its beginning included.
