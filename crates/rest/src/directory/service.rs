//! Service accounts of organizations and their tokens.

use super::present;
use crate::token::own::MintBody;
use crate::token::planted::{left, with_planted};
use crate::view::service::service_account;
use crate::view::token::{minted, token};
use bailiwick_authority::Fault;
use bailiwick_authority::directory::service::ServiceAccountInput;
use bailiwick_catalogue::op;
use bailiwick_gate::{Answer, Call, Reply, Request, Routes, encode};
use bailiwick_model::TokenId;
use http::StatusCode;
use serde::Deserialize;

/// The operations of this module.
pub fn register(routes: &mut Routes) {
    routes
        .on(op::BAILIWICK_LIST_SERVICE_ACCOUNTS, list)
        .on(op::BAILIWICK_CREATE_SERVICE_ACCOUNT, create)
        .on(op::BAILIWICK_GET_SERVICE_ACCOUNT, get)
        .on(op::BAILIWICK_UPDATE_SERVICE_ACCOUNT, edit)
        .on(op::BAILIWICK_DELETE_SERVICE_ACCOUNT, delete)
        .on(op::BAILIWICK_LIST_SERVICE_ACCOUNT_TOKENS, tokens)
        .on(op::BAILIWICK_CREATE_SERVICE_ACCOUNT_TOKEN, mint)
        .on(op::BAILIWICK_DELETE_SERVICE_ACCOUNT_TOKEN, end);
}

fn path(request: &Request) -> String {
    format!(
        "/api/v3/orgs/{}/service-accounts",
        encode(request.parameter("org"))
    )
}

fn list(call: Call) -> Answer {
    let rows = call.authority.service_accounts(&call.permit)?;
    let organization = call.permit.owner()?.login.clone();
    let page = call.request.page();
    let (rows, more) = page.cut(rows);
    let items = rows
        .iter()
        .map(|row| service_account(&call.request.base_url, &organization, row))
        .collect();
    Ok(Reply::page(
        &call.request,
        &path(&call.request),
        page,
        items,
        more,
    ))
}

fn get(call: Call) -> Answer {
    let row = call
        .authority
        .service_account(&call.permit, call.request.parameter("login"))?;
    Ok(Reply::json(&service_account(
        &call.request.base_url,
        &call.permit.owner()?.login,
        &row,
    )))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    login: Option<String>,
    #[serde(default, deserialize_with = "present")]
    name: Option<Option<String>>,
    #[serde(default, deserialize_with = "present")]
    description: Option<Option<String>>,
    suspended: Option<bool>,
}

fn create(call: Call) -> Answer {
    let body: Body = call.request.json()?;
    let organization = call.permit.owner()?.login.clone();
    let login = body
        .login
        .ok_or_else(|| Fault::invalid("ServiceAccount", "login", "missing_field", ""))?;
    let input = ServiceAccountInput {
        name: body.name,
        description: body.description,
        suspended: None,
    };
    let row = call
        .authority
        .service_account_create(call.permit, &login, &input)?;
    Ok(Reply::json_with(
        StatusCode::CREATED,
        &service_account(&call.request.base_url, &organization, &row),
    ))
}

fn edit(call: Call) -> Answer {
    let body: Body = call.request.json()?;
    let organization = call.permit.owner()?.login.clone();
    if body.login.is_some() {
        return Err(Fault::invalid(
            "ServiceAccount",
            "login",
            "invalid",
            "a service account keeps its login",
        ));
    }
    let input = ServiceAccountInput {
        name: body.name,
        description: body.description,
        suspended: body.suspended,
    };
    let row = call
        .authority
        .service_account_edit(call.permit, call.request.parameter("login"), &input)?;
    Ok(Reply::json(&service_account(
        &call.request.base_url,
        &organization,
        &row,
    )))
}

fn delete(call: Call) -> Answer {
    call.authority
        .service_account_delete(call.permit, call.request.parameter("login"))?;
    Ok(Reply::no_content())
}

fn tokens(call: Call) -> Answer {
    let login = call.request.parameter("login");
    let views = call.authority.service_tokens(&call.permit, login)?;
    let page = call.request.page();
    let (views, more) = page.cut(views);
    let now = call.permit.now();
    let items = views
        .iter()
        .map(|view| token(&call.request.base_url, view, now))
        .collect();
    let path = format!("{}/{}/personal-access-tokens", path(&call.request), encode(login));
    Ok(Reply::page(&call.request, &path, page, items, more))
}

fn mint(call: Call) -> Answer {
    let input = call.request.json::<MintBody>()?.read()?;
    let now = call.permit.now();
    let made = call
        .authority
        .service_token_mint(call.permit, call.request.parameter("login"), &input)?;
    Ok(Reply::json_with(
        StatusCode::CREATED,
        &minted(&call.request.base_url, &made, now),
    ))
}

fn end(call: Call) -> Answer {
    let id = TokenId(call.request.id("token_id")?);
    let with_planted = with_planted(&call)?;
    let now = call.permit.now();
    let login = call.request.parameter("login");
    let views = call
        .authority
        .service_token_delete(call.permit, login, id, with_planted)?;
    Ok(left(&views, now))
}
