-- Credentials of upstreams' own that passed while an upstream was only observed, and what they were used for.

CREATE TABLE observed_credential (
  id INTEGER PRIMARY KEY,
  upstream_id INTEGER NOT NULL REFERENCES upstream (id),
  -- Keyed with a secret of this installation: it cannot be compared with tokens that leaked elsewhere.
  digest TEXT NOT NULL,
  kind TEXT NOT NULL,
  login TEXT,
  upstream_key TEXT,
  first_at INTEGER NOT NULL,
  last_at INTEGER NOT NULL,
  reads INTEGER NOT NULL,
  writes INTEGER NOT NULL,
  -- Requests for which there was no room for a row of their own.
  left_out INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX observed_credential_digest ON observed_credential (upstream_id, digest);

CREATE TABLE observation (
  id INTEGER PRIMARY KEY,
  credential_id INTEGER NOT NULL REFERENCES observed_credential (id),
  operation TEXT NOT NULL,
  mapped INTEGER NOT NULL,
  target TEXT NOT NULL,
  needs TEXT NOT NULL,
  verdict TEXT NOT NULL,
  requests INTEGER NOT NULL,
  refused INTEGER NOT NULL,
  first_at INTEGER NOT NULL,
  last_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX observation_use ON observation (credential_id, operation, target);
