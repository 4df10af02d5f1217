//! Which headers cross the gateway. Towards the upstream only those that are known to be harmless; towards the caller
//! everything but what belongs to the connection, to the upstream's own sessions, and to its credentials.

use bailiwick_upstream::{Fields, HeaderValue, is_hop_by_hop};
use http::{HeaderName, header};
use std::sync::OnceLock;

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
            | "content-range"
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
pub fn outgoing(from: &Fields) -> Fields {
    // And those of a credential.
    let mut to = Fields::with_capacity(from.len() + 2);
    let named = named(from.get_all(header::CONNECTION));
    for (name, value) in from {
        if is_let_through(name) && !named.contains(name) {
            to.append(name.clone(), value.clone());
        }
    }
    to
}

/// What of an answer is the upstream's own business: its sessions, what it says of the gateway's credential and of its
/// limits, where it would be asked for another credential, policies for a host that is not its own, and what a proxy
/// before this server would obey.
// SECURITY: an answer is shown under this server's address. With a policy of its own, a page of an upstream could run
// scripts there, beside people's sessions.
pub fn is_kept_back(name: &HeaderName) -> bool {
    let name = name.as_str();
    if ["access-control-", "cross-origin-", "x-accel-", "x-bailiwick-"]
        .iter()
        .any(|family| name.starts_with(family))
    {
        return true;
    }
    matches!(
        name,
        "set-cookie"
            | "set-cookie2"
            | "authorization"
            | "proxy-authorization"
            | "cookie"
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
            | "content-security-policy"
            | "content-security-policy-report-only"
            | "document-policy"
            | "feature-policy"
            | "nel"
            | "origin-agent-cluster"
            | "permissions-policy"
            | "referrer-policy"
            | "refresh"
            | "report-to"
            | "reporting-endpoints"
            | "service-worker-allowed"
            | "sourcemap"
            | "speculation-rules"
            | "x-frame-options"
            | "x-lighttpd-send-file"
            | "x-reproxy-url"
            | "x-sendfile"
            | "x-sourcemap"
    )
}

/// The headers of an answer as the caller gets them. Links that lead to the upstream are led back here.
pub fn incoming(mut headers: Fields, links: &Links<'_>, head: bool) -> Fields {
    let named = named(headers.get_all(header::CONNECTION));
    headers.retain_mut(|name, value| {
        // An answer to HEAD has a length and no body to tell it from.
        let length = head && *name == header::CONTENT_LENGTH;
        if (is_hop_by_hop(name) && !length) || is_kept_back(name) || named.contains(name) {
            return false;
        }
        let led = if *name == header::LINK {
            links.rewrite(value)
        } else if *name == header::LOCATION || *name == header::CONTENT_LOCATION {
            // Redirects are looked at before: what is left is where something new is.
            links.lead(value)
        } else {
            return true;
        };
        led.map(|led| *value = led).is_some()
    });
    headers
}

/// What a connection names belongs to it as well (RFC 9110, section 7.6.1).
fn named<'a>(said: impl Iterator<Item = &'a HeaderValue>) -> Vec<HeaderName> {
    said.flat_map(|value| value.as_bytes().split(|byte| *byte == b','))
        .map(<[u8]>::trim_ascii)
        .filter(|word| !word.eq_ignore_ascii_case(b"keep-alive") && !word.eq_ignore_ascii_case(b"close"))
        .filter_map(|word| HeaderName::from_bytes(word).ok())
        .collect()
}

/// How references of an upstream become references of this server. Made out only when an answer refers to something:
/// most do not.
pub struct Links<'a> {
    base: &'a bailiwick_upstream::Address,
    names: OnceLock<Names>,
    make: &'a (dyn Fn() -> Names + Sync),
}

