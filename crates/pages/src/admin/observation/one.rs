//! One observed credential: what it was used for, the narrowest token, and what would be refused.

use super::super::{frame, upstream};
use super::{path_of, title, whose};
use crate::look::button::{Tone, link};
use crate::look::code;
use crate::look::heading::{Heading, Part, heading, part};
use crate::look::list::facts;
use crate::look::table::{column, number, table};
use crate::look::{Markup, html, time};
use crate::visit::Visit;
use bailiwick_authority::observe::report::{NarrowGrant, NarrowToken, ObservedUse};
use bailiwick_gate::{Answer, Call, encode};

pub(super) fn show(call: Call) -> Answer {
    let visit = Visit::of(&call);
    let request = &call.request;
    let id = request.id("observation_id")?;
    let found = call
        .authority
        .observed_report(&call.permit, request.parameter("upstream"), id)?;
    let list = path_of(&found.upstream.name);
    let row = &found.credential.row;
    let (mapped, unmapped): (Vec<&ObservedUse>, Vec<&ObservedUse>) =
        found.uses.iter().partition(|one| one.row.mapped);
    let (refused, allowed): (Vec<&ObservedUse>, Vec<&ObservedUse>) =
        mapped.into_iter().partition(|one| one.help.is_some());
    let main = html! {
        (heading(&Heading {
            kicker: "Observed credential",
            title: html! { bdi { (title(&found.credential)) } },
            lede: whose(&found.credential),
            ..Heading::default()
        }))
        (facts(&[
            ("Seems to be", html! { (row.kind.replace('_', " ")) }),
            ("First used", time::moment(row.first_at)),
            ("Last used", time::moment(row.last_at)),
            ("Requests", html! { (row.reads) " reads, " (row.writes) " changes" }),
        ]))
        @for (number, token) in found.tokens.iter().enumerate() { (narrowest(number, token)) }
        (uses("Would be refused", "Make these right before the upstream is enforced.", &refused))
        (uses("Without a mapping", "No operation describes these; they will be refused.", &unmapped))
        (uses("Was used for", "The narrowest token suffices for these.", &allowed))
        @if row.left_out > 0 {
            p { (row.left_out) " more requests found no room here, and are not in the narrowest token." }
        }
    };
    let base = upstream::path_of(&found.upstream.name);
    let crumbs = [
        ("Upstreams", upstream::ALL),
        (found.upstream.name.as_str(), base.as_str()),
        ("Observations", list.as_str()),
    ];
    Ok(visit.page(&frame("Observed credential", &crumbs, false), &main))
}

fn narrowest(number: usize, token: &NarrowToken) -> Markup {
    let body = html! {
        @if token.grants.is_empty() {
            p { "Any live token suffices: nothing that it did takes a grant." }
        }
        @for (at, grant) in token.grants.iter().enumerate() {
            (code::block(&format!("narrow-{number}-{at}"), &grant.owner, &words(grant)))
            @if grant.approval_required { p { "An owner of " bdi { (grant.owner) } " approves it." } }
        }
        @if let [grant] = token.grants.as_slice() {
            @if !grant.enterprise {
                p { (link("Fill in the form with it", &form(token, grant), Tone::Plain)) }
                p { "Its holder opens this link. All repositories and administration are chosen by hand." }
            }
        }
    };
    part(
        &Part {
            title: "Narrowest token",
            lede: html! { "Enough for everything that the upstream answered, and for nothing more." },
            ..Part::default()
        },
        &body,
    )
}

/// A grant, a line each.
fn words(grant: &NarrowGrant) -> String {
    let mut lines: Vec<String> = grant
        .permissions
        .iter()
        .map(|(slug, level)| format!("{slug}: {level}"))
        .collect();
    match grant.selection {
        "all" => lines.push(String::from("all repositories")),
        _ => lines.extend(grant.repositories.iter().cloned()),
    }
    lines.join("\n")
}

/// The link that fills in the form of a new token.
fn form(token: &NarrowToken, grant: &NarrowGrant) -> String {
    let mut pairs = vec![
        (String::from("name"), token.name.clone()),
        (String::from("target_name"), grant.owner.clone()),
        (String::from("expires_in"), token.expires_in.to_string()),
    ];
    if !grant.repositories.is_empty() {
        pairs.push((String::from("repositories"), grant.repositories.join(",")));
    }
    pairs.extend(grant.permissions.clone());
    let query: Vec<String> = pairs
        .iter()
        .map(|(name, value)| format!("{}={}", encode(name), encode(value)))
        .collect();
    format!("{}?{}", crate::token::NEW, query.join("&"))
}

fn uses(title: &str, lede: &str, uses: &[&ObservedUse]) -> Markup {
    if uses.is_empty() {
        return html! {};
    }
    let columns = [
        column("Operation"),
        column("Target"),
        column("What to do"),
        number("Requests"),
    ];
    let lines: Vec<Vec<Markup>> = uses
        .iter()
        .map(|one| {
            vec![
                code::inline(&one.row.operation),
                html! { bdi { (one.row.target) } },
                html! {
                    @if let Some(help) = one.help { (code::inline(&one.row.verdict)) " " (help) }
                },
                html! { (one.row.requests) },
            ]
        })
        .collect();
    part(
        &Part {
            title,
            lede: html! { (lede) },
            ..Part::default()
        },
        &table(title, &columns, &lines),
    )
}
