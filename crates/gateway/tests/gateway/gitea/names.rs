//! A login or a repository's name that became free at Gitea leads to whoever has it by now: nobody is acted as, and nothing
//! reached, but what was decided on.

use super::standin::Gitea;
use crate::front::{Behind, Front, Granted, UPSTREAM_TOKEN};
use bailiwick_model::UpstreamKind;
use bailiwick_store::{StoreError, repository, upstream};

const ISSUES: &str = "/api/v1/repos/acme/site/issues";
const NEW: &str = r#"{"title": "x"}"#;
const GRANTS: &[Granted<'_>] = &[(
    "acme",
    Some(&["site"]),
    &[("issues", "write"), ("pull_requests", "write")],
)];

/// With the numbers that bob and the repository have there.
async fn before(gitea: &Gitea) -> Front {
    let front = Front::before(vec![Behind::new(
        "forge",
        UpstreamKind::Gitea,
        gitea.recorder.url(),
    )])
    .await;
    front
        .store
        .write(|tx| {
            let there = upstream::by_name(tx, "forge")?.unwrap();
            let mut link = upstream::link(tx, there.id, front.accounts["bob"])?.unwrap();
            link.upstream_key = Some("3".into());
            upstream::put_link(tx, link)?;
            let mut site = repository::by_id(tx, front.repositories["site"])?.unwrap();
            site.upstream_key = Some("40".into());
            repository::update(tx, &site)?;
            Ok::<_, StoreError>(())
        })
        .unwrap();
    front
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_took_a_name_is_not_acted_as() {
    let gitea = Gitea::start().await;
    let front = before(&gitea).await;
    let (_, token) = front.token("bob", GRANTS);
    gitea.number("repos/team/website", 40);
    gitea.number("users/bobby", 77);
    let answer = front.ask("POST", ISSUES, &token, NEW).await.expect(409);
    assert_eq!(answer.reason(), "upstream.somebody_else");
    let arrived = gitea.recorder.take();
    assert!(
        arrived.iter().all(|one| one.header("sudo").is_none()),
        "{arrived:?}"
    );
    // Asked as the administrator, once a minute.
    gitea.number("users/bobby", 3);
    gitea.acting();
    for _ in 0..3 {
        front.ask("POST", ISSUES, &token, NEW).await.expect(201);
    }
    let arrived = gitea.recorder.take();
    let asked: Vec<&str> = arrived
        .iter()
        .filter(|one| one.header("sudo").is_none())
        .map(|one| one.path())
        .collect();
    assert_eq!(asked, ["/api/v1/users/bobby", "/api/v1/repos/team/website"]);
    let authorization = format!("token {UPSTREAM_TOKEN}");
    assert!(
        arrived
            .iter()
            .all(|one| one.header("authorization") == Some(&authorization))
    );
    assert_eq!(arrived.len(), 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_repository_of_the_name_is_not_reached() {
    let gitea = Gitea::start().await;
    let front = before(&gitea).await;
    let (_, token) = front.token("bob", GRANTS);
    gitea.number("users/bobby", 3);
    gitea.number("repos/team/website", 41);
    let answer = front.ask("POST", ISSUES, &token, NEW).await.expect(409);
    assert_eq!(answer.reason(), "upstream.renamed");
    assert!(
        gitea
            .recorder
            .take()
            .iter()
            .all(|one| one.header("sudo").is_none())
    );
    gitea.number("repos/team/website", 40);
    front.ask("POST", ISSUES, &token, NEW).await.expect(201);
}
