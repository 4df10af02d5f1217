//! Which credential a request carries, and how. Exactly one carrier is accepted; two are ambiguous and refused,
//! so that no door can look at one while another acts on the other.

use base64::Engine as _;

/// A credential's text as it was carried. The caller turns it into a token or refuses it.
#[derive(Clone, PartialEq, Eq)]
pub enum Carried<'a> {
    /// No credential at all.
    Nothing,
    /// `Authorization: Bearer T`, `Authorization: token T`, or Basic with the token as password (any user
    /// name) or as user name with an empty password.
    Secret(Secret<'a>),
}

/// The text of a credential.
#[derive(Clone)]
pub enum Secret<'a> {
    /// As it stands elsewhere.
    Borrowed(&'a str),
    /// Made of what stands elsewhere.
    Owned(zeroize::Zeroizing<String>),
}

impl Secret<'_> {
    /// The text by itself.
    pub fn into_owned(self) -> zeroize::Zeroizing<String> {
        match self {
            Secret::Borrowed(text) => zeroize::Zeroizing::new(text.to_owned()),
            Secret::Owned(text) => text,
        }
    }
}

impl std::ops::Deref for Secret<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        match self {
            Secret::Borrowed(text) => text,
            Secret::Owned(text) => text,
        }
    }
}

impl PartialEq for Secret<'_> {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for Secret<'_> {}

impl std::fmt::Debug for Secret<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Secret(hidden)")
    }
}

impl std::fmt::Debug for Carried<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(match self {
            Carried::Nothing => "Nothing",
            Carried::Secret(_) => "Secret(hidden)",
        })
    }
}

/// Why the carriers of a request were refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CarrierError {
    /// Several `Authorization` headers, or a credential in the query as well.
    Several,
    /// A credential in the query string, where logs and referrers would keep it.
    Query,
    /// An unknown scheme or an undecodable value.
    Malformed,
}

/// Query parameters by which clients have carried credentials. Compared without case after decoding.
const QUERY_CARRIERS: [&str; 8] = [
    "access_token",
    "token",
    "private_token",
    "oauth_token",
    "client_secret",
    "auth_token",
    "api_key",
    "password",
];

/// Finds the credential of a request. `authorizations` are all values of the header; `query` is the raw query.
pub fn carried<'a>(authorizations: &[&'a [u8]], query: Option<&str>) -> Result<Carried<'a>, CarrierError> {
    let in_query = query.is_some_and(carries_in_query);
    match authorizations {
        [] if in_query => Err(CarrierError::Query),
        [] => Ok(Carried::Nothing),
        [_] if in_query => Err(CarrierError::Several),
        [value] => authorization(value),
        _ => Err(CarrierError::Several),
    }
}

/// Whether a raw query carries a credential. Such a query is repeated nowhere.
pub fn carries_in_query(query: &str) -> bool {
    query.split('&').any(|pair| {
        let name = pair.split('=').next().unwrap_or(pair);
        let name = percent_encoding::percent_decode_str(name)
            .decode_utf8_lossy()
            .to_ascii_lowercase();
        QUERY_CARRIERS.contains(&name.trim())
    })
}

fn authorization(value: &[u8]) -> Result<Carried<'_>, CarrierError> {
    let blank = value.iter().position(|byte| *byte == b' ');
    let Some((scheme, [_, rest @ ..])) = blank.and_then(|at| value.split_at_checked(at)) else {
        return Err(CarrierError::Malformed);
    };
    let mut rest = rest;
    while let [b' ', inner @ ..] | [inner @ .., b' '] = rest {
        rest = inner;
    }
    // A blank within it is not visible either.
    // All are looked at, so that several can be at once.
    let visible = rest
        .iter()
        .fold(true, |good, byte| good & byte.is_ascii_graphic());
    if rest.is_empty() || !visible {
        return Err(CarrierError::Malformed);
    }
    if scheme.eq_ignore_ascii_case(b"bearer") || scheme.eq_ignore_ascii_case(b"token") {
        let text = std::str::from_utf8(rest).map_err(|_| CarrierError::Malformed)?;
        return Ok(Carried::Secret(Secret::Borrowed(text)));
    }
    if !scheme.eq_ignore_ascii_case(b"basic") {
        return Err(CarrierError::Malformed);
    }
    let bytes = base64::engine::general_purpose::STANDARD
        .decode(rest)
        .map_err(|_| CarrierError::Malformed)
        .map(zeroize::Zeroizing::new)?;
    let pair = std::str::from_utf8(&bytes).map_err(|_| CarrierError::Malformed)?;
    let (user, password) = pair.split_once(':').ok_or(CarrierError::Malformed)?;
    match (user, password) {
        ("", "") => Err(CarrierError::Malformed),
        // `TOKEN:` and `TOKEN:x-oauth-basic` are how curl and old tools write it.
        (user, "" | "x-oauth-basic") => Ok(decoded(user)),
        (_, password) => Ok(decoded(password)),
    }
}

/// A credential whose text does not stand in the request as it is.
pub(crate) fn decoded(text: &str) -> Carried<'static> {
    Carried::Secret(Secret::Owned(zeroize::Zeroizing::new(text.to_owned())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn basic(pair: &str) -> Vec<u8> {
        format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(pair)).into_bytes()
    }

    #[test]
    fn every_accepted_carrier_gives_the_same_secret() {
        let values: [Vec<u8>; 8] = [
            b"Bearer T0k".to_vec(),
            b"bearer T0k".to_vec(),
            b"token T0k".to_vec(),
            b"TOKEN   T0k".to_vec(),
            basic("anyone:T0k"),
            basic("x-access-token:T0k"),
            basic("T0k:"),
            basic("T0k:x-oauth-basic"),
        ];
        for value in values {
            assert_eq!(
                carried(&[&value], Some("page=2")),
                Ok(decoded("T0k")),
                "{value:?}"
            );
        }
        assert_eq!(carried(&[], None), Ok(Carried::Nothing));
    }

    #[test]
    fn ambiguous_and_broken_carriers_are_refused() {
        assert_eq!(
            carried(&[b"Bearer a", b"Bearer a"], None),
            Err(CarrierError::Several)
        );
        assert_eq!(
            carried(&[b"Bearer a"], Some("access_token=a")),
            Err(CarrierError::Several)
        );
        assert_eq!(
            carried(&[], Some("x=1&Access%5FToken=a")),
            Err(CarrierError::Query)
        );
        for value in [
            &b""[..],
            b"Bearer",
            b"Bearer ",
            b"Bearer a b",
            b"Digest a",
            b"Basic !!",
            b"Basic YQ==",
            b"Basic Og==",
            b"Bearer \xff",
        ] {
            assert_eq!(carried(&[value], None), Err(CarrierError::Malformed), "{value:?}");
        }
        assert!(!format!("{:?}", carried(&[b"Bearer secret"], None)).contains("secret"));
    }
}
