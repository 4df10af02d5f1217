//! Differences between what a grant allows now and what is asked for: a sign, a word, the permission.

use super::icon::{Icon, icon};
use super::{Markup, html};

/// What happens to one line.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Change {
    /// New.
    Added,
    /// To a higher level.
    Raised,
    /// To a lower level.
    Lowered,
    /// Gone.
    Removed,
    /// As it is.
    Same,
}

impl Change {
    const fn look(self) -> (&'static str, Icon, &'static str) {
        match self {
            Change::Added => ("added", Icon::Plus, "Added"),
            Change::Raised => ("raised", Icon::Up, "Raised"),
            Change::Lowered => ("lowered", Icon::Fall, "Lowered"),
            Change::Removed => ("removed", Icon::Minus, "Removed"),
            Change::Same => ("same", Icon::Check, "Unchanged"),
        }
    }
}

/// One line of a difference.
#[derive(Clone, Copy, Debug)]
pub struct Line<'a> {
    /// What happens.
    pub change: Change,
    /// To what: a permission's title, a repository.
    pub what: &'a str,
    /// The level now; empty when there is none.
    pub from: &'a str,
    /// The level asked for; empty when there is none.
    pub to: &'a str,
}

/// A list of differences; `label` says between what and what.
pub fn diff(label: &str, lines: &[Line<'_>]) -> Markup {
    html! {
        ul.diff aria-label=(label) {
            @for line in lines {
                @let (class, drawing, word) = line.change.look();
                li.(class) {
                    span.diff-sign { (icon(drawing)) span { (word) } }
                    span.diff-what { bdi { (line.what) } }
                    span.diff-levels {
                        @if !line.from.is_empty() && line.change != Change::Same { del { (line.from) } }
                        @if !line.from.is_empty() && !line.to.is_empty() && line.change != Change::Same {
                            (icon(Icon::Right)) span.unseen { " becomes " }
                        }
                        @if !line.to.is_empty() { span { (line.to) } }
                    }
                }
            }
        }
    }
}
