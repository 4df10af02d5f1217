//! Every form of the layout, and everything that looks like one.

use super::{is_release, linked, normal, parse, version_directory};
use crate::registry::Asks;
use proptest::prelude::*;

fn read(method: &str, path: &str) -> Option<(Asks, String, Option<String>)> {
    let ask = parse(method, path, None)?;
    Some((ask.what, ask.package?.normal, ask.version))
}

#[track_caller]
fn is(path: &str, get: Asks, put: Asks, name: &str, version: Option<&str>) {
    for (method, asks) in [("GET", get), ("PUT", put), ("DELETE", Asks::MavenDelete)] {
        let expected = Some((asks, name.to_owned(), version.map(str::to_owned)));
        assert_eq!(read(method, path), expected, "{method} {path}");
    }
    for method in [
        "POST", "PATCH", "PROPFIND", "MKCOL", "MOVE", "COPY", "OPTIONS", "get",
    ] {
        assert_eq!(read(method, path), None, "{method} {path}");
    }
}

#[test]
fn files_of_versions_are_artifacts() {
    use Asks::{MavenGet, MavenMetadata, MavenPut};
    for (path, get) in [
        ("/com/acme/app/1.0/app-1.0.jar", MavenGet),
        ("/com/acme/app/1.0/app-1.0.pom", MavenGet),
        ("/com/acme/app/1.0/app-1.0-sources.jar", MavenGet),
        ("/com/acme/app/1.0/app-1.0-bin.tar.gz", MavenGet),
        ("/com/acme/app/1.0/app-1.0.jar.sha1", MavenMetadata),
        ("/com/acme/app/1.0/app-1.0.jar.asc.md5", MavenMetadata),
        ("/com/acme/app/1.0/app-1.0.pom.sha512", MavenMetadata),
        ("/com/acme/app/1.0/app-1.0.pom.asc", MavenMetadata),
    ] {
        is(path, get, MavenPut, "com.acme:app", Some("1.0"));
    }
    is(
        "/org/a_b/x-y.z/2.0+1/x-y.z-2.0+1.jar",
        MavenGet,
        MavenPut,
        "org.a_b:x-y.z",
        Some("2.0+1"),
    );
    is(
        "/junit/junit/4/junit-4.jar",
        MavenGet,
        MavenPut,
        "junit:junit",
        Some("4"),
    );
}

#[test]
fn snapshots_carry_their_time_or_their_word() {
    for file in [
        "app-1.0-SNAPSHOT.jar",
        "app-1.0-20260310.120000-1.jar",
        "app-1.0-20260310.120000-12-sources.jar",
        "app-1.0-20260310.120000-12.pom",
    ] {
        is(
            &format!("/com/acme/app/1.0-SNAPSHOT/{file}"),
            Asks::MavenGet,
            Asks::MavenPut,
            "com.acme:app",
            Some("1.0-SNAPSHOT"),
        );
    }
    for file in [
        "app-1.0.jar",
        "app-1.0-2026031.120000-1.jar",
        "app-1.0-20260310.120000.jar",
        "app-1.0-20260310-120000-1.jar",
        "app-1.0-20260310.120000-x.jar",
        "app-1.1-20260310.120000-1.jar",
        "app-1.0-snapshot.jar",
        "app-1.0-2026031\u{0664}.120000-1.jar",
    ] {
        assert_eq!(
            read("PUT", &format!("/com/acme/app/1.0-SNAPSHOT/{file}")),
            None,
            "{file}"
        );
    }
    // A release takes no time of a snapshot for its version; it is a classifier of its own then.
    assert!(read("PUT", "/com/acme/app/1.0/app-1.0-20260310.120000-1.jar").is_some());
}

#[test]
fn metadata_stands_at_three_places() {
    use Asks::{MavenMetadata, MavenMetadataPut};
    for suffix in ["", ".sha1", ".md5", ".sha256", ".sha512", ".asc"] {
        is(
            &format!("/com/acme/app/maven-metadata.xml{suffix}"),
            MavenMetadata,
            MavenMetadataPut,
            "com.acme.app",
            None,
        );
        is(
            &format!("/com/acme/app/1.0-SNAPSHOT/maven-metadata.xml{suffix}"),
            MavenMetadata,
            MavenMetadataPut,
            "com.acme:app",
            Some("1.0-SNAPSHOT"),
        );
    }
    is(
        "/com/maven-metadata.xml",
        MavenMetadata,
        MavenMetadataPut,
        "com",
        None,
    );
}

