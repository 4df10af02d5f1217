-- Sessions, tokens, grants and access requests. Only digests of secrets are here.

CREATE TABLE session (
  id INTEGER PRIMARY KEY,
  user_id INTEGER NOT NULL REFERENCES account (id),
  digest BLOB NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  sudo_until INTEGER NOT NULL,
  last_seen_at INTEGER NOT NULL,
  address TEXT,
  user_agent TEXT,
  revoked_at INTEGER
) STRICT;
CREATE UNIQUE INDEX session_digest_key ON session (digest);
CREATE INDEX session_by_user ON session (user_id);

CREATE TABLE token (
  id INTEGER PRIMARY KEY,
  kind TEXT NOT NULL,
  owner_id INTEGER NOT NULL REFERENCES account (id),
  name TEXT NOT NULL,
  folded TEXT NOT NULL,
  description TEXT,
  digest BLOB NOT NULL,
  last_eight TEXT NOT NULL,
  scopes TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  issued_at INTEGER NOT NULL,
  expires_at INTEGER,
  revoked_at INTEGER,
  revoked_reason TEXT,
  deleted_at INTEGER,
  last_used_at INTEGER,
  created_by INTEGER REFERENCES account (id)
) STRICT;
CREATE UNIQUE INDEX token_digest_key ON token (digest);
CREATE UNIQUE INDEX token_owner_id_folded_key ON token (owner_id, folded) WHERE deleted_at IS NULL;

CREATE TABLE token_digest_history (
  digest BLOB PRIMARY KEY NOT NULL,
  token_id INTEGER NOT NULL REFERENCES token (id),
  replaced_at INTEGER NOT NULL
) STRICT;
CREATE INDEX token_digest_history_token ON token_digest_history (token_id);

CREATE TABLE token_grant (
  id INTEGER PRIMARY KEY,
  token_id INTEGER NOT NULL REFERENCES token (id),
  owner_kind TEXT NOT NULL,
  owner_id INTEGER NOT NULL,
  permissions TEXT NOT NULL,
  selection TEXT NOT NULL,
  revision INTEGER NOT NULL,
  active INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  granted_at INTEGER,
  revoked_at INTEGER,
  revoked_by INTEGER
) STRICT;
CREATE UNIQUE INDEX token_grant_token_id_owner_kind_owner_id_key ON token_grant (token_id, owner_kind, owner_id);
CREATE INDEX token_grant_owner ON token_grant (owner_kind, owner_id);

CREATE TABLE grant_repository (
  grant_id INTEGER NOT NULL REFERENCES token_grant (id),
  repository_id INTEGER NOT NULL REFERENCES repository (id),
  PRIMARY KEY (grant_id, repository_id)
) STRICT;
CREATE INDEX grant_repository_repository ON grant_repository (repository_id);

CREATE TABLE access_request (
  id INTEGER PRIMARY KEY,
  grant_id INTEGER NOT NULL REFERENCES token_grant (id),
  token_id INTEGER NOT NULL REFERENCES token (id),
  owner_kind TEXT NOT NULL,
  owner_id INTEGER NOT NULL,
  permissions TEXT NOT NULL,
  selection TEXT NOT NULL,
  base_revision INTEGER NOT NULL,
  reason TEXT,
  state TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  decided_at INTEGER,
  decided_by INTEGER,
  decision_reason TEXT,
  approved_permissions TEXT,
  approved_selection TEXT,
  approved_repositories TEXT
) STRICT;
CREATE UNIQUE INDEX access_request_grant_id_key ON access_request (grant_id) WHERE state = 'pending';
CREATE INDEX access_request_grant ON access_request (grant_id, id);
CREATE INDEX access_request_owner ON access_request (owner_kind, owner_id, state);
CREATE INDEX access_request_token ON access_request (token_id);

CREATE TABLE request_repository (
  request_id INTEGER NOT NULL REFERENCES access_request (id),
  repository_id INTEGER NOT NULL REFERENCES repository (id),
  PRIMARY KEY (request_id, repository_id)
) STRICT;
CREATE INDEX request_repository_repository ON request_repository (repository_id);
