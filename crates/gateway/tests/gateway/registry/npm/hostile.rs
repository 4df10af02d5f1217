//! What no client sends: addresses with two readings, documents that say two things, and tokens that end in between.

use super::bed::Npm;
use serde_json::{Value, json};

fn published(name: &str, version: &str) -> Value {
    let file = format!("{name}-{version}.tgz");
    json!({
        "_id": name, "name": name, "dist-tags": {"latest": version},
        "versions": {version: {"name": name, "version": version, "_id": format!("{name}@{version}"),
            "dist": {"tarball": format!("http://x/{name}/-/{file}")}}},
        "_attachments": {file: {"content_type": "application/octet-stream", "data": "AAAA", "length": 3}}
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_with_two_readings_reaches_the_registry() {
    let npm = Npm::start().await;
    let (_, token) = npm
        .place
        .token("alice", None, &[("organization_packages", "admin")]);
    let front = &npm.place.front;
    npm.wire.take();
    for (method, path) in [
        ("GET", "/@acme/..%2fother"),
        ("GET", "/@acme%2f..%2fother"),
        ("GET", "/@acme%252fcore"),
        ("GET", "/%40acme/core"),
        ("GET", "/@ACME/core"),
        ("GET", "/@acme/core/-/other-1.0.0.tgz"),
        ("GET", "/@acme/core/-/..%2f..%2fshown%2f-%2fshown-1.0.0.tgz"),
        ("GET", "/@acme/core/-/@acme/core-1.0.0.tgz"),
        ("GET", "/@acme/core?write=true&name=other"),
        ("GET", "/-/all"),
        ("GET", "/-/verdaccio/data/packages"),
        ("GET", "/-/web/detail/shown"),
        ("GET", "/-/package/@acme%2fcore/collaborators"),
        ("PUT", "/@acme/core/latest"),
        ("PUT", "/-/user/org.couchdb.user:mallory"),
        ("POST", "/-/npm/v1/tokens"),
        ("POST", "/-/npm/v1/security/advisories/bulk"),
        ("GET", "/-/v1/search?text=core"),
        ("DELETE", "/@acme/core"),
        ("DELETE", "/@acme/core/-/other-1.0.0.tgz/-rev/1"),
        ("GET", "/"),
    ] {
        let answer = front.ask(method, &format!("/-/npm{path}"), &token, "").await;
        assert!(
            (400..500).contains(&answer.status),
            "{method} {path}: {}",
            answer.head
        );
    }
    assert_eq!(npm.wire.requests().len(), 0);
    let closed = front
        .ask("PUT", "/-/npm/-/user/org.couchdb.user:bob", &token, "{}")
        .await
        .expect(403);
    assert!(
        closed.json["error"].as_str().unwrap().contains("a token is set"),
        "{}",
        closed.json
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_that_says_two_things_is_passed_to_nobody() {
    let npm = Npm::start().await;
    let (_, token) = npm.place.token("bob", Some(&["site"]), &[("packages", "write")]);
    let front = &npm.place.front;
    let put = async |document: &str| front.ask("PUT", "/-/npm/site-ui", &token, document).await;
    let good = published("site-ui", "1.0.0");
    let mut renamed = good.clone();
    renamed["name"] = json!("shown");
    let mut id = good.clone();
    id["_id"] = json!("shown");
    let mut two = good.clone();
    two["versions"]["1.0.1"] = two["versions"]["1.0.0"].clone();
    let mut file = good.clone();
    file["_attachments"] = json!({"../shown/shown-1.0.0.tgz": {"data": "AAAA"}});
    let twice = good.to_string().replacen('{', "{\"name\":\"shown\",", 1);
    for document in [
        published("shown", "1.0.0").to_string(),
        renamed.to_string(),
        id.to_string(),
        two.to_string(),
        file.to_string(),
        twice,
        String::from("{}"),
        String::from("no"),
    ] {
        let answer = put(&document).await;
        assert_eq!(
            answer.status,
            400,
            "{document} {}",
            String::from_utf8_lossy(&answer.body)
        );
    }
    let coded = [
        ("authorization", format!("Bearer {token}")),
        ("content-type", String::from("application/json")),
        ("content-encoding", String::from("gzip")),
    ];
    let coded: Vec<(&str, &str)> = coded
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    front
        .send("PUT", "/-/npm/site-ui", &coded, good.to_string().as_bytes())
        .await
        .expect(400);
    assert_eq!(npm.wire.requests().len(), 0);
    put(&good.to_string()).await.expect(201);

    // A reader of what is there takes a version away, or moves a tag: by the document, and by its own address.
    let present = front
        .ask("GET", "/-/npm/site-ui?write=true", &token, "")
        .await
        .expect(200)
        .json;
    let revision = present["_rev"].as_str().unwrap().to_owned();
    put(&published("site-ui", "1.1.0").to_string()).await.expect(201);
    npm.wire.take();
    // Nor by publishing at an address where registries delete what a document does not hold.
    let third = published("site-ui", "3.0.0").to_string();
    let at = format!("/-/npm/site-ui/-rev/{revision}");
    front.ask("PUT", &at, &token, &third).await.expect(400);
    let mut warned = published("site-ui", "3.0.0");
    warned["versions"]["3.0.0"]["deprecated"] = json!("x");
    put(&warned.to_string()).await.expect(400);
    let fewer = present.to_string();
    for path in [
        String::from("/-/npm/site-ui"),
        format!("/-/npm/site-ui/-rev/{revision}"),
    ] {
        let answer = front.ask("PUT", &path, &token, &fewer).await.expect(403);
        assert!(
            answer.json["error"].as_str().unwrap().contains("admin"),
            "{}",
            answer.json
        );
    }
    let arrived: Vec<String> = npm.wire.take().into_iter().map(|it| it.line).collect();
    assert!(arrived.iter().all(|line| line.starts_with("GET ")), "{arrived:?}");
    assert_eq!(npm.place.versions("site-ui").unwrap(), ["1.0.0", "1.1.0"]);
    for (method, path) in [
        ("DELETE", format!("/-/npm/site-ui/-rev/{revision}")),
        (
            "DELETE",
            format!("/-/npm/site-ui/-/site-ui-1.0.0.tgz/-rev/{revision}"),
        ),
    ] {
        front.ask(method, &path, &token, "").await.expect(403);
    }
    let (_, read) = npm.place.token("bob", Some(&["site"]), &[("packages", "read")]);
    let tag = "/-/npm/-/package/site-ui/dist-tags/latest";
    front.ask("PUT", tag, &read, "\"1.0.0\"").await.expect(403);
    for body in ["\"latest\"", "{}", "\"../x\"", "\"1.0.0\" x"] {
        front.ask("PUT", tag, &token, body).await.expect(400);
    }
    front.ask("PUT", tag, &token, "\"1.0.0\"").await.expect(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_are_compared_by_what_is_answered_here() {
    let npm = Npm::start().await;
    let (id, token) = npm.place.token("bob", Some(&["site"]), &[("packages", "write")]);
    let front = &npm.place.front;
    let document = published("site-ui", "1.0.0").to_string();
    front
        .ask("PUT", "/-/npm/site-ui", &token, &document)
        .await
        .expect(201);
    let authorization = format!("Bearer {token}");
    let answer = front.ask("GET", "/-/npm/site-ui", &token, "").await.expect(200);
    let tarball = answer.json["versions"]["1.0.0"]["dist"]["tarball"]
        .as_str()
        .unwrap();
    assert_eq!(
        tarball,
        format!("{}/site-ui/-/site-ui-1.0.0.tgz", npm.place.url())
    );
    let head = answer.head.to_ascii_lowercase();
    assert!(head.contains("cache-control: private"), "{head}");
    let tag = answer
        .head
        .lines()
        .find_map(|line| line.strip_prefix("etag: "))
        .unwrap()
        .to_owned();
    let headers = [
        ("authorization", authorization.as_str()),
        ("if-none-match", tag.as_str()),
    ];
    front
        .send("GET", "/-/npm/site-ui", &headers, b"")
        .await
        .expect(304);
    let short = [
        ("authorization", authorization.as_str()),
        ("accept", "application/vnd.npm.install-v1+json"),
    ];
    let short = front.send("GET", "/-/npm/site-ui", &short, b"").await.expect(200);
    assert!(short.head.contains("vnd.npm.install-v1+json"), "{}", short.head);
    assert_eq!(short.json["versions"]["1.0.0"]["dist"]["tarball"], tarball);
    let file = front
        .ask("GET", "/-/npm/site-ui/-/site-ui-1.0.0.tgz", &token, "")
        .await
        .expect(200);
    assert_eq!(file.body, [0, 0, 0]);
    assert!(
        file.head
            .to_ascii_lowercase()
            .contains("content-type: application/octet-stream")
    );
    npm.place
        .has_told(Some(id), "packages.download allowed allowed site-ui 1.0.0");
    front
        .ask("GET", "/-/npm/site-ui/9.9.9", &token, "")
        .await
        .expect(404);
    npm.place.revoke(id);
    front.ask("GET", "/-/npm/site-ui", &token, "").await.expect(401);
}
