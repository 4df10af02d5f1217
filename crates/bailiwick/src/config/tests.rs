//! Layers, checks, messages, and the reference in `docs/`.

use super::*;
use std::io::Write;

fn environment(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

fn from_file(text: &str) -> Result<Config, String> {
    let mut file = tempfile::Builder::new()
        .prefix("settings")
        .suffix(".toml")
        .tempfile()
        .unwrap();
    file.write_all(text.as_bytes()).unwrap();
    let name = file.path().display().to_string();
    load(&Vec::new(), Vec::new(), Some(file.path()))
        .map(|loaded| loaded.0)
        .map_err(|why| why.replace(&name, "FILE"))
}

#[test]
fn defaults_are_complete_and_valid() {
    let (config, warnings) = load(&Vec::new(), Vec::new(), None).unwrap();
    assert_eq!(config.listen.to_string(), "127.0.0.1:8417");
    assert_eq!(config.prefixes(), ["bwk"]);
    assert_eq!((config.connections_max, config.rate_token_per_hour), (4096, 5000));
    assert_eq!(
        config.base_url("127.0.0.1:9".parse().unwrap()),
        "http://127.0.0.1:9"
    );
    assert!(config.database.is_none() && warnings.is_empty());
}

#[test]
fn flags_win_over_environment_over_file_over_default() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(b"listen = \"127.0.0.1:1\"\nnode = \"file\"\nlog_level = \"warn\"\n")
        .unwrap();
    let variables = environment(&[
        ("BAILIWICK_LISTEN", "127.0.0.1:2"),
        ("BAILIWICK_NODE", "environment"),
    ]);
    let flags = vec![("listen", "127.0.0.1:3".to_owned())];
    let (config, _) = load(&flags, variables, Some(file.path())).unwrap();
    assert_eq!(config.listen.port(), 3);
    assert_eq!(config.node, "environment");
    assert_eq!(config.log_level, LevelFilter::WARN);
    assert_eq!(config.token_prefix, "bwk");
}

#[test]
fn every_key_is_read_from_file_and_environment() {
    let config = from_file(
        "data = \"/d\"\nlisten = \"[::1]:5\"\ninsecure_listen = true\npublic_url = \"https://g.example/\"\n\
         database = \"postgres://u:p@h/d\"\nnode = \"n\"\ntoken_prefix = \"abc\"\nformer_prefixes = [\"bwk\", \"abc\"]\n\
         rate_token_per_hour = 1\nrate_anonymous_per_hour = 0\nconnections_max = 2\nhead_seconds_max = 3\n\
         connections_per_address_max = 7\nidle_seconds_max = 8\n\
         tls_certificate = \"/c.pem\"\ntls_key = \"/c.key\"\ntls_self_signed = false\n\
         trusted_proxies = [\"10.0.0.0/8\", \"::1\"]\n\
         authorize_trusted_peers = [\"127.0.0.1/32\"]\n\
         shutdown_seconds_max = 4\nlog_format = \"json\"\nlog_level = \"trace\"\n",
    )
    .unwrap();
    let variables = environment(&[
        ("BAILIWICK_DATA", "/d"),
        ("BAILIWICK_LISTEN", "[::1]:5"),
        ("BAILIWICK_INSECURE_LISTEN", "true"),
        ("BAILIWICK_TLS_CERTIFICATE", "/c.pem"),
        ("BAILIWICK_TLS_KEY", "/c.key"),
        ("BAILIWICK_TLS_SELF_SIGNED", "false"),
        ("BAILIWICK_TRUSTED_PROXIES", "10.0.0.0/8, ::1"),
        ("BAILIWICK_AUTHORIZE_TRUSTED_PEERS", "127.0.0.1"),
        ("BAILIWICK_PUBLIC_URL", "https://g.example"),
        ("BAILIWICK_DATABASE", "postgres://u:p@h/d"),
        ("BAILIWICK_NODE", "n"),
        ("BAILIWICK_TOKEN_PREFIX", "abc"),
        ("BAILIWICK_FORMER_PREFIXES", "bwk, abc"),
        ("BAILIWICK_RATE_TOKEN_PER_HOUR", "1"),
        ("BAILIWICK_RATE_ANONYMOUS_PER_HOUR", "0"),
        ("BAILIWICK_CONNECTIONS_MAX", "2"),
        ("BAILIWICK_CONNECTIONS_PER_ADDRESS_MAX", "7"),
        ("BAILIWICK_IDLE_SECONDS_MAX", "8"),
        ("BAILIWICK_HEAD_SECONDS_MAX", "3"),
        ("BAILIWICK_SHUTDOWN_SECONDS_MAX", "4"),
        ("BAILIWICK_LOG_FORMAT", "json"),
        ("BAILIWICK_LOG_LEVEL", "trace"),
    ]);
    assert_eq!(variables.len(), KEYS.len());
    assert_eq!(load(&Vec::new(), variables, None).unwrap().0, config);
    assert_eq!(config.prefixes(), ["abc", "bwk"]);
    assert!(!format!("{config:?}").contains("u:p"));
}

