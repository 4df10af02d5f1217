//! Files of mounted upstreams: what they may say, and that they are decided and routed like built-in ones.

use crate::naive::ROWS;
use crate::read::words;
use crate::router::likely_path;
use crate::template::{Segment, Shape};
use bailiwick_catalogue::{
    AccountName, Anonymous, Door, EXTENSION_BYTES_MAX, EXTENSION_OPERATIONS_MAX, Extension, Match, Operation,
    RepositoryName, Requirement, RouteError, Target, by_id, mount_name, names, operation, operation_line,
    route, upstream_of,
};
use proptest::prelude::*;
use std::sync::LazyLock;

fn faults(text: &str) -> Vec<(usize, String)> {
    let faults = Extension::read("mirror", "mirror.txt", text).unwrap_err().0;
    assert!(faults.iter().all(|fault| fault.file == "mirror.txt"));
    faults
        .into_iter()
        .map(|fault| (fault.line, fault.message))
        .collect()
}

fn read(text: &str) -> Extension {
    Extension::read("mirror", "mirror.txt", text).unwrap()
}

#[test]
fn a_small_file() {
    let extension =
        read("owner acme\n\na/b  GET /x/{id}\n  needs members:read\n  role organization:member\n");
    assert_eq!((extension.name(), extension.mount()), ("mirror", "/-/mirror"));
    let found = extension.route("HEAD", b"/x/a%20b").unwrap();
    let row = operation(found.operation).unwrap();
    assert_eq!(found.params.get("id"), Some("a b"));
    assert_eq!(
        (row.id, row.door, row.path),
        ("mirror/a/b", Door::Mounted, "/x/{id}")
    );
    assert_eq!(row.action, "mirror.a_b");
    assert_eq!(upstream_of(row), Some("mirror"));
    assert_eq!(upstream_of(by_id("issues/get").unwrap()), None);
    assert_eq!(names(row.index).organization, Some(AccountName::Fixed("acme")));
    assert!(row.kinds.fine_grained && row.kinds.session && !row.kinds.classic && !row.sudo && !row.writes);
    assert!(operation_line(row).contains("GET /-/mirror/x/{id}"));
    assert!(by_id("mirror/a/b").is_none());
    assert_eq!(
        extension.by_id("mirror/a/b").map(|row| row.index),
        Some(row.index)
    );
    // The door alone leads nowhere: only the upstream's own router knows its paths.
    assert_eq!(route(Door::Mounted, "GET", b"/x/1"), Err(RouteError::Unknown));
}

