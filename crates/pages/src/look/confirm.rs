//! Typed confirmation for acts that cannot be undone. The server compares too: the script only helps.

use super::button::{Button, Tone, button};
use super::field::{Field, Input, input};
use super::{Markup, html};

/// What is to be confirmed.
#[derive(Clone, Copy, Debug, Default)]
pub struct Confirm<'a> {
    /// The name of the field that takes the phrase.
    pub name: &'a str,
    /// What must be typed.
    pub phrase: &'a str,
    /// What was typed.
    pub value: &'a str,
    /// What is wrong with it.
    pub error: &'a str,
    /// The button's label, a verb first.
    pub button: &'a str,
}

/// A field for the phrase and the button that it frees; stands within a form.
pub fn typed(confirm: &Confirm<'_>) -> Markup {
    let field = Field {
        name: confirm.name,
        label: "Type to confirm",
        hint: html! { "Type " strong.phrase { bdi { (confirm.phrase) } } " to go on." },
        error: confirm.error,
        value: confirm.value,
        ..Default::default()
    };
    html! {
        div.confirm data-confirm=(confirm.phrase) {
            (input(&field, &Input { autocomplete: "off", mono: true, ..Default::default() }))
            (button(&Button { label: confirm.button, tone: Tone::Danger, ..Default::default() }))
        }
    }
}
