-- The audit log: append-only, chained per node. No foreign keys: events outlive what they tell of.

CREATE TABLE audit_event (
  id INTEGER PRIMARY KEY,
  node TEXT NOT NULL,
  position INTEGER NOT NULL,
  format INTEGER NOT NULL,
  at INTEGER NOT NULL,
  action TEXT NOT NULL,
  operation_type TEXT NOT NULL,
  operation TEXT,
  actor_id INTEGER,
  actor_login TEXT,
  user_login TEXT,
  token_id INTEGER,
  hashed_token BLOB,
  access_type TEXT,
  owner_id INTEGER,
  owner_login TEXT,
  enterprise_id INTEGER,
  repository_id INTEGER,
  repository_name TEXT,
  address TEXT,
  user_agent TEXT,
  request_id TEXT,
  outcome TEXT NOT NULL,
  reason TEXT NOT NULL,
  data TEXT NOT NULL,
  prev_hash BLOB NOT NULL,
  hash BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX audit_event_node_position_key ON audit_event (node, position);
CREATE INDEX audit_event_at ON audit_event (at, id);
CREATE INDEX audit_event_owner ON audit_event (owner_id, at, id) WHERE owner_id IS NOT NULL;
CREATE INDEX audit_event_enterprise ON audit_event (enterprise_id, at, id) WHERE enterprise_id IS NOT NULL;
CREATE INDEX audit_event_actor ON audit_event (actor_id, at, id) WHERE actor_id IS NOT NULL;
CREATE INDEX audit_event_token ON audit_event (token_id, at, id) WHERE token_id IS NOT NULL;
CREATE INDEX audit_event_hashed_token ON audit_event (hashed_token, at, id) WHERE hashed_token IS NOT NULL;
CREATE INDEX audit_event_repository ON audit_event (repository_id, at, id) WHERE repository_id IS NOT NULL;
CREATE INDEX audit_event_request ON audit_event (request_id) WHERE request_id IS NOT NULL;

CREATE TABLE audit_head (
  node TEXT PRIMARY KEY NOT NULL,
  position INTEGER NOT NULL,
  hash BLOB NOT NULL,
  anchor_position INTEGER NOT NULL,
  anchor_hash BLOB NOT NULL
) STRICT;

-- A row here lets events of a node up to a position be deleted; it exists only inside the pruning transaction.
CREATE TABLE audit_prune (node TEXT PRIMARY KEY NOT NULL, position INTEGER NOT NULL) STRICT;

{append_only}
