-- Teams that came from an upstream, and which node synchronises one just now.

ALTER TABLE team ADD COLUMN upstream_id INTEGER REFERENCES upstream (id);
ALTER TABLE team ADD COLUMN upstream_key TEXT;
CREATE UNIQUE INDEX team_upstream_key ON team (organization_id, upstream_id, upstream_key) WHERE upstream_key IS NOT NULL;

CREATE TABLE upstream_lease (
  upstream_id INTEGER PRIMARY KEY REFERENCES upstream (id),
  holder TEXT NOT NULL,
  ends_at INTEGER NOT NULL
) STRICT;

-- Links that the upstream took away: only these does it give back. What an administrator has switched off stays off.
CREATE TABLE upstream_link_lost (
  link_id INTEGER PRIMARY KEY
) STRICT;
