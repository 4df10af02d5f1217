//! An organization's policy, first visit, roles, service accounts and incident.

use crate::browser::hidden;
use crate::harness::World;
use serde_json::json;

const POLICY: &str = "/organizations/acme/settings/personal-access-tokens";
const SERVICES: &str = "/organizations/acme/settings/service-accounts";

async fn policy_of(world: &World) -> serde_json::Value {
    let alice = world.session("alice");
    let path = "/orgs/acme/personal-access-token-policy";
    world.get(path, &alice).await.expect(200).json
}

fn unescaped(text: &str) -> String {
    text.replace("&quot;", "\"").replace("&amp;", "&")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_policy_is_shown_and_set() {
    let world = World::new();
    let owner = world.signed_in("alice");
    let page = owner.get(POLICY).await.expect(200);
    let page = page
        .says("has never set a policy")
        .says("by default")
        .says("At most 366 days");
    let seen = unescaped(&hidden(page.text(), "seen"));
    let chosen = [
        ("seen", seen.as_str()),
        ("fine_grained.allowed", "allow"),
        ("fine_grained.approval_required", "none"),
        ("fine_grained.lifetime", "days"),
        ("fine_grained.lifetime_days_max", "999"),
        ("fine_grained.exempt_administrators", "on"),
        ("classic.allowed", "block"),
        ("classic.lifetime", "default"),
        ("owners_need_approval", "on"),
    ];
    let refused = owner.post(POLICY, &chosen).await.expect(422);
    refused.says("must be between 1 and 366").says("value=\"999\"");
    let mut words = chosen;
    words[4].1 = "many";
    owner
        .post(POLICY, &words)
        .await
        .expect(422)
        .says("Say how many days")
        .says("value=\"many\"");
    let mut right = chosen;
    right[4].1 = "90";
    let done = owner.post(POLICY, &right).await.expect(303);
    owner
        .get(done.location())
        .await
        .expect(200)
        .says("The policy is saved")
        .says("At most 90 days")
        .says("set here")
        .hides("has never set a policy");
    let set = &policy_of(&world).await["set"];
    assert_eq!(set["fine_grained"]["lifetime_days_max"], 90);
    assert_eq!(set["fine_grained"]["approval_required"], false);
    assert_eq!(set["classic"]["allowed"], false);
    assert_eq!(set["several_owners_allowed"], false);
    assert_eq!(set["owners_need_approval"], true);
    // A form that was drawn before is not saved over it.
    owner
        .post(POLICY, &right)
        .await
        .expect(409)
        .says("was changed while this page was open");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_enterprise_decided_is_shown_and_stays() {
    let world = World::new();
    let above = json!({
        "fine_grained": {"approval_required": true, "lifetime_days_max": 60},
        "classic": {"allowed": false},
        "several_owners_allowed": false,
    });
    let path = "/enterprises/acme-enterprise/personal-access-token-policy";
    world
        .call("PUT", path, &world.session("alice"), above)
        .await
        .expect(200);
    let owner = world.signed_in("alice");
    let page = owner.get(POLICY).await.expect(200);
    let page = page
        .says("Set by the enterprise acme; organizations cannot change it.")
        .says("at most 60 days")
        .says("set by the enterprise");
    let seen = unescaped(&hidden(page.text(), "seen"));
    // Fields that were disabled are sent all the same: they change nothing.
    let forged = [
        ("seen", seen.as_str()),
        ("fine_grained.allowed", "allow"),
        ("fine_grained.approval_required", "none"),
        ("fine_grained.lifetime", "none"),
        ("classic.allowed", "allow"),
        ("classic.lifetime", "default"),
        ("several_owners_allowed", "on"),
    ];
    owner.post(POLICY, &forged).await.expect(303);
    let resolved = &policy_of(&world).await["resolved"];
    assert_eq!(resolved["fine_grained"]["approval_required"], true);
    assert_eq!(resolved["fine_grained"]["lifetime_days_max"], 60);
    assert_eq!(resolved["classic"]["allowed"], false);
    assert_eq!(resolved["several_owners_allowed"], false);
}

#[tokio::test(flavor = "multi_thread")]
async fn three_questions_set_a_first_policy() {
    let world = World::new();
    let owner = world.signed_in("alice");
    let path = format!("{POLICY}/onboarding");
    owner
        .get(&path)
        .await
        .expect(200)
        .says("1. May fine-grained tokens");
    owner
        .post(&path, &[("fine_grained.allowed", "allow")])
        .await
        .expect(422)
        .says("Choose one");
    let answers = [
        ("fine_grained.allowed", "allow"),
        ("fine_grained.approval_required", "required"),
        ("classic.allowed", "block"),
    ];
    let done = owner.post(&path, &answers).await.expect(303);
    owner
        .get(done.location())
        .await
        .expect(200)
        .hides("has never set a policy");
    let set = &policy_of(&world).await["set"];
    assert_eq!(set["classic"]["allowed"], false);
    assert_eq!(set["fine_grained"]["approval_required"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn classic_tokens_are_listed_and_named_only_once_they_came_here() {
    let world = World::new();
    world.mint_classic("bob", "bobs-secret-project", &["repo"]).await;
    let used = world.mint_classic("carol", "carols", &["repo", "read:org"]).await;
    world.mint_classic("mallory", "elsewhere", &["repo"]).await;
    world
        .call("POST", "/repos/acme/site/issues", &used, json!({"title": "x"}))
        .await
        .expect(201);
    let owner = world.signed_in("alice");
    let path = format!("{POLICY}/classic");
    owner
        .get(&path)
        .await
        .expect(200)
        .says("carols")
        .says("Used here")
        .says("Not a member")
        .says("Never seen here")
        .hides("bobs-secret-project")
        .hides("elsewhere");
    let list = world
        .get(
            "/orgs/acme/personal-access-tokens/classic",
            &world.session("alice"),
        )
        .await
        .expect(200);
    assert_eq!(list.json.as_array().unwrap().len(), 2, "{}", list.json);
    let bob = world.session("bob");
    let refused = world.get("/orgs/acme/personal-access-tokens/classic", &bob).await;
    assert!(matches!(refused.status, 403 | 404));
}

#[tokio::test(flavor = "multi_thread")]
async fn roles_are_given_and_taken() {
    let world = World::new();
    let owner = world.signed_in("alice");
    let path = "/organizations/acme/settings/personal-access-token-roles";
    owner.get(path).await.expect(200).says("Only owners so far");
    owner
        .post(path, &[("role", "approver")])
        .await
        .expect(422)
        .says("Name a member");
    let fields = [("username", "mallory"), ("role", "auditor")];
    owner
        .post(path, &fields)
        .await
        .expect(422)
        .says("nly members can have a token role")
        .says("value=\"mallory\"");
    let fields = [("username", "nobody-at-all"), ("role", "auditor")];
    owner
        .post(path, &fields)
        .await
        .expect(422)
        .says("Nobody here has this login");
    for role in ["approver", "auditor"] {
        owner
            .post(path, &[("username", "bob"), ("role", role)])
            .await
            .expect(303);
    }
    owner
        .get(path)
        .await
        .expect(200)
        .says("Approver</span>")
        .says("Auditor</span>");
    owner.post(&format!("{path}/bob/delete"), &[]).await.expect(303);
    owner.post(&format!("{path}/bob/delete"), &[]).await.expect(303);
    owner.get(path).await.expect(200).says("Only owners so far");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_account_lives_and_dies() {
    let world = World::new();
    let owner = world.signed_in("alice");
    owner.get(SERVICES).await.expect(200).says("No service accounts");
    let fields = [
        ("login", "bob"),
        ("name", "Builds <b>"),
        ("description", "for CI"),
    ];
    owner
        .post(SERVICES, &fields)
        .await
        .expect(422)
        .says("already taken")
        .says("Builds &lt;b&gt;");
    let fields = [
        ("login", "acme-ci"),
        ("name", "Builds"),
        ("description", "for CI"),
    ];
    let made = owner.post(SERVICES, &fields).await.expect(303);
    let path = format!("{SERVICES}/acme-ci");
    owner
        .get(made.location())
        .await
        .expect(200)
        .says("No tokens")
        .says("for CI");
    owner
        .get(&format!("{path}/personal-access-tokens/new"))
        .await
        .expect(200)
        .says("acme-ci");
    let fields = [
        ("name", ""),
        ("expires_in", "30"),
        ("repository_selection", "none"),
        ("permission-members", "read"),
    ];
    let tokens = format!("{path}/personal-access-tokens");
    owner
        .post(&tokens, &fields)
        .await
        .expect(422)
        .says("Name can't be blank");
    let fields = [
        ("name", "builds"),
        ("expires_in", "custom"),
        ("expires_at", "soon"),
        ("permission-members", "read"),
    ];
    owner
        .post(&tokens, &fields)
        .await
        .expect(422)
        .says("Choose a day")
        .says("value=\"builds\"");
    let fields = [
        ("name", "builds"),
        ("expires_in", "30"),
        ("repository_selection", "none"),
        ("permission-members", "read"),
    ];
    let shown = owner.post(&tokens, &fields).await.expect(201);
    let shown = shown.says("bwkf_").says("It waits for approval");
    assert_eq!(shown.header("cache-control"), "no-store");
    let page = owner
        .get(&path)
        .await
        .expect(200)
        .says("builds")
        .hides("bwkf_")
        .says("Decide its request");
    let action = page.text().split(&format!("action=\"{tokens}/")).nth(1).unwrap();
    let action = format!("{tokens}/{}", action.split('"').next().unwrap());
    owner.post(&action, &[]).await.expect(303);
    owner.get(&path).await.expect(200).says("No tokens");
    let fields = [("name", "Builds"), ("description", ""), ("suspended", "on")];
    owner.post(&path, &fields).await.expect(303);
    owner
        .get(&path)
        .await
        .expect(200)
        .says("Suspended")
        .hides("for CI");
    let delete = format!("{path}/delete");
    owner
        .post(&delete, &[("confirm", "acme")])
        .await
        .expect(422)
        .says("exactly");
    owner.post(&delete, &[("confirm", "acme-ci")]).await.expect(303);
    owner.get(&path).await.expect(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_incident_is_counted_confirmed_and_counted_again() {
    let world = World::new();
    for name in ["one", "two"] {
        world
            .mint_approved("bob", name, &["site"], json!({"issues": "read"}))
            .await;
    }
    world
        .mint_approved("carol", "kept", &["site"], json!({"issues": "read"}))
        .await;
    let owner = world.signed_in("alice");
    let path = format!("{POLICY}/incident");
    owner.get(&path).await.expect(200).hides("This would end now");
    owner
        .get(&format!("{path}?count=1"))
        .await
        .expect(422)
        .says("Say what to end");
    owner
        .get(&format!("{path}?user=nobody-here"))
        .await
        .expect(422)
        .says("Nobody has this login");
    owner
        .get(&format!("{path}?hashed_token=zz"))
        .await
        .expect(422)
        .says("44 characters");
    owner
        .get(&format!("{path}?user=mallory"))
        .await
        .expect(200)
        .says("Nothing fits");
    let shown = owner
        .get(&format!("{path}?user=bob"))
        .await
        .expect(200)
        .says("This would end now")
        .says("<strong>2</strong>");
    let counted = crate::browser::hidden(shown.text(), "counted");
    let wrong = [("user", "bob"), ("confirm", "end"), ("counted", counted.as_str())];
    owner
        .post(&path, &wrong)
        .await
        .expect(422)
        .says("Type the words exactly");
    assert_eq!(active(&world).await, 3);
    // What was not shown is not ended.
    for other in ["", "0.1.0"] {
        let fewer = [("user", "bob"), ("confirm", "end tokens"), ("counted", other)];
        let refused = owner.post(&path, &fewer).await.expect(422);
        refused.says("Something else fits by now");
    }
    assert_eq!(active(&world).await, 3);
    // Who belongs to another organization cannot be told by counting.
    for elsewhere in ["acme-labs", "rival", "nobody-at-all"] {
        owner
            .get(&format!("{path}?user=bob&organization={elsewhere}&count=1"))
            .await
            .expect(422)
            .says("is no organization here");
    }
    let right = [
        ("user", "bob"),
        ("confirm", "end tokens"),
        ("counted", counted.as_str()),
    ];
    owner
        .post(&path, &right)
        .await
        .expect(200)
        .says("What has ended")
        .says("<strong>2</strong>");
    assert_eq!(active(&world).await, 1);
    let count = world
        .get(
            "/orgs/acme/personal-access-tokens/end?user=carol",
            &world.session("alice"),
        )
        .await
        .expect(200);
    assert_eq!(
        count.json,
        json!({"tokens": 0, "grants": 1, "sessions": 0, "transfers": 0})
    );
}

async fn active(world: &World) -> usize {
    let alice = world.session("alice");
    let list = world
        .get("/orgs/acme/personal-access-tokens", &alice)
        .await
        .expect(200);
    list.json.as_array().unwrap().len()
}

#[tokio::test(flavor = "multi_thread")]
async fn who_asks_to_allow_what_is_blocked_is_shown_until_it_is_allowed() {
    let world = World::new();
    let alice = world.session("alice");
    let path = "/orgs/acme/personal-access-token-policy";
    let blocked = json!({"classic": {"allowed": false}});
    world.call("PUT", path, &alice, blocked).await.expect(200);
    let owner = world.signed_in("alice");
    owner
        .get(POLICY)
        .await
        .expect(200)
        .hides("People who need what is blocked");
    let ask = json!({"kind": "classic"});
    let answer = world
        .call("POST", &format!("{path}/asks"), &world.session("bob"), ask)
        .await;
    assert!(answer.status < 300, "{}", answer.text());
    owner
        .get(POLICY)
        .await
        .expect(200)
        .says("People who need what is blocked")
        .says("Asks to allow classic tokens");
    let allowed = json!({"classic": {"allowed": true}});
    world.call("PUT", path, &alice, allowed).await.expect(200);
    owner
        .get(POLICY)
        .await
        .expect(200)
        .hides("People who need what is blocked");
}
