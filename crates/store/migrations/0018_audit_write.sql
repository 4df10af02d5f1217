-- A batch of events changed a page for each event in three of the log's indexes, whose entries came in no order: half
-- of what the log wrote. A digest is now found through its token (no token's row is ever removed, and what digests it
-- had is kept); ids of requests rise with time, so that their index grows at its end; only the index by token stays so.
DROP INDEX audit_event_hashed_token;
