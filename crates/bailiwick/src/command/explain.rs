//! `explain`: whether a token would be allowed a request. The exit code is 0 for allowed and 1 for denied.

use crate::argument::target::Targets;
use crate::context::Context;
use crate::failure::{Failure, missing_words};
use crate::output::{Table, field};
use clap::Args;
use http::Method;
use serde_json::{Map, Value, json};
use std::process::ExitCode;

/// Say whether a token would be allowed a request, and what is missing. The exit code is 1 for denied.
#[derive(Args)]
#[command(after_help = "Examples:
  bailiwick explain 'GET /repos/acme/site/issues' --token-id 12
  bailiwick explain 'git push acme/site' --grant 'acme/site:contents=write'
  bailiwick explain 'docker push git.example.com/acme/site:v1' --token-id 12")]
pub struct Explain {
    /// The request: a method and path, git clone|push OWNER/REPOSITORY, or docker pull|push IMAGE
    #[arg(required = true, num_args = 1.., value_name = "REQUEST")]
    request: Vec<String>,
    /// The token that would ask [default: the credential used now]
    #[arg(long, value_name = "ID")]
    token_id: Option<u64>,
    /// The request's body as JSON, where it matters
    #[arg(long, value_name = "JSON")]
    body: Option<String>,
    #[command(flatten)]
    grant: Targets,
}

impl Explain {
    /// Runs it.
    pub fn run(self, context: &Context) -> Result<ExitCode, Failure> {
        let mut question = Map::new();
        question.insert("request".into(), json!(self.request.join(" ")));
        if let Some(body) = &self.body {
            let body: Value = serde_json::from_str(body)
                .map_err(|error| Failure::Usage(format!("--body is not JSON: {error}")))?;
            question.insert("body".into(), body);
        }
        if let Some(id) = self.token_id {
            question.insert("token_id".into(), json!(id));
        }
        match self.grant.grants()?.as_slice() {
            [] => {}
            [grant] => drop(question.insert("grant".into(), grant.clone())),
            _ => return Err(Failure::Usage("one hypothetical grant at a time".into())),
        }
        let answer = context.client()?.send(
            Method::POST,
            "/authorization/explain",
            Some(&Value::Object(question)),
        )?;
        context.show(&answer, words)?;
        let allowed = answer.value()?.get("decision").and_then(Value::as_str) == Some("allow");
        Ok(if allowed {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        })
    }
}

fn words(answer: &Value) -> String {
    let mut lines = vec![("decision", field::text(answer, "/decision"))];
    if answer.get("provisional") == Some(&json!(true)) {
        lines.push(("provisional", open(&field::text(answer, "/operation")).to_owned()));
    }
    for (name, pointer) in [
        ("operation", "/operation"),
        ("stage", "/stage"),
        ("reason", "/reason"),
        ("message", "/message"),
        ("accepted", "/accepted_permissions"),
    ] {
        let text = field::text(answer, pointer);
        if text != field::NOTHING {
            lines.push((name, text));
        }
    }
    let missing = field::list(answer, "/missing");
    if !missing.is_empty() {
        lines.push((
            "missing",
            missing.iter().map(missing_words).collect::<Vec<_>>().join(", "),
        ));
    }
    let help = field::text(answer, "/help");
    if help != field::NOTHING {
        lines.push(("help", help));
    }
    let mut text = Table::facts(&lines);
    let mut table = Table::new([
        "alternative",
        "target",
        "permission",
        "level",
        "role",
        "holds",
        "reason",
    ]);
    for (number, terms) in field::list(answer, "/alternatives").iter().enumerate() {
        for term in terms.as_array().into_iter().flatten() {
            table.row([
                (number + 1).to_string(),
                field::text(term, "/target"),
                field::text(term, "/permission"),
                field::text(term, "/level"),
                role(term),
                field::text(term, "/holds"),
                field::text(term, "/reason"),
            ]);
        }
    }
    if !table.is_empty() {
        text.push('\n');
        text.push_str(&table.render());
    }
    text
}

/// What an allowance still depends on.
fn open(operation: &str) -> &'static str {
    match operation.split_once('/') {
        Some(("npm" | "nuget" | "pypi", _)) => {
            "the body says which package it is, and that is decided when it arrives"
        }
        Some(("git", _)) => "a push that changes workflow files needs workflows: write besides",
        _ => "what it changes is decided when it arrives",
    }
}

/// The role of a term, and whether the token's person has it.
fn role(term: &Value) -> String {
    let role = field::text(term, "/role");
    match term.get("role_holds").and_then(Value::as_bool) {
        Some(false) => format!("{role} (not held)"),
        Some(true) | None => role,
    }
}

#[cfg(test)]
mod tests;
