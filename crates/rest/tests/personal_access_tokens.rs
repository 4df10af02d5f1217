//! `/user/personal-access-tokens`, `/orgs/{org}/personal-access-token…`: the life of a token.

use crate::harness::World;
use serde_json::{Value, json};

const TOKENS: &str = "/user/personal-access-tokens";
const CURRENT: &str = "/user/personal-access-tokens/current";
const REQUESTS: &str = "/orgs/acme/personal-access-token-requests";
const GRANTS: &str = "/orgs/acme/personal-access-tokens";

#[tokio::test]
async fn a_member_mints_waits_is_approved_and_is_revoked() {
    let world = World::new();
    let (id, token) = world
        .mint("bob", "reader", &["site"], json!({"issues": "read"}))
        .await;
    let current = world.get(&format!("{TOKENS}/current"), &token).await.expect(200);
    assert_eq!(current.json["state"], "pending");
    assert_eq!(current.json["grants"][0]["permissions"]["repository"], json!({}));

    let owner = world.session("alice");
    let pending = world.get(REQUESTS, &owner).await.expect(200);
    let request = &pending.json[0];
    assert_eq!(request["token_id"], id);
    assert_eq!(request["owner"]["login"], "bob");
    assert_eq!(
        request["permissions"]["repository"],
        json!({"issues": "read", "metadata": "read"})
    );
    assert_eq!(request["repository_selection"], "subset");
    let asked = world
        .get(&format!("{REQUESTS}/{}/repositories", request["id"]), &owner)
        .await
        .expect(200);
    assert_eq!(asked.json[0]["full_name"], "acme/site");

    let path = format!("{REQUESTS}/{}", request["id"]);
    world
        .call(
            "POST",
            &path,
            &owner,
            json!({"action": "approve", "reason": "fine"}),
        )
        .await
        .expect(204);
    let again = world
        .call("POST", &path, &owner, json!({"action": "deny"}))
        .await
        .expect(409);
    assert_eq!(again.json["reason"], "request.decided");
    let current = world.get(&format!("{TOKENS}/current"), &token).await.expect(200);
    assert_eq!(current.json["state"], "active");
    assert_eq!(
        current.header("github-authentication-token-expiration"),
        "2026-04-09 12:00:00 UTC"
    );

    let grants = world
        .get(&format!("{GRANTS}?owner[]=bob&permission=issues"), &owner)
        .await
        .expect(200);
    let grant = grants.json[0]["id"].as_i64().unwrap();
    world
        .call(
            "POST",
            &format!("{GRANTS}/{grant}"),
            &owner,
            json!({"action": "revoke"}),
        )
        .await
        .expect(204);
    let current = world.get(&format!("{TOKENS}/current"), &token).await.expect(200);
    assert_eq!(current.json["grants"][0]["state"], "revoked");
    assert_eq!(world.get(GRANTS, &owner).await.expect(200).json, json!([]));
}

#[tokio::test]
async fn an_owner_approves_less_and_never_more_than_asked() {
    let world = World::new();
    let (id, token) = world
        .mint(
            "bob",
            "wide",
            &["site", "secret"],
            json!({"contents": "write", "issues": "read"}),
        )
        .await;
    let owner = world.session("alice");
    let request = world.get(REQUESTS, &owner).await.expect(200).json[0]["id"].clone();
    let path = format!("{REQUESTS}/{request}");
    let more = json!({"action": "approve", "permissions": {"contents": "write", "administration": "read"}});
    world.call("POST", &path, &owner, more).await.expect(422);
    let elsewhere = json!({"action": "approve", "repositories": ["www"]});
    world.call("POST", &path, &owner, elsewhere).await.expect(422);
    let less = json!({"action": "approve", "permissions": {"contents": "read"}, "repositories": ["site"]});
    world.call("POST", &path, &owner, less).await.expect(204);
    let view = world.get(&format!("{TOKENS}/current"), &token).await.expect(200);
    assert_eq!(view.json["id"], id);
    assert_eq!(
        view.json["grants"][0]["permissions"]["repository"],
        json!({"contents": "read", "metadata": "read"})
    );
    assert_eq!(view.json["grants"][0]["repositories"], json!(["acme/site"]));
}

