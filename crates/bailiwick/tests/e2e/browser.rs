//! The pages in a real Chromium, by keyboard, with scripts and without. A story is a file beside this one.

use std::path::{Path, PathBuf};
use std::process::Command;

use bailiwick_testkit::Server;
use bailiwick_testkit::program::{node, run};
use serde_json::json;

use crate::world::{SETTINGS, World};

/// A story, to be run by node.
fn story(name: &str) -> Command {
    let script: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/e2e/browser")
        .join(name);
    node(&script)
}

/// Tells a story in the demo.
fn in_the_demo(name: &str) {
    tell(name, None);
}

/// The same with a folder for the pictures that it takes; one of the story's own otherwise.
fn tell(name: &str, pictures: Option<PathBuf>) {
    let world = World::at_localhost(&["demo"]);
    let passwords: serde_json::Map<String, serde_json::Value> = ["alice", "bob", "carol", "mallory"]
        .into_iter()
        .map(|login| (login.to_owned(), json!(world.password(login))))
        .collect();
    let ran = run(story(name)
        .env("URL", &world.server.url)
        .env("SCRATCH", world.room("browser"))
        .env("PICTURES", pictures.unwrap_or_else(|| world.room("pictures")))
        .env("PASSWORDS", serde_json::Value::Object(passwords).to_string()))
    .works();
    assert!(ran.stdout.contains(": content"), "{}", ran.said());
}

#[test]
fn first_run() {
    let server = Server::start_at_localhost(env!("CARGO_BIN_EXE_bailiwick"), &["serve"], SETTINGS);
    let link = || {
        let log = server.log();
        log.split_whitespace()
            .find(|word| word.contains("/setup?code="))
            .map(str::to_owned)
    };
    let started = std::time::Instant::now();
    let link = loop {
        if let Some(link) = link() {
            break link;
        }
        assert!(
            started.elapsed().as_secs() < 60,
            "no set-up link: {}",
            server.log()
        );
        std::thread::yield_now();
    };
    let ran = run(story("first_run.mjs").env("URL", &server.url).env("SETUP", &link)).works();
    assert!(ran.stdout.contains("first run: content"), "{}", ran.said());
    // The link is on the console alone.
    for line in server.log().lines().filter(|line| !line.starts_with("stdout: ")) {
        assert!(!line.contains("/setup?code="), "{line}");
    }
}

#[test]
fn sign_in() {
    in_the_demo("sign_in.mjs");
}

#[test]
fn the_life_of_a_token() {
    in_the_demo("life.mjs");
}

#[test]
fn every_page() {
    in_the_demo("every_page.mjs");
}

/// Takes the pictures of the documentation; `BAILIWICK_PICTURES` names where they shall stay.
#[test]
fn pictures() {
    tell(
        "pictures.mjs",
        std::env::var_os("BAILIWICK_PICTURES").map(PathBuf::from),
    );
}
