//! Passkeys (WebAuthn): what browsers are asked, and what their answers prove. The protocol is the library's.

pub(crate) mod challenge;
mod register;
mod verify;

pub use register::Registered;

use crate::Authority;
use crate::factor::Purpose;
use crate::fault::{Fault, FaultKind};
use crate::permit::Permit;
use bailiwick_model::limit::CHALLENGE_SECONDS;
use bailiwick_model::{AccountId, Digest};
use bailiwick_store::{PasskeyRow, passkey, pending_sign_in};
use challenge::Ceremony;
use passki::{AuthenticationOptions, Passki, StoredPasskey, UserVerificationRequirement};
use serde_json::Value;

/// The site as authenticators know it: passkeys are bound to its domain and answers to its origin.
pub(crate) fn site(base_url: &str) -> Option<Passki> {
    let (scheme, rest) = base_url.split_once("://")?;
    let authority = rest.split('/').next()?.to_ascii_lowercase();
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority.as_str(),
    };
    // A domain: an address of either kind is none, and browsers refuse it.
    let domain = !host.is_empty()
        && host
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'.')
        && host.parse::<std::net::Ipv4Addr>().is_err();
    let secure = scheme == "https" || (scheme == "http" && host == "localhost");
    if !domain || !secure {
        return None;
    }
    let origin = match (scheme, authority.strip_prefix(host)) {
        ("https", Some(":443")) | ("http", Some(":80")) => format!("{scheme}://{host}"),
        _ => format!("{scheme}://{authority}"),
    };
    Some(Passki::new(host, &[origin], "Bailiwick"))
}

/// The answer is not what was asked for. Why is not told: it would help nobody but an attacker.
pub(crate) fn refused() -> Fault {
    let message = "this passkey was not accepted";
    Fault::new(FaultKind::Unauthorized, "passkey.refused", message)
}

/// The challenge is unknown by now.
pub(crate) fn challenge_over() -> Fault {
    let message = "this took too long, or was sent twice: load the page again";
    Fault::new(FaultKind::Gone, "passkey.challenge_over", message)
}

/// The handle under which authenticators keep a person's passkeys. It tells nothing of the person.
pub(crate) fn handle(person: AccountId) -> Vec<u8> {
    Digest::of(format!("passkey handle of {person}").as_bytes())
        .bytes()
        .to_vec()
}

/// The stored form, as the library reads it.
pub(crate) fn stored(row: &PasskeyRow) -> Result<StoredPasskey, Fault> {
    let mut stored: StoredPasskey = serde_json::from_value(Value::Object(row.credential.clone()))
        .map_err(|error| Fault::internal("passkey.stored", error))?;
    // The columns are what uses write.
    stored.counter = u32::try_from(row.counter).map_err(|error| Fault::internal("passkey.stored", error))?;
    stored.bs = row.backed_up;
    Ok(stored)
}

impl Authority {
    /// Whether this server's address is one that passkeys can be bound to.
    pub fn passkeys_offered(&self) -> bool {
        self.site.is_some()
    }

    /// What a browser is asked to sign in by passkey alone; `None` where none are offered.
    pub fn passkey_sign_in_options(&self, permit: &Permit) -> Result<Option<Value>, Fault> {
        self.options(permit, Purpose::SignIn, &[])
    }

    /// What a browser is asked as the second step of a sign-in.
    pub fn passkey_second_factor_options(
        &self,
        permit: &Permit,
        pending: &str,
    ) -> Result<Option<Value>, Fault> {
        let digest = Digest::of(pending.as_bytes());
        let rows = self.read(permit, |tx| {
            Ok(match pending_sign_in::live(tx, &digest, permit.now())? {
                Some(row) => passkey::of_user(tx, row.user_id)?,
                None => Vec::new(),
            })
        })?;
        if rows.is_empty() {
            return Ok(None);
        }
        self.options(permit, Purpose::SecondFactor(digest), &rows)
    }

    /// What a browser is asked to enter sudo mode.
    pub fn passkey_sudo_options(&self, permit: &Permit) -> Result<Option<Value>, Fault> {
        let person = permit.person()?;
        let session = permit.session().ok_or_else(Fault::not_found)?;
        let rows = self.read(permit, |tx| Ok(passkey::of_user(tx, person)?))?;
        if rows.is_empty() {
            return Ok(None);
        }
        self.options(permit, Purpose::Sudo(session), &rows)
    }

    fn options(
        &self,
        permit: &Permit,
        purpose: Purpose,
        rows: &[PasskeyRow],
    ) -> Result<Option<Value>, Fault> {
        let Some(site) = &self.site else {
            return Ok(None);
        };
        let allowed = rows.iter().map(stored).collect::<Result<Vec<_>, Fault>>()?;
        let mut options = AuthenticationOptions::default();
        options.timeout = CHALLENGE_SECONDS.unsigned_abs() * 1000;
        options.user_verification = UserVerificationRequirement::Required;
        let (ask, state) = site
            .start_passkey_authentication(&allowed, options)
            .map_err(|error| Fault::internal("passkey.ask", error))?;
        self.waiting(&purpose).keep(
            &ask.challenge,
            purpose,
            Ceremony::Authenticate(state),
            permit.now(),
        );
        serde_json::to_value(&ask)
            .map(Some)
            .map_err(|error| Fault::internal("passkey.ask", error))
    }

    /// Where challenges of a purpose wait: those of visitors apart, so that a flood of them ends nobody else's.
    pub(crate) fn waiting(&self, purpose: &Purpose) -> &challenge::Challenges {
        match purpose {
            Purpose::SignIn => &self.challenges.0,
            Purpose::Nothing | Purpose::SecondFactor(_) | Purpose::Sudo(_) | Purpose::Register(_) => {
                &self.challenges.1
            }
        }
    }
}

#[cfg(test)]
mod tests;
