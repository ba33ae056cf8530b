-- Whom a person may act for: by role or single right, whatever letter case it was written in, and by main unit.

CREATE INDEX holding_value ON holding (holder, kind, lower(value), party);
CREATE INDEX party_parent ON party (parent) WHERE parent IS NOT NULL;

INSERT INTO schema_step (step) VALUES (4);
