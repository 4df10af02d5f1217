//! The rows as a whole: nothing lost, nothing open that should not be.

use bailiwick_catalogue::{
    AccountName, Anonymous, Door, Names, OPERATIONS, RepositoryName, Requirement, Role, Target, When, by_id,
    names, op, operation, perm, permission_by_id,
};
use bailiwick_model::{Level, RepositoryRole, Scope};
use std::collections::{BTreeMap, HashSet};

const GITHUB: &str = include_str!("../snapshots/github.txt");

#[test]
fn every_operation_of_github_is_here() {
    let ours: HashSet<String> = OPERATIONS
        .iter()
        .filter(|op| op.door == Door::Api)
        .map(|op| format!("{} {}", op.method, op.path))
        .collect();
    let lost: Vec<&str> = GITHUB
        .lines()
        .filter(|line| !ours.contains(*line) && *line != "GET /repos/{owner}/{repo}/compare/{base}...{head}")
        .collect();
    assert_eq!(lost, Vec::<&str>::new());
    assert_eq!(GITHUB.lines().count(), 1_484);
    let of_github = OPERATIONS
        .iter()
        .filter(|op| op.door != Door::Registry)
        .filter(|op| {
            ![
                "bailiwick/",
                "gitea/",
                "git/upload-",
                "git/receive-",
                "lfs/",
                "web/",
            ]
            .iter()
            .any(|ours| op.id.starts_with(ours))
        })
        .count();
    // Two older ones are in the facts about permissions only.
    assert_eq!(of_github, 1_484 + 2);
}

#[test]
fn the_older_comparison_is_kept_by_id() {
    let old = by_id("repos/compare-commits").unwrap();
    let new = by_id("repos/compare-commits-with-basehead").unwrap();
    assert_eq!(old.path, new.path);
    assert_eq!(format!("{:?}", old.requirement), format!("{:?}", new.requirement));
}

#[test]
fn indices_and_ids_agree() {
    for (at, row) in OPERATIONS.iter().enumerate() {
        assert_eq!(usize::from(row.index.0), at);
        assert_eq!(by_id(row.id).unwrap().index, row.index);
        assert_eq!(operation(row.index).unwrap().id, row.id);
    }
    assert_eq!(operation(op::ISSUES_GET).unwrap().id, "issues/get");
    assert!(by_id("issues/nothing").is_none());
    assert!(operation(bailiwick_catalogue::OperationIndex(u16::MAX)).is_none());
}

#[test]
fn pages_are_for_sessions_and_have_no_rule_of_their_own() {
    let mut own = Vec::new();
    for row in OPERATIONS.iter().filter(|row| row.door == Door::Page) {
        assert!(
            !row.kinds.fine_grained && !row.kinds.classic && row.kinds.session,
            "{}",
            row.id
        );
        assert!(row.scopes.is_empty(), "{}", row.id);
        assert!(matches!(row.method, "GET" | "POST"), "{}", row.id);
        assert!(!row.writes || row.method == "POST", "{}", row.id);
        match row.why.strip_prefix("the rule of ").and_then(by_id) {
            Some(other) => {
                assert_eq!(
                    format!("{:?}", row.requirement),
                    format!("{:?}", other.requirement)
                );
                assert_eq!(
                    (row.anonymous, row.sudo, row.writes),
                    (other.anonymous, other.sudo, other.writes)
                );
            }
            None => own.push(row.id),
        }
    }
    // Start, signing in, and one's own sign-in settings.
    assert_eq!(own.len(), 14, "{own:?}");
}

#[test]
fn no_alternative_is_empty_or_hangs_on_conditions_that_can_all_fail() {
    for row in &OPERATIONS {
        let Requirement::AnyOf(alternatives) = row.requirement else {
            continue;
        };
        assert!(!alternatives.is_empty(), "{}", row.id);
        for terms in alternatives {
            let always = terms.iter().any(|term| term.when == When::Always);
            let object = terms.iter().any(|term| term.when == When::Issue)
                && terms.iter().any(|term| term.when == When::PullRequest);
            assert!(always || object, "{} may need nothing at all", row.id);
        }
    }
}

#[test]
fn writes_are_never_open_to_visitors_but_for_the_listed() {
    let open: Vec<&str> = OPERATIONS
        .iter()
        .filter(|row| row.writes && row.anonymous != Anonymous::Never)
        .map(|row| row.id)
        .collect();
    assert_eq!(
        open,
        [
            "bailiwick/create-session",
            "credentials/revoke",
            "web/setup",
            "web/login",
            "web/second-factor",
            "web/passkey-login",
        ]
    );
}

