//! One's own tokens.

use crate::token::planted::{left, with_planted};
use crate::view::token::{minted, token};
use bailiwick_authority::Fault;
use bailiwick_authority::levels::Slugs;
use bailiwick_authority::token::edit::EditInput;
use bailiwick_authority::token::{Expiry, GrantInput, MintInput, OwnerName, SelectionInput};
use bailiwick_catalogue::op;
use bailiwick_gate::{Answer, Call, Reply, Routes};
use bailiwick_model::{Timestamp, TokenId, TokenKind};
use http::StatusCode;
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};

/// The operations of this module.
pub fn register(routes: &mut Routes) {
    routes
        .on(op::BAILIWICK_LIST_TOKENS, list)
        .on(op::BAILIWICK_CREATE_TOKEN, create)
        .on(op::BAILIWICK_GET_TOKEN, get)
        .on(op::BAILIWICK_UPDATE_TOKEN, update)
        .on(op::BAILIWICK_DELETE_TOKEN, delete)
        .on(op::BAILIWICK_DELETE_TOKENS, delete_all)
        .on(op::BAILIWICK_REGENERATE_TOKEN, regenerate)
        .on(op::BAILIWICK_GET_CURRENT_TOKEN, current)
        .on(op::BAILIWICK_LIST_TOKEN_OWNERS, owners)
        .on(op::CREDENTIALS_REVOKE, revoke);
}

/// One grant as clients write it.
#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub struct GrantBody {
    owner: Option<String>,
    enterprise: Option<String>,
    repository_selection: Option<String>,
    repositories: Option<Vec<String>>,
    permissions: Slugs,
    reason: Option<String>,
}

impl GrantBody {
    /// The use case's form.
    pub fn read(self, place: usize) -> Result<GrantInput, Fault> {
        let invalid = |field: &str, message: &str| {
            Fault::invalid(
                "PersonalAccessToken",
                &format!("grants[{place}].{field}"),
                "invalid",
                message,
            )
        };
        let owner = match (self.owner, self.enterprise) {
            (Some(login), None) => OwnerName::Account(login),
            (None, Some(slug)) => OwnerName::Enterprise(slug),
            _ => return Err(invalid("owner", "name either an owner or an enterprise")),
        };
        let selection = match (self.repository_selection.as_deref(), self.repositories) {
            (Some("subset") | None, Some(names)) => SelectionInput::Subset(names),
            (Some("all"), None) => SelectionInput::All,
            (Some("none") | None, None) => SelectionInput::None,
            (Some("subset"), None) => return Err(invalid("repositories", "name the selected repositories")),
            _ => {
                return Err(invalid(
                    "repository_selection",
                    "use all, subset or none; only subset names repositories",
                ));
            }
        };
        Ok(GrantInput {
            owner,
            selection,
            permissions: self.permissions,
            reason: self.reason,
        })
    }
}

/// Reads every grant of a body.
pub fn read_grants(bodies: Vec<GrantBody>) -> Result<Vec<GrantInput>, Fault> {
    bodies
        .into_iter()
        .enumerate()
        .map(|(place, body)| body.read(place))
        .collect()
}

/// An expiry as clients write it: days, `none`, or an instant.
pub fn read_expiry(expires_in: Option<&Value>, expires_at: Option<&str>) -> Result<Option<Expiry>, Fault> {
    let invalid =
        |field: &str, message: &str| Err(Fault::invalid("PersonalAccessToken", field, "invalid", message));
    match (expires_in, expires_at) {
        (None | Some(Value::Null), None) => Ok(None),
        (Some(Value::String(word)), None) if word == "none" => Ok(Some(Expiry::Never)),
        (Some(Value::Number(days)), None) => match days.as_i64() {
            Some(days) => Ok(Some(Expiry::Days(days))),
            None => invalid("expires_in", "use whole days or none"),
        },
        (None | Some(Value::Null), Some(text)) => match Timestamp::parse(text) {
            Some(at) => Ok(Some(Expiry::At(at))),
            None => invalid("expires_at", "use an RFC 3339 instant"),
        },
        (Some(_), None) => invalid("expires_in", "use whole days or none"),
        (Some(_), Some(_)) => invalid("expires_at", "use either expires_in or expires_at"),
    }
}

/// A mint as clients write it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MintBody {
    name: String,
    description: Option<String>,
    kind: Option<String>,
    expires_in: Option<Value>,
    expires_at: Option<String>,
    #[serde(default)]
    scopes: Vec<String>,
    #[serde(default)]
    grants: Vec<GrantBody>,
}

impl MintBody {
    /// The use case's form.
    pub fn read(self) -> Result<MintInput, Fault> {
        let kind = match self.kind.as_deref() {
            None | Some("fine_grained") => TokenKind::FineGrained,
            Some("classic") => TokenKind::Classic,
            Some(_) => {
                return Err(Fault::invalid(
                    "PersonalAccessToken",
                    "kind",
                    "invalid",
                    "use fine_grained or classic",
                ));
            }
        };
        Ok(MintInput {
            kind,
            name: self.name,
            description: self.description,
            expiry: read_expiry(self.expires_in.as_ref(), self.expires_at.as_deref())?.unwrap_or_default(),
            scopes: self.scopes,
            grants: read_grants(self.grants)?,
        })
    }
}

