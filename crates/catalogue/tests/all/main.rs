//! The catalogue's tests, as one binary. The build script's reader is tested here as it is.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

#[path = "../../build/names.rs"]
mod names;
#[path = "../../build/parse.rs"]
#[expect(dead_code, reason = "the build script uses all of it, these tests only some")]
mod parse;
#[path = "../../build/requirement.rs"]
#[expect(dead_code, reason = "the build script uses all of it, these tests only some")]
mod requirement;
#[path = "../../build/same.rs"]
mod same;
#[path = "../../build/template.rs"]
#[expect(dead_code, reason = "the build script uses all of it, these tests only some")]
mod template;
#[path = "../../build/trie.rs"]
mod trie;
#[path = "../../build/words.rs"]
mod words;

mod data;
mod header;
mod naive;
mod permissions;
mod reference;
mod router;
mod syntax;
