//! Every row of Gitea's door, called with a token that just suffices and with those that just do not: the first arrives
//! with exactly the path that was decided on, the others never leave.

use crate::front::{Answered, Behind, Front};
use crate::recorder::{Arrived, Recorder, json};
use bailiwick_catalogue::{
    AccountName, Anonymous, Door, OPERATIONS, Operation, RepositoryName, Requirement, Target, Term, names,
    op, permission_by_id, route,
};
use bailiwick_model::{Level, UpstreamKind};
use std::collections::BTreeMap;

/// What a row needs at each owner: owner → slug → level.
type Needs = BTreeMap<&'static str, BTreeMap<&'static str, Level>>;

/// A row with its parameters filled in.
struct Row {
    operation: &'static Operation,
    /// The path here, and at the upstream.
    path: String,
    there: String,
    body: &'static str,
    terms: Vec<&'static Term>,
    /// The owner that the path names.
    owner: &'static str,
}

fn rows() -> Vec<Row> {
    OPERATIONS
        .iter()
        .filter(|row| row.door == Door::Gitea && !matches!(row.requirement, Requirement::Closed))
        .map(row)
        // Found as another row, whose rule it shares.
        .filter(|row| {
            let found = route(Door::Gitea, row.operation.method, row.path.as_bytes());
            found.is_ok_and(|found| found.operation == row.operation.index)
        })
        .collect()
}

fn row(operation: &'static Operation) -> Row {
    let named = names(operation.index);
    let organization = match named.organization {
        Some(AccountName::Login(name)) => name,
        _ => "",
    };
    let owner = if organization == "username" {
        "alice"
    } else {
        "acme"
    };
    let (mut path, mut there) = (String::new(), String::new());
    for segment in operation.path.split('/').skip(1) {
        let name = segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
        let (ours, theirs) = match (name, named.repository) {
            (None, _) => (segment, segment),
            (Some(name), Some(RepositoryName::OwnerAndName(it, _))) if name == it => ("acme", "team"),
            (Some(name), Some(RepositoryName::OwnerAndName(_, it))) if name == it => ("site", "website"),
            (Some(name), _) if name == organization && owner == "alice" => ("alice", "alice-there"),
            (Some(name), _) if name == organization => ("acme", "team"),
            (Some("basehead"), _) => ("main...dev", "main...dev"),
            (Some("index_and_type"), _) => ("7.diff", "7.diff"),
            (Some("filepath" | "archive"), _) => ("docs/a%20b.zip", "docs/a%20b.zip"),
            (Some(_), _) => ("7", "7"),
        };
        path.push('/');
        path.push_str(ours);
        there.push('/');
        there.push_str(theirs);
    }
    let terms = match operation.requirement {
        Requirement::AnyOf(alternatives) => alternatives[0].iter().collect(),
        Requirement::Live | Requirement::Closed => Vec::new(),
    };
    let body = match operation.index {
        op::GITEA_CREATE_FORK => r#"{"organization": "labs"}"#,
        op::GITEA_GENERATE_REPO => r#"{"owner": "labs", "name": "x"}"#,
        op::GITEA_REPO_TRANSFER => r#"{"new_owner": "labs"}"#,
        op::GITEA_REPO_MIGRATE => r#"{"repo_owner": "labs", "clone_addr": "x"}"#,
        op::GITEA_REPO_CREATE_PULL_REQUEST => r#"{"head": "dev", "base": "main"}"#,
        op::GITEA_RENDER_MARKDOWN_RAW => "",
        _ if matches!(operation.method, "POST" | "PUT" | "PATCH") => r#"{"a": 1}"#,
        _ => "",
    };
    Row {
        operation,
        path,
        there,
        body,
        terms,
        owner,
    }
}

/// The terms that count here: a row's files are none of a workflow's unless it cannot tell.
fn counts(row: &Row, term: &Term) -> bool {
    let told = [
        op::GITEA_REPO_CREATE_FILE,
        op::GITEA_REPO_UPDATE_FILE,
        op::GITEA_REPO_DELETE_FILE,
    ];
    let private = term.when != bailiwick_catalogue::When::Workflow || !told.contains(&row.operation.index);
    private && term.level > Level::None
}

fn needs(row: &Row) -> Needs {
    let mut needs = Needs::new();
    for term in row.terms.iter().filter(|term| counts(row, term)) {
        let owner = match term.target {
            Target::Repository | Target::SecondRepository => "acme",
            Target::Organization => row.owner,
            Target::Own => "alice",
            Target::Destination => "labs",
            Target::Enterprise => panic!("Gitea has none: {}", row.operation.id),
        };
        let slug = permission_by_id(term.permission).unwrap().slug;
        let level = needs.entry(owner).or_default().entry(slug).or_insert(term.level);
        *level = (*level).max(term.level);
    }
    needs
}

/// The needs with one of them a level lower, for each.
fn short(needs: &Needs) -> Vec<(String, Needs)> {
    let mut all = Vec::new();
    for (owner, permissions) in needs {
        for (slug, level) in permissions {
            // Whoever holds anything of a repository holds this.
            if *slug == "metadata" && permissions.len() > 1 {
                continue;
            }
            let mut less = needs.clone();
            let at = less.get_mut(owner).unwrap();
            match level {
                Level::Admin => drop(at.insert(*slug, Level::Write)),
                Level::Write => drop(at.insert(*slug, Level::Read)),
                Level::Read | Level::None => drop(at.remove(slug)),
            }
            all.push((format!("{owner} {slug} below {level:?}"), less));
        }
    }
    all
}

