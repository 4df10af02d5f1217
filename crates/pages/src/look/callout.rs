//! Callouts and flashes: something to know, in the page or after an act.

use super::icon::{Icon, icon};
use super::{Markup, filled, html};

/// How serious it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Weight {
    /// A remark.
    #[default]
    Info,
    /// It worked.
    Good,
    /// Take care.
    Warn,
    /// Something is refused, wrong or about to be lost.
    Danger,
}

impl Weight {
    const fn class(self) -> &'static str {
        match self {
            Weight::Info => "info",
            Weight::Good => "good",
            Weight::Warn => "warn",
            Weight::Danger => "bad",
        }
    }

    const fn icon(self) -> Icon {
        match self {
            Weight::Info => Icon::Info,
            Weight::Good => Icon::Check,
            Weight::Warn => Icon::Warn,
            Weight::Danger => Icon::Cross,
        }
    }
}

/// A remark in the page; the title may be empty.
pub fn callout(weight: Weight, title: &str, body: &Markup) -> Markup {
    html! {
        div.callout.(weight.class()) {
            (icon(weight.icon()))
            div {
                @if !title.is_empty() { p.callout-title { (title) } }
                @if filled(body) { div.callout-body { (body) } }
            }
        }
    }
}

/// What the last act did, at the top of the next page.
#[derive(Clone, Debug)]
pub struct Flash<'a> {
    /// How serious.
    pub weight: Weight,
    /// One sentence.
    pub text: &'a str,
}

/// A flash: read out when the page loads.
pub fn flash(flash: &Flash<'_>) -> Markup {
    let role = if flash.weight == Weight::Danger {
        "alert"
    } else {
        "status"
    };
    html! {
        div.callout.flash.(flash.weight.class()) role=(role) {
            (icon(flash.weight.icon()))
            p { (flash.text) }
        }
    }
}