#[test]
fn wrong_values_say_where_what_and_what_was_found() {
    for (text, expected) in [
        (
            "listen = 8417",
            "listen in FILE: expected an IP address and port, such as 127.0.0.1:8417, found 8417",
        ),
        (
            "listen = \"localhost\"",
            "listen in FILE: expected an IP address and port, such as 127.0.0.1:8417, found \"localhost\"",
        ),
        (
            "connections_max = 0",
            "connections_max in FILE: expected a whole number from 1 to 1000000, found 0",
        ),
        (
            "connections_max = \"9\"",
            "connections_max in FILE: expected a whole number from 1 to 1000000, found \"9\"",
        ),
        (
            "log_format = \"xml\"",
            "log_format in FILE: expected \"text\" or \"json\", found \"xml\"",
        ),
        ("data = \"\"", "data in FILE: expected a directory, found \"\""),
        (
            "token_prefix = \"BWK_\"",
            "token_prefix in FILE: expected 1 to 16 small letters and digits, starting with a letter, found \"BWK_\"",
        ),
        (
            "public_url = \"g.example\"",
            "public_url in FILE: expected a URL that starts with http:// or https://, found \"g.example\"",
        ),
        (
            "insecure_listen = 1",
            "insecure_listen in FILE: expected true or false, found 1",
        ),
        ("tls_key = \"\"", "tls_key in FILE: expected a file, found \"\""),
        (
            "trusted_proxies = [\"0.0.0.0/0\"]",
            "trusted_proxies in FILE: expected a list of networks such as 10.0.0.0/8, 2001:db8::/32 or 192.0.2.7, of \
             which none holds every address, found [\"0.0.0.0/0\"]",
        ),
    ] {
        assert_eq!(from_file(text).expect_err(text), expected);
    }
    let variables = environment(&[("BAILIWICK_CONNECTIONS_MAX", "many")]);
    assert_eq!(
        load(&Vec::new(), variables, None).expect_err("text for a number"),
        "BAILIWICK_CONNECTIONS_MAX in the environment: expected a whole number from 1 to 1000000, found \"many\""
    );
}

#[test]
fn unknown_keys_are_refused_with_the_nearest_known_one() {
    let why = from_file("listn = \"127.0.0.1:1\"").expect_err("unknown");
    assert_eq!(why, "FILE: there is no key \"listn\"; did you mean \"listen\"?");
    let why = from_file("zzz = 1").expect_err("unknown");
    assert_eq!(
        why,
        "FILE: there is no key \"zzz\"; docs/configuration.md lists the keys"
    );
    let why = from_file("[listen]\nport = 1").expect_err("a table");
    assert!(why.starts_with("listen in FILE: expected an IP address"), "{why}");
}

#[test]
fn variables_that_look_mistyped_are_warned_about() {
    let variables = environment(&[
        ("BAILIWICK_LISTN", "x"),
        ("BAILIWICK_SERVER", "http://x"),
        ("BAILIWICK_TOKEN", "x"),
        ("HOME", "/"),
    ]);
    let (_, warnings) = load(&Vec::new(), variables, None).unwrap();
    assert_eq!(
        warnings,
        ["BAILIWICK_LISTN in the environment is no setting; did you mean BAILIWICK_LISTEN?"]
    );
}

#[test]
fn other_machines_are_only_served_when_that_is_said() {
    let why = from_file("listen = \"0.0.0.0:80\"").expect_err("no TLS");
    assert!(why.contains("insecure_listen = true"), "{why}");
    assert!(from_file("listen = \"0.0.0.0:80\"\ninsecure_listen = true").is_ok());
    assert!(from_file("listen = \"[::1]:80\"").is_ok());
    assert!(from_file("listen = \"0.0.0.0:443\"\ntls_self_signed = true").is_ok());
    assert!(from_file("listen = \"0.0.0.0:443\"\ntls_certificate = \"c\"\ntls_key = \"k\"").is_ok());
}

#[test]
fn tls_needs_one_certificate_and_its_key() {
    for (text, said) in [
        (
            "tls_certificate = \"c\"",
            "tls_certificate is set without tls_key",
        ),
        ("tls_key = \"k\"", "tls_key is set without tls_certificate"),
        (
            "tls_certificate = \"c\"\ntls_key = \"k\"\ntls_self_signed = true",
            "set one of both",
        ),
        (
            "tls_self_signed = true\npublic_url = \"http://g.example\"",
            "write it with https://",
        ),
    ] {
        let why = from_file(text).expect_err(text);
        assert!(why.contains(said), "{why}");
    }
    let bound = "127.0.0.1:9".parse().unwrap();
    let config = from_file("tls_self_signed = true").unwrap();
    assert!(config.has_tls());
    assert_eq!(config.base_url(bound), "https://127.0.0.1:9");
    let config = from_file("tls_self_signed = true\npublic_url = \"https://g.example/\"").unwrap();
    assert_eq!(config.base_url(bound), "https://g.example");
}

#[test]
fn passwords_never_reach_a_message() {
    for text in [
        "database = \"mysql://u:hunter2@h/d\"",
        "database = \"postgres://u:hunter2@h/d",
        "database = [\"hunter2\"]",
    ] {
        let why = from_file(text).expect_err(text);
        assert!(!why.contains("hunter2"), "{why}");
    }
}

#[test]
fn the_reference_is_written_from_the_table() {
    expect_test::expect_file!["../../../../docs/configuration.md"].assert_eq(&document::markdown());
}

#[test]
fn every_setting_of_an_upstream_is_documented_with_its_range() {
    use bailiwick_authority::upstream::setting::{SETTINGS, Shape};
    let page = super::document::markdown();
    for setting in SETTINGS {
        let named = [format!("`{}`", setting.key), format!("`{}_file`", setting.key)];
        let mut rows = page.lines().filter(|line| line.starts_with('|'));
        let row = rows.find(|line| named.iter().any(|name| line.contains(name)));
        let row = row.unwrap_or_else(|| panic!("{} is not documented", setting.key));
        if let Shape::Number { unit, most, .. } = setting.shape
            && !unit.is_empty()
        {
            assert!(row.contains(unit) && row.contains(&most.to_string()), "{row}");
        }
    }
}
