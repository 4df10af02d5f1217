//! What of the directory lives at an upstream; nothing of it touches this server's disk.

use super::{ALL, with_forge};
use crate::directory::on_disk;
use crate::harness::World;
use bailiwick_authority::directory::edit::RepositoryInput;
use bailiwick_authority::directory::fork::ForkInput;
use bailiwick_authority::names::{Account, Names, RepositoryKey};
use bailiwick_authority::upstream::create::UpstreamInput;
use bailiwick_authority::upstream::file::{FromFile, UpstreamFromFile};
use bailiwick_authority::{Caller, Fault, Permit, decide};
use bailiwick_model::{UpstreamKind, UpstreamMode};
use serde_json::{Value, json};
use std::process::Command;

const SITE: &str = "/admin/upstreams/forge/repositories/acme/site";
const NEW: &str = "/admin/upstreams/forge/repositories/acme/elsewhere";

#[tokio::test]
async fn a_repository_is_adopted_without_a_directory() {
    let (world, alice) = with_forge().await;
    let before = on_disk(&world);
    let body = json!({"name": "Acme-Inc/Elsewhere", "id": "12", "description": "over there"});
    let made = world.call("PUT", NEW, &alice, body).await.expect(201);
    assert_eq!(made.json["full_name"], "acme/elsewhere");
    assert_eq!(made.json["visibility"], "private");
    assert_eq!(on_disk(&world), before);
    let listed = world
        .get("/admin/upstreams/forge/repositories", &alice)
        .await
        .expect(200);
    assert_eq!(listed.json[0]["name"], "Acme-Inc/Elsewhere");
    // Again is the same one, under another name there.
    let again = json!({"name": "acme-inc/renamed", "id": "12"});
    world.call("PUT", NEW, &alice, again).await.expect(200);
    for (path, body, field) in [
        (
            "/admin/upstreams/forge/repositories/acme/second",
            json!({"name": "ACME-inc/Renamed"}),
            "name",
        ),
        (
            "/admin/upstreams/forge/repositories/acme/second",
            json!({"name": "acme-inc/other", "id": "12"}),
            "id",
        ),
        (NEW, json!({"name": "no-slash"}), "name"),
        (NEW, json!({"name": "../x"}), "name"),
        (NEW, json!({"name": "a/b/c"}), "name"),
        (NEW, json!({"name": "a/b.git"}), "name"),
        (NEW, json!({"name": "a/b", "id": "x y"}), "id"),
    ] {
        let answer = world.call("PUT", path, &alice, body.clone()).await.expect(422);
        assert_eq!(answer.json["errors"][0]["field"], field, "{body}: {answer:?}");
    }
    // What lives there keeps its upstream.
    world
        .call("DELETE", "/admin/upstreams/forge", &alice, Value::Null)
        .await
        .expect(409);
    world.call("DELETE", NEW, &alice, Value::Null).await.expect(204);
    world.get("/repos/acme/elsewhere", &alice).await.expect(404);
    world
        .call("DELETE", "/admin/upstreams/forge", &alice, Value::Null)
        .await
        .expect(204);
    assert_eq!(on_disk(&world), before);
    assert_eq!(world.authority.clear_leftovers().unwrap(), 0);
}

#[tokio::test]
async fn what_has_content_here_is_not_bound() {
    let (world, alice) = with_forge().await;
    crate::content::seed(&world, "site");
    let answer = world.call("PUT", SITE, &alice, json!({})).await.expect(409);
    assert_eq!(answer.json["reason"], "upstream.has_content");
    // An empty one is, and is hosted again after.
    let empty = "/admin/upstreams/forge/repositories/acme/secret";
    world.call("PUT", empty, &alice, json!({})).await.expect(200);
    let other = json!({"name": "other", "kind": "gitea", "address": "https://other.example.com"});
    world.call("POST", ALL, &alice, other).await.expect(201);
    let twice = "/admin/upstreams/other/repositories/acme/secret";
    world.call("PUT", twice, &alice, json!({})).await.expect(409);
    world.call("DELETE", twice, &alice, Value::Null).await.expect(404);
    world.call("DELETE", empty, &alice, Value::Null).await.expect(204);
    world.get("/repos/acme/secret/branches", &alice).await.expect(200);
}

