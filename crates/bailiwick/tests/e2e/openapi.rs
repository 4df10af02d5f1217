//! Every implemented answer against GitHub's own description of its interface, with a list of deviations that may
//! only shrink.

use bailiwick_testkit::program::{node, run};
use serde_json::json;

use crate::clients::script;
use crate::world::World;

#[test]
fn answers_keep_githubs_shapes() {
    let world = World::start(&["demo"]);
    let all = json!({
        "contents": "write", "issues": "write", "administration": "write", "statuses": "write", "checks": "write",
        "pull_requests": "write", "workflows": "write",
    });
    let token = world.token("alice", "shapes", &["site", "www"], all).text;
    let ran = run(node(&script("openapi.mjs"))
        .env("URL", world.url())
        .env("TOKEN", token)
        .env("SESSION", world.session("alice"))
        .env("BOB", world.session("bob"))
        .env("DEVIATIONS", script("deviations.json")))
    .works();
    assert!(ran.stdout.contains("shapes are kept"), "{}", ran.said());
}
