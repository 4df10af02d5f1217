//! npm: versions of one document, and a package that belongs to a repository.

use super::{Api, DELETES, OWNERS_ADMIN, OWNERS_READ, OWNERS_WRITE, SHORT};
use crate::git::bed::{PASSWORD, USER};
use crate::registry::npm::bed::Npm;
use crate::registry::place::WRITE;
use bailiwick_testkit::http::Request;

#[tokio::test(flavor = "multi_thread")]
async fn npm_packages_are_listed_and_deleted() {
    let npm = Npm::start().await;
    let place = &npm.place;
    let (_, write) = place.token("alice", None, OWNERS_WRITE);
    let (_, read) = place.token("bob", None, OWNERS_READ);
    let (id, admin) = place.token("alice", None, OWNERS_ADMIN);
    for version in ["1.0.0", "1.1.0", "1.2.0"] {
        let at = npm.package("@acme/core", version);
        npm.npm(&at, &write, &["publish"]).await.good();
    }
    let api = Api::at(place.front.address);
    let package = "/npm/core";
    assert_eq!(api.packages("npm", &read).await, ["core"]);
    assert_eq!(api.names(package, &read).await, ["1.2.0", "1.1.0", "1.0.0"]);
    let user = npm.empty("user");
    let install = |version: &str| ["install".to_owned(), format!("@acme/core@{version}")];
    for (version, latest) in [("1.1.0", "1.2.0"), ("1.2.0", "1.0.0")] {
        let number = api.number(package, &read, version).await;
        let _ = api.delete(package, number, &write).await.expect(403);
        let _ = api.delete(package, number, &admin).await.expect(204);
        let _ = api.delete(package, number, &admin).await.expect(404);
        let [verb, what] = install(version);
        npm.npm(&user, &read, &[&verb, &what]).await.bad("");
        let tarball = format!("/-/npm/@acme/core/-/core-{version}.tgz");
        place.front.ask("GET", &tarball, &read, "").await.expect(404);
        let seen = npm.npm(&user, &read, &["view", "@acme/core", "version"]).await;
        assert_eq!(seen.good().trim(), latest);
        let line = format!("packages.package_version_deleted allowed allowed @acme/core {version}");
        place.has_told(Some(id), &line);
    }
    let [verb, what] = install("1.0.0");
    npm.npm(&user, &read, &[&verb, &what]).await.good();

    // Somebody takes one away at the registry itself.
    npm.npm(&npm.package("@acme/core", "2.0.0"), &write, &["publish"])
        .await
        .good();
    assert_eq!(api.names(package, &read).await, ["2.0.0", "1.0.0"]);
    let direct = Api::at(npm.wire.address);
    let there = Request::new("GET", "/@acme%2fcore").basic(USER, PASSWORD);
    let mut document = direct.send(there).await.expect(200).json();
    document["versions"].as_object_mut().unwrap().remove("1.0.0");
    let path = format!("/@acme%2fcore/-rev/{}", document["_rev"].as_str().unwrap());
    let put = Request::new("PUT", &path).basic(USER, PASSWORD).json(&document);
    let _ = direct.send(put).await.expect(201);
    assert_eq!(api.names(package, &read).await, ["2.0.0"]);

    let _ = api.ask("DELETE", package, &write).await.expect(403);
    let _ = api.ask("DELETE", package, &admin).await.expect(204);
    npm.npm(&user, &read, &["view", "@acme/core"]).await.bad("404");
    assert_eq!(api.packages("npm", &read).await, Vec::<String>::new());
    place.has_told(Some(id), "packages.package_deleted allowed allowed @acme/core -");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_package_of_a_repository_takes_what_its_registry_would_ask_for() {
    let npm = Npm::start().await;
    let (_, write) = npm.place.token("bob", Some(&["site"]), WRITE);
    let (_, owners) = npm.place.token("alice", None, OWNERS_ADMIN);
    let (_, short) = npm.place.token("alice", Some(&["site"]), SHORT);
    let (_, admin) = npm.place.token("alice", Some(&["site"]), DELETES);
    let at = npm.package("site-ui", "0.1.0");
    npm.npm(&at, &write, &["publish"]).await.good();
    let api = Api::at(npm.place.front.address);
    assert_eq!(api.packages("npm", &owners).await, Vec::<String>::new());
    assert_eq!(api.packages("npm", &short).await, ["site-ui"]);
    let number = api.number("/npm/site-ui", &short, "0.1.0").await;
    for (token, status) in [(&owners, 403), (&short, 403), (&write, 403)] {
        let answered = api.delete("/npm/site-ui", number, token).await.status;
        assert!([status, 404].contains(&answered), "{answered}");
        let answered = api.ask("DELETE", "/npm/site-ui", token).await.status;
        assert!([status, 404].contains(&answered), "{answered}");
    }
    // The last version goes with the package's document.
    let _ = api.delete("/npm/site-ui", number, &admin).await.expect(204);
    npm.npm(&npm.empty("user"), &write, &["view", "site-ui"])
        .await
        .bad("404");
    assert_eq!(api.names("/npm/site-ui", &admin).await, Vec::<String>::new());
}
