//! Commits, branches and tags in GitHub's shapes.

use crate::view::account::simple_user;
use bailiwick_authority::content::People;
use bailiwick_authority::content::git::{Commit, Comparison, FileChange, Oid, Ref, Signature};
use bailiwick_authority::rows::{AccountRow, RepositoryRow};
use bailiwick_gate::encode;
use base64::Engine as _;
use serde_json::{Map, Value, json};

/// A repository as links to what it holds need it.
#[derive(Clone, Debug)]
pub struct Place {
    /// The repository below the API's address.
    pub api: String,
    /// The repository's page.
    pub html: String,
    /// The server's own address.
    pub base_url: String,
    id: i64,
}

impl Place {
    /// The place of a repository.
    pub fn new(base_url: &str, owner: &AccountRow, repository: &RepositoryRow) -> Place {
        let (login, name) = (&owner.login, &repository.name);
        Place {
            api: format!("{base_url}/api/v3/repos/{login}/{name}"),
            html: format!("{base_url}/{login}/{name}"),
            base_url: base_url.to_owned(),
            id: repository.id.0,
        }
    }

    /// GitHub's node id form for an object of this repository.
    pub fn node_id(&self, kind: &str, name: impl std::fmt::Display) -> String {
        base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(format!("{kind}:{}:{name}", self.id))
    }
}

/// A path or a ref's name inside a URL: slashes stay.
pub fn encode_path(path: &str) -> String {
    path.split('/').map(encode).collect::<Vec<_>>().join("/")
}

/// An author, committer or tagger.
pub fn signature(signature: &Signature) -> Value {
    json!({"name": signature.name, "email": signature.email, "date": signature.rfc3339_utc()})
}

/// What is known of a signature. Keys are not kept here, so that none is ever confirmed.
pub fn verification(signature: Option<(&str, &str)>) -> Value {
    json!({
        "verified": false,
        "reason": if signature.is_some() { "unknown_key" } else { "unsigned" },
        "signature": signature.map(|(signature, _)| signature),
        "payload": signature.map(|(_, payload)| payload),
        "verified_at": null,
    })
}

fn commit_verification(commit: &Commit) -> Value {
    verification(
        commit
            .signature
            .as_ref()
            .map(|found| (found.signature.as_str(), found.payload.as_str())),
    )
}

fn tree(place: &Place, oid: Oid) -> Value {
    json!({"sha": oid.to_string(), "url": format!("{}/git/trees/{oid}", place.api)})
}

fn parents(place: &Place, commit: &Commit, path: &str) -> Vec<Value> {
    let parent = |oid: &Oid| {
        json!({
            "sha": oid.to_string(),
            "url": format!("{}/{path}/{oid}", place.api),
            "html_url": format!("{}/commit/{oid}", place.html),
        })
    };
    commit.parents.iter().map(parent).collect()
}

/// A commit with its people.
pub fn commit(place: &Place, commit: &Commit, people: &People) -> Value {
    Value::Object(fields(place, commit, people))
}

fn fields(place: &Place, commit: &Commit, people: &People) -> Map<String, Value> {
    let (api, oid) = (&place.api, commit.oid);
    let person = |email: &str| {
        people
            .by_email(email)
            .map(|account| simple_user(&place.base_url, account))
    };
    let mut fields = Map::new();
    let mut put = |name: &str, value: Value| {
        fields.insert(name.to_owned(), value);
    };
    put("sha", json!(oid.to_string()));
    put("node_id", json!(place.node_id("Commit", oid)));
    put(
        "commit",
        json!({
            "author": signature(&commit.author),
            "committer": signature(&commit.committer),
            "message": commit.message.trim_end_matches('\n'),
            "tree": tree(place, commit.tree),
            "url": format!("{api}/git/commits/{oid}"),
            "comment_count": 0,
            "verification": commit_verification(commit),
        }),
    );
    put("url", json!(format!("{api}/commits/{oid}")));
    put("html_url", json!(format!("{}/commit/{oid}", place.html)));
    put("comments_url", json!(format!("{api}/commits/{oid}/comments")));
    put("author", json!(person(&commit.author.email)));
    put("committer", json!(person(&commit.committer.email)));
    put("parents", json!(parents(place, commit, "commits")));
    fields
}

