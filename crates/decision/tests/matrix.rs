//! The decision matrix: who × with which credential × on what × doing what, as one text that reviewers read.
//! `UPDATE_EXPECT=1 cargo test -p bailiwick-decision` writes it anew; the difference is the review.

use crate::cast::{CREDENTIALS, Carries, NOW, People, Person, RESOURCES, Resource};
use bailiwick_catalogue::{OPERATIONS, Operation, Requirement, Target, When, by_id, names};
use bailiwick_decision::{
    Conditions, CredentialFacts, Decision, Facts, Known, Package, Reason, Refusal, TargetFacts, Targets,
    decide,
};
use bailiwick_model::{OwnerFacts, RepositoryFacts};
use expect_test::expect_file;
use std::fmt::Write;

/// What is done to a repository, with what is known of workflow files.
const ON_REPOSITORIES: [(&str, Known); 15] = [
    ("repos/get", Known::No),
    ("issues/list-for-repo", Known::No),
    ("issues/create", Known::No),
    ("repos/get-content", Known::No),
    ("git/upload-pack", Known::No),
    ("repos/create-or-update-file-contents", Known::No),
    ("repos/create-or-update-file-contents", Known::Yes),
    ("repos/create-or-update-file-contents", Known::Unknown),
    ("git/receive-pack", Known::Later),
    ("repos/update", Known::No),
    ("repos/delete", Known::No),
    ("actions/get-repo-secret", Known::No),
    ("repos/transfer", Known::No),
    ("repos/create-deploy-key", Known::No),
    ("repos/create-webhook", Known::No),
];

/// What is done to an organization or a user.
const ON_ACCOUNTS: [&str; 7] = [
    "orgs/get",
    "repos/create-in-org",
    "orgs/list-pat-grants",
    "orgs/review-pat-grant-request",
    "bailiwick/get-token-policy-for-org",
    "bailiwick/set-token-policy-for-org",
    "orgs/create-webhook",
];

/// What names nothing but, at the most, one's own account.
const ON_NOTHING: [&str; 8] = [
    "meta/root",
    "users/get-authenticated",
    "users/list-emails-for-authenticated-user",
    "bailiwick/create-token",
    "users/create-public-ssh-key-for-authenticated-user",
    "bailiwick/admin-create-user",
    "apps/get-authenticated",
    "no/such-operation",
];

#[test]
fn decisions_are_as_reviewed() {
    let (repositories, accounts): (Vec<&Resource>, Vec<&Resource>) =
        RESOURCES.iter().partition(|resource| resource.is_repository());
    let mut text = String::from(LEGEND);
    sections(&mut text, &repositories, &ON_REPOSITORIES);
    sections(&mut text, &accounts, &ON_ACCOUNTS.map(|id| (id, Known::No)));
    for id in ON_NOTHING {
        writeln!(text, "## {id}\n\n{}", section(id, &RESOURCES[0], Known::No)).unwrap();
    }
    expect_file!["matrix.txt"].assert_eq(&text);
}

const LEGEND: &str = "\
Rows are people, columns what they carry; a cell is the answer and, of a refusal, the reason.
`yes?` receives the request and decides again once the open condition is known.

alice owns acme; bob is a member with write at acme's repositories by a team; carol is an outside collaborator with
write at acme/vault and acme/attic; mallory is a stranger; eve owns the enterprise above acme. A service account is
answered like a person with the same roles, and has no session. acme's base role is read.

Fine-grained tokens hold one grant at the owner of what is named, over that repository: `read` and `write` at those
levels, `flows` like write with workflows, `beside` like write over another repository of the same owner, `elsewhere`
like write over all repositories of another owner. What is expired or revoked is answered 401 throughout, and left out.

bob opened planting at his own account, by tokens too; acme and the others did not.

";

