//! Arrows point down: what each crate may depend on, read from the manifests.

use std::collections::{BTreeMap, BTreeSet};

use toml::Table;

use crate::{none, only, read, tree};

/// The bands, from the ground up. A crate may depend on crates of lower bands and of its own, cycles aside.
const BANDS: &[(&str, u8)] = &[
    ("model", 1),
    ("catalogue", 1),
    ("wire", 1),
    ("decision", 1),
    ("store", 2),
    ("git", 2),
    ("upstream", 2),
    ("authority", 3),
    ("gate", 4),
    ("rest", 5),
    ("pages", 5),
    ("host", 5),
    ("gateway", 5),
    ("bailiwick", 6),
];

/// Crates that only development uses, and may depend on anything.
const DEVELOPMENT: &[&str] = &["testkit", "bench", "xtask"];

/// Edges between our crates that break a rule below and wait to be mended. May only shrink.
const EDGES_TO_MEND: &[&str] = &[];

/// Our crates with what each depends on, by short name: itself, normal dependencies, all of ours for tests too.
struct Manifest {
    name: String,
    normal: BTreeSet<String>,
    development: BTreeSet<String>,
}

fn manifests() -> Vec<Manifest> {
    let mut found = Vec::new();
    for file in tree() {
        let Some(rest) = file.strip_prefix("crates/") else {
            continue;
        };
        let Some(name) = rest.strip_suffix("/Cargo.toml") else {
            continue;
        };
        let table: Table = read(&file)
            .unwrap()
            .parse()
            .unwrap_or_else(|error| panic!("{file}: {error}"));
        assert!(
            !table.contains_key("target"),
            "{file}: dependencies for one platform escape the checks"
        );
        found.push(Manifest {
            name: name.to_owned(),
            normal: names(&table, &["dependencies", "build-dependencies"]),
            development: names(&table, &["dev-dependencies"]),
        });
    }
    assert!(found.len() >= BANDS.len(), "some manifest was not found");
    found
}

/// The names of packages, not of keys: a renamed dependency is still what it is.
fn names(table: &Table, sections: &[&str]) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for section in sections {
        for (key, value) in table
            .get(*section)
            .and_then(|it| it.as_table())
            .into_iter()
            .flatten()
        {
            let package = value.get("package").and_then(|it| it.as_str()).unwrap_or(key);
            found.insert(package.strip_prefix("bailiwick-").unwrap_or(package).to_owned());
        }
    }
    found
}

#[test]
fn every_crate_has_a_band() {
    let known =
        |name: &String| BANDS.iter().any(|(it, _)| it == name) || DEVELOPMENT.contains(&name.as_str());
    let found: Vec<String> = manifests()
        .into_iter()
        .map(|it| it.name)
        .filter(|name| !known(name))
        .collect();
    none(&found, "a new crate is given a band in this file");
}

#[test]
fn arrows_point_down() {
    let bands: BTreeMap<&str, u8> = BANDS.iter().copied().collect();
    let mut found = Vec::new();
    for manifest in manifests() {
        let Some(own) = bands.get(manifest.name.as_str()) else {
            continue;
        };
        for needed in &manifest.normal {
            let is_up = bands.get(needed.as_str()).is_some_and(|band| band > own);
            if is_up || DEVELOPMENT.contains(&needed.as_str()) {
                found.push(format!("{} -> {needed}", manifest.name));
            }
        }
    }
    only(
        &found,
        EDGES_TO_MEND,
        "an arrow between crates may only point down",
    );
}

#[test]
fn surfaces_do_not_know_the_store() {
    let surfaces = ["gate", "rest", "host", "pages", "graphql", "gateway"];
    let mut found = Vec::new();
    for manifest in manifests() {
        if surfaces.contains(&manifest.name.as_str()) && manifest.normal.contains("store") {
            found.push(format!("{} -> store", manifest.name));
        }
    }
    only(
        &found,
        STORE_IN_SURFACES,
        "surfaces reach data through authority, with a permit",
    );
}

/// Surfaces that still name the store. May only shrink.
const STORE_IN_SURFACES: &[&str] = &[];

