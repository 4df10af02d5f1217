//! For tests only: fixtures, servers and clients.
