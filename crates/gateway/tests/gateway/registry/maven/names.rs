//! Whose an artifact is, and everything that looks like another's.

use super::bed::{Repository, place};
use crate::registry::place::{ADMIN, READ, WRITE};
use bailiwick_model::Visibility;

const ORGANIZATION: &[(&str, &str)] = &[("organization_packages", "write")];

#[tokio::test(flavor = "multi_thread")]
async fn the_longest_linked_group_says_whose_it_is() {
    let repository = Repository::start().await;
    let place = place(&repository).await;
    let front = &place.front;
    let (bob_id, bob) = place.token("bob", Some(&["site", "secret"]), WRITE);
    let (_, alice) = place.token("alice", Some(&["secret"]), WRITE);
    let (_, owner) = place.token("alice", None, ORGANIZATION);
    let put = |path: &str, token: &str| {
        let (path, token) = (format!("/-/jars/{path}"), token.to_owned());
        async move { front.ask("PUT", &path, &token, "x").await.status }
    };
    assert_eq!(put("com/acme/sub/deep/app/1/app-1.jar", &bob).await, 201);
    assert_eq!(put("com/acme/secret/app/1/app-1.jar", &bob).await, 404);
    assert_eq!(put("com/acme/secret/app/1/app-1.jar", &alice).await, 201);
    assert_eq!(put("com/acme/app/1/app-1.jar", &alice).await, 404);
    // At a dot alone.
    assert_eq!(put("com/acmeevil/app/1/app-1.jar", &bob).await, 404);
    assert_eq!(put("com/acme2/app/1/app-1.jar", &bob).await, 404);
    // Whoever writes Acme means acme: not every disk tells them apart.
    assert_eq!(put("com/Acme/SECRET/app/2/app-2.jar", &bob).await, 404);
    assert_eq!(put("COM/ACME/app/3/app-3.jar", &bob).await, 201);
    // An owner's as a whole.
    assert_eq!(put("org/team/app/1/app-1.jar", &bob).await, 404);
    assert_eq!(put("org/team/app/1/app-1.jar", &owner).await, 201);
    assert_eq!(put("org/tools/app/1/app-1.jar", &owner).await, 201);
    // Nobody's.
    for token in [&bob, &alice, &owner] {
        assert_eq!(put("net/nobody/app/1/app-1.jar", token).await, 404);
        assert_eq!(put("com/app/1/app-1.jar", token).await, 404);
        assert_eq!(put("com/maven-metadata.xml", token).await, 404);
    }
    place.has_told(
        Some(bob_id),
        "packages.package_version_published refused package.unowned com.acmeevil:app 1",
    );
    // Once published, it stays whose it was.
    place.link("com.acme.sub", false, "acme", Some("www"), Visibility::Private);
    assert_eq!(put("com/acme/sub/deep/app/2/app-2.jar", &bob).await, 201);
    assert_eq!(put("com/acme/sub/deep/other/2/other-2.jar", &bob).await, 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_public_is_everybodys_to_read() {
    let repository = Repository::start().await;
    let place = place(&repository).await;
    let front = &place.front;
    let (_, owner) = place.token(
        "alice",
        None,
        &[("organization_packages", "admin"), ("packages", "write")],
    );
    let (_, stranger) = front.token("mallory", &[]);
    for (path, public) in [
        ("/-/jars/org/open/app/1/app-1.jar", true),
        ("/-/jars/org/tools/app/1/app-1.jar", true),
        ("/-/jars/org/team/app/1/app-1.jar", false),
        ("/-/jars/com/acme/app/1/app-1.jar", false),
    ] {
        front.ask("PUT", path, &owner, "x").await.expect(201);
        let (visitor, other) = if public { (200, 200) } else { (401, 404) };
        front.ask("GET", path, "", "").await.expect(visitor);
        front.ask("GET", path, &stranger, "").await.expect(other);
        front
            .ask("PUT", &path.replace("-1.jar", "-1.war"), &stranger, "x")
            .await
            .expect(if public { 403 } else { 404 });
        front.ask("GET", path, "bwk_wrong", "").await.expect(401);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn metadata_is_decided_for_both_that_it_may_be_of() {
    let repository = Repository::start().await;
    let place = place(&repository).await;
    let front = &place.front;
    let (_, bob) = place.token("bob", Some(&["site"]), WRITE);
    let (_, alice) = place.token("alice", None, WRITE);
    // The group com.acme, and an artifact `acme` of com that is nobody's.
    front
        .ask("PUT", "/-/jars/com/acme/maven-metadata.xml", &bob, "x")
        .await
        .expect(201);
    // The artifact com.acme:app, and a group that is the same one's.
    front
        .ask("PUT", "/-/jars/com/acme/app/maven-metadata.xml", &bob, "x")
        .await
        .expect(201);
    // An artifact `secret` of acme/site, and the group of acme/secret: whose it is is not guessed.
    for token in [&bob, &alice] {
        front
            .ask("PUT", "/-/jars/com/acme/secret/maven-metadata.xml", token, "x")
            .await
            .expect(404);
        front
            .ask("GET", "/-/jars/com/acme/secret/maven-metadata.xml", token, "")
            .await
            .expect(404);
    }
    front
        .ask("PUT", "/-/jars/com/acme/secret/app/maven-metadata.xml", &bob, "x")
        .await
        .expect(404);
    front
        .ask(
            "PUT",
            "/-/jars/com/acme/secret/app/maven-metadata.xml",
            &alice,
            "x",
        )
        .await
        .expect(201);
    // The artifact `secret.tool` of com.acme is acme/site's; cut at its dot it would be com.acme.secret's.
    let (_, secret) = place.token("alice", Some(&["secret"]), WRITE);
    let dotted = "/-/jars/com/acme/secret.tool/maven-metadata.xml";
    front.ask("PUT", dotted, &secret, "x").await.expect(404);
    front.ask("PUT", dotted, &bob, "x").await.expect(201);
    front.ask("GET", dotted, &secret, "").await.expect(404);
    // An artifact that was bound by its first publishing counts before the group that was linked later.
    front
        .ask("PUT", "/-/jars/com/acme/late/1/late-1.jar", &bob, "x")
        .await
        .expect(201);
    place.link(
        "com.acme.late",
        false,
        "acme",
        Some("secret"),
        Visibility::Private,
    );
    for token in [&bob, &alice] {
        front
            .ask("PUT", "/-/jars/com/acme/late/maven-metadata.xml", token, "x")
            .await
            .expect(404);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tricks_reach_nobody() {
    let repository = Repository::start().await;
    let place = place(&repository).await;
    let (_, admin) = place.token("alice", None, ADMIN);
    let (_, reader) = place.token("alice", None, READ);
    for path in [
        "/-/jars",
        "/-/jars/",
        "/-/jars/com/acme/",
        "/-/jars/com/acme/app/1.0/",
        "/-/jars/com/acme/app/1.0",
        "/-/jars/com/acme/app/1.0/other-1.0.jar",
        "/-/jars/com/acme/app/1.0/app-2.0.jar",
        "/-/jars/com/acme/app/1.0/../../secret/1.0/app-1.0.jar",
        "/-/jars/com/acme/app/1.0/%2e%2e/2.0/app-2.0.jar",
        "/-/jars/com/acme/app%2f1.0/app-1.0.jar",
        "/-/jars/com/acme//app/1.0/app-1.0.jar",
        "/-/jars/com/acme/app/1.0/app-1.0.jar;v=2",
        "/-/jars/com/acme/app/1.0/app-1.0.jar?x=1",
        "/-/jars/com/acme/app/1.0/app-1.0.jar%00.txt",
        "/-/jars/com/acme/app/1.0\\app-1.0.jar",
        "/-/jars/com.acme/app/1.0/app-1.0.jar",
        "/-/jars/com/acme/app/1.0-snapshot/app-1.0-snapshot.jar",
        "/-/jars/com/acme/app/1.0/.htaccess",
        "/-/jars/archetype-catalog.xml",
        "/-/jars/com/acme/maven-metadata.xml/1/maven-metadata.xml-1.jar",
        "/-/JARS/com/acme/app/1.0/app-1.0.jar",
        "/-/%6aars/com/acme/app/1.0/app-1.0.jar",
    ] {
        for method in ["GET", "HEAD", "PUT", "DELETE"] {
            let status = place.front.ask(method, path, &admin, "").await.status;
            assert!(matches!(status, 400 | 404), "{method} {path}: {status}");
        }
    }
    let path = "/-/jars/com/acme/app/1.0/app-1.0.jar";
    for method in [
        "POST", "PATCH", "MKCOL", "MOVE", "COPY", "PROPFIND", "LOCK", "OPTIONS", "TRACE",
    ] {
        let status = place.front.ask(method, path, &admin, "").await.status;
        assert!(matches!(status, 400 | 404 | 405 | 501), "{method}: {status}");
    }
    let authorization = format!("Bearer {reader}");
    for name in ["x-http-method-override", "x-original-url", "destination"] {
        let headers = [("authorization", authorization.as_str()), (name, "PUT")];
        let status = place.front.send("GET", path, &headers, b"").await.status;
        assert!(matches!(status, 400 | 404), "{name}: {status}");
    }
    let asked = repository.wire.take();
    assert!(
        asked
            .iter()
            .all(|asked| asked.line == "GET /com/acme/app/1.0/app-1.0.jar HTTP/1.1"
                && asked.header("destination").is_empty()),
        "{asked:?}"
    );
    assert!(repository.files().is_empty());
}
