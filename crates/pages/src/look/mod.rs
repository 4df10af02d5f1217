//! The design system: pure functions from small structs to markup. Nothing here decides or reads anything.
//!
//! Two habits hold throughout. An empty text, slice or markup means "absent", so that a struct is filled with
//! `..Default::default()`. And text is always data: it is escaped by the templates and never trusted as markup.

pub mod badge;
pub mod bulk;
pub mod button;
pub mod callout;
pub mod chart;
pub mod choice;
pub mod code;
pub mod confirm;
pub mod diff;
pub mod expiry;
pub mod field;
pub mod filter;
pub mod form;
pub mod heading;
pub mod icon;
pub mod list;
pub mod name;
pub mod navigation;
pub mod passkey;
pub mod permission;
pub mod picker;
pub mod shell;
pub mod stage;
pub mod summary;
pub mod table;
pub mod time;

pub use maud::{Markup, html};

/// A text, unless it is empty: how attributes are left out.
pub(crate) fn given(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}

/// Whether a slot was filled.
pub(crate) fn filled(slot: &Markup) -> bool {
    !slot.0.is_empty()
}

#[cfg(test)]
mod tests;
