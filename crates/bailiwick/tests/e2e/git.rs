//! Plain git: protocol versions, shallow and partial clones, large packs with flat memory, who may push what, and a
//! push sent by hand so that it can be stopped half way.

use std::io::Write;
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;

use bailiwick_testkit::program::{git, git_run, run};
use bailiwick_testkit::{Answer, Request, http};
use serde_json::json;

use crate::world::{World, commit, head};

/// What a push may add to the server's memory, whatever the size of the pack, in KiB.
const PUSH_KIB_MAX: u64 = 48 * 1024;

/// A push as bytes: one command and its pack.
pub struct Push {
    path: String,
    body: Vec<u8>,
}

/// A push whose body is half sent.
pub struct OpenPush {
    stream: TcpStream,
    rest: Vec<u8>,
}

impl Push {
    /// What a clone has more than its `origin/main`, as a push to a ref.
    pub fn prepare(clone: &Path, reference: &str) -> Push {
        let rev = |name: &str| {
            git_run(clone, ["rev-parse", name])
                .works()
                .stdout
                .trim()
                .to_owned()
        };
        let (old, new) = (rev("refs/remotes/origin/main"), rev("HEAD"));
        let command = format!("{old} {new} {reference}\0 report-status object-format=sha1 agent=by-hand");
        let mut body = format!("{:04x}{command}0000", command.len() + 4).into_bytes();
        let script = format!(
            "git rev-list --objects {new} --not {old} | git pack-objects --quiet --stdout > by-hand.pack"
        );
        let _ = run(Command::new("sh").args(["-c", &script]).current_dir(clone)).works();
        body.extend(std::fs::read(clone.join("by-hand.pack")).unwrap());
        Push {
            path: String::from("/acme/site.git"),
            body,
        }
    }

    /// Asks for the refs, which is how every push starts.
    pub fn ask(&self, world: &World, token: &str) {
        let path = format!("{}/info/refs?service=git-receive-pack", self.path);
        let _ = world
            .send(&Request::new("GET", &path).basic("bob", token))
            .expect(200);
    }

    fn request(&self, token: &str) -> Request {
        Request::new("POST", &format!("{}/git-receive-pack", self.path))
            .basic("bob", token)
            .header("Content-Type", "application/x-git-receive-pack-request")
    }

    /// Sends it whole.
    pub fn send(&self, world: &World, token: &str) -> Answer {
        world.send(&self.request(token).body(self.body.clone()))
    }

    /// Sends the head of the request and nothing of its body yet.
    pub fn begin(&self, world: &World, token: &str) -> OpenPush {
        let mut stream = world.server.address.connect();
        let head = format!(
            "POST {}/git-receive-pack HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {token}\r\n\
             Content-Type: application/x-git-receive-pack-request\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
            self.path,
            world.server.address.0,
            self.body.len()
        );
        stream.write_all(head.as_bytes()).unwrap();
        OpenPush {
            stream,
            rest: self.body.clone(),
        }
    }
}

impl OpenPush {
    /// Sends the command and half of the pack.
    pub fn send_half(&mut self) {
        let half = self.rest.len() - 40;
        let rest = self.rest.split_off(half);
        self.stream.write_all(&self.rest).unwrap();
        self.stream.flush().unwrap();
        // Long enough that the server has begun to receive; nothing depends on how far it came.
        std::thread::sleep(std::time::Duration::from_millis(300));
        self.rest = rest;
    }

    /// Sends what is left and reads the answer.
    pub fn finish(mut self) -> Answer {
        let _ = self.stream.write_all(&self.rest);
        http::read(self.stream, false)
    }
}

