//! The carrier that clients of NuGet know for publishing, at that door alone: a header of their own.

use crate::refusal::Protocol;
use bailiwick_model::RegistryKind;
use bailiwick_upstream::{Fields, HeaderValue};
use bailiwick_wire::credential::{Carried, carried};
use http::{HeaderName, header};

const KEY: HeaderName = HeaderName::from_static("x-nuget-apikey");

/// Takes the key out of the headers; at the door of NuGet it becomes the credential that it is.
// SECURITY: two credentials are as bad as two of one carrier, unless they are the same: clients that are told a password
// for reading and a key for publishing send both. At other doors the header is nothing, and goes nowhere.
pub(crate) fn take(headers: &mut Fields, protocol: Protocol) {
    let keys: Vec<HeaderValue> = headers.get_all(KEY).cloned().collect();
    if keys.is_empty() {
        return;
    }
    headers.remove(KEY);
    if protocol != Protocol::Registry(RegistryKind::NuGet) {
        return;
    }
    for key in keys {
        let bearer = [b"Bearer ".as_slice(), key.as_bytes()].concat();
        // What is no header cannot be a token of ours; said in other words it is as bad.
        let value = HeaderValue::from_bytes(&bearer).unwrap_or(HeaderValue::from_static("Bearer"));
        if !is_the_same(headers, &key) {
            headers.append(header::AUTHORIZATION, value);
        }
    }
}

/// Whether the one credential beside the key is the key.
fn is_the_same(headers: &Fields, key: &HeaderValue) -> bool {
    let all: Vec<&[u8]> = headers
        .get_all(header::AUTHORIZATION)
        .map(HeaderValue::as_bytes)
        .collect();
    match (all.len(), carried(&all, None)) {
        (1, Ok(Carried::Secret(text))) => text.as_bytes() == key.as_bytes(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::take;
    use crate::refusal::Protocol;
    use bailiwick_model::RegistryKind;
    use bailiwick_upstream::{Fields, HeaderValue};
    use bailiwick_wire::credential::{Carried, CarrierError, carried};
    use http::HeaderName;

    fn read(
        lines: &[(&'static str, &'static str)],
        protocol: Protocol,
    ) -> Result<Option<String>, CarrierError> {
        let mut headers = Fields::default();
        for (name, value) in lines {
            headers.append(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        take(&mut headers, protocol);
        assert!(!headers.contains_key("x-nuget-apikey"));
        let all: Vec<&[u8]> = headers
            .get_all("authorization")
            .map(HeaderValue::as_bytes)
            .collect();
        Ok(match carried(&all, None)? {
            Carried::Nothing => None,
            Carried::Secret(text) => Some(text.to_string()),
        })
    }

    fn secret(text: &str) -> Result<Option<String>, CarrierError> {
        Ok(Some(text.to_owned()))
    }

    const KEY: (&str, &str) = ("x-nuget-apikey", "abc");
    const SAME: (&str, &str) = ("authorization", "Basic dTphYmM=");
    const OTHER: (&str, &str) = ("authorization", "Bearer def");

    #[test]
    fn a_key_is_a_credential_at_its_own_door() {
        let nuget = Protocol::Registry(RegistryKind::NuGet);
        assert_eq!(read(&[KEY], nuget), secret("abc"));
        assert_eq!(read(&[KEY, SAME], nuget), secret("abc"));
        assert_eq!(read(&[OTHER], nuget), secret("def"));
        assert_eq!(read(&[], nuget), Ok(None));
        for lines in [
            &[KEY, OTHER][..],
            &[KEY, KEY, OTHER],
            &[KEY, ("x-nuget-apikey", "def")],
            &[KEY, SAME, OTHER],
            &[("x-nuget-apikey", "")],
            &[("x-nuget-apikey", "a b")],
        ] {
            assert!(read(lines, nuget).is_err(), "{lines:?}");
        }
        for protocol in [
            Protocol::Api,
            Protocol::Git,
            Protocol::Page,
            Protocol::Registry(RegistryKind::Npm),
        ] {
            assert_eq!(read(&[KEY], protocol), Ok(None));
            assert_eq!(read(&[KEY, OTHER], protocol), secret("def"));
        }
    }
}
