//! TLS: the clients people use over it, certificates that are exchanged without dropping anybody, and what is refused.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use bailiwick_testkit::program::{Ran, git, run};
use bailiwick_testkit::tls::{Secure, Trust, certificate};
use bailiwick_testkit::{Answer, Request, Server, http};
use serde_json::json;

use crate::world::{SETTINGS, World, commit, head};

const PROGRAM: &str = env!("CARGO_BIN_EXE_bailiwick");
/// How long a change may take to show, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

fn curl(authority: &Path, arguments: &[&str]) -> Ran {
    run(Command::new("curl")
        .args(["--silent", "--show-error", "--noproxy", "*", "--cacert"])
        .arg(authority)
        .args(arguments))
}

#[test]
fn curl_speaks_both_versions_of_http_and_of_tls() {
    let world = World::shared_secure();
    let authority = world.server.authority_file();
    let url = format!("{}/api/v3/repos/acme/www", world.url());
    for (arguments, version) in [
        (&["--http2"][..], "2"),
        (&["--http1.1"], "1.1"),
        (&["--http2", "--tls-max", "1.2"], "2"),
        (&["--no-alpn"], "1.1"),
    ] {
        let mut all = vec!["--fail", "--write-out", "\n%{http_version}", url.as_str()];
        all.extend(arguments);
        let ran = curl(&authority, &all).works();
        assert!(ran.stdout.ends_with(&format!("\n{version}")), "{}", ran.said());
        assert!(ran.stdout.contains("acme/www"), "{}", ran.said());
    }
    for arguments in [
        // Versions that are no longer safe.
        &["--tls-max", "1.1"][..],
        // An authority that did not vouch for it.
        &["--cacert", "/etc/ssl/certs/ca-certificates.crt"],
        // A name that it was not made for.
        &[
            "--resolve",
            "other.example:443:127.0.0.1",
            "--connect-to",
            "::127.0.0.1:",
        ],
    ] {
        let asked = if arguments[0] == "--resolve" {
            url.replace("127.0.0.1", "other.example")
        } else {
            url.clone()
        };
        let mut all = vec![asked.as_str()];
        all.extend(arguments);
        let _ = curl(&authority, &all).fails();
    }
}

#[test]
fn pages_set_cookies_for_tls_alone() {
    let world = World::shared_secure();
    let answer = world.send(&Request::new("GET", "/login")).expect(200);
    let cookie = answer.header("set-cookie");
    assert!(cookie.starts_with("__Host-bailiwick-visit="), "{cookie}");
    assert!(cookie.contains("; Secure"), "{cookie}");
    // A browser would keep it for everything at `localhost`.
    assert_eq!(answer.header("strict-transport-security"), "");
    let links = world.get("/repos/acme/www", "").expect(200).json();
    assert!(
        links["url"].as_str().unwrap().starts_with(&world.url()),
        "{links}"
    );
}

#[test]
fn git_clones_and_pushes() {
    let world = World::shared_secure();
    let token = world
        .token("bob", "tls-git", &["site"], json!({"contents": "write"}))
        .text;
    let room = world.room("tls-git");
    let url = world.git_url(&token, "acme/site");
    let _ = run(git(&room).args(["clone", "--quiet", &url, "clone"])).fails();
    let trust = format!("http.sslCAInfo={}", world.server.authority_file().display());
    let _ = run(git(&room).args(["-c", &trust, "clone", "--quiet", &url, "clone"])).works();
    let clone = room.join("clone");
    let _ = run(git(&clone).args(["checkout", "--quiet", "-b", "tls"])).works();
    commit(&clone, "tls.txt", b"over TLS\n", "Come over TLS");
    let _ = run(git(&clone).args(["-c", &trust, "push", "--quiet", "origin", "tls"])).works();
    assert_eq!(world.branch("acme/site", "tls"), Some(head(&clone)));
}

#[test]
fn gh_asks_the_api() {
    let world = World::shared_secure();
    let token = world
        .token("bob", "tls-gh", &["site"], json!({"issues": "write"}))
        .text;
    let settings = world.room("tls-gh");
    let gh = |arguments: &[&str]| {
        run(Command::new("gh")
            .arg("api")
            .args(arguments)
            .env("GH_HOST", world.server.address.0.to_string())
            .env("GH_ENTERPRISE_TOKEN", &token)
            .env("GH_CONFIG_DIR", &settings)
            .env("GH_NO_UPDATE_NOTIFIER", "1")
            .env("SSL_CERT_FILE", world.server.authority_file())
            .env("NO_PROXY", "*")
            .env_remove("GITHUB_TOKEN")
            .env_remove("GH_TOKEN"))
    };
    let ran = gh(&["/user", "--jq", ".login"]).works();
    assert_eq!(ran.stdout.trim(), "bob", "{}", ran.said());
    let ran = gh(&["repos/acme/site", "--jq", ".full_name"]).works();
    assert_eq!(ran.stdout.trim(), "acme/site", "{}", ran.said());
    let ran = gh(&["repos/acme/site/issues", "-f", "title=From gh", "--jq", ".title"]).works();
    assert_eq!(ran.stdout.trim(), "From gh", "{}", ran.said());
    let ran = gh(&[
        "--paginate",
        "repos/acme/site/issues?per_page=1&state=all",
        "--jq",
        ".[].title",
    ])
    .works();
    assert!(ran.stdout.lines().count() > 1, "{}", ran.said());
    let refused = gh(&["repos/acme/site/contents/README.md"]).fails();
    assert_eq!(refused.code, Some(1), "{}", refused.said());
    assert!(
        refused
            .stderr
            .contains("Resource not accessible by personal access token (HTTP 403)"),
        "{}",
        refused.said()
    );
    let hidden = gh(&["repos/acme/no-such-thing"]).fails();
    assert!(
        hidden.stderr.contains("Not Found (HTTP 404)"),
        "{}",
        hidden.said()
    );
}

