//! The command line is well formed, and arguments become the bodies that the server takes.

use super::Line;
use super::expiry::Expiry;
use super::target::Targets;
use clap::{CommandFactory, Parser};
use serde_json::{Value, json};

#[derive(Parser)]
struct Only {
    #[command(flatten)]
    targets: Targets,
}

fn grants(arguments: &[&str]) -> Result<Value, String> {
    let only =
        Only::try_parse_from(std::iter::once(&"x").chain(arguments)).map_err(|error| error.to_string())?;
    only.targets
        .grants()
        .map(Value::Array)
        .map_err(|failure| failure.words())
}

#[test]
fn the_command_line_is_well_formed() {
    Line::command().debug_assert();
}

#[test]
fn targets_become_grants() {
    for (arguments, expected) in [
        (
            &["--owner", "acme", "-r", "site", "-p", "issues=read"][..],
            json!([{"owner": "acme", "repositories": ["site"], "repository_selection": "subset", "permissions": {"issues": "read"}}]),
        ),
        (
            &[
                "-r",
                "acme/site",
                "-r",
                "www",
                "-p",
                "pull-requests=write",
                "--reason",
                "why",
            ],
            json!([{"owner": "acme", "repositories": ["site", "www"], "repository_selection": "subset",
                "permissions": {"pull_requests": "write"}, "reason": "why"}]),
        ),
        (
            &["--owner", "acme", "--all-repositories", "-p", "contents=read"],
            json!([{"owner": "acme", "repository_selection": "all", "permissions": {"contents": "read"}}]),
        ),
        (
            &["--owner", "acme", "-p", "members=read"],
            json!([{"owner": "acme", "repository_selection": "none", "permissions": {"members": "read"}}]),
        ),
        (
            &["--enterprise", "acme-enterprise", "-p", "enterprise_people=read"],
            json!([{"enterprise": "acme-enterprise", "permissions": {"enterprise_people": "read"}}]),
        ),
        (
            &[
                "--grant",
                "acme/site,www:issues=read,contents=write",
                "--grant",
                "bob/*:contents=read",
                "--grant",
                "acme-labs:members=read",
                "--grant",
                "enterprises/e:enterprise_people=read",
            ],
            json!([
                {"owner": "acme", "repositories": ["site", "www"], "repository_selection": "subset",
                 "permissions": {"issues": "read", "contents": "write"}},
                {"owner": "bob", "repository_selection": "all", "permissions": {"contents": "read"}},
                {"owner": "acme-labs", "repository_selection": "none", "permissions": {"members": "read"}},
                {"enterprise": "e", "permissions": {"enterprise_people": "read"}},
            ]),
        ),
        (&[], json!([])),
    ] {
        assert_eq!(grants(arguments), Ok(expected), "{arguments:?}");
    }
}

#[test]
fn targets_that_make_no_sense_are_refused() {
    for arguments in [
        &["-p", "issues=read"][..],
        &["-r", "acme/site", "-r", "bob/dotfiles"],
        &["--owner", "acme", "-p", "issues"],
        &["--owner", "acme", "-p", "issues=all"],
        &["--owner", "acme", "-p", "issues=read", "-p", "issues=write"],
        &["--owner", "acme", "-r", "site", "--all-repositories"],
        &["--grant", "acme/site"],
        &["--grant", "acme/a,,b:issues=read"],
        &["--grant", ":issues=read"],
        &["--grant", "acme/site/x:issues=read"],
    ] {
        assert!(grants(arguments).is_err(), "{arguments:?}");
    }
}

#[test]
fn expiry_takes_days_dates_and_never() {
    let body = |text: &str| {
        let mut body = serde_json::Map::new();
        text.parse::<Expiry>()
            .map(|expiry| expiry.put(&mut body))
            .map(|()| Value::Object(body))
    };
    assert_eq!(body("30"), Ok(json!({"expires_in": 30})));
    assert_eq!(body("7d"), Ok(json!({"expires_in": 7})));
    assert_eq!(body("none"), Ok(json!({"expires_in": "none"})));
    assert_eq!(
        body("2027-01-31"),
        Ok(json!({"expires_at": "2027-01-31T00:00:00Z"}))
    );
    for text in ["0", "-1", "soon", "", "31-01-2027"] {
        assert!(body(text).is_err(), "{text}");
    }
}
