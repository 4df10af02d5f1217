//! Addresses of uploads at a registry. What is handed out is ours: the registry's own address, sealed for the credential,
//! the registry and the package that it was begun with.

use crate::Authority;
use crate::fault::{Fault, FaultKind};
use crate::gather::Credential;
use crate::permit::Permit;
use bailiwick_model::{Timestamp, UpstreamId};
use serde::{Deserialize, Serialize};

/// How long an upload may take, between two of its requests.
const UPLOAD_SECONDS: i64 = 24 * 60 * 60;

/// What is sealed in an address.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Inside {
    target: String,
    until: i64,
}

impl Authority {
    /// The id of an upload that this caller may go on with: the registry's path and query, sealed.
    pub fn seal_upload(
        &self,
        permit: &Permit,
        upstream: UpstreamId,
        package: &str,
        target: &str,
    ) -> Result<String, Fault> {
        let inside = Inside {
            target: target.to_owned(),
            until: self.now().plus_seconds(UPLOAD_SECONDS).0,
        };
        let plain = serde_json::to_vec(&inside)
            .map_err(|error| Fault::internal("registry.upload", error.to_string()))?;
        let about = about(permit, upstream, package)?;
        self.seal.close_short(&plain, &about, &*self.random)
    }

    /// The registry's path and query of an upload that this very caller began for this package.
    // SECURITY: another token's upload is as unknown as one that never was. That the token is live, and may write here,
    // was decided before.
    pub fn open_upload(
        &self,
        permit: &Permit,
        upstream: UpstreamId,
        package: &str,
        id: &str,
    ) -> Result<String, Fault> {
        let about = about(permit, upstream, package)?;
        let plain = self.seal.open_short(id, &about);
        plain
            .and_then(|plain| read(&plain, self.now()))
            .ok_or_else(unknown)
    }
}

/// What was sealed, if it is good at this instant.
fn read(plain: &[u8], now: Timestamp) -> Option<String> {
    let inside: Inside = serde_json::from_slice(plain).ok()?;
    (now < Timestamp(inside.until)).then_some(inside.target)
}

fn unknown() -> Fault {
    Fault::new(
        FaultKind::NotFound,
        "registry.upload_unknown",
        "this token has no such upload at this package: begin it again",
    )
}

/// Whose an upload is, and of what.
fn about(permit: &Permit, upstream: UpstreamId, package: &str) -> Result<String, Fault> {
    let whose = match &permit.gathered().credential {
        Credential::Token(token, _) => format!("token {}", token.facts.id.0),
        Credential::Session(session, _) => format!("session {}", session.facts.id.0),
        Credential::Anonymous | Credential::Unknown => return Err(unknown()),
    };
    Ok(format!("upload of {whose} to {} of {}", package, upstream.0))
}

#[cfg(test)]
mod tests {
    use super::read;
    use bailiwick_model::Timestamp;

    #[test]
    fn an_address_is_good_until_its_end_and_not_at_it() {
        let sealed = br#"{"target":"/v2/x","until":1000}"#;
        assert_eq!(read(sealed, Timestamp(999)).as_deref(), Some("/v2/x"));
        for now in [1000, 1001, i64::MAX] {
            assert_eq!(read(sealed, Timestamp(now)), None);
        }
        for other in [
            &br#"{"target":"/v2/x"}"#[..],
            br#"{"target":"/v2/x","until":1000,"more":1}"#,
            b"",
        ] {
            assert_eq!(read(other, Timestamp(0)), None);
        }
    }
}
