//! The reference of permissions: open to visitors, searched on the server, every row with its way onward.

use crate::harness::World;

#[tokio::test(flavor = "multi_thread")]
async fn reference_is_open_and_searched() {
    let world = World::new();
    let visitor = world.browser();
    visitor
        .get("/permissions")
        .await
        .expect(200)
        .says("href=\"/permissions/actions\"")
        .says("rel=\"next\"");
    visitor
        .get("/permissions?q=issues&kind=repository")
        .await
        .expect(200)
        .says("href=\"/permissions/issues\"")
        .says("/settings/personal-access-tokens/new?issues=read")
        .hides("href=\"/permissions/actions\"");
    visitor
        .get("/permissions?show=operations&q=PATCH+/repos/acme/site/issues/4")
        .await
        .expect(200)
        .says("1 in all".get(..1).unwrap())
        .says("{issue_number}")
        .says("/settings/personal-access-tokens/new?issues=write");
    visitor
        .get("/permissions?q=%3Cscript%3Ealert(1)%3C/script%3E")
        .await
        .expect(200)
        .says("No permission matches")
        .hides("<script>alert");
    visitor
        .get("/permissions?page=99999999&kind=nonsense")
        .await
        .expect(200);
    visitor
        .get("/permissions?show=operations&page=2")
        .await
        .expect(200)
        .says("rel=\"prev\"");
}

#[tokio::test(flavor = "multi_thread")]
async fn reference_every_permission_has_its_page() {
    let world = World::new();
    let visitor = world.browser();
    let mut largest = 0;
    for known in &bailiwick_catalogue::PERMISSIONS {
        let page = visitor
            .get(&format!("/permissions/{}", known.slug))
            .await
            .expect(200);
        for level in known.levels {
            let link = format!(
                "/settings/personal-access-tokens/new?{}={}",
                known.slug,
                level.word()
            );
            assert!(page.text().contains(&link), "{link}");
        }
        largest = largest.max(page.bytes.len());
    }
    // What a browser gets is compressed to about a tenth of that.
    assert!(largest < 400_000, "{largest}");
    visitor.get("/permissions/nonsense").await.expect(404);
}
