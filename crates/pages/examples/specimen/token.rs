//! Mock pages of a person's own tokens.

use crate::frame::{NOW, mine};
use bailiwick_model::Level;
use bailiwick_pages::look::badge::{self, State};
use bailiwick_pages::look::button::{self, Button, Tone};
use bailiwick_pages::look::callout::{Flash, Weight};
use bailiwick_pages::look::field::{self, Field};
use bailiwick_pages::look::filter::{self, Search};
use bailiwick_pages::look::heading::{self, Heading};
use bailiwick_pages::look::icon::Icon;
use bailiwick_pages::look::list::{self, Row};
use bailiwick_pages::look::navigation::{self, Pages};
use bailiwick_pages::look::permission;
use bailiwick_pages::look::{Markup, code, html, name, time};

fn row(title: &str, state: State, owner: &str, what: &str, days: i64, used: i64) -> Row {
    let acts = html! {
        (button::link_small("Edit", title, "#"))
        (button::post("#", "token", &[], &Button { label: "Delete", about: title, tone: Tone::Danger, small: true, ..Default::default() }))
    };
    Row {
        title: html! { a href="#" { (name::name(title)) } },
        badges: badge::state(state),
        text: html! { (what) " · " (name::login(owner)) },
        meta: vec![
            time::last_used((used > 0).then(|| NOW.plus_seconds(-used)), NOW),
            time::expires((days != 0).then(|| NOW.plus_days(days)), NOW),
        ],
        actions: acts,
        lead: html! { (bailiwick_pages::look::icon::icon(Icon::Key)) },
    }
}

pub fn list() -> Markup {
    let rows = [
        row(
            "deploy-site",
            State::Active,
            "acme",
            "Contents: read and write; 2 repositories",
            84,
            7_200,
        ),
        row(
            "nightly report",
            State::Active,
            "acme",
            "Issues, pull requests: read-only; all repositories",
            5,
            86_400 * 3,
        ),
        row(
            "release bot",
            State::Pending,
            "globex",
            "Contents, workflows: read and write; 1 repository",
            30,
            0,
        ),
        row(
            "مفتاح \u{202e}قديم admin",
            State::Denied,
            "initech",
            "Administration: read and write; 12 repositories",
            12,
            0,
        ),
        row(
            "laptop",
            State::Expired,
            "alice",
            "Contents: read and write; all repositories",
            -3,
            86_400 * 4,
        ),
        row(
            "averyveryveryveryveryveryveryveryverylongname",
            State::Revoked,
            "acme",
            "Members: read-only",
            40,
            86_400 * 90,
        ),
    ];
    let main = html! {
        (heading::heading(&Heading {
            title: html! { "Fine-grained tokens" },
            lede: html! { "Each reaches only what its grants, your own role and the owner's policy all allow." },
            actions: button::link_icon("New token", "#", Tone::Primary, Icon::Plus),
            ..Default::default()
        }))
        (filter::bar(&Search { action: "#", label: "Search your tokens", placeholder: "Search by name or owner", clear: "#", value: "", fields: field::select(&Field { name: "state", label: "State", quiet: true, ..Default::default() }, &[choice_of("", "Any state"), choice_of("active", "Active"), choice_of("pending", "Pending")]), ..Default::default() }))
        (list::rows("Your fine-grained tokens", &rows))
        (navigation::pages(&Pages { page: 1, previous: "", next: "#", told: "1–6 of 7 tokens" }))
        (heading::danger("Delete all", &html! {
            p { "Everything that uses one of these tokens stops working at once. This cannot be undone." }
            (button::link("Delete all tokens", "#", Tone::Danger))
        }))
    };
    let flashes = [Flash {
        weight: Weight::Good,
        text: "The token “laptop” was deleted.",
    }];
    mine("Fine-grained tokens", false, &flashes, &main)
}

fn choice_of<'a>(value: &'a str, label: &'a str) -> field::Choice<'a> {
    field::Choice {
        value,
        label,
        disabled: "",
    }
}

pub fn shown_once() -> Markup {
    let secret = "bwk_pat_11ABCDEFG0aBcDeFgHiJkL_mNoPqRsTuVwXyZ0123456789aBcDeFgHiJkLmNoPqRsTuVwXyZ0123";
    let main = html! {
        (heading::heading(&Heading { kicker: "Fine-grained token", title: name::name("deploy-site"), badges: badge::state(State::Pending), lede: html! { "The owners of acme were asked. Until they approve, it reads what is public and nothing else." }, actions: html! { (button::link("Edit", "#", Tone::Plain)) } }))
        (code::secret("secret", "Your new token", secret, "Copy it now: it is shown this once and cannot be read again, by anyone."))
        (heading::part(&heading::Part { id: "use", title: "Use it", ..Default::default() }, &html! {
            (code::block("git", "Git", "git clone https://alice:$TOKEN@bailiwick.example.org/acme/site.git"))
            (code::block("curl", "curl", "curl -H \"Authorization: Bearer $TOKEN\" https://bailiwick.example.org/api/v3/repos/acme/site/issues"))
        }))
        (heading::part(&heading::Part { id: "facts", title: "What it is", ..Default::default() }, &list::facts(&[
            ("Owner", name::login("acme")),
            ("Repositories", list::words(&["acme/site", "acme/docs"])),
            ("Permissions", permission::short(&[("Contents", Level::Write), ("Issues", Level::Read)])),
            ("Created", time::moment(NOW)),
            ("Expires", html! { (time::date(NOW.plus_days(30))) " · " (time::relative(NOW.plus_days(30), NOW)) }),
            ("Last used", html! { "Never used" }),
        ])))
    };
    mine(
        "deploy-site",
        false,
        &[Flash {
            weight: Weight::Good,
            text: "The token was made.",
        }],
        &main,
    )
}