#[test]
fn protocols_depths_and_filters() {
    let world = World::shared();
    let token = world.token("bob", "git-reader", &["site"], json!({"contents": "read"}));
    let url = world.git_url(&token.text, "acme/site");
    let room = world.room("protocols");
    for version in ["0", "1", "2"] {
        let setting = format!("protocol.version={version}");
        let ran = run(git(&room)
            .env("GIT_TRACE_PACKET", "1")
            .args(["-c", &setting, "ls-remote", &url]))
        .works();
        assert!(ran.stdout.contains("refs/heads/main"), "{}", ran.stdout);
        assert_eq!(
            ran.stderr.contains("version 2"),
            version == "2",
            "protocol {version}: {}",
            ran.stderr
        );
    }
    let _ = git_run(&room, ["clone", "--quiet", "--depth=1", &url, "shallow"]).works();
    let count = git_run(&room.join("shallow"), ["rev-list", "--count", "HEAD"]).works();
    assert_eq!(count.stdout.trim(), "1");
    let _ = git_run(&room.join("shallow"), ["fetch", "--quiet", "--unshallow"]).works();
    let ran = git_run(
        &room,
        [
            "clone",
            "--quiet",
            "--no-checkout",
            "--filter=blob:none",
            &url,
            "partial",
        ],
    )
    .works();
    assert!(!ran.stderr.contains("filtering not recognized"), "{}", ran.stderr);
    let missing = git_run(
        &room.join("partial"),
        ["rev-list", "--objects", "--missing=print", "HEAD"],
    )
    .works();
    assert!(
        missing.stdout.lines().any(|line| line.starts_with('?')),
        "blobs are left out"
    );
    let _ = git_run(&room.join("partial"), ["checkout", "--quiet", "main"]).works();
    assert!(
        room.join("partial/README.md").exists(),
        "and fetched when they are needed"
    );
}

#[test]
fn who_may_only_read_cannot_push() {
    let world = World::shared();
    let token = world.token("bob", "git-read-only", &["site"], json!({"contents": "read"}));
    let before = world.branch("acme/site", "main");
    let clone = world.checkout(&token.text, "acme/site", "read-only");
    commit(&clone, "note.txt", b"a note\n", "Write a note");
    let ran = git_run(&clone, ["push", "origin", "HEAD:main"]).fails();
    assert!(
        ran.stderr.contains("403") && ran.stderr.contains("contents"),
        "{}",
        ran.stderr
    );
    // Not by going straight to the second step either.
    let push = Push::prepare(&clone, "refs/heads/main");
    let _ = push.send(&world, &token.text).expect(403);
    assert_eq!(world.branch("acme/site", "main"), before);
}

#[test]
fn the_credential_of_git_is_asked_for_and_explained() {
    let world = World::shared();
    let room = world.room("no-credential");
    // A visitor is asked for a credential, whether or not there is such a repository.
    for repository in ["acme/site", "acme/nothing", "nobody/nothing"] {
        let path = format!("/{repository}.git/info/refs?service=git-upload-pack");
        let answer = world.send(&Request::new("GET", &path)).expect(401);
        assert!(
            answer.header("www-authenticate").starts_with("Basic realm="),
            "{:?}",
            answer.headers
        );
    }
    let _ = git_run(
        &room,
        ["clone", "--quiet", &world.git_url("", "acme/www"), "public"],
    )
    .works();
    let _ = git_run(&room, ["clone", &world.git_url("", "acme/site"), "private"]).fails();
    let ran = git_run(
        &room,
        [
            "clone",
            &world.git_url("bwkf_000000000000000000000000000000000000", "acme/site"),
            "x",
        ],
    )
    .fails();
    assert!(
        ran.stderr.contains("Authentication failed") || ran.stderr.contains("401"),
        "{}",
        ran.stderr
    );
    let stranger = world.mint("mallory", "git-stranger", json!([]));
    let hidden = git_run(&room, ["ls-remote", &world.git_url(&stranger.text, "acme/site")]).fails();
    let nothing = git_run(
        &room,
        ["ls-remote", &world.git_url(&stranger.text, "acme/nothing")],
    )
    .fails();
    assert_eq!(
        hidden.stderr.replace("acme/site", "X"),
        nothing.stderr.replace("acme/nothing", "X")
    );
}