#[test]
fn what_is_no_layout_is_nothing() {
    for path in [
        // Another artifact or version than the directory's.
        "/com/acme/app/1.0/other-1.0.jar",
        "/com/acme/app/1.0/app-1.1.jar",
        "/com/acme/app/1.0/app-1.01.jar",
        "/com/acme/app/1.0/app1.0.jar",
        "/com/acme/app/1.0/APP-1.0.jar",
        "/com/acme/app/1.0/app-1.0",
        "/com/acme/app/1.0/app-1.0.",
        "/com/acme/app/1.0/app-1.0-",
        "/com/acme/app/1.0/app-1.0-sources",
        "/com/acme/app/1.0/app-1.0-.jar",
        "/com/acme/app/1.0/README.md",
        "/com/acme/app/1.0/_remote.repositories",
        "/com/acme/app/1.0/app-1.0.jar.sha1.md5",
        "/com/acme/app/1.0/app-1.0.jar.asc.asc.asc",
        // A dot within a piece would be another path of the same group.
        "/com.acme/app/1.0/app-1.0.jar",
        "/com.acme/app/maven-metadata.xml",
        // No group, listings, files above.
        "/app/1.0/app-1.0.jar",
        "/com/acme/app/1.0/",
        "/com/acme/app",
        "/",
        "/maven-metadata.xml",
        "/archetype-catalog.xml",
        "/.index/nexus-maven-repository-index.gz",
        "/.meta/prefixes.txt",
        "/com/acme/app/1.0/.htaccess",
        // Two readings.
        "/com/acme/1.0-SNAPSHOT/1/1.0-SNAPSHOT-1.jar",
        "/com/x-SNAPSHOT/app/1/app-1.jar",
        "/com/acme/app/1.0-snapshot/app-1.0-snapshot.jar",
        "/com/acme/1-snapshot/maven-metadata.xml",
        "/com/acme/maven-metadata.xml/1/maven-metadata.xml-1.jar",
        "/com/acme/app/maven-metadata.xml/app-maven-metadata.xml.jar",
        "/com/acme/app/Maven-Metadata.xml/app-Maven-Metadata.xml.jar",
        "/com/acme/app/maven-metadata-central.xml",
        "/com/acme/app/MAVEN-METADATA.XML",
        // Paths that two readers could read differently.
        "//com/acme/app/1.0/app-1.0.jar",
        "/com//acme/app/1.0/app-1.0.jar",
        "/com/../acme/app/1.0/app-1.0.jar",
        "/com/./acme/app/1.0/app-1.0.jar",
        "/com/acme/%61pp/1.0/app-1.0.jar",
        "/com/acme%2fapp/app/1.0/app-1.0.jar",
        "/com/acme/app/1.0/app-1.0.jar;x=y",
        "/com/acme/app/1.0\\..\\2.0/app-1.0.jar",
        "/com/acme/app/1.0/app-1.0..jar",
        "/com/acme/\u{0430}pp/1.0/\u{0430}pp-1.0.jar",
        "/com/acme/app/1.0/app-1.0.jar%00",
        "/com/acme/ap:p/1.0/ap:p-1.0.jar",
        "com/acme/app/1.0/app-1.0.jar",
        "",
    ] {
        for method in ["GET", "PUT", "DELETE"] {
            assert_eq!(read(method, path), None, "{method} {path:?}");
        }
    }
    assert_eq!(parse("GET", "/com/acme/app/1.0/app-1.0.jar", Some("")), None);
    assert_eq!(
        parse("GET", "/com/acme/app/1.0/app-1.0.jar", Some("delete")),
        None
    );
}

