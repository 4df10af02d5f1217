-- What tokens made and that can itself authenticate: keys, hooks, runners. Rows outlive the token and the thing.
CREATE TABLE planted (
  id INTEGER PRIMARY KEY,
  token_id INTEGER NOT NULL REFERENCES token (id),
  actor_id INTEGER NOT NULL REFERENCES account (id),
  owner_id INTEGER REFERENCES account (id),
  enterprise_id INTEGER REFERENCES enterprise (id),
  repository_id INTEGER REFERENCES repository (id),
  upstream_id INTEGER,
  operation TEXT NOT NULL,
  kind TEXT NOT NULL,
  what TEXT,
  label TEXT NOT NULL,
  end_path TEXT,
  created_at INTEGER NOT NULL,
  lapses_at INTEGER,
  state TEXT NOT NULL,
  ended_at INTEGER,
  ended_by INTEGER REFERENCES account (id),
  attempts INTEGER NOT NULL,
  next_at INTEGER,
  problem TEXT
) STRICT;
CREATE INDEX planted_token ON planted (token_id, id);
CREATE INDEX planted_actor ON planted (actor_id, id);
CREATE INDEX planted_owner ON planted (owner_id, id);
CREATE INDEX planted_next ON planted (next_at) WHERE next_at IS NOT NULL;