#[tokio::test]
async fn an_id_given_twice_is_told_and_nothing_is_done() {
    let world = World::new();
    world
        .mint("bob", "one", &["site"], json!({"issues": "read"}))
        .await;
    let owner = world.session("alice");
    let request = world.get(REQUESTS, &owner).await.expect(200).json[0]["id"].clone();
    let once = json!({"pat_request_ids": [request], "action": "approve"});
    let twice = json!({"pat_request_ids": [request, request], "action": "approve"});
    let refused = world.call("POST", REQUESTS, &owner, twice).await.expect(422);
    let error = &refused.json["errors"][0];
    assert_eq!(
        (&error["resource"], &error["field"], &error["message"]),
        (
            &json!("PersonalAccessTokenRequest"),
            &json!("pat_request_ids"),
            &json!(format!("{request} is given more than once"))
        )
    );
    world.call("POST", REQUESTS, &owner, once).await.expect(202);
    let grant = world.get(GRANTS, &owner).await.expect(200).json[0]["id"].clone();
    let twice = json!({"pat_ids": [grant, grant], "action": "revoke"});
    let refused = world.call("POST", GRANTS, &owner, twice).await.expect(422);
    assert_eq!(refused.json["errors"][0]["field"], "pat_ids");
    let left = world.get(GRANTS, &owner).await.expect(200).json;
    assert_eq!(left[0]["id"], grant, "nothing was revoked");
    let once = json!({"pat_ids": [grant], "action": "revoke"});
    world.call("POST", GRANTS, &owner, once).await.expect(202);
}

#[tokio::test]
async fn widening_asks_again_and_narrowing_is_immediate() {
    let world = World::new();
    let (id, token) = world
        .mint_approved("bob", "edited", &["site"], json!({"contents": "write"}))
        .await;
    let session = world.session("bob");
    let path = format!("{TOKENS}/{id}");
    let wanted = json!({"grants": [{"owner": "acme", "repositories": ["site", "secret"], "permissions": {"contents": "read", "issues": "write"}}]});
    let edited = world.call("PATCH", &path, &session, wanted).await.expect(200);
    let grant = &edited.json["grants"][0];
    assert_eq!(grant["state"], "active");
    assert_eq!(
        grant["permissions"]["repository"],
        json!({"contents": "read", "metadata": "read"}),
        "narrowed at once"
    );
    assert_eq!(grant["repositories"], json!(["acme/site"]), "not widened");
    assert_eq!(grant["request"]["state"], "pending");
    let first = grant["request"]["id"].clone();

    // A newer request supersedes the pending one, which can then not be decided any more.
    let wanted = json!({"grants": [{"owner": "acme", "repositories": ["site"], "permissions": {"contents": "read", "issues": "read"}}]});
    world.call("PATCH", &path, &session, wanted).await.expect(200);
    let owner = world.session("alice");
    let stale = world
        .call(
            "POST",
            &format!("{REQUESTS}/{first}"),
            &owner,
            json!({"action": "approve"}),
        )
        .await;
    assert_eq!(
        (stale.status, stale.json["reason"].as_str()),
        (409, Some("request.decided"))
    );

    // Dropping the owner ends the grant.
    let emptied = world
        .call("PATCH", &path, &session, json!({"grants": []}))
        .await
        .expect(200);
    assert_eq!(emptied.json["grants"][0]["state"], "revoked");
    assert_eq!(world.get(CURRENT, &token).await.status, 200);
}

#[tokio::test]
async fn regenerating_keeps_the_token_and_kills_the_old_secret() {
    let world = World::new();
    let (id, old) = world
        .mint_approved("bob", "rotated", &["site"], json!({"issues": "read"}))
        .await;
    world.get(CURRENT, &old).await.expect(200);
    let session = world.session("bob");
    let path = format!("{TOKENS}/{id}/regenerate");
    let made = world
        .call("POST", &path, &session, json!({"expires_in": 7}))
        .await
        .expect(201);
    assert_eq!(made.json["id"], id);
    assert_eq!(made.json["expires_at"], "2026-03-17T12:00:00Z");
    let dead = world.get(CURRENT, &old).await.expect(401);
    assert_eq!(dead.json["message"], "Bad credentials");
    assert_eq!(dead.json["reason"], "token.revoked");
    let new = made.json["token"].as_str().unwrap();
    world.get(CURRENT, new).await.expect(200);
    world.advance_days(8);
    assert_eq!(
        world.get(CURRENT, new).await.expect(401).json["reason"],
        "token.expired"
    );
}

