//! Which ways are open without TLS, and what errors keep to themselves.

use super::*;

fn mode(url: &str) -> SslMode {
    let (url, _) = take_roots(url).unwrap();
    let config: postgres::Config = url.parse().unwrap();
    if is_local(&config) {
        SslMode::Disable
    } else {
        SslMode::Require
    }
}

#[test]
fn plain_text_on_this_machine_alone() {
    for url in [
        "postgres:///db?host=/run/postgresql",
        "postgres://u@localhost/db",
        "postgres://u@127.0.0.1:5433/db",
        "postgres://u@[::1]/db",
        "postgres://u@localhost,127.0.0.1/db",
    ] {
        assert_eq!(mode(url), SslMode::Disable, "{url}");
    }
    for url in [
        "postgres://u@db.example.org/db",
        "postgres://u@10.0.0.1/db",
        "postgres://u@localhost,db.example.org/db",
        "postgres://u@localhost.example.org/db",
        "postgres://u@localhost/db?hostaddr=10.0.0.1",
    ] {
        assert_eq!(mode(url), SslMode::Require, "{url}");
    }
}

#[test]
fn root_certificate_leaves_the_url() {
    let (url, roots) =
        take_roots("postgres://u@h/db?sslmode=require&sslrootcert=%2Fa%20b.pem&user=x").unwrap();
    assert_eq!(url, "postgres://u@h/db?sslmode=require&user=x");
    assert_eq!(roots.as_deref(), Some("/a b.pem"));
}

#[test]
fn errors_do_not_repeat_the_url() {
    let error = Endpoint::parse("postgres://u:hunter2@h:notaport/db")
        .err()
        .unwrap();
    assert!(!format!("{error} {error:?}").contains("hunter2"));
    let error = Endpoint::parse("postgres://u:hunter2@h/db?sslrootcert=/nonexistent")
        .err()
        .unwrap();
    assert!(!format!("{error} {error:?}").contains("hunter2"));
}
