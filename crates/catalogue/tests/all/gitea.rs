//! Gitea's door: every operation that Gitea documents, once, and none of them open by accident.

use bailiwick_catalogue::{
    AccountName, Anonymous, Door, OPERATIONS, Operation, RepositoryName, Requirement, RouteError, Target,
    by_id, names, op, operation, route,
};
use bailiwick_model::Level;

/// What Gitea documents, as `METHOD /path` with its own names of parameters.
const DOCUMENTED: &str = include_str!("../snapshots/gitea.txt");

fn rows() -> impl Iterator<Item = &'static Operation> {
    OPERATIONS.iter().filter(|row| row.door == Door::Gitea)
}

fn terms(row: &'static Operation) -> Vec<&'static bailiwick_catalogue::Term> {
    match row.requirement {
        Requirement::AnyOf(alternatives) => alternatives.iter().copied().flatten().collect(),
        Requirement::Live | Requirement::Closed => Vec::new(),
    }
}

fn is_closed(row: &Operation) -> bool {
    matches!(row.requirement, Requirement::Closed)
}

/// A path without the names of its parameters; two in one segment are one for the router.
fn shape(method: &str, path: &str) -> String {
    let segments: Vec<&str> = path
        .split('/')
        .map(|segment| if segment.starts_with('{') { "{}" } else { segment })
        .collect();
    format!("{method} {}", segments.join("/"))
}

#[test]
fn every_operation_of_gitea_is_here_once() {
    let mut documented: Vec<String> = DOCUMENTED
        .lines()
        .map(|line| line.split_once(' ').unwrap())
        .map(|(method, path)| shape(method, path))
        .collect();
    let mut ours: Vec<String> = rows().map(|row| shape(row.method, row.path)).collect();
    documented.sort();
    ours.sort();
    assert_eq!(documented.len(), 416);
    assert_eq!(ours, documented);
    for row in &OPERATIONS {
        assert_eq!(
            row.id.starts_with("gitea/"),
            row.door == Door::Gitea,
            "{}",
            row.id
        );
    }
}

#[test]
fn what_needs_nothing_is_closed_or_named_here() {
    let live: Vec<&str> = rows()
        .filter(|row| matches!(row.requirement, Requirement::Live) && !row.spans)
        .filter(|row| row.anonymous != Anonymous::Always)
        .map(|row| row.id)
        .collect();
    assert_eq!(
        live,
        [
            "gitea/render-markdown-raw",
            "gitea/user-get-current",
            "gitea/user-get",
            "gitea/user-list-followers",
            "gitea/user-list-following",
            "gitea/user-check-following",
            "gitea/user-list-gpg-keys",
            "gitea/user-list-keys",
        ]
    );
    // To everybody: nothing that is somebody's.
    for row in rows().filter(|row| row.anonymous == Anonymous::Always) {
        assert!(
            !row.path.contains("{owner}") && !row.path.contains("{org}"),
            "{}",
            row.id
        );
        assert!(
            !row.path.contains("user") && !row.writes && !row.spans,
            "{}",
            row.id
        );
    }
}

#[test]
fn numbers_of_the_server_behind_name_nothing_here() {
    for row in rows() {
        let (path, named) = (row.path, names(row.index));
        assert!(
            !path.contains("_number}") && !path.contains("{comment_id}"),
            "{path} would be looked up among the issues here"
        );
        assert!(
            !matches!(named.repository, Some(RepositoryName::Id(_)))
                && !matches!(
                    named.organization,
                    Some(AccountName::Id(_) | AccountName::Team(_))
                ),
            "{path}"
        );
        // Who wrote a thing there is not known here either.
        assert!(terms(row).iter().all(|term| term.author_role.is_none()), "{path}");
        assert!(named.enterprise.is_none(), "{path}");
    }
}

#[test]
fn an_index_takes_what_issues_and_pull_requests_take() {
    use bailiwick_catalogue::{When, perm};
    for row in rows().filter(|row| row.path.contains("/issues/{index}") && !is_closed(row)) {
        let both = |permission, when| {
            terms(row)
                .iter()
                .any(|term| term.permission == permission && term.when == when)
        };
        assert!(
            both(perm::ISSUES, When::Issue) && both(perm::PULL_REQUESTS, When::PullRequest),
            "{}",
            row.id
        );
    }
}

#[test]
fn reads_that_make_something_are_writes() {
    let lying: Vec<&str> = rows()
        .filter(|row| row.method == "GET" && row.writes)
        .map(|row| row.id)
        .collect();
    assert_eq!(
        lying,
        [
            "gitea/org-get-runner-registration-token",
            "gitea/repo-get-runner-registration-token",
            "gitea/user-get-runner-registration-token",
        ]
    );
    // What hooks answer holds a secret of theirs: reading takes what writing takes.
    for row in rows().filter(|row| row.path.contains("/hooks") && !is_closed(row)) {
        assert!(
            terms(row).iter().all(|term| term.level == Level::Write),
            "{}",
            row.id
        );
    }
}

#[test]
fn what_can_authenticate_is_marked() {
    let planting: Vec<&str> = rows().filter(|row| row.plants).map(|row| row.id).collect();
    expect_test::expect![[r#"
        gitea/org-get-runner-registration-token
        gitea/org-create-hook
        gitea/org-edit-hook
        gitea/repo-migrate
        gitea/repo-get-runner-registration-token
        gitea/repo-create-hook
        gitea/repo-edit-hook
        gitea/repo-create-key
        gitea/repo-add-push-mirror
        gitea/generate-repo
        gitea/user-get-runner-registration-token
        gitea/user-create-oauth2-application
        gitea/user-update-oauth2-application
        gitea/user-add-email
        gitea/user-verify-gpg-key
        gitea/user-current-post-gpg-key
        gitea/user-create-hook
        gitea/user-edit-hook
        gitea/user-current-post-key"#]]
    .assert_eq(&planting.join("\n"));
    for row in rows().filter(|row| row.path.contains("token") && !row.path.contains("{token}")) {
        assert!(
            row.plants || is_closed(row) || row.path == "/user/gpg_key_token",
            "{}",
            row.id
        );
    }
}

/// Lists at an account reach past one repository, and so does whatever is about all of one's own.
#[test]
fn what_is_not_about_one_repository_spans_unless_its_permission_is_the_accounts() {
    let past: Vec<&str> = rows()
        .filter(|row| !row.spans && names(row.index).repository.is_none())
        .filter(|row| {
            terms(row).iter().any(|term| {
                matches!(term.target, Target::Own | Target::Organization)
                    && bailiwick_catalogue::permission_by_id(term.permission)
                        .unwrap()
                        .kind
                        == bailiwick_catalogue::PermissionKind::Repository
            })
        })
        .map(|row| row.id)
        .collect();
    expect_test::expect![[r#"
        gitea/create-org-repo-deprecated
        gitea/org-get
        gitea/org-list-labels
        gitea/org-get-label
        gitea/create-org-repo
        gitea/user-get-oauth2-applications
        gitea/user-create-oauth2-application
        gitea/user-delete-oauth2-application
        gitea/user-get-oauth2-application
        gitea/user-update-oauth2-application
        gitea/create-current-user-repo"#]]
    .assert_eq(&past.join("\n"));
}

#[test]
fn paths_of_gitea() {
    let get = |path: &str| {
        route(Door::Gitea, "GET", path.as_bytes()).map(|found| operation(found.operation).unwrap().id)
    };
    let value = |path: &str, name: &str| {
        route(Door::Gitea, "GET", path.as_bytes()).map(|found| found.params.get(name).unwrap().to_owned())
    };
    assert_eq!(get("/repos/o/r/issues/7"), Ok("gitea/issue-get-issue"));
    assert_eq!(
        get("/repos/o/r/issues/pinned"),
        Ok("gitea/repo-list-pinned-issues")
    );
    assert_eq!(get("/repos/o/r/issues/seven"), Err(RouteError::Unknown));
    assert_eq!(get("/repos/o/r/pulls/7"), Ok("gitea/repo-get-pull-request"));
    assert_eq!(
        get("/repos/o/r/pulls/7.diff"),
        Ok("gitea/repo-download-pull-diff-or-patch")
    );
    assert_eq!(
        get("/repos/o/r/pulls/main/a/b"),
        Ok("gitea/repo-get-pull-request-by-base-head")
    );
    assert_eq!(
        get("/repos/o/r/git/commits/abc.patch"),
        Ok("gitea/repo-get-single-commit")
    );
    assert_eq!(
        value("/repos/o/r/contents/a/b%20c", "filepath"),
        Ok("a/b c".into())
    );
    assert_eq!(get("/repos/o/r/contents"), Ok("gitea/repo-get-contents-list"));
    assert_eq!(value("/repos/o/r/raw/a%2Fb", "filepath"), Ok("a/b".into()));
    assert_eq!(
        value("/repos/o/r/archive/feature/x.zip", "archive"),
        Ok("feature/x.zip".into())
    );
    assert_eq!(
        value("/repos/o/r/branches/feature%2Fx", "branch"),
        Ok("feature/x".into())
    );
    assert_eq!(
        value("/repos/o/r/branches/feature/x", "branch"),
        Ok("feature/x".into())
    );
    assert_eq!(value("/packages/acme/npm/@a%2Fb/1.0", "name"), Ok("@a/b".into()));
    for path in [
        "/repos/o/r/contents/../x",
        "/repos/o/r/raw/a%2F..%2Fb",
        "/repos/o%2Fr/issues",
        "/repos/o/r/%69ssues",
        "/users/%73earch",
        "/repos//o/r",
    ] {
        assert!(
            matches!(get(path), Err(RouteError::Ambiguous | RouteError::Unknown)),
            "{path}"
        );
    }
    assert_eq!(get("/users/%73earch"), Err(RouteError::Ambiguous));
    // One door's paths are not another's.
    assert_eq!(get("/zen"), Err(RouteError::Unknown));
    assert!(route(Door::Api, "GET", b"/repos/o/r/raw/a").is_err());
}

#[test]
fn packages_name_their_owner() {
    let named = names(op::GITEA_GET_PACKAGE);
    assert_eq!(named.organization, Some(AccountName::Login("owner")));
    assert_eq!(named.repository, None);
    assert_eq!(
        names(by_id("gitea/generate-repo").unwrap().index).repository,
        Some(RepositoryName::OwnerAndName("template_owner", "template_repo"))
    );
}
