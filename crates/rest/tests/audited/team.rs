//! Teams, their members and repositories, by slug and by number.

use super::recipe::{Recipe, recipe};
use bailiwick_catalogue::{OperationIndex, op};
use serde_json::json;

const BOB: &str = "/orgs/acme/teams/crew/memberships/bob";
const SITE: &str = "/orgs/acme/teams/crew/repos/acme/site";

/// A change of the team `crew`, which is there.
fn on_team(index: OperationIndex, path: &'static str) -> Recipe {
    recipe(index, path)
        .after("POST", "/orgs/acme/teams", json!({"name": "crew"}))
        .keep("team", "/id")
}

fn with_bob(index: OperationIndex, path: &'static str) -> Recipe {
    on_team(index, path).after("PUT", BOB, json!({}))
}

fn with_site(index: OperationIndex, path: &'static str) -> Recipe {
    on_team(index, path).after("PUT", SITE, json!({"permission": "pull"}))
}

pub fn recipes() -> Vec<Recipe> {
    let (role, push) = (|| json!({"role": "maintainer"}), || json!({"permission": "push"}));
    let describe = || json!({"description": "d"});
    vec![
        recipe(op::TEAMS_CREATE, "/orgs/acme/teams").body(json!({"name": "crew"})),
        on_team(op::TEAMS_UPDATE_IN_ORG, "/orgs/acme/teams/crew").body(describe()),
        on_team(op::TEAMS_UPDATE_LEGACY, "/teams/{team}").body(describe()),
        on_team(op::TEAMS_DELETE_IN_ORG, "/orgs/acme/teams/crew").wrong_path("/orgs/acme/teams/none"),
        on_team(op::TEAMS_DELETE_LEGACY, "/teams/{team}").refused_path("/teams/99"),
        on_team(op::TEAMS_ADD_OR_UPDATE_MEMBERSHIP_FOR_USER_IN_ORG, BOB).body(role()),
        on_team(
            op::TEAMS_ADD_OR_UPDATE_MEMBERSHIP_FOR_USER_LEGACY,
            "/teams/{team}/memberships/bob",
        )
        .body(role()),
        with_bob(op::TEAMS_REMOVE_MEMBERSHIP_FOR_USER_IN_ORG, BOB)
            .wrong_path("/orgs/acme/teams/crew/memberships/carol"),
        with_bob(
            op::TEAMS_REMOVE_MEMBERSHIP_FOR_USER_LEGACY,
            "/teams/{team}/memberships/bob",
        )
        .wrong_path("/teams/{team}/memberships/carol"),
        with_bob(op::TEAMS_REMOVE_MEMBER_LEGACY, "/teams/{team}/members/bob")
            .wrong_path("/teams/{team}/members/carol"),
        on_team(op::TEAMS_ADD_OR_UPDATE_REPO_PERMISSIONS_IN_ORG, SITE).body(push()),
        on_team(
            op::TEAMS_ADD_OR_UPDATE_REPO_PERMISSIONS_LEGACY,
            "/teams/{team}/repos/acme/site",
        )
        .body(push()),
        with_site(op::TEAMS_REMOVE_REPO_IN_ORG, SITE).wrong_path("/orgs/acme/teams/crew/repos/acme/secret"),
        with_site(op::TEAMS_REMOVE_REPO_LEGACY, "/teams/{team}/repos/acme/site")
            .wrong_path("/teams/{team}/repos/acme/secret"),
    ]
}
