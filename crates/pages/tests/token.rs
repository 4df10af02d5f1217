//! Making a token: the form, its links, its errors, the secret shown once, the list.

use crate::harness::World;
use bailiwick_store::{account, repository};
use serde_json::json;

pub const NEW: &str = "/settings/personal-access-tokens/new";
pub const LIST: &str = "/settings/personal-access-tokens";

/// Sets the policy of acme as its owner does.
pub async fn policy(world: &World, policy: serde_json::Value) {
    let alice = world.session("alice");
    world
        .call("PUT", "/orgs/acme/personal-access-token-policy", &alice, policy)
        .await
        .expect(200);
}

/// What bob types for issues of acme/site.
pub const ISSUES: [(&str, &str); 7] = [
    ("name", "triage bot"),
    ("description", "Labels new issues"),
    ("expires_in", "60"),
    ("owner", "acme"),
    ("acme.selection", "subset"),
    ("acme.repositories", "acme/site"),
    ("acme.permission.issues", "write"),
];

/// The part of a page from one text to another.
#[track_caller]
pub fn between<'a>(page: &'a str, from: &str, to: &str) -> &'a str {
    let at = page.find(from).unwrap_or_else(|| panic!("no {from:?} in {page}"));
    let rest = &page[at..];
    &rest[..rest
        .find(to)
        .unwrap_or_else(|| panic!("no {to:?} after {from:?}"))]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_makes_a_token_that_waits_for_approval_and_sees_the_secret_once() {
    let world = World::new();
    let bob = world.signed_in("bob");
    bob.get(LIST).await.expect(200).says("No fine-grained tokens yet");
    // What a browser sends besides: the person's own account, chosen at first, and menus that are no choice.
    let sent: Vec<(&str, &str)> = ISSUES
        .into_iter()
        .chain([
            ("owner", "bob"),
            ("bob.permission.metadata", "read"),
            ("bob.permission.issues", "none"),
            ("acme.permission.metadata", "read"),
        ])
        .collect();
    bob.post(NEW, &sent).await.expect(200).says("triage bot");
    let form = bob.get(NEW).await.expect(200);
    assert!(form.text().contains("value=\"acme\"") && form.text().contains("value=\"bob\""));
    let made = bob
        .post(LIST, &sent)
        .await
        .expect(200)
        .says("Waiting for approval")
        .says("/api/v3/repos/acme/site")
        .hides("git clone");
    let secret = between(made.text(), "bwkf_", "<").to_owned();
    assert_eq!(
        made.text().matches(&secret).count(),
        1,
        "the secret is in one place"
    );
    assert_eq!(made.header("cache-control"), "no-store");
    let list = bob.get(LIST).await.expect(200).hides(&secret).says("triage bot");
    assert!(list.text().contains("Pending") && list.text().contains("waiting for approval"));
    assert!(list.text().contains("Issues read and write; 1 repository"));
    // The same name again: the form comes back with everything typed.
    let again = bob.post(LIST, &ISSUES).await.expect(422);
    let again = again
        .says("already been taken")
        .says("Labels new issues")
        .says("<title>Error: ");
    let picked = between(again.text(), "value=\"acme/site\"", ">");
    assert!(picked.contains("checked"), "{picked}");
    let menu = between(again.text(), "id=\"acme.permission.issues\"", "</select>");
    assert!(menu.contains("value=\"write\" selected"), "{menu}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_for_what_is_public_needs_no_choice() {
    let world = World::new();
    let bob = world.signed_in("bob");
    // The form as it opens, sent with a name alone.
    let fields = [
        ("name", "reader"),
        ("expires_in", "30"),
        ("owner", "bob"),
        ("bob.permission.metadata", "read"),
    ];
    let made = bob.post(LIST, &fields).await.expect(200).says("Your new token");
    let secret = between(made.text(), "bwkf_", "<").to_owned();
    world.get("/repos/acme/www", &secret).await.expect(200);
    world.get("/repos/acme/site", &secret).await.expect(404);
    // An organization's own permissions need no repositories.
    let fields = [
        ("name", "people"),
        ("expires_in", "30"),
        ("owner", "acme"),
        ("acme.selection", "none"),
        ("acme.permission.metadata", "read"),
        ("acme.permission.members", "read"),
    ];
    bob.post(LIST, &fields)
        .await
        .expect(200)
        .says("Waiting for approval");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_with_more_owners_than_a_token_has_is_refused_quickly() {
    let world = World::new();
    let mallory = world.signed_in("mallory");
    let names: Vec<String> = (0..20_000).map(|number| format!("o{number}")).collect();
    let mut fields = vec![("name", "x"), ("expires_in", "30")];
    fields.extend(names.iter().map(|name| ("owner", name.as_str())));
    let drawn = mallory.post(NEW, &fields).await.expect(200);
    assert!(drawn.bytes.len() < 300_000, "{}", drawn.bytes.len());
    mallory.post(LIST, &fields).await.expect(422);
    let many: Vec<(&str, &str)> = std::iter::repeat_n(("a", ""), 60_000).collect();
    mallory.post(NEW, &many).await.expect(413);
}

#[tokio::test(flavor = "multi_thread")]
async fn visitors_sign_in_and_old_sessions_prove_themselves_before_minting() {
    let world = World::new();
    let sent = world.browser().get(NEW).await.expect(303);
    assert!(sent.location().starts_with("/login?return_to="));
    let bob = world.signed_in("bob");
    world.clock_forward_hours(3);
    // Looking and preparing need no password; minting does, and what was typed is kept.
    bob.get(NEW).await.expect(200);
    bob.post(NEW, &ISSUES).await.expect(200).says("triage bot");
    let turned = bob.post(LIST, &ISSUES).await.expect(403).says("Is it you?");
    let kept = crate::browser::hidden(turned.text(), "kept_form");
    assert!(kept.contains("acme.permission.issues=write"), "{kept}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_organization_that_blocks_tokens_is_shown_with_the_reason_and_can_be_asked() {
    let world = World::new();
    policy(&world, json!({"fine_grained": {"allowed": false}})).await;
    let bob = world.signed_in("bob");
    let form = bob
        .get(NEW)
        .await
        .expect(200)
        .says("Blocked by the organization: acme does not let fine-grained tokens reach it")
        .says("Ask its owners to allow it");
    let card = between(form.text(), "value=\"acme\"", ">");
    assert!(card.contains("disabled"), "{card}");
    let ask = "/settings/personal-access-tokens/ask/acme";
    let fields = [
        ("name", "typed before"),
        ("kind", "fine_grained"),
        ("owner", "bob"),
    ];
    let asked = bob.post(ask, &fields).await.expect(200).says("typed before");
    let asked = asked
        .says("You asked its owners on")
        .hides("Ask its owners to allow it");
    drop(asked);
    bob.post(ask, &fields)
        .await
        .expect(200)
        .says("You had asked already");
    // Whoever does not belong to it cannot tell anything about it, nor ask.
    for login in ["carol", "mallory"] {
        let browser = world.signed_in(login);
        let answer = browser.post(ask, &fields).await;
        assert!(matches!(answer.status, 403 | 404), "{login}: {}", answer.status);
    }
    // An owner is led to the policy instead.
    let alice = world.signed_in("alice");
    alice
        .get(NEW)
        .await
        .expect(200)
        .says("/organizations/acme/settings/personal-access-tokens");
    // Minting there all the same changes nothing.
    bob.post(LIST, &ISSUES).await.expect(422).says("forbids access");
    // Allowed again: the ask is answered, and asking makes no sense.
    policy(&world, json!({})).await;
    bob.post(ask, &fields)
        .await
        .expect(422)
        .says("allows this kind of token already");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_enterprise_blocks_names_the_enterprise() {
    let world = World::new();
    let alice = world.session("alice");
    let body = json!({"fine_grained": {"allowed": false}});
    let path = "/enterprises/acme-enterprise/personal-access-token-policy";
    world.call("PUT", path, &alice, body).await.expect(200);
    let bob = world.signed_in("bob");
    bob.get(NEW)
        .await
        .expect(200)
        .says("Blocked by the enterprise acme-enterprise");
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_stand_beside_their_fields() {
    let world = World::new();
    let bob = world.signed_in("bob");
    policy(&world, json!({"fine_grained": {"lifetime_days_max": 14}})).await;
    for (change, field, says) in [
        (("name", ""), "name", "can't be blank"),
        (("name", "x".repeat(41).leak()), "name", "too long"),
        (("name", "a\u{202e}b"), "name", "hide or reorder"),
        (
            ("expires_in", "60"),
            "expires_in",
            "acme allows fine-grained tokens of at most 14 days",
        ),
        (("expires_in", "custom"), "expires_on", "Choose the day"),
        (("expires_in", "0"), "expires_in", "between 1 and 366"),
        (
            ("acme.permission.issues", "everything"),
            "acme.permission.issues",
            "",
        ),
        (("acme.selection", "none"), "acme.selection", "need repositories"),
        (
            ("acme.repositories", "rival/plans"),
            "acme.repositories",
            "No such repository of acme",
        ),
        (
            ("acme.reason", "r".repeat(1025).leak()),
            "acme.reason",
            "too long",
        ),
        (
            ("owner", "rival2"),
            "owner",
            "Cannot find the specified resource owner",
        ),
    ] {
        let mut fields: Vec<(&str, &str)> = ISSUES.to_vec();
        if change.0 != "expires_in" {
            fields.retain(|(name, _)| *name != "expires_in");
            fields.push(("expires_in", "7"));
        }
        fields.retain(|(name, _)| *name != change.0);
        fields.push(change);
        fields.push(("rival2.permission.members", "read"));
        let answer = bob.post(LIST, &fields).await;
        if says.is_empty() {
            // A level that does not exist is no level.
            answer.expect(200);
            continue;
        }
        let page = answer.expect(422).says(says);
        assert!(
            page.text().contains(&format!("href=\"#{field}\"")),
            "{change:?}: no link to {field}"
        );
        assert!(
            page.text().contains(&format!("id=\"{field}-error\"")) || field == "owner",
            "{change:?}: nothing beside {field}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_fills_in_the_form_but_never_the_dangerous_part() {
    let world = World::new();
    let bob = world.signed_in("bob");
    let link = format!(
        "{NEW}?name=From+a+link&description=d&target_name=ACME&expires_in=none&issues=write&\
         organization_custom_properties=admin&nonsense=read&repositories=site,all"
    );
    let request = http::Request::builder()
        .uri(&link)
        .header("referer", "https://docs.example.org/setup?x=<b>");
    let form = bob.send(request, String::new()).await.expect(200);
    let form = form
        .says("This form was filled in by a link from docs.example.org")
        .says("value=\"From a link\"")
        .says("No expiration. It is 30 days")
        .says("Admin of custom properties")
        .says("nonsense, which is no permission here")
        .says("All repositories.");
    let text = form.text();
    assert!(between(text, "name=\"owner\" id=\"owner-1\" value=\"acme\"", ">").contains("checked"));
    assert!(between(text, "id=\"acme.permission.issues\"", "</select>").contains("value=\"write\" selected"));
    let menu = between(
        text,
        "id=\"acme.permission.organization_custom_properties\"",
        "</select>",
    );
    assert!(menu.contains("value=\"none\" selected"), "{menu}");
    assert!(between(text, "value=\"acme/site\"", ">").contains("checked"));
    assert!(
        between(text, "id=\"expires_in\"", "</select>")
            .contains("value=\"30\" data-date=\"2026-04-09\" selected")
    );
    // Drawn again, it still says so; and minting does not depend on it.
    let again = [("name", "x"), ("linked", "a link from docs.example.org")];
    bob.post(NEW, &again)
        .await
        .says("This form was filled in by a link from docs.example.org");
    // Without a page that led here, or after signing in on the way, it is just a link.
    bob.get(&link).await.says("This form was filled in by a link<");
    let request = http::Request::builder()
        .uri(&link)
        .header("referer", "http://127.0.0.1:8417/login?return_to=x");
    bob.send(request, String::new())
        .await
        .says("filled in by a link<");
    // An owner that is not the person's.
    bob.get(&format!("{NEW}?target_name=rival"))
        .await
        .expect(200)
        .says("Cannot find the specified resource owner: rival");
    bob.get(NEW).await.hides("filled in by a link");
    // No parameter chooses everything: not even by the form's own names.
    let sneaky = format!("{NEW}?owner=acme&acme.selection=all&expires_in=none&acme.permission.issues=admin");
    let form = bob.get(&sneaky).await.expect(200);
    assert!(!between(form.text(), "id=\"acme.selection-1\" value=\"all\"", ">").contains("checked"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picker_of_a_thousand_repositories_searches_on_the_server_and_forgets_nothing() {
    let world = World::new();
    let now = bailiwick_authority::Clock::now(&*world.clock);
    world
        .store
        .write(|tx| -> Result<(), bailiwick_store::StoreError> {
            for number in 0..1000 {
                let row = bailiwick_store::RepositoryRow::new(
                    world.accounts["acme"],
                    &format!("service-{number:04}"),
                    bailiwick_model::Visibility::Private,
                    now,
                );
                repository::insert(tx, row)?;
            }
            let row = account::by_login(tx, "acme")?;
            assert!(row.is_some());
            Ok(())
        })
        .unwrap();
    let bob = world.signed_in("bob");
    let mut fields: Vec<(&str, &str)> = ISSUES.to_vec();
    fields.push(("acme.search", "0777"));
    fields.push(("show", "acme"));
    let page = bob.post(NEW, &fields).await.expect(200);
    let picker = between(page.text(), "id=\"acme.repositories\"", "</ul>");
    assert_eq!(picker.matches("type=\"checkbox\"").count(), 2, "{picker}");
    assert!(picker.contains("acme/service-0777") && between(picker, "acme/site", ">").contains("checked"));
    assert!(page.text().contains("2 of 1004 listed"));
    let page = bob
        .get(&format!("{NEW}?target_name=acme&issues=read"))
        .await
        .expect(200);
    assert!(page.text().contains("100 of 1004 listed"));
    let size = page.text().len();
    assert!(size < 500_000, "{size} bytes");
}

#[tokio::test(flavor = "multi_thread")]
async fn several_owners_in_one_token_each_with_its_own_rights() {
    let world = World::new();
    let alice = world.signed_in("alice");
    let fields = [
        ("name", "both"),
        ("expires_in", "30"),
        ("owner", "acme"),
        ("owner", "acme-labs"),
        ("acme.selection", "all"),
        ("acme.permission.contents", "write"),
        ("acme-labs.selection", "subset"),
        ("acme-labs.repositories", "acme-labs/rocket"),
        ("acme-labs.permission.administration", "write"),
        // Filled in, but its owner was not chosen: it does not count.
        ("alice.permission.emails", "write"),
    ];
    let drawn = alice.post(NEW, &fields).await.expect(200);
    let box_of = between(drawn.text(), "data-sentences", "</section>");
    assert!(box_of.contains("Read and write contents of all repositories of acme; nothing else."));
    assert!(box_of.contains("Read and write administration of acme-labs/rocket; nothing else."));
    assert!(!box_of.contains("alice") && box_of.contains("Administration can change who has access"));
    alice.post(LIST, &fields).await.expect(200).says("Ready to use");
    let own = world
        .get("/user/personal-access-tokens", &world.session("alice"))
        .await;
    assert_eq!(own.json[0]["grants"].as_array().unwrap().len(), 2, "{}", own.json);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outside_collaborator_chooses_single_repositories_only() {
    let world = World::new();
    let carol = world.signed_in("carol");
    let form = carol
        .get(&format!("{NEW}?target_name=acme&issues=read"))
        .await
        .expect(200)
        .says("You are not a member");
    assert!(between(form.text(), "id=\"acme.selection-1\" value=\"all\"", ">").contains("disabled"));
    let picker = between(form.text(), "id=\"acme.repositories\"", "</ul>");
    assert!(
        picker.contains("acme/site") && !picker.contains("acme/secret"),
        "{picker}"
    );
    form.hides("acme.permission.members");
}

#[tokio::test(flavor = "multi_thread")]
async fn names_with_markup_stay_text_and_lists_have_pages() {
    let world = World::new();
    let bob = world.signed_in("bob");
    let name = "<script>alert(1)</script>";
    bob.post(
        LIST,
        &[
            ("name", name),
            ("expires_in", "7"),
            ("owner", "bob"),
            ("bob.permission.emails", "read"),
        ],
    )
    .await
    .expect(200)
    .hides(name)
    .says("&lt;script&gt;");
    bob.get(LIST).await.expect(200).hides(name);
    for number in 0..4 {
        let text = format!("t{number}-{}", "longword".repeat(4));
        world
            .mint("bob", &text, &["site"], json!({"issues": "read"}))
            .await;
    }
    let page = bob
        .get(&format!("{LIST}?per_page=2"))
        .await
        .expect(200)
        .says("1–2 of 5 tokens");
    assert!(page.text().contains("?per_page=2&amp;page=2") && page.text().contains("t3-"));
    bob.get(&format!("{LIST}?per_page=2&page=3"))
        .await
        .expect(200)
        .says("5–5 of 5 tokens")
        .says("&lt;script&gt;");
    bob.get(&format!("{LIST}?per_page=2&page=9"))
        .await
        .expect(200)
        .says("Nothing on this page");
}