#[tokio::test]
async fn deleting_frees_the_name_and_ends_the_token() {
    let world = World::new();
    let (id, token) = world
        .mint("bob", "gone", &["site"], json!({"issues": "read"}))
        .await;
    let session = world.session("bob");
    world
        .call("DELETE", &format!("{TOKENS}/{id}"), &session, Value::Null)
        .await
        .expect(204);
    world.get(CURRENT, &token).await.expect(401);
    world.get(&format!("{TOKENS}/{id}"), &session).await.expect(404);
    let owner = world.session("alice");
    assert_eq!(
        world.get(REQUESTS, &owner).await.json,
        json!([]),
        "its request is withdrawn"
    );
    world
        .mint("bob", "GONE", &["site"], json!({"issues": "read"}))
        .await;
}

#[tokio::test]
async fn bad_input_is_refused_precisely_and_changes_nothing() {
    let world = World::new();
    world
        .mint("bob", "taken", &["site"], json!({"issues": "read"}))
        .await;
    let session = world.session("bob");
    let grant = |name: &str, repositories: Value, permissions: Value| json!({"name": name, "grants": [{"owner": "acme", "repositories": repositories, "permissions": permissions}]});
    let cases = [
        (json!({"name": ""}), "name", "missing"),
        (json!({"name": "x".repeat(41)}), "name", "invalid"),
        (json!({"name": "a\u{202e}b"}), "name", "invalid"),
        (
            json!({"name": "d", "description": "x".repeat(1025)}),
            "description",
            "invalid",
        ),
        (
            grant("Taken", json!(["site"]), json!({"issues": "read"})),
            "name",
            "already_exists",
        ),
        (
            grant("p", json!(["site"]), json!({"isues": "read"})),
            "grants[0].permissions.isues",
            "invalid",
        ),
        (
            grant("p", json!(["site"]), json!({"issues": "admin"})),
            "grants[0].permissions.issues",
            "invalid",
        ),
        (
            grant("p", json!(["site"]), json!({})),
            "grants[0].permissions",
            "missing",
        ),
        (
            grant("p", json!([]), json!({"issues": "read"})),
            "grants[0].repositories",
            "missing",
        ),
        (
            grant("p", json!(["nothing"]), json!({"issues": "read"})),
            "grants[0].repositories",
            "invalid",
        ),
        (
            grant("p", json!(["rival/plans"]), json!({"issues": "read"})),
            "grants[0].repositories",
            "invalid",
        ),
        (json!({"name": "e", "expires_in": 0}), "expires_in", "invalid"),
        (json!({"name": "e", "expires_in": 367}), "expires_in", "invalid"),
        (
            json!({"name": "e", "expires_in": "none", "grants": [{"owner": "acme", "repositories": ["site"], "permissions": {"issues": "read"}}]}),
            "expires_in",
            "custom",
        ),
        (
            json!({"name": "e", "expires_at": "2020-01-01"}),
            "expires_in",
            "invalid",
        ),
        (json!({"name": "s", "scopes": ["repo"]}), "scopes", "invalid"),
        (
            json!({"name": "s", "kind": "classic", "scopes": ["everything"]}),
            "scopes",
            "invalid",
        ),
        (
            json!({"name": "o", "grants": [{"owner": "nobody-here", "permissions": {"members": "read"}}]}),
            "grants[0].owner",
            "invalid",
        ),
        (
            json!({"name": "o", "grants": [{"owner": "rival", "permissions": {"members": "read"}}]}),
            "grants[0].permissions",
            "invalid",
        ),
        (
            json!({"name": "o", "grants": [{"owner": "acme", "repository_selection": "all", "permissions": {"gists": "write"}}]}),
            "grants[0].permissions",
            "invalid",
        ),
        (
            json!({"name": "o", "grants": [{"owner": "acme-labs", "repository_selection": "all", "permissions": {"issues": "read"}}]}),
            "grants[0].repository_selection",
            "invalid",
        ),
    ];
    for (body, field, code) in cases {
        let answer = world.call("POST", TOKENS, &session, body.clone()).await;
        assert_eq!(answer.status, 422, "{body} {}", answer.json);
        assert_eq!(answer.json["message"], "Validation Failed");
        assert_eq!(
            (
                &answer.json["errors"][0]["field"],
                &answer.json["errors"][0]["code"]
            ),
            (&json!(field), &json!(code)),
            "{body}"
        );
    }
    for (body, status) in [
        ("[]", 400),
        ("{", 400),
        ("{\"name\":\"a\",\"name\":\"b\"}", 422),
        ("{\"name\":1}", 422),
        ("{\"nmae\":\"x\"}", 422),
    ] {
        let request = http::Request::post("/api/v3/user/personal-access-tokens")
            .header("authorization", format!("Bearer {session}"))
            .body(bailiwick_gate::whole(body))
            .unwrap();
        assert_eq!(world.send(request).await.status, status, "{body}");
    }
    let tokens = world.get(TOKENS, &session).await.expect(200);
    assert_eq!(tokens.json.as_array().unwrap().len(), 1, "nothing was made");
}

