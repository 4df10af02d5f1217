//! The pages that people meet in a browser: decode, call the authority with a permit, render. No rules, no SQL.
//!
//! `look` is the design system that every page is made of; `asset` is what a page links to.

pub mod asset;
pub mod look;
