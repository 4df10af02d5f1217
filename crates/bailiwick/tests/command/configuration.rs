//! Commands that open a data directory.

use crate::script::World;

const PASSWORD: [(&str, &str); 1] = [("BAILIWICK_PASSWORD", "correct horse battery")];

#[test]
fn the_first_administrator_is_made_once() {
    let world = World::new(vec![]);
    let run = world.run_with(
        &["admin", "init", "--user", "alice", "--data", "d"],
        "",
        &PASSWORD,
    );
    assert_eq!(run.code, 0, "{run:?}");
    let again = world.run_with(&["admin", "init", "--user", "bob", "--data", "d"], "", &PASSWORD);
    assert_eq!(again.code, 6, "{again:?}");
    let verified = world.run_with(&["audit", "verify", "--data", "d", "--json"], "", &[]);
    let verified: serde_json::Value = serde_json::from_str(&verified.out).unwrap();
    assert_eq!(
        (
            verified["sound"].as_bool(),
            verified["nodes"][0]["events"].as_i64()
        ),
        (Some(true), Some(1))
    );
}

#[test]
fn weak_passwords_and_wrong_names_are_usage_errors_that_change_nothing() {
    let world = World::new(vec![]);
    for (login, password) in [
        ("alice", "few"),
        ("alice", "alice-alice-alice"),
        ("no such name", "correct horse battery"),
        ("admin", "correct horse battery"),
    ] {
        let run = world.run_with(
            &["admin", "init", "--user", login, "--data", "d"],
            "",
            &[("BAILIWICK_PASSWORD", password)],
        );
        assert_eq!(run.code, 2, "{login} {password}: {run:?}");
        assert!(!run.err.contains(password), "{run:?}");
    }
    assert_eq!(
        world
            .run_with(
                &["admin", "init", "--user", "alice", "--data", "d"],
                "",
                &PASSWORD
            )
            .code,
        0
    );
}

#[test]
fn a_data_directory_is_for_one_process() {
    let world = World::new(vec![]);
    let path = world.home.path().join("d");
    std::fs::create_dir(&path).unwrap();
    let lock = std::fs::File::create(path.join("lock")).unwrap();
    lock.lock().unwrap();
    for arguments in [
        &["serve", "--data", "d", "--listen", "127.0.0.1:0"][..],
        &["admin", "init", "--user", "alice", "--data", "d"],
        &["audit", "verify", "--data", "d"],
    ] {
        let run = world.run_with(arguments, "", &PASSWORD);
        assert_eq!(run.code, 6, "{arguments:?}: {run:?}");
    }
}

#[test]
fn a_directory_that_holds_other_data_is_no_demo() {
    let world = World::new(vec![]);
    assert_eq!(
        world
            .run_with(
                &["admin", "init", "--user", "alice", "--data", "d"],
                "",
                &PASSWORD
            )
            .code,
        0
    );
    let run = world.run_with(&["demo", "--data", "d", "--listen", "127.0.0.1:0"], "", &[]);
    assert_eq!(run.code, 6, "{run:?}");
}

#[test]
fn what_is_no_backup_is_not_restored() {
    let world = World::new(vec![]);
    let run = world.run_with(&["restore", "nothing", "--data", "d"], "", &[]);
    assert_eq!(run.code, 5, "{run:?}");
}
