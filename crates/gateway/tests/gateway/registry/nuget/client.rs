//! `nuget.exe` on Mono: it publishes, installs and deletes, and shows why it may not.

use super::feed::{Feed, place};
use crate::registry::place::{ADMIN, Place, READ, WRITE};
use bailiwick_testkit::program::{Ran, run, tool};
use std::fs;
use std::path::Path;
use std::process::Command;

struct Client {
    directory: tempfile::TempDir,
    source: String,
}

impl Client {
    fn before(place: &Place) -> Client {
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join("a.txt"), "hello").unwrap();
        Client {
            directory,
            source: format!("{}/v3/index.json", place.url()),
        }
    }

    /// The settings, where the one source is the gate and the token is the password for it.
    fn settings(&self, token: &str) {
        let credentials = match token {
            "" => String::new(),
            token => format!(
                "<packageSourceCredentials><gate><add key=\"Username\" value=\"token\"/>\
                 <add key=\"ClearTextPassword\" value=\"{token}\"/></gate></packageSourceCredentials>"
            ),
        };
        let text = format!(
            "<?xml version=\"1.0\" encoding=\"utf-8\"?><configuration><packageSources><clear/>\
             <add key=\"gate\" value=\"{}\" protocolVersion=\"3\"/></packageSources>{credentials}</configuration>",
            self.source
        );
        fs::write(self.directory.path().join("nuget.config"), text).unwrap();
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        let at = self.directory.path();
        let mut command = Command::new("mono");
        command
            .current_dir(at)
            .env("HOME", at)
            .env("TMPDIR", at)
            .env("NUGET_PACKAGES", at.join("kept"))
            .env("no_proxy", "*")
            .env_remove("http_proxy")
            .env_remove("https_proxy")
            .arg(tool("node/node_modules/nuget-exe/nuget-5.8.0.exe"))
            .args(arguments)
            .args(["-NonInteractive", "-ConfigFile"])
            .arg(at.join("nuget.config"));
        run(&mut command)
    }

    /// Packs a package as people do.
    fn pack(&self, id: &str, version: &str) -> String {
        let at = self.directory.path();
        let text = format!(
            "<?xml version=\"1.0\"?><package><metadata><id>{id}</id><version>{version}</version><authors>a</authors>\
             <description>d</description></metadata><files><file src=\"a.txt\" target=\"content\"/></files></package>"
        );
        fs::write(at.join("p.nuspec"), text).unwrap();
        let mut command = Command::new("mono");
        command
            .current_dir(at)
            .env("HOME", at)
            .arg(tool("node/node_modules/nuget-exe/nuget-5.8.0.exe"))
            .args(["pack", "p.nuspec", "-NonInteractive"]);
        let _ = run(&mut command).works();
        format!("{id}.{version}.nupkg")
    }

    fn push(&self, key: &str, file: &str) -> Ran {
        self.run(&["push", file, "-Source", &self.source, "-ApiKey", key])
    }

    fn install(&self, id: &str, into: &str) -> Ran {
        self.run(&[
            "install",
            id,
            "-Version",
            "1.0.0",
            "-Source",
            &self.source,
            "-OutputDirectory",
            into,
            "-NoCache",
            "-DirectDownload",
        ])
    }

    fn path(&self) -> &Path {
        self.directory.path()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nuget_pushes_installs_and_deletes() {
    let feed = Feed::start().await;
    let place = place(&feed).await;
    let (read_id, reader) = place.token("bob", Some(&["site"]), READ);
    let (write_id, writer) = place.token("alice", Some(&["site", "www"]), WRITE);
    let (admin_id, admin) = place.token("alice", Some(&["site"]), ADMIN);
    tokio::task::block_in_place(|| {
        let client = Client::before(&place);
        client.settings("");
        let (mine, open, theirs) = (
            client.pack("Acme.Core", "1.0.0"),
            client.pack("Open.Core", "1.0.0"),
            client.pack("Nobodys.Core", "1.0.0"),
        );
        let refused = client.push(&reader, &mine).fails().said();
        assert!(
            refused.contains("403") && refused.contains("packages"),
            "{refused}"
        );
        let _ = client.push(&writer, &theirs).fails();
        assert!(feed.holds().is_empty());
        for file in [&mine, &open] {
            let _ = client.push(&writer, file).works();
        }
        assert_eq!(feed.holds(), ["acme.core 1.0.0 true", "open.core 1.0.0 true"]);
        let again = client.push(&writer, &mine).fails().said();
        assert!(
            again.contains("409") && again.contains("published already"),
            "{again}"
        );
        // What is public is everybody's; what is not takes a token.
        let _ = client.install("Open.Core", "one").works();
        let _ = client.install("Acme.Core", "two").fails();
        client.settings(&reader);
        let said = client.install("Acme.Core", "three").works().said();
        assert!(
            client.path().join("three/Acme.Core.1.0.0/content/a.txt").exists(),
            "{said}"
        );
        let delete = |key: &str| {
            client.run(&[
                "delete",
                "Acme.Core",
                "1.0.0",
                "-Source",
                &client.source,
                "-ApiKey",
                key,
            ])
        };
        client.settings("");
        let _ = delete(&writer).fails();
        let _ = delete(&admin).works();
        assert_eq!(feed.holds(), ["acme.core 1.0.0 false", "open.core 1.0.0 true"]);
        place.revoke(read_id);
        client.settings(&reader);
        let _ = client.install("Acme.Core", "four").fails();
    });
    for (id, line) in [
        (
            read_id,
            "packages.package_version_published refused level.too_low - -",
        ),
        (read_id, "packages.download allowed allowed acme.core 1.0.0"),
        (
            write_id,
            "packages.package_version_published allowed forwarded acme.core 1.0.0",
        ),
        (
            write_id,
            "packages.package_version_published refused package.unowned nobodys.core 1.0.0",
        ),
        (
            admin_id,
            "packages.package_version_deleted allowed forwarded acme.core 1.0.0",
        ),
    ] {
        place.has_told(Some(id), line);
    }
}
