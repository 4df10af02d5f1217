//! Whose a credential is: its upstream is asked once in a while, with that very credential. Login and id are kept.

use super::bring;
use bailiwick_authority::Authority;
use bailiwick_authority::observe::{Known, Observed};
use bailiwick_model::UpstreamKind;
use bailiwick_upstream::{Fields, HeaderValue, Outgoing, OutgoingBody};
use http::{Method, StatusCode, header};
use http_body_util::{BodyExt, Limited};

/// The largest answer about a person, in bytes.
const BYTES_MAX: usize = 256 << 10;
/// The longest login or id that is kept, in bytes.
const NAME_BYTES_MAX: usize = 100;

/// Whose it is.
pub async fn of(authority: &Authority, observed: &Observed) -> Known {
    if let Some(known) = authority.observed_person(observed) {
        return known;
    }
    let known = match observed.upstream().kind {
        UpstreamKind::GitHub | UpstreamKind::Gitea => ask(observed).await,
        // These have no question for it. A user name beside a password is what the caller says, not the upstream.
        _ => Some(Known::Nobody),
    };
    match known {
        Some(known) => {
            authority.observed_person_is(observed, known.clone());
            known
        }
        None => Known::Nobody,
    }
}

/// `None`: it could not be asked, and may be asked again at once.
async fn ask(observed: &Observed) -> Option<Known> {
    let client = observed.upstream().api().ok()?;
    let mut headers = Fields::default();
    headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
    headers.insert(header::USER_AGENT, HeaderValue::from_static("bailiwick"));
    bring(observed, &mut headers).ok()?;
    let question = Outgoing::new(Method::GET, "/user", headers);
    let answer = client.send(&question, OutgoingBody::Nothing).await.ok()?;
    match answer.status {
        StatusCode::OK => {}
        StatusCode::UNAUTHORIZED => return Some(Known::Refused),
        status if status.is_server_error() => return None,
        _ => return Some(Known::Nobody),
    }
    let bytes = Limited::new(answer.body, BYTES_MAX)
        .collect()
        .await
        .ok()?
        .to_bytes();
    let said: serde_json::Value = serde_json::from_slice(&bytes).ok()?;
    Some(read(&said).unwrap_or(Known::Nobody))
}

fn read(said: &serde_json::Value) -> Option<Known> {
    let plain = |text: &str| text.len() <= NAME_BYTES_MAX && text.bytes().all(|byte| byte.is_ascii_graphic());
    let login = said.get("login")?.as_str().filter(|login| plain(login))?;
    let key = match said.get("id")? {
        serde_json::Value::Number(id) => id.to_string(),
        serde_json::Value::String(id) => id.clone(),
        _ => return None,
    };
    plain(&key).then(|| Known::Person {
        login: login.to_owned(),
        key,
    })
}
