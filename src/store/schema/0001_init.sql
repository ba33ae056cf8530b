-- UUIDs are blobs of 16 bytes, times are microseconds since 1970 (UTC). Rows lie in commit order.

CREATE TABLE meta (
	name TEXT NOT NULL PRIMARY KEY,
	num INTEGER NOT NULL,
	txt TEXT
);
INSERT INTO meta (name, num) VALUES ('version', 1);
INSERT INTO meta (name, num) VALUES ('party_id', 50000000);
INSERT INTO meta (name, num) VALUES ('user_id', 20000000);

CREATE TABLE entry (
	kind TEXT NOT NULL,
	name TEXT NOT NULL,
	version INTEGER NOT NULL,
	body TEXT NOT NULL,
	PRIMARY KEY (kind, name, version)
);

CREATE TABLE party (
	key INTEGER PRIMARY KEY,
	uuid BLOB NOT NULL UNIQUE,
	party_id INTEGER NOT NULL UNIQUE,
	user_id INTEGER UNIQUE,
	type INTEGER NOT NULL,
	ident TEXT NOT NULL UNIQUE,
	name TEXT,
	unit_type TEXT,
	parent BLOB
);

CREATE TABLE holding (
	party BLOB NOT NULL,
	holder BLOB NOT NULL,
	kind TEXT NOT NULL,
	value TEXT NOT NULL,
	PRIMARY KEY (holder, party, kind, value)
);

CREATE TABLE consent (
	key INTEGER PRIMARY KEY,
	id BLOB NOT NULL UNIQUE,
	from_urn TEXT NOT NULL,
	to_urn TEXT NOT NULL,
	delegator_urn TEXT,
	handled_by_urn TEXT,
	from_uuid BLOB NOT NULL,
	to_uuid BLOB NOT NULL,
	delegator_uuid BLOB,
	handled_by_uuid BLOB,
	by_owner INTEGER NOT NULL,
	created INTEGER NOT NULL,
	valid_to INTEGER NOT NULL,
	answered INTEGER NOT NULL,
	valid_to_text TEXT NOT NULL,
	consented_text TEXT,
	status INTEGER NOT NULL,
	rights TEXT NOT NULL,
	message TEXT,
	redirect_url TEXT NOT NULL,
	view_mode INTEGER NOT NULL,
	template_id TEXT,
	template_version INTEGER NOT NULL,
	shown_language TEXT,
	shown_sha256 TEXT,
	shown TEXT,
	last_event BLOB NOT NULL
);
CREATE INDEX consent_from ON consent (from_uuid, key);

CREATE TABLE event (
	id BLOB NOT NULL,
	type INTEGER NOT NULL,
	created INTEGER NOT NULL,
	performed_by TEXT NOT NULL,
	performed_by_uuid BLOB,
	consent INTEGER NOT NULL,
	to_uuid BLOB NOT NULL,
	handled_by_uuid BLOB,
	PRIMARY KEY (consent, id)
);
CREATE INDEX event_to ON event (to_uuid, id);
CREATE INDEX event_handled_by ON event (handled_by_uuid, id) WHERE handled_by_uuid IS NOT NULL;

-- The last event id of a receiver: the row that its writers lock before they make the next one.
CREATE TABLE feed (
	receiver BLOB NOT NULL PRIMARY KEY,
	last BLOB NOT NULL
);

CREATE TABLE token (
	key INTEGER PRIMARY KEY,
	id BLOB NOT NULL,
	client_id TEXT NOT NULL,
	guard BLOB NOT NULL UNIQUE,
	consumer TEXT,
	supplier TEXT,
	scope TEXT,
	consent BLOB,
	issued INTEGER NOT NULL,
	expires INTEGER NOT NULL,
	guard_until INTEGER NOT NULL
);
CREATE INDEX token_consent ON token (consent, key) WHERE consent IS NOT NULL;

CREATE TABLE session (
	id_hash BLOB NOT NULL PRIMARY KEY,
	party BLOB NOT NULL,
	level INTEGER NOT NULL,
	csrf BLOB NOT NULL,
	created INTEGER NOT NULL,
	last_seen INTEGER NOT NULL,
	leaving BLOB,
	language TEXT
);
CREATE INDEX session_created ON session (created);
CREATE INDEX session_last_seen ON session (last_seen);

CREATE TABLE signing_key (
	kid TEXT NOT NULL PRIMARY KEY,
	alg TEXT NOT NULL,
	public_json TEXT NOT NULL,
	sealed BLOB NOT NULL,
	published INTEGER NOT NULL,
	active_from INTEGER NOT NULL,
	retire_at INTEGER NOT NULL,
	remove_at INTEGER NOT NULL
);

INSERT INTO schema_step (step) VALUES (1);
