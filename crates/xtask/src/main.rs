//! Development tasks: `cargo xtask test`, `cargo xtask tidy`, `cargo xtask generate`.
fn main() {}
