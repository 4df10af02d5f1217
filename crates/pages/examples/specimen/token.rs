//! Mock pages of a person's own tokens.

use crate::frame::{NOW, mine};
use bailiwick_model::{Level, Visibility};
use bailiwick_pages::look::badge::{self, Hue, State};
use bailiwick_pages::look::button::{self, Button, Tone};
use bailiwick_pages::look::callout::{self, Flash, Weight};
use bailiwick_pages::look::choice::{self, Card, Cards};
use bailiwick_pages::look::expiry::{self, Expiry, Preset};
use bailiwick_pages::look::field::{self, Field, Input};
use bailiwick_pages::look::filter::{self, Search};
use bailiwick_pages::look::form::{self, Form};
use bailiwick_pages::look::heading::{self, Heading};
use bailiwick_pages::look::icon::Icon;
use bailiwick_pages::look::list::{self, Row};
use bailiwick_pages::look::navigation::{self, Pages};
use bailiwick_pages::look::permission::{self, Group, Item};
use bailiwick_pages::look::picker::{self, Picker};
use bailiwick_pages::look::summary::{self, Grant, Held, Reach};
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

pub fn shown_once() -> Markup {
    let secret = "bwk_pat_11ABCDEFG0aBcDeFgHiJkL_mNoPqRsTuVwXyZ0123456789aBcDeFgHiJkLmNoPqRsTuVwXyZ0123";
    let main = html! {
        (heading::heading(&Heading { kicker: "Fine-grained token", title: name::name("deploy-site"), badges: badge::state(State::Pending), lede: html! { "The owners of acme were asked. Until they approve, it reads what is public and nothing else." }, actions: html! { (button::link("Edit", "#", Tone::Plain)) }, ..Default::default() }))
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