/// One mistake each, at the line that it is on.
const MISTAKES: &[(&str, usize, &str)] = &[
    ("", 1, "there is no operation in it"),
    ("owner acme\n", 1, "there is no operation in it"),
    ("door api\n", 1, "`door` is not for this file"),
    ("owner -acme\n", 1, "`-acme` is no login"),
    ("owner\n", 1, "`` is no login"),
    ("owner acme rival\n", 1, "`acme rival` is no login"),
    ("owner settings\n", 1, "`settings` is no login"),
    ("repository acme\n", 1, "`acme` is no repository"),
    (
        "repository acme/site.git\n",
        1,
        "`acme/site.git` is no repository",
    ),
    ("repository acme/..\n", 1, "`acme/..` is no repository"),
    ("owner acme\nowner rival\n", 2, "say it once"),
    ("owner acme\nrepository acme/site\n", 2, "say it once"),
    ("owner acme\n  needs live\n", 1, "takes no further lines"),
    (
        "a/b GET /x\n  needs live\n  why x\nowner acme\n",
        4,
        "stands at the head of the file",
    ),
    ("a/b FETCH /x\n  needs live\n  why x\n", 1, "no method `FETCH`"),
    (
        "a/b OPTIONS /x\n  needs live\n  why x\n",
        1,
        "no method `OPTIONS`",
    ),
    (
        "a/b GET\n  needs live\n  why x\n",
        1,
        "a head is `id METHOD /path`",
    ),
    (
        "ab GET /x\n  needs live\n  why x\n",
        1,
        "an id is `category/name`",
    ),
    ("a/B GET /x\n  needs live\n  why x\n", 1, "`a/B` is no id"),
    ("a/ GET /x\n  needs live\n  why x\n", 1, "`a/` is no id"),
    ("a/../b GET /x\n  needs live\n  why x\n", 1, "`a/../b` is no id"),
    (
        "a/b GET x\n  needs live\n  why x\n",
        1,
        "a path starts with a slash",
    ),
    (
        "a/b GET //x\n  needs live\n  why x\n",
        1,
        "neither a literal nor a parameter",
    ),
    (
        "a/b GET /x%2Fy\n  needs live\n  why x\n",
        1,
        "neither a literal nor a parameter",
    ),
    (
        "a/b GET /{x*}/y\n  needs live\n  why x\n",
        1,
        "a tail must be the last segment",
    ),
    (
        "a/b GET /{x}/{x}\n  needs live\n  why x\n",
        1,
        "`{x}` is there twice",
    ),
    (
        "a/b GET /{X}\n  needs live\n  why x\n",
        1,
        "is not a parameter's name",
    ),
    (
        "a/b GET /{a}/{b}/{c}/{d}/{e}/{f}/{g}\n  needs live\n  why x\n",
        1,
        "more than 6 parameters",
    ),
    (
        "a/b GET /1/2/3/4/5/6/7/8/9/1/2/3/4/5/6/7/8/9/1\n  needs live\n  why x\n",
        1,
        "more than 18 segments",
    ),
    (
        "a/b GET /{owner*}\n  needs live\n  why x\n",
        1,
        "`{owner}` names something here",
    ),
    (
        "a/b GET /{org~}\n  needs members:read\n  role organization:member\n",
        1,
        "`{org}` names something here",
    ),
    ("a/b GET /x\n  why x\n", 1, "`needs` is missing"),
    ("a/b GET /x\n  needs live\n", 2, "a decision by hand says `why`"),
    (
        "a/b GET /x\n  needs live\n  needs live\n  why x\n",
        3,
        "`needs` is said twice",
    ),
    (
        "a/b GET /x\n  needs issues:read\n  role repository:read\n",
        2,
        "the path names no repository: write `{owner}/{repo}` in it, or `repository OWNER/NAME`",
    ),
    (
        "a/b GET /x\n  needs members:read\n  role organization:member\n",
        2,
        "the path names no organization: write `{org}` in it, or `owner LOGIN`",
    ),
    (
        "a/b GET /x\n  needs enterprise_people:read\n  role enterprise:owner\n",
        2,
        "the path names no enterprise: write `{enterprise}` in it",
    ),
    (
        "a/b GET /{owner}\n  needs issues:read\n  role repository:read\n",
        2,
        "the path names no repository",
    ),
    // Ids in the path of an upstream are the upstream's own.
    (
        "a/b GET /repositories/{repository_id}\n  needs issues:read\n  role repository:read\n",
        2,
        "the path names no repository",
    ),
    (
        "a/b GET /teams/{team_id}\n  needs members:read\n  role organization:member\n",
        2,
        "the path names no organization",
    ),
    (
        "a/b GET /users/{username}\n  needs members:read\n  role organization:member\n",
        2,
        "the path names no organization",
    ),
    // What a path names goes before the head of the file, and is never mixed with it.
    (
        "repository acme/site\na/b GET /{org}\n  needs issues:read\n  role repository:read\n",
        3,
        "the path names no repository",
    ),
    (
        "owner acme\na/b GET /x\n  needs issues:read\n  role repository:read\n",
        3,
        "the path names no repository",
    ),
    (
        "a/b GET /{owner}/{repo}\n  needs tickets:read\n  role repository:read\n",
        2,
        "no permission `tickets`",
    ),
    (
        "a/b GET /{owner}/{repo}\n  needs issues:admin\n  role repository:read\n",
        2,
        "`issues` does not offer `admin`",
    ),
    (
        "a/b GET /{owner}/{repo}\n  needs issues:read\n  role repository:king\n",
        3,
        "no role `king`",
    ),
    (
        "a/b GET /{owner}/{repo}\n  needs issues:read\n",
        2,
        "which role at `repository`?",
    ),
    (
        "a/b GET /{owner}/{repo}\n  needs issues:read?issue\n  role repository:read\n",
        1,
        "`?issue` depends on an object",
    ),
    (
        "a/b PUT /{owner}/{repo}\n  needs workflows:write?workflow + contents:write\n  role repository:write\n  why x\n",
        1,
        "`?workflow` depends on an object",
    ),
    (
        "a/b POST /{org}\n  needs destination.administration:write@owner\n",
        1,
        "`destination` is named by a body",
    ),
    (
        "a/b POST /{org}\n  needs second.contents:read@read\n",
        1,
        "`second` is named by a body",
    ),
    (
        "a/b GET /x\n  needs live\n  why x\n  sudo\n",
        4,
        "`sudo` is not for this file",
    ),
    (
        "a/b GET /x\n  needs live\n  why x\n  as c/d\n",
        4,
        "`as` is not for this file",
    ),
    (
        "a/b GET /x\n  needs live\n  why x\n  unrouted x\n",
        4,
        "`unrouted` is not for this file",
    ),
    (
        "a/b GET /x\n  needs live\n  why x\n  scopes repo\n",
        4,
        "`scopes` is not for this file",
    ),
    (
        "a/b GET /{owner}/{repo}\n  needs issues:read\n  role repository:write\n  author repository:read\n",
        4,
        "`author` is not for this file",
    ),
    (
        "a/b GET /x\n  needs live\n  why x\n  frobs\n",
        4,
        "no key `frobs`",
    ),
    (
        "a/b GET /x\n  needs live\n  why x\n  kinds robot\n",
        4,
        "no kind of credential",
    ),
    (
        "a/b GET /x\n  needs live\n  why x\n  kinds classic\n",
        4,
        "open to classic tokens, but by which",
    ),
    (
        "a/b GET /x\n  needs live\n  why x\n  reads\n  writes\n",
        1,
        "`reads` and `writes`",
    ),
    (
        "a/b GET /x\n  needs live\n  why x\n  bulk yes\n",
        4,
        "`bulk` takes nothing",
    ),
    (
        "a/b POST /x\n  needs live\n  why x\n  anonymous always\n",
        1,
        "visitors change nothing",
    ),
    (
        "a/b GET /x\n  needs live\n  why x\n  anonymous public\n",
        1,
        "`anonymous public` is about a repository",
    ),
    (
        "a/b GET /x\n  needs live\n  why x\n  anonymous maybe\n",
        4,
        "no anonymous rule",
    ),
    (
        "a/b GET /x\n  needs live\n  why x\n  action repo.destroy\n",
        1,
        "is not `mirror.verb`",
    ),
    (
        "a/b GET /x\n  needs live\n  why x\n  action\n",
        4,
        "an empty action",
    ),
    ("\ta/b GET /x\n", 1, "tabs are not used here"),
    (" a/b GET /x\n", 1, "indent by two blanks"),
    ("  needs live\n", 1, "a line before any head"),
    ("a/b GET /x\u{7}\n", 1, "control characters are not used here"),
    (
        "a/b GET /x\n  needs live\n  why x\na/b GET /y\n  needs live\n  why x\n",
        4,
        "`a/b` is there twice, first on line 1",
    ),
    (
        "a/b GET /{x}\n  needs live\n  why x\na/c GET /{y}\n  needs live\n  why x\n",
        4,
        "`a/c` has the path of `a/b`",
    ),
];

