//! The repository picker: a list of check boxes with a search. The script filters what is in the page; without
//! it the search asks the server, and what is ticked is kept by the form.

use super::button::{Button, Tone, button};
use super::icon::{Icon, icon};
use super::{Markup, filled, form, given, html};
use bailiwick_model::Visibility;

/// One repository.
#[derive(Clone, Copy, Debug)]
pub struct Item<'a> {
    /// What is sent: the id.
    pub value: &'a str,
    /// The full name.
    pub name: &'a str,
    /// Who can see it.
    pub visibility: Visibility,
    /// Whether it is ticked.
    pub checked: bool,
    /// Why it cannot be ticked.
    pub disabled: &'a str,
}

/// The list.
#[derive(Clone, Debug, Default)]
pub struct Picker<'a> {
    /// The name of the check boxes, and the id of the list.
    pub name: &'a str,
    /// The question.
    pub legend: &'a str,
    /// What to know: "At most 50."
    pub hint: Markup,
    /// What is wrong.
    pub error: &'a str,
    /// The name of the search field, for the server.
    pub query_name: &'a str,
    /// What was searched.
    pub query: &'a str,
    /// The name and value of the button that only searches: `search`, `repositories`.
    pub search: (&'a str, &'a str),
    /// How many there are in all, also those not listed.
    pub total: u64,
    /// The most that may be ticked; 0 for no limit.
    pub max: u64,
}

/// The picker. Put what is ticked first: it must be in the page whatever the search.
pub fn picker(picker: &Picker<'_>, items: &[Item<'_>]) -> Markup {
    let chosen = items.iter().filter(|item| item.checked).count();
    let listed = u64::try_from(items.len()).unwrap_or(u64::MAX);
    html! {
        fieldset.picker.bad[!picker.error.is_empty()] data-picker data-max=[(picker.max > 0).then_some(picker.max)]
            data-more[listed < picker.total] {
            legend { (picker.legend) }
            @if filled(&picker.hint) { p.hint { (picker.hint) } }
            (search(picker))
            ul.picks id=(picker.name) tabindex="-1" {
                @for (index, item) in items.iter().enumerate() { (one(picker.name, index, item)) }
                li.nothing data-nothing hidden[!items.is_empty()] { "No repository matches." }
            }
            p.picked role="status" {
                span data-picked { (chosen) @if picker.max > 0 { " of at most " (picker.max) } " selected" }
                @if listed < picker.total {
                    " · " (listed) " of " (picker.total) " listed, search for the others"
                }
            }
            (form::error(picker.name, picker.error))
        }
    }
}

fn search(picker: &Picker<'_>) -> Markup {
    let (name, value) = picker.search;
    html! {
        div.picker-search {
            div.search {
                (icon(Icon::Search))
                input type="search" name=[given(picker.query_name)] value=(picker.query) dir="auto"
                    aria-label="Search repositories" placeholder="Search repositories" autocomplete="off"
                    spellcheck="false" data-filter=(picker.name) aria-controls=(picker.name);
            }
            @if !name.is_empty() {
                (button(&Button { label: "Search", about: "repositories", name, value, unchecked: true, tone: Tone::Plain, ..Default::default() }))
            }
        }
    }
}

fn one(name: &str, index: usize, item: &Item<'_>) -> Markup {
    let drawing = match item.visibility {
        Visibility::Public => Icon::Globe,
        Visibility::Internal => Icon::Building,
        Visibility::Private => Icon::Lock,
    };
    let off = !item.disabled.is_empty();
    html! {
        li data-item {
            label.off[off] {
                input type="checkbox" name=(name) value=(item.value) checked[item.checked] disabled[off]
                    data-repository=(item.name) aria-describedby=[off.then(|| format!("{name}-{index}-why"))];
                bdi { (item.name) }
                span.pick-kind { (icon(drawing)) (item.visibility.word()) }
            }
            @if off { span.because id={ (name) "-" (index) "-why" } { (item.disabled) } }
        }
    }
}
