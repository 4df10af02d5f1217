//! The inventory of an enterprise's tokens, and the enterprise itself.

use crate::view::account::simple_user;
use bailiwick_authority::Fault;
use bailiwick_authority::access::enterprise::OrganizationCount;
use bailiwick_authority::access::{Inventoried, InventoryInput, Standing};
use bailiwick_catalogue::op;
use bailiwick_gate::{Answer, Call, Reply, Request, Routes};
use bailiwick_model::{Timestamp, TokenId, TokenKind};
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// The operations of this module.
pub fn register(routes: &mut Routes) {
    routes
        .on(op::BAILIWICK_LIST_OWN_ENTERPRISES, own)
        .on(op::BAILIWICK_GET_ENTERPRISE, get)
        .on(op::BAILIWICK_LIST_ENTERPRISE_ORGANIZATIONS, organizations)
        .on(op::BAILIWICK_LIST_TOKEN_INVENTORY, list)
        .on(op::BAILIWICK_GET_INVENTORIED_TOKEN, token)
        .on(op::BAILIWICK_REVOKE_INVENTORIED_TOKENS, revoke);
}

fn own(call: Call) -> Answer {
    let rows = call.authority.enterprises_owned(&call.permit)?;
    let (rows, more) = call.request.page().cut(rows);
    let items = rows
        .iter()
        .map(|row| json!({"id": row.id, "slug": row.slug, "name": row.name, "created_at": row.created_at.rfc3339()}))
        .collect();
    Ok(Reply::page(
        &call.request,
        "/api/v3/user/enterprises",
        call.request.page(),
        items,
        more,
    ))
}

fn get(call: Call) -> Answer {
    let view = call.authority.enterprise(&call.permit)?;
    Ok(Reply::json(&json!({
        "id": view.row.id,
        "slug": view.row.slug,
        "name": view.row.name,
        "created_at": view.row.created_at.rfc3339(),
        "owners": view.owners.iter().map(|one| simple_user(&call.request.base_url, one)).collect::<Vec<_>>(),
        "organizations": view.organizations,
        "tokens": view.tokens,
        "pending_requests": view.pending,
        "pending_requests_of_organizations": view.pending_below,
    })))
}

fn organizations(call: Call) -> Answer {
    let page = call.request.page();
    let mut rows = call
        .authority
        .enterprise_organizations(&call.permit, page.offset(), page.size + 1)?;
    let more = rows.len() > page.size;
    rows.truncate(page.size);
    let items = rows.iter().map(organization).collect();
    let path = format!(
        "/api/v3/enterprises/{}/organizations",
        call.request.parameter("enterprise")
    );
    Ok(Reply::page(&call.request, &path, page, items, more))
}

fn organization(one: &OrganizationCount) -> Value {
    json!({
        "login": one.row.login,
        "id": one.row.id,
        "name": one.row.name,
        "members": one.members,
        "repositories": one.repositories,
        "tokens": one.grants,
        "pending_requests": one.pending,
    })
}

/// The filters of a query.
fn input(request: &Request) -> Result<InventoryInput, Fault> {
    let invalid =
        |field: &str, message: &str| Fault::invalid("PersonalAccessToken", field, "invalid", message);
    let text = |name: &str| request.query.get(name).filter(|text| !text.is_empty());
    let days = |name: &str| match text(name) {
        None => Ok(None),
        Some(text) => text
            .parse::<i64>()
            .ok()
            .filter(|days| (0..=36_500).contains(days))
            .map(Some)
            .ok_or_else(|| invalid(name, "use whole days")),
    };
    let kind = match text("kind") {
        None => None,
        Some(word) => Some(
            TokenKind::parse(word)
                .filter(|kind| *kind != TokenKind::Session)
                .ok_or_else(|| invalid("kind", "use fine_grained or classic"))?,
        ),
    };
    let page = request.page();
    Ok(InventoryInput {
        organization: text("organization").map(str::to_owned),
        person: text("person").map(str::to_owned),
        kind,
        tokens: Vec::new(),
        standing: match text("state") {
            None | Some("live") => Standing::Live,
            Some("active") => Standing::Active,
            Some("pending") => Standing::Pending,
            Some("expired") => Standing::Expired,
            Some("revoked") => Standing::Revoked,
            Some("any") => Standing::Any,
            Some(_) => {
                return Err(invalid(
                    "state",
                    "use live, active, pending, expired, revoked or any",
                ));
            }
        },
        ends_within_days: days("ends_within_days")?,
        endless: request.query.flag("endless"),
        unused_days: days("unused_days")?,
        offset: page.offset(),
        limit: page.size,
    })
}

fn view(request: &Request, entry: &Inventoried, now: Timestamp) -> Map<String, Value> {
    let token = &entry.token;
    let grants: Vec<Value> = entry
        .reached
        .iter()
        .map(|one| {
            json!({
                "id": one.grant.id,
                "owner": one.owner,
                "active": one.grant.active,
                "pending": one.pending,
                "permissions": one.grant.permissions,
            })
        })
        .collect();
    let mut fields = Map::new();
    let mut put = |name: &str, value: Value| {
        fields.insert(name.to_owned(), value);
    };
    put("id", json!(token.id));
    put("name", json!(token.name));
    put("kind", json!(token.kind.word()));
    put("state", json!(entry.state(now)));
    put("owner", simple_user(&request.base_url, &entry.holder));
    put("created_at", json!(token.created_at.rfc3339()));
    put("expires_at", json!(token.expires_at.map(Timestamp::rfc3339)));
    put("last_used_at", json!(token.last_used_at.map(Timestamp::rfc3339)));
    put("hashed_token", json!(token.digest.base64()));
    if token.kind == TokenKind::Classic {
        let scopes: Vec<&str> = token.scopes.split(',').filter(|word| !word.is_empty()).collect();
        put("scopes", json!(scopes));
    }
    put("grants", json!(grants));
    fields
}

fn list(call: Call) -> Answer {
    let page = call.request.page();
    let (entries, total) = call.authority.inventory(&call.permit, &input(&call.request)?)?;
    let more = i64::try_from(page.offset().saturating_add(entries.len())).is_ok_and(|end| end < total);
    let items = entries
        .iter()
        .map(|entry| Value::Object(view(&call.request, entry, call.permit.now())))
        .collect();
    let path = format!(
        "/api/v3/enterprises/{}/personal-access-token-inventory",
        call.request.parameter("enterprise")
    );
    Ok(Reply::page(&call.request, &path, page, items, more))
}

fn token(call: Call) -> Answer {
    let id = TokenId(call.request.id("token_id")?);
    let detail = call.authority.inventoried(&call.permit, id)?;
    Ok(Reply::json(&Value::Object(view(
        &call.request,
        &detail.entry,
        call.permit.now(),
    ))))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RevokeBody {
    action: String,
    token_ids: Vec<i64>,
}

fn revoke(call: Call) -> Answer {
    let body: RevokeBody = call.request.json()?;
    if body.action != "revoke" {
        return Err(Fault::invalid(
            "PersonalAccessToken",
            "action",
            "invalid",
            "use revoke",
        ));
    }
    let ids: Vec<TokenId> = body.token_ids.into_iter().map(TokenId).collect();
    let (tokens, grants) = call.authority.inventory_revoke(call.permit, &ids)?;
    Ok(Reply::json(&json!({"tokens": tokens, "grants": grants})))
}