#[test]
fn every_mistake_is_told_with_its_line() {
    for (text, line, message) in MISTAKES {
        let found = faults(text);
        assert!(
            found
                .iter()
                .any(|(at, told)| at == line && told.contains(message)),
            "{text:?} gave {found:?}"
        );
    }
}

#[test]
fn all_mistakes_are_told_at_once() {
    // All that can stand in one file, one after the other: each is told at its own place.
    let mut text = String::from("# head\n");
    let mut expected = Vec::new();
    let alone = |text: &str| text.starts_with("a/b ") && !text.contains("\na/") && !text.contains('\u{7}');
    let mut rows = MISTAKES
        .iter()
        .filter(|(text, ..)| alone(text) && !text.contains("owner acme"))
        .take(60)
        .enumerate();
    for (at, (mistake, line, message)) in rows.by_ref() {
        let above = text.lines().count();
        text.push_str(&mistake.replacen("a/b ", &format!("a/b{at} "), 1));
        expected.push((above + line, *message));
    }
    assert!(expected.len() > 40);
    let found = faults(&text);
    for (line, message) in &expected {
        assert!(
            found
                .iter()
                .any(|(at, told)| at == line && told.contains(message)),
            "{line}: {message} is not in {found:#?}"
        );
    }
    let printed = Extension::read("mirror", "mirror.txt", &text)
        .unwrap_err()
        .to_string();
    assert_eq!(printed.lines().count(), found.len());
    assert!(printed.lines().all(|line| line.starts_with("mirror.txt:")));
    // One block can hold several, too.
    let found = faults("a/b GET /x\n  needs live\n  frobs\n  bulk x\n  anonymous maybe\n  kinds robot\n");
    assert_eq!(
        found.iter().map(|(line, _)| *line).collect::<Vec<_>>(),
        [3, 5, 6, 4],
        "{found:?}"
    );
}

