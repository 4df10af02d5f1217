//! Commands and secrets to copy.

use super::callout::{Weight, callout};
use super::icon::{Icon, icon};
use super::{Markup, given, html};

/// A word of code within a sentence or a cell; a line may break after its punctuation.
pub fn inline(text: &str) -> Markup {
    html! {
        code { @for part in text.split_inclusive(['.', '_', '/', ':']) { (part) wbr; } }
    }
}

fn copy(target: &str, what: &str) -> Markup {
    html! {
        button.button.plain.small.copy.js-only type="button" data-copy=(target) {
            (icon(Icon::Copy)) span { "Copy" } span.unseen { " " (what) }
        }
    }
}

/// A block of code: a caption, the text, a button that copies it. `id` is unique in the page.
pub fn block(id: &str, caption: &str, text: &str) -> Markup {
    html! {
        figure.code {
            figcaption { span { (caption) } (copy(id, given(caption).unwrap_or("the text"))) }
            // A region that scrolls must be reachable by keyboard.
            pre tabindex="0" role="region" aria-label=(given(caption).unwrap_or("Code")) { code id=(id) { (text) } }
        }
    }
}

/// A secret that is shown once. It is selectable text, so that it can be copied without scripts too.
pub fn secret(id: &str, label: &str, text: &str, warning: &str) -> Markup {
    html! {
        section.secret aria-label=(label) {
            p.secret-label { (icon(Icon::Key)) (label) }
            div.secret-line {
                code.secret-text id=(id) translate="no" { (text) }
                button.button.primary.copy.js-only type="button" data-copy=(id) {
                    (icon(Icon::Copy)) span { "Copy" } span.unseen { " " (label) }
                }
            }
            (callout(Weight::Warn, "", &html! { (warning) }))
        }
    }
}
