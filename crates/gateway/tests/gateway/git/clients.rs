//! Clients that are not git: they speak the same protocol in their own way.

use super::bed::Bed;
use super::push::FLOWS;
use super::world::{Behind, World};
use bailiwick_testkit::program::{node, python, run};
use std::path::Path;

#[tokio::test(flavor = "multi_thread")]
async fn dulwich_and_isomorphic_git_clone_and_push() {
    let bed = Bed::start().await;
    bed.seeded("team/website");
    let world = World::before(Behind::bed(&bed)).await;
    let (_, token) = world.token("bob", &["site"], FLOWS);
    let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/gateway/git/clients");
    let url = format!("http://{}/acme/site.git", world.address);
    let mut dulwich = python();
    dulwich.arg(scripts.join("dulwich_client.py"));
    for (mut command, name) in [
        (dulwich, "dulwich"),
        (node(&scripts.join("isomorphic.mjs")), "isomorphic"),
    ] {
        let ran = run(command.args([&url, &token]).arg(world.path(name))).works();
        assert_eq!(
            bed.tip("team/website", name).as_deref(),
            Some(ran.stdout.trim()),
            "{}",
            ran.said()
        );
    }
    assert!(!String::from_utf8_lossy(&bed.wire.bytes()).contains(&token));
    assert_eq!(world.events("git.push").len(), 2);
    world.until(|world| world.events("git.clone").len() == 2).await;
}
