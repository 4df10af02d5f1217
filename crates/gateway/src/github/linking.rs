//! GitHub's own sign-in: what a code, or a refresh token, is exchanged for, and whose account that is.

use super::ask::{Call, ask, misunderstood};
use crate::fault;
use bailiwick_authority::upstream::Upstream;
use bailiwick_authority::upstream::linking::{Returned, Theirs};
use bailiwick_authority::upstream::renew::Given;
use bailiwick_authority::{Authority, Fault, Permit};
use bailiwick_gate::encode;
use bailiwick_model::Timestamp;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{Method, StatusCode};
use serde_json::Value;
use std::sync::Arc;
use zeroize::Zeroizing;

/// What asking for the next token came to.
pub(crate) enum Refreshed {
    /// The next pair.
    Given(Given),
    /// The refresh token is used up, expired or taken back.
    Refused,
}

/// Finishes a link that came back: on a thread that may block.
pub fn finish(authority: &Arc<Authority>, permit: Permit, state: &str, code: &str) -> Result<(), Fault> {
    let returned = authority.linking_take(&permit, state)?;
    let runtime =
        tokio::runtime::Handle::try_current().map_err(|error| Fault::internal("upstream.link", error))?;
    let (theirs, given) = runtime.block_on(confirm(authority, &returned, code))?;
    let upstream = &returned.upstream;
    let linked = authority.linking_finish(permit, upstream.id, &theirs, &given);
    if linked.is_err() {
        // Nobody will use what was given.
        runtime.block_on(give_back(upstream, &given));
    }
    linked
}

/// Gives back a token that is not kept.
async fn give_back(upstream: &Upstream, given: &Given) {
    let given_back = async {
        let (id, secret) = client(upstream)?;
        let pair = Zeroizing::new(format!("{id}:{secret}"));
        let body = serde_json::json!({"access_token": given.token.as_str()}).to_string();
        let call = Call {
            client: upstream.api()?,
            method: Method::DELETE,
            target: format!("/applications/{}/token", encode(id)),
            authorization: Some(Zeroizing::new(format!(
                "Basic {}",
                STANDARD.encode(pair.as_bytes())
            ))),
            body: Some(("application/json", Zeroizing::new(body))),
        };
        ask(upstream, call).await
    };
    if !matches!(given_back.await, Ok((StatusCode::NO_CONTENT, _))) {
        tracing::warn!(
            upstream = upstream.name,
            "a token that is not kept could not be given back"
        );
    }
}

/// Exchanges the code of a link that came back, and asks whose account it is.
async fn confirm(authority: &Authority, returned: &Returned, code: &str) -> Result<(Theirs, Given), Fault> {
    let upstream = &returned.upstream;
    let (id, secret) = client(upstream)?;
    let body = Zeroizing::new(format!(
        "client_id={}&client_secret={}&code={}&redirect_uri={}&code_verifier={}",
        encode(id),
        encode(secret),
        encode(code),
        encode(&authority.linking_callback()),
        returned.verifier.as_str(),
    ));
    let answer = exchange(upstream, body).await?;
    match answer.get("error").and_then(Value::as_str) {
        None => {}
        Some("bad_verification_code" | "incorrect_pkce" | "invalid_grant" | "redirect_uri_mismatch") => {
            return Err(fault::link_again(upstream));
        }
        Some(_) => return Err(fault::credential_refused(upstream)),
    }
    let given = read(upstream, &answer, authority.now())?;
    Ok((whose(upstream, &given).await?, given))
}

/// Asks for the next token.
pub(crate) async fn refresh(upstream: &Upstream, used: &str, now: Timestamp) -> Result<Refreshed, Fault> {
    let (id, secret) = client(upstream)?;
    let body = Zeroizing::new(format!(
        "client_id={}&client_secret={}&grant_type=refresh_token&refresh_token={}",
        encode(id),
        encode(secret),
        encode(used),
    ));
    let answer = exchange(upstream, body).await?;
    match answer.get("error").and_then(Value::as_str) {
        None => Ok(Refreshed::Given(read(upstream, &answer, now)?)),
        Some("bad_refresh_token" | "invalid_grant") => Ok(Refreshed::Refused),
        // The App's own credential is at fault, or what nobody here knows: no reason to end anybody's link.
        Some(_) => Err(fault::credential_refused(upstream)),
    }
}

fn client(upstream: &Upstream) -> Result<(&str, &str), Fault> {
    let id = upstream.settings.client_id.as_deref();
    let id = id.ok_or_else(|| fault::no_credential(upstream, "client_id of its App"))?;
    let secret = upstream.reveal("client_secret");
    let secret = secret.ok_or_else(|| fault::no_credential(upstream, "client secret of its App"))?;
    Ok((id, secret))
}

async fn exchange(upstream: &Upstream, body: Zeroizing<String>) -> Result<Value, Fault> {
    let call = Call {
        client: upstream.web()?,
        method: Method::POST,
        target: String::from("/login/oauth/access_token"),
        authorization: None,
        body: Some(("application/x-www-form-urlencoded", body)),
    };
    // GitHub refuses with 200; other servers of the kind with 400.
    match ask(upstream, call).await? {
        (StatusCode::OK | StatusCode::BAD_REQUEST | StatusCode::UNAUTHORIZED, answer)
            if answer.is_object() =>
        {
            Ok(answer)
        }
        _ => Err(misunderstood(upstream, "an unexpected status")),
    }
}

fn read(upstream: &Upstream, answer: &Value, now: Timestamp) -> Result<Given, Fault> {
    let text = |name: &str| {
        let text = answer.get(name).and_then(Value::as_str);
        text.filter(|text| !text.is_empty())
            .map(|text| Zeroizing::new(text.to_owned()))
    };
    let token = text("access_token").ok_or_else(|| misunderstood(upstream, "no token"))?;
    let expires_at = match answer.get("expires_in") {
        None | Some(Value::Null) => None,
        Some(seconds) => {
            let seconds = seconds.as_i64().filter(|seconds| *seconds > 0);
            let seconds = seconds.ok_or_else(|| misunderstood(upstream, "a token without an end"))?;
            Some(now.plus_seconds(seconds))
        }
    };
    Ok(Given {
        token,
        refresh: text("refresh_token"),
        expires_at,
    })
}

async fn whose(upstream: &Upstream, given: &Given) -> Result<Theirs, Fault> {
    let call = Call {
        client: upstream.api()?,
        method: Method::GET,
        target: String::from("/user"),
        authorization: Some(Zeroizing::new(format!("Bearer {}", given.token.as_str()))),
        body: None,
    };
    let (status, answer) = ask(upstream, call).await?;
    let login = answer.get("login").and_then(Value::as_str);
    let id = answer.get("id").and_then(Value::as_u64);
    match (status, login, id) {
        (StatusCode::OK, Some(login), Some(id)) if is_login(login) => Ok(Theirs {
            login: login.to_owned(),
            key: id.to_string(),
        }),
        _ => Err(misunderstood(upstream, "no account")),
    }
}

fn is_login(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    (1..=100).contains(&text.len()) && text.bytes().all(plain)
}
