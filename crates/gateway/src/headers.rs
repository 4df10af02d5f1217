//! Which headers cross the gateway. Towards the upstream only those that are known to be harmless; towards the caller
//! everything but what belongs to the connection, to the upstream's own sessions, and to its credentials.

use bailiwick_upstream::is_hop_by_hop;
use http::{HeaderMap, HeaderName, HeaderValue, header};

/// What a caller may say to an upstream. A list of what is let through: what an upstream takes for a credential, an
/// identity or another path is not known here for every upstream there will ever be.
// SECURITY: an addition must be no carrier of a credential or an identity anywhere, and override neither method nor path.
fn is_let_through(name: &HeaderName) -> bool {
    matches!(
        name.as_str(),
        "accept"
            | "accept-charset"
            | "accept-encoding"
            | "accept-language"
            | "cache-control"
            | "content-encoding"
            | "content-language"
            | "content-type"
            | "git-protocol"
            | "if-match"
            | "if-modified-since"
            | "if-none-match"
            | "if-range"
            | "if-unmodified-since"
            | "pragma"
            | "prefer"
            | "range"
            | "user-agent"
            | "x-github-api-version"
            | "x-requested-with"
    )
}

/// The headers of a request as the upstream gets them, without any credential.
pub fn outgoing(from: &HeaderMap) -> HeaderMap {
    let mut to = HeaderMap::with_capacity(from.len());
    for (name, value) in from {
        if is_let_through(name) {
            to.append(name.clone(), value.clone());
        }
    }
    to
}

/// What of an answer is the upstream's own business: its sessions, what it says of the gateway's credential and of its
/// limits, where it would be asked for another credential, and policies for a host that is not its own.
fn is_kept_back(name: &HeaderName) -> bool {
    matches!(
        name.as_str(),
        "set-cookie"
            | "www-authenticate"
            | "lfs-authenticate"
            | "authentication-info"
            | "proxy-authentication-info"
            | "x-oauth-scopes"
            | "x-accepted-oauth-scopes"
            | "x-oauth-client-id"
            | "github-authentication-token-expiration"
            | "x-accepted-github-permissions"
            | "x-github-sso"
            | "x-github-request-id"
            | "x-ratelimit-limit"
            | "x-ratelimit-remaining"
            | "x-ratelimit-used"
            | "x-ratelimit-reset"
            | "x-ratelimit-resource"
            | "strict-transport-security"
            | "public-key-pins"
            | "alt-svc"
            | "server"
            | "x-powered-by"
            | "clear-site-data"
            | "access-control-allow-origin"
            | "access-control-allow-credentials"
    )
}

/// The headers of an answer as the caller gets them. Links that lead to the upstream are led back here.
pub fn incoming(from: HeaderMap, links: &Links<'_>, head: bool) -> Vec<(HeaderName, HeaderValue)> {
    let mut to = Vec::with_capacity(from.len());
    let mut last: Option<HeaderName> = None;
    for (name, value) in from {
        // A name comes once for all its values.
        if name.is_some() {
            last = name;
        }
        let Some(name) = &last else { continue };
        // An answer to HEAD has a length and no body to tell it from.
        let length = head && *name == header::CONTENT_LENGTH;
        if (is_hop_by_hop(name) && !length) || is_kept_back(name) {
            continue;
        }
        if *name == header::LINK {
            if let Some(value) = links.rewrite(&value) {
                to.push((name.clone(), value));
            }
            continue;
        }
        if *name == header::LOCATION || *name == header::CONTENT_LOCATION {
            // Redirects are looked at before: what is left is where something new is.
            if let Some(value) = value.to_str().ok().and_then(|text| links.home(text))
                && let Ok(value) = HeaderValue::from_str(&value)
            {
                to.push((name.clone(), value));
            }
            continue;
        }
        to.push((name.clone(), value));
    }
    to
}

/// How references of an upstream become references of this server.
pub struct Links<'a> {
    /// The upstream's base that the request went below.
    pub base: &'a bailiwick_upstream::Address,
    /// This server's address with the door's prefix.
    pub home: String,
    /// The owner and repository in the upstream's names, and in ours.
    pub names: Option<(String, String)>,
}

impl Links<'_> {
    /// A reference below the upstream, as one of this server; `None` if it leads elsewhere.
    pub fn home(&self, reference: &str) -> Option<String> {
        let below = self.base.below(reference)?;
        // Decided again when the client comes back with it, so it need not be understood here.
        let below = match &self.names {
            Some((theirs, ours)) if theirs != ours => below.replacen(theirs.as_str(), ours, 1),
            _ => below.to_owned(),
        };
        Some(format!("{}{below}", self.home))
    }

    /// A `Link` header with every target led home; none if one leads elsewhere.
    fn rewrite(&self, value: &HeaderValue) -> Option<HeaderValue> {
        let mut out = String::new();
        let mut rest = value.to_str().ok()?;
        while let Some(start) = rest.find('<') {
            let (before, after) = rest.split_at(start + 1);
            let end = after.find('>')?;
            let (target, behind) = after.split_at(end);
            out.push_str(before);
            out.push_str(&self.home(target)?);
            rest = behind;
        }
        out.push_str(rest);
        HeaderValue::from_str(&out).ok()
    }
}
