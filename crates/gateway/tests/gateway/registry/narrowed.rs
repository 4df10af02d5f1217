//! Tokens of docker's flow: good for images and for nothing else, and counted when they are asked for.

use crate::front::{Answered, Behind, Front};
use crate::registry::place::WRITE;
use bailiwick_model::UpstreamKind;
use bailiwick_testkit::http::base64;

/// Nothing here asks a registry for anything.
fn behind(name: &'static str, kind: UpstreamKind) -> Behind {
    let mut behind = Behind::new(name, kind, String::from("http://127.0.0.1:9"));
    behind.secrets = vec![("username", "u".into()), ("password", "p".into())];
    behind.links.clear();
    behind
}

async fn login(front: &Front, token: &str) -> Answered {
    let basic = format!("Basic {}", base64(format!("any:{token}").as_bytes()));
    let path = "/v2/token?service=x&scope=repository:acme/site:pull,push";
    front.send("GET", path, &[("authorization", &basic)], b"").await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_for_images_opens_no_other_registry() {
    let front = Front::before(vec![
        behind("images", UpstreamKind::Oci),
        behind("npm", UpstreamKind::Npm),
        behind("nugets", UpstreamKind::NuGet),
        behind("pypi", UpstreamKind::PyPi),
        behind("jars", UpstreamKind::Maven),
    ])
    .await;
    let (_, whole) = front.token("bob", &[("acme", Some(&["site"]), WRITE)]);
    let narrow = login(&front, &whole).await.expect(200).json["token"].clone();
    let narrow = narrow.as_str().unwrap();
    front.ask("GET", "/v2/", narrow, "").await.expect(200);
    front.ask("GET", "/-/npm/-/whoami", &whole, "").await.expect(200);
    for (method, path) in [
        ("GET", "/-/npm/-/whoami"),
        ("GET", "/-/npm/-/ping"),
        ("PUT", "/-/npm/site-ui"),
        ("PUT", "/-/nugets/api/v2/package"),
        ("GET", "/-/nugets/v3/index.json"),
        ("POST", "/-/pypi/"),
        ("GET", "/-/jars/com/acme/app/1/app-1.jar"),
        ("GET", "/-/npm/unknown/of/all"),
        ("GET", "/api/v3/user"),
    ] {
        front.ask(method, path, narrow, "").await.expect(401);
    }
    let key = [("x-nuget-apikey", narrow)];
    let path = "/-/nugets/api/v2/package";
    front.send("PUT", path, &key, b"x").await.expect(401);
}

#[tokio::test(flavor = "multi_thread")]
async fn asking_for_tokens_is_counted_like_any_request() {
    let front = Front::rated(vec![behind("images", UpstreamKind::Oci)], 3).await;
    let (_, one) = front.token("bob", &[("acme", Some(&["site"]), WRITE)]);
    let (_, other) = front.token("bob", &[("acme", Some(&["site"]), WRITE)]);
    for _ in 0..3 {
        login(&front, &one).await.expect(200);
    }
    let refused = login(&front, &one).await.expect(429);
    assert_eq!(refused.json["errors"][0]["code"], "TOOMANYREQUESTS");
    // As a form it is the same question.
    let form = format!("grant_type=password&username=any&password={one}&service=x");
    let kind = [("content-type", "application/x-www-form-urlencoded")];
    let asked = front.send("POST", "/v2/token", &kind, form.as_bytes()).await;
    asked.expect(429);
    login(&front, &other).await.expect(200);
    // A secret that somebody mistypes again and again uses up nobody's share.
    for _ in 0..5 {
        login(&front, "mistyped").await.expect(401);
    }
    // Visitors pull what is public, and ask for a token each time.
    for _ in 0..5 {
        let path = "/v2/token?service=x&scope=repository:acme/www:pull";
        front.ask("GET", path, "", "").await.expect(200);
    }
}
