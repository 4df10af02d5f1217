//! Administration of the installation: only sessions of administrators in sudo mode get here.

use crate::directory::{present, visibility};
use crate::view::account::simple_organization;
use crate::view::repository::full_repository;
use crate::view::service::{administered_user, enterprise};
use bailiwick_authority::Fault;
use bailiwick_authority::admin::doctor::{Check, CheckState};
use bailiwick_authority::admin::import::ImportInput;
use bailiwick_authority::admin::user::{UserEdit, UserInput};
use bailiwick_catalogue::op;
use bailiwick_gate::{Answer, Call, Reply, Routes};
use bailiwick_model::Visibility;
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

/// The operations of this module.
pub fn register(routes: &mut Routes) {
    routes
        .on(op::BAILIWICK_ADMIN_LIST_USERS, users)
        .on(op::BAILIWICK_ADMIN_CREATE_USER, create_user)
        .on(op::BAILIWICK_ADMIN_UPDATE_USER, edit_user)
        .on(op::BAILIWICK_ADMIN_DELETE_USER, delete_user)
        .on(op::BAILIWICK_ADMIN_CREATE_ORGANIZATION, create_organization)
        .on(op::BAILIWICK_ADMIN_UPDATE_ORGANIZATION, rename_organization)
        .on(op::ORGS_DELETE, delete_organization)
        .on(op::BAILIWICK_ADMIN_CREATE_ENTERPRISE, create_enterprise)
        .on(
            op::BAILIWICK_ADMIN_ADD_ORGANIZATION_TO_ENTERPRISE,
            add_organization,
        )
        .on(op::BAILIWICK_ADMIN_ADD_ENTERPRISE_OWNER, add_owner)
        .on(op::BAILIWICK_ADMIN_REMOVE_ENTERPRISE_OWNER, remove_owner)
        .on(op::BAILIWICK_ADMIN_IMPORT_REPOSITORY, import)
        .on(op::BAILIWICK_ADMIN_BACKUP, backup)
        .on(op::BAILIWICK_ADMIN_DOCTOR, doctor);
}

