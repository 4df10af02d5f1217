//! Sessions: signing in, sudo mode, listing and ending.

use bailiwick_authority::{Fault, Proof};
use bailiwick_catalogue::op;
use bailiwick_gate::{Answer, Call, Reply, Routes};
use http::StatusCode;
use serde::Deserialize;
use serde_json::json;

/// The operations of this module.
pub fn register(routes: &mut Routes) {
    routes
        .on(op::BAILIWICK_CREATE_SESSION, create)
        .on(op::BAILIWICK_LIST_SESSIONS, list)
        .on(op::BAILIWICK_DELETE_SESSION, delete)
        .on(op::BAILIWICK_CONFIRM_SESSION, sudo);
}

#[derive(Deserialize)]
struct SignIn {
    login: String,
    password: zeroize::Zeroizing<String>,
    otp: Option<zeroize::Zeroizing<String>>,
}

/// The header in which GitHub's clients send a code.
const OTP: &str = "x-github-otp";

fn create(call: Call) -> Answer {
    let input: SignIn = call.request.json()?;
    let header = call
        .request
        .headers
        .get(OTP)
        .and_then(|value| value.to_str().ok());
    let code = input.otp.as_ref().map(|code| code.as_str()).or(header);
    let signed_in = call
        .authority
        .session_create_once(call.permit, &input.login, &input.password, code)?;
    Ok(Reply::json_with(
        StatusCode::CREATED,
        &json!({
            "id": signed_in.row.id,
            "token": signed_in.secret.reveal(),
            "login": signed_in.login,
            "expires_at": signed_in.row.expires_at.rfc3339(),
            "sudo_until": signed_in.row.sudo_until.rfc3339(),
        }),
    ))
}

fn list(call: Call) -> Answer {
    let current = call.permit.session();
    let sessions = call.authority.session_list(&call.permit)?;
    let items = sessions
        .iter()
        .map(|row| {
            json!({
                "id": row.id,
                "created_at": row.created_at.rfc3339(),
                "last_seen_at": row.last_seen_at.rfc3339(),
                "expires_at": row.expires_at.rfc3339(),
                "address": row.address,
                "user_agent": row.user_agent,
                "last_seen_address": row.last_seen_address,
                "last_seen_user_agent": row.last_seen_user_agent,
                "current": current == Some(row.id),
            })
        })
        .collect();
    Ok(Reply::json(&serde_json::Value::Array(items)))
}

fn delete(call: Call) -> Answer {
    let id = match call.request.parameter("session_id") {
        "current" => call.permit.session().ok_or_else(Fault::not_found)?,
        _ => bailiwick_model::SessionId(call.request.id("session_id")?),
    };
    call.authority.session_end(call.permit, id)?;
    Ok(Reply::no_content())
}

#[derive(Deserialize)]
struct Sudo {
    password: Option<zeroize::Zeroizing<String>>,
    otp: Option<zeroize::Zeroizing<String>>,
}

fn sudo(call: Call) -> Answer {
    let input: Sudo = call.request.json()?;
    let proof = match (&input.password, &input.otp) {
        (Some(password), None) => Proof::Password(password),
        (None, Some(code)) => Proof::Code(code),
        (None, None) | (Some(_), Some(_)) => {
            let message = "give either the password or a code of the authenticator app";
            return Err(Fault::invalid("Session", "password", "missing_field", message));
        }
    };
    let until = call.authority.session_sudo(call.permit, proof)?;
    Ok(Reply::json(&json!({"sudo_until": until.rfc3339()})))
}
