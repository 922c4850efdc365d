-- In the place of what acknowledged an epoch, the record of the session that made it: everything
-- that was said to all, the acknowledgements among it. Of epochs from before there is none: x''.
ALTER TABLE wallets RENAME COLUMN acks TO record;
UPDATE wallets SET record = x'' WHERE record IS NOT NULL;