fn list(call: Call) -> Answer {
    let kind = call.request.query.get("kind").and_then(TokenKind::parse);
    let views = call.authority.own_tokens(&call.permit, kind)?;
    let page = call.request.page();
    let (views, more) = page.cut(views);
    let items = views
        .iter()
        .map(|view| token(&call.request.base_url, view, call.permit.now()))
        .collect();
    Ok(Reply::page(
        &call.request,
        "/api/v3/user/personal-access-tokens",
        page,
        items,
        more,
    ))
}

fn create(call: Call) -> Answer {
    let input = call.request.json::<MintBody>()?.read()?;
    let now = call.permit.now();
    let made = call.authority.token_mint(call.permit, &input)?;
    Ok(Reply::json_with(
        StatusCode::CREATED,
        &minted(&call.request.base_url, &made, now),
    ))
}

fn get(call: Call) -> Answer {
    let view = call
        .authority
        .own_token(&call.permit, TokenId(call.request.id("token_id")?))?;
    Ok(Reply::json(&token(
        &call.request.base_url,
        &view,
        call.permit.now(),
    )))
}

/// Tells an absent field from a null one.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<String>>, D::Error> {
    Option::<String>::deserialize(deserializer).map(Some)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EditBody {
    name: Option<String>,
    #[serde(default, deserialize_with = "present")]
    description: Option<Option<String>>,
    scopes: Option<Vec<String>>,
    grants: Option<Vec<GrantBody>>,
}

fn update(call: Call) -> Answer {
    let id = TokenId(call.request.id("token_id")?);
    let body: EditBody = call.request.json()?;
    let input = EditInput {
        name: body.name,
        description: body.description,
        scopes: body.scopes,
        grants: body.grants.map(read_grants).transpose()?,
    };
    let now = call.permit.now();
    let view = call.authority.token_edit(call.permit, id, &input)?;
    Ok(Reply::json(&token(&call.request.base_url, &view, now)))
}

fn delete(call: Call) -> Answer {
    let id = TokenId(call.request.id("token_id")?);
    let with_planted = with_planted(&call)?;
    let now = call.permit.now();
    let views = call.authority.token_delete(call.permit, id, with_planted)?;
    Ok(left(&views, now))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DeleteAllBody {
    kind: String,
}

fn delete_all(call: Call) -> Answer {
    let body: DeleteAllBody = call.request.json()?;
    let kind = read_kind(&body.kind)?;
    let count = call.authority.tokens_delete(call.permit, kind)?;
    Ok(Reply::json(&json!({"tokens": count})))
}

/// A kind of token as clients write it.
pub fn read_kind(word: &str) -> Result<TokenKind, Fault> {
    TokenKind::parse(word)
        .filter(|kind| *kind != TokenKind::Session)
        .ok_or_else(|| {
            let message = "use fine_grained or classic";
            Fault::invalid("PersonalAccessToken", "kind", "invalid", message)
        })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RegenerateBody {
    expires_in: Option<Value>,
    expires_at: Option<String>,
}

fn regenerate(call: Call) -> Answer {
    let id = TokenId(call.request.id("token_id")?);
    let body: RegenerateBody = call.request.json()?;
    let expiry = read_expiry(body.expires_in.as_ref(), body.expires_at.as_deref())?;
    let now = call.permit.now();
    let made = call.authority.token_regenerate(call.permit, id, expiry)?;
    Ok(Reply::json_with(
        StatusCode::CREATED,
        &minted(&call.request.base_url, &made, now),
    ))
}

fn current(call: Call) -> Answer {
    let view = call.authority.current_token(&call.permit)?;
    Ok(Reply::json(&token(
        &call.request.base_url,
        &view,
        call.permit.now(),
    )))
}

fn owners(call: Call) -> Answer {
    let choices = call.authority.token_owners(&call.permit)?;
    let items = choices
        .iter()
        .map(|choice| {
            let selections: &[&str] = match (choice.kind, choice.all) {
                ("Enterprise", _) => &["none"],
                (_, true) => &["none", "subset", "all"],
                (_, false) => &["none", "subset"],
            };
            json!({
                "login": choice.name,
                "type": choice.kind,
                "selectable": choice.obstacle.is_none(),
                "reason": choice.obstacle.as_ref().map(|obstacle| obstacle.0),
                "message": choice.obstacle.as_ref().map(|obstacle| obstacle.1.as_str()),
                "approval_required": choice.approval_required,
                "lifetime_days_max": choice.lifetime_days_max,
                "repository_selection": selections,
            })
        })
        .collect();
    Ok(Reply::json(&Value::Array(items)))
}

#[derive(Deserialize)]
struct RevokeBody {
    credentials: Vec<zeroize::Zeroizing<String>>,
}

fn revoke(call: Call) -> Answer {
    let body: RevokeBody = call.request.json()?;
    call.authority
        .credentials_revoke(call.permit, &body.credentials)?;
    Ok(Reply::json_with(StatusCode::ACCEPTED, &json!({})))
}
