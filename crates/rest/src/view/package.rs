//! Packages and their versions in GitHub's shapes, and administrators' links in ours.

use crate::package::api_path;
use crate::view::account::simple_user;
use crate::view::repository::minimal_repository;
use bailiwick_authority::package::list::seen_by;
use bailiwick_authority::package::view::{PackageLinkView, PackageView, VersionView};
use bailiwick_authority::rows::AccountKind;
use bailiwick_gate::encode;
use bailiwick_model::{RegistryKind, Visibility};
use serde_json::{Value, json};

/// GitHub's Package.
pub fn package(base_url: &str, view: &PackageView) -> Value {
    let row = &view.row;
    json!({
        "id": row.id,
        "name": view.shown(),
        "package_type": row.kind.package_type(),
        "owner": simple_user(base_url, &view.owner),
        "version_count": view.versions,
        // Inside an enterprise is not for everybody.
        "visibility": if seen_by(view) == Visibility::Public { "public" } else { "private" },
        "url": api(base_url, view),
        "created_at": row.created_at.rfc3339(),
        "updated_at": row.updated_at.rfc3339(),
        "html_url": html(base_url, view),
        "repository": repository(base_url, view),
    })
}

fn repository(base_url: &str, view: &PackageView) -> Value {
    view.repository.as_ref().map_or(Value::Null, |repository| {
        minimal_repository(base_url, repository, &view.owner, None)
    })
}

fn api(base_url: &str, view: &PackageView) -> String {
    let organization = view.owner.kind == AccountKind::Organization;
    let path = api_path(organization, &view.owner.login, view.row.kind, view.shown());
    format!("{base_url}{path}")
}

fn html(base_url: &str, view: &PackageView) -> String {
    let organization = view.owner.kind == AccountKind::Organization;
    let place = if organization { "orgs" } else { "users" };
    format!(
        "{base_url}/{place}/{}/packages/{}/package/{}",
        encode(&view.owner.login),
        view.row.kind.package_type(),
        encode(view.shown())
    )
}

/// GitHub's Package Version.
pub fn version(base_url: &str, of: &PackageView, version: &VersionView) -> Value {
    let row = &version.row;
    let published = version.published_at.unwrap_or(row.created_at);
    let mut metadata = json!({"package_type": of.row.kind.package_type()});
    if of.row.kind == RegistryKind::Oci
        && let Some(fields) = metadata.as_object_mut()
    {
        fields.insert("container".into(), json!({"tags": version.tags}));
    }
    json!({
        "id": row.id,
        "name": row.name,
        "url": format!("{}/versions/{}", api(base_url, of), row.id),
        "package_html_url": html(base_url, of),
        "html_url": format!("{}/{}", html(base_url, of), row.id),
        "created_at": published.rfc3339(),
        "updated_at": row.updated_at.max(published).rfc3339(),
        "metadata": metadata,
    })
}

/// A link as administrators see it.
pub fn package_link(base_url: &str, view: &PackageLinkView) -> Value {
    json!({
        "id": view.row.id,
        "name": view.row.name,
        "prefix": !view.row.exact,
        "package_type": view.row.kind.package_type(),
        "owner": simple_user(base_url, &view.owner),
        "repository": view.repository.as_ref().map(|repository| format!("{}/{}", view.owner.login, repository.name)),
        "visibility": view.row.visibility.word(),
        "created_at": view.row.created_at.rfc3339(),
    })
}

/// Whose a package of a registry is, as administrators see it.
pub fn held(base_url: &str, view: &PackageView) -> Value {
    json!({
        "id": view.row.id,
        "name": view.row.name,
        "package_type": view.row.kind.package_type(),
        "owner": simple_user(base_url, &view.owner),
        "repository": view.repository.as_ref().map(|repository| format!("{}/{}", view.owner.login, repository.name)),
        "visibility": seen_by(view).word(),
        "how": view.row.how.word(),
        "version_count": view.versions,
        "deleted": view.row.deleted_at.is_some(),
        "created_at": view.row.created_at.rfc3339(),
        "updated_at": view.row.updated_at.rfc3339(),
    })
}
