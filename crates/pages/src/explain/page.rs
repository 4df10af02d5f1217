//! The page itself: the form, and below it the answer to what was asked.

use super::answer::{self, Asked};
use crate::errors::Errors;
use crate::look::button::{Tone, submit};
use crate::look::field::{Choice, Field, Input, input, select};
use crate::look::heading::{Heading, disclosure, heading};
use crate::look::{Markup, form, html};
use crate::visit::{Frame, Visit};
use bailiwick_authority::explain::ExplainInput;
use bailiwick_authority::token::TokenView;
use bailiwick_authority::{Fault, FaultKind};
use bailiwick_catalogue::{Door, op, operation};
use bailiwick_gate::described::{self, Question};
use bailiwick_gate::{Answer, Call, Doorway, Query, Reply, encode};
use bailiwick_model::{TokenId, TokenKind};
use std::sync::Arc;

const PATH: &str = "/explain";

/// How many of one's own tokens the menu holds.
const CHOICES: usize = 100;

/// What was typed.
#[derive(Clone, Default)]
struct Typed {
    request: String,
    token: String,
    other: String,
}

impl Typed {
    fn of(query: &Query) -> Typed {
        let text = |name: &str| query.get(name).unwrap_or_default().trim().to_owned();
        Typed {
            request: text("request"),
            token: text("token"),
            other: text("token_id"),
        }
    }

    /// The token asked about; `None` is the session itself.
    fn token_id(&self) -> Result<Option<TokenId>, Errors> {
        let (field, text) = if self.other.is_empty() {
            ("token", &self.token)
        } else {
            ("token_id", &self.other)
        };
        match text.as_str() {
            "" | "session" => Ok(None),
            text => text
                .parse()
                .map(|id| Some(TokenId(id)))
                .map_err(|_| Errors::one(field, "Give the token's id: a number, as its page shows it.")),
        }
    }
}

/// Takes what was pasted, keeps only what the request is, and leads to the page that answers.
pub fn read(call: Call) -> Answer {
    let typed = Typed::of(&call.request.form);
    let checked = check(&typed).and_then(|plain| typed.token_id().map(|id| (plain, id)));
    match checked {
        Ok((plain, id)) => {
            let token = id.map_or_else(|| String::from("session"), |id| id.to_string());
            Ok(Reply::see_other(&format!(
                "{PATH}?request={}&token_id={token}",
                encode(&plain)
            )))
        }
        Err(errors) => Ok(draw(&call, &typed, &errors, None)),
    }
}

/// The form, with the answer if something is asked.
pub fn show(call: Call) -> Answer {
    let typed = Typed::of(&call.request.query);
    if typed.request.is_empty() {
        return Ok(draw(&call, &typed, &Errors::none(), None));
    }
    let asked = check(&typed).and_then(|_| ask(&call, &typed));
    match asked {
        Ok(asked) => Ok(draw(&call, &typed, &Errors::none(), Some(&asked))),
        Err(errors) => Ok(draw(&call, &typed, &errors, None)),
    }
}

/// The request in its plain form, or what is wrong with it.
/// What is typed travels on in an address.
const REQUEST_BYTES_MAX: usize = 4096;

fn check(typed: &Typed) -> Result<String, Errors> {
    let error = |text: &str| Err(Errors::one("request", text));
    if typed.request.is_empty() {
        return error("Write or paste a request.");
    }
    if typed.request.len() > REQUEST_BYTES_MAX {
        return error("That is too long for a request: paste its first line.");
    }
    if typed.request.contains(['{', '}']) && !typed.request.starts_with("curl") {
        return error("Put names in the place of the words in braces: acme/site for {owner}/{repo}.");
    }
    described::read(&typed.request)
        .map(|asked| asked.plain)
        .ok_or_else(|| {
            Errors::one(
                "request",
                "That is no request. Write a method and a path, git push owner/repo, or paste an address.",
            )
        })
}

fn ask(call: &Call, typed: &Typed) -> Result<Asked, Errors> {
    let token = typed.token_id()?;
    let asked =
        described::read(&typed.request).ok_or_else(|| Errors::one("request", "That is no request."))?;
    let Question {
        operation,
        names,
        listed,
    } = asked.question(b"", &call.doorway.mounts);
    let input = ExplainInput {
        operation,
        names: Arc::new(names),
        token,
        grant: None,
        listed,
    };
    match call.authority.explain(&call.permit, &input) {
        Ok(explained) => Ok(Asked {
            plain: asked.plain,
            operation,
            token: token.map(|id| id.0),
            explained,
        }),
        Err(fault) if fault.kind == FaultKind::NotFound && token.is_some() => Err(Errors::one(
            if typed.other.is_empty() {
                "token"
            } else {
                "token_id"
            },
            "No such token, or not one that you may ask about here: your own, or one that has to do with an organization that you own and the request names.",
        )),
        Err(fault) => Err(Errors::from_fault(&fault)),
    }
}

