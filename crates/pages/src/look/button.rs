//! Buttons, links that look like them, and the one-button forms that change something.

use super::icon::{Icon, icon};
use super::{Markup, form, given, html};

/// How loud a button is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Tone {
    /// Beside others.
    #[default]
    Plain,
    /// The one thing to do here.
    Primary,
    /// Ends or deletes something.
    Danger,
    /// Without a border, in rows.
    Quiet,
}

impl Tone {
    const fn class(self) -> &'static str {
        match self {
            Tone::Plain => "plain",
            Tone::Primary => "primary",
            Tone::Danger => "danger",
            Tone::Quiet => "quiet",
        }
    }
}

/// A button that submits its form.
#[derive(Clone, Copy, Debug, Default)]
pub struct Button<'a> {
    /// What it does, a verb first.
    pub label: &'a str,
    /// Read after the label where the label alone is ambiguous: "Revoke" + "the token deploy".
    pub about: &'a str,
    /// How loud.
    pub tone: Tone,
    /// A drawing before the label.
    pub icon: Option<Icon>,
    /// The field that it sends.
    pub name: &'a str,
    /// The value of that field.
    pub value: &'a str,
    /// Another address than its form's.
    pub action: &'a str,
    /// Why it cannot be used now, in words; shown beside it.
    pub disabled: &'a str,
    /// Submits without the browser's own checks: for searching within a larger form.
    pub unchecked: bool,
    /// Small, for rows.
    pub small: bool,
}

/// A button.
pub fn button(button: &Button<'_>) -> Markup {
    html! {
        button.button.(button.tone.class()).small[button.small] type="submit" name=[given(button.name)]
            value=[(!button.name.is_empty()).then_some(button.value)] formaction=[given(button.action)]
            formnovalidate[button.unchecked] disabled[!button.disabled.is_empty()] {
            @if let Some(drawing) = button.icon { (icon(drawing)) }
            span { (button.label) }
            @if !button.about.is_empty() { span.unseen { " " (button.about) } }
        }
        @if !button.disabled.is_empty() { span.because { (button.disabled) } }
    }
}

/// The plainest button: a label and a tone.
pub fn submit(label: &str, tone: Tone) -> Markup {
    button(&Button {
        label,
        tone,
        ..Default::default()
    })
}

/// A link that looks like a button; for going somewhere, never for changing something.
pub fn link(label: &str, href: &str, tone: Tone) -> Markup {
    html! { a.button.(tone.class()) href=(href) { span { (label) } } }
}

/// A link that looks like a button, with a drawing.
pub fn link_icon(label: &str, href: &str, tone: Tone, drawing: Icon) -> Markup {
    html! { a.button.(tone.class()) href=(href) { (icon(drawing)) span { (label) } } }
}

/// A small link for a row; `about` completes the label for those who hear it alone.
pub fn link_small(label: &str, about: &str, href: &str) -> Markup {
    html! { a.button.plain.small href=(href) { span { (label) } span.unseen { " " (about) } } }
}

/// A form of a single button, with the hidden fields that it sends.
pub fn post(action: &str, csrf: &str, hidden: &[(&str, &str)], what: &Button<'_>) -> Markup {
    html! {
        form.single method="post" action=(action) {
            (form::csrf(csrf))
            @for (name, value) in hidden { input type="hidden" name=(name) value=(value); }
            (button(what))
        }
    }
}

/// Buttons side by side, the first one the most likely.
pub fn group(buttons: &Markup) -> Markup {
    html! { div.buttons { (buttons) } }
}
