//! Names with tricks, and packages that belong to nobody, to an owner as a whole, or to a repository by their label.

use super::bed::{IMAGE, digest, manifest};
use super::world::{Images, WRITE};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn names_that_could_be_read_in_two_ways_reach_nothing() {
    let images = Images::start().await;
    let (_, alice) = images.world.token("alice", &["other", "site"], WRITE);
    images.image(&alice, "acme/other", "latest", b"secret").await;
    let (_, bob) = images.bob(&["site"], WRITE);
    for name in [
        "acme/site/../other",
        "acme/site/%2e%2e/other",
        "acme/site/..%2fother",
        "acme%2Fother",
        "acme//other",
        "/acme/other",
        "Acme/other",
        "acme/OTHER",
        "acme/other.",
        "acme/./other",
        "acme\\other",
        "acme/other;x=y",
        "acme/site/manifests/x/../../other",
        "acme/other/manifests/latest/blobs",
        "acme/%6fther",
        "acme/o\u{442}her",
    ] {
        let path = format!("/v2/{name}/manifests/latest");
        let answer = images.ask("GET", &path, &bob).await;
        assert!(matches!(answer.status, 400 | 404), "{path}: {}", answer.status);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_belongs_to_nobody_is_refused() {
    let images = Images::start().await;
    let (_, bob) = images.bob(&["site"], WRITE);
    for name in ["nobody/app", "app", "library/nginx"] {
        let answer = images
            .ask("POST", &format!("/v2/{name}/blobs/uploads/"), &bob)
            .await;
        assert!(matches!(answer.status, 403 | 404), "{name}: {}", answer.status);
    }
    let refused = images.world.all_events();
    assert!(
        refused.iter().any(|event| event.2 == "package.unowned"),
        "{refused:?}"
    );
    // A login alone is a name like any other, not even the owner's own.
    let owner = [("organization_packages", "admin"), ("packages", "admin")];
    let (_, alice) = images.world.token("alice", &["site"], &owner);
    images
        .ask("POST", "/v2/acme/blobs/uploads/", &alice)
        .await
        .expect(404);
    images
        .ask("POST", "/v2/acme/tool/blobs/uploads/", &alice)
        .await
        .expect(202);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_label_links_an_owners_image_to_a_repository_that_the_pusher_writes() {
    let images = Images::start().await;
    let both = [("organization_packages", "write"), ("packages", "write")];
    let (_, alice) = images.world.token("alice", &["site"], &both);
    let base = format!("http://{}", images.world.address);
    for (name, source, linked) in [
        ("acme/tool", format!("{base}/acme/site"), true),
        ("acme/tool-git", format!("{base}/acme/site.git"), true),
        ("acme/not-granted", format!("{base}/acme/other"), false),
        (
            "acme/elsewhere",
            String::from("https://example.org/acme/site"),
            false,
        ),
        ("acme/trick", format!("{base}/acme/site/../other"), false),
    ] {
        let config = json!({"config": {"Labels": {"org.opencontainers.image.source": source}}}).to_string();
        images.blob(&alice, name, config.as_bytes()).await;
        let bytes = manifest(config.as_bytes(), &[]);
        images
            .manifest(&alice, name, "latest", IMAGE, &bytes)
            .await
            .expect(201);
        // bob reads acme/site, and nothing that is the owner's alone.
        let (_, bob) = images.bob(&["site"], WRITE);
        let read = images
            .ask("GET", &format!("/v2/{name}/manifests/{}", digest(&bytes)), &bob)
            .await;
        assert_eq!(read.status, if linked { 200 } else { 404 }, "{name}");
    }
    let links = images.events("packages.link");
    assert_eq!(
        links.iter().filter(|event| event.0 == "allowed").count(),
        2,
        "{links:?}"
    );
    assert!(
        links.iter().any(|event| event.0 == "refused"),
        "the log says why it stays the owner's: {links:?}"
    );
}