#[test]
fn bounds() {
    let one = |at: usize| format!("a/b{at} GET /x{at}\n  needs live\n  why x\n");
    let many: String = (0..=EXTENSION_OPERATIONS_MAX).map(one).collect();
    assert!(faults(&many)[0].1.contains("more than 2000 operations"));
    let large = "#".repeat(EXTENSION_BYTES_MAX + 1);
    assert!(faults(&large)[0].1.contains("larger than"));
    let noise: String = (0..500).map(|at| format!("x{at}\n")).collect();
    let found = faults(&noise);
    assert_eq!(found.len(), 101);
    assert_eq!(found[100].1, "and 400 more faults");
    let terms = vec!["members:read"; 33].join(" | ");
    let text = format!("owner acme\na/b GET /x\n  needs {terms}\n  role organization:member\n  why x\n");
    assert!(faults(&text)[0].1.contains("more than 32 terms"));
    let long = format!("a/b GET /{}\n  needs live\n  why x\n", "x/".repeat(100_000));
    assert!(faults(&long)[0].1.contains("more than 18 segments"));
}

#[test]
fn names_of_mounts() {
    for name in ["jira", "j", "jira-2", "0"] {
        assert_eq!(mount_name(name), Ok(()), "{name}");
    }
    let long = "a".repeat(40);
    for name in [
        "", "-", "-a", "a-", "a--b", "Jira", "a_b", "a.b", "a/b", "..", "a%20b", "jirä", &long,
    ] {
        assert!(
            mount_name(name).unwrap_err().contains("lower-case letters"),
            "{name}"
        );
    }
    // None may pass for an operation of this server, whose ids decide how it is answered.
    for name in [
        "issues",
        "git",
        "lfs",
        "web",
        "bailiwick",
        "repos",
        "rate-limit",
        "authorize",
    ] {
        assert!(
            mount_name(name).unwrap_err().contains("choose another name"),
            "{name}"
        );
        let fault = Extension::read(name, "f", "a/b GET /x\n  needs live\n  why x\n").unwrap_err();
        assert!(fault.to_string().starts_with("f:1: an upstream"), "{fault}");
    }
}

