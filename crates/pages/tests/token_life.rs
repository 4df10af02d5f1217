//! The life of a token after it was made: looking, editing, regenerating, cancelling, deleting, its activity.

use crate::harness::World;
use crate::token::{ISSUES, LIST, between};
use serde_json::{Value, json};

/// The page of a token.
fn page_of(id: i64) -> String {
    format!("{LIST}/{id}")
}

/// What the edit form of the fixture sends, with issues at a level.
fn edit(level: &str) -> Vec<(&str, &str)> {
    vec![
        ("name", "deploy"),
        ("description", ""),
        ("owner", "acme"),
        ("acme.selection", "subset"),
        ("acme.repositories", "acme/site"),
        ("acme.permission.issues", level),
    ]
}

async fn grants(world: &World, id: i64) -> Value {
    let path = format!("/user/personal-access-tokens/{id}");
    let token = world.get(&path, &world.session("bob")).await.expect(200);
    token.json["grants"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_of_a_token_says_what_waits_and_why_something_was_denied() {
    let world = World::new();
    let (id, _) = world
        .mint("bob", "deploy", &["site"], json!({"issues": "write"}))
        .await;
    let bob = world.signed_in("bob");
    let page = bob
        .get(&page_of(id))
        .await
        .expect(200)
        .says("Waiting for approval")
        .says("Cancel request")
        .says("Meanwhile it reads only what is public there");
    assert!(page.text().contains("Read public resources; nothing else."));
    let alice = world.session("alice");
    let request = grants(&world, id).await[0]["request"]["id"].clone();
    let path = format!("/orgs/acme/personal-access-token-requests/{request}");
    let deny = json!({"action": "deny", "reason": "Use the <shared> bot"});
    world.call("POST", &path, &alice, deny).await.expect(204);
    let page = bob.get(&page_of(id)).await.expect(200).hides("<shared>");
    assert!(page.text().contains("Use the &lt;shared&gt; bot") && page.text().contains("denied it"));
    bob.get(LIST).await.says("Denied");
    // Too late to cancel: the page says how it ended.
    let cancel = format!("{LIST}/requests/{request}/cancel");
    let answer = bob.post(&cancel, &[]).await.expect(303);
    assert!(
        answer.location().ends_with("done=request-decided"),
        "{}",
        answer.location()
    );
    bob.get(answer.location())
        .await
        .expect(200)
        .says("was decided meanwhile");
    // Nobody else's, and no other kind's.
    for login in ["alice", "mallory"] {
        let other = world.signed_in(login);
        for path in ["", "/edit", "/regenerate", "/delete", "/activity"] {
            other.get(&format!("{}{path}", page_of(id))).await.expect(404);
        }
        other.post(&cancel, &[]).await.expect(404);
        other
            .post(&format!("{}/delete", page_of(id)), &[])
            .await
            .expect(404);
        other.post(&page_of(id), &edit("read")).await.expect(404);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_is_cancelled() {
    let world = World::new();
    let (id, _) = world
        .mint("bob", "deploy", &["site"], json!({"issues": "read"}))
        .await;
    let request = grants(&world, id).await[0]["request"]["id"].clone();
    let bob = world.signed_in("bob");
    let answer = bob
        .post(&format!("{LIST}/requests/{request}/cancel"), &[])
        .await
        .expect(303);
    bob.get(answer.location()).await.says("You cancelled the request");
}

#[tokio::test(flavor = "multi_thread")]
async fn widening_asks_again_and_narrowing_works_at_once() {
    let world = World::new();
    let (id, _) = world
        .mint_approved("bob", "deploy", &["site"], json!({"issues": "read"}))
        .await;
    let bob = world.signed_in("bob");
    let form = bob.get(&format!("{}/edit", page_of(id))).await.expect(200);
    assert!(between(form.text(), "value=\"acme/site\"", ">").contains("checked"));
    let menu = between(form.text(), "id=\"acme.permission.issues\"", "</select>").to_owned();
    assert!(menu.contains("value=\"read\" selected"), "{menu}");
    let path = format!("{}/edit", page_of(id));
    bob.post(&path, &edit("read"))
        .await
        .expect(200)
        .says("Nothing changes");
    let shown = bob.post(&path, &edit("write")).await.expect(200);
    let shown = shown
        .says("What changes when you save")
        .says("waits for approval");
    assert!(between(shown.text(), "id=\"changes\"", "</section>").contains("Raised"));
    // Looking changes nothing.
    assert_eq!(grants(&world, id).await[0]["request"]["state"], "approved");
    let saved = bob.post(&page_of(id), &edit("write")).await.expect(303);
    assert!(saved.location().ends_with("done=token-edited-pending"));
    let page = bob
        .get(saved.location())
        .await
        .expect(200)
        .says("Waiting for approval");
    assert!(page.text().contains("the token keeps what it holds"));
    let held = grants(&world, id).await[0]["permissions"]["repository"]["issues"].clone();
    assert_eq!(held, "read");
    // A new name alone asks nobody again and leaves the request alone.
    let before = grants(&world, id).await[0]["request"]["id"].clone();
    let mut renamed = edit("write");
    renamed[0].1 = "deploy two";
    bob.post(&page_of(id), &renamed).await.expect(303);
    assert_eq!(grants(&world, id).await[0]["request"]["id"], before);
    // Back to what is held: the request is gone, at once.
    let saved = bob.post(&page_of(id), &edit("read")).await.expect(303);
    assert!(saved.location().ends_with("done=token-edited"));
    // Refused: everything typed comes back.
    let mut wrong = edit("read");
    wrong[0].1 = "";
    wrong[1].1 = "kept <text>";
    bob.post(&page_of(id), &wrong)
        .await
        .expect(422)
        .says("can't be blank")
        .says("kept &lt;text&gt;");
    // A link to the form adds what is missing, and says what would change; it never adds admin.
    let link = format!("{path}?target_name=acme&contents=write&organization_projects=admin&repositories=www");
    let form = bob
        .get(&link)
        .await
        .expect(200)
        .says("What changes when you save");
    assert!(
        between(form.text(), "id=\"acme.permission.contents\"", "</select>")
            .contains("value=\"write\" selected")
    );
    let menu = between(
        form.text(),
        "id=\"acme.permission.organization_projects\"",
        "</select>",
    )
    .to_owned();
    assert!(menu.contains("value=\"none\" selected"), "{menu}");
    assert!(between(form.text(), "value=\"acme/www\"", ">").contains("checked"));
}

#[tokio::test(flavor = "multi_thread")]
async fn regenerating_shows_a_new_secret_and_ends_the_old_one() {
    let world = World::new();
    let (id, old) = world
        .mint_approved("bob", "deploy", &["site"], json!({"issues": "read"}))
        .await;
    let bob = world.signed_in("bob");
    let path = format!("{}/regenerate", page_of(id));
    bob.get(&path).await.expect(200).says("stops working at once");
    bob.post(&path, &[("expires_in", "custom"), ("expires_on", "2020-01-01")])
        .await
        .expect(422)
        .says("must be in the future");
    bob.post(&path, &[("expires_in", "custom"), ("expires_on", "soon")])
        .await
        .expect(422)
        .says("Choose the day");
    let made = bob.post(&path, &[("expires_in", "7")]).await.expect(200);
    let new = between(made.text(), "bwkf_", "<").to_owned();
    world.get("/repos/acme/site/issues", &old).await.expect(401);
    world.get("/repos/acme/site/issues", &new).await.expect(200);
    world.advance_days(8);
    let bob = world.signed_in("bob");
    bob.get(&page_of(id)).await.expect(200).says("It has expired");
    bob.get(LIST).await.says("Regenerate");
}

#[tokio::test(flavor = "multi_thread")]
async fn deleting_asks_first_and_all_only_when_typed() {
    let world = World::new();
    let bob = world.signed_in("bob");
    let (id, secret) = world
        .mint_approved("bob", "deploy", &["site"], json!({"issues": "read"}))
        .await;
    let path = format!("{}/delete", page_of(id));
    bob.get(&path).await.expect(200).says("cannot be undone");
    world.get("/repos/acme/site/issues", &secret).await.expect(200);
    let done = bob.post(&path, &[]).await.expect(303);
    bob.get(done.location())
        .await
        .expect(200)
        .says("The token is deleted.");
    world.get("/repos/acme/site/issues", &secret).await.expect(401);
    for name in ["one", "two"] {
        world
            .mint("bob", name, &["site"], json!({"issues": "read"}))
            .await;
    }
    let classic = world.mint_classic("bob", "old", &["repo"]).await;
    let (_, others) = world
        .mint("alice", "hers", &["site"], json!({"issues": "read"}))
        .await;
    let all = format!("{LIST}/delete");
    bob.get(&all).await.expect(200).says("delete 2 tokens");
    for said in ["", "delete 3 tokens", "yes"] {
        bob.post(&all, &[("confirm", said)])
            .await
            .expect(422)
            .says("Nothing was deleted");
    }
    let done = bob
        .post(&all, &[("confirm", "delete 2 tokens")])
        .await
        .expect(303);
    bob.get(done.location()).await.says("No fine-grained tokens yet");
    world.get("/user", &classic).await.expect(200);
    world
        .get("/user/personal-access-tokens/current", &others)
        .await
        .expect(200);
    bob.get(&all)
        .await
        .expect(200)
        .says("You have no fine-grained tokens");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_activity_of_a_token_is_its_own() {
    let world = World::new();
    let (id, secret) = world
        .mint_approved("bob", "deploy", &["site"], json!({"issues": "read"}))
        .await;
    let (other, _) = world
        .mint("bob", "other", &["site"], json!({"issues": "read"}))
        .await;
    world.get("/repos/acme/site/actions/secrets", &secret).await;
    let bob = world.signed_in("bob");
    let page = bob.get(&format!("{}/activity", page_of(id))).await.expect(200);
    let page = page
        .says("token.<wbr>create<wbr>")
        .says("access_<wbr>granted<wbr>")
        .says("alice")
        .says("Refused");
    drop(page);
    bob.get(&format!("{}/activity", page_of(other)))
        .await
        .expect(200)
        .hides("Refused")
        .says("token.<wbr>create<wbr>");
    bob.get(&format!("{}/activity?after=nonsense", page_of(id)))
        .await
        .expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn classic_tokens_have_scopes_and_their_own_pages() {
    let world = World::new();
    let bob = world.signed_in("bob");
    bob.get("/settings/tokens")
        .await
        .expect(200)
        .says("No classic tokens");
    let form = bob
        .get("/settings/tokens/new?scopes=repo,gist,admin:org,nonsense&description=From+a+link")
        .await
        .expect(200)
        .says("This form was filled in by a link")
        .says("value=\"From a link\"")
        .says("nonsense, which is no scope here");
    let ticked = |page: &str, scope: &str| {
        let id = format!("id=\"scope-{scope}\"");
        between(page, &id, ">").contains("checked")
    };
    assert!(ticked(form.text(), "gist") && !ticked(form.text(), "repo") && !ticked(form.text(), "admin-org"));
    let fields = [
        ("name", ""),
        ("expires_in", "30"),
        ("scope", "gist"),
        ("scope", "read:org"),
    ];
    let refused = bob.post("/settings/tokens", &fields).await.expect(422);
    assert!(ticked(refused.text(), "gist") && ticked(refused.text(), "read-org"));
    let mut fields = fields.to_vec();
    fields[0].1 = "old script";
    let made = bob
        .post("/settings/tokens", &fields)
        .await
        .expect(200)
        .says("Ready to use");
    let secret = between(made.text(), "bwkc_", "<").to_owned();
    let own = world
        .get("/user/personal-access-tokens?kind=classic", &world.session("bob"))
        .await;
    let path = format!("/settings/tokens/{}", own.json[0]["id"]);
    let list = bob.get("/settings/tokens").await.expect(200).hides(&secret);
    assert!(list.text().contains("old script") && list.text().contains(&format!("href=\"{path}\"")));
    bob.get(&path).await.expect(200).says("Classic token");
    let done = bob
        .post(&path, &[("name", "renamed"), ("scope", "notifications")])
        .await
        .expect(303);
    let page = bob.get(done.location()).await.expect(200).says("renamed");
    assert!(ticked(page.text(), "notifications") && !ticked(page.text(), "gist"));
    bob.post(&path, &[("name", "renamed"), ("scope", "everything")])
        .await
        .expect(422)
        .says("No such scope");
    // The two kinds do not mix: each address shows its own.
    let number = path.rsplit('/').next().unwrap();
    let there = bob.get(&format!("{LIST}/{number}")).await.expect(303);
    assert_eq!(there.location(), path);
    bob.post(LIST, &ISSUES).await.expect(200);
    bob.get(LIST).await.hides("renamed");
    bob.get("/settings/tokens").await.hides("triage bot");
    let wrong = world.signed_in("alice");
    wrong.get(&path).await.expect(404);
    wrong.post(&path, &[("name", "mine")]).await.expect(404);
}
