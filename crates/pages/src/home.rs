//! The start page: what waits for you, and where you were. A visitor is told what this is.

use crate::directory::{counted, membership_row, repository_row};
use crate::look::button::{Tone, link};
use crate::look::callout::{Weight, callout};
use crate::look::heading::{Heading, Part, heading, part};
use crate::look::icon::{Icon, icon};
use crate::look::list::{Row, empty, rows};
use crate::look::{Markup, html, list, name, time};
use crate::visit::{Frame, Visit};
use bailiwick_authority::Fault;
use bailiwick_authority::directory::repository::Cut;
use bailiwick_authority::directory::search::{RepositorySearch, SearchIn};
use bailiwick_catalogue::op;
use bailiwick_gate::{Answer, Call, Routes};

/// Tokens that end within so many days are told of.
const SOON_DAYS: i64 = 14;
/// Entries of a part; each has a page with the rest.
const SHOWN: usize = 6;

/// The operations of this module.
pub fn register(routes: &mut Routes) {
    routes.on(op::WEB_HOME, show);
}

fn show(call: Call) -> Answer {
    let visit = Visit::of(&call);
    let frame = Frame {
        title: "Start",
        ..Frame::default()
    };
    let main = if visit.login.is_some() {
        html! {
            (heading(&Heading { title: html! { "Start" }, ..Heading::default() }))
            (needs_you(&call, &visit)?)
            (organizations(&call, &visit)?)
            (enterprises(&call)?)
            (repositories(&call)?)
        }
    } else {
        visitor()
    };
    Ok(visit.page(&frame, &main))
}

fn visitor() -> Markup {
    html! {
        (heading(&Heading {
            title: html! { "Access tokens that say what they may do" },
            lede: html! {
                "Bailiwick gives out access tokens for Git and for the API: each for chosen repositories, with chosen \
                 permissions, until a chosen day, and only after those who own the repositories agree. It says why \
                 something is refused, and writes down what was done."
            },
            actions: html! {
                (link("Sign in", "/login", Tone::Primary))
                (link("What tokens can do", "/permissions", Tone::Plain))
            },
            ..Heading::default()
        }))
        (rows("What is here", &[
            Row {
                lead: icon(Icon::Key),
                title: html! { a href="/settings/personal-access-tokens" { "Make a token" } },
                text: html! { "For one task, with no more than the task takes." },
                ..Row::default()
            },
            Row {
                lead: icon(Icon::Shield),
                title: html! { a href="/explain" { "Explain a request" } },
                text: html! { "Allowed or not, by which rule, and what is missing." },
                ..Row::default()
            },
            Row {
                lead: icon(Icon::Info),
                title: html! { a href="/permissions" { "Look a permission up" } },
                text: html! { "Every permission and every operation that it opens." },
                ..Row::default()
            },
        ]))
    }
}

/// What waits for the person: decisions, tokens that end, their own requests.
fn needs_you(call: &Call, visit: &Visit) -> Result<Markup, Fault> {
    let mut all = Vec::new();
    for place in call.authority.waiting_decisions(&call.permit)? {
        let (base, at) = if place.enterprise {
            ("enterprises", "the enterprise ")
        } else {
            ("organizations", "")
        };
        let href = format!("/{base}/{}/settings/personal-access-token-requests", place.name);
        let told = counted(place.waiting, "token asks", "tokens ask");
        all.push(Row {
            lead: icon(Icon::Clock),
            title: html! { a href=(href) { (told) " to get into " (at) bdi { (place.name) } } },
            text: html! { "You decide. Until then those tokens see nothing that is not public there." },
            ..Row::default()
        });
    }
    if let Ok(permit) = call.permit.also(op::BAILIWICK_LIST_TOKENS) {
        let ending = call
            .authority
            .own_tokens_ending(&permit, visit.now.plus_days(SOON_DAYS))?;
        for token in ending.iter().take(SHOWN) {
            let href = format!("/settings/personal-access-tokens/{}", token.id.0);
            all.push(Row {
                lead: icon(Icon::Key),
                title: html! { a href=(href) { "Your token " bdi { (token.name) } " ends soon" } },
                meta: vec![
                    time::expires(token.expires_at, visit.now),
                    time::last_used(token.last_used_at, visit.now),
                ],
                ..Row::default()
            });
        }
        if ending.len() > SHOWN {
            let rest = counted(
                i64::try_from(ending.len() - SHOWN).unwrap_or(i64::MAX),
                "more token ends",
                "more tokens end",
            );
            all.push(Row {
                title: html! { a href="/settings/personal-access-tokens" { (rest) " soon" } },
                ..Row::default()
            });
        }
    }
    if let Ok(permit) = call.permit.also(op::BAILIWICK_LIST_TOKEN_REQUESTS) {
        for request in call.authority.own_requests_waiting(&permit)?.iter().take(SHOWN) {
            let href = format!("/settings/personal-access-tokens/{}", request.token.id.0);
            all.push(Row {
                lead: icon(Icon::Clock),
                title: html! {
                    a href=(href) { "Your token " bdi { (request.token.name) } " waits for approval" }
                },
                meta: vec![html! { "Asked " (time::relative(request.row.created_at, visit.now)) }],
                ..Row::default()
            });
        }
    }
    let title = Part {
        title: "Needs you",
        ..Part::default()
    };
    Ok(part(
        &title,
        &html! {
            @if all.is_empty() {
                (callout(Weight::Good, "", &html! { "Nothing waits: no request to decide, no token that ends soon." }))
            } @else { (rows("Needs you", &all)) }
        },
    ))
}

