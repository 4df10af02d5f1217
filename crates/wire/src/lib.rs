//! Pure parsers from wire formats to intents: pkt-lines, push commands, LFS documents, credentials.
