//! Servers behind the gateway: administering them, who is who there, what lives there; and one's own accounts there.

use crate::directory::visibility;
use crate::view::repository::full_repository;
use crate::view::upstream::{bound_owner, bound_repository, link, synchronisation, upstream};
use bailiwick_authority::Fault;
use bailiwick_authority::upstream::Secrets;
use bailiwick_authority::upstream::bind::{Adoption, Binding};
use bailiwick_authority::upstream::create::UpstreamInput;
use bailiwick_authority::upstream::link::LinkInput;
use bailiwick_authority::upstream::update::UpstreamEdit;
use bailiwick_catalogue::op;
use bailiwick_gate::{Answer, Call, Reply, Routes};
use bailiwick_model::{RepositoryId, Timestamp, UpstreamKind, UpstreamMode, Visibility};
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Map, Value};

/// The operations of this module.
pub fn register(routes: &mut Routes) {
    routes
        .on(op::BAILIWICK_ADMIN_LIST_UPSTREAMS, list)
        .on(op::BAILIWICK_ADMIN_CREATE_UPSTREAM, create)
        .on(op::BAILIWICK_ADMIN_GET_UPSTREAM, get)
        .on(op::BAILIWICK_ADMIN_UPDATE_UPSTREAM, update)
        .on(op::BAILIWICK_ADMIN_DELETE_UPSTREAM, delete)
        .on(op::BAILIWICK_ADMIN_SET_UPSTREAM_CREDENTIAL, set_credential)
        .on(op::BAILIWICK_ADMIN_LIST_UPSTREAM_LINKS, links)
        .on(op::BAILIWICK_ADMIN_SET_UPSTREAM_LINK, set_link)
        .on(op::BAILIWICK_ADMIN_DELETE_UPSTREAM_LINK, delete_link)
        .on(op::BAILIWICK_ADMIN_LIST_UPSTREAM_OWNERS, owners)
        .on(op::BAILIWICK_ADMIN_BIND_UPSTREAM_OWNER, bind_owner)
        .on(op::BAILIWICK_ADMIN_UNBIND_UPSTREAM_OWNER, unbind_owner)
        .on(op::BAILIWICK_ADMIN_LIST_UPSTREAM_REPOSITORIES, repositories)
        .on(op::BAILIWICK_ADMIN_BIND_UPSTREAM_REPOSITORY, bind_repository)
        .on(op::BAILIWICK_ADMIN_UNBIND_UPSTREAM_REPOSITORY, unbind_repository)
        .on(
            op::BAILIWICK_ADMIN_GET_UPSTREAM_SYNCHRONISATION,
            get_synchronisation,
        )
        .on(op::BAILIWICK_ADMIN_SYNCHRONISE_UPSTREAM, synchronise)
        .on(op::BAILIWICK_UPSTREAM_HOOK, hook)
        .on(op::BAILIWICK_LIST_UPSTREAM_LINKS, own_links)
        .on(op::BAILIWICK_SET_UPSTREAM_LINK_CREDENTIAL, set_own_credential)
        .on(op::BAILIWICK_DELETE_UPSTREAM_LINK, delete_own_link);
}

fn list(call: Call) -> Answer {
    let views = call.authority.upstream_views(&call.permit)?;
    let page = call.request.page();
    let (views, more) = page.cut(views);
    let now = call.permit.now();
    let items = views
        .iter()
        .map(|view| upstream(&call.request.base_url, view, now))
        .collect();
    Ok(Reply::page(
        &call.request,
        "/api/v3/admin/upstreams",
        page,
        items,
        more,
    ))
}

