//! Explaining requests about packages: what it says is what the gate does, for registries and for GitHub's Packages API,
//! and it tells of nothing that the gate hides.

use crate::harness::{Answered, World};
use crate::packages::{registry, stocked};
use bailiwick_gate::whole;
use serde_json::{Value, json};

const EXPLAIN: &str = "/authorization/explain";

async fn explained(world: &World, asker: &str, request: &str, token: i64) -> Value {
    let question = json!({"request": request, "token_id": token});
    world
        .call("POST", EXPLAIN, asker, question)
        .await
        .expect(200)
        .json
}

async fn sent(world: &World, request: &str, credential: &str) -> Answered {
    let (method, path) = request.split_once(' ').unwrap();
    let mut request = http::Request::builder().method(method).uri(path);
    if !credential.is_empty() {
        request = request.header("authorization", format!("Bearer {credential}"));
    }
    world.send(request.body(whole("")).unwrap()).await
}

/// acme/site has the image acme/web, acme/secret an image nobody of these sees; acme itself and bob have packages.
async fn world() -> World {
    let world = World::new();
    stocked(&world).await;
    let alice = world.session("alice");
    registry(&world, &alice, "python", "pypi").await;
    registry(&world, &alice, "scoped", "npm").await;
    let link =
        |name: &str, repository: &str| json!({"name": name, "owner": "acme", "repository": repository});
    let links = "/admin/upstreams/python/package-links";
    for (name, repository) in [("core", "site"), ("hidden", "secret")] {
        world
            .call("POST", links, &alice, link(name, repository))
            .await
            .expect(201);
    }
    let moved = json!({"repository": "site"});
    world
        .call("PATCH", "/orgs/acme/packages/container/web", &alice, moved)
        .await
        .expect(200);
    world
}

const REQUESTS: &[&str] = &[
    "GET /v2/",
    "GET /v2/_catalog",
    "GET /v2/acme/site/manifests/1.0",
    "GET /v2/acme/site/web/tags/list",
    "GET /v2/acme/secret/manifests/1.0",
    "GET /v2/acme/nothing/manifests/1.0",
    "GET /v2/acme/www/blobs/sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "GET /v2/rival/plans/manifests/1.0",
    "GET /v2/nobody/x/manifests/1.0",
    "GET /v2/Acme/site/manifests/1.0",
    "POST /v2/acme/site/blobs/uploads/",
    "PUT /v2/acme/site/manifests/1.0",
    "PUT /v2/acme/own/manifests/1.0",
    "DELETE /v2/acme/site/manifests/1.0",
    "GET /-/python/simple/core/",
    "GET /-/python/simple/hidden/",
    "GET /-/python/simple/nobodys/",
    "GET /-/python/other",
    "GET /-/scoped/@acme%2fcore",
    "PUT /-/scoped/@acme%2fcore",
    "GET /-/nowhere/x",
    "GET /api/v3/orgs/acme/packages",
    "GET /api/v3/orgs/acme/packages/container/web",
    "GET /api/v3/orgs/acme/packages/container/web/versions",
    "GET /api/v3/orgs/acme/packages/nuget/acme.core",
    "GET /api/v3/orgs/acme/packages/container/none",
    "GET /api/v3/orgs/acme/packages/rubygems/web",
    "GET /api/v3/user/packages/nuget/bob.core",
    "GET /api/v3/users/bob/packages/nuget/bob.core",
    "POST /api/v3/orgs/acme/packages/nuget/acme.gone/restore",
    "DELETE /api/v3/orgs/acme/packages/container/web",
];

