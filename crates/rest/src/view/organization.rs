//! Organizations in full, and memberships.

use crate::view::account::{simple_organization, simple_user};
use bailiwick_authority::directory::organization::{MembershipView, OrganizationView};
use bailiwick_model::OrganizationRole;
use serde_json::{Value, json};

/// GitHub's Organization Full. Texts that are not set are left out: GitHub's description has no null there.
pub fn organization(base_url: &str, view: &OrganizationView) -> Value {
    let row = &view.row;
    let mut value = simple_organization(base_url, row);
    let Some(fields) = value.as_object_mut() else {
        return value;
    };
    let mut put = |name: &str, value: Value| {
        fields.insert(name.to_owned(), value);
    };
    let texts = [
        ("name", &row.name),
        ("company", &row.company),
        ("blog", &row.blog),
        ("location", &row.location),
        ("email", &row.email),
    ];
    for (name, text) in texts {
        if let Some(text) = text {
            put(name, json!(text));
        }
    }
    put("twitter_username", Value::Null);
    put("is_verified", json!(false));
    put("has_organization_projects", json!(false));
    put("has_repository_projects", json!(false));
    put("public_repos", json!(view.public_repositories));
    put("public_gists", json!(0));
    put("followers", json!(0));
    put("following", json!(0));
    put("html_url", json!(format!("{base_url}/{}", row.login)));
    put("created_at", json!(row.created_at.rfc3339()));
    put("updated_at", json!(row.updated_at.rfc3339()));
    put("archived_at", Value::Null);
    put("type", json!("Organization"));
    if let Some(private) = view.private_repositories {
        put("total_private_repos", json!(private));
        put("owned_private_repos", json!(private));
    }
    if view.settings {
        put("default_repository_permission", json!(row.base_role.word()));
        for name in [
            "members_can_create_repositories",
            "members_can_create_public_repositories",
            "members_can_create_private_repositories",
        ] {
            put(name, json!(true));
        }
        put(
            "members_can_create_internal_repositories",
            json!(row.enterprise_id.is_some()),
        );
        put("members_can_fork_private_repositories", json!(false));
        put("members_allowed_repository_creation_type", json!("all"));
        put("two_factor_requirement_enabled", json!(false));
    }
    value
}

/// GitHub's word for a role in an organization.
pub fn role_word(role: OrganizationRole) -> &'static str {
    match role {
        OrganizationRole::Owner => "admin",
        OrganizationRole::Member | OrganizationRole::None => "member",
    }
}

/// GitHub's Org Membership.
pub fn membership(base_url: &str, view: &MembershipView) -> Value {
    let (organization, user) = (&view.organization, &view.user);
    json!({
        "url": format!("{base_url}/api/v3/orgs/{}/memberships/{}", organization.login, user.login),
        "state": "active",
        "role": role_word(view.row.role),
        "organization_url": format!("{base_url}/api/v3/orgs/{}", organization.login),
        "organization": simple_organization(base_url, organization),
        "user": simple_user(base_url, user),
        "direct_membership": true,
        "enterprise_teams_providing_indirect_membership": [],
        "permissions": {"can_create_repository": true},
    })
}
