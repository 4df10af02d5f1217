//! What Gitea would obey or read in another way, and is turned away.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use super::{Kind, check, check_body, names};
use crate::Mounts;
use crate::classify::{Intent, classify};
use crate::message::{Head, Received};
use crate::passage::Passage;
use crate::reply::Body;
use crate::request::Query;
use bailiwick_authority::{Account, Names, RepositoryKey};
use bailiwick_catalogue::{Door, Operation, by_id};

fn operation(id: &str) -> &'static Operation {
    by_id(id).unwrap()
}

fn received(target: &str, headers: &[(&str, &str)]) -> Head {
    let mut request = http::Request::builder().method("POST").uri(target);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    Received::from(request.body(Body::default()).unwrap()).head
}

fn head(id: &str, target: &str, headers: &[(&str, &str)]) -> Result<Kind, &'static str> {
    let mut request = Passage::unread(received(target, headers), "http://a".into()).request;
    request.query = Query::parse(request.uri.query()).unwrap();
    check(&request, Some(operation(id))).map_err(|fault| fault.code)
}

fn json(id: &str, body: &str) -> Result<(), &'static str> {
    check_body(&Kind::Json, operation(id), body.as_bytes()).map_err(|fault| fault.code)
}

fn named(id: &str, parameters: &[(&'static str, &str)], body: &str) -> Names {
    let parameters: Vec<(&'static str, smol_str::SmolStr)> = parameters
        .iter()
        .map(|(name, value)| (*name, (*value).into()))
        .collect();
    crate::gather::names(operation(id), &parameters, body.as_bytes())
}

const HERE: [(&str, &str); 2] = [("owner", "acme"), ("repo", "site")];

fn here() -> Option<RepositoryKey> {
    Some(RepositoryKey::Name("acme".into(), "site".into()))
}

#[test]
fn the_door_is_below_its_prefix_alone() {
    let known = |path: &str| match classify("GET", path, None, &Mounts::default()) {
        Intent::Operation(operation, _) => operation.id,
        Intent::Unknown(Door::Gitea) => "unknown",
        Intent::Ambiguous(Door::Gitea) => "ambiguous",
        _ => "elsewhere",
    };
    assert_eq!(known("/api/v1/repos/acme/site"), "gitea/repo-get");
    assert_eq!(known("/api/v1/version"), "gitea/get-version");
    for path in [
        "/api/v1",
        "/api/v1/",
        "/api/v1/zen",
        "/api/v1/repos/acme/site/",
        "/api/v1/Version",
        // What Git's door would take, were it asked.
        "/api/v1/info/refs",
        "/api/v1/HEAD",
    ] {
        assert_eq!(known(path), "unknown", "{path}");
    }
    for path in [
        "/api/v1//repos/acme/site",
        "/api/v1/../v3/user",
        "/api/v1/repos/acme/..%2fsite",
        "/api/v1/repos/acme%2Fsite/issues",
        "/api/v1/repos/acme/site/contents/%2e%2e/x",
        "/api/v1/repos/acme/site;x=1",
        "/api/v1/users/%73earch",
        "/api/v1/repos/acme/si%2574e",
    ] {
        assert_eq!(known(path), "ambiguous", "{path}");
    }
    assert_eq!(known("/api/v10/version"), "elsewhere");
    assert_eq!(known("/API/v1/version"), "elsewhere");
}

#[test]
fn nobody_acts_as_somebody_else() {
    let id = "gitea/user-get-current";
    assert_eq!(head(id, "/user", &[("sudo", "alice")]), Err("head.sudo"));
    assert_eq!(head(id, "/user", &[("SUDO", "")]), Err("head.sudo"));
    for query in [
        "sudo=alice",
        "x=1&sudo",
        "SUDO=a",
        "%73udo=a",
        "sudo+=a",
        "a=1&su%64o=b",
    ] {
        let target = format!("/user?{query}");
        assert_eq!(head(id, &target, &[]), Err("query.sudo"), "{query}");
    }
    assert_eq!(head(id, "/user?a=1;sudo=b", &[]), Err("query.ambiguous"));
    assert_eq!(head(id, "/user?q=sudo&page=2", &[]), Ok(Kind::None));
}

#[test]
fn forms_are_no_bodies_here() {
    let id = "gitea/issue-create-issue";
    for kind in [
        "application/x-www-form-urlencoded",
        "Application/X-WWW-Form-Urlencoded; charset=utf-8",
        "multipart/form-data; boundary=x",
        "multipart/mixed; boundary=x",
        "application/json; x=form-urlencoded",
        "application/json, application/x-www-form-urlencoded",
        "text/json-form-urlencoded",
        "text/plain",
        "application/octet-stream",
        "",
    ] {
        assert_eq!(
            head(id, "/x", &[("content-type", kind)]),
            Err("body.media_type"),
            "{kind}"
        );
    }
    for kind in [
        "application/json",
        "Application/JSON;charset=UTF-8",
        "application/json; charset=\"utf-8\"",
    ] {
        assert_eq!(
            head(id, "/x", &[("content-type", kind)]),
            Ok(Kind::Json),
            "{kind}"
        );
    }
    let twice = [
        ("content-type", "application/json"),
        ("content-type", "application/json"),
    ];
    assert_eq!(head(id, "/x", &twice), Err("body.media_type"));
    // Where bytes are expected they may come, and a form with one file.
    let asset = "gitea/repo-create-release-attachment";
    assert_eq!(
        head(
            asset,
            "/x?name=a",
            &[("content-type", "application/octet-stream")]
        ),
        Ok(Kind::Raw)
    );
    assert_eq!(
        head(
            asset,
            "/x",
            &[("content-type", "multipart/form-data; boundary=\"--b1\"")]
        ),
        Ok(Kind::Upload("--b1".into()))
    );
    for kind in [
        "multipart/form-data",
        "multipart/form-data; boundary=",
        "multipart/form-data; boundary=a; boundary=b",
        "multipart/form-data; boundary=a b",
        "multipart/form-data; charset=x",
    ] {
        assert_eq!(
            head(asset, "/x", &[("content-type", kind)]),
            Err("body.media_type"),
            "{kind}"
        );
    }
}

#[test]
fn an_upload_holds_one_file() {
    let asset = operation("gitea/issue-create-issue-attachment");
    let sent = |body: &str| {
        let kind = Kind::Upload("b1".into());
        check_body(&kind, asset, body.as_bytes()).map_err(|fault| fault.code)
    };
    let file = "Content-Disposition: form-data; name=\"attachment\"; filename=\"a.txt\"";
    let plain = format!("--b1\r\n{file}\r\nContent-Type: text/plain\r\n\r\nline\r\n--other\r\n--b1--\r\n");
    assert_eq!(sent(&plain), Ok(()));
    assert_eq!(sent(&format!("--b1\r\n{file}\r\n\r\n\r\n--b1--")), Ok(()));
    let second = "Content-Disposition: form-data; name=\"sudo\"";
    for body in [
        format!("--b1\r\n{file}\r\n\r\nx\r\n--b1\r\n{second}\r\n\r\nalice\r\n--b1--\r\n"),
        format!("--b1\r\n{second}\r\n\r\nalice\r\n--b1--\r\n"),
        format!("--b1\r\n{second}; filename=\"a\"\r\n\r\nalice\r\n--b1--\r\n"),
        format!("--b1\r\n{file}\r\n{second}\r\n\r\nalice\r\n--b1--\r\n"),
        format!("--b1\r\n{file}; name=\"sudo\"\r\n\r\nalice\r\n--b1--\r\n"),
        format!("--b1\r\n{file}\r\nX-Else: 1\r\n\r\nx\r\n--b1--\r\n"),
        // Another reader takes a bare line feed for the end of a line.
        format!("--b1\r\n{file}\r\n\r\nx\n--b1\n{second}\n\nalice\r\n--b1--\r\n"),
        format!("preamble\r\n--b1\r\n{file}\r\n\r\nx\r\n--b1--\r\n"),
        format!("--b1\r\n{file}\r\n\r\nx\r\n--b1--\r\n--b1\r\n{second}\r\n\r\nalice\r\n--b1--"),
        format!("--b1\r\n{file}\r\n\r\nx\r\n--b1"),
        String::new(),
    ] {
        assert_eq!(sent(&body), Err("body.parts"), "{body}");
    }
}

#[test]
fn what_a_body_names_is_written_once_and_plainly() {
    let transfer = "gitea/repo-transfer";
    assert_eq!(json(transfer, r#"{"new_owner":"rival"}"#), Ok(()));
    for (body, code) in [
        (r#"{"new_owner":"acme","new_owner":"rival"}"#, "body.ambiguous"),
        (r#"{"new_owner":"acme","New_Owner":"rival"}"#, "body.ambiguous"),
        (r#"{"NEW_OWNER":"rival"}"#, "body.ambiguous"),
        (r#"{"new_owner":"acme","newowner":"rival"}"#, "body.ambiguous"),
        (r#"{"new_owner":7}"#, "body.shape"),
        (r#"{"new_owner":"a\u0000b"}"#, "body.shape"),
        (r#"{"new_owner":""}"#, "body.missing"),
        (r#"{}"#, "body.missing"),
        ("", "body.missing"),
        (r#"{"new_owner":"acme"}{"new_owner":"rival"}"#, "body.not_json"),
        ("[]", "body.not_json"),
        ("null", "body.not_json"),
        ("{", "body.not_json"),
        ("\u{feff}{}", "body.not_json"),
    ] {
        assert_eq!(json(transfer, body), Err(code), "{body}");
    }
    let merge = "gitea/repo-merge-pull-request";
    assert_eq!(
        json(merge, r#"{"Do":"merge","delete_branch_after_merge":false}"#),
        Ok(())
    );
    assert_eq!(json(merge, r#"{"Do":"merge"}"#), Ok(()));
    assert_eq!(
        json(merge, r#"{"Do":"merge","delete_branch_after_merge":true}"#),
        Err("body.delete_branch")
    );
    assert_eq!(
        json(merge, r#"{"Do":"merge","DeleteBranchAfterMerge":true}"#),
        Err("body.ambiguous")
    );
    // Without its type a body is nobody's.
    let untyped = check_body(&Kind::None, operation(transfer), b"{\"new_owner\":\"acme\"}");
    assert_eq!(untyped.map_err(|fault| fault.code), Err("body.media_type"));
}

#[test]
fn destinations_are_gathered() {
    let to = |id: &str, body: &str| named(id, &HERE, body).destination;
    let any = |login: &str| Some(Account::Any(login.into()));
    assert_eq!(
        to("gitea/create-fork", r#"{"organization":"rival"}"#),
        any("rival")
    );
    assert_eq!(to("gitea/create-fork", ""), Some(Account::Own));
    assert_eq!(to("gitea/generate-repo", r#"{"owner":"rival"}"#), any("rival"));
    assert_eq!(
        to("gitea/repo-transfer", r#"{"new_owner":"rival"}"#),
        any("rival")
    );
    assert_eq!(
        to("gitea/repo-migrate", r#"{"repo_owner":"rival"}"#),
        any("rival")
    );
    assert_eq!(
        to("gitea/repo-migrate", r#"{"repo_name":"x"}"#),
        Some(Account::Own)
    );
    // What cannot be read is about nothing that exists.
    for body in [
        r#"{"uid":1}"#,
        r#"{"repo_owner":"acme","uid":1}"#,
        r#"{"repo_owner":1}"#,
        "{",
    ] {
        assert_eq!(to("gitea/repo-migrate", body), Some(Account::Id(0)), "{body}");
    }
    assert_eq!(json("gitea/repo-migrate", r#"{"uid":1}"#), Err("body.owner"));
}

#[test]
fn second_repositories_are_gathered() {
    let compared = |basehead: &str| {
        let mut parameters = HERE.to_vec();
        parameters.push(("basehead", basehead));
        named("gitea/repo-compare-diff", &parameters, "").second
    };
    let other = Some(RepositoryKey::Name("rival".into(), "plans".into()));
    let missing = Some(RepositoryKey::Id(0));
    assert_eq!(compared("main...dev/x"), here());
    assert_eq!(compared("main...rival/plans:main"), other);
    assert_eq!(compared("main..rival/plans:main"), other);
    for basehead in [
        "main...rival:main",
        "main...acme:main",
        "rival/plans:main...main",
        "rival/plans:main",
        "main...a/b/c:main",
        "main...rival/plans:a:b",
        "main...:main",
        "main.../plans:main",
    ] {
        assert_eq!(compared(basehead), missing, "{basehead}");
    }
    let proposed = |body: &str| named("gitea/repo-create-pull-request", &HERE, body).second;
    assert_eq!(proposed(r#"{"head":"dev","base":"main"}"#), here());
    assert_eq!(proposed(r#"{"head":"rival/plans:dev"}"#), other);
    for body in [
        r#"{"head":"rival:dev"}"#,
        r#"{"Head":"dev"}"#,
        r#"{"head":"dev","HEAD":"rival/plans:dev"}"#,
        r#"{}"#,
        "",
    ] {
        assert_eq!(proposed(body), missing, "{body}");
    }
}

#[test]
fn files_that_may_be_workflows_count_as_such() {
    let plain = |id: &str, path: &str, body: &str| {
        let mut parameters = HERE.to_vec();
        parameters.push(("filepath", path));
        named(id, &parameters, body).no_workflow
    };
    let create = "gitea/repo-create-file";
    assert!(plain(create, "README.md", ""));
    assert!(plain(create, "docs/.gitea/notes.md", ""));
    for path in [
        ".gitea/workflows/a.yaml",
        ".github/workflows/a.yaml",
        ".forgejo/workflows/a.yaml",
        ".GitHub/Workflows/a.yaml",
        ".github/actions/a/action.yaml",
        "ci/workflows/a.yaml",
        " .github/workflows/a.yaml",
        "x\\..\\.github",
    ] {
        assert!(!plain(create, path, ""), "{path}");
    }
    let update = "gitea/repo-update-file";
    assert!(plain(update, "a", r#"{"content":"","from_path":"b"}"#));
    assert!(!plain(
        update,
        "a",
        r#"{"content":"","from_path":".gitea/workflows/b"}"#
    ));
    assert!(!plain(update, "a", r#"{"From_Path":"b"}"#));
    // What the path does not tell, nobody knows.
    assert!(!plain("gitea/repo-change-files", "README.md", "{}"));
    assert!(!named("gitea/repo-create-branch", &HERE, "{}").no_workflow);
}

#[test]
fn numbers_and_people_of_the_server_behind_are_not_looked_up_here() {
    let mut parameters = HERE.to_vec();
    parameters.extend([("index", "7"), ("username", "alice"), ("id", "3")]);
    let mut found = Names {
        issue: Some(7),
        comment: Some(3),
        person: Some("alice".into()),
        ..Names::default()
    };
    names(operation("gitea/issue-get-issue"), &[], b"", &mut found);
    assert_eq!(found, Names::default());
    let found = named(
        "gitea/org-delete-member",
        &[("org", "acme"), ("username", "alice")],
        "",
    );
    assert_eq!(found.person, None);
    assert_eq!(found.organization, Some(Account::Organization("acme".into())));
    let found = named("gitea/get-package", &[("owner", "acme")], "");
    assert_eq!(found.organization, Some(Account::Any("acme".into())));
}
