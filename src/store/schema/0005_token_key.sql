-- The private part of a signing key may lie in a PKCS#11 token: then this says where, and nothing is sealed.

ALTER TABLE signing_key ADD COLUMN token_uri TEXT NOT NULL DEFAULT '';

INSERT INTO schema_step (step) VALUES (5);
