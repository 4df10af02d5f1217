//! Use cases: load facts, decide, permit, act, audit.
