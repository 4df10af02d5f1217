//! Fields: a label, a hint, the control, its error. What was typed is always given back.

use super::{Markup, filled, form, given, html};

/// What every field has. The id is the name unless another is given.
#[derive(Clone, Debug, Default)]
pub struct Field<'a> {
    /// The name that is sent.
    pub name: &'a str,
    /// Another id, where a page has several fields of one name.
    pub id: &'a str,
    /// Its label.
    pub label: &'a str,
    /// What to know before filling it in.
    pub hint: Markup,
    /// What is wrong with it.
    pub error: &'a str,
    /// What was typed, or the present value.
    pub value: &'a str,
    /// It may stay empty; said in words.
    pub optional: bool,
    /// Its label is heard but not seen: for searches and filters.
    pub quiet: bool,
    /// It cannot be changed; the reason belongs in the hint.
    pub disabled: bool,
}

impl Field<'_> {
    /// The id of its control.
    pub fn id(&self) -> &str {
        given(self.id).unwrap_or(self.name)
    }

    fn described_by(&self) -> Option<String> {
        described_by(self.id(), filled(&self.hint), !self.error.is_empty())
    }

    fn frame(&self, class: &str, control: &Markup) -> Markup {
        html! {
            div.field.(class).bad[!self.error.is_empty()] {
                label for=(self.id()) .unseen[self.quiet] {
                    (self.label)
                    @if self.optional { span.optional { " (optional)" } }
                }
                @if filled(&self.hint) { p.hint id={ (self.id()) "-hint" } { (self.hint) } }
                (control)
                (form::error(self.id(), self.error))
            }
        }
    }
}

/// The value of `aria-describedby`: the hint's and the error's ids.
pub(crate) fn described_by(id: &str, hint: bool, error: bool) -> Option<String> {
    match (hint, error) {
        (true, true) => Some(format!("{id}-hint {id}-error")),
        (true, false) => Some(format!("{id}-hint")),
        (false, true) => Some(format!("{id}-error")),
        (false, false) => None,
    }
}

fn invalid(field: &Field<'_>) -> Option<&'static str> {
    (!field.error.is_empty()).then_some("true")
}

/// What differs between fields of one line.
#[derive(Clone, Copy, Debug, Default)]
pub struct Input<'a> {
    /// The HTML type; text when empty.
    pub kind: &'a str,
    /// What the browser may fill in: `username`, `one-time-code`, `off`.
    pub autocomplete: &'a str,
    /// The keyboard that a phone shows: `numeric`, `email`.
    pub inputmode: &'a str,
    /// The most characters; counted below the field when `counted`.
    pub max: usize,
    /// Whether to count down the characters.
    pub counted: bool,
    /// As wide as this many characters, instead of the form's width: 4, 8, 16 or 32.
    pub width: u8,
    /// In a fixed-width face: codes, slugs, addresses.
    pub mono: bool,
    /// The page's first field.
    pub autofocus: bool,
    /// An id of a `<datalist>` to complete from.
    pub list: &'a str,
}

/// A field of one line.
pub fn input(field: &Field<'_>, input: &Input<'_>) -> Markup {
    let width = if input.width > 0 {
        format!("width-{}", input.width)
    } else {
        String::new()
    };
    let direction = matches!(input.kind, "" | "text" | "search").then_some("auto");
    field.frame(
        "",
        &html! {
            input.(width).mono[input.mono] type=(given(input.kind).unwrap_or("text")) name=(field.name) id=(field.id())
                value=(field.value) dir=[direction] autocomplete=[given(input.autocomplete)]
                inputmode=[given(input.inputmode)] list=[given(input.list)]
                maxlength=[(input.max > 0 && !input.counted).then_some(input.max)]
                data-count=[input.counted.then_some(input.max)]
                spellcheck=[input.mono.then_some("false")] autocapitalize=[input.mono.then_some("none")]
                required[!field.optional] disabled[field.disabled] autofocus[input.autofocus]
                aria-describedby=[field.described_by()] aria-invalid=[invalid(field)];
        },
    )
}

/// A field of one line of text.
pub fn text(field: &Field<'_>) -> Markup {
    input(field, &Input::default())
}

/// A password. What was typed is not given back. `autocomplete` is `current-password` or `new-password`.
pub fn password(field: &Field<'_>, autocomplete: &str) -> Markup {
    let field = Field {
        value: "",
        ..field.clone()
    };
    input(
        &field,
        &Input {
            kind: "password",
            autocomplete,
            ..Default::default()
        },
    )
}

/// A one-time code.
pub fn code(field: &Field<'_>) -> Markup {
    let shape = Input {
        autocomplete: "one-time-code",
        inputmode: "numeric",
        mono: true,
        width: 8,
        ..Default::default()
    };
    input(field, &shape)
}

/// A field of several lines, with a count of the characters left when `max` is given.
pub fn textarea(field: &Field<'_>, rows: u8, max: usize) -> Markup {
    field.frame(
        "",
        &html! {
            textarea name=(field.name) id=(field.id()) rows=(rows) dir="auto" required[!field.optional]
                disabled[field.disabled] data-count=[(max > 0).then_some(max)]
                aria-describedby=[field.described_by()] aria-invalid=[invalid(field)] {
                // The parser drops one newline after the tag: give it one to drop, or typed text loses its first.
                "\n" (field.value)
            }
        },
    )
}

/// A calendar date, as `YYYY-MM-DD`; `min` and `max` likewise, or empty.
pub fn date(field: &Field<'_>, min: &str, max: &str) -> Markup {
    field.frame(
        "",
        &html! {
            input.width-16 type="date" name=(field.name) id=(field.id()) value=(field.value) min=[given(min)]
                max=[given(max)] required[!field.optional] disabled[field.disabled]
                aria-describedby=[field.described_by()] aria-invalid=[invalid(field)];
        },
    )
}

/// One entry of a select.
#[derive(Clone, Copy, Debug, Default)]
pub struct Choice<'a> {
    /// What is sent.
    pub value: &'a str,
    /// What is read.
    pub label: &'a str,
    /// Why it cannot be chosen; follows the label.
    pub disabled: &'a str,
}

/// A menu of one choice; `field.value` is the chosen one.
pub fn select(field: &Field<'_>, choices: &[Choice<'_>]) -> Markup {
    field.frame(
        "",
        &html! {
            select name=(field.name) id=(field.id()) disabled[field.disabled]
                aria-describedby=[field.described_by()] aria-invalid=[invalid(field)] {
                @for choice in choices {
                    option value=(choice.value) selected[choice.value == field.value]
                        disabled[!choice.disabled.is_empty()] {
                        (choice.label)
                        @if !choice.disabled.is_empty() { " — " (choice.disabled) }
                    }
                }
            }
        },
    )
}