#[test]
fn what_public_repositories_show_to_visitors_is_only_read_by_readers() {
    for row in OPERATIONS
        .iter()
        .filter(|row| row.anonymous == Anonymous::IfPublic)
    {
        let Requirement::AnyOf(alternatives) = row.requirement else {
            panic!("{}", row.id)
        };
        for term in alternatives.iter().copied().flatten() {
            assert_eq!(term.level, Level::Read, "{}", row.id);
            // A package can belong to an owner as a whole, and be public by itself.
            if row.door == Door::Registry && term.target == Target::Organization {
                continue;
            }
            assert_eq!(term.target, Target::Repository, "{}", row.id);
            assert_eq!(term.role, Role::Repository(RepositoryRole::Read), "{}", row.id);
        }
        let hidden = [
            "secrets",
            "hooks",
            "collaborators",
            "traffic",
            "invitations",
            "logs",
            "artifacts",
            "keys",
        ];
        assert!(
            !hidden.iter().any(|word| row.path.contains(&format!("/{word}"))),
            "{}",
            row.id
        );
    }
}

#[test]
fn writing_takes_a_permission_that_writes_and_a_writer() {
    // Writes that whoever can read may do: proposing, commenting, reacting, asking for a dismissal.
    let mut by_readers = BTreeMap::new();
    for row in OPERATIONS.iter().filter(|row| row.writes) {
        let Requirement::AnyOf(alternatives) = row.requirement else {
            continue;
        };
        for terms in alternatives {
            let writes = terms.iter().any(|term| term.level > Level::Read);
            if !writes {
                by_readers.insert(row.id, "with a permission that reads");
            }
            let reader = |term: &bailiwick_catalogue::Term| {
                term.level > Level::Read
                    && term.role <= Role::Repository(RepositoryRole::Read)
                    && matches!(term.role, Role::Repository(_))
            };
            if terms.iter().any(reader) {
                by_readers.insert(row.id, "by readers");
            }
        }
    }
    let text: String = by_readers
        .iter()
        .map(|(id, why)| format!("{id} {why}\n"))
        .collect();
    expect_test::expect_file!["../snapshots/written_by_readers.txt"].assert_eq(&text);
}

#[test]
fn closed_is_closed_and_says_why() {
    for row in OPERATIONS
        .iter()
        .filter(|row| matches!(row.requirement, Requirement::Closed))
    {
        assert!(
            !row.kinds.fine_grained && !row.kinds.classic && !row.kinds.session,
            "{}",
            row.id
        );
        assert!(
            row.anonymous == Anonymous::Never && !row.why.is_empty(),
            "{}",
            row.id
        );
    }
}

#[test]
fn whatever_touches_workflow_files_needs_workflows_as_well() {
    let touching = [
        "repos/create-or-update-file-contents",
        "repos/delete-file",
        "git/create-ref",
        "git/update-ref",
        "git/receive-pack",
        "git/receive-pack-info",
        "repos/merge",
        "repos/merge-upstream",
        "pulls/merge",
        "pulls/update-branch",
        "repos/create-release",
        "repos/update-release",
        "gitea/repo-create-branch",
        "gitea/repo-change-files",
        "gitea/repo-create-file",
        "gitea/repo-update-file",
        "gitea/repo-delete-file",
        "gitea/repo-apply-diff-patch",
        "gitea/repo-merge-pull-request",
        "gitea/repo-mirror-sync",
        "gitea/repo-create-tag",
        "gitea/repo-create-release",
        "gitea/repo-edit-release",
    ];
    for id in touching {
        let Requirement::AnyOf(alternatives) = by_id(id).unwrap().requirement else {
            panic!("{id}")
        };
        for terms in alternatives {
            let workflow = terms
                .iter()
                .find(|term| term.permission == perm::WORKFLOWS)
                .unwrap();
            assert_eq!(
                (workflow.when, workflow.level),
                (When::Workflow, Level::Write),
                "{id}"
            );
        }
    }
}

#[test]
fn classic_tokens_never_decide_about_tokens() {
    for row in OPERATIONS
        .iter()
        .filter(|row| row.path.contains("personal-access-token"))
    {
        if row.id != "bailiwick/get-current-token" {
            assert!(!row.kinds.classic, "{}", row.id);
        }
    }
}

