-- Lists of grants go by when they were granted: in this order they are read, not sorted.
CREATE INDEX token_grant_owner_time ON token_grant (owner_kind, owner_id, COALESCE(granted_at, created_at), id);
DROP INDEX token_grant_owner;
