//! Repositories on disk: objects, refs and running the system's git safely.
