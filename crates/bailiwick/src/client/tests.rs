//! Addresses, paths, paging links and the session file.

use super::address::Address;
use super::session::{Session, SessionFile};
use super::*;
use std::os::unix::fs::PermissionsExt;

#[test]
fn addresses_are_read_as_people_write_them() {
    for (text, shown) in [
        ("http://127.0.0.1:8417", "http://127.0.0.1:8417"),
        ("127.0.0.1:8417", "http://127.0.0.1:8417"),
        ("http://Git.Example/", "http://git.example"),
        (
            "http://git.example:8080/base/api/v3/",
            "http://git.example:8080/base",
        ),
        ("http://[::1]:9", "http://[::1]:9"),
    ] {
        assert_eq!(Address::parse(text).unwrap().to_string(), shown, "{text}");
    }
    assert!(Address::parse("http://[::1]:9").unwrap().is_loopback());
    assert!(!Address::parse("git.example").unwrap().is_loopback());
}

#[test]
fn addresses_that_mislead_are_usage_errors() {
    for text in [
        "ftp://x",
        "http://",
        "",
        "http://good@evil.example",
        "http://x/?a=b",
        "a b",
    ] {
        assert_eq!(Address::parse(text).expect_err(text).code(), 2, "{text}");
    }
}

#[test]
fn https_has_a_port_of_its_own_and_its_sessions_too() {
    let secure = Address::parse("https://Git.Example/api/v3").unwrap();
    assert_eq!(
        (secure.to_string().as_str(), secure.port()),
        ("https://git.example", 443)
    );
    assert_eq!(Address::parse("https://git.example:443").unwrap(), secure);
    assert_eq!(secure.authority(), "git.example");
    let other = Address::parse("https://git.example:80").unwrap();
    assert_eq!(other.to_string(), "https://git.example:80");
    assert_ne!(Address::parse("http://git.example").unwrap(), secure);
}

#[test]
fn a_file_of_authorities_must_hold_one() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("ca.pem");
    let address = Address::parse("https://git.example").unwrap();
    let open = || {
        Client::new(address.clone(), None, &Trust::new(Some(file.clone())))
            .err()
            .unwrap()
    };
    let missing = open();
    assert_eq!(missing.code(), 2);
    assert!(missing.words().contains("ca.pem"), "{}", missing.words());
    std::fs::write(&file, "no certificate").unwrap();
    assert!(open().words().contains("there is no certificate in it"));
}

#[test]
fn segments_and_queries_are_escaped() {
    assert_eq!(segment("a/b c%ü.-_~"), "a%2Fb%20c%25%C3%BC.-_~");
    assert_eq!(
        query(&[("a", Some("x y")), ("b", None), ("c", Some("&"))]),
        "?a=x%20y&c=%26"
    );
    assert_eq!(query(&[("a", None)]), "");
}

#[test]
fn next_pages_stay_on_the_server() {
    let next = |link: &str| {
        let mut headers = HeaderMap::new();
        headers.insert(header::LINK, link.parse().unwrap());
        Answer {
            headers,
            body: Bytes::new(),
        }
        .next("/api/v3")
    };
    assert_eq!(
        next("<http://evil.example/api/v3/a?page=2>; rel=\"next\", <http://h/api/v3/a?page=9>; rel=\"last\""),
        Some("/a?page=2".into())
    );
    assert_eq!(next("<http://h/api/v3/a?page=1>; rel=\"prev\""), None);
    assert_eq!(next("<http://evil.example/a>; rel=\"next\""), None);
}

#[test]
fn sessions_are_kept_per_server_and_closed_to_others() {
    let directory = tempfile::tempdir().unwrap();
    let file = SessionFile::at(directory.path().join("bailiwick/session.json"));
    let one = Address::parse("http://one.example").unwrap();
    let two = Address::parse("http://two.example").unwrap();
    let session = |login: &str| Session {
        login: login.into(),
        text: Zeroizing::new(format!("bwks_{login}")),
    };
    assert!(file.get(&one).unwrap().is_none());
    file.put(&one, &session("alice"), &Value::Null).unwrap();
    file.put(&two, &session("bob"), &Value::Null).unwrap();
    assert_eq!(file.get(&one).unwrap().unwrap().text.as_str(), "bwks_alice");
    assert_eq!(file.current().unwrap().as_deref(), Some("http://two.example"));
    let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(file.path()), 0o600);
    assert_eq!(mode(file.path().parent().unwrap()), 0o700);
    file.remove(&two).unwrap();
    assert!(file.get(&two).unwrap().is_none());
    assert!(file.current().unwrap().is_none());
    assert!(file.get(&one).unwrap().is_some());
    assert_eq!(
        std::fs::read_dir(file.path().parent().unwrap()).unwrap().count(),
        1,
        "no staged file is left"
    );
}

#[test]
fn a_server_that_is_not_there_is_unreachable() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = Address::parse(&listener.local_addr().unwrap().to_string()).unwrap();
    drop(listener);
    let failure = Client::new(address, None, &Trust::default())
        .unwrap()
        .get("/meta")
        .err()
        .unwrap();
    assert_eq!(failure.code(), 4);
}
