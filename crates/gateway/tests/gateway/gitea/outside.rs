//! Outside Gitea's API, where nobody can act as somebody else: the person's own secret, or the name in a header that
//! Gitea trusts of its proxy. And what stands for a visitor, at any kind: nothing.

use crate::front::{ALICES_SECRET, Behind, Front, UPSTREAM_TOKEN};
use crate::recorder::{Recorder, answer, json};
use bailiwick_model::UpstreamKind;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

const SITE: Option<&[&str]> = Some(&["site"]);
const READ: &[(&str, &str)] = &[("contents", "read"), ("packages", "read")];
const REFS: &str = "/acme/site.git/info/refs?service=git-upload-pack";

async fn git() -> Recorder {
    Recorder::answering(|_| {
        let kind = "application/x-git-upload-pack-advertisement";
        answer(200, kind, b"001e# service=git-upload-pack\n00000000")
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn git_is_asked_with_the_persons_own_secret() {
    let recorder = git().await;
    let front = Front::before(vec![Behind::new("forge", UpstreamKind::Gitea, recorder.url())]).await;
    let (_, alice) = front.token("alice", &[("acme", SITE, READ)]);
    front.ask("GET", REFS, &alice, "").await.expect(200);
    let arrived = recorder.take().remove(0);
    let own = format!(
        "Basic {}",
        STANDARD.encode(format!("alice-there:{ALICES_SECRET}"))
    );
    assert_eq!(arrived.header("authorization"), Some(own.as_str()));
    assert_eq!(arrived.header("sudo"), None);
    // Who is linked without a secret, is not linked, or is switched off there.
    for (login, status, words) in [
        ("frank", 502, "has no credential for Git"),
        ("dave", 403, "is not linked"),
        ("erin", 403, "is not active"),
    ] {
        let (_, token) = front.token(login, &[("acme", SITE, READ)]);
        let refused = front.ask("GET", REFS, &token, "").await.expect(status);
        let text = String::from_utf8_lossy(&refused.body).into_owned();
        assert!(text.contains(words), "{login}: {text}");
    }
    assert_eq!(recorder.take(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn where_gitea_trusts_a_header_it_names_the_person() {
    let recorder = git().await;
    let behind = Behind::new("forge", UpstreamKind::Gitea, recorder.url())
        .with(|settings| settings.user_header = Some("X-WEBAUTH-USER".into()));
    let front = Front::before(vec![behind]).await;
    let (_, token) = front.token("frank", &[("acme", SITE, READ)]);
    let authorization = format!("Bearer {token}");
    for named in ["X-WEBAUTH-USER", "x-webauth-user", "X-Webauth-User"] {
        let headers = [
            ("authorization", authorization.as_str()),
            (named, "root"),
            ("X-WEBAUTH-EMAIL", "root@example.org"),
            ("X-WEBAUTH-FULLNAME", "root"),
            ("Sudo", "root"),
        ];
        front.send("GET", REFS, &headers, b"").await.expect(200);
        let arrived = recorder.take().remove(0);
        assert_eq!(arrived.header("x-webauth-user"), Some("suspended"));
        let raw = String::from_utf8_lossy(&arrived.raw).into_owned();
        assert!(!raw.contains("root") && !raw.contains(UPSTREAM_TOKEN), "{raw}");
        assert_eq!(arrived.header("authorization"), None);
    }
    // A visitor has no name, whatever the visitor says.
    let public = "/acme/www.git/info/refs?service=git-upload-pack";
    front
        .send("GET", public, &[("X-WEBAUTH-USER", "root")], b"")
        .await
        .expect(200);
    assert_eq!(recorder.take()[0].header("x-webauth-user"), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_visitors_allowance_carries_no_credential_at_any_kind() {
    let recorder = Recorder::answering(|_| json(200, &serde_json::json!([]))).await;
    let front = Front::before(vec![
        Behind::new("forge", UpstreamKind::Gitea, recorder.url()),
        Behind::new("artifacts", UpstreamKind::Generic, recorder.url()),
    ])
    .await;
    let (_, nothing) = front.token("alice", &[]);
    let (_, elsewhere) = front.token("bob", &[("acme", SITE, READ)]);
    for path in [
        "/api/v1/repos/acme/www/branches",
        "/api/v1/settings/api",
        "/-/artifacts/api/acme/www/artifacts",
    ] {
        for token in ["", &nothing, &elsewhere] {
            front.ask("GET", path, token, "").await.expect(200);
            let arrived = recorder.take().remove(0);
            for header in ["authorization", "sudo", "x-remote-user"] {
                assert_eq!(arrived.header(header), None, "{path}");
            }
        }
    }
    // With a grant it is the person who asks.
    let site = "/-/artifacts/api/acme/site/artifacts";
    front.ask("GET", site, &elsewhere, "").await.expect(200);
    assert_eq!(recorder.take()[0].header("x-remote-user"), Some("bobby"));
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_names_himself_under_a_header_that_is_the_gateways_to_fill() {
    let recorder = Recorder::answering(|_| json(200, &serde_json::json!([]))).await;
    let mut behind = Behind::new("artifacts", UpstreamKind::Generic, recorder.url());
    // Names that go through where no template has them.
    behind.settings.headers = vec![
        "X-Requested-With: {login}".into(),
        "User-Agent: {upstream_login}".into(),
    ];
    let front = Front::before(vec![behind]).await;
    let (_, elsewhere) = front.token("bob", &[("acme", SITE, READ)]);
    let bearer = format!("Bearer {elsewhere}");
    for (path, token, named) in [
        ("/-/artifacts/api/acme/www/artifacts", None, [None, None]),
        (
            "/-/artifacts/api/acme/site/artifacts",
            Some(("authorization", bearer.as_str())),
            [Some("bob"), Some("bobby")],
        ),
    ] {
        let mut headers = vec![
            ("X-Requested-With", "root"),
            ("x-requested-with", "alice"),
            ("User-Agent", "root"),
            // What a connection names is its own.
            ("Connection", "accept, range"),
            ("Accept", "planted"),
            ("Pragma", "kept"),
        ];
        headers.extend(token);
        front.send("GET", path, &headers, b"").await.expect(200);
        let arrived = recorder.take().remove(0);
        let found = ["x-requested-with", "user-agent"].map(|name| arrived.header(name));
        assert_eq!(found, named, "{path}");
        let found = ["accept", "pragma"].map(|name| arrived.header(name));
        assert_eq!(found, [None, Some("kept")], "{path}");
    }
}