#[tokio::test]
async fn minting_needs_sudo_and_nobody_approves_their_own() {
    let world = World::new();
    let session = world.session("bob");
    world.clock_forward_hours(3);
    let body = json!({"name": "late"});
    let late = world.call("POST", TOKENS, &session, body).await.expect(403);
    assert_eq!(late.json["reason"], "session.sudo_required");

    let owner = world.session("alice");
    world
        .call(
            "PUT",
            "/orgs/acme/personal-access-token-roles/bob",
            &owner,
            json!({"role": "approver"}),
        )
        .await
        .expect(204);
    world
        .mint("bob", "own", &["site"], json!({"issues": "read"}))
        .await;
    let approver = world.session("bob");
    let request = world.get(REQUESTS, &approver).await.expect(200).json[0]["id"].clone();
    let own = world
        .call(
            "POST",
            &format!("{REQUESTS}/{request}"),
            &approver,
            json!({"action": "approve"}),
        )
        .await
        .expect(403);
    assert_eq!(own.json["reason"], "request.own");
    let (_, token) = world
        .mint("carol", "other", &["site"], json!({"issues": "read"}))
        .await;
    let other = world
        .get(&format!("{REQUESTS}?owner[]=carol"), &approver)
        .await
        .json[0]["id"]
        .clone();
    world
        .call(
            "POST",
            &format!("{REQUESTS}/{other}"),
            &approver,
            json!({"action": "approve"}),
        )
        .await
        .expect(204);
    assert_eq!(
        world.get(&format!("{TOKENS}/current"), &token).await.json["state"],
        "active"
    );
    world.get(REQUESTS, &world.session("mallory")).await.expect(403);
}

#[tokio::test]
async fn a_token_that_mints_never_exceeds_itself() {
    let world = World::new();
    let session = world.session("alice");
    let body = json!({"name": "minter", "expires_in": 30, "grants": [
        {"owner": "alice", "permissions": {"personal_access_tokens": "write"}},
        {"owner": "acme", "repositories": ["site"], "permissions": {"issues": "write"}},
    ]});
    let made = world.call("POST", TOKENS, &session, body).await.expect(201);
    let minter = made.json["token"].as_str().unwrap();
    world.open_planting(&["alice", "acme"]);
    let child = |days: i64, repository: &str, level: &str| json!({"name": "child", "expires_in": days, "grants": [{"owner": "acme", "repositories": [repository], "permissions": {"issues": level}}]});
    for body in [
        child(31, "site", "read"),
        child(7, "secret", "read"),
        json!({"name": "child", "kind": "classic", "scopes": ["repo"]}),
    ] {
        let refused = world.call("POST", TOKENS, minter, body).await.expect(403);
        assert_eq!(refused.json["reason"], "token.mint_beyond");
    }
    world
        .call("POST", TOKENS, minter, child(7, "site", "read"))
        .await
        .expect(201);
}

#[tokio::test]
async fn policy_holds_at_creation_and_at_each_use() {
    let world = World::new();
    let (_, token) = world
        .mint_approved("bob", "long", &["site"], json!({"issues": "read"}))
        .await;
    let owner = world.session("alice");
    let policy = "/orgs/acme/personal-access-token-policy";
    let above = "/enterprises/acme-enterprise/personal-access-token-policy";
    world
        .call(
            "PUT",
            policy,
            &owner,
            json!({"fine_grained": {"lifetime_days_max": 7}}),
        )
        .await
        .expect(200);
    let refused = world.get("/repos/acme/site", &token).await.expect(403);
    assert_eq!(refused.json["reason"], "policy.lifetime");
    assert!(refused.json["message"].as_str().unwrap().starts_with("The 'acme' organization forbids access via a fine-grained personal access tokens if the token's lifetime is greater than 7 days."));
    let too_long = json!({"name": "m", "grants": [{"owner": "acme", "repositories": ["site"], "permissions": {"issues": "read"}}]});
    world
        .call("POST", TOKENS, &world.session("bob"), too_long)
        .await
        .expect(422);
    world
        .call("PUT", above, &owner, json!({"fine_grained": {"allowed": false}}))
        .await
        .expect(200);
    let resolved = world.get(policy, &owner).await.expect(200);
    assert_eq!(
        resolved.json["resolved"]["fine_grained"]["allowed_by"],
        "enterprise"
    );
    let owners = world
        .get(&format!("{TOKENS}/owners"), &world.session("bob"))
        .await
        .expect(200);
    let acme = owners
        .json
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["login"] == "acme")
        .unwrap()
        .clone();
    assert_eq!(
        (acme["selectable"].clone(), acme["reason"].clone()),
        (json!(false), json!("policy.kind_blocked"))
    );
    world
        .call(
            "PUT",
            policy,
            &owner,
            json!({"fine_grained": {"lifetime_days_max": 367}}),
        )
        .await
        .expect(422);
    world
        .call("PUT", policy, &owner, json!({"fine_grained": {"allowd": true}}))
        .await
        .expect(422);
}