#[tokio::test(flavor = "multi_thread")]
async fn what_explain_says_of_packages_is_what_the_gate_does() {
    let world = world().await;
    let bob = world.session("bob");
    let mut tokens = Vec::new();
    for (name, permissions) in [
        ("none", json!({"issues": "read"})),
        ("organization", json!({"organization_packages": "read"})),
        ("repository", json!({"packages": "read"})),
        (
            "both",
            json!({"packages": "read", "organization_packages": "read"}),
        ),
        (
            "publisher",
            json!({"packages": "write", "organization_packages": "write"}),
        ),
        (
            "owner",
            json!({"packages": "admin", "organization_packages": "admin"}),
        ),
    ] {
        tokens.push(world.mint_approved("bob", name, &["site"], permissions).await);
    }
    let (id, text) = world
        .mint(
            "bob",
            "waiting",
            &["site"],
            json!({"packages": "admin", "organization_packages": "admin"}),
        )
        .await;
    tokens.push((id, text));
    let (mut allowed, mut denied) = (0, 0);
    for (id, token) in &tokens {
        for request in REQUESTS {
            let said = explained(&world, &bob, request, *id).await;
            let done = sent(&world, request, token).await;
            let refused = matches!(done.status, 400 | 401 | 403 | 404);
            let says = if refused { "deny" } else { "allow" };
            assert_eq!(
                said["decision"],
                says,
                "{id} {request}: {} {}\n{said}",
                done.status,
                done.text()
            );
            // What the request's own answer says of the reason is what explain says.
            let reason = [&done.json["reason"], &done.json["errors"][0]["detail"]["reason"]];
            for reason in reason.into_iter().filter_map(Value::as_str) {
                if refused && done.status != 404 && reason != "path.ambiguous" {
                    assert_eq!(said["reason"], reason, "{id} {request}: {said}");
                }
            }
            if refused { denied += 1 } else { allowed += 1 }
        }
    }
    assert!(allowed > 40 && denied > 80, "{allowed} {denied}");
}

