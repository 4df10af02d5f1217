//! Repositories as wholes, and their collaborators.

use super::recipe::{Recipe, recipe};
use bailiwick_catalogue::op;
use serde_json::json;

pub fn recipes() -> Vec<Recipe> {
    vec![
        recipe(op::REPOS_CREATE_FOR_AUTHENTICATED_USER, "/user/repos").body(json!({"name": "tools"})),
        recipe(op::REPOS_CREATE_IN_ORG, "/orgs/acme/repos").body(json!({"name": "tools"})),
        recipe(op::REPOS_UPDATE, "/repos/acme/site")
            .body(json!({"name": "web", "archived": true}))
            .action("repo.rename")
            .more(&["repo.archived"]),
        recipe(op::REPOS_DELETE, "/repos/acme/site").refused_path("/repos/acme/none"),
        recipe(op::REPOS_TRANSFER, "/repos/acme/site/transfer")
            .body(json!({"new_owner": "acme-labs"}))
            .more(&["repo.transfer"]),
        recipe(op::REPOS_CREATE_FORK, "/repos/acme/www/forks").body(json!({"organization": "acme-labs"})),
        recipe(
            op::REPOS_ADD_COLLABORATOR,
            "/repos/acme/site/collaborators/mallory",
        )
        .body(json!({"permission": "pull"})),
        recipe(
            op::REPOS_REMOVE_COLLABORATOR,
            "/repos/acme/site/collaborators/carol",
        )
        .wrong_path("/repos/acme/site/collaborators/mallory"),
    ]
}
