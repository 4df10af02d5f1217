-- Servers behind the gateway, what of the directory lives at them, and the persons' accounts there.

CREATE TABLE upstream (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  kind TEXT NOT NULL,
  address TEXT NOT NULL,
  settings TEXT NOT NULL,
  -- Sealed under a key that is not in the database.
  credential TEXT,
  credential_changed_at INTEGER,
  mode TEXT NOT NULL,
  observe_until INTEGER,
  from_file INTEGER NOT NULL,
  synchronised_at INTEGER,
  synchronisation TEXT,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  deleted_at INTEGER
) STRICT;
CREATE UNIQUE INDEX upstream_name_key ON upstream (name) WHERE deleted_at IS NULL;

CREATE TABLE upstream_link (
  id INTEGER PRIMARY KEY,
  upstream_id INTEGER NOT NULL REFERENCES upstream (id),
  account_id INTEGER NOT NULL REFERENCES account (id),
  login TEXT NOT NULL,
  upstream_key TEXT,
  credential TEXT,
  expires_at INTEGER,
  active INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX upstream_link_account_key ON upstream_link (upstream_id, account_id);
CREATE UNIQUE INDEX upstream_link_upstream_id_upstream_key_key ON upstream_link (upstream_id, upstream_key);

-- NULL: hosted here.
ALTER TABLE account ADD COLUMN upstream_id INTEGER REFERENCES upstream (id);
ALTER TABLE account ADD COLUMN upstream_name TEXT;
ALTER TABLE account ADD COLUMN upstream_key TEXT;
CREATE UNIQUE INDEX account_upstream_key ON account (upstream_id, upstream_key) WHERE deleted_at IS NULL AND upstream_key IS NOT NULL;
ALTER TABLE repository ADD COLUMN upstream_id INTEGER REFERENCES upstream (id);
ALTER TABLE repository ADD COLUMN upstream_name TEXT;
ALTER TABLE repository ADD COLUMN upstream_key TEXT;
CREATE UNIQUE INDEX repository_upstream_key ON repository (upstream_id, upstream_key) WHERE deleted_at IS NULL AND upstream_key IS NOT NULL;

-- One thing there is one thing here: bound twice, it would be decided on by two sets of grants.
CREATE UNIQUE INDEX upstream_link_login_key ON upstream_link (upstream_id, lower(login));
CREATE UNIQUE INDEX account_upstream_name ON account (upstream_id, lower(upstream_name)) WHERE deleted_at IS NULL AND upstream_name IS NOT NULL;
CREATE UNIQUE INDEX repository_upstream_name ON repository (upstream_id, lower(upstream_name)) WHERE deleted_at IS NULL AND upstream_name IS NOT NULL;
