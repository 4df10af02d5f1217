-- Members who ask their organization's owners to allow a kind of token: once per person, organization and kind.
CREATE TABLE token_ask (
  id INTEGER PRIMARY KEY,
  organization_id INTEGER NOT NULL REFERENCES account (id),
  user_id INTEGER NOT NULL REFERENCES account (id),
  kind TEXT NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX token_ask_organization_id_user_id_kind_key ON token_ask (organization_id, user_id, kind);
CREATE INDEX token_ask_user ON token_ask (user_id);
