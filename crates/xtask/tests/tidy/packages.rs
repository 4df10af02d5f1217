//! What we depend on: nothing banned, nothing from outside the registry, nothing without a free licence. `deny.toml`
//! says the same for `cargo deny`; these tests need no tool but cargo.

use std::collections::BTreeSet;
use std::process::Command;

use serde_json::Value;

use crate::{none, only, read, root};

/// One TLS and crypto back end: rustls. A second one doubles what must be trusted and patched.
const BANNED: &[&str] = &[
    "openssl",
    "openssl-sys",
    "native-tls",
    "tokio-native-tls",
    "hyper-tls",
    "chrono",
    "atty",
];

/// Licences whose terms we can keep; an expression needs one of its alternatives, and all of its parts, from here.
const LICENCES: &[&str] = &[
    "MIT",
    "MIT-0",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-1-Clause",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MPL-2.0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
    "0BSD",
];

/// Packages banned above that only the peers of the benchmarks bring. May only shrink.
const BANNED_BUT_THERE: &[&str] = &[];

/// What cargo resolved for this platform; others would have to be downloaded only to be looked at.
fn metadata() -> Value {
    let version = Command::new("rustc")
        .arg("-vV")
        .output()
        .expect("rustc runs")
        .stdout;
    let version = String::from_utf8(version).unwrap();
    let host = version
        .lines()
        .find_map(|line| line.strip_prefix("host: "))
        .expect("rustc names its platform");
    let output = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args([
            "metadata",
            "--format-version",
            "1",
            "--locked",
            "--filter-platform",
            host,
        ])
        .current_dir(root())
        .output()
        .expect("cargo runs");
    assert!(
        output.status.success(),
        "cargo metadata: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    serde_json::from_slice(&output.stdout).expect("cargo metadata prints JSON")
}

/// The packages the product is made of: what is reachable from ours without the benchmarks' development dependencies.
fn product(metadata: &Value) -> BTreeSet<String> {
    let nodes = metadata["resolve"]["nodes"].as_array().unwrap();
    let start = metadata["packages"]
        .as_array()
        .unwrap()
        .iter()
        .find(|it| it["name"] == "bailiwick")
        .unwrap();
    let mut open = vec![start["id"].as_str().unwrap().to_owned()];
    let mut seen = BTreeSet::new();
    while let Some(id) = open.pop() {
        if !seen.insert(id.clone()) {
            continue;
        }
        let node = nodes.iter().find(|node| node["id"] == id.as_str()).unwrap();
        for needed in node["deps"].as_array().unwrap() {
            let kinds = needed["dep_kinds"].as_array().unwrap();
            if kinds.iter().any(|kind| kind["kind"] != "dev") {
                open.push(needed["pkg"].as_str().unwrap().to_owned());
            }
        }
    }
    seen
}

#[test]
fn nothing_banned_is_in_the_product() {
    let metadata = metadata();
    let product = product(&metadata);
    let mut found: Vec<String> = metadata["packages"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|package| product.contains(package["id"].as_str().unwrap()))
        .map(|package| package["name"].as_str().unwrap().to_owned())
        .filter(|name| BANNED.contains(&name.as_str()))
        .collect();
    found.dedup();
    only(&found, BANNED_BUT_THERE, "banned packages");
    assert!(
        product.len() > 20,
        "the product depends on more than {} packages",
        product.len()
    );
}

#[test]
fn everything_comes_from_the_registry() {
    let metadata = metadata();
    let is_elsewhere = |package: &&Value| match package["source"].as_str() {
        None => !package["manifest_path"]
            .as_str()
            .unwrap()
            .starts_with(root().to_str().unwrap()),
        Some(source) => !source.starts_with("registry+"),
    };
    let packages = metadata["packages"].as_array().unwrap();
    let found: Vec<String> = packages
        .iter()
        .filter(is_elsewhere)
        .map(|it| it["id"].to_string())
        .collect();
    none(
        &found,
        "a package from outside the registry cannot be checked or replaced",
    );
}

#[test]
fn every_licence_is_free() {
    let metadata = metadata();
    let mut found = Vec::new();
    for package in metadata["packages"].as_array().unwrap() {
        let licence = package["license"].as_str().unwrap_or("");
        if !is_free(licence) {
            found.push(format!("{}: {licence:?}", package["name"]));
        }
    }
    none(&found, "a licence that is not on the list");
}

/// Reads the expressions that occur: alternatives with `OR` or `/`, parts with `AND`, brackets around either.
fn is_free(expression: &str) -> bool {
    let expression = expression.trim();
    if let Some(inner) = expression
        .strip_prefix('(')
        .and_then(|rest| rest.strip_suffix(')'))
        && !inner.contains(['(', ')'])
    {
        return is_free(inner);
    }
    for (word, all) in [(" AND ", true), (" OR ", false), ("/", false)] {
        let parts = split_outside_brackets(expression, word);
        if parts.len() > 1 {
            return if all {
                parts.iter().all(|part| is_free(part))
            } else {
                parts.iter().any(|part| is_free(part))
            };
        }
    }
    // "This version or later" leaves the choice to us.
    LICENCES.contains(&expression.trim_end_matches('+'))
}

fn split_outside_brackets<'a>(text: &'a str, word: &str) -> Vec<&'a str> {
    let (mut parts, mut depth, mut start, mut at) = (Vec::new(), 0, 0, 0);
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        if depth == 0 && rest.starts_with(word) {
            parts.push(&text[start..at]);
            at += word.len();
            start = at;
            continue;
        }
        match rest.as_bytes()[0] {
            b'(' => depth += 1,
            b')' => depth -= 1,
            _ => {}
        }
        at += 1;
    }
    parts.push(&text[start..]);
    parts
}

#[test]
fn licence_expressions_are_read() {
    assert!(is_free("MIT OR Apache-2.0"));
    assert!(is_free("MIT/Apache-2.0"));
    assert!(is_free("(MIT OR GPL-3.0) AND Unicode-3.0"));
    assert!(is_free("GPL-3.0 OR MIT"));
    assert!(!is_free("MIT AND GPL-3.0"));
    assert!(!is_free("AGPL-3.0"));
    assert!(!is_free(""));
}

#[test]
fn the_two_lists_agree() {
    let deny: toml::Table = read("deny.toml").unwrap().parse().unwrap();
    let licences: BTreeSet<&str> = deny["licenses"]["allow"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it.as_str().unwrap())
        .collect();
    assert_eq!(
        licences,
        LICENCES.iter().copied().collect(),
        "licences in deny.toml"
    );
    let banned: BTreeSet<&str> = deny["bans"]["deny"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["crate"].as_str().unwrap())
        .collect();
    assert_eq!(
        banned,
        BANNED.iter().copied().collect(),
        "banned packages in deny.toml"
    );
}
