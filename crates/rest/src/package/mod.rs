//! GitHub's Packages API, answered from what the registries behind the gateway hold.

mod link;

use crate::view::package::{package, version};
use bailiwick_authority::package::link::PackageEdit;
use bailiwick_authority::{Authority, Fault, Permit};
use bailiwick_catalogue::{OperationIndex, op};
use bailiwick_gate::{Answer, Call, Reply, Routes, encode};
use bailiwick_model::{RegistryKind, Visibility};
use serde::Deserialize;
use serde_json::Value;

/// The operations of this module: the same of an organization, of a person and of oneself.
pub fn register(routes: &mut Routes) {
    let three = |routes: &mut Routes, indices: [OperationIndex; 3], handler: fn(Call) -> Answer| {
        for index in indices {
            routes.on(index, handler);
        }
    };
    three(
        routes,
        [
            op::PACKAGES_LIST_DOCKER_MIGRATION_CONFLICTING_PACKAGES_FOR_ORGANIZATION,
            op::PACKAGES_LIST_DOCKER_MIGRATION_CONFLICTING_PACKAGES_FOR_AUTHENTICATED_USER,
            op::PACKAGES_LIST_DOCKER_MIGRATION_CONFLICTING_PACKAGES_FOR_USER,
        ],
        conflicts,
    );
    three(
        routes,
        [
            op::PACKAGES_LIST_PACKAGES_FOR_ORGANIZATION,
            op::PACKAGES_LIST_PACKAGES_FOR_AUTHENTICATED_USER,
            op::PACKAGES_LIST_PACKAGES_FOR_USER,
        ],
        list,
    );
    three(
        routes,
        [
            op::PACKAGES_GET_PACKAGE_FOR_ORGANIZATION,
            op::PACKAGES_GET_PACKAGE_FOR_AUTHENTICATED_USER,
            op::PACKAGES_GET_PACKAGE_FOR_USER,
        ],
        get,
    );
    three(
        routes,
        [
            op::PACKAGES_DELETE_PACKAGE_FOR_ORG,
            op::PACKAGES_DELETE_PACKAGE_FOR_AUTHENTICATED_USER,
            op::PACKAGES_DELETE_PACKAGE_FOR_USER,
        ],
        delete,
    );
    three(
        routes,
        [
            op::PACKAGES_RESTORE_PACKAGE_FOR_ORG,
            op::PACKAGES_RESTORE_PACKAGE_FOR_AUTHENTICATED_USER,
            op::PACKAGES_RESTORE_PACKAGE_FOR_USER,
        ],
        restore,
    );
    three(
        routes,
        [
            op::PACKAGES_GET_ALL_PACKAGE_VERSIONS_FOR_PACKAGE_OWNED_BY_ORG,
            op::PACKAGES_GET_ALL_PACKAGE_VERSIONS_FOR_PACKAGE_OWNED_BY_AUTHENTICATED_USER,
            op::PACKAGES_GET_ALL_PACKAGE_VERSIONS_FOR_PACKAGE_OWNED_BY_USER,
        ],
        versions,
    );
    three(
        routes,
        [
            op::PACKAGES_GET_PACKAGE_VERSION_FOR_ORGANIZATION,
            op::PACKAGES_GET_PACKAGE_VERSION_FOR_AUTHENTICATED_USER,
            op::PACKAGES_GET_PACKAGE_VERSION_FOR_USER,
        ],
        get_version,
    );
    three(
        routes,
        [
            op::PACKAGES_DELETE_PACKAGE_VERSION_FOR_ORG,
            op::PACKAGES_DELETE_PACKAGE_VERSION_FOR_AUTHENTICATED_USER,
            op::PACKAGES_DELETE_PACKAGE_VERSION_FOR_USER,
        ],
        delete_version,
    );
    three(
        routes,
        [
            op::PACKAGES_RESTORE_PACKAGE_VERSION_FOR_ORG,
            op::PACKAGES_RESTORE_PACKAGE_VERSION_FOR_AUTHENTICATED_USER,
            op::PACKAGES_RESTORE_PACKAGE_VERSION_FOR_USER,
        ],
        restore_version,
    );
    routes
        .on(op::BAILIWICK_UPDATE_ORGANIZATION_PACKAGE, update)
        .on(op::BAILIWICK_UPDATE_OWN_PACKAGE, update);
    link::register(routes);
}

/// What the path names: a kind, and a name.
struct Asked {
    kind: RegistryKind,
    name: String,
}

fn asked(call: &Call) -> Result<Asked, Fault> {
    Ok(Asked {
        kind: RegistryKind::of_package_type(call.request.parameter("package_type"))
            .ok_or_else(Fault::not_found)?,
        name: call.request.parameter("package_name").to_owned(),
    })
}

