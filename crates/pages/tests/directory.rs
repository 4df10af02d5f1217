//! Organizations, people, outside collaborators and teams: who sees them, who changes them, and what is said when
//! it does not work.

use crate::harness::World;
use bailiwick_catalogue::{Door, OPERATIONS};
use bailiwick_model::name::{NameError, login};
use serde_json::json;

#[test]
fn no_account_can_have_the_name_of_a_page_and_no_page_stands_in_the_way_of_git() {
    let mut seen = 0;
    for row in OPERATIONS
        .iter()
        .filter(|row| matches!(row.door, Door::Page | Door::Root))
    {
        let mut parts = row.path.trim_start_matches('/').splitn(3, '/');
        let first = parts.next().unwrap_or("");
        if first.is_empty() {
            continue;
        }
        seen += 1;
        if first.starts_with('{') {
            assert!(matches!(first, "{username}" | "{owner}"), "{}", row.path);
        } else {
            let taken = login(first);
            assert!(
                matches!(taken, Err(NameError::Reserved | NameError::Character)),
                "an account could be called {first}: {}",
                row.path
            );
        }
        let rest = parts.nth(1).unwrap_or("");
        let git = ["info/", "objects/", "git-", "HEAD", "{"];
        assert!(
            !first.starts_with('{') || !git.iter().any(|start| rest.starts_with(start)),
            "{}",
            row.path
        );
    }
    assert!(seen > 50);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_leads_to_a_person_or_an_organization() {
    let world = World::new();
    let visitor = world.browser();
    visitor
        .get("/bob")
        .await
        .expect(200)
        .says("href=\"/bob/dotfiles\"")
        .hides("acme");
    let sent = visitor.get("/ACME").await.expect(303);
    assert_eq!(sent.location(), "/orgs/acme");
    visitor
        .get("/orgs/acme")
        .await
        .expect(200)
        .says("href=\"/acme/www\"")
        .hides("secret")
        .hides("New repository");
    visitor.get("/nobody").await.expect(404);
    visitor.get("/orgs/bob").await.expect(404);
    world
        .signed_in("bob")
        .get("/bob")
        .await
        .expect(200)
        .says("New repository");
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_an_organization_open_to_whom_they_belong() {
    let world = World::new();
    let (alice, bob, mallory) = (
        world.signed_in("alice"),
        world.signed_in("bob"),
        world.signed_in("mallory"),
    );
    for (path, owner, member, stranger) in [
        ("/organizations", 200, 200, 200),
        ("/orgs/acme", 200, 200, 200),
        ("/orgs/acme/people", 200, 200, 403),
        ("/orgs/acme/people/bob", 200, 200, 403),
        ("/orgs/acme/people/carol", 404, 404, 403),
        ("/orgs/acme/outside-collaborators", 200, 403, 403),
        ("/orgs/acme/teams", 200, 200, 403),
        ("/orgs/acme/new-team", 200, 403, 403),
        ("/organizations/acme/settings/profile", 200, 403, 403),
    ] {
        for (browser, status) in [(&alice, owner), (&bob, member), (&mallory, stranger)] {
            browser.get(path).await.expect(status);
        }
        let visitor = world.browser().get(path).await;
        assert!(visitor.status == 303 || path == "/orgs/acme", "{path}");
    }
    bob.get("/organizations")
        .await
        .expect(200)
        .says("href=\"/orgs/acme\"")
        .hides("acme-labs");
    mallory
        .get("/organizations")
        .await
        .expect(200)
        .says("href=\"/orgs/rival\"");
    // A member is not shown what leads to a refusal.
    bob.get("/orgs/acme/people")
        .await
        .expect(200)
        .says("href=\"/orgs/acme/teams\"")
        .hides("Add a person")
        .hides("/organizations/acme/settings");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_adds_changes_and_removes_people() {
    let world = World::new();
    let alice = world.signed_in("alice");
    let typed = [("username", "<nobody>"), ("role", "owner")];
    alice
        .post("/orgs/acme/people", &typed)
        .await
        .expect(422)
        .says("value=\"&lt;nobody&gt;\"")
        .says("value=\"owner\" selected")
        .says("There is nobody of this login.");
    alice
        .post("/orgs/acme/people", &[("username", "carol"), ("role", "king")])
        .await
        .expect(422)
        .says("value=\"carol\"");
    let added = alice
        .post("/orgs/acme/people", &[("username", "carol"), ("role", "member")])
        .await
        .expect(303);
    alice
        .get(added.location())
        .await
        .expect(200)
        .says("href=\"/carol\"")
        .says("belongs to the organization");
    alice
        .post("/orgs/acme/people/carol/role", &[("role", "owner")])
        .await
        .expect(303);
    // Adding somebody again takes nothing away.
    alice
        .post("/orgs/acme/people", &[("username", "Carol"), ("role", "member")])
        .await
        .expect(422)
        .says("carol belongs to the organization already");
    alice
        .get("/orgs/acme/people?role=owner&q=CAR")
        .await
        .expect(200)
        .says("href=\"/carol\"")
        .hides("href=\"/bob\"");
    alice
        .post("/orgs/acme/people/carol/remove", &[("confirm", "caro")])
        .await
        .expect(422)
        .says("value=\"caro\"");
    alice
        .post("/orgs/acme/people/carol/remove", &[("confirm", "carol")])
        .await
        .expect(303);
    alice.get("/orgs/acme/people/carol").await.expect(404);
    // The last owner stays, and is told why.
    alice
        .post("/orgs/acme/people/alice/role", &[("role", "member")])
        .await
        .expect(422)
        .says("last owner");
    alice.post("/orgs/acme/people/bob/convert", &[]).await.expect(303);
    alice
        .get("/orgs/acme/outside-collaborators")
        .await
        .expect(200)
        .says("href=\"/bob\"");
    alice
        .post("/orgs/acme/outside-collaborators/bob/remove", &[])
        .await
        .expect(303);
    alice
        .get("/orgs/acme/outside-collaborators")
        .await
        .expect(200)
        .hides("href=\"/bob\"");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_changes_nothing_but_may_leave() {
    let world = World::new();
    let bob = world.signed_in("bob");
    for path in [
        "/orgs/acme/people",
        "/orgs/acme/people/alice/role",
        "/orgs/acme/people/alice/remove",
        "/orgs/acme/new-team",
        "/organizations/acme/settings/profile",
    ] {
        bob.post(path, &[("username", "carol"), ("role", "owner")])
            .await
            .expect(403);
    }
    bob.get("/orgs/acme/people/bob")
        .await
        .expect(200)
        .says("Leave the organization");
    let left = bob
        .post("/orgs/acme/people/bob/remove", &[("confirm", "bob")])
        .await
        .expect(303);
    bob.get(left.location()).await.expect(200).hides("/orgs/acme");
    bob.get("/orgs/acme/people").await.expect(403);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_team_is_made_filled_and_deleted() {
    let world = World::new();
    let (alice, bob) = (world.signed_in("alice"), world.signed_in("bob"));
    let long = "w".repeat(100);
    let named = [
        ("name", "Night <i>shift</i>"),
        ("description", long.as_str()),
        ("privacy", "secret"),
    ];
    let made = alice.post("/orgs/acme/new-team", &named).await.expect(303);
    assert!(made.location().starts_with("/orgs/acme/teams/night-i-shift-i"));
    alice
        .get(made.location())
        .await
        .expect(200)
        .says("Night &lt;i&gt;shift&lt;/i&gt;")
        .says(&long);
    let path = made.location().split('?').next().unwrap().to_owned();
    alice
        .post("/orgs/acme/new-team", &named)
        .await
        .expect(422)
        .says("value=\"Night &lt;i&gt;shift&lt;/i&gt;\"");
    // Secret: a member who is not in it does not know of it.
    bob.get(&path).await.expect(404);
    bob.get("/orgs/acme/teams").await.expect(200).hides("Night");
    let members = format!("{path}/members");
    alice
        .post(&members, &[("username", "carol"), ("role", "member")])
        .await
        .expect(422)
        .says("no member of the organization")
        .says("value=\"carol\"");
    alice
        .post(&members, &[("username", "bob"), ("role", "maintainer")])
        .await
        .expect(303);
    bob.get(&path)
        .await
        .expect(200)
        .says("Maintainer")
        .hides("Remove");
    let add = format!("{path}/repositories/add?q=sec");
    alice
        .get(&add)
        .await
        .expect(200)
        .says("href=\"/acme/secret\"")
        .hides("href=\"/acme/www\"");
    let repository = format!("{path}/repositories/acme/secret");
    alice
        .post(&repository, &[("permission", "emperor")])
        .await
        .expect(422);
    alice
        .post(&repository, &[("permission", "triage")])
        .await
        .expect(303);
    bob.post(&repository, &[("permission", "admin")])
        .await
        .expect(403);
    bob.get(&format!("{path}/repositories"))
        .await
        .expect(200)
        .says("href=\"/acme/secret\"")
        .says("Triage")
        .hides("Remove");
    alice.post(&format!("{repository}/remove"), &[]).await.expect(303);
    alice
        .post(&format!("{repository}/remove"), &[])
        .await
        .expect(422)
        .says("gone already");
    let renamed = [
        ("name", "Days"),
        ("description", ""),
        ("privacy", "closed"),
        ("parent_team_id", ""),
    ];
    let renamed = alice
        .post(&format!("{path}/settings"), &renamed)
        .await
        .expect(303);
    assert!(renamed.location().starts_with("/orgs/acme/teams/days?"));
    alice
        .post("/orgs/acme/teams/days/members/bob/remove", &[])
        .await
        .expect(303);
    alice
        .post("/orgs/acme/teams/days/delete", &[("confirm", "nights")])
        .await
        .expect(422);
    alice
        .post("/orgs/acme/teams/days/delete", &[("confirm", "days")])
        .await
        .expect(303);
    alice.get("/orgs/acme/teams/days").await.expect(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_profile_of_an_organization_keeps_what_was_typed() {
    let world = World::new();
    let alice = world.signed_in("alice");
    let path = "/organizations/acme/settings/profile";
    let mut typed = vec![
        ("name", "Acme & Söhne"),
        ("description", "<script>alert(1)</script>"),
        ("email", "no address"),
        ("blog", "javascript:alert(1)"),
        ("location", ""),
        ("default_repository_permission", "none"),
    ];
    alice
        .post(path, &typed)
        .await
        .expect(422)
        .says("value=\"Acme &amp; Söhne\"")
        .says("value=\"none\" selected")
        .says("is not an email address")
        .hides("<script>alert");
    typed[2].1 = "shop@acme.example";
    alice
        .post(path, &typed)
        .await
        .expect(422)
        .says("must be an http or https address");
    typed[3].1 = "https://acme.example/";
    alice.post(path, &typed).await.expect(303);
    world
        .browser()
        .get("/orgs/acme")
        .await
        .expect(200)
        .says("href=\"https://acme.example/\"")
        .says("&lt;script&gt;")
        .hides("Every member's role");
    let none = json!({});
    let got = world
        .call("GET", "/orgs/acme", &world.session("alice"), none)
        .await;
    assert_eq!(got.json["default_repository_permission"], "none");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_takes_sudo_mode_is_offered_and_asks_for_it_with_what_was_typed() {
    let world = World::new();
    let alice = world.signed_in("alice");
    world.clock_forward_hours(3);
    alice
        .get("/orgs/acme/people")
        .await
        .expect(200)
        .says("Add a person");
    alice
        .post("/orgs/acme/people", &[("username", "carol"), ("role", "member")])
        .await
        .expect(403)
        .says("Is it you?")
        .says("username=carol");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_a_form_asked_for_in_vain_is_recorded_once() {
    let world = World::new();
    let alice = world.signed_in("alice");
    let log = async || {
        let path = "/orgs/acme/audit-log?include=all&per_page=100";
        let log = world.get(path, &world.session("alice")).await.expect(200).json;
        let all = log.as_array().unwrap().iter();
        let asked: Vec<_> = all
            .filter(|event| event["operation"] == "web/people-add")
            .cloned()
            .collect();
        serde_json::Value::from(asked)
    };
    alice
        .post("/orgs/acme/people", &[("username", "nobody"), ("role", "member")])
        .await
        .expect(422);
    let events = log().await;
    assert_eq!(events.as_array().map(Vec::len), Some(1), "{events}");
    assert_eq!(events[0]["outcome"], "failed", "{events}");
    alice
        .post("/orgs/acme/people", &[("username", "carol"), ("role", "member")])
        .await
        .expect(303);
    let events = log().await;
    assert_eq!(events.as_array().map(Vec::len), Some(2), "{events}");
    assert_eq!(events[0]["action"], "org.add_member", "{events}");
}
