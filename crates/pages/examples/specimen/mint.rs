//! The mock form of a new token.

use crate::frame::mine;
use bailiwick_model::{Level, Visibility};
use bailiwick_pages::look::badge::{self, Hue};
use bailiwick_pages::look::button::{self, Tone};
use bailiwick_pages::look::callout::{self, Weight};
use bailiwick_pages::look::choice::{self, Card, Cards};
use bailiwick_pages::look::expiry::{self, Expiry, Preset};
use bailiwick_pages::look::field::{self, Field, Input};
use bailiwick_pages::look::form::{self, Form};
use bailiwick_pages::look::heading::{self, Heading};
use bailiwick_pages::look::permission::{self, Group, Item};
use bailiwick_pages::look::picker::{self, Picker};
use bailiwick_pages::look::summary::{self, Grant, Held, Reach};
use bailiwick_pages::look::{Markup, html, name};

const READ_WRITE: &[Level] = &[Level::Read, Level::Write];

fn permissions() -> Markup {
    let item = |slug: &'static str, title: &'static str, text: &'static str, chosen| Item {
        name: slug,
        slug,
        title,
        text,
        levels: READ_WRITE,
        chosen,
        ..Default::default()
    };
    let repository = [
        Item {
            levels: &[Level::Read, Level::Write],
            danger_from: Some(Level::Write),
            danger: "Can change who has access, and delete the repository.",
            ..item(
                "administration",
                "Administration",
                "Settings, teams and collaborators of the repository.",
                Level::None,
            )
        },
        item(
            "contents",
            "Contents",
            "Files, commits, branches, downloads, releases and merges.",
            Level::Write,
        ),
        item(
            "issues",
            "Issues",
            "Issues with their comments, labels and milestones.",
            Level::Read,
        ),
        Item {
            levels: &[Level::Read],
            mandatory: true,
            ..item(
                "metadata",
                "Metadata",
                "Search repositories, list collaborators, read the repository's facts.",
                Level::Read,
            )
        },
        Item {
            highest: Some(Level::Read),
            bound: "acme lets you read pull requests only",
            ..item(
                "pull_requests",
                "Pull requests",
                "Pull requests with their comments, labels and merges.",
                Level::Read,
            )
        },
        Item {
            levels: &[Level::Write],
            danger_from: Some(Level::Write),
            danger: "Can change workflow files, and so run code with the repository's secrets.",
            ..item(
                "workflows",
                "Workflows",
                "Change the files of workflows.",
                Level::Write,
            )
        },
    ];
    let organization = [
        item(
            "members",
            "Members",
            "Members and teams of the organization.",
            Level::Read,
        ),
        item(
            "organization_secrets",
            "Secrets",
            "The organization's secrets for workflows.",
            Level::None,
        ),
    ];
    let account = [item(
        "emails",
        "Email addresses",
        "See and change your e-mail addresses.",
        Level::None,
    )];
    permission::menus(
        "permissions",
        &[
            Group {
                kind: "repository",
                title: "Repository permissions",
                text: "Apply to the repositories chosen above.",
                open: true,
                items: &repository,
            },
            Group {
                kind: "organization",
                title: "Organization permissions",
                text: "",
                open: false,
                items: &organization,
            },
            Group {
                kind: "account",
                title: "Account permissions",
                text: "",
                open: false,
                items: &account,
            },
        ],
    )
}

fn owners() -> Markup {
    let card = |login: &'static str, organization: bool, disabled: &'static str, checked: bool| Card {
        value: login,
        title: html! { (name::avatar(login, organization)) (name::name(login)) },
        badges: if login == "alice" {
            badge::badge(Hue::Grey, "You")
        } else {
            Markup::default()
        },
        disabled,
        checked,
        owner: login,
        action: if disabled.is_empty() || login == "umbrella" {
            Markup::default()
        } else {
            html! { button.button.plain.small type="submit" formaction="#ask" { "Ask its owners to allow it" } }
        },
        text: match login {
            "acme" => {
                html! { "Approval needed: the owners of acme decide before the token can be used there." }
            }
            "alice" => html! { "Your own repositories and account." },
            _ => Markup::default(),
        },
        ..Default::default()
    };
    choice::cards(
        &Cards {
            legend: "Resource owners",
            quiet: true,
            name: "owner",
            many: true,
            ..Default::default()
        },
        &[
            card("alice", false, "", false),
            card("acme", true, "", true),
            card("globex", true, "globex blocks fine-grained tokens", false),
            card(
                "initech",
                true,
                "The enterprise initech-group allows at most 7 days; this token lives 30",
                false,
            ),
            card(
                "umbrella",
                true,
                "umbrella wants a single sign-on first, and you are signed in without",
                false,
            ),
        ],
    )
}

