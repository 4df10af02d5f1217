//! Lists to select from, with a bar of actions that stays in sight. One form; works without scripts.

use super::list::{Row, row};
use super::{Markup, filled, form, html};

/// A list to select from.
#[derive(Clone, Debug, Default)]
pub struct Bulk<'a> {
    /// Where the form goes.
    pub action: &'a str,
    /// The token against forgery.
    pub csrf: &'a str,
    /// The name of the check boxes.
    pub name: &'a str,
    /// What is listed: "Pending requests".
    pub label: &'a str,
    /// More fields above the buttons: a reason.
    pub fields: Markup,
    /// The buttons.
    pub actions: Markup,
}

/// One entry.
#[derive(Clone, Debug, Default)]
pub struct Entry {
    /// What is sent when it is selected.
    pub value: String,
    /// What its check box is called: "deploy of alice".
    pub label: String,
    /// Whether it is selected.
    pub checked: bool,
    /// What is shown.
    pub row: Row,
}

/// The list and its bar.
pub fn bulk(bulk: &Bulk<'_>, entries: &[Entry]) -> Markup {
    html! {
        form.bulk method="post" action=(bulk.action) data-bulk aria-label=(bulk.label) {
            (form::csrf(bulk.csrf))
            div.bulk-head {
                label.bulk-all.js-only {
                    input type="checkbox" data-all;
                    span { "Select all " (entries.len()) " on this page" }
                }
            }
            ul.rows.selectable aria-label=(bulk.label) {
                @for entry in entries {
                    li {
                        label.pick {
                            input type="checkbox" name=(bulk.name) value=(entry.value) checked[entry.checked];
                            span.unseen { "Select " bdi { (entry.label) } }
                        }
                        (row(&entry.row))
                    }
                }
            }
            div.bulk-bar role="group" aria-label="With the selected" {
                p.bulk-count role="status" data-selected { "With the selected:" }
                @if filled(&bulk.fields) { div.bulk-fields { (bulk.fields) } }
                div.buttons { (bulk.actions) }
            }
        }
    }
}