/// No package waits to be moved from another registry of images.
fn conflicts(_call: Call) -> Answer {
    Ok(Reply::json(&Value::Array(Vec::new())))
}

fn list(call: Call) -> Answer {
    let query = &call.request.query;
    let kind = match query.get("package_type") {
        None => None,
        Some("docker" | "rubygems") => return Ok(Reply::json(&Value::Array(Vec::new()))),
        Some(word) => Some(RegistryKind::of_package_type(word).ok_or_else(|| invalid("package_type"))?),
    };
    let visibility = match query.get("visibility") {
        None => None,
        Some(word) => Some(Visibility::parse(word).ok_or_else(|| invalid("visibility"))?),
    };
    let views = call.authority.packages(&call.permit, kind, visibility)?;
    let page = call.request.page();
    let (views, more) = page.cut(views);
    let items = views
        .iter()
        .map(|view| package(&call.request.base_url, view))
        .collect();
    Ok(Reply::page(&call.request, &path(&call), page, items, more))
}

/// The path of a list below the base URL, as it was asked for.
fn path(call: &Call) -> String {
    call.request.uri.path().to_owned()
}

fn invalid(field: &str) -> Fault {
    Fault::invalid(
        "Package",
        field,
        "invalid",
        "is not one of the words that the documentation lists",
    )
}

fn get(call: Call) -> Answer {
    let asked = asked(&call)?;
    let view = call.authority.package(&call.permit, asked.kind, &asked.name)?;
    Ok(Reply::json(&package(&call.request.base_url, &view)))
}

fn delete(call: Call) -> Answer {
    let asked = asked(&call)?;
    call.authority
        .package_delete(&call.permit, asked.kind, &asked.name)?;
    Ok(Reply::no_content())
}

fn restore(call: Call) -> Answer {
    let asked = asked(&call)?;
    call.authority
        .package_restore(&call.permit, asked.kind, &asked.name)?;
    Ok(Reply::no_content())
}

fn versions(call: Call) -> Answer {
    let asked = asked(&call)?;
    // Of what was deleted nothing is kept.
    if call.request.query.get("state") == Some("deleted") {
        return Ok(Reply::json(&Value::Array(Vec::new())));
    }
    let (of, versions) = call
        .authority
        .package_versions(&call.permit, asked.kind, &asked.name)?;
    let page = call.request.page();
    let (versions, more) = page.cut(versions);
    let items = versions
        .iter()
        .map(|one| version(&call.request.base_url, &of, one))
        .collect();
    Ok(Reply::page(&call.request, &path(&call), page, items, more))
}

fn get_version(call: Call) -> Answer {
    let asked = asked(&call)?;
    let id = call.request.id("package_version_id")?;
    let (of, one) = call
        .authority
        .package_version(&call.permit, asked.kind, &asked.name, id)?;
    Ok(Reply::json(&version(&call.request.base_url, &of, &one)))
}

type Change = fn(&Authority, &Permit, RegistryKind, &str, i64) -> Result<(), Fault>;

fn change_version(call: &Call, change: Change) -> Answer {
    let asked = asked(call)?;
    let id = call.request.id("package_version_id")?;
    change(&call.authority, &call.permit, asked.kind, &asked.name, id)?;
    Ok(Reply::no_content())
}

fn delete_version(call: Call) -> Answer {
    change_version(&call, Authority::package_version_delete)
}

fn restore_version(call: Call) -> Answer {
    change_version(&call, Authority::package_version_restore)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EditBody {
    visibility: Option<String>,
    #[serde(default, deserialize_with = "told")]
    repository: Option<Option<String>>,
}

/// A field that is there, with `null` for nothing.
fn told<'de, D: serde::Deserializer<'de>>(value: D) -> Result<Option<Option<String>>, D::Error> {
    Option::<String>::deserialize(value).map(Some)
}

fn update(call: Call) -> Answer {
    let asked = asked(&call)?;
    let body: EditBody = call.request.json()?;
    let edit = PackageEdit {
        public: body.visibility.as_deref().map(link::public).transpose()?,
        repository: body.repository,
    };
    let view = call
        .authority
        .package_edit(call.permit, asked.kind, &asked.name, &edit)?;
    Ok(Reply::json(&package(&call.request.base_url, &view)))
}

/// The API path of a package.
pub(crate) fn api_path(organization: bool, login: &str, kind: RegistryKind, name: &str) -> String {
    let place = if organization { "orgs" } else { "users" };
    format!(
        "/api/v3/{place}/{}/packages/{}/{}",
        encode(login),
        kind.package_type(),
        encode(name)
    )
}
