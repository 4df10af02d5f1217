//! `/admin/repositories`, `/admin/backup` and `/admin/doctor`.

use super::expect_event;
use crate::harness::World;
use serde_json::{Value, json};

#[tokio::test]
async fn importing_from_a_directory() {
    let world = World::new();
    let alice = world.session("alice");
    world
        .call(
            "POST",
            "/user/repos",
            &alice,
            json!({"name": "source", "auto_init": true}),
        )
        .await
        .expect(201);
    let id = world.get("/repos/alice/source", &alice).await.expect(200).json["id"]
        .as_u64()
        .unwrap();
    let source = world.authority.git().open(id).unwrap().directory().to_owned();
    let path = "/admin/repositories/acme/imported/import";
    let body = json!({"directory": source, "description": "old"});
    let made = world
        .call("POST", path, &alice, body.clone())
        .await
        .expect(201)
        .json;
    assert_eq!(
        (&made["full_name"], &made["visibility"]),
        (&json!("acme/imported"), &json!("private"))
    );
    expect_event(&world, "repo.import");
    world.call("POST", path, &alice, body).await.expect(422);
    let before = world.authority.git().ids().unwrap();
    let empty = world.directory.path().join("empty");
    std::fs::create_dir(&empty).unwrap();
    for wrong in [
        json!({}),
        json!({"directory": "relative"}),
        json!({"directory": "/nowhere/at/all"}),
        json!({"directory": empty}),
        json!({"url": "file:///etc"}),
        json!({"url": "https://user:secret@example.com/x"}),
        json!({"directory": source, "default_branch": "gone"}),
        json!({"directory": source, "url": "https://example.com/x"}),
    ] {
        let path = "/admin/repositories/acme/other/import";
        world.call("POST", path, &alice, wrong).await.expect(422);
    }
    assert_eq!(world.authority.git().ids().unwrap(), before);
    let unknown = "/admin/repositories/nobody/x/import";
    world
        .call("POST", unknown, &alice, json!({"directory": source}))
        .await
        .expect(404);
}

#[tokio::test]
async fn a_backup_is_whole() {
    let world = World::new();
    let alice = world.session("alice");
    let made = world
        .call(
            "POST",
            "/user/repos",
            &alice,
            json!({"name": "kept", "auto_init": true}),
        )
        .await
        .expect(201)
        .json;
    let path = world.directory.path().join("backup");
    let body = json!({"path": path});
    let answer = world
        .call("POST", "/admin/backup", &alice, body.clone())
        .await
        .expect(201)
        .json;
    assert_eq!(answer["repositories"], 8);
    expect_event(&world, "site.backup");
    let copy = bailiwick_git::Repositories::new(path.join("repositories"), "/bin/false".into()).unwrap();
    let kept = copy.open(made["id"].as_u64().unwrap()).unwrap();
    let branch = kept.branches().unwrap().remove(0);
    kept.commit(branch.oid).unwrap();
    let store =
        bailiwick_store::Store::open(bailiwick_store::Target::Sqlite(path.join("bailiwick.sqlite"))).unwrap();
    let found = store
        .read(|tx| bailiwick_store::account::by_login(tx, "alice"))
        .unwrap();
    assert!(found.is_some());
    world
        .call("POST", "/admin/backup", &alice, body)
        .await
        .expect(409);
    for wrong in [
        json!({}),
        json!({"path": "relative"}),
        json!({"path": "/a/../b"}),
        json!({"path": "/nowhere/x"}),
    ] {
        world
            .call("POST", "/admin/backup", &alice, wrong)
            .await
            .expect(422);
    }
}

#[tokio::test]
async fn the_doctor_sees_what_is_wrong() {
    let world = World::new();
    let alice = world.session("alice");
    let state = |report: &Value, name: &str| {
        let checks = report["checks"].as_array().unwrap().clone();
        let found = checks.into_iter().find(|check| check["check"] == name).unwrap();
        found["state"].as_str().unwrap().to_owned()
    };
    let report = world.get("/admin/doctor", &alice).await.expect(200).json;
    for name in [
        "database",
        "audit_log",
        "clock",
        "repositories",
        "organization_owners",
        "token_lifetimes",
        "base_url",
    ] {
        assert_eq!(state(&report, name), "ok", "{name}");
    }
    // No administrator of the fixtures has a password.
    assert_eq!(state(&report, "administrators"), "fail");
    assert_eq!(report["ok"], false);
    let lost = world.repositories["site"].0 as u64;
    world.authority.git().delete(lost).unwrap();
    world.authority.git().create(90_000, "main").unwrap();
    let policy = json!({"fine_grained": {"lifetime_unlimited": true}});
    world
        .call("PUT", "/orgs/acme/personal-access-token-policy", &alice, policy)
        .await
        .expect(200);
    let report = world.get("/admin/doctor", &alice).await.expect(200).json;
    assert_eq!(state(&report, "repositories"), "fail");
    assert_eq!(state(&report, "token_lifetimes"), "warn");
    for (days, expected) in [(15, "ok"), (13, "warn"), (-1, "fail")] {
        let now = world.authority.now();
        world.authority.note_certificate_end(now.plus_days(days));
        let report = world.get("/admin/doctor", &alice).await.expect(200).json;
        assert_eq!(state(&report, "tls_certificate"), expected, "{days} days");
    }
    let refused = world.get("/admin/doctor", &world.session("bob")).await;
    assert!(matches!(refused.status, 403 | 404));
}
