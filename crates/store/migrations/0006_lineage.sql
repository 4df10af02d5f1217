-- Which token minted a token, so that what a leaked one made can be ended with it.

ALTER TABLE token ADD COLUMN parent_id INTEGER REFERENCES token (id);
CREATE INDEX token_parent ON token (parent_id) WHERE parent_id IS NOT NULL;
