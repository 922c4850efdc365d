-- What a window adds up is read from here alone.
DROP INDEX spendings_of;
CREATE INDEX spendings_of ON spendings (wallet, asset, released, request, amount);
