//! Teams, their members and their repositories.

use crate::view::account::{node_id, simple_organization, simple_user};
use crate::view::repository::{listed_repository, permissions};
use bailiwick_authority::directory::collaborator::CollaboratorView;
use bailiwick_authority::directory::team::TeamView;
use bailiwick_authority::directory::team_repository::TeamRepositoryView;
use bailiwick_authority::rows::{TeamPrivacy, TeamRole, TeamRow};
use bailiwick_model::RepositoryRole;
use serde_json::{Map, Value, json};

fn simple_fields(base_url: &str, organization: &str, row: &TeamRow) -> Map<String, Value> {
    let api = format!("{base_url}/api/v3/teams/{}", row.id);
    let mut fields = Map::new();
    let mut put = |name: &str, value: Value| {
        fields.insert(name.to_owned(), value);
    };
    put("id", json!(row.id));
    put("node_id", json!(node_id("Team", row.id.0)));
    put("url", json!(api));
    put(
        "html_url",
        json!(format!("{base_url}/orgs/{organization}/teams/{}", row.slug)),
    );
    put("members_url", json!(format!("{api}/members{{/member}}")));
    put("repositories_url", json!(format!("{api}/repos")));
    put("name", json!(row.name));
    put("slug", json!(row.slug));
    put("description", json!(row.description));
    put("privacy", json!(privacy(row.privacy)));
    put("notification_setting", json!("notifications_enabled"));
    put("permission", json!("pull"));
    put("type", json!("organization"));
    fields
}

fn privacy(privacy: TeamPrivacy) -> &'static str {
    match privacy {
        TeamPrivacy::Closed => "closed",
        TeamPrivacy::Secret => "secret",
    }
}

/// GitHub's Team: as lists show it.
pub fn team(base_url: &str, view: &TeamView) -> Value {
    let login = &view.organization.login;
    let mut fields = simple_fields(base_url, login, &view.row);
    fields.insert("organization_id".into(), json!(view.organization.id));
    let parent = view
        .parent
        .as_ref()
        .map(|row| Value::Object(simple_fields(base_url, login, row)));
    fields.insert("parent".into(), json!(parent));
    Value::Object(fields)
}

/// GitHub's Full Team.
pub fn full_team(base_url: &str, view: &TeamView) -> Value {
    let mut value = team(base_url, view);
    if let Some(fields) = value.as_object_mut() {
        fields.insert("members_count".into(), json!(view.members));
        fields.insert("repos_count".into(), json!(view.repositories));
        fields.insert("created_at".into(), json!(view.row.created_at.rfc3339()));
        fields.insert("updated_at".into(), json!(view.row.updated_at.rfc3339()));
        let mut organization = simple_organization(base_url, &view.organization);
        if let Some(more) = organization.as_object_mut() {
            for name in ["has_organization_projects", "has_repository_projects"] {
                more.insert(name.into(), json!(false));
            }
            for name in ["public_repos", "public_gists", "followers", "following"] {
                more.insert(name.into(), json!(0));
            }
            more.insert(
                "html_url".into(),
                json!(format!("{base_url}/{}", view.organization.login)),
            );
            more.insert("created_at".into(), json!(view.organization.created_at.rfc3339()));
            more.insert("updated_at".into(), json!(view.organization.updated_at.rfc3339()));
            more.insert("archived_at".into(), Value::Null);
            more.insert("type".into(), json!("Organization"));
        }
        fields.insert("organization".into(), organization);
    }
    value
}

/// A team beside its role at a repository.
pub fn repository_team(
    base_url: &str,
    organization: &str,
    row: &TeamRow,
    role: RepositoryRole,
    parent: Option<&TeamRow>,
) -> Value {
    let mut fields = simple_fields(base_url, organization, row);
    fields.insert("organization_id".into(), json!(row.organization_id));
    fields.insert("permission".into(), json!(role.permission_word()));
    fields.insert("permissions".into(), permissions(role));
    let parent = parent.map(|row| Value::Object(simple_fields(base_url, organization, row)));
    fields.insert("parent".into(), json!(parent));
    Value::Object(fields)
}

/// A repository with a team's role there.
pub fn team_repository(base_url: &str, view: &TeamRepositoryView) -> Value {
    let mut value = listed_repository(base_url, &view.repository);
    if let Some(fields) = value.as_object_mut() {
        fields.insert("permissions".into(), permissions(view.role));
        fields.insert("role_name".into(), json!(view.role.word()));
    }
    value
}

/// GitHub's Team Membership.
pub fn team_membership(base_url: &str, team: &TeamRow, login: &str, role: TeamRole) -> Value {
    let role = match role {
        TeamRole::Member => "member",
        TeamRole::Maintainer => "maintainer",
    };
    let url = format!("{base_url}/api/v3/teams/{}/memberships/{login}", team.id);
    json!({"url": url, "role": role, "state": "active"})
}

/// GitHub's Collaborator.
pub fn collaborator(base_url: &str, view: &CollaboratorView) -> Value {
    let mut value = simple_user(base_url, &view.user);
    if let Some(fields) = value.as_object_mut() {
        fields.insert("permissions".into(), permissions(view.role));
        fields.insert("role_name".into(), json!(view.role.word()));
    }
    value
}
