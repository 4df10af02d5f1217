//! The only door: listener, identify, classify, gather, decide, record, serve.
