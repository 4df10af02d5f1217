-- Links of accounts that a person has begun and the upstream has not yet confirmed.

CREATE TABLE upstream_linking (
  -- Of the text that travels through the browser.
  digest BLOB PRIMARY KEY NOT NULL,
  session_id INTEGER NOT NULL,
  account_id INTEGER NOT NULL REFERENCES account (id),
  upstream_id INTEGER NOT NULL REFERENCES upstream (id),
  -- Sealed under a key that is not in the database.
  verifier TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT;
