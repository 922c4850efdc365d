-- What a window adds up is read from here alone.
DROP INDEX spendings_of;
CREATE INDEX spendings_of ON spendings (wallet, asset, released, request, amount);

-- Who is paired with an older generation of the server's.
CREATE INDEX peers_of_generation ON peers (own_generation);
