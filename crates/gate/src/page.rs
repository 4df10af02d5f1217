//! What a browser adds: the session and visit cookies, and the guard against forged forms. Pages pass the same
//! stages as everything else; this is what identify and listen need to know of them.

use crate::request::Query;
use bailiwick_authority::{Authority, Fault, FaultKind};
use bailiwick_model::limit::FORM_FIELDS_MAX;
use bailiwick_upstream::Fields;
use http::{Method, header};
use sha2::Digest as _;
use zeroize::Zeroizing;

/// The cookies of this server. Host-only everywhere; behind https their names enforce it.
#[derive(Clone, Debug)]
pub struct Cookies {
    /// The name of the session's cookie.
    pub session: &'static str,
    /// The name of the visit's cookie, which only forms are bound to.
    pub visit: &'static str,
    secure: bool,
}

impl Cookies {
    /// The cookies of a server at this address.
    pub fn of(base_url: &str) -> Cookies {
        if base_url.starts_with("https://") {
            Cookies {
                session: "__Host-bailiwick-session",
                visit: "__Host-bailiwick-visit",
                secure: true,
            }
        } else {
            Cookies {
                session: "bailiwick-session",
                visit: "bailiwick-visit",
                secure: false,
            }
        }
    }

    /// A `Set-Cookie` value. It ends with the browser's session; the server's own limits hold besides.
    pub fn set(&self, name: &str, value: &str) -> String {
        let secure = if self.secure { "; Secure" } else { "" };
        format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax{secure}")
    }

    /// A `Set-Cookie` value that removes a cookie.
    pub fn remove(&self, name: &str) -> String {
        format!("{}; Max-Age=0", self.set(name, ""))
    }
}

/// A cookie that is there twice, so that two readers could pick different ones, or that is no text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Bad;

/// The one value of a cookie.
pub fn cookie<'a>(headers: &'a Fields, name: &str) -> Result<Option<&'a str>, Bad> {
    let mut found = None;
    for value in headers.get_all(header::COOKIE) {
        // Bytes, since the cookies of others on the same host need not be text.
        for pair in value.as_bytes().split(|byte| *byte == b';') {
            let pair = pair.trim_ascii();
            let value = pair
                .strip_prefix(name.as_bytes())
                .and_then(|rest| rest.strip_prefix(b"="));
            if let Some(value) = value
                && found.replace(value).is_some()
            {
                return Err(Bad);
            }
        }
    }
    found
        .map(std::str::from_utf8)
        .transpose()
        .map_err(|_not_text| Bad)
}

/// Bytes of randomness in a visit's cookie.
pub const VISIT_BYTES: usize = 16;

/// Whether a visit's cookie is one that this server could have set.
pub fn is_visit(text: &str) -> bool {
    text.len() == 2 * VISIT_BYTES && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// What every form must send back: bound to this browser's visit and to its session, so that neither another
/// site's form nor one from before the sign-in is taken.
#[derive(Clone)]
pub struct Guard(Zeroizing<[u8; GUARD_BYTES]>);

const GUARD_BYTES: usize = 32;

impl std::fmt::Debug for Guard {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Guard(hidden)")
    }
}

impl Guard {
    /// The guard of a visit and its session.
    pub fn of(visit: &str, session: Option<&str>) -> Guard {
        let mut hasher = sha2::Sha256::new();
        for part in ["bailiwick form", visit, session.unwrap_or("")] {
            hasher.update((part.len() as u64).to_le_bytes());
            hasher.update(part.as_bytes());
        }
        Guard(Zeroizing::new(hasher.finalize().into()))
    }

    /// The guard as a page carries it: behind a mask of its own, so that no two pages hold the same text.
    pub fn masked(&self, mask: [u8; GUARD_BYTES]) -> Zeroizing<String> {
        Zeroizing::new(hex(&mask) + &hex(&xor(&mask, &self.0)))
    }

    /// Whether a page carried this guard. Takes time that depends on the length alone.
    fn is(&self, text: &str) -> bool {
        let Some((mask, masked)) = text
            .split_at_checked(2 * GUARD_BYTES)
            .and_then(|(mask, masked)| Some((unhex(mask)?, unhex(masked)?)))
        else {
            return false;
        };
        xor(&mask, &masked)
            .iter()
            .zip(self.0.iter())
            .fold(0_u8, |differences, (left, right)| differences | (left ^ right))
            == 0
    }
}

