-- A login under way travels with the browser. The store has a row only of a login that has ended in a session, so that its state counts once.

DROP TABLE login;
CREATE TABLE login_taken (
	state_hash BLOB NOT NULL PRIMARY KEY,
	until INTEGER NOT NULL
);
CREATE INDEX login_taken_until ON login_taken (until);

INSERT INTO schema_step (step) VALUES (11);
