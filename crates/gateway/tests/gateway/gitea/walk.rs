//! Persons with tokens at Gitea: what they may do is done there in their name, and what they may not is never asked.

use super::standin::Gitea;
use crate::front::{Answered, Behind, Front, UPSTREAM_TOKEN};
use crate::recorder::Arrived;
use bailiwick_model::UpstreamKind;

const ISSUES: &[(&str, &str)] = &[("issues", "write"), ("pull_requests", "write")];
const SITE: Option<&[&str]> = Some(&["site"]);

async fn before(gitea: &Gitea) -> Front {
    Front::before(vec![Behind::new(
        "forge",
        UpstreamKind::Gitea,
        gitea.recorder.url(),
    )])
    .await
}

/// The one request that arrived, with the only credential that may.
#[track_caller]
fn one(gitea: &Gitea, token: &str) -> Arrived {
    let mut all = gitea.recorder.take();
    assert_eq!(all.len(), 1, "{all:?}");
    let one = all.remove(0);
    assert!(!String::from_utf8_lossy(&one.raw).contains(token), "{one:?}");
    one
}

/// What may never be in an answer.
#[track_caller]
fn clean(answer: &Answered) {
    let text = format!("{}{}", answer.head, String::from_utf8_lossy(&answer.body));
    for secret in [UPSTREAM_TOKEN, "upstream-session", "gitea.internal/forge"] {
        assert!(!text.contains(secret), "{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_is_done_in_the_name_of_the_person() {
    let gitea = Gitea::start().await;
    let front = before(&gitea).await;
    for (login, there) in [("alice", "alice-there"), ("bob", "bobby")] {
        let write = [ISSUES, &[("contents", "write")]].concat();
        let (_, token) = front.token(login, &[("acme", SITE, &write)]);
        let answer = front
            .ask(
                "POST",
                "/api/v1/repos/acme/site/issues",
                &token,
                "{\"title\": \"a\"}",
            )
            .await
            .expect(201);
        clean(&answer);
        assert_eq!(answer.json["user"]["login"], there);
        let number = answer.json["number"].as_i64().unwrap();
        let location = format!(
            "location: http://{}/api/v1/repos/acme/site/issues/{number}\r\n",
            front.address
        );
        assert!(answer.head.contains(&location), "{}", answer.head);
        let arrived = one(&gitea, &token);
        assert_eq!(arrived.method, "POST");
        assert_eq!(arrived.target, "/api/v1/repos/team/website/issues");
        assert_eq!(arrived.body, b"{\"title\": \"a\"}");
        assert_eq!(arrived.header("sudo"), Some(there));
        let administrator = format!("token {UPSTREAM_TOKEN}");
        assert_eq!(arrived.header("authorization"), Some(administrator.as_str()));
        let issue = format!("/api/v1/repos/acme/site/issues/{number}?page=%31&x=+");
        let answer = front.ask("GET", &issue, &token, "").await.expect(200);
        assert_eq!(answer.json["title"], "a");
        let arrived = one(&gitea, &token);
        assert_eq!(
            arrived.target,
            format!("/api/v1/repos/team/website/issues/{number}?page=%31&x=+")
        );
        let file = "/api/v1/repos/ACME/Site/contents/docs/a%20b.md";
        let body = "{\"content\": \"aGk=\", \"sha\": \"x\"}";
        front.ask("PUT", file, &token, body).await.expect(201);
        let arrived = one(&gitea, &token);
        assert_eq!(
            arrived.target,
            "/api/v1/repos/team/website/contents/docs/a%20b.md"
        );
        assert_eq!(
            front.ask("GET", "/api/v1/user", &token, "").await.json["login"],
            there
        );
        one(&gitea, &token);
        let acted = gitea.acting();
        assert_eq!(acted.len(), 4);
        assert!(acted.iter().all(|who| who.as_deref() == Some(there)), "{acted:?}");
    }
    let issues = gitea.issues();
    let authors: Vec<&str> = issues.iter().map(|issue| issue.2.as_str()).collect();
    assert_eq!(authors, ["alice-there", "bobby"]);
    assert_eq!(gitea.files().len(), 2);
    let events = front.events();
    let forwarded: Vec<_> = events
        .iter()
        .filter(|event| event.reason == "forwarded")
        .collect();
    assert_eq!(forwarded.len(), 4, "{events:?}");
    assert!(forwarded.iter().all(|event| event.token_id.is_some()));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_refused_is_never_asked() {
    let gitea = Gitea::start().await;
    let front = before(&gitea).await;
    let everything = [
        ("issues", "write"),
        ("pull_requests", "write"),
        ("contents", "write"),
        ("administration", "write"),
        ("members", "write"),
    ];
    let own = [("keys", "write")];
    let (_, token) = front.token("alice", &[("acme", SITE, &everything), ("alice", None, &own)]);
    let (_, reads) = front.token(
        "bob",
        &[("acme", SITE, &[("issues", "read"), ("pull_requests", "read")])],
    );
    for (token, method, path, status, reason) in [
        (&token, "GET", "/teams/1", 403, "operation.closed"),
        (&token, "GET", "/users/alice/tokens", 403, "operation.closed"),
        (&token, "POST", "/users/alice/tokens", 403, "operation.closed"),
        (&token, "GET", "/admin/users", 403, "operation.closed"),
        (&token, "POST", "/admin/users/alice/keys", 403, "operation.closed"),
        (&token, "GET", "/nowhere", 404, ""),
        (&token, "GET", "/repos/acme/secret", 404, ""),
        (&token, "GET", "/repos/team/website", 404, ""),
        (&token, "POST", "/repos/acme/site/hooks", 403, ""),
        (&reads, "POST", "/repos/acme/site/issues", 403, ""),
        (&reads, "PATCH", "/repos/acme/site/issues/1", 403, ""),
        (&reads, "PUT", "/repos/acme/site/contents/a", 403, ""),
        (&reads, "GET", "/user/repos", 403, "upstream.spans"),
        (&reads, "GET", "/repos/search", 403, "upstream.spans"),
        (&reads, "GET", "/repos/issues/search", 403, "upstream.spans"),
        (&token, "GET", "/user/orgs", 403, "upstream.spans"),
    ] {
        let target = format!("/api/v1{path}");
        let answer = front.ask(method, &target, token, "").await.expect(status);
        if !reason.is_empty() {
            assert_eq!(answer.reason(), reason, "{method} {path}");
        }
    }
    assert_eq!(gitea.recorder.take(), []);
    assert_eq!(gitea.hooks(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hook_is_planted_only_where_the_owner_lets_tokens_plant() {
    let gitea = Gitea::start().await;
    let front = before(&gitea).await;
    let hooks = &[("repository_hooks", "write")];
    let (id, token) = front.token("alice", &[("acme", SITE, hooks)]);
    let (_, writer) = front.token("bob", &[("acme", SITE, hooks)]);
    let path = "/api/v1/repos/acme/site/hooks";
    let body = "{\"type\": \"gitea\", \"config\": {\"url\": \"https://ci.example.org/\", \"content_type\": \"json\"}}";
    let refused = front.ask("POST", path, &token, body).await.expect(403);
    assert_eq!(refused.reason(), "policy.planting");
    front.open_planting(&["acme"]);
    front.ask("POST", path, &writer, body).await.expect(403);
    assert_eq!((gitea.recorder.take(), gitea.hooks()), (Vec::new(), 0));
    front.ask("POST", path, &token, body).await.expect(201);
    assert_eq!(one(&gitea, &token).target, "/api/v1/repos/team/website/hooks");
    assert_eq!(
        (gitea.acting(), gitea.hooks()),
        (vec![Some("alice-there".into())], 1)
    );
    let forwarded = front
        .events()
        .into_iter()
        .find(|event| event.reason == "forwarded")
        .unwrap();
    assert_eq!(forwarded.token_id, Some(id));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_spans_takes_every_repository_of_its_owner() {
    let gitea = Gitea::start().await;
    let front = before(&gitea).await;
    let reads = [("metadata", "read"), ("issues", "read")];
    let (_, some) = front.token("alice", &[("acme", SITE, &reads)]);
    let (_, all) = front.token("alice", &[("acme", None, &reads)]);
    let list = "/api/v1/orgs/acme/repos";
    let refused = front.ask("GET", list, &some, "").await.expect(403);
    assert_eq!(refused.reason(), "upstream.spans");
    let help = refused.json["message"].as_str().unwrap();
    assert!(help.contains("selects all repositories"), "{help}");
    assert!(
        front
            .events()
            .iter()
            .any(|event| event.reason == "upstream.spans")
    );
    assert_eq!(gitea.recorder.take(), []);
    let answer = front.ask("GET", list, &all, "").await.expect(200);
    assert_eq!(answer.json.as_array().unwrap().len(), 3);
    assert_eq!(one(&gitea, &all).target, "/api/v1/orgs/team/repos");
    // What follows a person leads to every owner, whichever repositories of one are selected.
    let account = [
        ("metadata", "read"),
        ("starring", "read"),
        ("watching", "read"),
        ("user_events", "read"),
    ];
    let (_, person) = front.token("alice", &[("alice", None, &account)]);
    for path in ["starred", "subscriptions", "activities/feeds", "heatmap", "orgs"] {
        let path = format!("/api/v1/users/alice/{path}");
        let refused = front.ask("GET", &path, &person, "").await.expect(403);
        assert_eq!(refused.reason(), "upstream.spans", "{path}");
    }
    assert_eq!(gitea.recorder.take(), []);
    let path = "/api/v1/users/alice/repos";
    front.ask("GET", path, &person, "").await.expect(200);
    assert_eq!(one(&gitea, &person).target, "/api/v1/users/alice-there/repos");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_visitors_allowance_is_a_visitors_there() {
    let gitea = Gitea::start().await;
    let front = before(&gitea).await;
    let (_, nothing) = front.token("bob", &[]);
    // Whoever it is, linked or not: a token without a grant is shown what everybody is.
    let (_, unlinked) = front.token("dave", &[]);
    let (_, inactive) = front.token("erin", &[]);
    for token in ["", &nothing, &unlinked, &inactive] {
        for path in ["/repos/acme/www", "/version"] {
            front
                .ask("GET", &format!("/api/v1{path}"), token, "")
                .await
                .expect(200);
            let mut all = gitea.recorder.take();
            let arrived = all.remove(0);
            assert_eq!(
                (arrived.header("authorization"), arrived.header("sudo")),
                (None, None)
            );
            assert_eq!(gitea.acting(), [None]);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_nobody_there_is_told_so() {
    let gitea = Gitea::start().await;
    let front = before(&gitea).await;
    let path = "/api/v1/repos/acme/site/issues";
    for (login, reason, asked) in [
        ("dave", "upstream.not_linked", 0),
        ("erin", "upstream.inactive", 0),
        ("carol", "upstream.unknown_person", 1),
        ("frank", "upstream.inactive", 1),
    ] {
        let (_, token) = front.token(login, &[("acme", SITE, ISSUES)]);
        let refused = front
            .ask("POST", path, &token, "{\"title\": \"a\"}")
            .await
            .expect(403);
        assert_eq!(refused.reason(), reason, "{login}");
        clean(&refused);
        assert_eq!(gitea.recorder.take().len(), asked, "{login}");
        let events = front.events();
        assert!(events.iter().any(|event| event.reason == reason), "{login}");
    }
    assert!(gitea.issues().is_empty());
    // What Gitea itself refuses the person is passed on in its words.
    let (_, token) = front.token("bob", &[("acme", SITE, ISSUES)]);
    let gone = format!("{path}/99");
    let answer = front.ask("GET", &gone, &token, "").await.expect(404);
    assert_eq!(answer.json["message"], "issue does not exist");
    gitea.recorder.take();
    // Persons have the names here that they have here, and are linked or unknown there.
    for (login, there, status) in [("bob", "bobby", 200), ("carol", "ghost", 404)] {
        let path = format!("/api/v1/users/{login}");
        front.ask("GET", &path, &token, "").await.expect(status);
        assert_eq!(one(&gitea, &token).target, format!("/api/v1/users/{there}"));
    }
    let unnamed = front
        .ask("GET", "/api/v1/users/dave", &token, "")
        .await
        .expect(409);
    assert_eq!(unnamed.reason(), "upstream.unnamed");
    front
        .ask("GET", "/api/v1/users/nobody", &token, "")
        .await
        .expect(404);
    assert_eq!(gitea.recorder.take(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_credential_that_gitea_refuses_is_a_matter_for_administrators() {
    let gitea = Gitea::start().await;
    for secret in ["stale", crate::front::BOBS_SECRET] {
        let mut behind = Behind::new("forge", UpstreamKind::Gitea, gitea.recorder.url());
        behind.secrets = vec![("token", secret.into())];
        let front = Front::before(vec![behind]).await;
        let (_, token) = front.token("bob", &[("acme", SITE, ISSUES)]);
        let path = "/api/v1/repos/acme/site/issues/1";
        let refused = front.ask("GET", path, &token, "").await.expect(502);
        assert_eq!(refused.reason(), "upstream.credential_refused");
        assert!(!String::from_utf8_lossy(&refused.body).contains(secret));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn where_nothing_is_named_there_must_be_one_server() {
    let gitea = Gitea::start().await;
    let forge = |name| Behind::new(name, UpstreamKind::Gitea, gitea.recorder.url());
    let two = Front::before(vec![forge("one"), forge("two")]).await;
    let (_, token) = two.token(
        "bob",
        &[("acme", SITE, ISSUES), ("home", Some(&["here"]), ISSUES)],
    );
    let refused = two.ask("GET", "/api/v1/user", &token, "").await.expect(400);
    assert_eq!(refused.reason(), "upstream.ambiguous");
    let refused = two.ask("GET", "/api/v1/version", "", "").await.expect(400);
    assert_eq!(refused.reason(), "upstream.ambiguous");
    assert_eq!(gitea.recorder.take(), []);
    two.ask("GET", "/api/v1/repos/acme/site/issues/1", &token, "")
        .await
        .expect(404);
    one(&gitea, &token);
    let none = Front::before(vec![Behind::new(
        "plain",
        UpstreamKind::Git,
        gitea.recorder.url(),
    )])
    .await;
    let refused = none.ask("GET", "/api/v1/version", "", "").await.expect(501);
    assert_eq!(refused.reason(), "upstream.none");
    // Here, or at a server of another kind.
    let reads = &[("contents", "read")];
    let (_, token) = none.token(
        "alice",
        &[("home", Some(&["here"]), reads), ("code", Some(&["tool"]), reads)],
    );
    let refused = none
        .ask("GET", "/api/v1/repos/home/here/branches", &token, "")
        .await
        .expect(501);
    assert_eq!(refused.reason(), "upstream.kept_here");
    let refused = none
        .ask("GET", "/api/v1/repos/code/tool/branches", &token, "")
        .await
        .expect(501);
    assert_eq!(refused.reason(), "upstream.not_spoken");
    assert_eq!(gitea.recorder.take(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_body_names_means_the_same_on_both_sides() {
    let gitea = Gitea::start().await;
    let front = before(&gitea).await;
    let writes: &[(&str, &str)] = &[("contents", "read"), ("pull_requests", "write")];
    let (_, token) = front.token("alice", &[("acme", SITE, writes), ("labs", None, writes)]);
    let pulls = "/api/v1/repos/acme/site/pulls";
    // A branch of the repository itself needs no name; the repository is called otherwise there.
    front
        .ask("POST", pulls, &token, "{\"head\": \"dev\", \"base\": \"main\"}")
        .await
        .expect(404);
    assert_eq!(one(&gitea, &token).target, "/api/v1/repos/team/website/pulls");
    front
        .ask("GET", "/api/v1/repos/acme/site/compare/main...dev", &token, "")
        .await
        .expect(404);
    assert_eq!(
        one(&gitea, &token).target,
        "/api/v1/repos/team/website/compare/main...dev"
    );
    let compare = "/api/v1/repos/labs/rocket/compare/main...labs/rocket:dev";
    front.ask("GET", compare, &token, "").await.expect(404);
    assert_eq!(one(&gitea, &token).target, compare);
    // By name it would be another one there.
    for body in [
        "{\"head\": \"acme/site:dev\"}",
        "{\"head\": \"acme/site:dev\", \"base\": \"x\"}",
    ] {
        let refused = front.ask("POST", pulls, &token, body).await.expect(422);
        assert_eq!(refused.reason(), "upstream.elsewhere");
    }
    assert_eq!(gitea.recorder.take(), []);
}