#[test]
fn writing_to_private_repositories_takes_more_than_public_repo() {
    for row in &OPERATIONS {
        for alternative in row.scopes {
            assert!(
                !alternative.set.contains(Scope::PublicRepo) || alternative.public_only,
                "{}",
                row.id
            );
        }
    }
}

#[test]
fn planting_and_policies_take_sudo_of_a_person() {
    for id in [
        "bailiwick/create-token",
        "bailiwick/regenerate-token",
        "bailiwick/create-service-account-token",
        "users/create-public-ssh-key-for-authenticated-user",
        "repos/create-deploy-key",
    ] {
        let row = by_id(id).unwrap();
        assert!(row.plants && row.sudo, "{id}");
    }
    for row in OPERATIONS
        .iter()
        .filter(|row| row.door == Door::Api && row.path.starts_with("/admin/") && row.writes)
    {
        assert!(
            row.sudo && !row.kinds.fine_grained && !row.kinds.classic,
            "{}",
            row.id
        );
    }
}

#[test]
fn visitors_plant_nothing_and_nothing_that_plants_is_without_an_owner() {
    for row in OPERATIONS.iter().filter(|row| row.plants) {
        let closed = matches!(row.requirement, Requirement::Closed);
        assert!(
            closed || row.sudo,
            "{}: by a person's own hand in sudo mode",
            row.id
        );
        assert_eq!(row.anonymous, Anonymous::Never, "{}", row.id);
        assert!(!matches!(row.requirement, Requirement::Live), "{}", row.id);
    }
}

#[test]
fn paths_name_what_the_terms_are_about() {
    let of = |id: &str| names(by_id(id).unwrap().index);
    assert_eq!(
        of("issues/get").repository,
        Some(RepositoryName::OwnerAndName("owner", "repo"))
    );
    assert_eq!(
        of("repos/create-using-template").repository,
        Some(RepositoryName::OwnerAndName("template_owner", "template_repo"))
    );
    assert_eq!(
        of("actions/add-selected-repo-to-org-secret").repository,
        Some(RepositoryName::Id("repository_id"))
    );
    assert_eq!(
        of("orgs/list-members").organization,
        Some(AccountName::Login("org"))
    );
    assert_eq!(
        of("teams/get-legacy").organization,
        Some(AccountName::Team("team_id"))
    );
    assert_eq!(
        of("packages/list-packages-for-user").organization,
        Some(AccountName::Login("username"))
    );
    assert_eq!(
        of("orgs/remove-member").organization,
        Some(AccountName::Login("org"))
    );
    assert_eq!(of("repos/add-collaborator").organization, None);
    assert_eq!(
        of("bailiwick/get-token-policy-for-enterprise").enterprise,
        Some("enterprise")
    );
    assert_eq!(of("bailiwick/admin-import-repository"), Names::default());
}

#[test]
fn registries_take_packages_alone() {
    for row in OPERATIONS.iter().filter(|row| row.door == Door::Registry) {
        let Requirement::AnyOf(alternatives) = row.requirement else {
            continue;
        };
        let told: Vec<String> = alternatives
            .iter()
            .map(|terms| {
                let [term] = terms else { panic!("{}", row.id) };
                let permission = permission_by_id(term.permission).unwrap();
                format!(
                    "{:?} {} {:?} {:?}",
                    term.target, permission.slug, term.level, term.role
                )
            })
            .collect();
        let expected = |level: &str, member: &str| {
            [
                format!("Repository packages {level} Repository({level})"),
                format!("Organization organization_packages {level} Organization({member})"),
                format!("Organization packages {level} Organization(Owner)"),
            ]
        };
        let deletes = row
            .scopes
            .iter()
            .any(|one| one.set.contains(Scope::DeletePackages));
        let level = match (row.writes, deletes) {
            (false, _) if row.id == "oci/upload-status" => "Write",
            (false, _) => "Read",
            (true, true) => "Admin",
            (true, false) => "Write",
        };
        let member = if level == "Read" { "Member" } else { "Owner" };
        assert_eq!(told, expected(level, member), "{}", row.id);
        assert_eq!(
            row.anonymous == Anonymous::IfPublic,
            level == "Read",
            "{}",
            row.id
        );
    }
}
