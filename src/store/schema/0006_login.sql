-- Logins at an OpenID provider: what a session came from, logins under way, and logout tokens that were taken.

ALTER TABLE session ADD COLUMN sid TEXT;
ALTER TABLE session ADD COLUMN auth_time INTEGER NOT NULL DEFAULT 0;
CREATE INDEX session_sid ON session (sid) WHERE sid IS NOT NULL;

CREATE TABLE login (
	state_hash BLOB NOT NULL PRIMARY KEY,
	browser BLOB NOT NULL,
	nonce TEXT NOT NULL,
	verifier TEXT NOT NULL,
	back TEXT NOT NULL,
	level INTEGER NOT NULL,
	fresh INTEGER NOT NULL,
	created INTEGER NOT NULL
);
CREATE INDEX login_created ON login (created);

CREATE TABLE logout_token (
	jti_hash BLOB NOT NULL PRIMARY KEY,
	mark BLOB NOT NULL,
	until INTEGER NOT NULL
);
CREATE INDEX logout_token_until ON logout_token (until);

INSERT INTO schema_step (step) VALUES (6);
