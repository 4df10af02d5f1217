//! Repositories: GitHub's Minimal Repository, from which the full one is made.

use crate::view::account::{node_id, simple_user};
use bailiwick_authority::directory::repository::RepositoryView;
use bailiwick_authority::rows::{AccountKind, AccountRow, RepositoryRow};
use bailiwick_model::{RepositoryRole, Visibility};
use serde_json::{Map, Value, json};

/// URL templates below a repository's API address: field and path.
const URLS: [(&str, &str); 36] = [
    ("forks_url", "/forks"),
    ("keys_url", "/keys{/key_id}"),
    ("collaborators_url", "/collaborators{/collaborator}"),
    ("teams_url", "/teams"),
    ("hooks_url", "/hooks"),
    ("issue_events_url", "/issues/events{/number}"),
    ("events_url", "/events"),
    ("assignees_url", "/assignees{/user}"),
    ("branches_url", "/branches{/branch}"),
    ("tags_url", "/tags"),
    ("blobs_url", "/git/blobs{/sha}"),
    ("git_tags_url", "/git/tags{/sha}"),
    ("git_refs_url", "/git/refs{/sha}"),
    ("trees_url", "/git/trees{/sha}"),
    ("statuses_url", "/statuses/{sha}"),
    ("languages_url", "/languages"),
    ("stargazers_url", "/stargazers"),
    ("contributors_url", "/contributors"),
    ("subscribers_url", "/subscribers"),
    ("subscription_url", "/subscription"),
    ("commits_url", "/commits{/sha}"),
    ("git_commits_url", "/git/commits{/sha}"),
    ("comments_url", "/comments{/number}"),
    ("issue_comment_url", "/issues/comments{/number}"),
    ("contents_url", "/contents/{+path}"),
    ("compare_url", "/compare/{base}...{head}"),
    ("merges_url", "/merges"),
    ("archive_url", "/{archive_format}{/ref}"),
    ("downloads_url", "/downloads"),
    ("issues_url", "/issues{/number}"),
    ("pulls_url", "/pulls{/number}"),
    ("milestones_url", "/milestones{/number}"),
    ("notifications_url", "/notifications{?since,all,participating}"),
    ("labels_url", "/labels{/name}"),
    ("releases_url", "/releases{/id}"),
    ("deployments_url", "/deployments"),
];

/// GitHub's Minimal Repository. `role` adds the caller's permissions where there is a caller.
pub fn minimal_repository(
    base_url: &str,
    repository: &RepositoryRow,
    owner: &AccountRow,
    role: Option<RepositoryRole>,
) -> Value {
    Value::Object(minimal_fields(base_url, repository, owner, role))
}

/// The fields of a Minimal Repository, for views that add more.
pub fn minimal_fields(
    base_url: &str,
    repository: &RepositoryRow,
    owner: &AccountRow,
    role: Option<RepositoryRole>,
) -> Map<String, Value> {
    let full_name = format!("{}/{}", owner.login, repository.name);
    let api = format!("{base_url}/api/v3/repos/{full_name}");
    let mut fields = Map::new();
    let mut put = |name: &str, value: Value| {
        fields.insert(name.to_owned(), value);
    };
    put("id", json!(repository.id));
    put("node_id", json!(node_id("Repository", repository.id.0)));
    put("name", json!(repository.name));
    put("full_name", json!(full_name));
    put("private", json!(repository.visibility != Visibility::Public));
    put("owner", simple_user(base_url, owner));
    put("html_url", json!(format!("{base_url}/{full_name}")));
    put("description", json!(repository.description));
    put("fork", json!(repository.fork_of.is_some()));
    put("url", json!(api));
    for (name, path) in URLS {
        put(name, json!(format!("{api}{path}")));
    }
    put("git_url", json!(format!("{base_url}/{full_name}.git")));
    put("ssh_url", json!(""));
    put("clone_url", json!(format!("{base_url}/{full_name}.git")));
    put("svn_url", json!(format!("{base_url}/{full_name}")));
    put("mirror_url", Value::Null);
    put("homepage", json!(repository.homepage));
    put("language", Value::Null);
    put("archived", json!(repository.archived_at.is_some()));
    put("disabled", json!(false));
    put("visibility", json!(repository.visibility.word()));
    put("default_branch", json!(repository.default_branch));
    put("has_issues", json!(repository.has_issues));
    for name in [
        "has_projects",
        "has_wiki",
        "has_pages",
        "has_downloads",
        "has_discussions",
        "is_template",
    ] {
        put(name, json!(false));
    }
    for name in [
        "forks_count",
        "stargazers_count",
        "watchers_count",
        "size",
        "open_issues_count",
        "forks",
        "open_issues",
        "watchers",
    ] {
        put(name, json!(0));
    }
    put("topics", json!([]));
    put("license", Value::Null);
    put("pushed_at", json!(repository.pushed_at.map(|at| at.rfc3339())));
    put("created_at", json!(repository.created_at.rfc3339()));
    put("updated_at", json!(repository.updated_at.rfc3339()));
    if let Some(role) = role {
        put("permissions", permissions(role));
        put("role_name", json!(role.word()));
    }
    fields
}

/// The caller's rights as five booleans.
pub fn permissions(role: RepositoryRole) -> Value {
    json!({
        "admin": role >= RepositoryRole::Admin,
        "maintain": role >= RepositoryRole::Maintain,
        "push": role >= RepositoryRole::Write,
        "triage": role >= RepositoryRole::Triage,
        "pull": role >= RepositoryRole::Read,
    })
}

/// A repository of a list: the minimal one with its counts.
pub fn listed_repository(base_url: &str, view: &RepositoryView) -> Value {
    Value::Object(counted_fields(base_url, view))
}

fn counted_fields(base_url: &str, view: &RepositoryView) -> Map<String, Value> {
    let mut fields = minimal_fields(base_url, &view.row, &view.owner, view.role);
    let mut put = |name: &str, value: Value| {
        fields.insert(name.to_owned(), value);
    };
    for name in ["open_issues_count", "open_issues"] {
        put(name, json!(view.open_issues));
    }
    for name in ["forks_count", "forks"] {
        put(name, json!(view.forks));
    }
    put("allow_forking", json!(view.row.visibility == Visibility::Public));
    put("web_commit_signoff_required", json!(false));
    fields
}

/// GitHub's Full Repository.
pub fn full_repository(base_url: &str, view: &RepositoryView) -> Value {
    let mut fields = counted_fields(base_url, view);
    let mut put = |name: &str, value: Value| {
        fields.insert(name.to_owned(), value);
    };
    put("network_count", json!(view.forks));
    put("subscribers_count", json!(0));
    put(
        "pushed_at",
        json!(view.row.pushed_at.unwrap_or(view.row.created_at).rfc3339()),
    );
    if view.owner.kind == AccountKind::Organization {
        put("organization", simple_user(base_url, &view.owner));
    }
    if let Some(parent) = &view.parent {
        let parent = minimal_repository(base_url, &parent.row, &parent.owner, None);
        put("source", parent.clone());
        put("parent", parent);
    }
    Value::Object(fields)
}
