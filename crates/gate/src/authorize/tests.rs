//! What calls of other proxies are read as.
