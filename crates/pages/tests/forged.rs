//! What another site can make a browser do: nothing that outlives its refusal, whatever the credential with it.

use crate::browser::hidden;
use crate::harness::{BASE_URL, World};

const EVIL: [(&str, &str); 2] = [
    ("origin", "https://evil.example"),
    ("sec-fetch-site", "cross-site"),
];
const OWN: [(&str, &str); 2] = [("origin", BASE_URL), ("sec-fetch-site", "same-origin")];
const PATH: &str = "/settings/sessions/delete-others";

#[tokio::test(flavor = "multi_thread")]
async fn a_forged_form_is_not_carried_through_sign_in() {
    let world = World::new();
    let over = world.signed_in("bob");
    over.set("bailiwick-session", "bwks_over");
    // A credential that is over, one that the other site put into the query, and both.
    for (browser, path) in [
        (world.browser(), format!("{PATH}?access_token=x")),
        (over, PATH.to_owned()),
    ] {
        for headers in [
            &EVIL[..],
            &[
                ("origin", "http://127.0.0.1:9999"),
                ("sec-fetch-site", "same-site"),
            ],
            &[],
        ] {
            browser.set("bailiwick-session", "bwks_over");
            let turned = browser
                .post_raw(&path, &[("name", "evil")], headers)
                .await
                .expect(401)
                .hides("evil")
                .hides("kept_form")
                .hides("is kept");
            assert_eq!(hidden(turned.text(), "kept_to"), "/", "{headers:?}");
        }
    }
    let turned = world
        .browser()
        .post_raw(&format!("{PATH}?token=x"), &[("name", "evil")], &EVIL)
        .await
        .expect(401)
        .hides("kept_form");
    assert_eq!(hidden(turned.text(), "kept_to"), "/");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sign_in_page_of_a_session_that_is_over_works() {
    let world = World::new();
    let browser = world.signed_in("bob");
    let csrf = browser.csrf().await;
    world.advance_days(40);
    let fields = [("csrf", csrf.as_str()), ("note", "typed")];
    let turned = browser.post_raw(PATH, &fields, &OWN).await.expect(401);
    // Its own guard, as a browser sends it: the session's cookie is gone by then.
    let csrf = hidden(turned.text(), "csrf");
    let fields = [("csrf", csrf.as_str()), ("login", "bob"), ("password", "wrong")];
    browser.post_raw("/login", &fields, &OWN).await.expect(422);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_with_a_credential_signs_nobody_out_and_is_not_repeated() {
    let world = World::new();
    let browser = world.signed_in("bob");
    let session = browser.cookie("bailiwick-session");
    let sent = browser
        .get("/settings/sessions?access_token=secret")
        .await
        .expect(303);
    assert_eq!(sent.location(), "/login?return_to=%2Fsettings%2Fsessions");
    assert_eq!(browser.cookie("bailiwick-session"), session);
    let back = browser.get(sent.location()).await.expect(303);
    assert_eq!(back.location(), "/settings/sessions");
    browser.get(back.location()).await.expect(200);
    // The sign-in page itself leads nowhere else: no circle.
    let page = browser
        .get("/login?return_to=%2Fexplain&token=secret")
        .await
        .expect(401)
        .says("Sign in");
    assert!(!page.text().contains("secret"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_refused_before_the_decision_is_as_closed_as_any_page() {
    let world = World::new();
    let browser = world.signed_in("bob");
    for (path, headers, status) in [
        (PATH, &EVIL[..], 403),
        (PATH, &OWN[..], 403),
        ("/login", &EVIL[..], 403),
    ] {
        let page = browser.post_raw(path, &[], headers).await.expect(status);
        assert_eq!(page.header("cache-control"), "no-store", "{path}");
        assert_eq!(page.header("referrer-policy"), "same-origin", "{path}");
        let policy = page.header("content-security-policy");
        assert!(policy.contains("style-src 'self'") && policy.contains("frame-ancestors 'none'"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_origins_are_none() {
    let world = World::new();
    let browser = world.signed_in("bob");
    let csrf = browser.csrf().await;
    let own = ("origin", BASE_URL);
    for headers in [
        &[own, ("origin", "https://evil.example")][..],
        &[("origin", "https://evil.example"), own],
        &[
            own,
            ("sec-fetch-site", "same-origin"),
            ("sec-fetch-site", "cross-site"),
        ],
    ] {
        let fields = [("csrf", csrf.as_str())];
        browser
            .post_raw(PATH, &fields, headers)
            .await
            .expect(403)
            .says("another site");
    }
    let fields = [("csrf", csrf.as_str())];
    browser.post_raw(PATH, &fields, &[own]).await.expect(303);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_in_a_header_opens_no_page() {
    let world = World::new();
    let session = world.session("bob");
    for value in [format!("Bearer {session}"), format!("token {session}")] {
        let request = http::Request::builder()
            .uri("/settings/sessions")
            .header("authorization", value);
        let sent = world.browser().send(request, String::new()).await.expect(303);
        assert_eq!(sent.location(), "/login?return_to=%2Fsettings%2Fsessions");
    }
}
