//! After a whole day of use and abuse, no secret is anywhere but where it was shown once: not in the log, not in a file
//! of the data directory, not in metrics, not in an answer.

use bailiwick_testkit::program::git_run;
use bailiwick_testkit::{Answer, Request};
use serde_json::json;

use crate::world::World;

#[test]
fn no_secret_is_ever_written_down() {
    let world = World::start(&["demo"]);
    let writer = world.token(
        "bob",
        "leaks-writer",
        &["site"],
        json!({"contents": "write", "issues": "write"}),
    );
    let owner = world.session("alice");
    let mut answers: Vec<(String, Answer)> = Vec::new();
    let mut keep = |about: &str, answer: Answer| answers.push((about.to_owned(), answer));
    for (method, path) in [
        ("GET", "/api/v3/user"),
        ("GET", "/api/v3/repos/acme/site/issues"),
        ("GET", "/api/v3/repos/acme/site/hooks"),
        ("GET", "/api/v3/repos/acme/nothing"),
        ("POST", "/api/v3/repos/acme/site/issues"),
        ("GET", "/acme/site.git/info/refs?service=git-upload-pack"),
        ("GET", "/acme/site.git/info/refs?service=nonsense"),
        ("GET", "/nowhere"),
    ] {
        for request in [
            Request::new(method, path).bearer(&writer.text),
            Request::new(method, path).basic("bob", &writer.text),
            Request::new(method, path).basic(&writer.text, ""),
            Request::new(method, path)
                .bearer(&writer.text)
                .bearer(&writer.text),
            Request::new(method, path).header("Authorization", &format!("Nonsense {}", writer.text)),
            Request::new(method, path).header("User-Agent", &format!("curl {}", writer.text)),
            Request::new(method, path).header("Cookie", &format!("session={}", writer.text)),
            Request::new(
                method,
                &format!(
                    "{path}{}access_token={}",
                    if path.contains('?') { '&' } else { '?' },
                    writer.text
                ),
            ),
        ] {
            keep(path, world.send(&request));
        }
    }
    // Where people paste secrets by mistake.
    keep("path", world.get(&format!("/repos/acme/{}", writer.text), &owner));
    keep(
        "login",
        world.api(
            "POST",
            "/sessions",
            "",
            json!({"login": writer.text, "password": writer.text}),
        ),
    );
    keep(
        "wrong password",
        world.api(
            "POST",
            "/sessions",
            "",
            json!({"login": "bob", "password": "leak-of-a-password-1"}),
        ),
    );
    keep(
        "body",
        world.api(
            "POST",
            "/repos/acme/site/issues",
            &writer.text,
            json!({"title": 1, "token": writer.text}),
        ),
    );
    keep(
        "phrase",
        world.get(
            &format!("/orgs/acme/audit-log?phrase=token:{}", writer.text),
            &owner,
        ),
    );
    keep(
        "username",
        world.send(&Request::new("GET", "/api/v3/user").basic(&writer.text, &writer.text)),
    );
    let clone = world.checkout(&writer.text, "acme/site", "leaks");
    crate::world::commit(&clone, "leak.txt", b"nothing\n", "Write nothing");
    let _ = git_run(&clone, ["push", "--quiet", "origin", "HEAD:leaks"]).works();
    let again = world
        .api(
            "POST",
            &format!("/user/personal-access-tokens/{}/regenerate", writer.id),
            &world.session("bob"),
            json!({}),
        )
        .expect(201)
        .json();
    let again = again["token"].as_str().unwrap().to_owned();
    keep(
        "current",
        world.get("/user/personal-access-tokens/current", &again),
    );
    keep(
        "list",
        world.get("/user/personal-access-tokens", &world.session("bob")),
    );
    keep(
        "requests",
        world.get("/orgs/acme/personal-access-token-requests", &owner),
    );
    keep("grants", world.get("/orgs/acme/personal-access-tokens", &owner));
    keep("sessions", world.get("/sessions", &owner));
    for format in ["json", "csv", "jsonl"] {
        keep(
            "audit",
            world.get(
                &format!("/orgs/acme/audit-log?include=all&per_page=100&format={format}"),
                &owner,
            ),
        );
    }
    keep("metrics", world.send(&Request::new("GET", "/metrics")));
    keep("doctor", world.get("/admin/doctor", &owner));

    let mut secrets = world.secrets();
    secrets.push(again);
    secrets.push(String::from("leak-of-a-password-1"));
    for secret in &secrets {
        for (about, answer) in &answers {
            let all = format!("{:?}{}", answer.headers, answer.text());
            assert!(
                !all.contains(secret.as_str()),
                "{about}: an answer holds a secret: {all}"
            );
        }
    }
    let mut server = world.server;
    server.stop();
    // What the demo prints for its user is meant to be read; everything else it says is the log.
    let log: String = server
        .log()
        .lines()
        .filter(|line| !line.starts_with("stdout: "))
        .collect();
    let files = server.files();
    assert!(
        files
            .iter()
            .any(|(path, _)| path.extension().is_some_and(|it| it == "sqlite")),
        "the database is there"
    );
    for secret in &secrets {
        assert!(!log.contains(secret.as_str()), "the log holds a secret");
        for (path, bytes) in &files {
            // The demo's own note of its passwords, for its user.
            let found = bytes
                .windows(secret.len())
                .any(|window| window == secret.as_bytes());
            assert!(
                !found || path.ends_with("demo.json"),
                "{} holds a secret",
                path.display()
            );
        }
    }
}
