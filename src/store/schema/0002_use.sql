-- A use that a resource's owner reported: what it was is kept with its event, and the consent that it ended knows when.

ALTER TABLE consent ADD COLUMN one_time INTEGER NOT NULL DEFAULT 0;
ALTER TABLE consent ADD COLUMN used INTEGER NOT NULL DEFAULT 0;
ALTER TABLE event ADD COLUMN detail TEXT;

-- How many requests of one status a person is shown.
CREATE INDEX consent_shown ON consent (from_uuid, status, valid_to) WHERE view_mode = 1;

INSERT INTO schema_step (step) VALUES (2);
