//! Filling the demo. Every step leaves what is there as it is, so that an interrupted run goes on where it ended.

use super::git::Workshop;
use super::history::{Issue, LABELS, REPOSITORIES, Repository};
use super::people::Person;
use super::state::State;
use super::{There, sign_out};
use crate::client::Client;
use crate::failure::Failure;
use http::{Method, StatusCode};
use serde_json::{Value, json};

/// The sessions of everybody, in the order of [`Person::ALL`].
struct Everybody<'a> {
    alice: &'a Client,
    others: Vec<(Person, Client)>,
}

impl Everybody<'_> {
    fn client(&self, person: Person) -> &Client {
        self.others
            .iter()
            .find(|(other, _)| *other == person)
            .map_or(self.alice, |(_, client)| client)
    }
}

/// Fills everything in.
pub fn everything(there: &There, alice: &Client, state: &State) -> Result<(), Failure> {
    directory(alice, state)?;
    let workshop = Workshop::open()?;
    for repository in REPOSITORIES {
        import(alice, &workshop, repository)?;
    }
    access(alice)?;
    let others = Person::ALL
        .into_iter()
        .filter(|person| *person != Person::Alice)
        .map(|person| Ok((person, there.sign_in(person, state)?)))
        .collect::<Result<Vec<_>, Failure>>()?;
    let everybody = Everybody { alice, others };
    for repository in REPOSITORIES {
        issues(&everybody, repository)?;
    }
    everybody
        .others
        .iter()
        .try_for_each(|(_, client)| sign_out(client))
}

/// Sends what makes something; that it exists already is as good.
fn ensure(client: &Client, method: Method, path: &str, body: &Value) -> Result<(), Failure> {
    match client.send(method, path, Some(body)) {
        Ok(_) => Ok(()),
        Err(Failure::Server {
            status: StatusCode::CONFLICT,
            ..
        }) => Ok(()),
        Err(Failure::Server {
            status: StatusCode::UNPROCESSABLE_ENTITY,
            body,
        }) if exists(&body) => Ok(()),
        Err(failure) => Err(Failure::Local(format!(
            "filling the demo: {path}: {}",
            failure.words()
        ))),
    }
}

fn exists(body: &Value) -> bool {
    let errors = body.get("errors").and_then(Value::as_array);
    errors.into_iter().flatten().any(|error| {
        error.get("code").and_then(Value::as_str) == Some("already_exists")
            || error
                .get("message")
                .and_then(Value::as_str)
                .is_some_and(|text| text.contains("already"))
    })
}

/// People, the enterprise, organizations and teams.
fn directory(alice: &Client, state: &State) -> Result<(), Failure> {
    for person in Person::ALL {
        if person != Person::Alice {
            let body = json!({
                "login": person.login(), "email": person.email(), "name": person.name(), "password": state.password(person)?,
            });
            ensure(alice, Method::POST, "/admin/users", &body)?;
        }
    }
    let body = json!({"name": Person::Alice.name(), "email": Person::Alice.email()});
    ensure(alice, Method::PATCH, "/admin/users/alice", &body)?;
    let body = json!({"slug": "acme-enterprise", "name": "acme", "owner": "alice"});
    ensure(alice, Method::POST, "/admin/enterprises", &body)?;
    for (login, name) in [("acme", "Acme"), ("acme-labs", "Acme Labs")] {
        let body = json!({"login": login, "admin": "alice", "profile_name": name});
        ensure(alice, Method::POST, "/admin/organizations", &body)?;
        let path = format!("/admin/enterprises/acme-enterprise/organizations/{login}");
        ensure(alice, Method::PUT, &path, &json!({}))?;
    }
    ensure(
        alice,
        Method::PUT,
        "/orgs/acme/memberships/bob",
        &json!({"role": "member"}),
    )?;
    teams(alice)?;
    ensure(
        alice,
        Method::PUT,
        "/orgs/acme/teams/engineering/memberships/bob",
        &json!({"role": "member"}),
    )
}

/// A team, and one inside it.
fn teams(alice: &Client) -> Result<(), Failure> {
    let engineering = json!({"name": "engineering", "description": "Builds the shop", "privacy": "closed"});
    ensure(alice, Method::POST, "/orgs/acme/teams", &engineering)?;
    let parent = alice.get("/orgs/acme/teams/engineering")?.value()?;
    let shop = json!({
        "name": "shop", "description": "Runs the shop", "privacy": "closed", "parent_team_id": parent.get("id"),
    });
    ensure(alice, Method::POST, "/orgs/acme/teams", &shop)
}

/// A repository with its commits.
fn import(alice: &Client, workshop: &Workshop, repository: &Repository) -> Result<(), Failure> {
    let directory = workshop.make(
        &format!("{}-{}", repository.owner, repository.name),
        &repository.history,
    )?;
    let body = json!({
        "directory": directory.to_string_lossy(),
        "description": repository.description,
        "visibility": repository.visibility,
        "default_branch": "main",
    });
    let path = format!(
        "/admin/repositories/{}/{}/import",
        repository.owner, repository.name
    );
    ensure(alice, Method::POST, &path, &body)
}

/// Who may do what in the repositories.
fn access(alice: &Client) -> Result<(), Failure> {
    for (name, permission) in [("site", "push"), ("www", "push"), ("handbook", "push")] {
        let path = format!("/orgs/acme/teams/engineering/repos/acme/{name}");
        ensure(alice, Method::PUT, &path, &json!({"permission": permission}))?;
    }
    ensure(
        alice,
        Method::PUT,
        "/repos/acme/site/collaborators/carol",
        &json!({"permission": "push"}),
    )
}

/// Labels, issues and comments. A repository that has issues is left as it is.
fn issues(everybody: &Everybody<'_>, repository: &Repository) -> Result<(), Failure> {
    if repository.issues.is_empty() {
        return Ok(());
    }
    let path = format!("/repos/{}/{}", repository.owner, repository.name);
    let present = everybody
        .alice
        .list(&format!("{path}/issues?state=all"), None, 100)?;
    let labels = repository.issues.iter().flat_map(|issue| issue.labels);
    for label in labels {
        let colour = LABELS
            .iter()
            .find(|(name, _)| name == label)
            .map_or("ededed", |(_, colour)| colour);
        ensure(
            everybody.alice,
            Method::POST,
            &format!("{path}/labels"),
            &json!({"name": label, "color": colour}),
        )?;
    }
    for issue in repository.issues.iter().skip(present.len()) {
        open(everybody, &path, issue)?;
    }
    Ok(())
}

fn open(everybody: &Everybody<'_>, path: &str, issue: &Issue) -> Result<(), Failure> {
    let body = json!({"title": issue.title, "body": issue.body});
    let author = everybody.client(issue.author);
    let opened = author
        .send(Method::POST, &format!("{path}/issues"), Some(&body))?
        .value()?;
    let number = opened.get("number").and_then(Value::as_u64).unwrap_or_default();
    if !issue.labels.is_empty() {
        // Labelling needs more than opening, so the owner does it.
        let labels = json!({"labels": issue.labels});
        everybody.alice.send(
            Method::POST,
            &format!("{path}/issues/{number}/labels"),
            Some(&labels),
        )?;
    }
    for (person, text) in issue.comments {
        let comments = format!("{path}/issues/{number}/comments");
        everybody
            .client(*person)
            .send(Method::POST, &comments, Some(&json!({"body": text})))?;
    }
    Ok(())
}
