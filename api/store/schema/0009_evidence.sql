-- Why a session of more than two parties has failed, and who is to blame: what convinces those who
-- were not there. Nothing in it is secret.
CREATE TABLE evidence (
    session BLOB PRIMARY KEY REFERENCES sessions (id),
    octets BLOB NOT NULL
) STRICT;