/// One's own tokens, where they may be listed.
fn own(call: &Call) -> Result<Vec<TokenView>, Fault> {
    match call.permit.also(op::BAILIWICK_LIST_TOKENS) {
        Ok(permit) => call.authority.own_tokens(&permit, None),
        Err(_) => Ok(Vec::new()),
    }
}

fn draw(call: &Call, typed: &Typed, errors: &Errors, asked: Option<&Asked>) -> Reply {
    let visit = Visit::of(call);
    // A list that cannot be read leaves the menu short; the question itself still works.
    let tokens = own(call).unwrap_or_default();
    let main = html! {
        (heading(&Heading {
            title: html! { "Explain a request" },
            lede: html! { "Would it be allowed, and if not, what stops it? Nothing is sent: the same decision is made as for a real request, and shown." },
            ..Heading::default()
        }))
        (form::errors(&errors.list()))
        (ask_form(call, &visit, typed, errors, &tokens))
        @if let Some(asked) = asked { (answer::draw(asked, &tokens, visit.now)) }
        @else { (hints()) }
    };
    let frame = Frame {
        title: "Explain a request",
        invalid: !errors.is_empty(),
        ..Frame::default()
    };
    visit.page_with(errors.status(), &frame, &main)
}

fn ask_form(call: &Call, visit: &Visit, typed: &Typed, errors: &Errors, tokens: &[TokenView]) -> Markup {
    let own_chosen = tokens.iter().any(|view| view.row.id.to_string() == typed.other);
    let (chosen, other) = match typed.other.as_str() {
        "session" => ("session", ""),
        id if own_chosen => (id, ""),
        other => (typed.token.as_str(), other),
    };
    let named: Vec<(String, String)> = tokens
        .iter()
        .take(CHOICES)
        .map(|view| {
            let kind = if view.row.kind == TokenKind::Classic {
                "classic"
            } else {
                "fine-grained"
            };
            (
                view.row.id.to_string(),
                format!("{} · {} · {kind}", view.row.name, view.state(visit.now)),
            )
        })
        .collect();
    let mut choices = vec![Choice {
        value: "session",
        label: "No token: what you may do yourself, signed in",
        ..Choice::default()
    }];
    choices.extend(named.iter().map(|(id, label)| Choice {
        value: id,
        label,
        ..Choice::default()
    }));
    // What was pasted with it is not given back: it may hold a secret.
    let plain = described::read(&typed.request).map(|asked| asked.plain);
    let request = Field {
        name: "request",
        label: "Request",
        hint: html! { "A method and a path, a git or docker command, an address, or a whole line of curl." },
        error: errors.at("request"),
        value: plain.as_deref().unwrap_or(&typed.request),
        ..Field::default()
    };
    let body = html! {
        (input(&request, &Input { mono: true, autocomplete: "off", list: "request-forms", ..Input::default() }))
        (examples(&call.doorway))
        (select(&Field {
            name: "token",
            label: "Sent with",
            error: errors.at("token"),
            value: chosen,
            ..Field::default()
        }, &choices))
        (disclosure("Somebody else's token", !other.is_empty(), &input(&Field {
            name: "token_id",
            label: "Token id",
            hint: html! { "For owners: a token of your organization's people, by the number that lists and the audit log show. It counts instead of the choice above." },
            error: errors.at("token_id"),
            value: other,
            optional: true,
            ..Field::default()
        }, &Input { mono: true, width: 16, inputmode: "numeric", autocomplete: "off", ..Input::default() })))
        (form::actions(&submit("Explain", Tone::Primary)))
    };
    form::form(
        &form::Form {
            action: PATH,
            csrf: &visit.csrf,
            label: "What to explain",
            ..form::Form::default()
        },
        &body,
    )
}

/// Every form that a request can have here, to complete from.
fn examples(doorway: &Doorway) -> Markup {
    html! {
        datalist id="request-forms" {
            @for verb in ["push", "clone", "fetch"] { option value={ "git " (verb) " {owner}/{repo}" } {} }
            @for known in doorway.served.iter().filter_map(|index| operation(*index)) {
                @if known.door == Door::Api { option value={ (known.method) " " (known.path) } {} }
            }
        }
    }
}

fn hints() -> Markup {
    let link = |text: &str| {
        let href = format!("{PATH}?request={}", encode(text));
        html! { li { a href=(href) { code { (text) } } } }
    };
    html! {
        section.part {
            h2 { "For example" }
            ul {
                (link("GET /user"))
                (link("POST /user/repos"))
                (link("GET /user/personal-access-tokens"))
            }
            p.soft { "Every request and what it takes is in the " a href="/permissions" { "permission reference" } "." }
        }
    }
}