#[tokio::test(flavor = "multi_thread")]
async fn explain_names_what_a_listed_package_lacks_at_its_repository() {
    let world = world().await;
    let bob = world.session("bob");
    let (id, token) = world
        .mint_approved("bob", "ci", &["site"], json!({"organization_packages": "read"}))
        .await;
    let request = "GET /orgs/acme/packages/container/web";
    let said = explained(&world, &bob, request, id).await;
    assert_eq!(
        (&said["decision"], &said["reason"]),
        (&json!("deny"), &json!("level.too_low"))
    );
    assert_eq!(said["missing"], "packages: read at acme/site", "{said}");
    world
        .get("/orgs/acme/packages/container/web", &token)
        .await
        .expect(403);
    // What would be allowed names both decisions.
    let (id, _) = world
        .mint_approved(
            "bob",
            "wide",
            &["site"],
            json!({"organization_packages": "read", "packages": "read"}),
        )
        .await;
    let said = explained(&world, &bob, request, id).await;
    let terms: Vec<&Value> = said["alternatives"][0]
        .as_array()
        .unwrap()
        .iter()
        .map(|term| &term["permission"])
        .collect();
    assert_eq!(terms, ["organization_packages", "packages"], "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn explain_hides_what_the_gate_hides() {
    let world = world().await;
    let mallory = world.session("mallory");
    let body = json!({"name": "own", "grants": [{"owner": "mallory", "permissions": {"profile": "write"}}]});
    let minted = world
        .call("POST", "/user/personal-access-tokens", &mallory, body)
        .await;
    let id = minted.json["id"].as_i64().unwrap();
    // A hidden repository's, the owner's, and what is not there.
    for [one, other] in [
        [
            "GET /v2/acme/secret/manifests/1.0",
            "GET /v2/acme/nothing/manifests/1.0",
        ],
        ["GET /-/python/simple/hidden/", "GET /-/python/simple/nobodys/"],
        [
            "GET /orgs/acme/packages/container/web",
            "GET /orgs/acme/packages/container/none",
        ],
    ] {
        let (one, other) = (
            explained(&world, &mallory, one, id).await,
            explained(&world, &mallory, other, id).await,
        );
        assert_eq!(one, other);
        assert_eq!(one["decision"], "deny");
    }
    // A member sees by the base role what the token does not reach, and may be told why.
    let bob = world.session("bob");
    let (id, _) = world
        .mint_approved("bob", "ci", &["site"], json!({"packages": "read"}))
        .await;
    let told = explained(&world, &bob, "GET /-/python/simple/hidden/", id).await;
    assert_eq!(told["reason"], "selection.not_selected", "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn explain_knows_what_is_received_before_it_is_decided_on() {
    let world = world().await;
    let bob = world.session("bob");
    let request = "PUT /-/feed/api/v2/package";
    let (reader, _) = world
        .mint_approved("bob", "reader", &["site"], json!({"packages": "read"}))
        .await;
    let said = explained(&world, &bob, request, reader).await;
    assert_eq!(
        (&said["decision"], &said["reason"]),
        (&json!("deny"), &json!("level.too_low"))
    );
    assert_eq!(said["missing"], "packages: write anywhere", "{said}");
    let help = said["help"].as_str().unwrap();
    assert!(
        help.starts_with(&format!(
            "`bailiwick token edit {reader} --add OWNER/REPOSITORY:packages=write`"
        )),
        "{help}"
    );
    let (waiting, _) = world
        .mint("bob", "waiting", &["site"], json!({"packages": "write"}))
        .await;
    let said = explained(&world, &bob, request, waiting).await;
    assert_eq!(said["reason"], "grant.inactive", "{said}");
    let (writer, _) = world
        .mint_approved("bob", "writer", &["site"], json!({"packages": "write"}))
        .await;
    let said = explained(&world, &bob, request, writer).await;
    assert_eq!(
        (&said["decision"], &said["provisional"]),
        (&json!("allow"), &json!(true))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_waits_is_told_so_by_registries_and_nothing_else() {
    let world = world().await;
    let (id, token) = world
        .mint("bob", "waiting", &["site"], json!({"packages": "write"}))
        .await;
    let mut texts = Vec::new();
    for name in [
        "acme/site",
        "acme/secret",
        "acme/nothing",
        "rival/plans",
        "nobody/x",
        "alone",
    ] {
        let refused = sent(&world, &format!("PUT /v2/{name}/manifests/1.0"), &token)
            .await
            .expect(404);
        let error = &refused.json["errors"][0];
        assert_eq!(error["detail"]["reason"], "grant.inactive", "{name}: {error}");
        assert_eq!(
            error["detail"]["missing"],
            "packages: write at its repository, or organization_packages: write at its owner, or \
             packages: write at its owner"
        );
        texts.push(refused.text().to_owned());
    }
    texts.dedup();
    assert_eq!(texts.len(), 1, "it is the same whatever the name leads to");
    sent(&world, "GET /-/scoped/@acme%2fcore", &token)
        .await
        .expect(404);
    // The log knows which permission was missing, where the package belongs.
    let alice = world.session("alice");
    let log = world
        .get(
            &format!("/orgs/acme/audit-log?phrase=token_id:{id}%20outcome:refused&order=asc"),
            &alice,
        )
        .await;
    let told: Vec<String> = log
        .expect(200)
        .json
        .as_array()
        .unwrap()
        .iter()
        .map(|event| {
            let text = |name: &str| event[name].as_str().unwrap_or("-").to_owned();
            [
                text("package"),
                text("reason"),
                text("missing_permission"),
                text("missing_level"),
            ]
            .join(" ")
        })
        .collect();
    for line in [
        "acme/site grant.inactive packages write",
        "acme/nothing grant.inactive organization_packages write",
        "@acme/core grant.inactive organization_packages read",
    ] {
        assert!(told.contains(&line.to_owned()), "{line}: {told:#?}");
    }
    for (phrase, packages) in [
        ("package:acme/site", &["acme/site"] as &[&str]),
        ("package:acme/s*", &["acme/secret", "acme/site"]),
        ("package:@acme/core", &["@acme/core"]),
        ("package:acme/sit", &[]),
    ] {
        let path = format!("/orgs/acme/audit-log?phrase=token_id:{id}%20outcome:refused%20{phrase}");
        let log = world.get(&path, &alice).await.expect(200);
        let mut found: Vec<String> = log
            .json
            .as_array()
            .unwrap()
            .iter()
            .map(|event| event["package"].as_str().unwrap().to_owned())
            .collect();
        found.sort();
        assert_eq!(found, packages, "{phrase}");
    }
    // Beside an approved grant, what waits elsewhere is a hint and not the reason.
    let body = json!({"name": "two", "grants": [
        {"owner": "bob", "repository_selection": "all", "permissions": {"packages": "read"}},
        {"owner": "acme", "repositories": ["site"], "permissions": {"packages": "read"}},
    ]});
    let two = world
        .call(
            "POST",
            "/user/personal-access-tokens",
            &world.session("bob"),
            body,
        )
        .await;
    let token = two.expect(201).json["token"].as_str().unwrap().to_owned();
    let refused = sent(&world, "GET /v2/acme/site/manifests/1.0", &token)
        .await
        .expect(404);
    let detail = &refused.json["errors"][0]["detail"];
    assert_eq!(detail["reason"], "package.unowned");
    assert!(
        detail["help"].as_str().unwrap().contains("not approved"),
        "{detail}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_visitor_is_asked_for_a_credential_whatever_is_there() {
    let world = world().await;
    let mut texts = Vec::new();
    for name in ["acme/site", "acme/secret", "acme/nothing", "nobody/x"] {
        let asked = sent(&world, &format!("GET /v2/{name}/manifests/1.0"), "")
            .await
            .expect(401);
        assert!(
            asked
                .header("www-authenticate")
                .contains(&format!("repository:{name}:pull"))
        );
        let error = &asked.json["errors"][0];
        assert_eq!(
            (&error["code"], &error["detail"]["reason"]),
            (&json!("UNAUTHORIZED"), &json!("credential.required"))
        );
        texts.push(asked.text().to_owned());
    }
    texts.dedup();
    assert_eq!(texts.len(), 1, "{texts:#?}");
    assert!(!texts[0].contains("unowned"), "{texts:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_that_is_too_low_is_what_is_told_and_recorded() {
    let world = world().await;
    let (id, token) = world
        .mint_approved("bob", "admin", &["site"], json!({"administration": "write"}))
        .await;
    let request = "PUT /repos/acme/site/collaborators/mallory";
    let refused = world
        .call(
            "PUT",
            "/repos/acme/site/collaborators/mallory",
            &token,
            json!({"permission": "pull"}),
        )
        .await
        .expect(403);
    assert_eq!(refused.json["reason"], "role.too_low");
    assert_eq!(refused.json["missing"], "the repository role admin at acme/site");
    let help = refused.json["help"].as_str().unwrap();
    assert!(
        help.contains("lacks the repository role admin at acme/site")
            && help.contains("`bailiwick repo collaborator set acme/site bob --role admin`"),
        "{help}"
    );
    let alice = world.session("alice");
    let log = world
        .get(
            &format!("/orgs/acme/audit-log?phrase=token_id:{id}%20outcome:refused"),
            &alice,
        )
        .await
        .expect(200);
    let event = &log.json[0];
    assert_eq!(
        (&event["reason"], &event["missing_role"]),
        (&json!("role.too_low"), &json!("admin")),
        "{event}"
    );
    assert!(
        event.get("missing_permission").is_none() && event.get("missing_level").is_none(),
        "the token has it: {event}"
    );
    // Whether the person has the role is told beside what the token holds.
    let bob = world.session("bob");
    let told = explained(&world, &bob, request, id).await;
    let term = &told["alternatives"][0][0];
    assert_eq!(
        (&term["reason"], &term["role_holds"]),
        (&json!("role.too_low"), &json!(false)),
        "{told}"
    );
    let (reader, _) = world
        .mint_approved("bob", "reader", &["site"], json!({"contents": "read"}))
        .await;
    let told = explained(&world, &bob, "git push acme/site", reader).await;
    let term = &told["alternatives"][0][0];
    assert_eq!(
        (&term["reason"], &term["role_holds"]),
        (&json!("level.too_low"), &json!(true)),
        "{told}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_token_that_is_not_ones_own_nothing_is_told_but_that() {
    let world = world().await;
    let (id, _) = world
        .mint_approved("bob", "ci", &["site"], json!({"contents": "read"}))
        .await;
    let alice = world.session("alice");
    let ask = async |asker: &str, token: i64, request: &str| {
        let question = json!({"request": request, "token_id": token});
        world.call("POST", EXPLAIN, asker, question).await.expect(404)
    };
    let mallory = world.session("mallory");
    for (asker, token, request) in [
        (&mallory, id, "git push acme/site"),
        (&mallory, 999_999, "git push acme/site"),
        (&alice, 999_999, "git push acme/site"),
        (&alice, id, "git push rival/plans"),
    ] {
        let told = ask(asker, token, request).await;
        assert_eq!(
            told.json["message"],
            format!(
                "token {token} is not yours, and has no grant at anything that the request names and you own"
            )
        );
        assert!(told.json.get("reason").is_none(), "{}", told.json);
    }
}
