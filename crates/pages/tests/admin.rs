//! Administration of the installation: who may, people, organizations, enterprises, checks.

use crate::browser::{Browser, hidden};
use crate::harness::{BASE_URL, World};
use bailiwick_gate::encode;

const PASSWORD: &str = "correct horse battery";

/// Posts and follows to the page that tells what was done.
async fn done(browser: &Browser<'_>, path: &str, fields: &[(&str, &str)], says: &str) -> String {
    let answer = browser.post(path, fields).await.expect(303);
    let to = answer.location().to_owned();
    browser.get(&to).await.expect(200).says(says);
    to
}

#[tokio::test(flavor = "multi_thread")]
async fn only_administrators_get_there() {
    let world = World::new();
    let alice = world.signed_in("alice");
    for path in [
        "/admin",
        "/admin/new-person",
        "/admin/people/bob",
        "/admin/organizations",
        "/admin/new-organization",
        "/admin/organizations/acme",
        "/admin/enterprises",
        "/admin/new-enterprise",
        "/admin/enterprises/acme-enterprise",
        "/admin/checks",
    ] {
        alice
            .get(path)
            .await
            .expect(200)
            .says("<h1>")
            .says("Installation");
        for browser in [world.signed_in("bob"), world.browser()] {
            let status = browser.get(path).await.status;
            assert!(matches!(status, 303 | 403 | 404), "{path}: {status}");
        }
    }
    let bob = world.signed_in("bob");
    for path in [
        "/admin/people",
        "/admin/people/bob/standing",
        "/admin/people/alice/password",
        "/admin/people/alice/delete",
        "/admin/organizations",
        "/admin/organizations/acme",
        "/admin/enterprises/acme-enterprise/owners",
    ] {
        let fields = [
            ("standing", "administrator"),
            ("login", "bob"),
            ("confirm", "alice"),
            ("password", PASSWORD),
        ];
        let status = bob.post(path, &fields).await.status;
        assert!(matches!(status, 403 | 404), "{path}: {status}");
    }
    for path in [
        "/admin/people/nobody",
        "/admin/people/acme",
        "/admin/organizations/nobody",
        "/admin/enterprises/none",
    ] {
        alice.get(path).await.expect(404);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn people_are_searched_and_counted() {
    let world = World::new();
    let alice = world.signed_in("alice");
    alice
        .get("/admin")
        .await
        .expect(200)
        .says("mallory")
        .hides("rel=\"next\"");
    let found = alice.get("/admin?q=BO").await.expect(200);
    found.says("/admin/people/bob").hides("/admin/people/carol");
    alice.get("/admin?q=%25").await.expect(200).says("Nobody matches");
    let found = alice.get("/admin?standing=administrators").await.expect(200);
    found.says("/admin/people/alice").hides("/admin/people/bob");
    alice
        .get("/admin?standing=suspended")
        .await
        .expect(200)
        .says("Nobody matches");
    let first = alice.get("/admin?per_page=3").await.expect(200);
    first.says("1–3 of 4 people").says("rel=\"next\"");
    alice
        .get("/admin/organizations?q=lab")
        .await
        .expect(200)
        .says("acme-labs")
        .hides("/orgs/rival");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_is_made_and_signs_in() {
    let world = World::new();
    let alice = world.signed_in("alice");
    let mut fields = vec![
        ("login", "dave"),
        ("name", "Dave <b>D</b>"),
        ("email", "dave@example.com"),
        ("sign_in", "password"),
    ];
    // A password that is missing is asked for and nothing typed is lost: nobody is made without one by accident.
    let page = alice
        .post("/admin/people", &fields)
        .await
        .expect(422)
        .says("Type the password");
    let page = page
        .says("value=\"dave\"")
        .says("Dave &lt;b&gt;D&lt;/b&gt;")
        .says("value=\"dave@example.com\"");
    page.hides("<b>D</b>");
    fields.push(("password", "short"));
    let page = alice
        .post("/admin/people", &fields)
        .await
        .expect(422)
        .says("id=\"password-error\"");
    page.hides("value=\"short\"");
    fields.pop();
    fields.push(("password", PASSWORD));
    let to = done(
        &alice,
        "/admin/people",
        &fields,
        "The person can be added to organizations now.",
    )
    .await;
    assert_eq!(to, "/admin/people/dave?done=person-created");
    let taken = alice.post("/admin/people", &fields).await.expect(422);
    taken.says("id=\"login-error\"");
    let dave = world.browser();
    dave.post("/login", &[("login", "dave"), ("password", PASSWORD)])
        .await
        .expect(303);
    dave.get("/settings/sessions").await.expect(200).says("dave");
    let without = [("login", "erin"), ("sign_in", "none"), ("password", "")];
    done(
        &alice,
        "/admin/people",
        &without,
        "None: nobody can sign in with one",
    )
    .await;
    let bad = [("login", "-bad-"), ("sign_in", "none")];
    alice
        .post("/admin/people", &bad)
        .await
        .expect(422)
        .says("id=\"login-error\"");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_is_edited_suspended_promoted_and_deleted() {
    let world = World::new();
    let alice = world.signed_in("alice");
    let profile = [("login", "bobby"), ("name", "Bob"), ("email", "")];
    let to = done(&alice, "/admin/people/bob", &profile, "The profile is saved.").await;
    assert_eq!(to, "/admin/people/bobby?done=person-saved");
    let wrong = [("login", "alice"), ("name", "Bob"), ("email", "no address")];
    let page = alice.post("/admin/people/bobby", &wrong).await.expect(422);
    page.says("value=\"no address\"").says("id=\"email-error\"");
    let bob = world.signed_in("bob");
    let path = "/admin/people/bobby/standing";
    done(
        &alice,
        path,
        &[("standing", "suspended")],
        "sessions are over, tokens are refused",
    )
    .await;
    bob.get("/settings/sessions").await.expect(303);
    done(&alice, path, &[("standing", "active")], "may sign in again").await;
    done(
        &alice,
        path,
        &[("standing", "administrator")],
        "administers the installation now",
    )
    .await;
    done(
        &alice,
        path,
        &[("standing", "ordinary")],
        "administers the installation no longer",
    )
    .await;
    alice.post(path, &[("standing", "emperor")]).await.expect(422);
    // The last administrator stays one.
    let last = alice
        .post("/admin/people/alice/standing", &[("standing", "ordinary")])
        .await
        .expect(422);
    last.says("last administrator");
    let password = "/admin/people/bobby/password";
    alice
        .post(password, &[("password", "")])
        .await
        .expect(422)
        .says("Type the new password");
    alice
        .post(password, &[("password", "bobby")])
        .await
        .expect(422)
        .says("id=\"password-error\"");
    done(&alice, password, &[("password", PASSWORD)], "The password is set").await;
    let delete = "/admin/people/bobby/delete";
    alice
        .post(delete, &[("confirm", "bob")])
        .await
        .expect(422)
        .says("id=\"confirm-error\"");
    // What is in the way is told.
    let refused = alice.post(delete, &[("confirm", "bobby")]).await.expect(422);
    refused.says("owns 1 repositories");
    done(
        &alice,
        "/admin/people/carol/delete",
        &[("confirm", "carol")],
        "The person is deleted.",
    )
    .await;
    alice.get("/admin/people/carol").await.expect(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn organizations_and_enterprises_are_made_and_put_together() {
    let world = World::new();
    let alice = world.signed_in("alice");
    let wrong = [
        ("login", "globex"),
        ("profile_name", "Globex <i>"),
        ("admin", "nobody"),
    ];
    let page = alice
        .post("/admin/organizations", &wrong)
        .await
        .expect(422)
        .says("id=\"admin-error\"");
    page.says("value=\"globex\"")
        .says("Globex &lt;i&gt;")
        .says("value=\"nobody\"");
    let fields = [("login", "globex"), ("profile_name", "Globex"), ("admin", "bob")];
    done(
        &alice,
        "/admin/organizations",
        &fields,
        "The organization is made.",
    )
    .await;
    alice
        .post("/admin/organizations", &fields)
        .await
        .expect(422)
        .says("id=\"login-error\"");
    let rename = [("login", "globex-two")];
    done(&alice, "/admin/organizations/globex", &rename, "is renamed").await;
    alice
        .post("/admin/organizations/globex-two", &[("login", "acme")])
        .await
        .expect(422)
        .says("value=\"acme\"");
    let group = [("slug", "Not A Slug"), ("name", "Group"), ("owner", "alice")];
    alice
        .post("/admin/enterprises", &group)
        .await
        .expect(422)
        .says("id=\"slug-error\"")
        .says("value=\"Not A Slug\"");
    let group = [("slug", "group"), ("name", "\u{202e}Group"), ("owner", "alice")];
    alice.post("/admin/enterprises", &group).await.expect(422);
    let group = [("slug", "group"), ("name", "Group"), ("owner", "alice")];
    let to = done(&alice, "/admin/enterprises", &group, "The enterprise is made.").await;
    assert_eq!(to, "/admin/enterprises/group?done=enterprise-created");
    let add = "/admin/enterprises/group/organizations";
    done(
        &alice,
        &format!("{add}/globex-two"),
        &[],
        "belongs to the enterprise now",
    )
    .await;
    let other = alice.post(&format!("{add}/acme"), &[]).await.expect(422);
    other.says("belongs to another enterprise already");
    alice
        .get("/admin/enterprises/group?q=nothing")
        .await
        .expect(200)
        .says("No such organization");
    let owners = "/admin/enterprises/group/owners";
    alice
        .post(owners, &[("login", "nobody")])
        .await
        .expect(422)
        .says("no person of this login")
        .says("value=\"nobody\"");
    alice
        .get("/admin/enterprises/group")
        .await
        .expect(200)
        .hides("owners/alice/delete");
    done(&alice, owners, &[("login", "bob")], "is an owner now").await;
    done(
        &alice,
        &format!("{owners}/bob/delete"),
        &[],
        "is an owner no longer",
    )
    .await;
    alice
        .post(&format!("{owners}/alice/delete"), &[])
        .await
        .expect(422)
        .says("last owner");
}

#[tokio::test(flavor = "multi_thread")]
async fn checks_tell_what_to_do() {
    let world = World::new();
    let alice = world.signed_in("alice");
    let page = alice.get("/admin/checks").await.expect(200);
    page.says("One thing is wrong")
        .says("No administrator can sign in.")
        .says("What to do: set a password for one");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_sudo_mode_the_form_comes_back_without_its_secret() {
    let world = World::new();
    let alice = world.signed_in("alice");
    let csrf = alice.csrf().await;
    world.clock_forward_hours(3);
    let fields = [
        ("csrf", csrf.as_str()),
        ("login", "dave"),
        ("sign_in", "password"),
        ("password", PASSWORD),
    ];
    let own = [("origin", BASE_URL), ("sec-fetch-site", "same-origin")];
    let turned = alice
        .post_raw("/admin/people", &fields, &own)
        .await
        .expect(403)
        .says("Is it you?");
    assert_eq!(hidden(turned.text(), "kept_to"), "/admin/people");
    let kept = hidden(turned.text(), "kept_form");
    assert!(
        kept.contains("login=dave")
            && !kept.contains(&encode(PASSWORD))
            && !kept.contains("password=correct")
    );
}