#[tokio::test]
async fn an_incident_ends_tokens_and_says_how_many() {
    let world = World::new();
    let (_, one) = world
        .mint_approved("bob", "one", &["site"], json!({"issues": "read"}))
        .await;
    let (_, two) = world
        .mint("bob", "two", &["site"], json!({"issues": "read"}))
        .await;
    let other = world.mint_classic("carol", "other", &["repo"]).await;
    let session = world.session("bob");
    let owner = world.session("alice");
    let path = "/enterprises/acme-enterprise/personal-access-tokens/end";
    world
        .call("POST", path, &owner, json!({"user": "bob"}))
        .await
        .expect(422);
    world
        .call("POST", path, &owner, json!({"confirm": "end tokens"}))
        .await
        .expect(422);
    let ended = world
        .call(
            "POST",
            path,
            &owner,
            json!({"user": "bob", "confirm": "end tokens"}),
        )
        .await
        .expect(200);
    assert_eq!(
        (&ended.json["tokens"], &ended.json["grants"]),
        (&json!(2), &json!(1))
    );
    for dead in [&one, &two, &session] {
        world.get(CURRENT, dead).await.expect(401);
    }
    world.get(CURRENT, &other).await.expect(200);
}

#[tokio::test]
async fn anybody_can_report_a_leaked_secret_without_a_credential() {
    let world = World::new();
    let (_, token) = world
        .mint("bob", "leaked", &["site"], json!({"issues": "read"}))
        .await;
    let body = json!({"credentials": [token, "bwkf_garbage", "ghp_notours"]});
    world
        .call("POST", "/credentials/revoke", &token, body.clone())
        .await
        .expect(403);
    world.get(CURRENT, &token).await.expect(200);
    world
        .call("POST", "/credentials/revoke", "", body)
        .await
        .expect(202);
    world.get(CURRENT, &token).await.expect(401);
    world
        .call("POST", "/credentials/revoke", "", json!({"credentials": []}))
        .await
        .expect(422);
}

#[tokio::test]
async fn explain_tells_the_holder_and_the_owner_and_nobody_else() {
    let world = World::new();
    let (id, token) = world
        .mint_approved("bob", "reader", &["site"], json!({"issues": "read"}))
        .await;
    let ask = |request: &str| json!({"request": request, "token_id": id});
    let session = world.session("bob");
    let allowed = world
        .call(
            "POST",
            "/authorization/explain",
            &session,
            ask("GET /repos/acme/site/issues"),
        )
        .await
        .expect(200);
    assert_eq!(allowed.json["decision"], "allow");
    let denied = world
        .call(
            "POST",
            "/authorization/explain",
            &token,
            json!({"request": "git push acme/site"}),
        )
        .await
        .expect(200);
    assert_eq!(
        (&denied.json["decision"], &denied.json["stage"]),
        (&json!("deny"), &json!("level"))
    );
    assert_eq!(denied.json["missing"], "contents: write at acme/site");
    let hidden = world
        .call(
            "POST",
            "/authorization/explain",
            &session,
            ask("GET /repos/rival/plans"),
        )
        .await
        .expect(200);
    let missing = world
        .call(
            "POST",
            "/authorization/explain",
            &session,
            ask("GET /repos/rival/nothing"),
        )
        .await
        .expect(200);
    assert_eq!(
        hidden.json, missing.json,
        "a hidden repository explains as a missing one"
    );
    world
        .call(
            "POST",
            "/authorization/explain",
            &world.session("alice"),
            ask("GET /repos/acme/site/issues"),
        )
        .await
        .expect(200);
    world
        .call(
            "POST",
            "/authorization/explain",
            &world.session("mallory"),
            ask("GET /repos/acme/www/issues"),
        )
        .await
        .expect(404);
    let supposed = json!({"request": "GET /repos/acme/site/contents/README.md", "token_id": id,
        "grant": {"owner": "acme", "repositories": ["site"], "permissions": {"contents": "read"}}});
    let would = world
        .call("POST", "/authorization/explain", &session, supposed)
        .await
        .expect(200);
    assert_eq!(would.json["decision"], "allow");
}

