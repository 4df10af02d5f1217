//! Maven itself, with Debian's plugins out of the local repository: nothing leaves this machine.

use super::bed::{Repository, place};
use crate::registry::place::{Place, READ, WRITE, holds_none};
use bailiwick_testkit::program::{Ran, run};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Debian's plugins, of which there is one version each.
const PLUGINS: &str = "/usr/share/maven-repo/org/apache/maven/plugins";

struct Maven<'a> {
    place: &'a Place,
    directory: tempfile::TempDir,
}

impl Maven<'_> {
    fn before(place: &Place) -> Maven<'_> {
        Maven {
            place,
            directory: tempfile::tempdir().unwrap(),
        }
    }

    /// The settings with a token, as people have them; the whole world but the gate is Debian's repository.
    fn settings(&self, token: &str) -> PathBuf {
        let at = self.directory.path().join("settings.xml");
        let server = match token {
            "" => String::new(),
            token => format!(
                "<servers><server><id>bailiwick</id><username>token</username><password>{token}</password></server></servers>"
            ),
        };
        let text = format!(
            "<settings><localRepository>{}/repository</localRepository>\
             <mirrors><mirror><id>debian</id><mirrorOf>*,!bailiwick</mirrorOf>\
             <url>file:///usr/share/maven-repo</url></mirror></mirrors>{server}</settings>",
            self.directory.path().display()
        );
        fs::write(&at, text).unwrap();
        at
    }

    fn run(&self, token: &str, arguments: &[String]) -> Ran {
        let settings = self.settings(token);
        let mut command = Command::new("mvn");
        command
            .current_dir(self.directory.path())
            .env("HOME", self.directory.path())
            .env_remove("MAVEN_OPTS")
            .args([
                "--batch-mode",
                "--quiet",
                "--update-snapshots",
                "--no-transfer-progress",
                "--settings",
            ])
            .arg(&settings)
            .arg("--global-settings")
            .arg(&settings)
            .args(arguments);
        run(&mut command)
    }

    fn deploy(&self, token: &str, artifact: &str, file: &Path) -> Ran {
        let pieces: Vec<&str> = artifact.split(':').collect();
        let goal = format!("{}:deploy-file", plugin("maven-deploy-plugin"));
        let arguments = [
            goal,
            format!("-Durl={}", self.place.url()),
            "-DrepositoryId=bailiwick".into(),
            format!("-Dfile={}", file.display()),
            format!("-DgroupId={}", pieces[0]),
            format!("-DartifactId={}", pieces[1]),
            format!("-Dversion={}", pieces[2]),
            "-Dpackaging=jar".into(),
        ];
        self.run(token, &arguments)
    }

    /// Resolves an artifact anew, and gives its bytes.
    fn get(&self, token: &str, artifact: &str) -> (Ran, Option<Vec<u8>>) {
        let kept = self.directory.path().join("repository");
        for group in ["com/acme", "org/open"] {
            let _ = fs::remove_dir_all(kept.join(group));
        }
        let pieces: Vec<&str> = artifact.split(':').collect();
        let arguments = [
            format!("{}:get", plugin("maven-dependency-plugin")),
            format!("-DremoteRepositories=bailiwick::default::{}", self.place.url()),
            format!("-Dartifact={artifact}"),
            "-Dtransitive=false".into(),
        ];
        let ran = self.run(token, &arguments);
        let at = kept
            .join(pieces[0].replace('.', "/"))
            .join(pieces[1])
            .join(pieces[2]);
        let file = fs::read_dir(at)
            .into_iter()
            .flatten()
            .flatten()
            .find(|file| file.path().extension().is_some_and(|end| end == "jar"));
        (ran, file.map(|file| fs::read(file.path()).unwrap()))
    }
}

