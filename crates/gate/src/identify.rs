//! Stage: find the credential. One carrier, one secret, the same for every door.

use bailiwick_authority::{Authority, Presented};
use bailiwick_wire::credential::{Carried, carried};
use http::{HeaderMap, header};

/// Finds the credential of a request. Malformed, doubled or query-carried ones are bad credentials: they are
/// never treated as none, so that a broken header cannot fall back to an anonymous visitor's rights.
pub fn identify(authority: &Authority, headers: &HeaderMap, query: Option<&str>) -> Presented {
    let authorizations: Vec<&[u8]> = headers
        .get_all(header::AUTHORIZATION)
        .iter()
        .map(|value| value.as_bytes())
        .collect();
    match carried(&authorizations, query) {
        Ok(Carried::Nothing) => Presented::Nothing,
        Ok(Carried::Secret(text)) => authority.present(&text),
        Err(_) => Presented::Garbage,
    }
}

/// Removes every header that carries a credential, so that no handler can log or forward one.
pub fn strip(headers: &mut HeaderMap) {
    headers.remove(header::AUTHORIZATION);
    headers.remove(header::PROXY_AUTHORIZATION);
    headers.remove(header::COOKIE);
}
