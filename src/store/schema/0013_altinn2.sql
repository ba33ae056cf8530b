-- What Altinn 2 asks of a consent: how it was asked for, when it was first seen, the requests of an organisation by their state (REQUEST_STATE in
-- statements.def), and the consents to a resource; both lists in the order of the last change. Consents of Altinn 3 are in no index of requests.

ALTER TABLE consent ADD COLUMN origin INTEGER NOT NULL DEFAULT 0;
ALTER TABLE consent ADD COLUMN keep_session INTEGER NOT NULL DEFAULT 0;
ALTER TABLE consent ADD COLUMN opened INTEGER NOT NULL DEFAULT 0;
CREATE INDEX consent_requests_to ON consent (to_uuid,
	(CASE WHEN status = 0 AND opened = 0 THEN 0 WHEN status = 0 THEN 1 WHEN status = 1 THEN 3 WHEN status = 4 THEN 4 ELSE 2 END),
	(CASE WHEN answered <> 0 THEN answered WHEN opened <> 0 THEN opened ELSE created END), key) WHERE origin > 0;
CREATE INDEX consent_requests_from ON consent (from_uuid,
	(CASE WHEN status = 0 AND opened = 0 THEN 0 WHEN status = 0 THEN 1 WHEN status = 1 THEN 3 WHEN status = 4 THEN 4 ELSE 2 END),
	(CASE WHEN answered <> 0 THEN answered WHEN opened <> 0 THEN opened ELSE created END), key) WHERE origin > 0;
CREATE INDEX consent_requests_handler ON consent (handled_by_uuid,
	(CASE WHEN status = 0 AND opened = 0 THEN 0 WHEN status = 0 THEN 1 WHEN status = 1 THEN 3 WHEN status = 4 THEN 4 ELSE 2 END),
	(CASE WHEN answered <> 0 THEN answered WHEN opened <> 0 THEN opened ELSE created END), key)
	WHERE origin > 0 AND handled_by_uuid IS NOT NULL;

-- state: 0 active, 1 ended by withdrawal or use. changed: the time when it came there.
CREATE TABLE listed (
	resource TEXT NOT NULL,
	state INTEGER NOT NULL,
	changed INTEGER NOT NULL,
	consent INTEGER NOT NULL,
	valid_to INTEGER NOT NULL,
	PRIMARY KEY (resource, state, changed, consent)
) WITHOUT ROWID;
CREATE INDEX listed_end ON listed (valid_to);

INSERT INTO schema_step (step) VALUES (13);
