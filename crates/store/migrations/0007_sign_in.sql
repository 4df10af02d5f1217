-- Second factors of persons, sign-ins that wait for one, and from where sessions were last used.

-- The seed must be recoverable to compute codes with; it is sealed under a key that is not in the database.
CREATE TABLE totp (
  user_id INTEGER PRIMARY KEY REFERENCES account (id),
  seed TEXT NOT NULL,
  last_step INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  last_used_at INTEGER
) STRICT;

CREATE TABLE recovery_code (
  user_id INTEGER NOT NULL REFERENCES account (id),
  digest BLOB NOT NULL,
  created_at INTEGER NOT NULL,
  used_at INTEGER,
  PRIMARY KEY (user_id, digest)
) STRICT;

CREATE TABLE passkey (
  id INTEGER PRIMARY KEY,
  user_id INTEGER NOT NULL REFERENCES account (id),
  name TEXT NOT NULL,
  folded TEXT NOT NULL,
  credential_id BLOB NOT NULL,
  credential TEXT NOT NULL,
  counter INTEGER NOT NULL,
  backed_up INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  last_used_at INTEGER
) STRICT;
CREATE UNIQUE INDEX passkey_credential_id_key ON passkey (credential_id);
CREATE UNIQUE INDEX passkey_user_id_folded_key ON passkey (user_id, folded);

CREATE TABLE pending_sign_in (
  digest BLOB PRIMARY KEY NOT NULL,
  user_id INTEGER NOT NULL REFERENCES account (id),
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX pending_sign_in_user ON pending_sign_in (user_id);

ALTER TABLE session ADD COLUMN last_seen_address TEXT;
ALTER TABLE session ADD COLUMN last_seen_user_agent TEXT;
