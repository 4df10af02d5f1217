//! Users: one's own profile, everybody's, and the list of all.

use super::{page_since, present, since};
use crate::view::account::{node_id, simple_user};
use crate::view::user::user;
use bailiwick_authority::directory::account::ProfileInput;
use bailiwick_catalogue::op;
use bailiwick_gate::{Answer, Call, Reply, Routes};
use bailiwick_model::AccountId;
use serde::Deserialize;
use serde_json::{Value, json};

/// The operations of this module.
pub fn register(routes: &mut Routes) {
    routes
        .on(op::USERS_GET_AUTHENTICATED, own)
        .on(op::USERS_UPDATE_AUTHENTICATED, edit)
        .on(op::USERS_GET_BY_USERNAME, by_login)
        .on(op::USERS_GET_BY_ID, by_id)
        .on(op::USERS_LIST, list)
        .on(op::USERS_LIST_EMAILS_FOR_AUTHENTICATED_USER, emails);
}

fn own(call: Call) -> Answer {
    let profile = call.authority.own_profile(&call.permit)?;
    Ok(Reply::json(&user(&call.request.base_url, &profile)))
}

fn by_login(call: Call) -> Answer {
    let profile = call
        .authority
        .profile(&call.permit, call.request.parameter("username"))?;
    Ok(Reply::json(&user(&call.request.base_url, &profile)))
}

fn by_id(call: Call) -> Answer {
    let profile = call
        .authority
        .profile_by_id(&call.permit, AccountId(call.request.id("account_id")?))?;
    Ok(Reply::json(&user(&call.request.base_url, &profile)))
}

fn list(call: Call) -> Answer {
    let size = call.request.page().size;
    let (rows, more) = call
        .authority
        .accounts(&call.permit, None, AccountId(since(&call.request)), size)?;
    let last = rows.last().filter(|_| more).map(|row| row.id.0);
    let items = rows
        .iter()
        .map(|row| {
            let mut value = simple_user(&call.request.base_url, row);
            if row.kind == bailiwick_authority::rows::AccountKind::Organization
                && let Some(fields) = value.as_object_mut()
            {
                fields.insert("node_id".into(), json!(node_id("Organization", row.id.0)));
            }
            value
        })
        .collect();
    Ok(page_since(&call.request, "/api/v3/users", items, last, size))
}

fn emails(call: Call) -> Answer {
    let profile = call.authority.own_profile(&call.permit)?;
    // The one address there is, as administrators or the person entered it: nobody has confirmed it by mail.
    let items: Vec<Value> = profile
        .row
        .email
        .iter()
        .map(|email| json!({"email": email, "primary": true, "verified": false, "visibility": "public"}))
        .collect();
    Ok(Reply::json(&Value::Array(items)))
}

#[derive(Deserialize)]
struct ProfileBody {
    #[serde(default, deserialize_with = "present")]
    name: Option<Option<String>>,
    #[serde(default, deserialize_with = "present")]
    email: Option<Option<String>>,
    #[serde(default, deserialize_with = "present")]
    blog: Option<Option<String>>,
    #[serde(default, deserialize_with = "present")]
    company: Option<Option<String>>,
    #[serde(default, deserialize_with = "present")]
    location: Option<Option<String>>,
    #[serde(default, deserialize_with = "present")]
    bio: Option<Option<String>>,
}

fn edit(call: Call) -> Answer {
    let body: ProfileBody = call.request.json()?;
    let input = ProfileInput {
        name: body.name,
        email: body.email.map(|email| email.filter(|email| !email.is_empty())),
        blog: body.blog,
        company: body.company,
        location: body.location,
        bio: body.bio,
    };
    let profile = call.authority.profile_edit(call.permit, &input)?;
    Ok(Reply::json(&user(&call.request.base_url, &profile)))
}