/// A guard behind a fresh mask.
pub(crate) fn masked(authority: &Authority, guard: &Guard) -> Zeroizing<String> {
    let mut mask = [0; GUARD_BYTES];
    authority.fill_random(&mut mask);
    guard.masked(mask)
}

fn xor(one: &[u8; GUARD_BYTES], other: &[u8; GUARD_BYTES]) -> [u8; GUARD_BYTES] {
    let mut both = *one;
    for (byte, other) in both.iter_mut().zip(other) {
        *byte ^= other;
    }
    both
}

fn unhex(text: &str) -> Option<[u8; GUARD_BYTES]> {
    let mut bytes = [0; GUARD_BYTES];
    if text.len() != 2 * GUARD_BYTES {
        return None;
    }
    for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        let mut digits = pair.iter().map(|digit| char::from(*digit).to_digit(16));
        *byte = u8::try_from(digits.next()?? << 4 | digits.next()??).ok()?;
    }
    Some(bytes)
}

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .filter_map(|digit| char::from_digit(digit.into(), 16))
        .collect()
}

/// What is known of the browser behind a request at the pages' door.
#[derive(Debug)]
pub(crate) struct Browser {
    /// The guard that forms must carry.
    pub guard: Guard,
    /// The guard as the answered page carries it.
    pub csrf: Zeroizing<String>,
    /// The visit that it is bound to.
    pub visit: Zeroizing<String>,
    /// A new visit, to be set as a cookie.
    pub new_visit: Option<String>,
}

/// Whether a form comes from a page of this server that was shown to this browser and session.
// SECURITY: all of it, not whichever header is present: the token alone would leak with a page, the headers alone
// are missing in old browsers.
pub(crate) fn check(headers: &Fields, form: &Query, browser: &Browser, base_url: &str) -> Result<(), Fault> {
    // Of two that differ another reader could have believed the other.
    let text = |name: &str| {
        let mut values = headers.get_all(name);
        let value = values.next().filter(|_| values.next().is_none())?;
        value.to_str().ok()
    };
    let same_site = match text("sec-fetch-site") {
        Some(site) => site == "same-origin",
        // A browser too old for it still names the origin.
        None => !headers.contains_key("sec-fetch-site"),
    };
    let same_origin = text("origin").is_some_and(|origin| origin.eq_ignore_ascii_case(origin_of(base_url)));
    if !same_site || !same_origin {
        return Err(Fault::new(
            FaultKind::Forbidden,
            "form.other_site",
            format!("the form was sent from another site: open {base_url} and do it there"),
        ));
    }
    let mut given = form.pairs().iter().filter(|(name, _)| name == "csrf");
    let good = match (given.next(), given.next()) {
        (Some((_, value)), None) => browser.guard.is(value),
        _ => false,
    };
    if good {
        Ok(())
    } else {
        Err(Fault::new(
            FaultKind::Forbidden,
            "form.stale",
            "the page is from before you signed in or out: go back, load it again and repeat what you did",
        ))
    }
}

/// Scheme, host and port.
fn origin_of(base_url: &str) -> &str {
    let start = base_url.find("://").map_or(0, |at| at + 3);
    let end = base_url
        .get(start..)
        .and_then(|rest| rest.find('/'))
        .map_or(base_url.len(), |at| start + at);
    base_url.get(..end).unwrap_or(base_url)
}

/// Reads a form. Only the encoding that forms without files have.
pub(crate) fn form(method: &Method, headers: &Fields, body: &[u8]) -> Result<Query, Fault> {
    if *method == Method::GET || *method == Method::HEAD {
        return Ok(Query::default());
    }
    let kind = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .map(|value| value.split(';').next().unwrap_or("").trim());
    let bad = |code, message: &str| Fault::new(FaultKind::BadRequest, code, message.to_owned());
    if kind != Some("application/x-www-form-urlencoded") {
        return Err(bad(
            "form.type",
            "a form is sent as application/x-www-form-urlencoded",
        ));
    }
    let text = std::str::from_utf8(body).map_err(|_| bad("form.encoding", "the form is not UTF-8"))?;
    // SECURITY: pages look through their fields more than once; what no page of ours sends is not read.
    if text.bytes().filter(|byte| *byte == b'&').count() >= FORM_FIELDS_MAX {
        return Err(Fault::new(
            FaultKind::TooLarge,
            "form.too_many_fields",
            format!("a form has at most {FORM_FIELDS_MAX} fields"),
        ));
    }
    Query::parse(Some(text)).ok_or_else(|| bad("form.encoding", "the form is not UTF-8 or holds NUL"))
}

#[cfg(test)]
mod tests;
