-- What happened to the consents of one giver, in the order of time: answers, uses, tokens, and when an accepted one runs out.

CREATE TABLE trail (
	from_uuid BLOB NOT NULL,
	at INTEGER NOT NULL,
	id BLOB NOT NULL,
	kind INTEGER NOT NULL,
	consent INTEGER NOT NULL,
	consumer TEXT,
	supplier TEXT,
	PRIMARY KEY (from_uuid, at, id)
);
INSERT INTO trail (from_uuid, at, id, kind, consent)
	SELECT c.from_uuid, e.created, e.id, 0, c.key FROM consent c JOIN event e ON e.consent = c.key WHERE e.type <> 0;
INSERT INTO trail (from_uuid, at, id, kind, consent, consumer, supplier)
	SELECT c.from_uuid, t.issued, t.id, 1, c.key, t.consumer, t.supplier FROM consent c JOIN token t ON t.consent = c.id;
INSERT INTO trail (from_uuid, at, id, kind, consent)
	SELECT c.from_uuid, c.valid_to, c.id, 2, c.key FROM consent c WHERE c.status = 2 OR c.status = 3;

INSERT INTO schema_step (step) VALUES (9);
