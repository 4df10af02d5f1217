//! When a token ends: presets and a calendar date. Without scripts the date counts only for "Custom".

use super::field::{Field, described_by};
use super::{Markup, filled, form, given, html};

/// A lifetime to choose.
#[derive(Clone, Copy, Debug, Default)]
pub struct Preset<'a> {
    /// What is sent: `7`, `30`, `custom`, `none`.
    pub value: &'a str,
    /// What is read: "30 days".
    pub label: &'a str,
    /// The day on which it would end, `YYYY-MM-DD`; empty for custom and none.
    pub date: &'a str,
    /// Why it cannot be chosen: "acme allows at most 90 days".
    pub disabled: &'a str,
}

/// The two fields. `preset` is the select (its `value` the chosen one), `date` the calendar.
#[derive(Clone, Debug, Default)]
pub struct Expiry<'a> {
    /// The select.
    pub preset: Field<'a>,
    /// The calendar.
    pub date: Field<'a>,
    /// The lifetimes offered.
    pub presets: &'a [Preset<'a>],
    /// The first day that may be chosen.
    pub min: &'a str,
    /// The last day that may be chosen; empty when there is none.
    pub max: &'a str,
}

/// The select and the calendar beside it; the script keeps them in step.
pub fn expiry(expiry: &Expiry<'_>) -> Markup {
    let preset = &expiry.preset;
    let described = described_by(preset.id(), filled(&preset.hint), !preset.error.is_empty());
    html! {
        div.fields-row.expiry data-expiry {
            div.field.bad[!preset.error.is_empty()] {
                label for=(preset.id()) { (preset.label) }
                @if filled(&preset.hint) { p.hint id={ (preset.id()) "-hint" } { (preset.hint) } }
                select name=(preset.name) id=(preset.id()) aria-describedby=[described]
                    aria-invalid=[(!preset.error.is_empty()).then_some("true")] {
                    @for choice in expiry.presets {
                        option value=(choice.value) data-date=[given(choice.date)]
                            selected[choice.value == preset.value] disabled[!choice.disabled.is_empty()] {
                            (choice.label)
                            @if !choice.disabled.is_empty() { " — " (choice.disabled) }
                        }
                    }
                }
                (form::error(preset.id(), preset.error))
            }
            (super::field::date(&expiry.date, expiry.min, expiry.max))
        }
    }
}
