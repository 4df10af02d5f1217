//! Pages of servers behind the gateway, and of one's own accounts there.

use crate::browser::{Browser, hidden};
use crate::harness::World;

const SECRET: &str = "s3cret-never-drawn";

/// Posts and follows to the page that tells what was done.
async fn done(browser: &Browser<'_>, path: &str, fields: &[(&str, &str)], says: &str) -> String {
    let answer = browser.post(path, fields).await.expect(303);
    let to = answer.location().to_owned();
    browser.get(&to).await.expect(200).says(says);
    to
}

async fn forge(browser: &Browser<'_>) {
    forge_at(browser, "http://127.0.0.1:9").await;
}

async fn forge_at(browser: &Browser<'_>, address: &str) {
    let fields = [("name", "forge"), ("kind", "gitea"), ("address", address)];
    done(browser, "/admin/upstreams", &fields, "The upstream is set up").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_administrators_get_there() {
    let world = World::new();
    let alice = world.signed_in("alice");
    alice
        .get("/admin/upstreams")
        .await
        .expect(200)
        .says("Nothing is behind the gateway");
    forge(&alice).await;
    for path in [
        "/admin/upstreams",
        "/admin/new-upstream",
        "/admin/upstreams/forge",
        "/admin/upstreams/forge/settings",
        "/admin/upstreams/forge/links",
        "/admin/upstreams/forge/bindings",
        "/admin/upstreams/forge/checks",
    ] {
        alice.get(path).await.expect(200).says("<h1>");
        for browser in [world.signed_in("bob"), world.browser()] {
            let status = browser.get(path).await.status;
            assert!(matches!(status, 303 | 403 | 404), "{path}: {status}");
        }
    }
    alice.get("/admin/upstreams/none").await.expect(404);
    alice.get("/admin/upstreams/none/checks").await.expect(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upstream_is_made_set_and_removed() {
    let world = World::new();
    let alice = world.signed_in("alice");
    let wrong = [
        ("name", "Bad <i>name</i>"),
        ("kind", "gitea"),
        ("address", "ftp://x"),
    ];
    let page = alice.post("/admin/upstreams", &wrong).await.expect(422);
    page.says("Name is 1 to 39 small letters")
        .says("Bad &lt;i&gt;name&lt;/i&gt;")
        .hides("<i>name");
    let generic = [
        ("name", "any"),
        ("kind", "generic"),
        ("address", "https://x.example.com"),
    ];
    alice
        .post("/admin/upstreams", &generic)
        .await
        .expect(422)
        .says("needs a catalogue");
    forge(&alice).await;
    let settings = "/admin/upstreams/forge/settings";
    let fields = [
        ("name", "forge"),
        ("address", "http://127.0.0.1:9"),
        ("mode", "enforce"),
        ("inspect", "on"),
        ("follow", "https://one.example\r\n\r\n https://two.example "),
        ("connect_seconds_max", "7"),
    ];
    done(&alice, settings, &fields, "The settings are saved").await;
    let upstream = world.authority.upstreams().unwrap();
    let upstream = upstream.named("forge").unwrap();
    assert!(upstream.settings.inspect);
    assert_eq!(
        upstream.settings.follow,
        ["https://one.example", "https://two.example"]
    );
    assert_eq!(upstream.settings.connect_seconds_max, Some(7));
    alice
        .get(settings)
        .await
        .expect(200)
        .says("https://one.example\nhttps://two.example");
    let fields = [
        ("name", "forge"),
        ("address", "http://127.0.0.1:9"),
        ("mode", "observe"),
        ("connect_seconds_max", "soon"),
        ("pins", "kept as typed"),
    ];
    alice
        .post(settings, &fields)
        .await
        .expect(422)
        .says("Type a whole number")
        .says("kept as typed");
    let fields = [
        ("name", "forge"),
        ("address", "http://127.0.0.1:9"),
        ("mode", "observe"),
    ];
    alice
        .post(settings, &fields)
        .await
        .expect(422)
        .says("it must end");
    let gone = "/admin/upstreams/forge/delete";
    alice
        .post(gone, &[("confirm", "Forge")])
        .await
        .expect(422)
        .says("exactly");
    done(&alice, gone, &[("confirm", "forge")], "The upstream is removed").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_are_typed_and_never_drawn() {
    let world = World::new();
    let alice = world.signed_in("alice");
    forge(&alice).await;
    let path = "/admin/upstreams/forge/credential";
    let page = alice.post(path, &[]).await.expect(422);
    page.says("Type a secret");
    let broken = format!("{SECRET} \u{7f}");
    let page = alice.post(path, &[("secret_token", &broken)]).await.expect(422);
    page.says("printable").hides(SECRET);
    let to = done(&alice, path, &[("secret_token", SECRET)], "The credential is set").await;
    alice
        .get(&to)
        .await
        .says("Is set. It cannot be shown")
        .hides(SECRET);
    let upstreams = world.authority.upstreams().unwrap();
    assert_eq!(upstreams.named("forge").unwrap().reveal("token"), Some(SECRET));
    done(&alice, path, &[("remove", "yes")], "The credential is removed").await;
    // Through signing in again, a secret does not travel.
    let csrf = alice.csrf().await;
    world.clock_forward_hours(3);
    let asked = alice
        .post_raw(
            path,
            &[("csrf", csrf.as_str()), ("secret_token", SECRET)],
            &[
                ("origin", crate::harness::BASE_URL),
                ("sec-fetch-site", "same-origin"),
            ],
        )
        .await;
    let asked = asked.says("password").hides(SECRET);
    assert!(hidden(asked.text(), "kept_to").ends_with("/credential"));
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_are_linked_and_end_it_themselves() {
    let world = World::new();
    let alice = world.signed_in("alice");
    let bob = world.signed_in("bob");
    bob.get("/settings/linked-accounts")
        .await
        .expect(200)
        .says("You are linked to no account");
    forge_at(&alice, &crate::teller::start()).await;
    let links = "/admin/upstreams/forge/links";
    let link = |account: &'static str| [("account", account), ("login", "bobby"), ("id", "7")];
    done(&alice, links, &link("bob"), "The account is linked").await;
    alice
        .post(links, &link("carol"))
        .await
        .expect(422)
        .says("linked to bob already")
        .says("value=\"carol\"");
    alice
        .post(links, &link("nobody"))
        .await
        .expect(422)
        .says("no person or service account");
    bob.get("/settings/linked-accounts")
        .await
        .expect(200)
        .says("bobby")
        .says("forge");
    let own = "/settings/linked-accounts/forge";
    let set = format!("{own}/credential");
    bob.post(&set, &[]).await.expect(422).says("Type the secret");
    bob.post(&set, &[("secret_token", "of-alice")])
        .await
        .expect(422)
        .says("another account")
        .hides("of-alice");
    done(&bob, &set, &[("secret_token", SECRET)], "Your secret is set").await;
    bob.get("/settings/linked-accounts").await.hides(SECRET);
    alice.get(links).await.says("Secrets: token").hides(SECRET);
    world
        .signed_in("carol")
        .post(&set, &[("secret_token", "x")])
        .await
        .expect(404);
    done(&bob, &format!("{own}/delete"), &[], "The link is over").await;
    done(&alice, links, &link("carol"), "The account is linked").await;
    done(&alice, &format!("{links}/carol/delete"), &[], "nobody there").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_lives_there_is_bound_and_unbound() {
    let world = World::new();
    let alice = world.signed_in("alice");
    forge(&alice).await;
    let base = "/admin/upstreams/forge";
    let bindings = format!("{base}/bindings");
    let owner = [("owner", "acme"), ("owner_called", "Acme-Inc"), ("owner_id", "3")];
    done(&alice, &format!("{base}/owners"), &owner, "It lives there").await;
    let nobody = [("owner", "nobody")];
    alice
        .post(&format!("{base}/owners"), &nobody)
        .await
        .expect(422)
        .says("no person or organization");
    alice
        .get(&format!("{bindings}?repository=elsewhere"))
        .await
        .expect(200)
        .says("with a slash between");
    let asked = alice
        .get(&format!("{bindings}?repository=acme%2Felsewhere"))
        .await
        .expect(200);
    let action = format!("{base}/repositories/acme/elsewhere");
    asked.says(&format!("action=\"{action}\""));
    let wrong = [("called", "no slash"), ("visibility", "private")];
    alice.post(&action, &wrong).await.expect(422).says("no slash");
    let fields = [("called", ""), ("key", "12"), ("visibility", "private")];
    let to = done(&alice, &action, &fields, "It lives there").await;
    alice
        .get(&to)
        .await
        .says("Acme-Inc/elsewhere")
        .says("Acme-Inc</bdi> there");
    alice
        .get(base)
        .await
        .says("1 repository, 1 owner")
        .says("Unbind it first");
    // A page of this server does not make or delete what lives elsewhere.
    done(&alice, &format!("{action}/delete"), &[], "bound no more").await;
    done(
        &alice,
        &format!("{base}/owners/acme/delete"),
        &[],
        "bound no more",
    )
    .await;
}
