//! Second factors of a person: an authenticator app, passkeys, recovery codes. What they are, and proving one.

pub(crate) mod enrol;
pub(crate) mod recovery;
pub(crate) mod totp;

pub use enrol::{Security, TotpSetup, TotpView};
pub use recovery::RecoveryCodes;

use crate::Authority;
use crate::act::Act;
use crate::fault::{Fault, FaultKind};
use bailiwick_model::{AccountId, Digest, SessionId, Timestamp};
use bailiwick_store::{Tx, passkey, recovery_code};

/// The code of the fault that asks for a second factor.
pub const REQUIRED: &str = "two_factor.required";

/// How somebody proves who they are.
#[derive(Clone, Copy)]
pub enum Proof<'a> {
    /// The password; only for sudo mode.
    Password(&'a str),
    /// What was typed: six digits of an authenticator app, or a recovery code, which sudo mode does not take.
    Code(&'a str),
    /// The JSON of a passkey's answer.
    Passkey(&'a str),
}

impl std::fmt::Debug for Proof<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(match self {
            Proof::Password(_) => "Password(hidden)",
            Proof::Code(_) => "Code(hidden)",
            Proof::Passkey(_) => "Passkey(hidden)",
        })
    }
}

/// What a proof is for. A passkey's challenge is good for the purpose it was made for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Purpose {
    /// Signing in by password and code at once: no challenge is made for it.
    Nothing,
    /// Signing in by passkey alone.
    SignIn,
    /// The second step of the sign-in of this digest.
    SecondFactor(Digest),
    /// Sudo mode of this session.
    Sudo(SessionId),
    /// Registering a passkey of this person.
    Register(AccountId),
}

/// Which second factors a person can use now.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Factors {
    /// An authenticator app.
    pub totp: bool,
    /// A passkey, where this server offers them.
    pub passkey: bool,
    /// A recovery code.
    pub recovery: bool,
    /// Whether a password alone is not enough.
    pub needed: bool,
}

/// A second factor is needed and none was given.
pub(crate) fn required() -> Fault {
    Fault::new(
        FaultKind::Unauthorized,
        REQUIRED,
        "Must specify two-factor authentication OTP code.",
    )
}

fn bad_code() -> Fault {
    Fault::new(
        FaultKind::Unauthorized,
        "two_factor.bad_code",
        "wrong code, or one that was used or is too old",
    )
}

impl Authority {
    /// The second factors of a person.
    pub(crate) fn factors_of(&self, tx: &mut Tx<'_>, person: AccountId) -> Result<Factors, Fault> {
        let totp = bailiwick_store::totp::get(tx, person)?.is_some();
        let passkeys = !passkey::of_user(tx, person)?.is_empty();
        let (recovery, _) = recovery_code::left(tx, person)?;
        Ok(Factors {
            totp,
            passkey: passkeys && self.passkeys_offered(),
            recovery: recovery > 0,
            // SECURITY: also a passkey that cannot be used here at the moment keeps a password alone from being enough.
            needed: totp || passkeys,
        })
    }

    /// Proves a second factor and uses it up, in the transaction of what it is proved for. Tells which it was.
    pub(crate) fn prove(
        &self,
        act: &mut Act<'_, '_>,
        person: AccountId,
        proof: Proof<'_>,
        purpose: &Purpose,
        now: Timestamp,
    ) -> Result<&'static str, Fault> {
        match proof {
            Proof::Password(_) => Err(bad_code()),
            Proof::Passkey(credential) => {
                let answer = self.passkey_answer(credential, purpose, now)?;
                self.passkey_verify(act, person, &answer, now)?;
                Ok("passkey")
            }
            Proof::Code(typed) => {
                let digits: String = typed
                    .chars()
                    .filter(|letter| !letter.is_whitespace() && *letter != '-')
                    .collect();
                if digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_digit()) {
                    self.take_totp(act, person, &digits, now)?;
                    return Ok("totp");
                }
                // SECURITY: recovery is for who lost the other factors; it does not lift an open session.
                if matches!(purpose, Purpose::Sudo(_)) {
                    return Err(bad_code());
                }
                let digest = recovery::digest(person, typed);
                if !recovery_code::take(act.tx, person, &digest, now)? {
                    return Err(bad_code());
                }
                Ok("recovery_code")
            }
        }
    }

    fn take_totp(
        &self,
        act: &mut Act<'_, '_>,
        person: AccountId,
        digits: &str,
        now: Timestamp,
    ) -> Result<(), Fault> {
        let row = bailiwick_store::totp::get(act.tx, person)?.ok_or_else(bad_code)?;
        let seed = self.seal.open(&row.seed.0, &seed_of(person)).ok_or_else(|| {
            Fault::internal(
                "totp.seal",
                "a seed does not open: is the sealing key another one?",
            )
        })?;
        let step = totp::matching(&seed, digits, now, row.last_step).ok_or_else(bad_code)?;
        if !bailiwick_store::totp::take(act.tx, person, step, now)? {
            return Err(bad_code());
        }
        Ok(())
    }
}

/// What a person's sealed seed says it is.
fn seed_of(person: AccountId) -> String {
    format!("totp seed of {person}")
}