#[test]
fn what_did_not_change_keeps_its_place() {
    let first = "a/keep GET /keep\n  needs live\n  why x\na/change GET /change\n  needs live\n  why x\n";
    let second = first.replace("/change\n", "/changed\n");
    let (one, two, three) = (read(first), read(&second), read(first));
    let at = |extension: &Extension, id: &str| extension.by_id(id).unwrap().index;
    assert_eq!(at(&one, "mirror/a/keep"), at(&two, "mirror/a/keep"));
    assert_ne!(at(&one, "mirror/a/change"), at(&two, "mirror/a/change"));
    assert_eq!(at(&one, "mirror/a/change"), at(&three, "mirror/a/change"));
    // What was handed out goes on leading where it led.
    let old = at(&one, "mirror/a/change");
    drop((one, three));
    assert_eq!(operation(old).unwrap().path, "/change");
    assert_eq!(two.route("GET", b"/change").map(|_| ()), Err(RouteError::Unknown));
    // The same id behind another upstream is another operation.
    let other = Extension::read("other", "f", first).unwrap();
    assert_ne!(at(&two, "mirror/a/keep"), at(&other, "other/a/keep"));
}

#[test]
fn every_word_means_something() {
    let mut text = String::new();
    let mut count = 0;
    for (target, permission, path) in [
        ("repository", "issues:read", "{owner}/{repo}"),
        ("organization", "members:read", "{org}"),
        ("enterprise", "enterprise_people:read", "{enterprise}"),
        ("own", "emails:read", "x"),
    ] {
        for (role, _) in words::roles_at(target) {
            text.push_str(&format!(
                "a/n{count} GET /{target}/{role}/{path}\n  needs {permission}\n  role {target}:{role}\n"
            ));
            count += 1;
        }
    }
    let extension = read(&text);
    assert_eq!(extension.operations().len(), count);
    for row in extension.operations() {
        let Requirement::AnyOf([[term]]) = row.requirement else {
            panic!("{}", row.id)
        };
        let word = row.path.split('/').nth(1).unwrap();
        assert_eq!(format!("{:?}", term.target).to_lowercase(), word);
        let printed = format!("{:?}", term.role).to_lowercase();
        let role = row.path.split('/').nth(2).unwrap().replace('_', "");
        assert!(printed.contains(&role), "{printed} {role}");
    }
}

/// A built-in file as one of an upstream: without what only built-in files say.
fn as_extension(file: &str) -> Vec<String> {
    let text = std::fs::read_to_string(file).unwrap();
    let mut blocks: Vec<String> = Vec::new();
    let mut api = true;
    for line in text.lines() {
        if let Some(door) = line.strip_prefix("door ") {
            api = door == "api";
        } else if !line.starts_with([' ', '#']) && !line.is_empty() {
            blocks.push(String::new());
        }
        let own = ["scopes", "sudo", "author", "action", "anonymous always", "door"];
        let keep = api && !own.iter().any(|key| line.trim_start().starts_with(key));
        if let Some(block) = blocks.last_mut().filter(|_| keep) {
            block.push_str(&format!("{line}\n"));
        }
    }
    blocks.retain(|block| !block.is_empty() && !block.contains("unrouted"));
    blocks
}

#[test]
fn the_same_file_gives_the_same_operations() {
    let files: std::collections::BTreeSet<&str> = ROWS.iter().map(|row| row.file.as_str()).collect();
    let mut compared = 0;
    for file in files {
        // What an upstream's file cannot say is left out, block by block.
        let kept: String = as_extension(file)
            .into_iter()
            .filter(|block| Extension::read("twin", file, block).is_ok())
            .collect();
        if kept.is_empty() {
            continue;
        }
        let extension = Extension::read("twin", file, &kept).unwrap();
        for ours in extension.operations() {
            let theirs = by_id(ours.id.strip_prefix("twin/").unwrap()).unwrap();
            assert_eq!(bare(ours), bare(theirs), "{}", ours.id);
            let theirs = names(theirs.index);
            let ours = names(ours.index);
            assert!(
                theirs.repository == ours.repository
                    || matches!(theirs.repository, Some(RepositoryName::Id(_)) | None),
                "{theirs:?} {ours:?}"
            );
            compared += 1;
        }
    }
    assert!(compared > 900, "{compared}");
}

