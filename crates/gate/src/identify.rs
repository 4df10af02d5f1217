//! Stage: find the credential. One carrier, one secret, the same for every door but one: pages take a session's cookie.

use crate::page::{Bad, Cookies, cookie};
use crate::refusal::Protocol;
use bailiwick_authority::observe::Foreign;
use bailiwick_authority::registry::Narrowing;
use bailiwick_authority::{Authority, Presented};
use bailiwick_catalogue::Door;
use bailiwick_model::{RegistryKind, TokenKind};
use bailiwick_upstream::Fields;
use bailiwick_wire::credential::{Carried, carried};
use bailiwick_wire::oci::TokenForm;
use http::header;
use std::sync::Arc;
use zeroize::Zeroizing;

/// What was found.
pub struct Identified {
    /// The credential, before any look-up.
    pub presented: Presented,
    /// What the credential was narrowed to when it was handed out, at registries of images.
    pub narrowed: Option<Arc<Narrowing>>,
    /// What was carried and is none of ours, kept aside for an upstream that is only observed.
    // INVARIANT: to every stage but that one it is garbage, as `presented` says.
    pub foreign: Option<Foreign>,
    /// The text of the session's cookie at the pages' door, which forms are bound to.
    pub session: Option<Zeroizing<String>>,
    /// Whether that cookie, good or not, is the only carrier.
    pub by_cookie: bool,
}

/// Finds the credential of a request. Malformed, doubled or query-carried ones are bad credentials: they are
/// never treated as none, so that a broken header cannot fall back to an anonymous visitor's rights.
// SECURITY: a cookie counts at the pages' door only. Elsewhere a browser would send it for whatever site asks.
pub fn identify(
    authority: &Authority,
    (door, protocol): (Door, Protocol),
    headers: &Fields,
    query: Option<&str>,
    cookies: &Cookies,
    form: Option<TokenForm>,
) -> Identified {
    // SECURITY: whoever holds a token of docker's flow holds less than its credential, and only images know what it was
    // narrowed to. At every other door, other registries' among them, it is no credential.
    let images = protocol == Protocol::Registry(RegistryKind::Oci);
    // Two are as bad as more.
    let mut all = headers.get_all(header::AUTHORIZATION);
    let (first, second) = (all.next(), all.next());
    let both = [first, second].map(|value| value.map_or(&[][..], |value| value.as_bytes()));
    let authorizations = match (first, second) {
        (None, _) => &[],
        (Some(_), None) => both.get(..1).unwrap_or_default(),
        (Some(_), Some(_)) => both.as_slice(),
    };
    let session = if door == Door::Page {
        cookie(headers, cookies.session)
    } else {
        Ok(None)
    };
    let carried = TokenForm::or_headers(form, carried(authorizations, query));
    let handed_out = match &carried {
        Ok(Carried::Secret(text)) if images => authority.open_registry_token(text),
        _ => None,
    };
    let by_cookie = matches!(
        (&carried, session),
        (Ok(Carried::Nothing), Ok(Some(_)) | Err(Bad))
    );
    let presented = match (&carried, session) {
        // It stands for the credential that asked for it, which is looked up like any other.
        (Ok(Carried::Secret(text)), Ok(None)) if images => match &handed_out {
            Some((presented, _)) => *presented,
            None => authority.present(text),
        },
        (Ok(Carried::Nothing), Ok(None)) => Presented::Nothing,
        // A session in a header is one that no browser put there by itself: pages know it by its cookie alone.
        (Ok(Carried::Secret(text)), Ok(None))
            if door == Door::Page
                && matches!(
                    authority.present_kind(text, TokenKind::Session),
                    Presented::Digest(_)
                ) =>
        {
            Presented::Garbage
        }
        (Ok(Carried::Secret(text)), Ok(None)) => authority.present(text),
        (Ok(Carried::Nothing), Ok(Some(text))) => authority.present_kind(text, TokenKind::Session),
        // Two carriers, or one that is broken.
        (Ok(Carried::Secret(_)), Ok(Some(_))) | (Err(_), _) | (_, Err(Bad)) => Presented::Garbage,
    };
    let foreign = match (&carried, authorizations) {
        (Ok(Carried::Secret(text)), [header])
            if presented == Presented::Garbage
                && matches!(door, Door::Api | Door::Gitea | Door::Git)
                && authority.may_observe(authority.now()) =>
        {
            authority.foreign(header, text)
        }
        _ => None,
    };
    Identified {
        presented,
        narrowed: handed_out.map(|(_, narrowing)| Arc::new(narrowing)),
        foreign,
        session: session.ok().flatten().map(|text| Zeroizing::new(text.to_owned())),
        by_cookie,
    }
}

/// Removes every header that carries a credential, so that no handler can log or forward one.
pub fn strip(headers: &mut Fields) {
    headers.retain(|name| {
        *name != header::AUTHORIZATION && *name != header::PROXY_AUTHORIZATION && *name != header::COOKIE
    });
}
