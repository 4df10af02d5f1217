-- Ids, settings, the change feed, accounts, enterprises, memberships, teams and repositories.

CREATE TABLE ids (kind TEXT PRIMARY KEY NOT NULL, next INTEGER NOT NULL) STRICT;
CREATE TABLE setting (key TEXT PRIMARY KEY NOT NULL, value TEXT NOT NULL) STRICT;
CREATE TABLE change_feed (position INTEGER PRIMARY KEY, kind TEXT NOT NULL, id INTEGER NOT NULL) STRICT;

CREATE TABLE enterprise (
  id INTEGER PRIMARY KEY,
  slug TEXT NOT NULL,
  name TEXT NOT NULL,
  policy TEXT NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX enterprise_slug_key ON enterprise (slug);

CREATE TABLE account (
  id INTEGER PRIMARY KEY,
  login TEXT NOT NULL,
  folded TEXT NOT NULL,
  kind TEXT NOT NULL,
  name TEXT,
  email TEXT,
  site_administrator INTEGER NOT NULL,
  suspended_at INTEGER,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  deleted_at INTEGER,
  bio TEXT,
  company TEXT,
  location TEXT,
  blog TEXT,
  description TEXT,
  password_hash TEXT,
  owner_id INTEGER REFERENCES account (id),
  enterprise_id INTEGER REFERENCES enterprise (id),
  base_role TEXT NOT NULL,
  policy TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX account_folded_key ON account (folded) WHERE deleted_at IS NULL;
CREATE INDEX account_enterprise ON account (enterprise_id) WHERE enterprise_id IS NOT NULL;
CREATE INDEX account_owner ON account (owner_id) WHERE owner_id IS NOT NULL;

CREATE TABLE enterprise_owner (
  enterprise_id INTEGER NOT NULL REFERENCES enterprise (id),
  user_id INTEGER NOT NULL REFERENCES account (id),
  PRIMARY KEY (enterprise_id, user_id)
) STRICT;
CREATE INDEX enterprise_owner_user ON enterprise_owner (user_id);

CREATE TABLE membership (
  organization_id INTEGER NOT NULL REFERENCES account (id),
  user_id INTEGER NOT NULL REFERENCES account (id),
  role TEXT NOT NULL,
  public INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (organization_id, user_id)
) STRICT;
CREATE INDEX membership_user ON membership (user_id);

CREATE TABLE token_role (
  organization_id INTEGER NOT NULL REFERENCES account (id),
  user_id INTEGER NOT NULL REFERENCES account (id),
  role TEXT NOT NULL,
  PRIMARY KEY (organization_id, user_id, role)
) STRICT;
CREATE INDEX token_role_user ON token_role (user_id);

CREATE TABLE team (
  id INTEGER PRIMARY KEY,
  organization_id INTEGER NOT NULL REFERENCES account (id),
  parent_id INTEGER REFERENCES team (id),
  slug TEXT NOT NULL,
  name TEXT NOT NULL,
  description TEXT,
  privacy TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX team_organization_id_slug_key ON team (organization_id, slug);
CREATE INDEX team_parent ON team (parent_id) WHERE parent_id IS NOT NULL;

CREATE TABLE team_member (
  team_id INTEGER NOT NULL REFERENCES team (id),
  user_id INTEGER NOT NULL REFERENCES account (id),
  role TEXT NOT NULL,
  PRIMARY KEY (team_id, user_id)
) STRICT;
CREATE INDEX team_member_user ON team_member (user_id);

CREATE TABLE repository (
  id INTEGER PRIMARY KEY,
  owner_id INTEGER NOT NULL REFERENCES account (id),
  name TEXT NOT NULL,
  folded TEXT NOT NULL,
  description TEXT,
  homepage TEXT,
  visibility TEXT NOT NULL,
  default_branch TEXT NOT NULL,
  archived_at INTEGER,
  fork_of INTEGER REFERENCES repository (id),
  has_issues INTEGER NOT NULL,
  next_number INTEGER NOT NULL,
  pushed_at INTEGER,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  deleted_at INTEGER
) STRICT;
CREATE UNIQUE INDEX repository_owner_id_folded_key ON repository (owner_id, folded) WHERE deleted_at IS NULL;
CREATE INDEX repository_fork ON repository (fork_of) WHERE fork_of IS NOT NULL;

CREATE TABLE team_repository (
  team_id INTEGER NOT NULL REFERENCES team (id),
  repository_id INTEGER NOT NULL REFERENCES repository (id),
  role TEXT NOT NULL,
  PRIMARY KEY (team_id, repository_id)
) STRICT;
CREATE INDEX team_repository_repository ON team_repository (repository_id);

CREATE TABLE collaborator (
  repository_id INTEGER NOT NULL REFERENCES repository (id),
  user_id INTEGER NOT NULL REFERENCES account (id),
  role TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (repository_id, user_id)
) STRICT;
CREATE INDEX collaborator_user ON collaborator (user_id);

CREATE TABLE redirect (
  owner_folded TEXT NOT NULL,
  name_folded TEXT NOT NULL,
  repository_id INTEGER NOT NULL REFERENCES repository (id),
  created_at INTEGER NOT NULL,
  PRIMARY KEY (owner_folded, name_folded)
) STRICT;
CREATE INDEX redirect_repository ON redirect (repository_id);
