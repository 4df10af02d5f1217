//! Maven and NuGet: versions that go on being named when they are gone.

use super::{Api, DELETES, SHORT};
use crate::registry::maven::bed::{self, Repository};
use crate::registry::nuget::feed::{self, Feed};
use crate::registry::place::{Place, WRITE};
use bailiwick_model::Visibility;

/// Publishes a version as build tools do.
async fn publish_jar(place: &Place, token: &str, version: &str) {
    let at = format!("/-/jars/com/acme/secret/{version}/secret-{version}");
    for end in [".jar", ".jar.sha1", "-sources.jar", ".pom", ".pom.sha1"] {
        let path = format!("{at}{end}");
        place.front.ask("PUT", &path, token, version).await.expect(201);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn maven_artifacts_are_listed_and_nobody_elses_files_are_deleted() {
    let repository = Repository::start().await;
    let place = bed::place(&repository).await;
    // `com.acme:secret` is acme/www's from here on, and `com.acme.secret:tool` acme/secret's as before.
    place.link("com.acme:secret", true, "acme", Some("www"), Visibility::Private);
    let (_, write) = place.token("alice", Some(&["www"]), WRITE);
    let (_, theirs) = place.token("alice", Some(&["secret"]), WRITE);
    let (_, short) = place.token("alice", Some(&["www"]), SHORT);
    let (id, admin) = place.token("alice", Some(&["www"]), DELETES);
    let tool = "/-/jars/com/acme/secret/tool/1.0/tool-1.0.jar";
    place.front.ask("PUT", tool, &theirs, "theirs").await.expect(201);
    for version in ["1.0", "1.1", "tool"] {
        publish_jar(&place, &write, version).await;
    }
    // Metadata goes on naming what is not there any more.
    let metadata = repository
        .directory
        .path()
        .join("files/com/acme/secret/maven-metadata.xml");
    let named = "<versions><version>0.9</version><version>1.0</version><version>1.1</version></versions>";
    std::fs::write(
        metadata,
        format!("<metadata><versioning>{named}</versioning></metadata>"),
    )
    .unwrap();
    let api = Api::at(place.front.address);
    let package = "/maven/com.acme:secret";
    assert_eq!(api.packages("maven", &short).await, ["com.acme:secret"]);
    let mut names = api.names(package, &short).await;
    names.sort();
    assert_eq!(names, ["1.0", "1.1", "tool"]);
    for version in ["tool", "1.0"] {
        let number = api.number(package, &short, version).await;
        let _ = api.delete(package, number, &short).await.expect(403);
        let _ = api.delete(package, number, &admin).await.expect(204);
        let _ = api.delete(package, number, &admin).await.expect(404);
        let line = format!("packages.package_version_deleted allowed allowed com.acme:secret {version}");
        place.has_told(Some(id), &line);
        let jar = format!("/-/jars/com/acme/secret/{version}/secret-{version}.jar");
        place.front.ask("GET", &jar, &write, "").await.expect(404);
    }
    assert_eq!(api.names(package, &short).await, ["1.1"]);
    // What is another's is as it was, though it lies in the directory of the version `tool`.
    let files = repository.files();
    assert!(
        files.contains(&tool.trim_start_matches("/-/jars/").to_owned()),
        "{files:?}"
    );
    let left = |version: &str| {
        let begin = format!("secret-{version}");
        files.iter().any(|file| file.contains(&begin))
    };
    assert!(!left("1.0") && !left("tool") && left("1.1"), "{files:?}");
    let _ = api.ask("DELETE", package, &admin).await.expect(204);
    assert_eq!(
        repository.files(),
        [
            tool.trim_start_matches("/-/jars/"),
            "com/acme/secret/maven-metadata.xml"
        ]
        .map(str::to_owned)
        .into_iter()
        .rev()
        .collect::<Vec<_>>()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn nuget_packages_are_listed_unlisted_and_restored() {
    let feed = Feed::start().await;
    let place = feed::place(&feed).await;
    let (_, write) = place.token("alice", Some(&["site"]), WRITE);
    let (_, short) = place.token("alice", Some(&["site"]), SHORT);
    let (id, admin) = place.token("alice", Some(&["site"]), DELETES);
    for version in ["1.0.0", "1.1.0"] {
        feed::push(&place, &write, &feed::package("Acme.Core", version))
            .await
            .expect(201);
    }
    let api = Api::at(place.front.address);
    let package = "/nuget/acme.core";
    assert_eq!(api.packages("nuget", &short).await, ["acme.core"]);
    assert_eq!(api.names(package, &short).await, ["1.1.0", "1.0.0"]);
    let number = api.number(package, &short, "1.0.0").await;
    let _ = api.delete(package, number, &short).await.expect(403);
    let _ = api.delete(package, number, &admin).await.expect(204);
    assert_eq!(feed.holds(), ["acme.core 1.0.0 false", "acme.core 1.1.0 true"]);
    assert_eq!(api.names(package, &short).await, ["1.1.0"]);
    let line = "packages.package_version_deleted allowed allowed acme.core 1.0.0";
    place.has_told(Some(id), line);
    let restore = format!("{package}/versions/{number}/restore");
    let _ = api.ask("POST", &restore, &short).await.expect(403);
    let _ = api.ask("POST", &restore, &admin).await.expect(204);
    assert_eq!(api.number(package, &short, "1.0.0").await, number);
    feed.packages.lock().unwrap().retain(|key, _| key.1 != "1.1.0");
    assert_eq!(api.names(package, &short).await, ["1.0.0"]);
    let _ = api.ask("DELETE", package, &admin).await.expect(204);
    assert_eq!(feed.holds(), ["acme.core 1.0.0 false"]);
}