#[tokio::test]
async fn an_owner_is_bound_once() {
    let (world, alice) = with_forge().await;
    let owners = "/admin/upstreams/forge/owners";
    let bound = world
        .call(
            "PUT",
            &format!("{owners}/acme"),
            &alice,
            json!({"name": "Acme-Inc", "id": "3"}),
        )
        .await
        .expect(200);
    assert_eq!(bound.json["name"], "Acme-Inc");
    let twice = json!({"name": "acme-inc"});
    world
        .call("PUT", &format!("{owners}/rival"), &alice, twice)
        .await
        .expect(422);
    // Its repositories are called by its name there.
    let made = world.call("PUT", NEW, &alice, json!({})).await.expect(201);
    assert_eq!(made.json["name"], "elsewhere");
    let listed = world.get("/admin/upstreams/forge/repositories", &alice).await;
    assert_eq!(listed.json[0]["name"], "Acme-Inc/elsewhere");
    assert_eq!(
        world.get(owners, &alice).await.json[0]["account"]["login"],
        "acme"
    );
    // Nothing new is kept here for it.
    let import = json!({"directory": world.directory.path().display().to_string()});
    let refused = world
        .call("POST", "/admin/repositories/acme/imported/import", &alice, import)
        .await
        .expect(409);
    assert_eq!(refused.json["reason"], "owner.at_upstream");
    let path = format!("{owners}/acme");
    world.call("DELETE", &path, &alice, Value::Null).await.expect(204);
    world.call("DELETE", &path, &alice, Value::Null).await.expect(404);
}

/// A bare repository of one commit in a directory of them.
fn bare(world: &World, name: &str) -> String {
    let base = world.directory.path().join("srv");
    let target = base.join(format!("{name}.git"));
    std::fs::create_dir_all(&target).unwrap();
    for arguments in [
        &["init", "-q", "--bare", "-b", "main"][..],
        &[
            "-c",
            "user.name=x",
            "-c",
            "user.email=x@y",
            "commit-tree",
            "-m",
            "one",
            "4b825dc642cb6eb9a060e54bf8d69288fbee4904",
        ],
    ] {
        let done = Command::new("git")
            .args(arguments)
            .current_dir(&target)
            .output()
            .unwrap();
        if arguments[0] == "init" {
            assert!(done.status.success());
            let tree = Command::new("git")
                .args(["hash-object", "-t", "tree", "-w", "/dev/null"])
                .current_dir(&target)
                .output()
                .unwrap();
            assert!(tree.status.success());
            continue;
        }
        let commit = String::from_utf8(done.stdout).unwrap();
        let moved = Command::new("git")
            .args(["update-ref", "refs/heads/main", commit.trim()])
            .current_dir(&target)
            .status()
            .unwrap();
        assert!(moved.success());
    }
    base.display().to_string()
}

#[tokio::test]
async fn a_directory_of_repositories_is_read_where_it_lies() {
    let world = World::new();
    let alice = world.session("alice");
    let base = bare(&world, "acme/tools");
    let disk = json!({"name": "disk", "kind": "git", "address": format!("file:{base}")});
    world.call("POST", ALL, &alice, disk).await.expect(201);
    let path = "/admin/upstreams/disk/repositories/acme/tools";
    let absent = "/admin/upstreams/disk/repositories/acme/none";
    let answer = world.call("PUT", absent, &alice, json!({})).await.expect(422);
    assert_eq!(answer.json["errors"][0]["field"], "name");
    let before = on_disk(&world);
    let open = json!({"visibility": "public"});
    world.call("PUT", path, &alice, open).await.expect(201);
    assert_eq!(on_disk(&world), before);
    // What is on this machine is served from there; a server's is not here.
    let opened = world
        .authority
        .repository_of(&permit(&world, &alice, "tools"))
        .unwrap();
    assert!(opened.directory().starts_with(&base));
    assert_eq!(opened.branches().unwrap().len(), 1);
    let forge = super::forge();
    world.call("POST", ALL, &alice, forge).await.expect(201);
    world.call("PUT", NEW, &alice, json!({})).await.expect(201);
    let elsewhere = world
        .authority
        .repository_of(&permit(&world, &alice, "elsewhere"));
    assert_eq!(elsewhere.unwrap_err().code, "repository.at_upstream");
    // Pages ask the use cases of this server, whatever the repository is bound to.
    let refused = |fault: Fault| assert_eq!(fault.code, "repository.at_upstream");
    refused(
        world
            .authority
            .repository_delete(permit(&world, &alice, "tools"))
            .unwrap_err(),
    );
    let edit = RepositoryInput {
        default_branch: Some("none".into()),
        ..RepositoryInput::default()
    };
    let edited = world
        .authority
        .repository_edit(permit(&world, &alice, "tools"), &edit);
    assert_eq!(edited.unwrap_err().code, "validation_failed");
    let described = RepositoryInput {
        description: Some(Some("tools".into())),
        ..RepositoryInput::default()
    };
    world
        .authority
        .repository_edit(permit(&world, &alice, "elsewhere"), &described)
        .unwrap();
    refused(
        world
            .authority
            .repository_fork(fork(&world, &alice), &ForkInput::default())
            .unwrap_err(),
    );
    assert!(std::path::Path::new(&base).join("acme/tools.git/HEAD").is_file());
    let doctor = world.get("/admin/doctor", &alice).await.expect(200);
    let checks = doctor.json["checks"].as_array().unwrap();
    let disk = checks
        .iter()
        .find(|check| check["check"] == "repositories")
        .unwrap();
    assert_eq!(disk["state"], "ok", "{disk}");
}

