//! The words of the system as types: ids, names, tokens, permissions, grants, policies, events.
