//! Enterprises: overview, policies and how they come down, the inventory and revoking, requests, incidents.

use crate::harness::World;
use serde_json::json;

const BASE: &str = "/enterprises/acme-enterprise";
const INVENTORY: &str = "/enterprises/acme-enterprise/settings/personal-access-tokens/inventory";
const POLICY: &str = "/enterprises/acme-enterprise/settings/personal-access-tokens";
const REQUESTS: &str = "/enterprises/acme-enterprise/settings/personal-access-token-requests";
const INCIDENT: &str = "/enterprises/acme-enterprise/settings/personal-access-tokens/incident";

#[tokio::test(flavor = "multi_thread")]
async fn enterprise_pages_are_for_its_owners() {
    let world = World::new();
    let (alice, bob, mallory) = (
        world.signed_in("alice"),
        world.signed_in("bob"),
        world.signed_in("mallory"),
    );
    for path in [BASE, INVENTORY, POLICY, REQUESTS, INCIDENT] {
        alice.get(path).await.expect(200);
        let refused = bob.get(path).await.status;
        assert!([403, 404].contains(&refused), "{path} {refused}");
        mallory.get(path).await.expect(404);
        world.browser().get(path).await.expect(404);
    }
    world.browser().get("/enterprises").await.expect(303);
    alice.get("/enterprises").await.expect(200).says(BASE);
    bob.get("/enterprises")
        .await
        .expect(200)
        .says("You own no enterprise")
        .hides("acme-enterprise");
    alice.get("/enterprises/nothing").await.expect(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn enterprise_overview_counts() {
    let world = World::new();
    world
        .mint("bob", "waiting", &["site"], json!({"issues": "read"}))
        .await;
    world
        .signed_in("alice")
        .get(BASE)
        .await
        .expect(200)
        .says("href=\"/orgs/acme\"")
        .says("href=\"/orgs/acme-labs\"")
        .says("1 at its organizations")
        .hides("rival");
}

#[tokio::test(flavor = "multi_thread")]
async fn enterprise_policy_comes_down_visibly() {
    let world = World::new();
    let alice = world.signed_in("alice");
    let page = alice.get(POLICY).await.expect(200);
    let seen = crate::browser::hidden(page.text(), "seen").replace("&quot;", "\"");
    let fields = [
        ("seen", seen.as_str()),
        ("fine_grained.allowed", "free"),
        ("fine_grained.approval_required", "required"),
        ("fine_grained.lifetime", "days"),
        ("fine_grained.lifetime_days_max", "ninety"),
        ("classic.allowed", "block"),
        ("classic.lifetime", "default"),
        ("several_owners_allowed", "on"),
    ];
    alice
        .post(POLICY, &fields)
        .await
        .expect(422)
        .says("value=\"ninety\"")
        .says("Say how many days");
    let mut right = fields;
    right[4].1 = "90";
    alice.post(POLICY, &right).await.expect(303);
    alice
        .get(POLICY)
        .await
        .expect(200)
        .says("set by the enterprise")
        .says("At most 90 days")
        .says("Blocked");
    alice
        .post(POLICY, &right)
        .await
        .expect(409)
        .says("The policy was changed while this page was open");
    alice
        .get("/organizations/acme/settings/personal-access-tokens")
        .await
        .expect(200)
        .says("Set by the enterprise");
}

/// Tokens of all sorts: what reaches the enterprise and what does not.
async fn stocked(world: &World) -> (i64, i64) {
    let (fine, _) = world
        .mint_approved("bob", "deploy", &["site"], json!({"contents": "write"}))
        .await;
    let (waiting, _) = world
        .mint("carol", "triage", &["site"], json!({"issues": "read"}))
        .await;
    world.mint_classic("bob", "old-laptop", &["repo"]).await;
    world.mint_classic("carol", "carols-classic", &["repo"]).await;
    world.mint_classic("mallory", "mallorys-own", &["repo"]).await;
    (fine, waiting)
}

#[tokio::test(flavor = "multi_thread")]
async fn enterprise_inventory_lists_what_reaches_it() {
    let world = World::new();
    let (fine, _) = stocked(&world).await;
    let alice = world.signed_in("alice");
    alice
        .get(INVENTORY)
        .await
        .expect(200)
        .says("deploy")
        .says("triage")
        .says("old-laptop")
        .says("carols-classic")
        .hides("mallorys-own")
        .says("acme");
    let filtered = |query: &str| format!("{INVENTORY}?{query}");
    alice
        .get(&filtered("kind=classic"))
        .await
        .expect(200)
        .says("old-laptop")
        .hides("deploy");
    alice
        .get(&filtered("person=bob&state=active&organization=acme"))
        .await
        .expect(200)
        .says("deploy")
        .hides("triage");
    alice
        .get(&filtered("state=pending"))
        .await
        .expect(200)
        .says("triage")
        .hides("deploy")
        .hides("old-laptop");
    alice
        .get(&filtered("organization=acme-labs"))
        .await
        .expect(200)
        .says("No token fits");
    for nobody in [
        "person=nobody-here",
        "organization=rival",
        "organization=nowhere",
        "unused=10",
        "expiring=1",
    ] {
        alice
            .get(&filtered(nobody))
            .await
            .expect(200)
            .says("No token fits");
    }
    alice
        .get(&filtered("expiring=45&kind=fine_grained"))
        .await
        .expect(200)
        .says("deploy");
    alice
        .get(&filtered("unused=soon"))
        .await
        .expect(422)
        .says("whole number of days")
        .says("value=\"soon\"");
    world.advance_days(40);
    let alice = world.signed_in("alice");
    alice
        .get(&filtered("state=expired"))
        .await
        .expect(200)
        .says("deploy");
    alice
        .get(&filtered("state=any&unused=10"))
        .await
        .expect(200)
        .says(&format!("{INVENTORY}/{fine}"));
    alice.get(INVENTORY).await.expect(200).hides("deploy");
}

#[tokio::test(flavor = "multi_thread")]
async fn enterprise_token_is_shown_and_revoked() {
    let world = World::new();
    let (fine, waiting) = stocked(&world).await;
    let alice = world.signed_in("alice");
    let path = format!("{INVENTORY}/{fine}");
    alice
        .get(&path)
        .await
        .expect(200)
        .says("Contents")
        .says("Approved")
        .says("Revoke its access here");
    world.signed_in("mallory").get(&path).await.expect(404);
    let refused = world.signed_in("bob").post(&path, &[]).await.status;
    assert!([403, 404].contains(&refused));
    alice.post(&path, &[]).await.expect(303);
    alice
        .get(&path)
        .await
        .expect(200)
        .says("Revoked")
        .hides("Revoke its access here");
    // Several at once; nothing selected; somebody else's.
    alice
        .post(INVENTORY, &[])
        .await
        .expect(422)
        .says("Nothing was selected");
    let foreign = {
        let session = world.session("mallory");
        let grant = json!({"owner": "rival", "repositories": ["plans"], "permissions": {"issues": "read"}});
        let body = json!({"name": "t", "grants": [grant]});
        let made = world
            .call("POST", "/user/personal-access-tokens", &session, body)
            .await
            .expect(201);
        made.json["id"].as_i64().unwrap()
    };
    let (foreign, waiting) = (foreign.to_string(), waiting.to_string());
    alice
        .post(INVENTORY, &[("token_ids", &waiting), ("token_ids", &foreign)])
        .await
        .expect(422)
        .says("Nothing was revoked");
    alice.get(&format!("{INVENTORY}/{foreign}")).await.expect(404);
    alice
        .get(&format!("{INVENTORY}/{waiting}"))
        .await
        .expect(200)
        .says("Pending");
    alice
        .post(INVENTORY, &[("token_ids", &waiting)])
        .await
        .expect(303);
    alice
        .get(&format!("{INVENTORY}/{waiting}"))
        .await
        .expect(200)
        .says("Withdrawn");
}

#[tokio::test(flavor = "multi_thread")]
async fn enterprise_classic_tokens_end_whole_but_not_those_of_outsiders() {
    let world = World::new();
    stocked(&world).await;
    let session = world.session("alice");
    let list = world
        .get(
            "/enterprises/acme-enterprise/personal-access-token-inventory?kind=classic",
            &session,
        )
        .await
        .expect(200);
    let id = |name: &str| {
        let found = list
            .json
            .as_array()
            .unwrap()
            .iter()
            .find(|one| one["name"] == name);
        found.unwrap()["id"].to_string()
    };
    let alice = world.signed_in("alice");
    let (member, outsider) = (id("old-laptop"), id("carols-classic"));
    alice
        .post(INVENTORY, &[("token_ids", &member), ("token_ids", &outsider)])
        .await
        .expect(422)
        .says("outside collaborator");
    alice
        .get(&format!("{INVENTORY}/{outsider}"))
        .await
        .expect(200)
        .says("not the enterprise");
    alice
        .post(&format!("{INVENTORY}/{member}"), &[])
        .await
        .expect(303);
    alice
        .get(&format!("{INVENTORY}/{member}"))
        .await
        .expect(200)
        .says("revoked by the enterprise");
}

#[tokio::test(flavor = "multi_thread")]
async fn enterprise_names_are_only_text() {
    let world = World::new();
    let session = world.session("bob");
    let name = "<img src=x>\u{5d0}\u{5d1} & \"quotes\"";
    let grant = json!({"owner": "acme", "repositories": ["site"], "permissions": {"issues": "read"}});
    let body = json!({"name": name, "description": "x".repeat(900), "grants": [grant]});
    let made = world
        .call("POST", "/user/personal-access-tokens", &session, body)
        .await
        .expect(201);
    let alice = world.signed_in("alice");
    for path in [
        String::from(INVENTORY),
        format!("{INVENTORY}/{}", made.json["id"]),
    ] {
        alice
            .get(&path)
            .await
            .expect(200)
            .says("&lt;img src=x&gt;")
            .hides("<img src=x>");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn enterprise_requests_are_decided_once() {
    let world = World::new();
    let session = world.session("bob");
    let grant =
        json!({"enterprise": "acme-enterprise", "permissions": {"enterprise_administration": "read"}});
    let body = json!({"name": "auditor", "grants": [grant]});
    let made = world
        .call("POST", "/user/personal-access-tokens", &session, body)
        .await
        .expect(201);
    let request = made.json["grants"][0]["request"]["id"].to_string();
    let alice = world.signed_in("alice");
    alice.get(BASE).await.expect(200).says("1 token asks");
    alice.get(REQUESTS).await.expect(200).says("auditor");
    let path = format!("{REQUESTS}/{request}");
    alice.get(&path).await.expect(200).says("auditor");
    alice.post(&path, &[("decision", "approve")]).await.expect(303);
    alice
        .post(&path, &[("decision", "deny")])
        .await
        .expect(409)
        .says("too late");
    let token = made.json["id"].to_string();
    let grant = made.json["grants"][0]["id"].to_string();
    let led = alice.get(&format!("{POLICY}/{grant}")).await.expect(303);
    assert_eq!(led.location(), format!("{INVENTORY}/{token}"));
    alice.get(led.location()).await.expect(200).says("Approved");
}

#[tokio::test(flavor = "multi_thread")]
async fn enterprise_incident_counts_and_asks_twice() {
    let world = World::new();
    stocked(&world).await;
    let alice = world.signed_in("alice");
    let shown = alice
        .get(&format!("{INCIDENT}?count=1&user=bob"))
        .await
        .expect(200)
        .says("This would end now")
        .says("end tokens");
    let counted = crate::browser::hidden(shown.text(), "counted");
    for query in [
        "user=mallory&organization=rival",
        "user=bob&organization=nobody-at-all",
    ] {
        alice
            .get(&format!("{INCIDENT}?count=1&{query}"))
            .await
            .expect(422)
            .says("is no organization here");
    }
    // Sessions end only where every filter fits: bob is no member there.
    alice
        .get(&format!("{INCIDENT}?count=1&user=bob&organization=acme-labs"))
        .await
        .expect(200)
        .says("Nothing fits");
    alice
        .get(&format!("{INCIDENT}?count=1&kind=session"))
        .await
        .expect(422)
        .says("name one");
    alice
        .get(&format!("{INCIDENT}?count=1"))
        .await
        .expect(422)
        .says("at least one");
    let wrong = [
        ("user", "bob"),
        ("confirm", "end token"),
        ("counted", counted.as_str()),
    ];
    alice
        .post(INCIDENT, &wrong)
        .await
        .expect(422)
        .says("confirm-error")
        .says("value=\"end token\"");
    alice
        .post(
            INCIDENT,
            &[
                ("user", "bob"),
                ("confirm", "end tokens"),
                ("counted", counted.as_str()),
            ],
        )
        .await
        .expect(200)
        .says("What has ended");
    alice
        .get(&format!("{INCIDENT}?count=1&user=bob"))
        .await
        .expect(200)
        .says("Nothing fits");
}
