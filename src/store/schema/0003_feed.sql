-- A page of the feed is read from its index alone: events of one receiver lie side by side there, but far apart as rows.

ALTER TABLE event ADD COLUMN consent_id BLOB;
UPDATE event SET consent_id = (SELECT c.id FROM consent c WHERE c.key = event.consent);
DROP INDEX event_to;
DROP INDEX event_handled_by;
CREATE INDEX event_to ON event (to_uuid, id, type, created, consent_id);
CREATE INDEX event_handled_by ON event (handled_by_uuid, id, type, created, consent_id) WHERE handled_by_uuid IS NOT NULL;

INSERT INTO schema_step (step) VALUES (3);
