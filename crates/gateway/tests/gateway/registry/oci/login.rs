//! Docker's token flow: challenges, narrowed tokens, and what they are good for.

use super::world::{ADMIN, Images, READ, WRITE, request};
use bailiwick_testkit::http::Request;

#[tokio::test(flavor = "multi_thread")]
async fn whoever_brings_nothing_is_told_where_tokens_are() {
    let images = Images::start().await;
    let answer = images.ask("GET", "/v2/", "").await.expect(401);
    let base = format!("http://{}", images.world.address);
    let challenge = answer.header("www-authenticate");
    assert!(
        challenge.starts_with(&format!(
            "Bearer realm=\"{base}/v2/token\",service=\"{}\"",
            images.world.address
        )),
        "{challenge}"
    );
    assert_eq!(answer.json()["errors"][0]["code"], "UNAUTHORIZED");
    let (_, token) = images.bob(&["site"], READ);
    let pong = images.ask("GET", "/v2/", &token).await.expect(200);
    assert_eq!(pong.header("docker-distribution-api-version"), "registry/2.0");
    // Basic does without the flow.
    images
        .send(Request::new("GET", "/v2/").basic("bob", &token))
        .await
        .expect(200);
    // A credential that is none is counted, wherever it is brought.
    let counted = || images.world.gate.metrics().text(None);
    assert!(counted().contains("bailiwick_bad_credentials_total 0\n"));
    for path in ["/v2/", "/v2/token?service=x"] {
        images
            .send(Request::new("GET", path).basic("bob", "bwk_x"))
            .await
            .expect(401);
    }
    assert!(counted().contains("bailiwick_bad_credentials_total 2\n"));
    // What is asked for says which scope it takes.
    let hidden = images
        .ask("GET", "/v2/acme/site/manifests/latest", "")
        .await
        .expect(401);
    let challenge = hidden.header("www-authenticate");
    assert!(
        challenge.contains("scope=\"repository:acme/site:pull\""),
        "{challenge}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn scopes_beyond_the_grant_are_narrowed_and_not_refused() {
    let images = Images::start().await;
    let (_, reader) = images.bob(&["site"], READ);
    let (_, writer) = images.bob(&["site"], WRITE);
    let (_, admin) = images.world.token("alice", &["site"], ADMIN);
    let all = "repository:acme/site:pull,push,delete";
    for (token, asked, granted) in [
        (&reader, all, "repository:acme/site:pull"),
        (&writer, all, "repository:acme/site:pull,push"),
        (&admin, all, all),
        (
            &writer,
            "repository:acme/site/app:push",
            "repository:acme/site/app:push",
        ),
        (&reader, "repository:acme/other:pull", ""),
        (&reader, "registry:catalog:*", ""),
        (&reader, "repository:nobody/x:pull", ""),
        (&reader, "repository:ACME/site:pull", ""),
        (
            &writer,
            "repository:acme/other:pull repository:acme/site:pull",
            "repository:acme/site:pull",
        ),
        (&reader, "", ""),
    ] {
        let (_, scope) = images.login(token, asked).await;
        assert_eq!(scope, granted, "{asked}");
    }
    let (_, scope) = images
        .login("", "repository:acme/www:pull,push repository:acme/site:pull")
        .await;
    assert_eq!(scope, "repository:acme/www:pull", "a visitor");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_narrowed_token_is_good_for_its_scopes_alone() {
    let images = Images::start().await;
    let (id, writer) = images.bob(&["site", "www"], WRITE);
    images.image(&writer, "acme/site", "latest", b"layer").await;
    images.image(&writer, "acme/www", "latest", b"layer").await;
    let manifest = "/v2/acme/site/manifests/latest";
    let (pull, _) = images.login(&writer, "repository:acme/site:pull").await;
    images.ask("GET", manifest, &pull).await.expect(200);
    images.ask("GET", "/v2/", &pull).await.expect(200);
    // As a password it is the same token.
    images
        .send(request("GET", manifest, "").basic("bob", &pull))
        .await
        .expect(200);
    for (method, path) in [
        ("POST", "/v2/acme/site/blobs/uploads/"),
        ("PUT", manifest),
        ("POST", "/v2/acme/site/app/blobs/uploads/"),
        ("GET", "/v2/acme/www/manifests/latest"),
        ("GET", "/v2/token?service=x&scope=repository:acme/site:pull,push"),
    ] {
        let answer = images.ask(method, path, &pull).await.expect(401);
        let challenge = answer.header("www-authenticate");
        assert!(
            challenge.contains("error=\"insufficient_scope\""),
            "{method} {path}: {challenge}"
        );
    }
    // Whoever may delete hands out no more than was asked for.
    let (_, admin) = images.world.token("alice", &["site"], ADMIN);
    let (less, _) = images.login(&admin, "repository:acme/site:pull,push").await;
    images.ask("DELETE", manifest, &less).await.expect(401);
    let (push, _) = images.login(&writer, "repository:acme/site:push").await;
    images
        .ask("POST", "/v2/acme/site/blobs/uploads/", &push)
        .await
        .expect(202);
    images.ask("GET", manifest, &push).await.expect(401);
    // It opens nothing elsewhere, and in no other shape.
    images.ask("GET", "/api/v3/user", &pull).await.expect(401);
    images
        .ask("GET", "/acme/site.git/info/refs?service=git-upload-pack", &pull)
        .await
        .expect(401);
    let mut changed = pull.clone();
    changed.replace_range(30..31, if &pull[30..31] == "A" { "B" } else { "A" });
    images.ask("GET", manifest, &changed).await.expect(401);
    // Everything by the token that asked.
    let pulled = |world: &crate::git::world::World| {
        let all = world.all_events();
        all.iter()
            .any(|event| event.0 == "packages.pull" && event.3 == Some(id))
    };
    images.world.until(pulled).await;
    let refused = images.world.all_events();
    assert!(
        refused
            .iter()
            .any(|event| event.1 == "refused" && event.2 == "limits.registry_scope" && event.3 == Some(id)),
        "{refused:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revocation_ends_what_was_handed_out() {
    let images = Images::start().await;
    let (id, writer) = images.bob(&["site"], WRITE);
    images.image(&writer, "acme/site", "latest", b"layer").await;
    let (token, _) = images.login(&writer, "repository:acme/site:pull,push").await;
    images
        .ask("GET", "/v2/acme/site/manifests/latest", &token)
        .await
        .expect(200);
    images.world.revoke(id);
    images
        .ask("GET", "/v2/acme/site/manifests/latest", &token)
        .await
        .expect(401);
    images.ask("GET", "/v2/", &token).await.expect(401);
    images
        .send(Request::new("GET", "/v2/token?service=x").basic("bob", &writer))
        .await
        .expect(401);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_carries_the_credential_as_well() {
    let images = Images::start().await;
    let (id, writer) = images.bob(&["site"], WRITE);
    let post = |body: String| {
        Request::new("POST", "/v2/token")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body)
    };
    let scope = "service=x&client_id=test&scope=repository%3Aacme%2Fsite%3Apull%2Cpush";
    for form in [
        format!("grant_type=password&username=bob&password={writer}&{scope}"),
        format!("grant_type=refresh_token&refresh_token={writer}&{scope}"),
    ] {
        let answer = images.send(post(form)).await.expect(200).json();
        assert_eq!(answer["scope"], "repository:acme/site:pull,push");
        let text = answer["access_token"].as_str().unwrap();
        images.ask("GET", "/v2/", text).await.expect(200);
    }
    let visitor = images.send(post(scope.to_owned())).await.expect(200).json();
    assert_eq!(visitor["scope"], "");
    for form in [
        format!("grant_type=password&username=bob&password=wrong&{scope}"),
        format!("grant_type=password&username=bob&{scope}"),
        format!("grant_type=password&password={writer}&password={writer}&{scope}"),
        format!("grant_type=password&password={writer}&refresh_token={writer}&{scope}"),
        format!("grant_type=authorization_code&code={writer}&{scope}"),
    ] {
        images.send(post(form.clone())).await.expect(401);
    }
    // Two carriers.
    let both = post(format!(
        "grant_type=password&username=bob&password={writer}&{scope}"
    ))
    .bearer(&writer);
    images.send(both).await.expect(401);
    let large = post(format!(
        "grant_type=password&password={writer}&x={}",
        "y".repeat(40_000)
    ));
    images.send(large).await.expect(413);
    images
        .world
        .until(|world| {
            world
                .all_events()
                .iter()
                .any(|event| event.0 == "registry.login" && event.3 == Some(id))
        })
        .await;
    assert!(!crate::git::world::logged().contains(&writer));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_of_all_images_is_closed() {
    let images = Images::start().await;
    let (_, admin) = images.world.token("alice", &["site"], ADMIN);
    for token in ["", admin.as_str()] {
        let answer = images.send(request("GET", "/v2/_catalog", token)).await;
        assert!(matches!(answer.status, 401 | 403 | 404), "{}", answer.status);
    }
    let (token, scope) = images.login(&admin, "registry:catalog:*").await;
    assert_eq!(scope, "");
    let answer = images.ask("GET", "/v2/_catalog", &token).await;
    assert!(matches!(answer.status, 401 | 403 | 404), "{}", answer.status);
}
