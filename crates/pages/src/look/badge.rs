//! Badges: a word in a tinted capsule. The word carries the meaning, the colour only repeats it.

use super::icon::{Icon, icon};
use super::{Markup, html};
use bailiwick_model::Visibility;

/// The colour of a badge.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Hue {
    /// Neither good nor bad.
    #[default]
    Grey,
    /// In force.
    Green,
    /// Waiting, or soon over.
    Amber,
    /// Refused or dangerous.
    Red,
    /// A remark.
    Blue,
}

impl Hue {
    /// The class that colours it.
    pub(crate) const fn class(self) -> &'static str {
        match self {
            Hue::Grey => "grey",
            Hue::Green => "green",
            Hue::Amber => "amber",
            Hue::Red => "red",
            Hue::Blue => "blue",
        }
    }
}

/// Where a token, a grant or a request stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum State {
    /// In force.
    Active,
    /// Waiting for a decision.
    Pending,
    /// Past its end.
    Expired,
    /// Ended by somebody.
    Revoked,
    /// Decided against.
    Denied,
    /// Decided for.
    Approved,
    /// Withdrawn by who asked.
    Cancelled,
    /// Replaced by a newer request.
    Superseded,
    /// Its person is suspended.
    Suspended,
}

/// Any word in any colour.
pub fn badge(hue: Hue, text: &str) -> Markup {
    html! { span.badge.(hue.class()) { (text) } }
}

/// A state in its colour.
pub fn state(state: State) -> Markup {
    let (hue, text) = match state {
        State::Active => (Hue::Green, "Active"),
        State::Pending => (Hue::Amber, "Pending"),
        State::Expired => (Hue::Grey, "Expired"),
        State::Revoked => (Hue::Red, "Revoked"),
        State::Denied => (Hue::Red, "Denied"),
        State::Approved => (Hue::Green, "Approved"),
        State::Cancelled => (Hue::Grey, "Cancelled"),
        State::Superseded => (Hue::Grey, "Superseded"),
        State::Suspended => (Hue::Amber, "Suspended"),
    };
    html! { span.badge.dot.(hue.class()) { (text) } }
}

/// Who can see a repository.
pub fn visibility(visibility: Visibility) -> Markup {
    let (drawing, text) = match visibility {
        Visibility::Public => (Icon::Globe, "Public"),
        Visibility::Internal => (Icon::Building, "Internal"),
        Visibility::Private => (Icon::Lock, "Private"),
    };
    html! { span.badge.outline { (icon(drawing)) (text) } }
}

/// A number beside a heading or a tab.
pub fn count(number: u64) -> Markup {
    html! { span.count { (number) } }
}
