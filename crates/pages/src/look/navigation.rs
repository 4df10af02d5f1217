//! Ways through the pages: breadcrumbs, the side navigation of settings, tabs, pages of a list.

use super::badge::count;
use super::icon::{Icon, icon};
use super::{Markup, given, html};

/// A link among others.
#[derive(Clone, Copy, Debug, Default)]
pub struct Link<'a> {
    /// Its text.
    pub label: &'a str,
    /// Where it goes.
    pub href: &'a str,
    /// It is where we are.
    pub current: bool,
    /// A number beside it, when there is one to tell.
    pub count: Option<u64>,
}

/// Breadcrumbs; the last one is the page itself.
pub fn crumbs(crumbs: &[Link<'_>]) -> Markup {
    let last = crumbs.len().saturating_sub(1);
    html! {
        @if !crumbs.is_empty() {
            nav.crumbs aria-label="Breadcrumbs" {
                ol {
                    @for (index, crumb) in crumbs.iter().enumerate() {
                        li {
                            @if index == last { span aria-current="page" { bdi { (crumb.label) } } }
                            @else { a href=(crumb.href) { bdi { (crumb.label) } } }
                        }
                    }
                }
            }
        }
    }
}

fn anchor(link: &Link<'_>) -> Markup {
    html! {
        a href=(link.href) aria-current=[link.current.then_some("page")] {
            span { (link.label) }
            @if let Some(number) = link.count { " " (count(number)) }
        }
    }
}

/// A list of links; where we are is marked.
pub(crate) fn links(links: &[Link<'_>]) -> Markup {
    html! { ul { @for link in links { li { (anchor(link)) } } } }
}

/// A group of the side navigation.
#[derive(Clone, Copy, Debug, Default)]
pub struct Group<'a> {
    /// Its heading; may be empty.
    pub title: &'a str,
    /// Its links.
    pub links: &'a [Link<'a>],
}

/// The side navigation of a settings area.
#[derive(Clone, Copy, Debug, Default)]
pub struct Side<'a> {
    /// Whose settings these are: a login, an enterprise, "Administration".
    pub title: &'a str,
    /// What kind of thing that is: "Organization settings".
    pub kind: &'a str,
    /// Whether `title` is an organization or enterprise.
    pub organization: bool,
    /// The links in their groups.
    pub groups: &'a [Group<'a>],
}

/// The side navigation: a column where there is room, a row that scrolls where there is not.
pub fn side(side: &Side<'_>) -> Markup {
    html! {
        nav.side aria-label=(given(side.kind).unwrap_or("Settings")) {
            div.side-head {
                (super::name::avatar(side.title, side.organization))
                div { p.side-title { bdi { (side.title) } } p.side-kind { (side.kind) } }
            }
            div.side-groups {
                @for group in side.groups {
                    div.side-group {
                        @if !group.title.is_empty() { p.side-label { (group.title) } }
                        (links(group.links))
                    }
                }
            }
        }
    }
}

/// Tabs: pages of one subject. They are links.
pub fn tabs(label: &str, tabs: &[Link<'_>]) -> Markup {
    html! { nav.tabs aria-label=(label) { (links(tabs)) } }
}

/// Where we are in a list of pages.
#[derive(Clone, Copy, Debug, Default)]
pub struct Pages<'a> {
    /// The page shown, from 1.
    pub page: u64,
    /// The address of the page before; empty on the first.
    pub previous: &'a str,
    /// The address of the page after; empty on the last.
    pub next: &'a str,
    /// What is counted in words: "1–30 of 10,000 tokens". May be empty.
    pub told: &'a str,
}

/// Links to the page before and the page after. Nothing when there is only one page.
pub fn pages(pages: &Pages<'_>) -> Markup {
    html! {
        @if !pages.previous.is_empty() || !pages.next.is_empty() {
            nav.pages aria-label="Pages" {
                @if pages.previous.is_empty() { span.button.plain.off { (icon(Icon::Left)) span { "Previous" } } }
                @else { a.button.plain rel="prev" href=(pages.previous) { (icon(Icon::Left)) span { "Previous" } } }
                p { "Page " (pages.page) @if !pages.told.is_empty() { span.soft { " · " (pages.told) } } }
                @if pages.next.is_empty() { span.button.plain.off { span { "Next" } (icon(Icon::Right)) } }
                @else { a.button.plain rel="next" href=(pages.next) { span { "Next" } (icon(Icon::Right)) } }
            }
        }
    }
}