fn organizations(call: &Call, visit: &Visit) -> Result<Markup, Fault> {
    let Ok(permit) = call.permit.also(op::ORGS_LIST_FOR_AUTHENTICATED_USER) else {
        return Ok(html! {});
    };
    let views = call.authority.own_memberships(&permit)?;
    let shown: Vec<Row> = views.iter().take(SHOWN).map(membership_row).collect();
    let more =
        html! { @if views.len() > SHOWN { (link("All organizations", "/organizations", Tone::Plain)) } };
    Ok(part(
        &Part {
            title: "Your organizations",
            actions: more,
            ..Part::default()
        },
        &html! {
            @if !shown.is_empty() { (rows("Your organizations", &shown)) }
            @else if visit.administrator {
                (empty(
                    Icon::Building, "No organization yet",
                    &html! { "You administer this installation: make the first one, then add people and repositories." },
                    &link("Make an organization", "/admin/organizations", Tone::Primary),
                ))
            } @else {
                (empty(
                    Icon::Building, "You belong to no organization",
                    &html! { "An owner of one adds you by your login, " (name::name(visit.login.as_deref().unwrap_or(""))) "." },
                    &html! {},
                ))
            }
        },
    ))
}

/// The enterprises that the person owns; nothing for everybody else.
fn enterprises(call: &Call) -> Result<Markup, Fault> {
    let Ok(permit) = call.permit.also(op::BAILIWICK_LIST_OWN_ENTERPRISES) else {
        return Ok(html! {});
    };
    let owned = call.authority.enterprises_owned(&permit)?;
    if owned.is_empty() {
        return Ok(html! {});
    }
    let shown: Vec<Row> = owned.iter().take(SHOWN).map(crate::enterprise::row).collect();
    let actions =
        html! { @if owned.len() > SHOWN { (link("All enterprises", "/enterprises", Tone::Plain)) } };
    Ok(part(
        &Part {
            title: "Your enterprises",
            actions,
            ..Part::default()
        },
        &rows("Your enterprises", &shown),
    ))
}

fn repositories(call: &Call) -> Result<Markup, Fault> {
    let Ok(permit) = call.permit.also(op::REPOS_LIST_FOR_AUTHENTICATED_USER) else {
        return Ok(html! {});
    };
    let search = RepositorySearch {
        text: String::new(),
        visibility: None,
        recent: true,
        cut: Cut {
            offset: 0,
            size: SHOWN,
        },
    };
    let (views, total) = call
        .authority
        .repositories_found(&permit, &SearchIn::Own, &search)?;
    let shown: Vec<Row> = views.iter().map(repository_row).collect();
    let actions = html! {
        @if total > SHOWN { (link("All repositories", "/repositories", Tone::Plain)) }
        @if !shown.is_empty() { (link("New repository", "/repositories/new", Tone::Plain)) }
    };
    Ok(part(
        &Part {
            title: "Your repositories",
            actions,
            ..Part::default()
        },
        &html! {
            @if shown.is_empty() {
                (list::empty(
                    Icon::Repository, "No repositories yet",
                    &html! { "Those that you own or have a role at are listed here." },
                    &link("New repository", "/repositories/new", Tone::Primary),
                ))
            } @else { (rows("Your repositories", &shown)) }
        },
    ))
}
