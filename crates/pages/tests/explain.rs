//! Explaining a request: as the holder, as an owner, as a stranger; where it leads, and what it never tells.

use crate::harness::World;
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn explain_asks_visitors_to_sign_in() {
    let world = World::new();
    let sent = world.browser().get("/explain").await.expect(303);
    assert_eq!(sent.location(), "/login?return_to=%2Fexplain");
}

#[tokio::test(flavor = "multi_thread")]
async fn explain_leads_to_the_edit_form_filled_in() {
    let world = World::new();
    let (id, _) = world
        .mint_approved("bob", "reader", &["site"], json!({"issues": "read"}))
        .await;
    let bob = world.signed_in("bob");
    let id_text = id.to_string();
    let pasted = [
        (
            "request",
            "curl -X PATCH -H 'Authorization: Bearer bwkf_not-a-real-one' http://127.0.0.1:8417/api/v3/repos/acme/site/issues/1",
        ),
        ("token", id_text.as_str()),
    ];
    let sent = bob.post("/explain", &pasted).await.expect(303);
    let expected = format!("/explain?request=PATCH%20%2Frepos%2Facme%2Fsite%2Fissues%2F1&token_id={id}");
    assert_eq!(sent.location(), expected, "no header, no secret");
    bob.get(sent.location())
        .await
        .expect(200)
        .says(
            "The permission does not go far enough"
                .to_lowercase()
                .get(4..)
                .unwrap(),
        )
        .says("stopped here")
        .says("Level too low")
        .says(&format!(
            "/settings/personal-access-tokens/{id}/edit?target_name=acme&amp;issues=write"
        ))
        .says("reader");
    // Another repository has to be selected as well.
    bob.get(&format!(
        "/explain?request=GET+/repos/acme/secret/issues&token_id={id}"
    ))
    .await
    .expect(200)
    .says("is not selected")
    .says("/edit?target_name=acme&amp;issues=read&amp;repositories=secret");
    // The form at the end of the link is filled in with it.
    let edit = format!(
        "/settings/personal-access-tokens/{id}/edit?target_name=acme&issues=write&repositories=secret"
    );
    let form = bob.get(&edit).await.expect(200);
    assert!(
        form.text().contains("value=\"write\" selected"),
        "{}",
        form.text()
    );
    bob.get(&format!("/explain?request=git+push+acme/site&token_id={id}"))
        .await
        .expect(200)
        .says("contents=write");
    bob.get(&format!(
        "/explain?request=GET+/repos/acme/site/issues&token_id={id}"
    ))
    .await
    .expect(200)
    .says("Allowed")
    .hides("stopped here");
}

#[tokio::test(flavor = "multi_thread")]
async fn explain_says_what_waits_and_what_no_edit_mends() {
    let world = World::new();
    let (id, _) = world
        .mint("bob", "waiting", &["site"], json!({"issues": "read"}))
        .await;
    let bob = world.signed_in("bob");
    bob.get(&format!(
        "/explain?request=GET+/repos/acme/site/issues&token_id={id}"
    ))
    .await
    .expect(200)
    .says("waiting for an owner")
    .says(&format!("href=\"/settings/personal-access-tokens/{id}\""));
    bob.get("/explain?request=DELETE+/repos/acme/site")
        .await
        .expect(200)
        .says("role too low")
        .hides("/edit?");
    // What one may do oneself makes a token for just that.
    bob.get("/explain?request=GET+/repos/acme/site/issues")
        .await
        .expect(200)
        .says("Allowed")
        .says("/settings/personal-access-tokens/new?target_name=acme&amp;issues=read&amp;repositories=site");
    world.mint_classic("bob", "old", &["read:user"]).await;
    let page = bob.get("/explain").await.expect(200);
    assert!(page.text().contains("old · active · classic"));
}

#[tokio::test(flavor = "multi_thread")]
async fn explain_tells_strangers_nothing() {
    let world = World::new();
    let (id, _) = world
        .mint_approved("bob", "reader", &["site"], json!({"issues": "read"}))
        .await;
    let mallory = world.signed_in("mallory");
    let (hidden, missing) = (
        mallory
            .get("/explain?request=GET+/repos/acme/site/issues")
            .await
            .expect(200),
        mallory
            .get("/explain?request=GET+/repos/acme/nope/issues")
            .await
            .expect(200),
    );
    let same = |text: &str| {
        text.split("id=\"answer\"")
            .nth(1)
            .unwrap()
            .replace("nope", "site")
    };
    assert_eq!(same(hidden.text()), same(missing.text()));
    assert!(!hidden.text().contains("stopped here"));
    for who in ["mallory", "carol"] {
        world
            .signed_in(who)
            .get(&format!(
                "/explain?request=GET+/repos/acme/site/issues&token_id={id}"
            ))
            .await
            .expect(422)
            .says("No such token")
            .hides("reader");
    }
    // The organization's owner may ask, and cannot edit.
    world
        .signed_in("alice")
        .get(&format!(
            "/explain?request=PUT+/repos/acme/site/contents/a&token_id={id}"
        ))
        .await
        .expect(200)
        .says("stopped here")
        .says("Only the person who holds the token can edit it")
        .hides("/edit?");
}

#[tokio::test(flavor = "multi_thread")]
async fn explain_says_beside_the_field_what_cannot_be_read() {
    let world = World::new();
    let bob = world.signed_in("bob");
    for (request, told) in [
        ("", "Write or paste a request."),
        ("please let me in now", "That is no request."),
        ("GET /repos/{owner}/{repo}", "Put names in the place"),
    ] {
        let refused = bob
            .post("/explain", &[("request", request), ("token", "session")])
            .await
            .expect(422)
            .says("request-error")
            .says(told);
        assert!(
            refused.text().contains(&format!("value=\"{request}\"")),
            "{request} is kept"
        );
    }
    bob.post("/explain", &[("request", "GET /user"), ("token_id", "<b>1</b>")])
        .await
        .expect(422)
        .says("token_id-error")
        .says("&lt;b&gt;1&lt;/b&gt;")
        .hides("<b>1");
    bob.get("/explain?request=GET+/no/such/thing")
        .await
        .expect(200)
        .says("Refused");
    bob.get("/explain?request=GET+/user&token_id=99999999999999999999")
        .await
        .expect(422);
    bob.post_raw("/explain", &[("request", "GET /user")], &[])
        .await
        .expect(403);
}

#[tokio::test(flavor = "multi_thread")]
async fn explain_reads_requests_to_registries_as_the_gate_does() {
    let world = World::new();
    let (id, _) = world
        .mint_approved("bob", "reader", &["site"], json!({"packages": "read"}))
        .await;
    let bob = world.signed_in("bob");
    let ask = |request: &str| format!("/explain?request={request}&token_id={id}");
    bob.get(&ask("docker+push+git.example.com/acme/site/app:v1"))
        .await
        .expect(200)
        .says("docker push acme/site/app:v1")
        .says("Level too low")
        .says("packages=write");
    bob.get(&ask("GET+/v2/acme/site/tags/list"))
        .await
        .expect(200)
        .says("llowed")
        .hides("There is no such request");
    bob.get(&ask("GET+/v2/nobody/x/manifests/v1"))
        .await
        .expect(200)
        .says("nobody owns a package of this name, or it is hidden");
}