fn get(call: Call) -> Answer {
    let view = call
        .authority
        .upstream_view(&call.permit, call.request.parameter("upstream"))?;
    Ok(Reply::json(&upstream(
        &call.request.base_url,
        &view,
        call.permit.now(),
    )))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UpstreamBody {
    name: String,
    kind: String,
    address: String,
    #[serde(default)]
    settings: Map<String, Value>,
    mode: Option<String>,
    observe_until: Option<String>,
}

fn create(call: Call) -> Answer {
    let body: UpstreamBody = call.request.json()?;
    let input = UpstreamInput {
        kind: kind(&body.kind)?,
        mode: mode(body.mode.as_deref())?.unwrap_or(UpstreamMode::Enforce),
        observe_until: time("observe_until", body.observe_until.as_deref())?,
        name: body.name,
        address: body.address,
        settings: body.settings,
    };
    let now = call.permit.now();
    let view = call.authority.upstream_create(call.permit, &input)?;
    Ok(Reply::json_with(
        StatusCode::CREATED,
        &upstream(&call.request.base_url, &view, now),
    ))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EditBody {
    name: Option<String>,
    address: Option<String>,
    #[serde(default)]
    settings: Map<String, Value>,
    mode: Option<String>,
    observe_until: Option<String>,
}

fn update(call: Call) -> Answer {
    let body: EditBody = call.request.json()?;
    let edit = UpstreamEdit {
        mode: mode(body.mode.as_deref())?,
        observe_until: time("observe_until", body.observe_until.as_deref())?,
        name: body.name,
        address: body.address,
        settings: body.settings,
    };
    let now = call.permit.now();
    let view = call
        .authority
        .upstream_update(call.permit, call.request.parameter("upstream"), &edit)?;
    Ok(Reply::json(&upstream(&call.request.base_url, &view, now)))
}

fn delete(call: Call) -> Answer {
    call.authority
        .upstream_remove(call.permit, call.request.parameter("upstream"))?;
    Ok(Reply::no_content())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SecretsBody {
    secrets: Secrets,
}

fn set_credential(call: Call) -> Answer {
    let body: SecretsBody = secrets_body(&call)?;
    let now = call.permit.now();
    let view = call.authority.upstream_set_credential(
        call.permit,
        call.request.parameter("upstream"),
        &body.secrets,
    )?;
    Ok(Reply::json(&upstream(&call.request.base_url, &view, now)))
}

fn links(call: Call) -> Answer {
    let name = call.request.parameter("upstream");
    let views = call.authority.upstream_links(&call.permit, name)?;
    let page = call.request.page();
    let (views, more) = page.cut(views);
    let items = views
        .iter()
        .map(|view| link(&call.request.base_url, view))
        .collect();
    let path = format!("/api/v3/admin/upstreams/{name}/links");
    Ok(Reply::page(&call.request, &path, page, items, more))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LinkBody {
    login: String,
    id: Option<String>,
    #[serde(default = "yes")]
    active: bool,
    secrets: Option<Secrets>,
}

fn yes() -> bool {
    true
}

fn set_link(call: Call) -> Answer {
    let body: LinkBody = secrets_body(&call)?;
    let input = LinkInput {
        login: body.login,
        key: body.id,
        active: body.active,
        secrets: body.secrets,
    };
    let (view, new) = call.authority.upstream_link(
        call.permit,
        call.request.parameter("upstream"),
        call.request.parameter("username"),
        &input,
    )?;
    Ok(Reply::json_with(made(new), &link(&call.request.base_url, &view)))
}

fn delete_link(call: Call) -> Answer {
    call.authority.upstream_unlink(
        call.permit,
        call.request.parameter("upstream"),
        call.request.parameter("username"),
    )?;
    Ok(Reply::no_content())
}

fn owners(call: Call) -> Answer {
    let name = call.request.parameter("upstream");
    let rows = call.authority.upstream_owners(&call.permit, name)?;
    let page = call.request.page();
    let (rows, more) = page.cut(rows);
    let items = rows
        .iter()
        .map(|row| bound_owner(&call.request.base_url, row))
        .collect();
    let path = format!("/api/v3/admin/upstreams/{name}/owners");
    Ok(Reply::page(&call.request, &path, page, items, more))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OwnerBody {
    name: Option<String>,
    id: Option<String>,
}

fn bind_owner(call: Call) -> Answer {
    let body: OwnerBody = call.request.json()?;
    let binding = Binding {
        name: body.name,
        key: body.id,
    };
    let row = call.authority.upstream_bind_owner(
        call.permit,
        call.request.parameter("upstream"),
        call.request.parameter("username"),
        &binding,
    )?;
    Ok(Reply::json(&bound_owner(&call.request.base_url, &row)))
}

fn unbind_owner(call: Call) -> Answer {
    call.authority.upstream_unbind_owner(
        call.permit,
        call.request.parameter("upstream"),
        call.request.parameter("username"),
    )?;
    Ok(Reply::no_content())
}

fn repositories(call: Call) -> Answer {
    let name = call.request.parameter("upstream");
    let size = call.request.page().size;
    let after = RepositoryId(crate::directory::since(&call.request));
    let mut rows = call
        .authority
        .upstream_repositories(&call.permit, name, after, size + 1)?;
    let more = rows.len() > size;
    rows.truncate(size);
    let last = rows.last().filter(|_| more).map(|view| view.row.id.0);
    let items = rows
        .iter()
        .map(|view| bound_repository(&call.request.base_url, view))
        .collect();
    let path = format!("/api/v3/admin/upstreams/{name}/repositories");
    Ok(crate::directory::page_since(
        &call.request,
        &path,
        items,
        last,
        size,
    ))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RepositoryBody {
    name: Option<String>,
    id: Option<String>,
    description: Option<String>,
    visibility: Option<String>,
    default_branch: Option<String>,
}

fn bind_repository(call: Call) -> Answer {
    let body: RepositoryBody = call.request.json()?;
    let binding = Binding {
        name: body.name,
        key: body.id,
    };
    let adoption = Adoption {
        description: body.description,
        // What lives elsewhere is not opened to everybody by an omission.
        visibility: visibility(None, body.visibility.as_deref())?.unwrap_or(Visibility::Private),
        default_branch: body.default_branch,
    };
    let (view, adopted) = call.authority.upstream_bind_repository(
        call.permit,
        call.request.parameter("upstream"),
        (call.request.parameter("owner"), call.request.parameter("repo")),
        &binding,
        &adoption,
    )?;
    Ok(Reply::json_with(
        made(adopted),
        &full_repository(&call.request.base_url, &view),
    ))
}

fn unbind_repository(call: Call) -> Answer {
    call.authority.upstream_unbind_repository(
        call.permit,
        call.request.parameter("upstream"),
        (call.request.parameter("owner"), call.request.parameter("repo")),
    )?;
    Ok(Reply::no_content())
}

fn get_synchronisation(call: Call) -> Answer {
    let view = call
        .authority
        .synchronisation(&call.permit, call.request.parameter("upstream"))?;
    Ok(Reply::json(&synchronisation(&view)))
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct SynchroniseBody {
    confirm_removals: Option<usize>,
}

fn synchronise(call: Call) -> Answer {
    let body: SynchroniseBody = if call.request.body.is_empty() {
        SynchroniseBody::default()
    } else {
        call.request.json()?
    };
    let view = call.authority.synchronise_ask(
        call.permit,
        call.request.parameter("upstream"),
        body.confirm_removals,
    )?;
    Ok(Reply::json_with(StatusCode::ACCEPTED, &synchronisation(&view)))
}

/// Every name of an upstream that is not signed for is answered alike.
fn hook(call: Call) -> Answer {
    let headers = &call.request.headers;
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let signature = text("x-hub-signature-256")
        .and_then(|text| text.strip_prefix("sha256="))
        .or_else(|| text("x-gitea-signature"))
        .or_else(|| text("x-forgejo-signature"));
    call.authority.upstream_hook(
        call.request.parameter("upstream"),
        signature,
        text("x-github-event"),
        &call.request.body,
    )?;
    Ok(Reply::json_with(StatusCode::ACCEPTED, &serde_json::json!({})))
}

fn own_links(call: Call) -> Answer {
    let views = call.authority.own_upstream_links(&call.permit)?;
    let items: Vec<Value> = views
        .iter()
        .map(|view| link(&call.request.base_url, view))
        .collect();
    Ok(Reply::json(&Value::Array(items)))
}

fn set_own_credential(call: Call) -> Answer {
    let body: SecretsBody = secrets_body(&call)?;
    let view = call.authority.own_upstream_secrets(
        call.permit,
        call.request.parameter("upstream"),
        &body.secrets,
    )?;
    Ok(Reply::json(&link(&call.request.base_url, &view)))
}

fn delete_own_link(call: Call) -> Answer {
    call.authority
        .own_upstream_unlink(call.permit, call.request.parameter("upstream"))?;
    Ok(Reply::no_content())
}

/// A body with secrets in it.
// SECURITY: what is wrong with its shape is told in words that quote nothing of it.
fn secrets_body<T: serde::de::DeserializeOwned>(call: &Call) -> Result<T, Fault> {
    call.request.json().map_err(|fault| match fault.kind {
        bailiwick_authority::FaultKind::Invalid => Fault::invalid(
            "Upstream",
            "secrets",
            "invalid",
            "must be an object of texts by name, beside the fields that the documentation lists",
        ),
        _ => fault,
    })
}

fn made(new: bool) -> StatusCode {
    match new {
        true => StatusCode::CREATED,
        false => StatusCode::OK,
    }
}

fn kind(text: &str) -> Result<UpstreamKind, Fault> {
    let words = UpstreamKind::ALL.iter().map(|kind| kind.word());
    UpstreamKind::parse(text).ok_or_else(|| no_word("kind", text, words))
}

fn mode(text: Option<&str>) -> Result<Option<UpstreamMode>, Fault> {
    let words = || UpstreamMode::ALL.iter().map(|mode| mode.word());
    text.map(|text| UpstreamMode::parse(text).ok_or_else(|| no_word("mode", text, words())))
        .transpose()
}

fn no_word(field: &str, text: &str, words: impl Iterator<Item = &'static str>) -> Fault {
    let words: Vec<&str> = words.collect();
    let message = format!("{text:?} is none of {}", words.join(", "));
    Fault::invalid("Upstream", field, "invalid", message)
}

fn time(field: &str, text: Option<&str>) -> Result<Option<Timestamp>, Fault> {
    text.map(|text| {
        Timestamp::parse(text).ok_or_else(|| {
            let message = "must be a time such as 2027-01-31T00:00:00Z";
            Fault::invalid("Upstream", field, "invalid", message)
        })
    })
    .transpose()
}
