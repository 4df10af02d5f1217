//! Commit statuses, check suites and check runs.

use super::recipe::{Recipe, recipe};
use bailiwick_catalogue::op;
use serde_json::json;

const RUNS: &str = "/repos/acme/site/check-runs";
const SUITES: &str = "/repos/acme/site/check-suites";

pub fn recipes() -> Vec<Recipe> {
    let run = || json!({"name": "n", "head_sha": "{second}"});
    let done =
        || json!({"name": "n", "head_sha": "{second}", "status": "completed", "conclusion": "success"});
    vec![
        recipe(
            op::REPOS_CREATE_COMMIT_STATUS,
            "/repos/acme/site/statuses/{second}",
        )
        .body(json!({"state": "success"})),
        recipe(op::CHECKS_CREATE_SUITE, SUITES).body(json!({"head_sha": "{second}"})),
        recipe(
            op::CHECKS_REREQUEST_SUITE,
            "/repos/acme/site/check-suites/{suite}/rerequest",
        )
        .after("POST", RUNS, done())
        .keep("suite", "/check_suite/id")
        .wrong_path("/repos/acme/site/check-suites/99/rerequest"),
        recipe(op::CHECKS_CREATE, RUNS).body(run()),
        recipe(op::CHECKS_UPDATE, "/repos/acme/site/check-runs/{run}")
            .after("POST", RUNS, run())
            .keep("run", "/id")
            .body(json!({"status": "in_progress"})),
        recipe(
            op::CHECKS_REREQUEST_RUN,
            "/repos/acme/site/check-runs/{run}/rerequest",
        )
        .after("POST", RUNS, done())
        .keep("run", "/id")
        .wrong_path("/repos/acme/site/check-runs/99/rerequest"),
    ]
}