#[tokio::test]
async fn what_a_token_minted_ends_with_it_and_is_never_more_than_it() {
    let world = World::new();
    let session = world.session("alice");
    let body = json!({"name": "minter", "grants": [
        {"owner": "alice", "permissions": {"personal_access_tokens": "write"}},
        {"owner": "acme", "repositories": ["site"], "permissions": {"issues": "write"}},
    ]});
    let made = world.call("POST", TOKENS, &session, body).await.expect(201);
    let (id, minter) = (
        made.json["id"].clone(),
        made.json["token"].as_str().unwrap().to_owned(),
    );

    world.open_planting(&["alice", "acme"]);

    // Neither an empty token, to be filled later, nor the secret of one that asks for more.
    let empty = world
        .call("POST", TOKENS, &minter, json!({"name": "empty"}))
        .await
        .expect(403);
    assert_eq!(empty.json["reason"], "token.mint_beyond");
    let policy = json!({"owners_need_approval": true, "planting": true});
    world
        .call("PUT", "/orgs/acme/personal-access-token-policy", &session, policy)
        .await
        .expect(200);
    let wide = json!({"name": "wide", "grants": [{"owner": "acme", "repositories": ["secret"], "permissions": {"contents": "write"}}]});
    let wide = world.call("POST", TOKENS, &session, wide).await.expect(201);
    let path = format!("{TOKENS}/{}/regenerate", wide.json["id"]);
    let taken = world.call("POST", &path, &minter, json!({})).await.expect(403);
    assert_eq!(taken.json["reason"], "token.mint_beyond");

    let child = json!({"name": "child", "expires_in": 7, "grants": [{"owner": "alice", "permissions": {"personal_access_tokens": "read"}}]});
    let child = world.call("POST", TOKENS, &minter, child).await.expect(201);
    let child = child.json["token"].as_str().unwrap();
    world.get(CURRENT, child).await.expect(200);
    world
        .call("DELETE", &format!("{TOKENS}/{id}"), &session, Value::Null)
        .await
        .expect(204);
    world.get(CURRENT, &minter).await.expect(401);
    world.get(CURRENT, child).await.expect(401);
}

#[tokio::test]
async fn text_with_nul_is_refused_and_not_a_fault() {
    let world = World::new();
    let session = world.session("bob");
    for body in [
        json!({"name": "a\u{0}b"}),
        json!({"name": "x", "grants": [{"owner": "ac\u{0}me", "permissions": {"issues": "read"}}]}),
    ] {
        let refused = world.call("POST", TOKENS, &session, body).await.expect(422);
        assert_eq!(refused.json["reason"], "body.nul");
    }
    let anonymous = world
        .call(
            "POST",
            "/sessions",
            "",
            json!({"login": "a\u{0}", "password": "x"}),
        )
        .await;
    assert_eq!(anonymous.status, 422);
    let fork = json!({"organization": "ac\u{0}me"});
    assert_eq!(
        world
            .call("POST", "/repos/acme/www/forks", &session, fork)
            .await
            .status
            / 100,
        4
    );
}

#[tokio::test]
async fn guesses_made_at_once_are_all_counted() {
    let world = std::sync::Arc::new(World::new());
    let tries = (0..20).map(|_| {
        let world = world.clone();
        async move {
            world
                .call(
                    "POST",
                    "/sessions",
                    "",
                    json!({"login": "nobody", "password": "guess"}),
                )
                .await
                .status
        }
    });
    let mut statuses = Vec::new();
    for one in tries {
        statuses.push(one.await);
    }
    assert_eq!(
        statuses.iter().filter(|status| **status == 401).count(),
        5,
        "{statuses:?}"
    );
    assert!(statuses.iter().skip(5).all(|status| *status == 429));
}
