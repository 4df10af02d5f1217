-- Packages at registries behind the gateway: whose each is, what an administrator said of names, and the versions seen.

CREATE TABLE package (
  id INTEGER PRIMARY KEY,
  upstream_id INTEGER NOT NULL REFERENCES upstream (id),
  kind TEXT NOT NULL,
  -- In its normal form, by which it is looked up.
  name TEXT NOT NULL,
  display_name TEXT NOT NULL,
  -- Immutable ids: who takes over a login later takes over no package.
  account_id INTEGER NOT NULL REFERENCES account (id),
  repository_id INTEGER REFERENCES repository (id),
  -- Of one that belongs to an owner as a whole; that of a repository's is the repository's.
  visibility TEXT NOT NULL,
  how TEXT NOT NULL,
  created_by INTEGER REFERENCES account (id),
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  -- When its last version was deleted; the name stays whose it was.
  deleted_at INTEGER
) STRICT;
CREATE UNIQUE INDEX package_upstream_id_name_key ON package (upstream_id, name);
CREATE INDEX package_kind_name ON package (kind, name);
CREATE INDEX package_account ON package (account_id);
CREATE INDEX package_repository ON package (repository_id);

CREATE TABLE package_version (
  id INTEGER PRIMARY KEY,
  package_id INTEGER NOT NULL REFERENCES package (id),
  name TEXT NOT NULL,
  created_by INTEGER REFERENCES account (id),
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  deleted_at INTEGER
) STRICT;
CREATE UNIQUE INDEX package_version_package_id_name_key ON package_version (package_id, name);

CREATE TABLE package_link (
  id INTEGER PRIMARY KEY,
  upstream_id INTEGER NOT NULL REFERENCES upstream (id),
  kind TEXT NOT NULL,
  -- 1: this name alone; 0: it and what is below it.
  exact INTEGER NOT NULL,
  name TEXT NOT NULL,
  account_id INTEGER NOT NULL REFERENCES account (id),
  repository_id INTEGER REFERENCES repository (id),
  visibility TEXT NOT NULL,
  created_by INTEGER REFERENCES account (id),
  created_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX package_link_upstream_id_name_exact_key ON package_link (upstream_id, name, exact);
CREATE INDEX package_link_kind_name ON package_link (kind, name);
