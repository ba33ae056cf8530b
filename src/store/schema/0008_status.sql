-- Status lists: what has ended is found list by list (1048576 row keys each), in the order of the commits or by the time it expires at.

CREATE INDEX consent_ended ON consent ((key / 1048576), last_event, key, status, used) WHERE status = 3 OR used <> 0;
CREATE INDEX consent_expires ON consent ((key / 1048576), valid_to, key);

INSERT INTO schema_step (step) VALUES (8);