#[test]
fn services_are_what_they_say() {
    let world = World::shared();
    let token = world.token("bob", "git-services", &["site"], json!({"contents": "read"}));
    // Reading opens no other service, whatever the query or the content says.
    for (method, path) in [
        ("GET", "/acme/site.git/info/refs"),
        ("GET", "/acme/site.git/info/refs?service=git-upload-archive"),
        (
            "GET",
            "/acme/site.git/info/refs?service=git-upload-pack&service=git-receive-pack",
        ),
        ("GET", "/acme/site.git/info/refs?service=git-receive-pack"),
        ("GET", "/acme/site.git/HEAD"),
        ("GET", "/acme/site.git/objects/info/packs"),
        ("GET", "/acme/site.git/config"),
        ("POST", "/acme/site.git/git-upload-archive"),
        ("POST", "/acme/site.git/git-receive-pack"),
        ("GET", "/acme/site.git/git-receive-pack"),
        ("PUT", "/acme/site.git/git-upload-pack"),
        ("PROPFIND", "/acme/site.git/"),
    ] {
        let answer = world.send(&Request::new(method, path).basic("bob", &token.text));
        assert!(
            (400..500).contains(&answer.status),
            "{method} {path}: {} {}",
            answer.status,
            answer.text()
        );
    }
}

#[test]
fn malformed_packet_lines_are_refused() {
    let world = World::shared();
    let token = world.token("bob", "git-malformed", &["site"], json!({"contents": "write"}));
    let before = world.branch("acme/site", "main");
    let zero = "0".repeat(40);
    for body in [
        String::from("zzzz"),
        String::from("0003"),
        String::from("ffff"),
        String::from("0000"),
        String::from("0005"),
        format!("0067{zero} {zero} refs/heads/../../config\0 report-status0000"),
        format!(
            "{:04x}{zero} {} refs/heads/main\0report-status0000",
            4 + 40 + 1 + 40 + 16 + 14,
            "g".repeat(40)
        ),
        "fffe".repeat(2000),
    ] {
        let request = Request::new("POST", "/acme/site.git/git-receive-pack")
            .basic("bob", &token.text)
            .header("Content-Type", "application/x-git-receive-pack-request")
            .body(body.clone());
        let answer = world.send(&request);
        let refused = (400..500).contains(&answer.status)
            || answer.text().contains("unpack ") && !answer.text().contains("unpack ok");
        assert!(
            refused || body == "0000",
            "{body:.60}: {} {}",
            answer.status,
            answer.text()
        );
        assert!(
            answer.status < 500,
            "{body:.60}: {} {}",
            answer.status,
            answer.text()
        );
    }
    assert_eq!(world.branch("acme/site", "main"), before);
    let request = Request::new("POST", "/acme/site.git/git-receive-pack")
        .basic("bob", &token.text)
        .body("0000");
    let answer = world.send(&request);
    assert!(
        (400..500).contains(&answer.status),
        "without its content type: {}",
        answer.status
    );
}

#[test]
fn large_packs_stream_in_flat_memory() {
    let world = World::start(&["demo"]);
    let token = world.token("bob", "large", &["site"], json!({"contents": "write"}));
    let clone = world.checkout(&token.text, "acme/site", "large");
    // Random bytes do not compress, so the pack is as large as the file.
    let _ = run(Command::new("sh")
        .current_dir(&clone)
        .args(["-c", "head -c 110000000 /dev/urandom > large.bin"]))
    .works();
    let _ = git_run(&clone, ["add", "large.bin"]).works();
    let _ = git_run(&clone, ["commit", "--quiet", "--message", "Add something large"]).works();
    let _ = world.get("/repos/acme/site", &token.text).expect(200);
    world.server.forget_peak();
    let before = world.server.peak_kib();
    let _ = git_run(&clone, ["push", "--quiet", "origin", "HEAD:large"]).works();
    assert_eq!(world.branch("acme/site", "large"), Some(head(&clone)));
    let pushed = world.server.peak_kib();
    assert!(
        pushed < before + PUSH_KIB_MAX,
        "receiving 105 MiB took {before} to {pushed} KiB"
    );
    world.server.forget_peak();
    let room = world.room("large-again");
    let url = world.git_url(&token.text, "acme/site");
    let _ = git_run(
        &room,
        [
            "clone",
            "--quiet",
            "--single-branch",
            "--branch",
            "large",
            &url,
            "clone",
        ],
    )
    .works();
    let sent = world.server.peak_kib();
    assert!(
        sent < before + PUSH_KIB_MAX,
        "sending 105 MiB took {before} to {sent} KiB"
    );
    assert_eq!(
        std::fs::metadata(room.join("clone/large.bin")).unwrap().len(),
        110_000_000
    );
}