/// A plugin with the newest version that Debian has.
fn plugin(name: &str) -> String {
    let found = fs::read_dir(Path::new(PLUGINS).join(name))
        .unwrap_or_else(|error| panic!("{name}: {error}; `cargo xtask install` installs it"));
    let mut versions: Vec<String> = found
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    versions.retain(|version| version.starts_with(|first: char| first.is_ascii_digit()));
    versions.sort();
    format!("org.apache.maven.plugins:{name}:{}", versions.last().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn maven_deploys_and_resolves() {
    let repository = Repository::start().await;
    let place = place(&repository).await;
    let (read_id, reader) = place.token("bob", Some(&["site"]), READ);
    let (write_id, writer) = place.token("bob", Some(&["site"]), WRITE);
    tokio::task::block_in_place(|| {
        let maven = Maven::before(&place);
        let file = maven.directory.path().join("app.jar");
        fs::write(&file, "release").unwrap();
        let refused = maven.deploy(&reader, "com.acme:app:1.0", &file).fails();
        assert!(
            refused.said().contains("403") && refused.said().contains("packages"),
            "{}",
            refused.said()
        );
        assert!(repository.files().is_empty());
        let _ = maven.deploy(&writer, "com.acme:app:1.0", &file).works();
        let (ran, bytes) = maven.get(&reader, "com.acme:app:1.0");
        assert_eq!(bytes.as_deref(), Some(&b"release"[..]), "{}", ran.works().said());
        // A release stays; a snapshot is found by its metadata, the newest one.
        let again = maven.deploy(&writer, "com.acme:app:1.0", &file).fails();
        assert!(
            again.said().contains("409") && again.said().contains("published already"),
            "{}",
            again.said()
        );
        for text in ["first", "second"] {
            fs::write(&file, text).unwrap();
            let _ = maven.deploy(&writer, "com.acme:app:1.1-SNAPSHOT", &file).works();
        }
        let (ran, bytes) = maven.get(&reader, "com.acme:app:1.1-SNAPSHOT");
        assert_eq!(bytes.as_deref(), Some(&b"second"[..]), "{}", ran.works().said());
    });
    assert_eq!(place.versions("com.acme:app").unwrap(), ["1.0", "1.1-SNAPSHOT"]);
    place.has_told(
        Some(write_id),
        "packages.package_version_published allowed forwarded com.acme:app 1.1-SNAPSHOT",
    );
    place.has_told(
        Some(read_id),
        "packages.download allowed allowed com.acme:app 1.0",
    );
    place.has_told(
        Some(read_id),
        "packages.package_version_published refused level.too_low com.acme:app 1.0",
    );
    holds_none(&repository.wire.bytes(), &[&reader, &writer]);
}

#[tokio::test(flavor = "multi_thread")]
async fn maven_is_refused_what_is_not_its_own() {
    let repository = Repository::start().await;
    let place = place(&repository).await;
    let (_, owner) = place.token("alice", None, WRITE);
    let (id, reader) = place.token("bob", Some(&["site"]), READ);
    for path in ["com/acme/app/1.0/app-1.0", "org/open/app/1.0/app-1.0"] {
        for (end, text) in [("jar", "x".to_owned()), ("pom", pom(path))] {
            let path = format!("/-/jars/{path}.{end}");
            place.front.ask("PUT", &path, &owner, &text).await.expect(201);
        }
    }
    tokio::task::block_in_place(|| {
        let maven = Maven::before(&place);
        let file = maven.directory.path().join("app.jar");
        fs::write(&file, "x").unwrap();
        // Public: no settings at all. Private: what is not there, and what there is no right to, look alike.
        let (ran, bytes) = maven.get("", "org.open:app:1.0");
        assert_eq!(bytes.as_deref(), Some(&b"x"[..]), "{}", ran.works().said());
        let (ran, bytes) = maven.get("", "com.acme:app:1.0");
        assert!(bytes.is_none() && ran.fails().said().contains("401"));
        let (ran, bytes) = maven.get(&reader, "com.acme:app:1.0");
        assert_eq!(bytes.as_deref(), Some(&b"x"[..]), "{}", ran.works().said());
        let nobodys = maven.deploy(&owner, "net.nobody:app:1.0", &file).fails();
        assert!(
            nobodys.said().contains("Could not find artifact net.nobody:app"),
            "{}",
            nobodys.said()
        );
        place.revoke(id);
        let (ran, bytes) = maven.get(&reader, "com.acme:app:1.0");
        assert!(bytes.is_none() && ran.fails().said().contains("401"));
    });
}

fn pom(path: &str) -> String {
    let group = if path.starts_with("com") {
        "com.acme"
    } else {
        "org.open"
    };
    format!(
        "<project><modelVersion>4.0.0</modelVersion><groupId>{group}</groupId><artifactId>app</artifactId>\
         <version>1.0</version></project>"
    )
}
