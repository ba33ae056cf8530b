-- What receipts need: how a person has proved who they are, in the OpenID provider's words, and which of the keys that are published no longer
-- may still vouch for what they have signed.

ALTER TABLE session ADD COLUMN acr TEXT;
ALTER TABLE signing_key ADD COLUMN compromised INTEGER NOT NULL DEFAULT 0;

INSERT INTO schema_step (step) VALUES (10);
