//! Repositories: lists, making one, its page and files, issues, access, settings; who sees and changes them.

use crate::harness::World;
use bailiwick_model::Visibility;
use bailiwick_store::{RepositoryRow, repository};
use serde_json::json;

/// Puts a file into a repository of acme, as alice.
async fn put(world: &World, repository: &str, path: &str, base64: &str) {
    let body = json!({"message": "Add a file", "content": base64});
    world
        .call(
            "PUT",
            &format!("/repos/acme/{repository}/contents/{path}"),
            &world.session("alice"),
            body,
        )
        .await
        .expect(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repository_shows_itself_to_whom_it_is_open() {
    let world = World::new();
    let (alice, bob, mallory) = (
        world.signed_in("alice"),
        world.signed_in("bob"),
        world.signed_in("mallory"),
    );
    let visitor = world.browser();
    for (path, owner, member, stranger) in [
        ("/acme/www", 200, 200, 200),
        ("/acme/site", 200, 200, 404),
        ("/acme/site/issues", 200, 200, 404),
        ("/acme/site/issues/new", 200, 200, 404),
        ("/acme/site/settings/access", 200, 200, 404),
        ("/acme/www/settings/access", 200, 403, 403),
        ("/acme/site/settings", 200, 403, 404),
        ("/acme/www/settings", 200, 403, 403),
        ("/acme/site/issues/1", 404, 404, 404),
        ("/acme/nothing", 404, 404, 404),
        ("/orgs/acme/repositories", 200, 200, 200),
        ("/orgs/acme/repositories/new", 200, 200, 403),
        ("/repositories", 200, 200, 200),
        ("/repositories/new", 200, 200, 200),
    ] {
        for (who, browser, status) in [
            ("alice", &alice, owner),
            ("bob", &bob, member),
            ("mallory", &mallory, stranger),
        ] {
            let answer = browser.get(path).await;
            assert_eq!(answer.status, status, "{who} at {path}: {}", answer.text());
        }
    }
    visitor
        .get("/acme/www")
        .await
        .expect(200)
        .says("git clone http://127.0.0.1:8417/acme/www.git")
        .hides("/acme/www/settings");
    visitor.get("/acme/site").await.expect(404);
    visitor.get("/repositories").await.expect(303);
    bob.get("/acme/site")
        .await
        .expect(200)
        .says("href=\"/acme/site/settings/access\"")
        .hides("href=\"/acme/site/settings\"");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clone_address_leads_to_the_page_and_git_keeps_its_door() {
    let world = World::new();
    let (visitor, bob) = (world.browser(), world.signed_in("bob"));
    for path in ["/acme/www.git", "/ACME/WWW", "/Acme/www.git"] {
        assert_eq!(
            visitor.get(path).await.expect(303).location(),
            "/acme/www",
            "{path}"
        );
    }
    assert_eq!(
        bob.get("/acme/site.git").await.expect(303).location(),
        "/acme/site"
    );
    // What is hidden stays so under that name too.
    visitor.get("/acme/site.git").await.expect(404);
    visitor.get("/acme/www.git.git").await.expect(404);
    // A cookie is nothing to git, and git's paths are no pages.
    let refs = "/acme/site.git/info/refs?service=git-upload-pack";
    let asked = bob.get(refs).await.expect(401);
    assert!(asked.header("www-authenticate").starts_with("Basic"));
}

#[tokio::test(flavor = "multi_thread")]
async fn files_are_shown_as_text_and_never_as_markup() {
    let world = World::new();
    let bob = world.signed_in("bob");
    bob.get("/acme/site")
        .await
        .expect(200)
        .says("Nothing is in here yet")
        .says("git push -u origin main");
    // "# <b>Shop</b>\n\njavascript\n"
    put(
        &world,
        "site",
        "README.md",
        "IyA8Yj5TaG9wPC9iPgoKamF2YXNjcmlwdAo=",
    )
    .await;
    // "one\n<script>\n"
    put(&world, "site", "src/a%20b.txt", "b25lCjxzY3JpcHQ+Cg==").await;
    put(&world, "site", "logo.bin", "AAECAw==").await;
    // Two letters around a right-to-left override.
    put(&world, "site", "trojan.rs", "YeKArmIK").await;
    bob.get("/acme/site")
        .await
        .expect(200)
        .says("# &lt;b&gt;Shop&lt;/b&gt;")
        .says("href=\"/acme/site/tree/main/src\"")
        .says("href=\"/acme/site/blob/main/README.md\"")
        .hides("Nothing is in here yet");
    bob.get("/acme/site/tree/main/src")
        .await
        .expect(200)
        .says("href=\"/acme/site/blob/main/src/a%20b.txt\"");
    bob.get("/acme/site/blob/main/src/a%20b.txt")
        .await
        .expect(200)
        .says("id=\"L2\">&lt;script&gt;</span>")
        .says("2 lines");
    bob.get("/acme/site/blob/main/logo.bin")
        .await
        .expect(200)
        .says("4 B of binary data");
    bob.get("/acme/site/blob/main/trojan.rs")
        .await
        .expect(200)
        .says("Not what it seems");
    // Each has one address.
    let sent = bob.get("/acme/site/blob/main/src").await.expect(303);
    assert_eq!(sent.location(), "/acme/site/tree/main/src");
    let sent = bob.get("/acme/site/tree/main/README.md").await.expect(303);
    assert_eq!(sent.location(), "/acme/site/blob/main/README.md");
    bob.get("/acme/site/blob/main/none.txt").await.expect(404);
    bob.get("/acme/site/tree/none/src").await.expect(404);
    bob.get("/acme/site/branches")
        .await
        .expect(200)
        .says("href=\"/acme/site/tree/main\"")
        .says("Default");
    let mallory = world.signed_in("mallory");
    for path in [
        "/acme/site/tree/main",
        "/acme/site/blob/main/README.md",
        "/acme/site/branches",
    ] {
        mallory.get(path).await.expect(404);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn repositories_are_made_and_found() {
    let world = World::new();
    let bob = world.signed_in("bob");
    let typed = [
        ("name", "no good"),
        ("description", "a <i>thing</i>"),
        ("visibility", "public"),
    ];
    bob.post("/repositories/new", &typed)
        .await
        .expect(422)
        .says("value=\"no good\"")
        .says("value=\"a &lt;i&gt;thing&lt;/i&gt;\"")
        .says("may only contain letters");
    let typed = [("name", "Tools"), ("visibility", "private"), ("readme", "on")];
    let made = bob.post("/repositories/new", &typed).await.expect(303);
    assert!(made.location().starts_with("/bob/Tools?"));
    bob.get(made.location()).await.expect(200).says("README");
    let made = bob
        .post(
            "/orgs/acme/repositories/new",
            &[("name", "shelf"), ("visibility", "internal")],
        )
        .await
        .expect(303);
    assert!(made.location().starts_with("/acme/shelf?"));
    world
        .signed_in("mallory")
        .post(
            "/orgs/acme/repositories/new",
            &[("name", "mine"), ("visibility", "public")],
        )
        .await
        .expect(403);
    bob.get("/repositories?q=TOO")
        .await
        .expect(200)
        .says("href=\"/bob/Tools\"")
        .hides("href=\"/acme/site\"");
    bob.get("/orgs/acme/repositories?visibility=internal")
        .await
        .expect(200)
        .says("href=\"/acme/shelf\"")
        .says("href=\"/acme/handbook\"")
        .hides("href=\"/acme/www\"");
    bob.get("/orgs/acme/repositories?per_page=2&page=2")
        .await
        .expect(200)
        .says("3–4 of")
        .says("per_page=2&amp;page=3");
    world
        .browser()
        .get("/orgs/acme/repositories")
        .await
        .expect(200)
        .says("href=\"/acme/www\"")
        .hides("handbook")
        .hides("site");
}

#[tokio::test(flavor = "multi_thread")]
async fn issues_are_opened_discussed_and_closed() {
    let world = World::new();
    let (bob, mallory) = (world.signed_in("bob"), world.signed_in("mallory"));
    let new = "/acme/www/issues/new";
    mallory
        .post(new, &[("title", " "), ("body", "<b>kept</b>")])
        .await
        .expect(422)
        .says("&lt;b&gt;kept&lt;/b&gt;");
    let opened = mallory
        .post(
            new,
            &[("title", "It <em>broke</em>"), ("body", "line one\nline two")],
        )
        .await
        .expect(303);
    assert!(opened.location().starts_with("/acme/www/issues/1?"));
    bob.get("/acme/www/issues")
        .await
        .expect(200)
        .says("It &lt;em&gt;broke&lt;/em&gt;");
    let comments = "/acme/www/issues/1/comments";
    bob.post(comments, &[("body", "   ")]).await.expect(422);
    let said = bob
        .post(comments, &[("body", "<img src=x onerror=alert(1)>")])
        .await
        .expect(303);
    assert!(said.location().contains("#comment-"));
    world
        .browser()
        .get("/acme/www/issues/1")
        .await
        .expect(200)
        .says("&lt;img src=x onerror=alert(1)&gt;")
        .says("line one\nline two")
        .says("Sign in to comment")
        .hides("Close as done");
    // Who wrote it closes it, somebody else without a role does not.
    mallory
        .get("/acme/www/issues/1")
        .await
        .expect(200)
        .says("Close as done");
    let carol = world.signed_in("carol");
    carol
        .get("/acme/www/issues/1")
        .await
        .expect(200)
        .hides("Close as done");
    let state = "/acme/www/issues/1/state";
    carol.post(state, &[("state", "completed")]).await.expect(403);
    mallory.post(state, &[("state", "not_planned")]).await.expect(303);
    bob.get("/acme/www/issues")
        .await
        .expect(200)
        .says("No open issues");
    bob.get("/acme/www/issues?state=closed")
        .await
        .expect(200)
        .says("/acme/www/issues/1");
    mallory
        .get("/acme/www/issues/1")
        .await
        .expect(200)
        .says("Not planned")
        .says("Open again");
    world
        .browser()
        .post(comments, &[("body", "anonymous")])
        .await
        .expect(401);
}

#[tokio::test(flavor = "multi_thread")]
async fn roles_are_given_and_taken_at_a_repository() {
    let world = World::new();
    let (alice, bob) = (world.signed_in("alice"), world.signed_in("bob"));
    let path = "/acme/site/settings/access";
    bob.get(path)
        .await
        .expect(200)
        .says("Outside collaborator")
        .hides("Give somebody a role")
        .hides("Remove");
    bob.post(path, &[("username", "mallory"), ("permission", "read")])
        .await
        .expect(403);
    alice
        .post(path, &[("username", "nobody"), ("permission", "admin")])
        .await
        .expect(422)
        .says("value=\"nobody\"")
        .says("There is nobody of this login.");
    alice
        .post(path, &[("username", "acme"), ("permission", "read")])
        .await
        .expect(422)
        .says("An organization cannot be a collaborator");
    alice
        .post(path, &[("username", "mallory"), ("permission", "triage")])
        .await
        .expect(303);
    let mallory = world.signed_in("mallory");
    mallory.get("/acme/site").await.expect(200);
    alice.get(path).await.expect(200).says("Triage");
    alice
        .post("/acme/site/settings/access/mallory/remove", &[])
        .await
        .expect(303);
    alice
        .post("/acme/site/settings/access/mallory/remove", &[])
        .await
        .expect(422)
        .says("has no role of their own here");
    mallory.get("/acme/site").await.expect(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_are_changed_by_who_administers_and_confirmed_where_it_matters() {
    let world = World::new();
    let (alice, bob) = (world.signed_in("alice"), world.signed_in("bob"));
    let path = "/acme/site/settings";
    for end in ["", "/rename", "/visibility", "/archive", "/delete"] {
        bob.post(&format!("{path}{end}"), &[("name", "x")])
            .await
            .expect(403);
    }
    let general = [
        ("description", "<b>A shop</b>"),
        ("homepage", "ftp://x"),
        ("default_branch", "main"),
    ];
    alice
        .post(path, &general)
        .await
        .expect(422)
        .says("value=\"&lt;b&gt;A shop&lt;/b&gt;\"")
        .says("value=\"ftp://x\"");
    let general = [
        ("description", "<b>A shop</b>"),
        ("homepage", ""),
        ("default_branch", "main"),
        ("has_issues", "on"),
    ];
    alice.post(path, &general).await.expect(303);
    bob.get("/acme/site")
        .await
        .expect(200)
        .says("&lt;b&gt;A shop&lt;/b&gt;");
    alice
        .post("/acme/site/settings/rename", &[("name", "www")])
        .await
        .expect(422)
        .says("value=\"www\"");
    alice
        .post("/acme/site/settings/rename", &[("name", "shop")])
        .await
        .expect(303);
    assert_eq!(bob.get("/acme/site").await.expect(303).location(), "/acme/shop");
    alice
        .post(
            "/acme/shop/settings/visibility",
            &[("visibility", "public"), ("confirm_visibility", "shop")],
        )
        .await
        .expect(422)
        .says("Type acme/shop exactly");
    world.browser().get("/acme/shop").await.expect(404);
    alice
        .post(
            "/acme/shop/settings/visibility",
            &[("visibility", "public"), ("confirm_visibility", "acme/shop")],
        )
        .await
        .expect(303);
    world.browser().get("/acme/shop").await.expect(200);
    alice
        .post("/acme/shop/settings/archive", &[("archived", "true")])
        .await
        .expect(303);
    bob.get("/acme/shop")
        .await
        .expect(200)
        .says("Archived: it can be read");
    bob.post("/acme/shop/issues/new", &[("title", "late")])
        .await
        .expect(403);
    alice
        .post("/acme/shop/settings/archive", &[("archived", "false")])
        .await
        .expect(303);
    alice
        .post("/acme/shop/settings/delete", &[("confirm_delete", "acme/site")])
        .await
        .expect(422);
    alice
        .post("/acme/shop/settings/delete", &[("confirm_delete", "acme/shop")])
        .await
        .expect(303);
    alice.get("/acme/shop").await.expect(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transfer_asks_both_ends() {
    let world = World::new();
    let alice = world.signed_in("alice");
    let path = "/acme/secret/settings/transfer";
    let fields = |owner| {
        [
            ("new_owner", owner),
            ("new_name", ""),
            ("confirm_transfer", "acme/secret"),
        ]
    };
    alice
        .get("/acme/secret/settings")
        .await
        .expect(200)
        .says("value=\"acme-labs\"")
        .hides("value=\"rival\"");
    // To a place that she does not belong to, or that is not there, nothing goes.
    for owner in ["rival", "nobody", ""] {
        let refused = alice.post(path, &fields(owner)).await;
        assert!(matches!(refused.status, 403 | 404), "{owner}: {}", refused.status);
    }
    alice
        .post(path, &[("new_owner", "acme-labs"), ("confirm_transfer", "")])
        .await
        .expect(422);
    let moved = alice.post(path, &fields("acme-labs")).await.expect(303);
    assert!(moved.location().starts_with("/acme-labs/secret?"));
    alice.get(moved.location()).await.expect(200);
    // Whoever belonged to the old owner alone does not follow.
    world.signed_in("bob").get("/acme-labs/secret").await.expect(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_repositories_are_paged_on_the_server() {
    let world = World::new();
    let (acme, now) = (
        world.accounts["acme"],
        bailiwick_authority::Clock::now(&*world.clock),
    );
    world
        .store
        .write(|tx| {
            for number in 0..1000 {
                let name = format!("repository-{number:04}");
                let row = RepositoryRow::new(acme, &name, Visibility::Private, now);
                repository::insert(tx, row)?;
            }
            Ok::<_, bailiwick_store::StoreError>(())
        })
        .unwrap();
    let bob = world.signed_in("bob");
    for path in [
        "/repositories?page=3",
        "/orgs/acme/repositories?page=3",
        "/",
        "/orgs/acme",
    ] {
        let page = bob.get(path).await.expect(200);
        assert!(page.bytes.len() < 60_000, "{path}: {}", page.bytes.len());
    }
    bob.get("/orgs/acme/repositories?q=0999")
        .await
        .expect(200)
        .says("href=\"/acme/repository-0999\"")
        .hides("repository-0998");
    bob.get("/orgs/acme/repositories?page=2")
        .await
        .expect(200)
        .says("31–60 of 1004 repositories");
}
