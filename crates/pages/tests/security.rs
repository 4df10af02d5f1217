//! Second factors in the browser: the authenticator app, recovery codes, sudo mode, and the first administrator.

use crate::browser::{PASSWORD, hidden, with_password};
use crate::harness::World;
use totp_rs::{Algorithm, TOTP};

/// The code that an authenticator app would show for a seed as the page prints it.
fn code(world: &World, seed: &str, steps_ahead: u64) -> String {
    let seed = seed.replace(' ', "");
    let key = totp_rs::Secret::Encoded(seed).to_bytes().unwrap();
    let app = TOTP::new_unchecked(Algorithm::SHA1, 6, 1, 30, key);
    let now = world.authority.now().seconds() as u64;
    app.generate(now + 30 * steps_ahead)
}

fn between<'a>(text: &'a str, start: &str, end: &str) -> &'a str {
    let at = text.find(start).unwrap_or_else(|| panic!("no {start} in {text}")) + start.len();
    text[at..].split(end).next().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_authenticator_app_is_set_up_asked_for_and_turned_off() {
    let world = World::new();
    with_password(&world).await;
    let browser = world.signed_in("bob");
    browser
        .get("/settings/security")
        .await
        .expect(200)
        .says("Only a password protects");
    let page = browser
        .get("/settings/security/totp")
        .await
        .expect(200)
        .says("<svg class=\"qr\"");
    let seed = between(page.text(), "id=\"seed\">", "<").to_owned();
    let sealed = hidden(page.text(), "sealed");
    let wrong = [("sealed", sealed.as_str()), ("code", "000000")];
    let again = browser.post("/settings/security/totp", &wrong).await.expect(422);
    assert_eq!(between(again.text(), "id=\"seed\">", "<"), seed);
    let typed = code(&world, &seed, 0);
    let right = [("sealed", sealed.as_str()), ("code", typed.as_str())];
    let codes = browser.post("/settings/security/totp", &right).await.expect(200);
    let recovery = between(codes.text(), "id=\"codes\">", "<")
        .lines()
        .next()
        .unwrap()
        .to_owned();
    browser
        .get("/settings/security")
        .await
        .expect(200)
        .says("10 left")
        .hides(&recovery);

    // From now on the password is not enough.
    let strange = world.browser();
    let fields = [
        ("login", "bob"),
        ("password", PASSWORD),
        ("kept_to", "/settings/sessions"),
    ];
    let asked = strange
        .post("/login", &fields)
        .await
        .expect(200)
        .says("Second step");
    assert!(strange.cookie("bailiwick-session").is_none());
    let pending = hidden(asked.text(), "pending");
    for bad in ["000000", typed.as_str(), "nonsense", ""] {
        let fields = [
            ("pending", pending.as_str()),
            ("code", bad),
            ("kept_to", "/settings/sessions"),
        ];
        strange.post("/login/second-factor", &fields).await.expect(422);
        assert!(strange.cookie("bailiwick-session").is_none(), "{bad}");
    }
    let next = code(&world, &seed, 1);
    let fields = [
        ("pending", pending.as_str()),
        ("code", next.as_str()),
        ("kept_to", "/settings/sessions"),
    ];
    let done = strange.post("/login/second-factor", &fields).await.expect(303);
    assert_eq!(done.location(), "/settings/sessions");
    strange
        .get("/settings/sessions")
        .await
        .expect(200)
        .says("This session");

    // A recovery code lets in once.
    for status in [303, 422] {
        let other = world.browser();
        let fields = [("login", "bob"), ("password", PASSWORD)];
        let asked = other.post("/login", &fields).await.expect(200);
        let pending = hidden(asked.text(), "pending");
        let fields = [("pending", pending.as_str()), ("code", recovery.as_str())];
        other.post("/login/second-factor", &fields).await.expect(status);
    }
    browser
        .post("/settings/security/totp/disable", &[])
        .await
        .expect(303);
    let plain = world.browser();
    plain
        .post("/login", &[("login", "bob"), ("password", PASSWORD)])
        .await
        .expect(303);
}

#[tokio::test(flavor = "multi_thread")]
async fn sensitive_pages_ask_again_and_lose_nothing() {
    let world = World::new();
    with_password(&world).await;
    let browser = world.signed_in("bob");
    world.clock_forward_hours(3);
    let typed = [
        ("old_password", PASSWORD),
        ("password", "another good one"),
        ("note", "kept"),
    ];
    let asked = browser
        .post("/settings/security/password", &typed)
        .await
        .expect(403)
        .says("Is it you?")
        .hides("another good one");
    let (to, form) = (hidden(asked.text(), "kept_to"), hidden(asked.text(), "kept_form"));
    let form = form.replace("&amp;", "&");
    assert_eq!(
        (to.as_str(), form.as_str()),
        ("/settings/security/password", "note=kept")
    );
    let carried = [("kept_to", to.as_str()), ("kept_form", form.as_str())];
    browser
        .post("/sessions/sudo/ways", &carried)
        .await
        .expect(200)
        .says("note=kept");
    let wrong = [carried[0], carried[1], ("password", "wrong one here")];
    browser
        .post("/sessions/sudo", &wrong)
        .await
        .expect(422)
        .says("Wrong password.");
    let right = [carried[0], carried[1], ("password", PASSWORD)];
    browser
        .post("/sessions/sudo", &right)
        .await
        .expect(200)
        .says("value=\"kept\"");
    let typed = [("old_password", PASSWORD), ("password", "another good one")];
    let done = browser
        .post("/settings/security/password", &typed)
        .await
        .expect(303);
    browser
        .get(done.location())
        .await
        .expect(200)
        .says("Your password is changed.");
    let short = [("old_password", "another good one"), ("password", "short")];
    browser
        .post("/settings/security/password", &short)
        .await
        .expect(422)
        .says("too short");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_other_session_can_be_ended() {
    let world = World::new();
    let (here, there) = (world.signed_in("bob"), world.signed_in("bob"));
    there.get("/settings/sessions").await.expect(200);
    let done = here
        .post("/settings/sessions/delete-others", &[])
        .await
        .expect(303);
    here.get(done.location())
        .await
        .expect(200)
        .says("Every other session is over.");
    there.get("/settings/sessions").await.expect(303);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_set_up_link_there_is_nothing_to_set_up() {
    let world = World::new();
    let browser = world.browser();
    let code = "00".repeat(32);
    browser.get(&format!("/setup?code={code}")).await.expect(404);
    let fields = [("code", code.as_str()), ("login", "eve"), ("password", PASSWORD)];
    browser.post("/setup", &fields).await.expect(404);
}