/// What things are called there and here.
#[derive(Clone, Debug, Default)]
pub struct Names {
    /// This server's address with the door's prefix.
    pub home: String,
    /// The owner and repository in the upstream's names, and in ours.
    pub repository: Option<(String, String)>,
    /// Starts of paths that mean the same there and here: accounts by their names, and what is named by a number there.
    pub moved: Vec<(String, String)>,
    /// The address that was asked for here, without its query.
    pub asked: String,
}

/// Starts of paths in which an upstream names things by numbers of its own.
const NUMBERED: &[&str] = &["/repositories/", "/organizations/", "/user/", "/teams/"];

impl<'a> Links<'a> {
    /// Below the upstream's base that the request went to.
    pub fn new(base: &'a bailiwick_upstream::Address, make: &'a (dyn Fn() -> Names + Sync)) -> Links<'a> {
        Links {
            base,
            names: OnceLock::new(),
            make,
        }
    }

    fn names(&self) -> &Names {
        self.names.get_or_init(self.make)
    }

    /// A reference below the upstream, as one of this server; `None` if it leads elsewhere.
    pub fn home(&self, reference: &str) -> Option<String> {
        let below = self.base.below(reference)?;
        if let Some((ours, behind)) = self.moved(below) {
            return Some(format!("{}{ours}{behind}", self.names().home));
        }
        // SECURITY: the same number is something else here.
        if !self.names().moved.is_empty() && NUMBERED.iter().any(|start| below.starts_with(start)) {
            return None;
        }
        // Decided again when the client comes back with it, so it need not be understood here.
        let below = match &self.names().repository {
            Some((theirs, ours)) => renamed(below, theirs, ours),
            None => below.to_owned(),
        };
        Some(format!("{}{below}", self.names().home))
    }

    /// What a path begins with as it is called here, and what is behind.
    fn moved<'b>(&'b self, path: &'b str) -> Option<(&'b str, &'b str)> {
        self.names().moved.iter().find_map(|(theirs, ours)| {
            let start = path.get(..theirs.len())?;
            let behind = path.get(theirs.len()..)?;
            let whole = behind.is_empty() || behind.starts_with(['/', '?', '#']);
            (whole && start.eq_ignore_ascii_case(theirs)).then_some((ours.as_str(), behind))
        })
    }

    /// Whether an address here is the one that was asked for.
    pub fn is_asked(&self, home: &str) -> bool {
        home.split(['?', '#']).next() == Some(self.names().asked.as_str())
    }

    /// The value of a header that leads somewhere, led home; none if it leads elsewhere.
    fn lead(&self, value: &HeaderValue) -> Option<HeaderValue> {
        let home = self.home(value.to_str().ok()?)?;
        HeaderValue::from_str(&home).ok()
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

/// A path with the first whole occurrence of one repository's name as another.
fn renamed(path: &str, theirs: &str, ours: &str) -> String {
    let whole = |at: &usize| {
        let behind = path.get(at + theirs.len()..).unwrap_or_default();
        behind.is_empty() || behind.starts_with(['/', '?', '#', '.'])
    };
    let found = path.match_indices(theirs).map(|(at, _)| at).find(whole);
    match found {
        Some(at) => format!(
            "{}{ours}{}",
            path.get(..at).unwrap_or_default(),
            path.get(at + theirs.len()..).unwrap_or_default()
        ),
        None => path.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Links, Names, incoming, outgoing, renamed};
    use bailiwick_upstream::{Address, Fields, HeaderValue};
    use http::HeaderName;

    fn map<T: FromIterator<(HeaderName, HeaderValue)>>(pairs: &[(&'static str, &str)]) -> T {
        pairs
            .iter()
            .map(|(name, value)| {
                (
                    HeaderName::from_static(name),
                    HeaderValue::from_str(value).unwrap(),
                )
            })
            .collect()
    }

    #[test]
    fn a_repository_is_renamed_where_it_is_named_whole() {
        for (path, expected) in [
            ("/repos/acme-inc/site/issues", "/repos/acme/www/issues"),
            ("/repos/acme-inc/site", "/repos/acme/www"),
            ("/acme-inc/site.git/info/refs", "/acme/www.git/info/refs"),
            ("/repos/acme-inc/sites", "/repos/acme-inc/sites"),
            (
                "/x/acme-inc/sitex/acme-inc/site?a",
                "/x/acme-inc/sitex/acme/www?a",
            ),
        ] {
            assert_eq!(renamed(path, "/acme-inc/site", "/acme/www"), expected, "{path}");
        }
    }

    #[test]
    fn only_what_is_known_to_be_harmless_goes_out() {
        let sent = outgoing(&map(&[
            ("accept", "a"),
            ("range", "bytes=0-1"),
            ("authorization", "x"),
            ("cookie", "x"),
            ("private-token", "x"),
            ("sudo", "root"),
            ("x-forwarded-user", "root"),
            ("x-webauth-user", "root"),
            ("x-gitea-otp", "1"),
            ("x-http-method-override", "DELETE"),
            ("x-forwarded-for", "1.2.3.4"),
            ("x-real-ip", "1.2.3.4"),
            ("forwarded", "for=x"),
            ("via", "x"),
            ("x-unknown", "x"),
        ]));
        let names: Vec<&str> = sent.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["accept", "range"]);
    }

    #[test]
    fn what_is_the_upstreams_own_stays_there() {
        let base = Address::parse("https://git.example.com/forge").unwrap();
        let make = || Names {
            home: String::from("https://bw.example.org/api/v3"),
            ..Names::default()
        };
        let links = Links::new(&base, &make);
        let given = map(&[
            ("etag", "x"),
            ("set-cookie", "session=1"),
            ("www-authenticate", "Basic"),
            ("connection", "x-hop, keep-alive"),
            ("x-hop", "1"),
            ("transfer-encoding", "chunked"),
            ("link", "<https://git.example.com/forge/r?page=2>; rel=\"next\""),
            ("location", "https://evil.example.net/x"),
            ("x-oauth-scopes", "repo"),
            ("x-bailiwick-reason", "level.too_low"),
            ("x-bailiwick-token-id", "1"),
        ]);
        let back = incoming(given, &links, false);
        let back: std::collections::BTreeMap<&str, &str> = back
            .iter()
            .map(|(name, value)| (name.as_str(), value.to_str().unwrap()))
            .collect();
        let expected = [
            ("etag", "x"),
            ("link", "<https://bw.example.org/api/v3/r?page=2>; rel=\"next\""),
        ];
        assert_eq!(back, std::collections::BTreeMap::from(expected));
    }

    #[test]
    fn an_answer_keeps_what_is_its_own() {
        let base = Address::parse("https://git.example.com/forge").unwrap();
        let make = || Names {
            home: String::from("https://bw.example.org/api/v3"),
            ..Names::default()
        };
        let links = Links::new(&base, &make);
        let given = || {
            map(&[
                ("content-length", "7"),
                ("x-a", "1"),
                ("link", "<https://git.example.com/forge/a>"),
                ("x-a", "2"),
                ("link", "<https://evil.example.net/b>"),
                ("link", "<https://git.example.com/forge/c>"),
                ("content-location", "https://git.example.com/forge/d"),
            ])
        };
        let all = |headers: &Fields, name: &str| -> Vec<String> {
            let values = headers.get_all(name);
            values.map(|value| value.to_str().unwrap().to_owned()).collect()
        };
        let back = incoming(given(), &links, false);
        assert_eq!(all(&back, "x-a"), ["1", "2"]);
        let home = "https://bw.example.org/api/v3";
        assert_eq!(all(&back, "link"), [format!("<{home}/a>"), format!("<{home}/c>")]);
        assert_eq!(all(&back, "content-location"), [format!("{home}/d")]);
        // To HEAD the length is all that there is of the body.
        assert!(!back.contains_key("content-length"));
        assert_eq!(all(&incoming(given(), &links, true), "content-length"), ["7"]);
    }
}
