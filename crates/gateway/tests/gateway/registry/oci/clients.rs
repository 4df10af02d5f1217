//! The plain clients: skopeo and buildah, by docker's token flow as they know it.

use super::bed::{bad, buildah, good, image_at, skopeo};
use super::hostile::Fooled;
use super::world::{ADMIN, Images, READ, WRITE};
use crate::git::bed::{Scripted, answer};
use crate::git::world::logged;
use serde_json::json;
use std::fs;

const PLAIN_TO: &[&str] = &["--dest-tls-verify=false"];
const PLAIN_FROM: &[&str] = &["--src-tls-verify=false"];

/// Runs a client on a thread that may block.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    tokio::task::spawn_blocking(work).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn skopeo_copies_inspects_and_deletes() {
    let images = Images::start().await;
    let (id, writer) = images.bob(&["site"], WRITE);
    let (_, reader) = images.bob(&["site"], READ);
    let (_, admin) = images.world.token("alice", &["site"], ADMIN);
    let directory = images.directory.path().to_owned();
    let from = image_at(
        &directory,
        "image",
        &json!({"a": "b"}),
        &[b"layer one", b"layer two"],
    );
    let (app, copy) = (
        images.docker("acme/site/app:v1"),
        images.docker("acme/site/copy:v1"),
    );
    let world = &images.world;
    let creds = |token: &str| format!("bob:{token}");
    let (w, r, a) = (creds(&writer), creds(&reader), creds(&admin));
    let (there, app2, copy2, at) = (from.clone(), app.clone(), copy.clone(), directory.clone());
    blocking(move || {
        let push = |creds: &str, to: &str| {
            let arguments = [&["copy"], PLAIN_TO, &["--dest-creds", creds, &there, to]].concat();
            skopeo(&at, &arguments)
        };
        good(&push(&w, &app2));
        let said = bad(&push(&r, &app2)).to_lowercase();
        assert!(said.contains("denied") || said.contains("unauthorized"), "{said}");
        bad(&push("bob:bwk_wrong", &app2));
        let inspect = ["inspect", "--tls-verify=false", "--creds", &r, &app2];
        let out = skopeo(&at, &inspect);
        let seen: serde_json::Value = serde_json::from_str(good(&out)).unwrap();
        assert_eq!(seen["Labels"], json!({"a": "b"}));
        assert_eq!(seen["RepoTags"], json!(["v1"]));
        // From image to image: a blob that may be read is taken over where it lies.
        let move_it = [
            "copy",
            "--src-tls-verify=false",
            "--dest-tls-verify=false",
            "--src-creds",
            &w,
            "--dest-creds",
            &w,
            &app2,
            &copy2,
        ];
        good(&skopeo(&at, &move_it));
        let out = at.join("out");
        let to = format!("dir:{}", out.display());
        let pull = [&["copy"], PLAIN_FROM, &["--src-creds", &r, &copy2, &to]].concat();
        good(&skopeo(&at, &pull));
        // Layers were compressed on their way; the configuration is the very one.
        let here: serde_json::Value =
            serde_json::from_slice(&fs::read(at.join("image/manifest.json")).unwrap()).unwrap();
        let config = here["config"]["digest"].as_str().unwrap().split_at(7).1;
        assert_eq!(
            fs::read(out.join(config)).unwrap(),
            fs::read(at.join("image").join(config)).unwrap()
        );
        let delete = |creds: &str| skopeo(&at, &["delete", "--tls-verify=false", "--creds", creds, &copy2]);
        bad(&delete(&w));
        good(&delete(&a));
        bad(&skopeo(&at, &pull));
    })
    .await;
    for action in [
        "registry.login",
        "packages.pull",
        "packages.package_version_published",
        "packages.upload",
    ] {
        world
            .until(|world| {
                world
                    .all_events()
                    .iter()
                    .any(|event| event.0 == action && event.3 == Some(id))
            })
            .await;
    }
    // Revoked, nothing goes.
    world.revoke(id);
    let w = creds(&writer);
    blocking(move || {
        let arguments = [&["copy"], PLAIN_TO, &["--dest-creds", &w, &from, &app]].concat();
        bad(&skopeo(&directory, &arguments));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn anybody_pulls_a_public_image_with_skopeo() {
    let images = Images::start().await;
    let (_, writer) = images.bob(&["www"], WRITE);
    let directory = images.directory.path().to_owned();
    let from = image_at(&directory, "image", &json!({}), &[b"layer"]);
    let app = images.docker("acme/www:latest");
    blocking(move || {
        let creds = format!("bob:{writer}");
        let push = [&["copy"], PLAIN_TO, &["--dest-creds", &creds, &from, &app]].concat();
        good(&skopeo(&directory, &push));
        let to = format!("dir:{}", directory.join("out").display());
        let pull = [&["copy"], PLAIN_FROM, &["--src-no-creds", &app, &to]].concat();
        good(&skopeo(&directory, &pull));
        let push = [&["copy"], PLAIN_TO, &["--dest-no-creds", &from, &app]].concat();
        bad(&skopeo(&directory, &push));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn buildah_logs_in_pushes_and_pulls() {
    let images = Images::start().await;
    let (id, writer) = images.bob(&["site"], WRITE);
    let (_, reader) = images.bob(&["site"], READ);
    let directory = images.directory.path().to_owned();
    let app = images.docker("acme/site/built:v1");
    let plain = app.trim_start_matches("docker://").to_owned();
    let host = images.world.address.to_string();
    let (at, to) = (directory.clone(), app.clone());
    blocking(move || {
        fs::write(at.join("file"), "hello\n").unwrap();
        good(&buildah(
            &at,
            &["login", "--tls-verify=false", "-u", "bob", "-p", &writer, &host],
        ));
        bad(&buildah(
            &at,
            &[
                "login",
                "--tls-verify=false",
                "-u",
                "bob",
                "-p",
                "bwk_wrong",
                &host,
            ],
        ));
        good(&buildah(&at, &["from", "--name", "working", "scratch"]));
        good(&buildah(&at, &["copy", "working", "file", "/file"]));
        good(&buildah(&at, &["commit", "working", "built"]));
        good(&buildah(&at, &["push", "--tls-verify=false", "built", &to]));
        good(&buildah(&at, &["rmi", "--all", "--force"]));
        let creds = format!("bob:{reader}");
        good(&buildah(
            &at,
            &["pull", "--tls-verify=false", "--creds", &creds, &plain],
        ));
        bad(&buildah(
            &at,
            &["push", "--tls-verify=false", "--creds", &creds, &plain, &to],
        ));
    })
    .await;
    images.world.revoke(id);
    let plain = app.trim_start_matches("docker://").to_owned();
    blocking(move || {
        bad(&buildah(
            &directory,
            &["pull", "--tls-verify=false", "--policy", "always", &plain],
        ));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn skopeo_tells_why_a_registry_failed() {
    let _ = logged();
    for (reachable, says, source) in [
        (
            false,
            "the upstream images cannot be reached",
            "source=\"the upstream cannot be reached: ",
        ),
        (
            true,
            "the registry images failed at this",
            "source=\"the registry images answered 500",
        ),
    ] {
        let scripted = Scripted::start(|_, _| answer(500, "", "{}")).await;
        let fooled = Fooled::by(&scripted, |mut behind| {
            if !reachable {
                behind.address = String::from("http://127.0.0.1:9");
            }
            behind
        })
        .await;
        let answer = fooled.ask("GET", "/v2/acme/site/manifests/v1").await.expect(502);
        let error = &answer.json()["errors"][0];
        assert!(error["message"].as_str().unwrap().contains(says), "{error}");
        assert!(error["detail"]["reason"].is_string(), "{error}");
        let directory = tempfile::tempdir().unwrap();
        let creds = format!("bob:{}", fooled.token);
        let image = format!("docker://{}/acme/site:v1", fooled.world.address);
        let out = blocking(move || {
            let arguments = ["inspect", "--tls-verify=false", "--creds", &creds, &image];
            bad(&skopeo(directory.path(), &arguments)).to_owned()
        })
        .await;
        assert!(out.contains(says), "{out}");
        assert!(logged().contains(source), "{source}");
    }
}
