-- How a person has proved who they are, in the OpenID provider's words: an acceptance and its receipt tell it.

ALTER TABLE session ADD COLUMN acr TEXT;

INSERT INTO schema_step (step) VALUES (10);
