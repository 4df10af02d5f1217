//! Signing in, being sent to sign in, proving again that it is you, and what forged forms meet.

use crate::browser::{PASSWORD, hidden, with_password};
use crate::harness::{BASE_URL, World};

const OWN: [(&str, &str); 2] = [("origin", BASE_URL), ("sec-fetch-site", "same-origin")];

#[tokio::test(flavor = "multi_thread")]
async fn a_visitor_is_sent_to_sign_in_and_comes_back() {
    let world = World::new();
    with_password(&world).await;
    let browser = world.browser();
    let sent = browser.get("/settings/sessions").await.expect(303);
    assert_eq!(sent.location(), "/login?return_to=%2Fsettings%2Fsessions");
    let page = browser.get(sent.location()).await.expect(200).says("Sign in");
    let kept = hidden(page.text(), "kept_to");
    assert_eq!(kept, "/settings/sessions");
    let wrong = [
        ("login", "bob"),
        ("password", "not this one"),
        ("kept_to", kept.as_str()),
    ];
    let refused = browser
        .post("/login", &wrong)
        .await
        .expect(422)
        .says("Wrong login or password.");
    assert!(!refused.text().contains("not this one") && refused.text().contains("value=\"bob\""));
    let right = [
        ("login", "bob"),
        ("password", PASSWORD),
        ("kept_to", kept.as_str()),
    ];
    let done = browser.post("/login", &right).await.expect(303);
    assert_eq!(done.location(), "/settings/sessions");
    let cookie = done.header("set-cookie");
    assert!(cookie.contains("HttpOnly; SameSite=Lax") && cookie.starts_with("bailiwick-session=bwks_"));
    browser
        .get("/settings/sessions")
        .await
        .expect(200)
        .says("This session");
    browser.post("/logout", &[]).await.expect(303);
    assert!(browser.cookie("bailiwick-session").is_none());
    browser.get("/settings/sessions").await.expect(303);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_leads_to_another_site() {
    let world = World::new();
    with_password(&world).await;
    for target in [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "javascript:alert(1)",
        "/a b",
    ] {
        let browser = world.browser();
        let fields = [("login", "bob"), ("password", PASSWORD), ("kept_to", target)];
        assert_eq!(
            browser.post("/login", &fields).await.expect(303).location(),
            "/",
            "{target}"
        );
        let path = format!("/login?return_to={}", bailiwick_gate::encode(target));
        let page = world.browser().get(&path).await.expect(200);
        assert_eq!(hidden(page.text(), "kept_to"), "/", "{target}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_ended_meanwhile_keeps_what_was_typed() {
    let world = World::new();
    with_password(&world).await;
    let browser = world.signed_in("bob");
    let csrf = browser.csrf().await;
    world.advance_days(40);
    let fields = [("csrf", csrf.as_str()), ("note", "a <b>bold</b> plan & more")];
    let turned = browser
        .post_raw("/settings/sessions/7/delete", &fields, &OWN)
        .await
        .expect(401)
        .says("what you typed is kept");
    assert!(browser.cookie("bailiwick-session").is_none());
    let (to, form) = (
        hidden(turned.text(), "kept_to"),
        hidden(turned.text(), "kept_form"),
    );
    assert_eq!(to, "/settings/sessions/7/delete");
    assert!(form.contains("note=") && !form.contains("csrf"));
    let form = form.replace("&amp;", "&");
    let fields = [
        ("login", "bob"),
        ("password", PASSWORD),
        ("kept_to", to.as_str()),
        ("kept_form", form.as_str()),
    ];
    let back = browser
        .post("/login", &fields)
        .await
        .expect(200)
        .says("Go on where you were");
    assert!(back.text().contains("action=\"/settings/sessions/7/delete\""));
    assert_eq!(
        hidden(back.text(), "note"),
        "a &lt;b&gt;bold&lt;/b&gt; plan &amp; more"
    );
    // The guard on that page is that of the new session: the form works.
    let csrf = hidden(back.text(), "csrf");
    let fields = [("csrf", csrf.as_str()), ("note", "x")];
    browser
        .post_raw("/settings/sessions/7/delete", &fields, &OWN)
        .await
        .expect(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn forged_forms_change_nothing_and_are_recorded() {
    let world = World::new();
    let (browser, other) = (world.signed_in("bob"), world.signed_in("bob"));
    browser.get("/settings/sessions").await.expect(200);
    let page = other.get("/settings/sessions").await.expect(200);
    let path = page.text().split("action=\"/settings/sessions/").nth(1).unwrap();
    let path = format!("/settings/sessions/{}", path.split('"').next().unwrap());
    let (csrf, strange) = (browser.csrf().await, other.csrf().await);
    for (csrf, headers, code) in [
        ("", &OWN[..], "form.stale"),
        (strange.as_str(), &OWN[..], "form.stale"),
        (csrf.as_str(), &[], "form.other_site"),
        (
            csrf.as_str(),
            &[("sec-fetch-site", "same-origin")][..],
            "form.other_site",
        ),
        (
            csrf.as_str(),
            &[
                ("origin", "https://evil.example"),
                ("sec-fetch-site", "cross-site"),
            ][..],
            "form.other_site",
        ),
    ] {
        let fields = [("csrf", csrf)];
        browser.post_raw(&path, &fields, headers).await.expect(403);
        let log = world
            .get("/user/audit-log?per_page=1", &world.session("bob"))
            .await
            .expect(200);
        assert_eq!(log.json[0]["reason"], code, "{}", log.json[0]);
        assert_eq!(log.json[0]["operation"], "web/session-end");
        assert_eq!(log.json[0]["outcome"], "refused");
    }
    other.get("/settings/sessions").await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn credentials_of_other_doors_open_no_page_and_cookies_no_other_door() {
    let world = World::new();
    let browser = world.signed_in("bob");
    let session = browser.cookie("bailiwick-session").unwrap();
    // A cookie is nothing to the API.
    let request = http::Request::builder().uri("/api/v3/user");
    browser.send(request, String::new()).await.expect(401);
    // A token in the cookie is no session; twice the cookie is none; cookie and header are two carriers.
    let (_, token) = world
        .mint("bob", "one", &["www"], serde_json::json!({"issues": "read"}))
        .await;
    let strange = world.browser();
    strange.set("bailiwick-session", &token);
    strange.get("/settings/sessions").await.expect(303);
    for (name, value) in [
        (
            "cookie",
            format!("bailiwick-session={session}; bailiwick-session={session}"),
        ),
        ("authorization", format!("Bearer {token}")),
    ] {
        let mut request = http::Request::builder()
            .uri("/settings/sessions")
            .header(name, value);
        if name == "authorization" {
            request = request.header("cookie", format!("bailiwick-session={session}"));
        }
        let answer = world.browser().send(request, String::new()).await;
        assert_eq!(
            answer.location(),
            "/login?return_to=%2Fsettings%2Fsessions",
            "{name}"
        );
    }
    // A token by itself is known, refused and recorded.
    let request = http::Request::builder()
        .uri("/settings/sessions")
        .header("authorization", format!("Bearer {token}"));
    let refused = world.browser().send(request, String::new()).await;
    assert!(matches!(refused.status, 403 | 404), "{}", refused.status);
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_are_framed_by_nobody_and_run_nothing_inline() {
    let world = World::new();
    let browser = world.signed_in("bob");
    for path in ["/login", "/settings/sessions", "/settings/nothing"] {
        let page = browser.get(path).await;
        let policy = page.header("content-security-policy");
        for part in [
            "default-src 'none'",
            "script-src 'self'",
            "frame-ancestors 'none'",
            "form-action 'self'",
        ] {
            assert!(policy.contains(part), "{path}: {policy}");
        }
        assert_eq!(page.header("x-frame-options"), "deny", "{path}");
        assert_eq!(page.header("referrer-policy"), "same-origin", "{path}");
        assert_eq!(page.header("cache-control"), "no-store", "{path}");
        let text = page.text();
        assert!(
            !text.contains(" style=") && !text.contains("<style") && !text.contains(" onclick"),
            "{path}"
        );
    }
    let page = world.browser().get("/login").await;
    let script = page
        .text()
        .split("src=\"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap()
        .to_owned();
    let asset = browser.get(&script).await.expect(200);
    assert!(asset.header("cache-control").contains("immutable") && asset.header("set-cookie").is_empty());
    browser.get("/assets/0000/app.js").await.expect(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_are_compressed_and_never_alike() {
    let world = World::new();
    let browser = world.signed_in("bob");
    let ask = |coding: &'static str| {
        let request = http::Request::builder()
            .uri("/settings/sessions")
            .header("accept-encoding", coding);
        browser.send(request, String::new())
    };
    let plain = ask("br, gzip;q=0").await.expect(200);
    assert_eq!(plain.header("content-encoding"), "");
    let packed = ask("br, gzip").await.expect(200);
    assert_eq!(
        (packed.header("content-encoding"), packed.header("vary")),
        ("gzip", "Accept-Encoding")
    );
    let mut text = String::new();
    std::io::Read::read_to_string(&mut flate2::read::GzDecoder::new(&packed.bytes[..]), &mut text).unwrap();
    assert!(packed.bytes.len() < text.len() / 2);
    assert_ne!(hidden(&text, "csrf"), hidden(plain.text(), "csrf"));
    assert_eq!(packed.header("etag"), "");
}