/// A commit with what it changes; `shown` is the page of `files` to show.
pub fn commit_with_files(
    place: &Place,
    found: &Commit,
    people: &People,
    files: &[FileChange],
    shown: &[FileChange],
) -> Value {
    let mut fields = fields(place, found, people);
    let additions: u64 = files.iter().map(|file| file.additions).sum();
    let deletions: u64 = files.iter().map(|file| file.deletions).sum();
    fields.insert(
        "stats".into(),
        json!({"total": additions + deletions, "additions": additions, "deletions": deletions}),
    );
    let files: Vec<Value> = shown
        .iter()
        .map(|change| file(place, found.oid, change))
        .collect();
    fields.insert("files".into(), json!(files));
    Value::Object(fields)
}

/// A changed file. Links lead to it as it is at a commit.
pub fn file(place: &Place, at: Oid, change: &FileChange) -> Value {
    let path = encode_path(&change.path);
    let mut entry = json!({
        "sha": change.oid.to_string(),
        "filename": change.path,
        "status": change.status.name(),
        "additions": change.additions,
        "deletions": change.deletions,
        "changes": change.additions + change.deletions,
        "blob_url": format!("{}/blob/{at}/{path}", place.html),
        "raw_url": format!("{}/raw/{at}/{path}", place.html),
        "contents_url": format!("{}/contents/{path}?ref={at}", place.api),
    });
    if let Some(fields) = entry.as_object_mut() {
        if let Some(patch) = &change.patch {
            fields.insert("patch".into(), json!(patch));
        }
        if let Some(previous) = &change.previous_path {
            fields.insert("previous_filename".into(), json!(previous));
        }
    }
    entry
}

/// A comparison.
pub fn comparison(
    place: &Place,
    ends: (&Commit, &Commit),
    merge_base: &Commit,
    found: &Comparison,
    people: &People,
) -> Value {
    let (base, head) = ends;
    let range = format!("{}...{}", base.oid, head.oid);
    let html = format!("{}/compare/{range}", place.html);
    json!({
        "url": format!("{}/compare/{range}", place.api),
        "html_url": html,
        "permalink_url": html,
        "diff_url": format!("{html}.diff"),
        "patch_url": format!("{html}.patch"),
        "base_commit": commit(place, base, people),
        "merge_base_commit": commit(place, merge_base, people),
        "status": found.status(),
        "ahead_by": found.ahead_by,
        "behind_by": found.behind_by,
        "total_commits": found.ahead_by,
        "commits": found.commits.iter().map(|one| commit(place, one, people)).collect::<Vec<_>>(),
        "files": found.files.iter().map(|change| file(place, head.oid, change)).collect::<Vec<_>>(),
    })
}

/// A commit as Git data.
pub fn git_commit(place: &Place, commit: &Commit) -> Value {
    let oid = commit.oid;
    json!({
        "sha": oid.to_string(),
        "node_id": place.node_id("Commit", oid),
        "url": format!("{}/git/commits/{oid}", place.api),
        "html_url": format!("{}/commit/{oid}", place.html),
        "author": signature(&commit.author),
        "committer": signature(&commit.committer),
        "tree": tree(place, commit.tree),
        "message": commit.message.trim_end_matches('\n'),
        "parents": parents(place, commit, "git/commits"),
        "verification": commit_verification(commit),
    })
}

/// A branch in a list.
pub fn short_branch(place: &Place, branch: &Ref) -> Value {
    let oid = branch.oid;
    json!({
        "name": branch.short_name(),
        "commit": {"sha": oid.to_string(), "url": format!("{}/commits/{oid}", place.api)},
        "protected": false,
    })
}

/// One branch.
pub fn branch(place: &Place, name: &str, tip: &Commit, people: &People) -> Value {
    let path = encode_path(name);
    let url = format!("{}/branches/{path}", place.api);
    json!({
        "name": name,
        "commit": commit(place, tip, people),
        "_links": {"self": url, "html": format!("{}/tree/{path}", place.html)},
        "protected": false,
        "protection": {
            "enabled": false,
            "required_status_checks": {"enforcement_level": "off", "contexts": [], "checks": []},
        },
        "protection_url": format!("{url}/protection"),
    })
}

/// A tag in a list.
pub fn tag(place: &Place, name: &str, oid: Oid) -> Value {
    let path = encode_path(name);
    json!({
        "name": name,
        "zipball_url": format!("{}/zipball/refs/tags/{path}", place.api),
        "tarball_url": format!("{}/tarball/refs/tags/{path}", place.api),
        "commit": {"sha": oid.to_string(), "url": format!("{}/commits/{oid}", place.api)},
        "node_id": place.node_id("Ref", format!("refs/tags/{name}")),
    })
}