/// Who may use which library, because that is what the layer is about.
const RESERVED: &[(&[&str], &[&str])] = &[
    (
        &[
            "rusqlite",
            "postgres",
            "postgres-protocol",
            "tokio-postgres",
            "sqlx",
            "diesel",
        ],
        &["store", "testkit"],
    ),
    (
        &[
            "hyper",
            "hyper-util",
            "http",
            "http-body",
            "http-body-util",
            "axum",
        ],
        &[
            "upstream",
            "gate",
            "rest",
            "host",
            "pages",
            "gateway",
            "bailiwick",
            "testkit",
            "bench",
        ],
    ),
    (&["clap", "clap_complete", "tracing-subscriber"], &["bailiwick"]),
];

#[test]
fn libraries_stay_in_their_layer() {
    let mut found = Vec::new();
    for manifest in manifests() {
        for (libraries, users) in RESERVED {
            for library in libraries
                .iter()
                .filter(|library| manifest.normal.contains(**library))
            {
                if !users.contains(&manifest.name.as_str()) {
                    found.push(format!("{} -> {library}", manifest.name));
                }
            }
        }
    }
    only(&found, LIBRARIES_TO_MEND, "this library belongs to another layer");
}

/// Libraries used out of their layer. May only shrink.
const LIBRARIES_TO_MEND: &[&str] = &[];

#[test]
fn pure_crates_do_no_io() {
    let pure = ["model", "catalogue", "wire", "decision"];
    let impure = [
        "tokio",
        "rand",
        "getrandom",
        "fastrand",
        "jiff",
        "chrono",
        "rustix",
        "tempfile",
        "reqwest",
        "ureq",
    ];
    let mut found = Vec::new();
    for manifest in manifests().iter().filter(|it| pure.contains(&it.name.as_str())) {
        for library in impure
            .iter()
            .filter(|library| manifest.normal.contains(**library))
        {
            // Reading and writing dates is arithmetic; asking for the time is not, and `clippy.toml` bans that.
            if *library != "jiff" {
                found.push(format!("{} -> {library}", manifest.name));
            }
        }
    }
    none(
        &found,
        "a pure crate takes time and chance as arguments and does no I/O",
    );
}

#[test]
fn pure_crates_name_no_file_socket_or_process() {
    let words = [
        "std::fs",
        "std::net",
        "std::process",
        "std::env",
        "std::thread",
        "SystemTime::now",
        "Instant::now",
    ];
    let mut found = Vec::new();
    for pure in ["model", "catalogue", "wire", "decision"] {
        let prefix = format!("crates/{pure}/src/");
        for name in tree().into_iter().filter(|name| name.starts_with(&prefix)) {
            let text = read(&name).unwrap_or_default();
            found.extend(
                words
                    .iter()
                    .filter(|word| text.contains(**word))
                    .map(|word| format!("{name}: {word}")),
            );
        }
    }
    none(
        &found,
        "a pure crate takes time and chance as arguments and does no I/O",
    );
}

#[test]
fn tests_of_the_pure_crates_stay_below() {
    let mut found = Vec::new();
    for manifest in manifests()
        .iter()
        .filter(|it| ["model", "catalogue", "wire", "decision"].contains(&it.name.as_str()))
    {
        for needed in ["store", "git", "authority", "gate", "rest", "host", "testkit"] {
            if manifest.development.contains(needed) {
                found.push(format!("{} -> {needed}", manifest.name));
            }
        }
    }
    none(&found, "a pure crate is tested without the rest");
}

#[test]
fn only_one_file_knows_the_database_libraries() {
    let mut found: Vec<String> = tree()
        .into_iter()
        .filter(|name| name.starts_with("crates/") && name.contains("/src/") && name.ends_with(".rs"))
        .filter(|name| !name.starts_with("crates/store/src/") && !name.starts_with("crates/testkit/"))
        .filter(|name| {
            let text = read(name).unwrap_or_default();
            text.contains("rusqlite::") || text.contains("postgres::Client")
        })
        .collect();
    found.dedup();
    none(&found, "the database libraries are used in the store alone");
}
