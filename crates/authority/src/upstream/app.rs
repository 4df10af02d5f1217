//! How an App says who it is: a signed claim that is good for minutes (RFC 7519 with RS256).

use super::Upstream;
use bailiwick_model::Timestamp;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use serde_json::Value;
use zeroize::Zeroizing;

/// GitHub's clock may be behind ours by this much.
const BEFORE_SECONDS: i64 = 60;
/// GitHub accepts ten minutes at the most, counted by its own clock.
const AFTER_SECONDS: i64 = 480;

/// Why an App cannot say who it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum KeyError {
    /// The text is no PEM with one private key of RSA.
    NotPem,
    /// The key is not one that can sign: RSA of 2048 to 8192 bits.
    NotRsa,
}

/// Why there is no claim.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NoClaim {
    /// Neither the App's id nor its client id is set.
    Issuer,
    /// No private key is set.
    Key,
    /// The key cannot be used.
    Unusable(KeyError),
}

/// What an upstream's App says of itself, as the value of `Authorization`.
pub fn claim(upstream: &Upstream, now: Timestamp) -> Result<Zeroizing<String>, NoClaim> {
    let settings = &upstream.settings;
    let issuer = match (&settings.client_id, settings.app_id) {
        // A number: servers of before 2024 take no text.
        (_, Some(id)) => Value::from(id),
        (Some(id), None) => Value::from(id.as_str()),
        (None, None) => return Err(NoClaim::Issuer),
    };
    let key = upstream.reveal("private_key").ok_or(NoClaim::Key)?;
    let claim = sign(&issuer, key, now).map_err(NoClaim::Unusable)?;
    Ok(Zeroizing::new(format!("Bearer {}", claim.as_str())))
}

/// The claim of the App `issuer` at an instant, signed by its private key in PEM.
fn sign(issuer: &Value, key: &str, now: Timestamp) -> Result<Zeroizing<String>, KeyError> {
    let pair = read(key)?;
    let claims = serde_json::json!({
        "iat": now.seconds() - BEFORE_SECONDS,
        "exp": now.seconds() + AFTER_SECONDS,
        "iss": issuer,
    });
    let signed = format!(
        "{}.{}",
        URL_SAFE_NO_PAD.encode(br#"{"alg":"RS256","typ":"JWT"}"#),
        URL_SAFE_NO_PAD.encode(claims.to_string())
    );
    let mut signature = vec![0; pair.public().modulus_len()];
    // The randomness blinds the computation; the signature does not depend on it.
    pair.sign(
        &RSA_PKCS1_SHA256,
        &SystemRandom::new(),
        signed.as_bytes(),
        &mut signature,
    )
    .map_err(|_| KeyError::NotRsa)?;
    Ok(Zeroizing::new(format!(
        "{signed}.{}",
        URL_SAFE_NO_PAD.encode(signature)
    )))
}

/// A private key as GitHub hands it out (PKCS#1), or as other programs write it (PKCS#8).
fn read(key: &str) -> Result<RsaKeyPair, KeyError> {
    for (kind, pkcs8) in [("RSA PRIVATE KEY", false), ("PRIVATE KEY", true)] {
        let (begin, end) = (format!("-----BEGIN {kind}-----"), format!("-----END {kind}-----"));
        let Some((_, after)) = key.split_once(&begin) else {
            continue;
        };
        let (inside, _) = after.split_once(&end).ok_or(KeyError::NotPem)?;
        let text: Zeroizing<String> = Zeroizing::new(inside.split_ascii_whitespace().collect());
        let der = Zeroizing::new(STANDARD.decode(text.as_bytes()).map_err(|_| KeyError::NotPem)?);
        let pair = if pkcs8 {
            RsaKeyPair::from_pkcs8(&der)
        } else {
            RsaKeyPair::from_der(&der)
        };
        return pair.map_err(|_| KeyError::NotRsa);
    }
    Err(KeyError::NotPem)
}

#[cfg(test)]
mod tests {
    use super::{KeyError, sign};
    use bailiwick_model::Timestamp;

    #[test]
    fn what_is_no_key_is_told() {
        for (text, expected) in [
            ("", KeyError::NotPem),
            (
                "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----",
                KeyError::NotPem,
            ),
            ("-----BEGIN RSA PRIVATE KEY-----\nAAAA", KeyError::NotPem),
            (
                "-----BEGIN RSA PRIVATE KEY-----\n*\n-----END RSA PRIVATE KEY-----",
                KeyError::NotPem,
            ),
            (
                "-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----",
                KeyError::NotRsa,
            ),
            (
                "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----",
                KeyError::NotRsa,
            ),
            (
                "-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----",
                KeyError::NotPem,
            ),
        ] {
            assert_eq!(
                sign(&1.into(), text, Timestamp(0)).err(),
                Some(expected),
                "{text}"
            );
        }
    }
}
