//! Headings: of a page with its actions, and of its parts.

use super::{Markup, filled, given, html};

/// The head of a page.
#[derive(Clone, Debug, Default)]
pub struct Heading<'a> {
    /// What the page is about.
    pub title: Markup,
    /// Small print above the title: what kind of thing it is.
    pub kicker: &'a str,
    /// Badges behind the title.
    pub badges: Markup,
    /// One or two sentences below.
    pub lede: Markup,
    /// Buttons and links.
    pub actions: Markup,
}

/// The only `h1` of a page.
pub fn heading(heading: &Heading<'_>) -> Markup {
    html! {
        div.heading {
            div.heading-text {
                @if !heading.kicker.is_empty() { p.kicker { (heading.kicker) } }
                h1 { (heading.title) @if filled(&heading.badges) { " " span.heading-badges { (heading.badges) } } }
                @if filled(&heading.lede) { p.lede { (heading.lede) } }
            }
            @if filled(&heading.actions) { div.buttons { (heading.actions) } }
        }
    }
}

/// A part of a page under an `h2`.
#[derive(Clone, Debug, Default)]
pub struct Part<'a> {
    /// Its anchor.
    pub id: &'a str,
    /// Its title.
    pub title: &'a str,
    /// A sentence below.
    pub lede: Markup,
    /// Buttons and links beside the title.
    pub actions: Markup,
}

/// A part of a page.
pub fn part(part: &Part<'_>, body: &Markup) -> Markup {
    html! {
        section.part id=[given(part.id)] {
            div.part-head {
                div { h2 { (part.title) } @if filled(&part.lede) { p.lede { (part.lede) } } }
                @if filled(&part.actions) { div.buttons { (part.actions) } }
            }
            (body)
        }
    }
}

/// A bordered panel around anything.
pub fn panel(body: &Markup) -> Markup {
    html! { div.panel { (body) } }
}

/// The panel of acts that end things, at the foot of a page.
pub fn danger(title: &str, body: &Markup) -> Markup {
    html! { section.panel.danger-zone { h2 { (title) } (body) } }
}

/// Text that opens on demand.
pub fn disclosure(summary: &str, open: bool, body: &Markup) -> Markup {
    html! { details.disclosure open[open] { summary { (summary) } div.disclosed { (body) } } }
}