fn users(call: Call) -> Answer {
    let rows = call.authority.users(&call.permit)?;
    let page = call.request.page();
    let (rows, more) = page.cut(rows);
    let items = rows
        .iter()
        .map(|row| administered_user(&call.request.base_url, row))
        .collect();
    Ok(Reply::page(
        &call.request,
        "/api/v3/admin/users",
        page,
        items,
        more,
    ))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UserBody {
    login: String,
    email: Option<String>,
    name: Option<String>,
    password: Option<zeroize::Zeroizing<String>>,
    #[serde(default)]
    site_administrator: bool,
}

fn create_user(call: Call) -> Answer {
    let body: UserBody = call.request.json()?;
    let input = UserInput {
        login: body.login,
        email: body.email,
        name: body.name,
        password: body.password,
        site_administrator: body.site_administrator,
    };
    let row = call.authority.user_create(call.permit, &input)?;
    Ok(Reply::json_with(
        StatusCode::CREATED,
        &administered_user(&call.request.base_url, &row),
    ))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UserEditBody {
    login: Option<String>,
    suspended: Option<bool>,
    password: Option<zeroize::Zeroizing<String>>,
    site_administrator: Option<bool>,
    #[serde(default, deserialize_with = "present")]
    name: Option<Option<String>>,
    #[serde(default, deserialize_with = "present")]
    email: Option<Option<String>>,
}

fn edit_user(call: Call) -> Answer {
    let body: UserEditBody = call.request.json()?;
    let input = UserEdit {
        login: body.login,
        suspended: body.suspended,
        password: body.password,
        site_administrator: body.site_administrator,
        name: body.name,
        email: body.email,
    };
    let row = call
        .authority
        .user_edit(call.permit, call.request.parameter("username"), &input)?;
    Ok(Reply::json(&administered_user(&call.request.base_url, &row)))
}

fn delete_user(call: Call) -> Answer {
    call.authority
        .user_delete(call.permit, call.request.parameter("username"))?;
    Ok(Reply::no_content())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OrganizationBody {
    login: String,
    admin: String,
    profile_name: Option<String>,
}

fn create_organization(call: Call) -> Answer {
    let body: OrganizationBody = call.request.json()?;
    let name = body.profile_name.as_deref();
    let row = call
        .authority
        .organization_create(call.permit, &body.login, &body.admin, name)?;
    Ok(Reply::json_with(
        StatusCode::CREATED,
        &simple_organization(&call.request.base_url, &row),
    ))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RenameBody {
    login: String,
}

fn rename_organization(call: Call) -> Answer {
    let body: RenameBody = call.request.json()?;
    let row = call.authority.organization_rename(call.permit, &body.login)?;
    Ok(Reply::json(&simple_organization(&call.request.base_url, &row)))
}

fn delete_organization(call: Call) -> Answer {
    call.authority.organization_delete(call.permit)?;
    Ok(Reply::json_with(StatusCode::ACCEPTED, &json!({})))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EnterpriseBody {
    slug: String,
    name: Option<String>,
    owner: String,
}

fn create_enterprise(call: Call) -> Answer {
    let body: EnterpriseBody = call.request.json()?;
    let name = body.name.as_deref().unwrap_or(&body.slug);
    let row = call
        .authority
        .enterprise_create(call.permit, &body.slug, name, &body.owner)?;
    Ok(Reply::json_with(
        StatusCode::CREATED,
        &enterprise(&call.request.base_url, &row),
    ))
}

fn add_organization(call: Call) -> Answer {
    call.authority.enterprise_add_organization(call.permit)?;
    Ok(Reply::no_content())
}

fn add_owner(call: Call) -> Answer {
    call.authority
        .enterprise_add_owner(call.permit, call.request.parameter("username"))?;
    Ok(Reply::no_content())
}

fn remove_owner(call: Call) -> Answer {
    call.authority
        .enterprise_remove_owner(call.permit, call.request.parameter("username"))?;
    Ok(Reply::no_content())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ImportBody {
    directory: Option<String>,
    url: Option<String>,
    description: Option<String>,
    visibility: Option<String>,
    default_branch: Option<String>,
}

fn import(call: Call) -> Answer {
    let body: ImportBody = call.request.json()?;
    let input = ImportInput {
        owner: call.request.parameter("owner").to_owned(),
        name: call.request.parameter("repo").to_owned(),
        directory: body.directory,
        url: body.url,
        description: body.description,
        // What comes from elsewhere is not opened to everybody by an omission.
        visibility: visibility(None, body.visibility.as_deref())?.unwrap_or(Visibility::Private),
        default_branch: body.default_branch,
    };
    let view = call.authority.repository_import(call.permit, &input)?;
    Ok(Reply::json_with(
        StatusCode::CREATED,
        &full_repository(&call.request.base_url, &view),
    ))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BackupBody {
    path: Option<String>,
}

fn backup(call: Call) -> Answer {
    let body: BackupBody = call.request.json()?;
    let path = body
        .path
        .ok_or_else(|| Fault::invalid("Backup", "path", "missing_field", ""))?;
    let now = call.permit.now();
    let made = call.authority.backup(call.permit, &path)?;
    Ok(Reply::json_with(
        StatusCode::CREATED,
        &json!({
            "path": made.path.display().to_string(),
            "bytes": made.bytes,
            "repositories": made.repositories,
            "created_at": now.rfc3339(),
        }),
    ))
}

fn doctor(call: Call) -> Answer {
    let checks = call.authority.doctor(&call.permit)?;
    let good = !checks.iter().any(|check| check.state == CheckState::Failure);
    let list: Vec<Value> = checks.iter().map(check).collect();
    Ok(Reply::json(&json!({"ok": good, "checks": list})))
}

fn check(check: &Check) -> Value {
    let state = match check.state {
        CheckState::Good => "ok",
        CheckState::Warning => "warn",
        CheckState::Failure => "fail",
    };
    json!({
        "check": check.check,
        "upstream": check.upstream,
        "state": state,
        "ok": check.state != CheckState::Failure,
        "message": check.message,
        "detail": check.message,
        "help": check.help,
    })
}
