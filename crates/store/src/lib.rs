//! Persistence: one SQL for SQLite and PostgreSQL, migrations, change feed, audit log.
