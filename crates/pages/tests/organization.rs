//! An organization's pages of requests and tokens: who may, what is decided, what the second one sees.

use crate::harness::World;
use serde_json::json;

const REQUESTS: &str = "/organizations/acme/settings/personal-access-token-requests";
const ACTIVE: &str = "/organizations/acme/settings/personal-access-tokens/active";

/// The ids of acme's pending requests, newest first.
async fn pending(world: &World) -> Vec<i64> {
    let alice = world.session("alice");
    let list = world
        .get("/orgs/acme/personal-access-token-requests", &alice)
        .await
        .expect(200);
    let list = list.json.as_array().unwrap().clone();
    list.iter().map(|one| one["id"].as_i64().unwrap()).collect()
}

/// acme's active grants.
async fn active(world: &World) -> Vec<serde_json::Value> {
    let alice = world.session("alice");
    let list = world
        .get("/orgs/acme/personal-access-tokens", &alice)
        .await
        .expect(200);
    list.json.as_array().unwrap().clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_are_for_owners_and_for_those_with_a_token_role() {
    let world = World::new();
    let (token, _) = world
        .mint_approved("bob", "deploy", &["site"], json!({"issues": "read"}))
        .await;
    world
        .mint("bob", "waits", &["site"], json!({"issues": "write"}))
        .await;
    let request = format!("{REQUESTS}/{}", pending(&world).await[0]);
    let grant = format!(
        "/organizations/acme/settings/personal-access-tokens/{}",
        active(&world).await[0]["id"]
    );
    assert_eq!(active(&world).await[0]["token_id"], token);
    let owners = [
        "/organizations/acme/settings/personal-access-tokens",
        "/organizations/acme/settings/personal-access-tokens/onboarding",
        "/organizations/acme/settings/personal-access-token-roles",
        "/organizations/acme/settings/service-accounts",
        "/organizations/acme/settings/personal-access-tokens/incident",
    ];
    let auditors = [
        REQUESTS,
        &request,
        ACTIVE,
        &grant,
        "/organizations/acme/settings/personal-access-tokens/classic",
    ];
    let alice = world.session("alice");
    let (owner, member) = (world.signed_in("alice"), world.signed_in("bob"));
    let (stranger, visitor) = (world.signed_in("mallory"), world.browser());
    for path in owners.iter().chain(&auditors) {
        owner.get(path).await.expect(200).says("acme");
        let refused = member.get(path).await;
        assert!(matches!(refused.status, 403 | 404), "{path}: {}", refused.status);
        let refused = stranger.get(path).await;
        assert!(matches!(refused.status, 403 | 404), "{path}: {}", refused.status);
        visitor.get(path).await.expect(303);
    }
    let role = "/orgs/acme/personal-access-token-roles/bob";
    world
        .call("PUT", role, &alice, json!({"role": "auditor"}))
        .await
        .expect(204);
    let auditor = world.signed_in("bob");
    for path in auditors {
        auditor
            .get(path)
            .await
            .expect(200)
            .hides("value=\"approve\"")
            .hides("Revoke access");
    }
    for path in owners {
        let refused = auditor.get(path).await;
        assert!(matches!(refused.status, 403 | 404), "{path}: {}", refused.status);
    }
    let fields = [("decision", "approve")];
    let refused = auditor.post(&request, &fields).await;
    assert!(matches!(refused.status, 403 | 404), "{}", refused.status);
    assert_eq!(pending(&world).await.len(), 1);
    // Another organization's ids are nothing here.
    let other = request.replace("/acme/", "/rival/");
    stranger.get(&other).await.expect(404);
    stranger.post(&other, &fields).await.expect(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_are_listed_filtered_and_decided_in_bulk() {
    let world = World::new();
    let owner = world.signed_in("alice");
    owner
        .get(REQUESTS)
        .await
        .expect(200)
        .says("Nobody waits for a decision");
    world
        .mint("bob", "reads", &["site"], json!({"issues": "read"}))
        .await;
    world
        .mint("bob", "writes", &["secret"], json!({"contents": "write"}))
        .await;
    world
        .mint("carol", "carols", &["site"], json!({"issues": "write"}))
        .await;
    owner
        .get(REQUESTS)
        .await
        .expect(200)
        .says("reads")
        .says("writes")
        .says("carols")
        .says("Issues: read and write");
    let contents = format!("{REQUESTS}/{}", pending(&world).await[1]);
    owner
        .get(&contents)
        .await
        .expect(200)
        .hides("Take care with these");
    for (query, shown, hidden) in [
        ("?owner=carol", "carols", ">reads<"),
        ("?repository=secret", "writes", "carols"),
        ("?permission=contents", "writes", "carols"),
        ("?owner=nobody", "Nothing found", "carols"),
        ("?q=owner%3Acarol+repository%3Asite", "carols", ">reads<"),
        ("?q=carol", "owner:carol", ">reads<"),
        ("?token_id=x", "Nothing found", "carols"),
    ] {
        let page = owner.get(&format!("{REQUESTS}{query}")).await.expect(200);
        page.says(shown).hides(hidden);
    }
    let page = owner.get(&format!("{REQUESTS}?per_page=2")).await.expect(200);
    page.says("page=2").says("3 requests");

    let none = [("decision", "approve")];
    owner
        .post(REQUESTS, &none)
        .await
        .expect(422)
        .says("Nothing was selected");
    let ids: Vec<String> = pending(&world).await.iter().map(i64::to_string).collect();
    let long = "x".repeat(1025);
    let fields = [
        ("pat_request_ids", ids[0].as_str()),
        ("decision", "deny"),
        ("reason", long.as_str()),
    ];
    let refused = owner.post(REQUESTS, &fields).await.expect(422).says("too long");
    assert!(refused.text().contains(&long) && refused.text().contains(" checked"));
    let fields = [
        ("pat_request_ids", ids[1].as_str()),
        ("pat_request_ids", ids[2].as_str()),
        ("decision", "approve"),
        ("reason", "as agreed"),
    ];
    let done = owner.post(REQUESTS, &fields).await.expect(303);
    owner
        .get(done.location())
        .await
        .expect(200)
        .says("The requests are approved");
    assert_eq!((pending(&world).await.len(), active(&world).await.len()), (1, 2));
    let fields = [("pat_request_ids", ids[0].as_str()), ("decision", "deny")];
    owner.post(REQUESTS, &fields).await.expect(303);
    assert_eq!((pending(&world).await.len(), active(&world).await.len()), (0, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_second_owner_sees_who_decided_and_when() {
    let world = World::new();
    world
        .call(
            "PUT",
            "/orgs/acme/memberships/mallory",
            &world.session("alice"),
            json!({"role": "admin"}),
        )
        .await
        .expect(200);
    world
        .mint("bob", "one", &["site"], json!({"issues": "read"}))
        .await;
    world
        .mint("bob", "two", &["site"], json!({"issues": "read"}))
        .await;
    let ids = pending(&world).await;
    let (first, second) = (world.signed_in("alice"), world.signed_in("mallory"));
    let path = format!("{REQUESTS}/{}", ids[0]);
    second.get(&path).await.expect(200).says("value=\"approve_less\"");
    let deny = [("decision", "deny"), ("reason", "not <b>now</b>")];
    first.post(&path, &deny).await.expect(303);
    let late = second.post(&path, &[("decision", "approve")]).await.expect(409);
    late.says("Your decision came too late")
        .says("Denied")
        .says("alice")
        .says("not &lt;b&gt;now&lt;/b&gt;")
        .hides("<b>now")
        .hides("value=\"approve\"");
    assert!(active(&world).await.is_empty());
    // In bulk nothing is decided, and the others stay selected.
    let both: Vec<String> = ids.iter().map(i64::to_string).collect();
    let fields = [
        ("pat_request_ids", both[0].as_str()),
        ("pat_request_ids", both[1].as_str()),
        ("decision", "approve"),
    ];
    second
        .post(REQUESTS, &fields)
        .await
        .expect(409)
        .says("Nothing was decided by you")
        .says("alice")
        .says(" checked");
    assert!(active(&world).await.is_empty());
    assert_eq!(pending(&world).await, [ids[1]]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_was_replaced_is_not_approved_and_the_page_says_what_changed() {
    let world = World::new();
    let (token, _) = world
        .mint("bob", "shifty", &["site"], json!({"issues": "read"}))
        .await;
    let old = pending(&world).await[0];
    let owner = world.signed_in("alice");
    let path = format!("{REQUESTS}/{old}");
    owner
        .get(&path)
        .await
        .expect(200)
        .says("Issues")
        .says("Read-only");
    let wider = json!({"grants": [{"owner": "acme", "repositories": ["site", "secret"], "permissions": {"issues": "write"}}]});
    let edit = format!("/user/personal-access-tokens/{token}");
    world
        .call("PATCH", &edit, &world.session("bob"), wider)
        .await
        .expect(200);
    let new = pending(&world).await[0];
    assert_ne!(old, new);
    let late = owner.post(&path, &[("decision", "approve")]).await.expect(409);
    late.says("Your decision came too late")
        .says("What changed since")
        .says("Raised")
        .says("acme/secret")
        .says(&format!("{REQUESTS}/{new}"));
    assert!(active(&world).await.is_empty());
    owner
        .get(&path)
        .await
        .expect(200)
        .says("This request was replaced")
        .hides("value=\"approve\"");
}

#[tokio::test(flavor = "multi_thread")]
async fn less_than_asked_is_approved() {
    let world = World::new();
    let asked = json!({"issues": "write", "contents": "read", "members": "read"});
    world.mint("bob", "greedy", &["site", "secret"], asked).await;
    let owner = world.signed_in("alice");
    let path = format!("{REQUESTS}/{}", pending(&world).await[0]);
    let page = owner.get(&path).await.expect(200);
    page.says("permission-issues")
        .says("acme/secret")
        .hides("value=\"admin\"");
    // Nothing left is refused, and what was chosen comes back.
    let nothing = [
        ("decision", "approve_less"),
        ("permission-issues", "none"),
        ("permission-contents", "none"),
        ("permission-members", "none"),
        ("permission-metadata", "none"),
        ("repository_selection", "subset"),
        ("repositories", "acme/site"),
        ("reason", "too much"),
    ];
    owner
        .post(&path, &nothing)
        .await
        .expect(422)
        .says("Approve at least one permission")
        .says("too much")
        .says("<details class=\"disclosure\" open");
    // A form that says nothing approves nothing, and a choice that was not offered is none.
    for fields in [
        &[("decision", "approve_less")][..],
        &[("decision", "approve_less"), ("permission-contents", "read")],
        &[
            ("decision", "approve_less"),
            ("permission-contents", "read"),
            ("repository_selection", "bogus"),
        ],
        &[
            ("decision", "approve_less"),
            ("permission-contents", "zzz"),
            ("repository_selection", "subset"),
            ("repositories", "acme/site"),
        ],
    ] {
        owner.post(&path, fields).await.expect(422);
        assert!(active(&world).await.is_empty(), "{fields:?}");
    }
    // More than asked is refused.
    let more = [
        ("decision", "approve_less"),
        ("permission-contents", "write"),
        ("repository_selection", "subset"),
        ("repositories", "acme/site"),
    ];
    owner
        .post(&path, &more)
        .await
        .expect(422)
        .says("more than was asked");
    assert!(active(&world).await.is_empty());
    let less = [
        ("decision", "approve_less"),
        ("permission-issues", "read"),
        ("permission-contents", "none"),
        ("permission-members", "read"),
        ("repository_selection", "subset"),
        ("repositories", "acme/site"),
        ("reason", "reading is enough"),
    ];
    let done = owner.post(&path, &less).await.expect(303);
    owner
        .get(done.location())
        .await
        .expect(200)
        .says("Part of the request is approved")
        .says("What was approved")
        .says("Lowered")
        .says("Removed")
        .says("reading is enough")
        .hides("What was asked");
    let grants = active(&world).await;
    assert_eq!(
        grants[0]["permissions"]["repository"],
        json!({"issues": "read", "metadata": "read"})
    );
    assert_eq!(
        grants[0]["permissions"]["organization"],
        json!({"members": "read"})
    );
    assert_eq!(grants[0]["repositories"], json!(["acme/site"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn active_tokens_tell_their_trail_and_are_revoked() {
    let world = World::new();
    for name in ["one", "two", "three"] {
        world
            .mint_approved("bob", name, &["site"], json!({"issues": "write"}))
            .await;
    }
    let owner = world.signed_in("alice");
    let grants = active(&world).await;
    let id = |at: usize| grants[at]["id"].to_string();
    let path = format!("/organizations/acme/settings/personal-access-tokens/{}", id(0));
    owner
        .get(&path)
        .await
        .expect(200)
        .says("three")
        .says("Issues")
        .says("acme")
        .says("Approved")
        .says("personal_access_token.access_granted")
        .says("Revoke access");
    owner
        .get(&format!("{ACTIVE}?owner=carol"))
        .await
        .expect(200)
        .says("Nothing found");
    owner
        .post(ACTIVE, &[])
        .await
        .expect(422)
        .says("Nothing was selected");
    let done = owner.post(&path, &[]).await.expect(303);
    owner
        .get(done.location())
        .await
        .expect(200)
        .says("The token has no access here any more");
    owner
        .get(&path)
        .await
        .expect(200)
        .says("This token has no access here")
        .says("by <a class=\"login\" href=\"/alice\"")
        .hides("Revoke access");
    let (one, two) = (id(1), id(2));
    let fields = [("pat_ids", one.as_str()), ("pat_ids", two.as_str())];
    owner.post(ACTIVE, &fields).await.expect(303);
    owner.get(ACTIVE).await.expect(200).says("No active tokens");
}

#[tokio::test(flavor = "multi_thread")]
async fn names_and_reasons_are_never_markup() {
    let world = World::new();
    let name = "<img src=x onerror=alert(1)> & \"so\"";
    let session = world.session("bob");
    let body = json!({"name": name, "description": "</dl><script>alert(1)</script>", "grants": [{
        "owner": "acme", "repositories": ["site"], "permissions": {"issues": "read"}, "reason": "</q><script>alert(2)</script>",
    }]});
    world
        .call("POST", "/user/personal-access-tokens", &session, body)
        .await
        .expect(201);
    let long = "y".repeat(40);
    world
        .mint("bob", &long, &["site"], json!({"issues": "read"}))
        .await;
    world
        .mint("bob", "שלום אבגד", &["site"], json!({"issues": "read"}))
        .await;
    let owner = world.signed_in("alice");
    for id in pending(&world).await {
        owner
            .get(&format!("{REQUESTS}/{id}"))
            .await
            .expect(200)
            .hides("<script>")
            .hides("<img");
    }
    owner
        .get(REQUESTS)
        .await
        .expect(200)
        .hides("<script>")
        .hides("<img")
        .says("&lt;img")
        .says("<bdi class=\"name\">שלום אבגד</bdi>");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_of_ones_own_is_not_decided_by_an_approver() {
    let world = World::new();
    let role = "/orgs/acme/personal-access-token-roles/bob";
    world
        .call("PUT", role, &world.session("alice"), json!({"role": "approver"}))
        .await
        .expect(204);
    world
        .mint("bob", "mine", &["site"], json!({"issues": "read"}))
        .await;
    let approver = world.signed_in("bob");
    let id = pending(&world).await[0].to_string();
    let path = format!("{REQUESTS}/{id}");
    let fields = [("decision", "approve"), ("reason", "please")];
    approver
        .post(&path, &fields)
        .await
        .expect(403)
        .says("ask another owner")
        .says("please");
    let fields = [("decision", "approve"), ("pat_request_ids", id.as_str())];
    approver
        .post(REQUESTS, &fields)
        .await
        .expect(403)
        .says("ask another owner");
    assert!(active(&world).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn of_all_repositories_some_are_approved() {
    let world = World::new();
    let body = json!({"name": "wide", "grants": [{
        "owner": "acme", "repository_selection": "all", "permissions": {"issues": "read", "administration": "write"},
    }]});
    let session = world.session("bob");
    world
        .call("POST", "/user/personal-access-tokens", &session, body)
        .await
        .expect(201);
    let owner = world.signed_in("alice");
    let path = format!("{REQUESTS}/{}", pending(&world).await[0]);
    owner.get(&path).await.expect(200).says("Take care with these");
    let chosen = |names| {
        [
            ("decision", "approve_less"),
            ("permission-issues", "read"),
            ("permission-administration", "none"),
            ("repository_selection", "subset"),
            ("repository_names", names),
        ]
    };
    owner
        .post(&path, &chosen("site\nplans"))
        .await
        .expect(422)
        .says("No such repository: plans")
        .says("id=\"repository_names-error\"")
        .says("site\nplans");
    let done = owner.post(&path, &chosen("site\nacme/www")).await.expect(303);
    owner
        .get(done.location())
        .await
        .expect(200)
        .says("acme/site")
        .says("acme/www");
    let grants = active(&world).await;
    assert_eq!(grants[0]["repository_selection"], "subset");
    assert_eq!(grants[0]["repositories"].as_array().unwrap().len(), 2);
}