/// A token with these grants, at acme for one repository or for all.
fn token(front: &Front, needs: &Needs, all_of_acme: bool) -> String {
    let listed: Vec<(&str, Vec<(&str, &str)>)> = needs
        .iter()
        .map(|(owner, permissions)| {
            let levels = permissions.iter().map(|(slug, level)| (*slug, level.word()));
            (*owner, levels.collect())
        })
        .collect();
    let grants: Vec<_> = listed
        .iter()
        .map(|(owner, permissions)| {
            let some: Option<&[&str]> = match *owner {
                "acme" if !all_of_acme => Some(&["site"]),
                _ => None,
            };
            (*owner, some, permissions.as_slice())
        })
        .collect();
    front.token("alice", &grants).1
}

async fn call(front: &Front, row: &Row, token: &str) -> Answered {
    let target = format!("/api/v1{}", row.path);
    if row.operation.index == op::GITEA_RENDER_MARKDOWN_RAW {
        let authorization = format!("Bearer {token}");
        let headers = [
            ("authorization", authorization.as_str()),
            ("content-type", "text/plain"),
        ];
        return front.send("POST", &target, &headers, b"*a*").await;
    }
    front.ask(row.operation.method, &target, token, row.body).await
}

/// Whether the upstream is asked at all, by whomever.
fn goes(row: &Row) -> bool {
    let person = |term: &&&Term| {
        let permission = permission_by_id(term.permission).unwrap();
        permission.kind == bailiwick_catalogue::PermissionKind::Account
    };
    let named = names(row.operation.index);
    let somewhere = named.repository.is_some() || named.organization.is_some();
    !row.operation.spans || (somewhere && !row.terms.is_empty() && row.terms.iter().find(person).is_none())
}

#[track_caller]
fn arrived(row: &Row, token: &str, all: Vec<Arrived>) {
    let id = row.operation.id;
    assert_eq!(all.len(), 1, "{id}: {all:?}");
    assert_eq!(
        (all[0].method.as_str(), all[0].target.as_str()),
        (row.operation.method, format!("/api/v1{}", row.there).as_str()),
        "{id}"
    );
    let visitor = row.operation.anonymous == Anonymous::Always;
    let sudo = (!visitor).then_some("alice-there");
    assert_eq!(all[0].header("sudo"), sudo, "{id}");
    assert!(all[0].header("authorization").is_some() != visitor, "{id}");
    assert!(!String::from_utf8_lossy(&all[0].raw).contains(token), "{id}");
    if !row.body.is_empty() {
        assert_eq!(all[0].body, row.body.as_bytes(), "{id}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_row_arrives_as_it_was_decided_or_not_at_all() {
    let recorder = Recorder::answering(|_| json(200, &serde_json::json!({}))).await;
    let front = Front::before(vec![Behind::new("forge", UpstreamKind::Gitea, recorder.url())]).await;
    let rows = rows();
    assert!(rows.len() > 300, "{}", rows.len());
    let (mut forwarded, mut refused) = (0, 0);
    for row in rows.iter().filter(|row| row.operation.plants) {
        let token = token(&front, &needs(row), row.operation.spans);
        let answer = call(&front, row, &token).await.expect(403);
        assert_eq!(answer.reason(), "policy.planting", "{}", row.operation.id);
        assert_eq!(recorder.take(), [], "{}", row.operation.id);
        refused += 1;
    }
    front.open_planting(&["acme", "labs", "alice"]);
    for row in &rows {
        let id = row.operation.id;
        let needs = needs(row);
        let enough = token(&front, &needs, row.operation.spans);
        let answer = call(&front, row, &enough).await;
        if !goes(row) {
            assert_eq!((answer.status, answer.reason()), (403, "upstream.spans"), "{id}");
            assert_eq!(recorder.take(), [], "{id}");
        } else {
            assert_eq!(
                answer.status,
                200,
                "{id}: {}",
                String::from_utf8_lossy(&answer.body)
            );
            arrived(row, &enough, recorder.take());
            forwarded += 1;
        }
        let mut less: Vec<(String, String)> = short(&needs)
            .into_iter()
            .map(|(why, needs)| (why, token(&front, &needs, row.operation.spans)))
            .collect();
        if row.operation.spans && needs.contains_key("acme") {
            less.push(("some repositories".into(), token(&front, &needs, false)));
        }
        if row.operation.anonymous != Anonymous::Always {
            less.push(("no credential".into(), String::new()));
            less.push(("a bad credential".into(), format!("{enough}x")));
        }
        for (why, token) in less {
            let answer = call(&front, row, &token).await;
            let status = answer.status;
            assert!(matches!(status, 401 | 403 | 404), "{id} with {why}: {status}");
            assert_eq!(recorder.take(), [], "{id} with {why}");
            refused += 1;
        }
    }
    eprintln!("{} rows: {forwarded} forwarded, {refused} refusals", rows.len());
    assert!(forwarded > 270 && refused > 700, "{forwarded} {refused}");
}
