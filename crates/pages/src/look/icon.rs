//! The icons: line drawings on a grid of sixteen, inline, in the colour of the text around them.

use super::{Markup, html};

/// A drawing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Icon {
    /// Done, allowed.
    Check,
    /// Refused, removed.
    Cross,
    /// A warning.
    Warn,
    /// A remark.
    Info,
    /// Copying.
    Copy,
    /// Searching.
    Search,
    /// Private.
    Lock,
    /// Public.
    Globe,
    /// An organization or enterprise.
    Building,
    /// A menu that opens below.
    Down,
    /// A way onward.
    Right,
    /// A way back.
    Left,
    /// A token.
    Key,
    /// Deleting.
    Trash,
    /// Adding.
    Plus,
    /// Taking away.
    Minus,
    /// Raising a level.
    Up,
    /// Lowering a level.
    Fall,
    /// Waiting.
    Clock,
    /// A person.
    Person,
    /// A repository.
    Repository,
    /// Protection.
    Shield,
    /// Something changed.
    Change,
}

impl Icon {
    const fn path(self) -> &'static str {
        match self {
            Icon::Check => "M3 8.5l3.4 3.4L13 5",
            Icon::Cross => "M4 4l8 8M12 4l-8 8",
            Icon::Warn => "M8 2L1.6 13.2h12.8zM8 6.4v3.2M8 11.5v.1",
            Icon::Info => "M14.5 8a6.5 6.5 0 1 1-13 0 6.5 6.5 0 0 1 13 0zM8 7.4v3.8M8 4.9v.1",
            Icon::Copy => "M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3",
            Icon::Search => "M11.5 7a4.5 4.5 0 1 1-9 0 4.5 4.5 0 0 1 9 0zM10.3 10.3L14 14",
            Icon::Lock => "M3.5 7.2h9v6.3h-9zM5.2 7V5a2.8 2.8 0 0 1 5.6 0v2",
            Icon::Globe => {
                "M14.5 8a6.5 6.5 0 1 1-13 0 6.5 6.5 0 0 1 13 0zM1.7 8h12.6M8 1.5c4 4 4 9 0 13M8 1.5c-4 4-4 9 0 13"
            }
            Icon::Building => "M2.5 14V2.5h7V14M9.5 6.5h4V14M1.5 14h13M5 5.5h2M5 8.2h2M5 11h2",
            Icon::Down => "M4 6l4 4 4-4",
            Icon::Right => "M6 4l4 4-4 4",
            Icon::Left => "M10 4L6 8l4 4",
            Icon::Key => "M14 5.6a3.6 3.6 0 1 1-7.2 0 3.6 3.6 0 0 1 7.2 0zM7.8 8.2L2.4 13.6M4.2 11.8l1.9 1.9",
            Icon::Trash => "M2.5 4h11M6 4V2.5h4V4M4 4l.6 9.5h6.8L12 4M6.7 6.8v4M9.3 6.8v4",
            Icon::Plus => "M8 3v10M3 8h10",
            Icon::Minus => "M3 8h10",
            Icon::Up => "M8 13V3M4 7l4-4 4 4",
            Icon::Fall => "M8 3v10M4 9l4 4 4-4",
            Icon::Clock => "M14.5 8a6.5 6.5 0 1 1-13 0 6.5 6.5 0 0 1 13 0zM8 4.3V8l2.4 1.6",
            Icon::Person => {
                "M10.8 5.2a2.8 2.8 0 1 1-5.6 0 2.8 2.8 0 0 1 5.6 0zM2.5 14c.6-3 2.7-4.4 5.5-4.4s4.9 1.4 5.5 4.4"
            }
            Icon::Repository => {
                "M3.2 12.2V3.3c0-.9.6-1.5 1.5-1.5h8.1v12.4H4.9a1.7 1.7 0 1 1 0-3.4h7.9M6 4.8h4"
            }
            Icon::Shield => "M8 1.8l5.2 1.9v4c0 3.1-2.1 5.2-5.2 6.5-3.1-1.3-5.2-3.4-5.2-6.5v-4z",
            Icon::Change => "M2.5 5.5h10M9.8 2.8l2.7 2.7-2.7 2.7M13.5 11h-10M6.2 8.3L3.5 11l2.7 2.7",
        }
    }
}

/// A drawing beside words that say the same: assistive technology skips it.
pub fn icon(icon: Icon) -> Markup {
    html! {
        svg.icon viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false" {
            path d=(icon.path()) {}
        }
    }
}

/// The product's mark: the letter as two fields within one boundary, its gate marked.
pub fn mark() -> Markup {
    html! {
        svg.mark viewBox="0 0 32 32" width="28" height="28" aria-hidden="true" focusable="false" {
            rect width="32" height="32" rx="8" {}
            path d="M9 7h8.5a4.5 4.5 0 0 1 0 9H9zM9 16h10.5a4.5 4.5 0 0 1 0 9H14" {}
            circle cx="9" cy="25" r="2.1" {}
        }
    }
}
