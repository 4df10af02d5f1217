-- Pushes that are under way, and locks of LFS files.

CREATE TABLE push_intent (
  id INTEGER PRIMARY KEY,
  node TEXT NOT NULL,
  repository_id INTEGER NOT NULL REFERENCES repository (id),
  request_id TEXT NOT NULL,
  refs TEXT NOT NULL,
  started_at INTEGER NOT NULL
) STRICT;
CREATE INDEX push_intent_node ON push_intent (node, id);

CREATE TABLE lfs_lock (
  id INTEGER PRIMARY KEY,
  repository_id INTEGER NOT NULL REFERENCES repository (id),
  path TEXT NOT NULL,
  ref_name TEXT,
  owner_id INTEGER NOT NULL REFERENCES account (id),
  locked_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX lfs_lock_repository_id_path_key ON lfs_lock (repository_id, path);