fn repositories(refused: bool) -> Markup {
    let card = |value: &'static str, title: &'static str, text: &'static str, checked| Card {
        value,
        title: html! { (title) },
        text: html! { (text) },
        checked,
        reach: value,
        ..Default::default()
    };
    let names: Vec<String> = (0..24)
        .map(|number| format!("acme/{}-{number}", ["site", "docs", "api", "infra"][number % 4]))
        .collect();
    let items: Vec<picker::Item<'_>> = names
        .iter()
        .enumerate()
        .map(|(index, name)| picker::Item {
            value: name,
            name,
            visibility: [Visibility::Private, Visibility::Public, Visibility::Internal][index % 3],
            checked: index < 2,
            disabled: if index == 4 {
                "Archived: only reading is possible"
            } else {
                ""
            },
        })
        .collect();
    summary::of_owner(
        "acme",
        &html! {
            (choice::cards(
                &Cards { legend: "Repositories of acme", name: "reach", ..Default::default() },
                &[
                    card("none", "Public repositories", "Read-only, as everyone may.", false),
                    card("all", "All repositories", "Also those made later.", false),
                    card("subset", "Only selected repositories", "At least one, at most 50.", true),
                ],
            ))
            (form::when("reach", "subset", &picker::picker(&Picker {
                name: "repository", legend: "Selected repositories", query_name: "repository_query",
                search: ("step", "search"), total: 340, max: 50,
                error: if refused { "choose at least one repository, or another reach" } else { "" },
                ..Default::default()
            }, &items)))
        },
    )
}

pub fn new(refused: bool) -> Markup {
    let say = |text: &'static str| if refused { text } else { "" };
    let errors: &[(&str, &str)] = if refused {
        &[
            ("name", "Name can't be blank"),
            ("expires_on", "acme allows at most 90 days"),
            ("repository", "choose at least one repository, or another reach"),
        ]
    } else {
        &[]
    };
    let presets = [
        Preset {
            value: "7",
            label: "7 days",
            date: "2026-11-28",
            disabled: "",
        },
        Preset {
            value: "30",
            label: "30 days",
            date: "2026-12-21",
            disabled: "",
        },
        Preset {
            value: "90",
            label: "90 days",
            date: "2027-02-19",
            disabled: "",
        },
        Preset {
            value: "custom",
            label: "Custom",
            date: "",
            disabled: "",
        },
        Preset {
            value: "none",
            label: "No expiration",
            date: "",
            disabled: "acme allows at most 90 days",
        },
    ];
    let body = html! {
        (form::section("What it is for", &Markup::default(), &html! {
            (field::input(&Field { name: "name", label: "Token name", hint: html! { "Visible to the owners of what it reaches, and to anyone who holds it." }, error: say("Name can't be blank"), value: if refused { "" } else { "deploy-site" }, ..Default::default() }, &Input { max: 40, counted: true, width: 32, autocomplete: "off", ..Default::default() }))
            (field::textarea(&Field { name: "description", label: "Description", optional: true, ..Default::default() }, 3, 1024))
            (expiry::expiry(&Expiry {
                preset: Field { name: "expires_in", label: "Expiration", value: if refused { "custom" } else { "30" }, ..Default::default() },
                date: Field { name: "expires_on", label: "Last day", value: if refused { "2027-09-01" } else { "2026-12-21" }, error: say("acme allows at most 90 days"), ..Default::default() },
                presets: &presets, min: "2026-11-22", max: "2027-02-19",
            }))
        }))
        (form::section("Where it reaches", &html! { "Each owner decides for themselves. What cannot be chosen says why." }, &html! { (owners()) (repositories(refused)) }))
        (form::section("What it may do", &html! { "Least is best: a token can be widened later." }, &permissions()))
        (form::section("For the owners of acme", &Markup::default(), &field::textarea(&Field { name: "reason", label: "Why you need it", hint: html! { "Read by those who approve." }, optional: true, ..Default::default() }, 2, 1024)))
        (summary::summary("token-form", &[Grant {
            owner: "acme",
            reach: Reach::Only(&["acme/site-0", "acme/docs-1"]),
            held: &[
                Held { kind: "repository", title: "Contents", level: Level::Write },
                Held { kind: "repository", title: "Issues", level: Level::Read },
                Held { kind: "repository", title: "Pull requests", level: Level::Read },
                Held { kind: "repository", title: "Workflows", level: Level::Write },
                Held { kind: "organization", title: "Members", level: Level::Read },
            ],
        }], "Ends on 21 Dec 2026.", &["Can change workflow files, and so run code with the repository's secrets."]))
        (form::actions(&html! { (button::submit("Generate token", Tone::Primary)) (button::link("Cancel", "#", Tone::Quiet)) }))
    };
    let main = html! {
        (heading::heading(&Heading { title: html! { "New fine-grained token" }, ..Default::default() }))
        (form::errors(errors))
        @if !refused {
            (callout::callout(Weight::Info, "This form was filled in by a link from docs.example.org", &html! { p { "Check what it asks for. It cannot choose administration, all repositories or no expiration for you." } }))
            br;
        }
        (form::form(&Form { action: "#", csrf: "token", id: "token-form", guarded: true, ..Default::default() }, &body))
    };
    mine("New fine-grained token", refused, &[], &main)
}
