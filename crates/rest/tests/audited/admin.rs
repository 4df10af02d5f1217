//! Administration of the installation.

use super::recipe::{Recipe, recipe};
use bailiwick_catalogue::op;
use serde_json::json;

const OWNER: &str = "/admin/enterprises/acme-enterprise/owners/bob";

pub fn recipes() -> Vec<Recipe> {
    vec![
        recipe(op::BAILIWICK_ADMIN_CREATE_USER, "/admin/users").body(json!({"login": "dave"})),
        recipe(op::BAILIWICK_ADMIN_UPDATE_USER, "/admin/users/carol")
            .body(json!({"suspended": true}))
            .action("user.suspend"),
        recipe(op::BAILIWICK_ADMIN_DELETE_USER, "/admin/users/carol").wrong_path("/admin/users/none"),
        recipe(op::BAILIWICK_ADMIN_CREATE_ORGANIZATION, "/admin/organizations")
            .body(json!({"login": "newco", "admin": "bob"})),
        recipe(
            op::BAILIWICK_ADMIN_UPDATE_ORGANIZATION,
            "/admin/organizations/acme",
        )
        .body(json!({"login": "apex"})),
        recipe(op::BAILIWICK_ADMIN_CREATE_ENTERPRISE, "/admin/enterprises")
            .body(json!({"slug": "group", "owner": "bob"})),
        recipe(
            op::BAILIWICK_ADMIN_ADD_ORGANIZATION_TO_ENTERPRISE,
            "/admin/enterprises/acme-enterprise/organizations/rival",
        )
        .after(
            "POST",
            "/admin/enterprises",
            json!({"slug": "group", "owner": "bob"}),
        )
        .wrong_path("/admin/enterprises/group/organizations/acme"),
        recipe(op::BAILIWICK_ADMIN_ADD_ENTERPRISE_OWNER, OWNER)
            .wrong_path("/admin/enterprises/acme-enterprise/owners/none"),
        recipe(op::BAILIWICK_ADMIN_REMOVE_ENTERPRISE_OWNER, OWNER)
            .after("PUT", OWNER, json!({}))
            .wrong_path("/admin/enterprises/acme-enterprise/owners/mallory"),
        recipe(
            op::BAILIWICK_ADMIN_IMPORT_REPOSITORY,
            "/admin/repositories/acme/imported/import",
        )
        .body(json!({"directory": "{site}"})),
        recipe(op::BAILIWICK_ADMIN_BACKUP, "/admin/backup").body(json!({"path": "{directory}/backup"})),
        recipe(op::BAILIWICK_ADMIN_END_TOKENS, "/admin/tokens/end")
            .after_by(
                "bob",
                "POST",
                "/user/personal-access-tokens",
                json!({"name": "t", "kind": "classic", "scopes": ["repo"]}),
            )
            .body(json!({"user": "bob", "kind": "classic", "confirm": "end tokens"}))
            .more(&["oauth_access.revoke"]),
    ]
}
