-- What Altinn 2 asks of a consent: how it was asked for, when it was first seen, the requests of an organisation, and
-- the consents to a resource in the order of their last change.

ALTER TABLE consent ADD COLUMN origin INTEGER NOT NULL DEFAULT 0;
ALTER TABLE consent ADD COLUMN keep_session INTEGER NOT NULL DEFAULT 0;
ALTER TABLE consent ADD COLUMN opened INTEGER NOT NULL DEFAULT 0;
CREATE INDEX consent_requests_to ON consent (to_uuid, key) WHERE origin > 0;
CREATE INDEX consent_requests_from ON consent (from_uuid, key) WHERE origin > 0;
CREATE INDEX consent_requests_handler ON consent (handled_by_uuid, key) WHERE origin > 0;

-- state: 0 active, 1 ended by withdrawal or use. changed: id of the event that brought it there.
CREATE TABLE listed (
	resource TEXT NOT NULL,
	state INTEGER NOT NULL,
	changed BLOB NOT NULL,
	consent INTEGER NOT NULL,
	PRIMARY KEY (resource, state, changed)
);
CREATE INDEX listed_consent ON listed (consent);

INSERT INTO schema_step (step) VALUES (13);
