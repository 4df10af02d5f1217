//! The one reader of catalogue files: text → rows, names and trees. The build script compiles these files for the
//! built-in catalogue, the library for the files of mounted upstreams. Pure, without any other crate.

pub mod block;
pub mod faults;
pub mod names;
pub mod parse;
pub mod requirement;
pub mod template;
pub mod trie;
pub mod words;
