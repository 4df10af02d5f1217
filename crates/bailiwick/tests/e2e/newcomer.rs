//! From new people and no organization to a push with an approved token: by the command line alone, as README.md and
//! docs/packages.md say, with nothing written by hand.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use bailiwick_testkit::program::git_run;
use serde_json::Value;

use crate::world::{World, commit};

/// What people here choose, once.
const PASSWORD: &str = "a password for the story";

/// A person at a terminal, with a home of their own.
struct Person<'a> {
    world: &'a World,
    home: PathBuf,
}

impl<'a> Person<'a> {
    /// Signs in.
    fn new(world: &'a World, login: &str, password: &str) -> Person<'a> {
        let person = Person {
            world,
            home: world.room(login),
        };
        person.tell(&["login", "--user", login, "--password-stdin"], password);
        person
    }

    /// Runs a command with a line of input, and gives what it prints.
    #[track_caller]
    fn tell(&self, arguments: &[&str], input: &str) -> String {
        let mut child = Command::new(env!("CARGO_BIN_EXE_bailiwick"))
            .args(arguments)
            .env_clear()
            .env("HOME", &self.home)
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("BAILIWICK_SERVER", self.world.url())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut pipe = child.stdin.take().unwrap();
        // Who asks for nothing may have ended already.
        let _unread = pipe.write_all(format!("{input}\n").as_bytes());
        drop(pipe);
        let output = child.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{arguments:?}: {said}");
        String::from_utf8(output.stdout).unwrap()
    }

    #[track_caller]
    fn run(&self, arguments: &[&str]) -> String {
        self.tell(arguments, "")
    }

    #[track_caller]
    fn json(&self, arguments: &[&str]) -> Value {
        serde_json::from_str(&self.run(&[&["--json"], arguments].concat())).unwrap()
    }
}

#[test]
fn from_new_people_to_a_push_with_an_approved_token() {
    let world = World::start(&["demo"]);
    let root = Person::new(&world, "alice", world.password("alice"));
    for login in ["olga", "pete"] {
        root.tell(&["admin", "user", "add", login, "--password-stdin"], PASSWORD);
    }
    root.run(&["admin", "org", "add", "newco", "--owner", "olga"]);

    let olga = Person::new(&world, "olga", PASSWORD);
    olga.run(&["repo", "create", "newco/site", "--readme"]);
    olga.run(&["org", "member", "add", "newco", "pete"]);
    let set = [
        "repo",
        "collaborator",
        "add",
        "newco/site",
        "pete",
        "--role",
        "write",
    ];
    olga.run(&set);
    let members = olga.json(&["org", "member", "list", "newco"]);
    let of = |login: &str| {
        let mut all = members.as_array().unwrap().iter();
        all.find(|one| one["login"] == login).unwrap()["role"].clone()
    };
    assert_eq!((of("olga"), of("pete")), ("owner".into(), "member".into()));
    assert!(
        olga.run(&["repo", "collaborator", "list", "newco/site"])
            .contains("pete")
    );

    let pete = Person::new(&world, "pete", PASSWORD);
    pete.run(&["repo", "create", "notes"]);
    let token = pete.run(&[
        "token",
        "create",
        "push",
        "-r",
        "newco/site",
        "-p",
        "contents=write",
        "--expires",
        "7",
        "--reason",
        "to push",
    ]);
    let url = format!(
        "{}/newco/site.git",
        world.url().replace("://", &format!("://pete:{}@", token.trim()))
    );
    let room = world.room("clones");
    // Not yet.
    let _ = git_run(&room, ["clone", "--quiet", &url, "early"]).fails();
    let waiting = olga.json(&["request", "list", "--org", "newco"]);
    let id = waiting[0]["id"].to_string();
    olga.run(&["request", "approve", &id, "--org", "newco"]);
    let _ = git_run(&room, ["clone", "--quiet", &url, "site"]).works();
    let clone = room.join("site");
    commit(&clone, "hello.txt", b"hello\n", "say hello");
    let _ = git_run(&clone, ["push", "--quiet"]).works();
    let log = olga.json(&["audit", "search", "--org", "newco", "action:git.push actor:pete"]);
    assert_eq!(log.as_array().unwrap().len(), 1, "{log}");

    // And back again.
    olga.run(&["repo", "collaborator", "remove", "newco/site", "pete"]);
    olga.run(&["org", "member", "remove", "newco", "pete"]);
    let _ = git_run(&clone, ["fetch", "--quiet"]).fails();
    pete.run(&["token", "revoke", "push"]);
    assert_eq!(pete.json(&["token", "list"]).as_array().unwrap().len(), 0);
}