/// What both kinds of file can say of an operation.
fn bare(row: &Operation) -> String {
    let requirement = match row.requirement {
        Requirement::AnyOf(alternatives) => alternatives
            .iter()
            .map(|terms| {
                let mut terms = terms.to_vec();
                terms.iter_mut().for_each(|term| term.author_role = None);
                format!("{terms:?}")
            })
            .collect::<Vec<_>>()
            .join(" | "),
        Requirement::Live | Requirement::Closed => format!("{:?}", row.requirement),
    };
    let public = row.anonymous == Anonymous::IfPublic;
    let flags = (
        row.writes,
        row.bulk,
        row.plants,
        row.kinds.fine_grained,
        row.kinds.session,
        public,
    );
    format!("{} {} {requirement} {flags:?} {}", row.method, row.path, row.why)
}

/// Every template of the built-in API, loaded: with the place of its row as name.
static MIRROR: LazyLock<Extension> = LazyLock::new(|| {
    let mut text = String::new();
    for (at, row) in ROWS
        .iter()
        .enumerate()
        .filter(|(_, row)| row.routed && row.door == "api")
    {
        let path: String = row.segments.iter().map(written).collect();
        let path = if path.is_empty() { "/" } else { &path };
        text.push_str(&format!("r/{at} {} {path}\n  needs live\n  why x\n", row.method));
    }
    Extension::read("api-mirror", "f", &text).unwrap()
});

fn written(segment: &Segment) -> String {
    match segment {
        Segment::Literal(text) => format!("/{text}"),
        Segment::Param(name, shape) => match shape {
            Shape::Choice(words) => format!("/{{{name}={}}}", words.join("|")),
            Shape::Number => format!("/{{{name}#}}"),
            Shape::One => format!("/{{{name}}}"),
            Shape::Slash => format!("/{{{name}~}}"),
            Shape::Tail => format!("/{{{name}*}}"),
            Shape::TailOrNothing => format!("/{{{name}**}}"),
        },
    }
}

/// Id and decoded values, or why there are none.
fn told(found: Result<Match<'_>, RouteError>) -> Result<(String, Vec<(String, String)>), RouteError> {
    let found = found?;
    let id = operation(found.operation).unwrap().id;
    let id = match id.strip_prefix("api-mirror/r/") {
        Some(at) => ROWS[at.parse::<usize>().unwrap()].id.clone(),
        None => id.to_owned(),
    };
    let params = found.params.iter();
    Ok((
        id,
        params
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect(),
    ))
}

fn same(method: &str, path: &[u8]) {
    assert_eq!(
        told(MIRROR.route(method, path)),
        told(route(Door::Api, method, path)),
        "{method} {}",
        String::from_utf8_lossy(path)
    );
}

#[test]
fn doubtful_paths_are_refused_alike() {
    for (path, error) in [
        ("/repos/acme/..", RouteError::Ambiguous),
        ("/repos/acme/%2e%2e", RouteError::Ambiguous),
        ("/repos/acme/.%2E", RouteError::Ambiguous),
        ("/repos/acme/a%2Fb", RouteError::Ambiguous),
        ("/repos/acme/a%5Cb", RouteError::Ambiguous),
        ("/repos/acme/a\\b", RouteError::Ambiguous),
        ("/repos/acme/a;b", RouteError::Ambiguous),
        ("/repos/acme/a%252Fb", RouteError::Ambiguous),
        ("/repos//site", RouteError::Ambiguous),
        ("/repos/acme/a%00", RouteError::Malformed),
        ("/repos/acme/a%0d%0ab", RouteError::Malformed),
        ("/repos/acme/%ff", RouteError::Malformed),
        ("/repos/acme/%c0%af", RouteError::Malformed),
        ("/repos/acme/%zz", RouteError::Malformed),
        ("/repos/acme/%", RouteError::Malformed),
        ("/repos/acme/a b", RouteError::Malformed),
        ("/repos/acme/a#b", RouteError::Malformed),
        ("/repos/acme/é", RouteError::Malformed),
        ("/gists/%70ublic", RouteError::Ambiguous),
        ("/repos/acme/site/", RouteError::Unknown),
        ("repos/acme/site", RouteError::Malformed),
        ("/REPOS/acme/site", RouteError::Unknown),
    ] {
        assert_eq!(told(MIRROR.route("GET", path.as_bytes())), Err(error), "{path}");
        for method in [
            "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "get", "",
        ] {
            same(method, path.as_bytes());
        }
    }
    let long = format!("/repos/{}", "a/".repeat(5_000));
    same("GET", long.as_bytes());
}

