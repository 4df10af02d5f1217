//! The plain npm, from the first publication to the last: with a token that suffices, and with one that just does not.

use super::bed::Npm;
use crate::git::bed::{PASSWORD, USER};
use crate::registry::place::{ADMIN, READ, WRITE, holds_none};
use bailiwick_testkit::http::base64;

const OWNERS_WRITE: &[(&str, &str)] = &[("organization_packages", "write")];
const OWNERS_READ: &[(&str, &str)] = &[("organization_packages", "read")];
const OWNERS_ADMIN: &[(&str, &str)] = &[("organization_packages", "admin")];

#[tokio::test(flavor = "multi_thread")]
async fn npm_publishes_installs_and_deletes_with_what_it_may() {
    let npm = Npm::start().await;
    let (writer, write) = npm.place.token("alice", None, OWNERS_WRITE);
    let (_, read) = npm.place.token("bob", None, OWNERS_READ);
    let (_, short) = npm.place.token("alice", None, OWNERS_READ);
    let (admin, delete) = npm.place.token("alice", None, OWNERS_ADMIN);
    for version in ["1.0.0", "1.1.0"] {
        let at = npm.package("@acme/core", version);
        npm.npm(&at, &short, &["publish"]).await.bad("packages");
        npm.npm(&at, &write, &["publish"]).await.good();
    }
    let again = npm.package("@acme/core", "1.1.0");
    npm.npm(&again, &write, &["publish"]).await.bad("");
    npm.place.has_told(
        Some(writer),
        "packages.package_version_published allowed forwarded @acme/core 1.1.0",
    );
    assert_eq!(
        npm.place.versions("@acme/core"),
        Some(vec!["1.0.0".into(), "1.1.0".into()])
    );

    let user = npm.empty("user");
    npm.npm(&user, &read, &["install", "@acme/core@1.0.0"])
        .await
        .good();
    let installed = std::fs::read_to_string(user.join("node_modules/@acme/core/index.js")).unwrap();
    assert!(installed.contains("1.0.0"));
    let lock = std::fs::read_to_string(user.join("package-lock.json")).unwrap();
    assert!(lock.contains(&npm.place.url()), "{lock}");
    // A second time from the lock alone.
    std::fs::remove_dir_all(user.join("node_modules")).unwrap();
    npm.npm(&user, &read, &["ci"]).await.good();
    let seen = npm
        .npm(&user, &read, &["view", "@acme/core", "versions", "--json"])
        .await
        .good();
    assert!(seen.contains("1.0.0") && seen.contains("1.1.0"), "{seen}");
    assert!(npm.npm(&user, &read, &["whoami"]).await.good().contains("bob"));
    npm.npm(&user, &read, &["ping"]).await.good();

    let tag = ["dist-tag", "add", "@acme/core@1.0.0", "stable"];
    npm.npm(&user, &short, &tag).await.bad("packages");
    npm.npm(&user, &write, &tag).await.good();
    let tags = npm
        .npm(&user, &read, &["dist-tag", "ls", "@acme/core"])
        .await
        .good();
    assert!(tags.contains("stable: 1.0.0"), "{tags}");
    npm.npm(&user, &write, &["dist-tag", "rm", "@acme/core", "stable"])
        .await
        .good();

    let deprecate = ["deprecate", "@acme/core@1.0.0", "too old"];
    npm.npm(&user, &short, &deprecate).await.bad("packages");
    npm.npm(&user, &write, &deprecate).await.good();
    let seen = npm
        .npm(&user, &read, &["view", "@acme/core@1.0.0", "deprecated"])
        .await
        .good();
    assert!(seen.contains("too old"), "{seen}");

    let unpublish = ["unpublish", "@acme/core@1.0.0"];
    npm.npm(&user, &write, &unpublish).await.bad("packages");
    npm.npm(&user, &delete, &unpublish).await.good();
    assert_eq!(npm.place.versions("@acme/core"), Some(vec!["1.1.0".into()]));
    npm.place.has_told(
        Some(admin),
        "packages.package_version_deleted allowed forwarded @acme/core 1.0.0",
    );
    npm.npm(&user, &write, &["unpublish", "--force", "@acme/core"])
        .await
        .bad("packages");
    npm.npm(&user, &delete, &["unpublish", "--force", "@acme/core"])
        .await
        .good();
    npm.npm(&user, &read, &["view", "@acme/core"]).await.bad("404");
    let basic = format!("Basic {}", base64(format!("{USER}:{PASSWORD}").as_bytes()));
    for arrived in npm.wire.requests() {
        assert_eq!(arrived.header("authorization"), basic, "{}", arrived.line);
    }
    holds_none(&npm.wire.bytes(), &[&write, &read, &delete]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_package_of_a_repository_takes_that_repositorys_permissions() {
    let npm = Npm::start().await;
    let (id, write) = npm.place.token("bob", Some(&["site"]), WRITE);
    let (_, other) = npm.place.token("bob", Some(&["www"]), WRITE);
    let (_, read) = npm.place.token("bob", Some(&["site"]), READ);
    let (_, delete) = npm.place.token("bob", Some(&["site"]), ADMIN);
    let at = npm.package("site-ui", "0.1.0");
    npm.npm(&at, "", &["publish", "--access", "public"]).await.bad("");
    npm.npm(&at, &other, &["publish"]).await.bad("404");
    npm.npm(&at, &read, &["publish"]).await.bad("packages");
    npm.npm(&at, &write, &["publish"]).await.good();
    let user = npm.empty("user");
    npm.npm(&user, &other, &["install", "site-ui"]).await.bad("404");
    npm.npm(&user, "", &["install", "site-ui"]).await.bad("");
    npm.npm(&user, &read, &["install", "site-ui"]).await.good();
    // bob may write to the repository and is no administrator of it: no token makes him one.
    npm.npm(&user, &delete, &["unpublish", "--force", "site-ui"])
        .await
        .bad("");

    // The other ways in which npm sends what it has.
    let there = npm.place.url().replace("http:", "");
    let pair = base64(format!("anybody:{read}").as_bytes());
    let fresh = npm.empty("basic");
    npm.npm_with(&fresh, &format!("{there}/:_auth={pair}"), &["install", "site-ui"])
        .await
        .good();
    let (word, fresh) = (base64(read.as_bytes()), npm.empty("password"));
    let lines = format!("{there}/:username=bob\n{there}/:_password={word}");
    npm.npm_with(&fresh, &lines, &["install", "site-ui"]).await.good();

    npm.place.revoke(id);
    let next = npm.package("site-ui", "0.2.0");
    npm.npm(&next, &write, &["publish"]).await.bad("401");
    assert_eq!(npm.place.versions("site-ui"), Some(vec!["0.1.0".into()]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_public_package_is_everybodys_to_read_and_nobodys_name_is_refused() {
    let npm = Npm::start().await;
    let (_, write) = npm.place.token("alice", None, OWNERS_WRITE);
    npm.npm(&npm.package("shown", "1.0.0"), &write, &["publish"])
        .await
        .good();
    npm.npm(&npm.empty("anybody"), "", &["install", "shown"])
        .await
        .good();
    let (_, mallory) = npm.place.front.token("mallory", &[]);
    npm.npm(&npm.empty("mallory"), &mallory, &["install", "shown"])
        .await
        .good();
    npm.npm(&npm.package("shown", "6.6.6"), &mallory, &["publish"])
        .await
        .bad("");
    for name in ["nobodys", "@nobody/core", "@acme-evil/core"] {
        npm.npm(&npm.package(name, "1.0.0"), &write, &["publish"])
            .await
            .bad("nobody owns a package of this name");
    }
    // What npm asks besides installing is refused, and it goes on.
    let login = npm
        .npm(&npm.empty("login"), "", &["login", "--auth-type=legacy"])
        .await;
    assert!(!login.good);
    npm.npm(&npm.empty("search"), &write, &["search", "shown"])
        .await
        .bad("");
    let owner = npm
        .npm(&npm.empty("owner"), &write, &["owner", "add", "mallory", "shown"])
        .await;
    assert!(!owner.good, "{}", owner.said);
}
