//! Mock pages of those who approve, read the log, or are refused.

use crate::frame::{NOW, organization};
use bailiwick_pages::look::badge::{self, State};
use bailiwick_pages::look::bulk::{self, Bulk, Entry};
use bailiwick_pages::look::button::{self, Button, Tone};
use bailiwick_pages::look::callout::{Flash, Weight};
use bailiwick_pages::look::chart::{self, Bar, Chart, Fill, Series};
use bailiwick_pages::look::diff::{self, Change, Line};
use bailiwick_pages::look::field::{self, Field, Input};
use bailiwick_pages::look::filter::{self, Search};
use bailiwick_pages::look::form::{self, Form};
use bailiwick_pages::look::heading::{self, Heading};
use bailiwick_pages::look::list::Row;
use bailiwick_pages::look::navigation::{self, Pages};
use bailiwick_pages::look::passkey::{self, Ceremony, Passkey};
use bailiwick_pages::look::shell::{self, Narrow};
use bailiwick_pages::look::{Markup, code, html, name, stage, table, time};

const LINES: [Line<'static>; 5] = [
    Line {
        change: Change::Added,
        what: "Workflows",
        from: "",
        to: "read and write",
    },
    Line {
        change: Change::Raised,
        what: "Contents",
        from: "read-only",
        to: "read and write",
    },
    Line {
        change: Change::Lowered,
        what: "Issues",
        from: "read and write",
        to: "read-only",
    },
    Line {
        change: Change::Removed,
        what: "Pull requests",
        from: "read-only",
        to: "",
    },
    Line {
        change: Change::Same,
        what: "Metadata",
        from: "",
        to: "read-only",
    },
];

fn request(login: &str, token: &str, reason: &str, open: bool) -> Row {
    Row {
        lead: name::avatar(login, false),
        title: html! { a href="#" { (name::name(token)) } },
        badges: badge::state(State::Pending),
        text: html! { "“" (name::name(reason)) "”" },
        meta: vec![
            html! { "by " (name::login(login)) },
            html! { "asked " (time::relative(NOW.plus_seconds(-18_000), NOW)) },
            time::expires(Some(NOW.plus_days(30)), NOW),
            html! { "2 repositories" },
        ],
        actions: html! {
            @if open { (diff::diff("Changes against the present grant", &LINES)) }
            (button::link_small("Review", token, "#"))
        },
    }
}

pub fn requests() -> Markup {
    let entry = |value: &str, login, token: &str, reason| Entry {
        value: value.to_owned(),
        label: token.to_owned(),
        row: request(login, token, reason, false),
        ..Default::default()
    };
    let entries = [
        Entry {
            checked: true,
            ..entry(
                "1",
                "bob",
                "deploy-site",
                "The site is deployed by a job of mine now",
            )
        },
        entry("2", "carol", "nightly report", "Counts issues each night"),
        entry("3", "bob", "release bot", "Tags releases"),
        entry("4", "dave", "مفتاح", "للقراءة فقط"),
    ];
    let act = |label, value, tone| {
        button::button(&Button {
            label,
            name: "decision",
            value,
            tone,
            ..Default::default()
        })
    };
    let main = html! {
        (heading::heading(&Heading { title: html! { "Pending requests" }, lede: html! { "Members ask for access to what acme owns. A decision holds at once, and the log keeps who made it." }, ..Default::default() }))
        (filter::bar(&Search { action: "#", label: "Filter requests", placeholder: "owner:bob repository:site permission:contents", words: &["owner:", "repository:", "permission:"], ..Default::default() }))
        (bulk::bulk(&Bulk {
            action: "#", csrf: "token", name: "request", label: "Pending requests",
            fields: field::text(&Field { name: "reason", label: "Reason, if denied", ..Default::default() }),
            actions: html! { (act("Approve", "approve", Tone::Primary)) (act("Deny", "deny", Tone::Danger)) },
        }, &entries))
        (navigation::pages(&Pages { page: 2, previous: "#", next: "#", told: "31–60 of 10,000" }))
        (heading::part(&heading::Part { id: "changes", title: "What changes", lede: html! { "Against what deploy-site may do now." }, ..Default::default() }, &diff::diff("Changes against the present grant", &LINES)))
    };
    organization("Pending requests", &main)
}