proptest! {
    #[test]
    fn a_loaded_router_is_the_built_in_one(path in likely_path(), method in proptest::sample::select(vec!["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])) {
        same(method, path.as_bytes());
    }

    #[test]
    fn any_bytes_are_routed_alike(path in proptest::collection::vec(any::<u8>(), 0..80)) {
        same("GET", &path);
    }

    #[test]
    fn no_text_makes_the_reader_panic(text in any::<String>(), name in any::<String>()) {
        let _ = Extension::read("mirror", "f", &text);
        let _ = Extension::read(&name, "f", &text);
    }

    #[test]
    fn no_bent_file_makes_the_reader_panic(at in 0..2_000usize, length in 0..20usize, extra in "[a-z/{}*~#=|:@?+. \\n\\t\u{e9}]{0,12}") {
        for good in EXAMPLES {
            let floor = |mut at: usize| { while !good.is_char_boundary(at) { at -= 1; } at };
            let from = floor(at.min(good.len()));
            let to = floor((from + length).min(good.len())).max(from);
            let bent = format!("{}{extra}{}", &good[..from], &good[to..]);
            if let Ok(extension) = Extension::read("mirror", "f", &bent) {
                for row in extension.operations() {
                    prop_assert!(!row.sudo && !row.kinds.classic && row.door == Door::Mounted);
                    prop_assert!(row.anonymous == Anonymous::Never || !row.writes);
                    named_whatever_is_needed(row);
                }
            }
        }
    }
}

/// Every term of a loaded operation has a target that its names fill.
fn named_whatever_is_needed(row: &Operation) {
    let Requirement::AnyOf(alternatives) = row.requirement else {
        return;
    };
    let named = names(row.index);
    for term in alternatives.iter().flat_map(|terms| terms.iter()) {
        let filled = match term.target {
            Target::Repository => named.repository.is_some(),
            Target::Organization => named.repository.is_some() || named.organization.is_some(),
            Target::Enterprise => named.enterprise.is_some(),
            Target::Own => true,
            Target::Destination | Target::SecondRepository => false,
        };
        assert!(filled, "{}", row.id);
    }
}

const EXAMPLES: [&str; 2] = [
    include_str!("../../../../examples/generic/tracker.txt"),
    include_str!("../../../../examples/generic/artifacts.txt"),
];

#[test]
fn the_examples_say_what_their_comments_say() {
    let [tracker, artifacts] = EXAMPLES.map(read);
    let of = |extension: &Extension, id: &str| extension.by_id(&format!("mirror/{id}")).unwrap();
    for row in tracker.operations() {
        assert_eq!(
            names(row.index).organization,
            Some(AccountName::Fixed("acme")),
            "{}",
            row.id
        );
        assert_eq!(names(row.index).repository, None);
    }
    assert!(!of(&tracker, "tickets/query").writes && of(&tracker, "tickets/export").bulk);
    assert!(!of(&tracker, "tickets/delete").kinds.fine_grained);
    assert!(of(&tracker, "hooks/create").plants);
    assert_eq!(
        names(of(&artifacts, "artifacts/upload").index).repository,
        Some(RepositoryName::OwnerAndName("owner", "repo"))
    );
    assert_eq!(
        names(of(&artifacts, "quota/get").index).organization,
        Some(AccountName::Login("org"))
    );
    let whole = read(
        "repository acme/site\na/b GET /x\n  needs issues:read\n  role repository:read\n  anonymous public\n",
    );
    assert_eq!(
        names(whole.operations()[0].index).repository,
        Some(RepositoryName::Fixed("acme", "site"))
    );
}
