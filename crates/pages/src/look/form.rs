//! The frame of forms: the form itself with its token against forgery, groups of fields, the list of errors.

use super::icon::{Icon, icon};
use super::{Markup, filled, given, html};

/// A form that changes something.
#[derive(Clone, Debug, Default)]
pub struct Form<'a> {
    /// Where it goes.
    pub action: &'a str,
    /// The session's token against forged requests.
    pub csrf: &'a str,
    /// An id, for scripts and for buttons outside.
    pub id: &'a str,
    /// What assistive technology calls it, when a page has several.
    pub label: &'a str,
    /// Several of its buttons submit it: Enter in a field means none of them but the form itself.
    pub guarded: bool,
}

/// The hidden field that the gate checks on every POST.
pub fn csrf(token: &str) -> Markup {
    html! { input type="hidden" name="csrf" value=(token); }
}

/// A form around its fields. The browser's own checks are off: the server's say more and say it in place.
pub fn form(form: &Form<'_>, body: &Markup) -> Markup {
    html! {
        form.form method="post" action=(form.action) id=[given(form.id)] aria-label=[given(form.label)]
            novalidate {
            (csrf(form.csrf))
            @if form.guarded {
                // The browser takes a form's first button for Enter: that must not be "Search" or "Ask".
                button.unseen type="submit" tabindex="-1" aria-hidden="true" { "Submit" }
            }
            (body)
        }
    }
}

/// A hidden field.
pub fn hidden(name: &str, value: &str) -> Markup {
    html! { input type="hidden" name=(name) value=(value); }
}

/// Fields that belong together under a heading of their own.
pub fn section(title: &str, lede: &Markup, body: &Markup) -> Markup {
    html! {
        fieldset.section {
            legend { (title) }
            @if filled(lede) { p.lede { (lede) } }
            (body)
        }
    }
}

/// Short fields in one row where there is room.
pub fn row(body: &Markup) -> Markup {
    html! { div.fields-row { (body) } }
}

/// The foot of a form: its buttons.
pub fn actions(buttons: &Markup) -> Markup {
    html! { div.form-actions { (buttons) } }
}

/// The errors of a form, each a link to its field; focused by the script. Nothing when there are none.
pub fn errors(errors: &[(&str, &str)]) -> Markup {
    html! {
        @if !errors.is_empty() {
            div.errors role="alert" tabindex="-1" data-focus {
                h2 {
                    (icon(Icon::Warn))
                    @if errors.len() == 1 { "One thing needs to be mended" }
                    @else { (errors.len()) " things need to be mended" }
                }
                ul {
                    @for (field, message) in errors {
                        li {
                            @if field.is_empty() { (message) }
                            @else { a href={ "#" (field) } { (message) } }
                        }
                    }
                }
            }
        }
    }
}

/// The error beside a field; its id is what the field's `aria-describedby` names.
pub(crate) fn error(id: &str, message: &str) -> Markup {
    html! {
        @if !message.is_empty() {
            p.error id={ (id) "-error" } { (icon(Icon::Warn)) span { span.unseen { "Error: " } (message) } }
        }
    }
}

/// Shown only while the field `name` has `value`, when scripts run; always, when they do not.
pub fn when(name: &str, value: &str, body: &Markup) -> Markup {
    html! { div.when data-when={ (name) "=" (value) } { (body) } }
}