pub fn audit() -> Markup {
    let bars: Vec<Bar> = (0..30_u64)
        .map(|day| Bar {
            label: format!("{} Nov", day + 1),
            values: vec![60 + (day * 37) % 90, (day * 11) % 23, u64::from(day % 9 == 4) * 4],
        })
        .collect();
    let series = [
        Series {
            name: "Allowed",
            hue: Fill::Good,
        },
        Series {
            name: "Refused",
            hue: Fill::Refused,
        },
        Series {
            name: "Failed",
            hue: Fill::Failed,
        },
    ];
    let row = |at: i64, action: &str, actor: &str, what: Markup, outcome: Markup| {
        vec![
            html! { (time::moment(NOW.plus_seconds(-at))) },
            code::inline(action),
            name::login(actor),
            what,
            outcome,
            button::link_small("Record", action, "#"),
        ]
    };
    let rows = [
        row(
            60,
            "git.push",
            "bob",
            name::repository("acme", "site"),
            badge::badge(badge::Hue::Green, "Allowed"),
        ),
        row(
            3_700,
            "personal_access_token.request_created",
            "carol",
            html! { "nightly report" },
            badge::badge(badge::Hue::Green, "Allowed"),
        ),
        row(
            9_000,
            "repo.access",
            "mallory",
            name::repository("acme", "a-repository-with-a-rather-long-name"),
            badge::badge(badge::Hue::Red, "Refused: grant.missing"),
        ),
    ];
    let main = html! {
        (heading::heading(&Heading { title: html! { "Audit log" }, actions: button::link("Export", "#", Tone::Plain), ..Default::default() }))
        (filter::bar(&Search { action: "#", label: "Search the audit log", placeholder: "action:git.push actor:bob", words: &["action:", "actor:"], value: "actor:bob", clear: "#", ..Default::default() }))
        (chart::chart(&Chart { id: "events", title: "Events by day", description: "3,012 events in 30 days, 330 refused; most on 17 November.", step: "Day", series: &series, bars: &bars }))
        (heading::part(&heading::Part { id: "events-list", title: "Events", ..Default::default() }, &table::table("Events", &[table::column("When"), table::column("Action"), table::column("Actor"), table::column("About"), table::column("Outcome"), table::actions("Actions")], &rows)))
        (navigation::pages(&Pages { page: 1, previous: "", next: "#", told: "1–30 of 100,000" }))
    };
    organization("Audit log", &main)
}

pub fn refused() -> Markup {
    let main = html! {
        p { "The token " strong { (name::name("deploy-site")) } " may not push to " (name::repository("acme", "site")) ": its level of " strong { "contents" } " is read-only, and " strong { "read and write" } " is needed." }
        (stage::track(&stage::stopped_at("level")))
        (code::block("request", "Request", "git push https://bailiwick.example.org/acme/site.git"))
        (form::actions(&html! { (button::link("Edit the token with this added", "#", Tone::Primary)) (button::link("Explain another", "#", Tone::Plain)) }))
    };
    shell::narrow(
        &Narrow {
            title: "Not allowed",
            lede: "It stopped at the stage level.",
            roomy: true,
            ..Default::default()
        },
        &main,
        &Markup::default(),
    )
}

pub fn login() -> Markup {
    let body = html! {
        (field::input(&Field { name: "login", label: "Login", value: "alice", ..Default::default() }, &Input { autocomplete: "username", autofocus: true, ..Default::default() }))
        (field::password(&Field { name: "password", label: "Password", error: "wrong login or password", ..Default::default() }, "current-password"))
        (form::actions(&button::submit("Sign in", Tone::Primary)))
    };
    let main = html! {
        (form::errors(&[("password", "wrong login or password")]))
        (form::form(&Form { action: "#", csrf: "token", ..Default::default() }, &body))
        p.or { "or" }
        (passkey::passkey(&Passkey { action: "#", csrf: "token", ceremony: Ceremony::Get, options: "{\"challenge\":\"AAAA\"}", label: "Sign in with a passkey", fields: Markup::default() }))
    };
    let flashes = [Flash {
        weight: Weight::Warn,
        text: "Your session ended. Sign in to go on where you were.",
    }];
    shell::narrow(
        &Narrow {
            title: "Sign in",
            invalid: true,
            flashes: &flashes,
            ..Default::default()
        },
        &main,
        &html! { "No account? An administrator makes one." },
    )
}