#[test]
fn case_makes_no_other_name() {
    let ask = parse("PUT", "/com/Acme/App/1.0-RC/App-1.0-RC.jar", None).unwrap();
    let package = ask.package.unwrap();
    assert_eq!(
        (package.normal.as_str(), package.sent.as_str()),
        ("com.acme:app", "com.Acme:App")
    );
    assert_eq!(ask.version.as_deref(), Some("1.0-RC"));
    assert_eq!(normal("com.Acme:App").as_deref(), Some("com.acme:app"));
    assert_eq!(linked("com.Acme:App", false).as_deref(), Some("com.acme:app"));
    assert_eq!(linked("com.Acme", true).as_deref(), Some("com.acme"));
    assert_eq!(linked("com.acme", false), None);
    for text in [
        "", ":", "a:", ":a", "a..b:c", ".a:b", "a:b:c", "a/b:c", "a:b c", "a.:b", "a:\u{e9}",
    ] {
        assert!(normal(text).is_none() && linked(text, true).is_none(), "{text:?}");
    }
}

#[test]
fn directories_of_versions_are_built_from_names_alone() {
    assert_eq!(
        version_directory("com.acme:app", "1.0").as_deref(),
        Some("/com/acme/app/1.0/")
    );
    for (name, version) in [
        ("com.acme", "1"),
        ("com.acme:app", ".."),
        ("com.acme:..", "1"),
        ("a:b", "1/2"),
        ("a:b", ""),
    ] {
        assert_eq!(version_directory(name, version), None, "{name} {version}");
    }
    assert!(is_release("1.0") && !is_release("1.0-SNAPSHOT") && !is_release("SNAPSHOT"));
}

#[test]
fn metadata_of_an_artifact_with_dots_is_no_other_artifacts() {
    use Asks::{MavenMetadata, MavenMetadataPut};
    for (path, name) in [
        ("/com/acme/x.y/maven-metadata.xml", "com.acme:x.y"),
        ("/com/acme/x.y.z/maven-metadata.xml.sha1", "com.acme:x.y.z"),
        ("/com/acme/app/1.0/maven-metadata.xml", "com.acme.app:1.0"),
    ] {
        is(path, MavenMetadata, MavenMetadataPut, name, None);
    }
    assert_eq!(read("GET", "/x.y/maven-metadata.xml"), None);
}

/// The directories in which a package's files can lie, under each reading of its name.
fn directories(name: &str) -> Vec<String> {
    match name.split_once(':') {
        Some((group, artifact)) => vec![format!("/{}/{artifact}", group.replace('.', "/"))],
        // A group; or the artifact that its last piece names, in the same directory.
        None => {
            let artifact = name
                .rsplit_once('.')
                .map(|(group, artifact)| format!("{group}:{artifact}"));
            let mut all = vec![format!("/{}", name.replace('.', "/"))];
            all.extend(artifact.into_iter().flat_map(|name| directories(&name)));
            all
        }
    }
}

/// Paths of anything, and such as are nearly right.
fn path() -> impl Strategy<Value = String> {
    prop_oneof![
        "(/(com|acme|app|x[.]y|1|1.0|1-SNAPSHOT|app-1.jar|app-1-SNAPSHOT.jar|maven-metadata.xml|[a-zA-Z0-9._+%-]{1,9})){1,7}",
        "(/(com|acme|app|x[.]y|1|1[.]0|1-SNAPSHOT)){1,5}/maven-metadata[.]xml([.]sha1)?",
        "(/(com|acme|app|x[.]y|1)){1,4}/(app/1[.]0/app-1[.]0|x[.]y/1-SNAPSHOT/x[.]y-1-SNAPSHOT)(-a)?[.]jar",
    ]
}

proptest! {
    /// A file that is let through lies where its name says, and nowhere else.
    #[test]
    fn files_lie_where_their_names_say(method in "GET|PUT|DELETE", path in path()) {
        if let Some(ask) = parse(&method, &path, None) {
            let name = ask.package.unwrap();
            prop_assert_eq!(name.sent.to_ascii_lowercase(), name.normal.clone());
            // Whichever way the name is read, the file is that package's and lies nowhere else.
            let lies = path.rsplit_once('/').unwrap().0;
            let below = ask.version.as_ref().map_or(String::new(), |version| format!("/{version}"));
            for directory in directories(&name.sent) {
                prop_assert_eq!(lies, format!("{directory}{below}"));
            }
            if let Some(version) = &ask.version {
                prop_assert_eq!(Some(format!("{lies}/")), version_directory(&name.sent, version));
            }
            prop_assert!(!path.contains('%') && !path.contains(".."));
        }
    }
}
