//! `token`: one's own tokens.

mod create;
mod delete;
mod edit;
mod kept;
mod list;
mod owners;
mod planted;
mod regenerate;
mod show;

use crate::client::{Client, segment};
use crate::context::Context;
use crate::failure::Failure;
use crate::output::{self, Table, field};
use clap::Subcommand;
use serde_json::Value;

/// Your own tokens.
#[derive(Subcommand)]
pub enum Token {
    /// Make a token; its text is printed once
    Create(create::Create),
    /// List your tokens
    List(list::List),
    /// Show a token and its grants
    Show(show::Show),
    /// Change a token: wider access asks for approval, narrower holds at once
    Edit(edit::Edit),
    /// Replace a token's text; the old one ends at once
    Regenerate(regenerate::Regenerate),
    /// Delete a token: it ends at once
    #[command(visible_alias = "revoke")]
    Delete(delete::Delete),
    /// List or end what tokens planted: keys, webhooks, runners
    Planted(planted::Planted),
    /// List whose resources a token can be for, and why not the others'
    Owners(owners::Owners),
}

impl Token {
    /// Runs it.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        match self {
            Token::Create(command) => command.run(context),
            Token::List(command) => command.run(context),
            Token::Show(command) => command.run(context),
            Token::Edit(command) => command.run(context),
            Token::Regenerate(command) => command.run(context),
            Token::Delete(command) => command.run(context),
            Token::Planted(command) => command.run(context),
            Token::Owners(command) => command.run(context),
        }
    }
}

/// Where one's own tokens are.
const PATH: &str = "/user/personal-access-tokens";

/// The path of a token given by id, by name, or as `current`.
fn path(client: &Client, token: &str) -> Result<String, Failure> {
    if token == "current" || token.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(format!("{PATH}/{}", segment(token)));
    }
    let named = |value: &&Value| value.get("name").and_then(Value::as_str) == Some(token);
    let tokens = client.list(PATH, None, usize::MAX)?;
    let found: Vec<String> = tokens
        .iter()
        .filter(named)
        .map(|value| field::text(value, "/id"))
        .collect();
    match found.as_slice() {
        [id] => Ok(format!("{PATH}/{id}")),
        [] => Err(Failure::NotFound(format!("you have no token named {token:?}"))),
        ids => Err(Failure::Usage(format!(
            "several tokens are named {token:?}: say which id: {}",
            ids.join(", ")
        ))),
    }
}

/// A token and its grants.
fn facts(token: &Value) -> String {
    let mut lines = vec![
        (
            "token",
            format!("{} {}", field::text(token, "/id"), field::text(token, "/name")),
        ),
        ("kind", field::text(token, "/kind")),
        ("state", field::text(token, "/state")),
        ("created", field::text(token, "/created_at")),
        ("expires", field::text(token, "/expires_at")),
        ("last used", field::text(token, "/last_used_at")),
        ("ends in", field::text(token, "/last_eight")),
    ];
    for (name, pointer) in [("about", "/description"), ("scopes", "/scopes")] {
        let text = field::text(token, pointer);
        if text != field::NOTHING {
            lines.push((name, text));
        }
    }
    let mut text = Table::facts(&lines);
    let grants = field::list(token, "/grants");
    if !grants.is_empty() {
        let mut table = Table::new([
            "grant",
            "owner",
            "state",
            "repositories",
            "permissions",
            "request",
        ]);
        for grant in grants {
            table.row([
                field::text(grant, "/id"),
                field::text(grant, "/owner/login"),
                field::text(grant, "/state"),
                repositories(grant),
                field::permissions(grant, "/permissions"),
                field::text(grant, "/request/id"),
            ]);
        }
        text.push('\n');
        text.push_str(&table.render());
    }
    text
}

/// The selection of a grant or request: the names where there are some, otherwise the word.
pub fn repositories(grant: &Value) -> String {
    match field::list(grant, "/repositories") {
        [] => field::text(grant, "/repository_selection"),
        names => names.iter().map(field::words).collect::<Vec<_>>().join(", "),
    }
}

/// Prints the text of a new token: alone on standard output, with what is to be known about it beside.
fn reveal(context: &Context, answer: &crate::client::Answer) -> Result<(), Failure> {
    let value = answer.value()?;
    let Some(text) = value.get("token").and_then(Value::as_str) else {
        return Err(Failure::Unreachable("the server's answer holds no token".into()));
    };
    if context.json {
        return context.show(answer, |_| String::new());
    }
    output::note(facts(&value).trim_end());
    for grant in field::list(&value, "/grants") {
        if field::text(grant, "/state") == "pending" {
            let owner = field::text(grant, "/owner/login");
            let request = field::text(grant, "/request/id");
            output::note(&format!(
                "waits for approval by {owner} (request {request}); until then it reads what is public"
            ));
        }
    }
    output::note("the token is shown this once:");
    output::line(text)
}
