//! Check boxes and cards to choose from. What cannot be chosen stays visible and says why.

use super::field::described_by;
use super::icon::{Icon, icon};
use super::{Markup, filled, form, given, html};

/// A single check box.
#[derive(Clone, Debug, Default)]
pub struct Check<'a> {
    /// The name that is sent.
    pub name: &'a str,
    /// The value that is sent; `on` when empty.
    pub value: &'a str,
    /// Another id, where a page has several of one name.
    pub id: &'a str,
    /// Its label.
    pub label: &'a str,
    /// What it means.
    pub hint: Markup,
    /// What is wrong with it.
    pub error: &'a str,
    /// Whether it is ticked.
    pub checked: bool,
    /// Why it cannot be changed.
    pub disabled: &'a str,
}

/// A check box with its meaning.
pub fn check(check: &Check<'_>) -> Markup {
    let id = given(check.id).unwrap_or(check.name);
    let hint = filled(&check.hint) || !check.disabled.is_empty();
    html! {
        div.check.bad[!check.error.is_empty()] {
            input type="checkbox" name=(check.name) id=(id) value=(given(check.value).unwrap_or("on"))
                checked[check.checked] disabled[!check.disabled.is_empty()]
                aria-describedby=[described_by(id, hint, !check.error.is_empty())]
                aria-invalid=[(!check.error.is_empty()).then_some("true")];
            label for=(id) { (check.label) }
            @if hint {
                p.hint id={ (id) "-hint" } { (check.hint) @if !check.disabled.is_empty() { " " (because(check.disabled)) } }
            }
            (form::error(id, check.error))
        }
    }
}

/// Why something cannot be chosen, with a lock before it.
pub(crate) fn because(reason: &str) -> Markup {
    html! { span.because { (icon(Icon::Lock)) span { (reason) } } }
}

/// A card among several.
#[derive(Clone, Debug, Default)]
pub struct Card<'a> {
    /// What is sent.
    pub value: &'a str,
    /// Its title.
    pub title: Markup,
    /// Badges behind the title.
    pub badges: Markup,
    /// What choosing it means.
    pub text: Markup,
    /// Whether it is chosen.
    pub checked: bool,
    /// Why it cannot be chosen, in words.
    pub disabled: &'a str,
    /// What to do about it: a link or a button, outside the label.
    pub action: Markup,
    /// For the summary: the resource owner that this card chooses.
    pub owner: &'a str,
    /// For the summary: how far this card reaches, `all`, `subset` or `none`.
    pub reach: &'a str,
}

/// Cards of one question.
#[derive(Clone, Debug, Default)]
pub struct Cards<'a> {
    /// The question.
    pub legend: &'a str,
    /// The question is heard but not seen: the heading above asks it already.
    pub quiet: bool,
    /// The name that is sent.
    pub name: &'a str,
    /// What to know before choosing.
    pub hint: Markup,
    /// What is wrong.
    pub error: &'a str,
    /// Several may be chosen.
    pub many: bool,
    /// Side by side where there is room.
    pub columns: bool,
}

/// The cards. The first one's id is the name itself, so that an error can link to it.
pub fn cards(question: &Cards<'_>, cards: &[Card<'_>]) -> Markup {
    let described = described_by(question.name, filled(&question.hint), !question.error.is_empty());
    html! {
        fieldset.cards.columns[question.columns].bad[!question.error.is_empty()] aria-describedby=[described] {
            legend.unseen[question.quiet] { (question.legend) }
            @if filled(&question.hint) { p.hint id={ (question.name) "-hint" } { (question.hint) } }
            div.card-list {
                @for (index, card) in cards.iter().enumerate() { (one(question, card, index)) }
            }
            (form::error(question.name, question.error))
        }
    }
}

fn one(question: &Cards<'_>, card: &Card<'_>, index: usize) -> Markup {
    let id = if index == 0 {
        question.name.to_owned()
    } else {
        format!("{}-{index}", question.name)
    };
    let off = !card.disabled.is_empty();
    let described = (off || filled(&card.text)).then(|| format!("{id}-text"));
    html! {
        div.card-choice.off[off] {
            input type=(if question.many { "checkbox" } else { "radio" }) name=(question.name) id=(id)
                value=(card.value) checked[card.checked] disabled[off] aria-describedby=[described]
                data-owner=[given(card.owner)] data-reach=[given(card.reach)];
            label for=(id) { span.card-title { (card.title) } }
            @if filled(&card.badges) { span.card-badges { (card.badges) } }
            @if off || filled(&card.text) {
                div.card-text id={ (id) "-text" } {
                    @if filled(&card.text) { p { (card.text) } }
                    @if off { (because(card.disabled)) }
                }
            }
            @if filled(&card.action) { div.card-action { (card.action) } }
        }
    }
}
