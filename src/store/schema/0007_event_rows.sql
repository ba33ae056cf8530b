-- The events of one consent lie side by side: a list that tells many consents' events looks in one place for each of them.

CREATE TABLE event_kept (
	id BLOB NOT NULL,
	type INTEGER NOT NULL,
	created INTEGER NOT NULL,
	performed_by TEXT NOT NULL,
	performed_by_uuid BLOB,
	consent INTEGER NOT NULL,
	consent_id BLOB,
	to_uuid BLOB NOT NULL,
	handled_by_uuid BLOB,
	detail TEXT,
	PRIMARY KEY (consent, id)
) WITHOUT ROWID;
INSERT INTO event_kept (id, type, created, performed_by, performed_by_uuid, consent, consent_id, to_uuid, handled_by_uuid, detail)
	SELECT id, type, created, performed_by, performed_by_uuid, consent, consent_id, to_uuid, handled_by_uuid, detail
	FROM event ORDER BY consent, id;
DROP TABLE event;
ALTER TABLE event_kept RENAME TO event;
CREATE INDEX event_to ON event (to_uuid, id, type, created, consent_id);
CREATE INDEX event_handled_by ON event (handled_by_uuid, id, type, created, consent_id) WHERE handled_by_uuid IS NOT NULL;

INSERT INTO schema_step (step) VALUES (7);