#[test]
fn the_command_line_signs_in_and_asks() {
    let world = World::shared_secure();
    let home = world.room("tls-home");
    let authority = world.server.authority_file();
    let authority = authority.to_str().unwrap();
    let bailiwick = |arguments: &[&str], environment: &[(&str, &str)]| {
        run(Command::new(PROGRAM)
            .args(arguments)
            .env_clear()
            .env("HOME", &home)
            .env("BAILIWICK_PASSWORD", world.password("bob"))
            .envs(environment.iter().copied()))
    };
    let url = world.url();
    let login = ["login", "--server", url.as_str(), "--user", "bob"];
    let stranger = bailiwick(&login, &[]).fails();
    assert_eq!(stranger.code, Some(4), "{}", stranger.said());
    assert!(
        stranger.stderr.contains("--ca FILE or SSL_CERT_FILE"),
        "{}",
        stranger.said()
    );
    let with_flag = [&login[..], &["--ca", authority]].concat();
    let ran = bailiwick(&with_flag, &[]).works();
    assert!(ran.stdout.contains(&url), "{}", ran.said());
    assert!(!ran.stderr.contains("plain HTTP"), "{}", ran.said());
    for variable in ["SSL_CERT_FILE", "BAILIWICK_CA"] {
        let _ = bailiwick(&["token", "list"], &[(variable, authority)]).works();
    }
    let plain = url.replace("https://", "http://");
    let told = bailiwick(
        &[
            "--server",
            &plain,
            "explain",
            "git push acme/site",
            "--grant",
            "acme/site:contents=read",
        ],
        &[],
    )
    .fails();
    assert_eq!(
        told.code,
        Some(3),
        "a session is for its own address: {}",
        told.said()
    );
    let told = world.server.address.0;
    let answer =
        run(Command::new("curl").args(["--silent", "--noproxy", "*", &format!("http://{told}/")])).works();
    assert!(
        answer.stdout.contains("this port speaks TLS"),
        "{}",
        answer.said()
    );
}

/// Asks on a connection that stays.
fn ask(stream: &mut Secure) -> Answer {
    stream
        .write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        .unwrap();
    stream.flush().unwrap();
    http::read(stream, false)
}

