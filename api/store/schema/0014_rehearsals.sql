-- A throw-away wallet, to rehearse a ceremony with: it signs nothing but tests, is in no list and no
-- campaign, and is deleted by who made it, at the next start, or after a day.
ALTER TABLE wallets ADD COLUMN rehearsal INTEGER NOT NULL DEFAULT 0;
