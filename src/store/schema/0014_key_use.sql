-- What a signing key signs: '' is tokens and all that is signed as they are; 'altinn2' the tokens of Altinn 2.

ALTER TABLE signing_key ADD COLUMN use TEXT NOT NULL DEFAULT '';

INSERT INTO schema_step (step) VALUES (14);