/// Waits until something is so.
fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let started = Instant::now();
    while !is_so() {
        assert!(started.elapsed() < PATIENCE, "{what} within {PATIENCE:?}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn certificates_are_exchanged_without_a_drop() {
    let room = tempfile::tempdir().unwrap();
    let (file, key) = (room.path().join("it.pem"), room.path().join("it.key"));
    let (first, second) = (certificate(), certificate());
    let put = |pair: &(String, String)| {
        std::fs::write(&file, &pair.0).unwrap();
        std::fs::write(&key, &pair.1).unwrap();
    };
    put(&first);
    let settings = [
        ("BAILIWICK_TLS_CERTIFICATE", file.to_str().unwrap()),
        ("BAILIWICK_TLS_KEY", key.to_str().unwrap()),
    ];
    let server = Server::start(PROGRAM, &["serve"], &settings);
    let hang_up = || {
        let _ = run(Command::new("kill").args(["-HUP", &server.pid().to_string()])).works();
    };
    let (old, new) = (Trust::of(first.0.as_bytes()), Trust::of(second.0.as_bytes()));
    let shows = |trust: &Trust| trust.shake(server.address.connect()).is_ok();
    let mut running = old.shake(server.address.connect()).unwrap();
    let answer = ask(&mut running).expect(200);
    assert_eq!(answer.header("strict-transport-security"), "max-age=31536000");
    put(&second);
    hang_up();
    until("the new certificate is shown", || shows(&new));
    assert!(!shows(&old));
    let _ = ask(&mut running).expect(200);
    // What cannot be used changes nothing.
    std::fs::write(&key, &first.1).unwrap();
    hang_up();
    server.logs(&[
        "the former one stays",
        "the key does not belong to the certificate",
    ]);
    assert!(!server.log().contains("PRIVATE KEY"));
    assert!(shows(&new));
    let _ = ask(&mut running).expect(200);
    // Without being told, it is seen.
    put(&first);
    until("the files are looked at", || shows(&old));
    let _ = ask(&mut running).expect(200);
}

#[test]
fn its_own_authority_outlives_restarts() {
    let server = Server::start(PROGRAM, &["serve", "--tls-self-signed"], SETTINGS);
    let kept = |server: &Server| {
        ["ca.pem", "ca.key", "server.pem"]
            .map(|name| std::fs::read(server.data.join("tls").join(name)).unwrap())
    };
    let before = kept(&server);
    assert!(server.url.starts_with("https://127.0.0.1:"), "{}", server.url);
    let server = server.restart(&[]);
    assert_eq!(kept(&server), before);
    let told = server.authority_file();
    server.logs(&[&format!("SSL_CERT_FILE={}", told.display())]);
}

/// Reads until the other side ends the connection.
fn ends(mut stream: impl Read) {
    let mut rest = Vec::new();
    let _ = stream.read_to_end(&mut rest);
}

#[test]
fn silence_ends() {
    let settings = [
        ("BAILIWICK_HEAD_SECONDS_MAX", "1"),
        ("BAILIWICK_CONNECTIONS_MAX", "4"),
    ];
    let server = Server::start(PROGRAM, &["serve", "--tls-self-signed"], &settings);
    let trust = server.address.1.unwrap();
    let begun = |bytes: &[u8]| -> TcpStream {
        let mut stream = server.address.connect();
        stream.write_all(bytes).unwrap();
        stream
    };
    // No byte, half a handshake, a handshake alone, and half a head: as many as there are slots.
    let (nothing, half) = (begun(b""), begun(b"\x16\x03\x01\x02\x00\x01"));
    let shaken = trust.shake(server.address.connect()).unwrap();
    let mut slow = trust.shake(server.address.connect()).unwrap();
    slow.write_all(b"GET /healthz HTTP/1.1\r\nHost:").unwrap();
    slow.flush().unwrap();
    let _ = server.address.send(&Request::new("GET", "/healthz")).expect(200);
    ends(nothing);
    ends(half);
    ends(shaken);
    ends(slow);
}

#[test]
fn figures_and_doctor_tell_the_end_of_the_certificate() {
    let world = World::shared_secure();
    let alice = world.session("alice");
    let figures = world
        .send(&Request::new("GET", "/metrics").bearer(&alice))
        .expect(200)
        .text();
    let left = figures
        .lines()
        .find_map(|line| line.strip_prefix("bailiwick_tls_certificate_expires_seconds "))
        .and_then(|text| text.parse::<i64>().ok())
        .unwrap_or_else(|| panic!("{figures}"));
    assert!((89 * 86_400..=90 * 86_400).contains(&left), "{left}");
    let report = world.get("/admin/doctor", &alice).expect(200).json();
    let checks = report["checks"].as_array().unwrap();
    let check = checks
        .iter()
        .find(|check| check["check"] == "tls_certificate")
        .unwrap();
    assert_eq!(check["state"], "ok", "{check}");
}

#[test]
fn what_cannot_be_served_is_told_at_the_start() {
    let room = tempfile::tempdir().unwrap();
    let path = |name: &str| room.path().join(name).to_str().unwrap().to_owned();
    let (one, other) = (certificate(), certificate());
    for (name, text) in [("it.pem", &one.0), ("it.key", &one.1), ("other.key", &other.1)] {
        std::fs::write(room.path().join(name), text).unwrap();
    }
    let data = path("data");
    for (certificate, key, code, said) in [
        (
            "it.pem",
            "other.key",
            1,
            "the key does not belong to the certificate",
        ),
        ("it.pem", "none.key", 1, "none.key: No such file"),
        ("none.pem", "it.key", 1, "none.pem: No such file"),
        ("it.key", "it.key", 1, "the certificate cannot be used"),
        ("it.pem", "it.pem", 1, "the key cannot be used"),
    ] {
        let ran = run(Command::new(PROGRAM)
            .args(["serve", "--listen", "127.0.0.1:0", "--data", &data])
            .env("BAILIWICK_TLS_CERTIFICATE", path(certificate))
            .env("BAILIWICK_TLS_KEY", path(key)))
        .fails();
        assert_eq!(ran.code, Some(code), "{}", ran.said());
        assert!(ran.stderr.contains(said), "{}", ran.said());
    }
    let both = run(Command::new(PROGRAM)
        .args(["serve", "--tls-self-signed", "--data", &data])
        .env("BAILIWICK_TLS_CERTIFICATE", path("it.pem"))
        .env("BAILIWICK_TLS_KEY", path("it.key")))
    .fails();
    assert_eq!(both.code, Some(2), "{}", both.said());
}
