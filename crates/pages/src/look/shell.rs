//! The document around every page: head, top bar, breadcrumbs, flashes, main, foot.

use super::callout::{Flash, flash};
use super::icon::{Icon, icon, mark};
use super::name::avatar;
use super::navigation::{Link, Side, crumbs, links, side};
use super::{Markup, form, html};
use crate::asset;
use maud::DOCTYPE;

/// Who looks at the page.
#[derive(Clone, Copy, Debug)]
pub struct Viewer<'a> {
    /// Their login.
    pub login: &'a str,
    /// The token against forgery, for signing out.
    pub csrf: &'a str,
    /// Their own menu: settings, tokens, organizations.
    pub menu: &'a [Link<'a>],
}

/// What surrounds a page.
#[derive(Clone, Copy, Debug, Default)]
pub struct Shell<'a> {
    /// The page's title, without the product's name.
    pub title: &'a str,
    /// The form was refused: the title says so first.
    pub invalid: bool,
    /// Who looks; nobody is offered to sign in.
    pub viewer: Option<Viewer<'a>>,
    /// The links of the top bar.
    pub nav: &'a [Link<'a>],
    /// Breadcrumbs, the last one the page itself.
    pub crumbs: &'a [Link<'a>],
    /// The side navigation of a settings area.
    pub side: Option<Side<'a>>,
    /// What the last act did.
    pub flashes: &'a [Flash<'a>],
}

fn document(title: &str, invalid: bool, class: &str, body: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { @if invalid { "Error: " } (title) " · Bailiwick" }
                link rel="icon" type="image/svg+xml" href=(asset::url("favicon.svg"));
                link rel="stylesheet" href=(asset::url("app.css"));
                script type="module" src=(asset::url("app.js")) {}
            }
            body.(class) {
                a.skip href="#main" { "Skip to content" }
                (body)
            }
        }
    }
}

/// A page with the top bar, and with side navigation where it belongs to a settings area.
pub fn page(shell: &Shell<'_>, main: &Markup) -> Markup {
    let body = html! {
        (top(shell))
        div.frame.with-side[shell.side.is_some()] {
            @if let Some(area) = &shell.side { (side(area)) }
            div.content {
                (crumbs(shell.crumbs))
                main id="main" tabindex="-1" {
                    @for message in shell.flashes { (flash(message)) }
                    (main)
                }
            }
        }
        (foot())
    };
    document(shell.title, shell.invalid, "wide", &body)
}

fn top(shell: &Shell<'_>) -> Markup {
    html! {
        header.top {
            div.top-inner {
                a.brand href="/" { (mark()) span { "Bailiwick" } }
                @if !shell.nav.is_empty() { nav.top-nav aria-label="Main" { (links(shell.nav)) } }
                div.top-end {
                    @if let Some(viewer) = &shell.viewer { (person(viewer)) }
                    @else { a.button.plain href="/login" { span { "Sign in" } } }
                }
            }
        }
    }
}

fn person(viewer: &Viewer<'_>) -> Markup {
    html! {
        details.menu data-menu {
            summary { (avatar(viewer.login, false)) span.menu-name { bdi { (viewer.login) } } span.unseen { ", your menu" } (icon(Icon::Down)) }
            div.menu-box {
                p.menu-who { "Signed in as " strong { bdi { (viewer.login) } } }
                nav aria-label="You" { (links(viewer.menu)) }
                form method="post" action="/logout" {
                    (form::csrf(viewer.csrf))
                    button.menu-out type="submit" { "Sign out" }
                }
            }
        }
    }
}

fn foot() -> Markup {
    html! {
        footer.foot {
            div.foot-inner {
                p { "Bailiwick" span.soft { " · every access token has one" } }
                ul {
                    li { a href="/permissions" { "Permissions" } }
                    li { a href="/explain" { "Explain a request" } }
                }
            }
        }
    }
}

/// A page of one question: sign-in, first run, proving who you are again, an error.
#[derive(Clone, Copy, Debug, Default)]
pub struct Narrow<'a> {
    /// The title, also the heading.
    pub title: &'a str,
    /// The form was refused: the document's title says so first.
    pub invalid: bool,
    /// One sentence below the heading.
    pub lede: &'a str,
    /// What the last act did.
    pub flashes: &'a [Flash<'a>],
    /// Twice as wide: for errors that explain themselves.
    pub roomy: bool,
}

/// A centred page of one question; `below` stands under the panel: other ways to go on.
pub fn narrow(shell: &Narrow<'_>, main: &Markup, below: &Markup) -> Markup {
    let body = html! {
        div.narrow-frame.roomy[shell.roomy] {
            header.narrow-top { a.brand href="/" { (mark()) span { "Bailiwick" } } }
            main id="main" tabindex="-1" {
                @for message in shell.flashes { (flash(message)) }
                div.panel {
                    h1 { (shell.title) }
                    @if !shell.lede.is_empty() { p.lede { (shell.lede) } }
                    (main)
                }
                @if super::filled(below) { div.below { (below) } }
            }
        }
    };
    document(shell.title, shell.invalid, "narrow", &body)
}