/// Leave to administer a repository of acme, as a page gets it.
fn permit(world: &World, session: &str, name: &str) -> Permit {
    leave(world, session, "repos/delete", name, None)
}

fn fork(world: &World, session: &str) -> Permit {
    leave(world, session, "repos/create-fork", "tools", Some(Account::Own))
}

fn leave(world: &World, session: &str, id: &str, name: &str, destination: Option<Account>) -> Permit {
    let operation = bailiwick_catalogue::by_id(id);
    let names = Names {
        repository: Some(RepositoryKey::Name("acme".into(), name.into())),
        destination,
        ..Names::default()
    };
    let presented = world.authority.present(session);
    let gathered = world
        .authority
        .gather(&presented, operation, &std::sync::Arc::new(names))
        .unwrap();
    let now = world.authority.now();
    decide(operation, gathered, Caller::default(), now).unwrap()
}

fn table(name: &str, address: &str, token: Option<&str>) -> UpstreamFromFile {
    UpstreamFromFile {
        input: UpstreamInput {
            name: name.into(),
            kind: UpstreamKind::Gitea,
            address: address.into(),
            settings: serde_json::Map::new(),
            mode: UpstreamMode::Enforce,
            observe_until: None,
        },
        secrets: token
            .map(|token| ("token".to_owned(), token.to_owned().into()))
            .into_iter()
            .collect(),
    }
}

#[tokio::test]
async fn what_the_file_holds_is_changed_in_the_file() {
    let world = World::new();
    let alice = world.session("alice");
    let write = |tables: &[UpstreamFromFile]| world.authority.upstreams_from_file(tables);
    let counts = |created, updated, removed| FromFile {
        created,
        updated,
        removed,
    };
    let first = [table("forge", "https://git.example.com", Some("one"))];
    assert_eq!(write(&first).unwrap(), counts(1, 0, 0));
    assert_eq!(write(&first).unwrap(), counts(0, 0, 0));
    let rotated = [table("forge", "https://git.example.com", Some("two"))];
    assert_eq!(write(&rotated).unwrap(), counts(0, 1, 0));
    let upstreams = world.authority.upstreams().unwrap();
    assert_eq!(upstreams.named("forge").unwrap().reveal("token"), Some("two"));
    for (method, path, body) in [
        (
            "PATCH",
            "/admin/upstreams/forge",
            json!({"address": "https://x.example.com"}),
        ),
        ("DELETE", "/admin/upstreams/forge", Value::Null),
        ("PUT", "/admin/upstreams/forge/credential", json!({"secrets": {}})),
    ] {
        let answer = world.call(method, path, &alice, body).await.expect(409);
        assert_eq!(answer.json["reason"], "upstream.from_file");
    }
    // What lives there may be changed, and holds it.
    world.call("PUT", NEW, &alice, json!({})).await.expect(201);
    let held = write(&[]).unwrap_err();
    assert_eq!(held.code, "upstream.bound");
    world.call("DELETE", NEW, &alice, Value::Null).await.expect(204);
    assert_eq!(write(&[]).unwrap(), counts(0, 0, 1));
    let made = json!({"name": "forge", "kind": "git", "address": "https://git.example.com"});
    world.call("POST", ALL, &alice, made).await.expect(201);
    assert_eq!(write(&first).unwrap_err().code, "upstream.not_from_file");
    let bad = write(&[table("Bad Name", "https://x", None)]).unwrap_err();
    assert!(
        bad.message.starts_with("[[upstream]] Bad Name: name:"),
        "{}",
        bad.message
    );
    assert!(!super::log(&world).contains("\"two\""));
}