/// Several operations at several resources; what has the same answers is told together.
fn sections(text: &mut String, resources: &[&Resource], operations: &[(&'static str, Known)]) {
    let mut told: Vec<(Vec<&str>, Vec<String>, String)> = Vec::new();
    for resource in resources {
        let mut here: Vec<(Vec<String>, String)> = Vec::new();
        for (id, workflow) in operations {
            let touched = match workflow {
                Known::No => "",
                Known::Yes => " (a workflow file)",
                Known::Unknown => " (perhaps a workflow file)",
                Known::Later => " (its files known later)",
            };
            let answers = section(id, resource, *workflow);
            match here.iter_mut().find(|section| section.1 == answers) {
                Some(section) => section.0.push(format!("{id}{touched}")),
                None => here.push((vec![format!("{id}{touched}")], answers)),
            }
        }
        for (asked, answers) in here {
            match told
                .iter_mut()
                .find(|section| section.1 == asked && section.2 == answers)
            {
                Some(section) => section.0.push(resource.name),
                None => told.push((vec![resource.name], asked, answers)),
            }
        }
    }
    for (resources, asked, answers) in told {
        writeln!(
            text,
            "## {}\n   at {}\n\n{answers}",
            asked.join(", "),
            resources.join(", ")
        )
        .unwrap();
    }
}

/// One operation at one resource: rows that are the same are told once.
fn section(id: &str, resource: &Resource, workflow: Known) -> String {
    let operation = by_id(id);
    let mut rows: Vec<(Vec<&str>, Vec<String>)> = Vec::new();
    for (name, person) in People::all() {
        let cells: Vec<String> = CREDENTIALS
            .iter()
            .map(|credential| {
                person.carrying(*credential, resource, |credential, blocked| {
                    ask(operation, credential, &person, resource.facts(blocked), workflow)
                })
            })
            .collect();
        match rows.iter_mut().find(|row| row.1 == cells) {
            Some(row) => row.0.push(name),
            None => rows.push((vec![name], cells)),
        }
    }
    let visitor = ask(
        operation,
        CredentialFacts::Anonymous,
        &People::nobody(),
        resource.facts(false),
        workflow,
    );
    let mut text = format!("anonymous: {visitor}\n");
    for (people, cells) in rows {
        writeln!(text, "{}", people.join(", ")).unwrap();
        // Neighbours with the same answer share a line.
        let mut at = 0;
        while at < cells.len() {
            let end = at + cells[at..].iter().take_while(|cell| **cell == cells[at]).count();
            let columns: Vec<&str> = CREDENTIALS[at..end]
                .iter()
                .map(|credential| credential.word())
                .collect();
            writeln!(text, "    {:<26} {}", cells[at], columns.join(", ")).unwrap();
            at = end;
        }
    }
    text
}

fn ask(
    operation: Option<&Operation>,
    credential: CredentialFacts<'_>,
    person: &Person,
    (repository, owner): (Option<RepositoryFacts>, OwnerFacts),
    workflow: Known,
) -> String {
    let named = operation
        .map(|operation| names(operation.index))
        .unwrap_or_default();
    let account = TargetFacts::Account(&owner);
    let mut targets = Targets::default();
    if named.repository.is_some() {
        let missing = TargetFacts::Missing;
        targets.set(
            Target::Repository,
            repository
                .as_ref()
                .map_or(missing, |repository| TargetFacts::Repository(repository, &owner)),
        );
    }
    if named.organization.is_some() {
        targets.set(Target::Organization, account);
    }
    // A transfer stays within what the same grant reaches; two owners are the properties' business.
    targets.set(Target::Destination, account);
    let own = person.account();
    if let Some(own) = &own {
        targets.set(Target::Own, TargetFacts::Account(own));
    }
    let conditions = Conditions {
        workflow,
        author: Known::No,
        issue: Known::Yes,
        pull_request: Known::No,
        package: Package::Unnamed,
    };
    let decision = decide(&Facts {
        now: NOW,
        operation,
        credential,
        targets,
        conditions,
        rate_exceeded: false,
        narrowed: None,
    });
    word(&decision)
}

fn word(decision: &Decision) -> String {
    match decision {
        Decision::Allow(allow) if allow.provisional => String::from("yes?"),
        Decision::Allow(_) => String::from("yes"),
        Decision::Deny(deny) => {
            let status = match deny.refusal {
                Refusal::Unauthorized => 401,
                Refusal::Forbidden => 403,
                Refusal::NotFound => 404,
                Refusal::TooMany => 429,
            };
            format!("{status} {}", deny.reason.code())
        }
    }
}

/// A named repository that no term looks at would be open to whoever passes the others.
#[test]
fn every_repository_that_a_path_names_is_asked_about() {
    let looked_at = |terms: &&[bailiwick_catalogue::Term]| {
        let at = |when| {
            terms
                .iter()
                .any(|term| term.target == Target::Repository && term.when == when)
        };
        at(When::Always) || at(When::NotPublic) || at(When::Issue) && at(When::PullRequest)
    };
    let open: Vec<&str> = OPERATIONS
        .iter()
        .filter(|operation| names(operation.index).repository.is_some())
        .filter(|operation| match operation.requirement {
            Requirement::AnyOf(alternatives) => !alternatives.iter().all(looked_at),
            Requirement::Live => true,
            Requirement::Closed => false,
        })
        .map(|operation| operation.id)
        .collect();
    assert!(open.is_empty(), "{open:?}");
}

/// With facts in which nothing is given, the whole catalogue opens only what visitors may do and what is live.
#[test]
fn without_grants_nothing_of_the_catalogue_opens() {
    let mallory = People::all()
        .into_iter()
        .find(|(name, _)| *name == "mallory")
        .unwrap()
        .1;
    for operation in &OPERATIONS {
        for resource in RESOURCES.iter().filter(|resource| !resource.is_public()) {
            let asked = |credential: CredentialFacts<'_>, blocked| {
                ask(
                    Some(operation),
                    credential,
                    &mallory,
                    resource.facts(blocked),
                    Known::Unknown,
                )
            };
            let pending = mallory.carrying(Carries::Pending, resource, asked);
            let visitor = asked(CredentialFacts::Anonymous, false);
            let live = matches!(operation.requirement, Requirement::Live);
            assert!(
                pending != "yes" || visitor == "yes" || live,
                "{} {}",
                operation.id,
                resource.name
            );
            let bare = mallory.carrying(Carries::Bare, resource, asked);
            let any = operation
                .scopes
                .iter()
                .any(|alternative| alternative.set.is_empty());
            assert!(
                bare != "yes" || visitor == "yes" || any,
                "{} {}",
                operation.id,
                resource.name
            );
        }
    }
}

/// What is hidden from mallory answers as what is not there, for every operation of the catalogue and every credential.
#[test]
fn the_catalogue_tells_strangers_nothing() {
    let find = |name: &str| RESOURCES.iter().find(|resource| resource.name == name).unwrap();
    let (vault, nothing) = (find("acme/vault (private)"), find("acme/nothing (missing)"));
    let mallory = People::all()
        .into_iter()
        .find(|(name, _)| *name == "mallory")
        .unwrap()
        .1;
    for operation in &OPERATIONS {
        for credential in CREDENTIALS {
            // Up to the reason: that is for the log, and for the explanation to those who may know.
            let status = |resource: &Resource| {
                let answer = mallory.carrying(credential, resource, |credential, blocked| {
                    ask(
                        Some(operation),
                        credential,
                        &mallory,
                        resource.facts(blocked),
                        Known::Unknown,
                    )
                });
                answer.split(' ').next().map(str::to_owned)
            };
            assert_eq!(
                status(vault),
                status(nothing),
                "{} {}",
                operation.id,
                credential.word()
            );
        }
    }
}

#[test]
fn a_service_account_is_decided_like_a_person_without_sessions() {
    for (_, person) in People::all() {
        let robot = person.as_service_account();
        for (id, workflow) in ON_REPOSITORIES {
            for (resource, carries) in RESOURCES
                .iter()
                .flat_map(|one| CREDENTIALS.map(|carries| (one, carries)))
            {
                let asked = |who: &Person| {
                    who.carrying(carries, resource, |credential, blocked| {
                        ask(by_id(id), credential, who, resource.facts(blocked), workflow)
                    })
                };
                let session = matches!(carries, Carries::Session | Carries::Sudo);
                let expected = if session {
                    String::from("401 session.ended")
                } else {
                    asked(&person)
                };
                assert_eq!(asked(&robot), expected, "{id} {}", resource.name);
            }
        }
    }
}

/// Anything else of the catalogue than what visitors may do would be a credential outliving its end.
#[test]
fn what_is_over_opens_nothing_of_the_catalogue() {
    let alice = People::all()
        .into_iter()
        .find(|(name, _)| *name == "alice")
        .unwrap()
        .1;
    for operation in &OPERATIONS {
        for resource in &RESOURCES {
            for (over, expected) in [
                (Carries::Expired, "401 token.expired"),
                (Carries::Revoked, "401 token.revoked"),
            ] {
                let answer = alice.carrying(over, resource, |credential, blocked| {
                    ask(
                        Some(operation),
                        credential,
                        &alice,
                        resource.facts(blocked),
                        Known::No,
                    )
                });
                assert_eq!(answer, expected, "{} {}", operation.id, resource.name);
            }
        }
    }
}

#[test]
fn the_matrix_shows_most_reasons() {
    let text = include_str!("matrix.txt");
    let told: Vec<&Reason> = Reason::ALL
        .iter()
        .filter(|reason| text.contains(reason.code()))
        .collect();
    assert!(told.len() > 12, "the matrix tells only of {told:?}");
}
