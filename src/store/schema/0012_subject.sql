-- A write that was decided on an older version of the registry counts still when what it used has not changed since. The epoch is the version of
-- the last change that concerns every decision; a subject is a part of the registry that has changed by itself after it.

INSERT INTO meta (name, num) SELECT 'epoch', num FROM meta WHERE name = 'version';

CREATE TABLE subject (
	kind TEXT NOT NULL,
	name TEXT NOT NULL,
	version INTEGER NOT NULL,
	PRIMARY KEY (kind, name)
);
CREATE INDEX subject_version ON subject (version);

INSERT INTO schema_step (step) VALUES (12);
