//! One's own second factors: seeing, enabling and disabling them, and making new recovery codes.

use super::{recovery::RecoveryCodes, seed_of, totp};
use crate::Authority;
use crate::act::Act;
use crate::fault::{Fault, FaultKind};
use crate::permit::Permit;
use bailiwick_model::limit::TOTP_FORM_SECONDS;
use bailiwick_model::{AccountId, Timestamp};
use bailiwick_store::{PasskeyRow, Secret, TotpRow, Tx, account, passkey, recovery_code};
use zeroize::Zeroizing;

/// How a person signs in.
#[derive(Clone, Debug)]
pub struct Security {
    /// Whether there is a password.
    pub has_password: bool,
    /// The authenticator app.
    pub totp: Option<TotpView>,
    /// Passkeys, oldest first.
    pub passkeys: Vec<PasskeyRow>,
    /// Recovery codes that are not used.
    pub recovery_codes_left: usize,
    /// When they were made.
    pub recovery_codes_at: Option<Timestamp>,
    /// Whether this server offers passkeys.
    pub passkeys_offered: bool,
}

/// An authenticator app as its person sees it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TotpView {
    /// When it was enabled.
    pub created_at: Timestamp,
    /// When a code of it was last taken.
    pub last_used_at: Option<Timestamp>,
}

/// A fresh seed, shown to its person and not stored yet.
pub struct TotpSetup {
    /// The seed in base32, in groups of four.
    pub seed: Zeroizing<String>,
    /// The `otpauth:` address for a QR code.
    pub uri: Zeroizing<String>,
    /// The same sealed, for the form to bring back.
    pub sealed: String,
}

impl std::fmt::Debug for TotpSetup {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("TotpSetup(hidden)")
    }
}

fn form_of(person: AccountId) -> String {
    format!("totp form of {person}")
}

fn form_over() -> Fault {
    let message = "this form took too long: begin again with a new code";
    Fault::new(FaultKind::Gone, "totp.form_over", message)
}

fn app_enabled() -> Fault {
    let message = "an authenticator app is enabled: disable it first";
    Fault::conflict("totp.enabled", message)
}

impl Authority {
    /// How the person signs in.
    pub fn security(&self, permit: &Permit) -> Result<Security, Fault> {
        let person = permit.person()?;
        self.read(permit, |tx| {
            let row = account::by_id(tx, person)?.ok_or_else(Fault::not_found)?;
            let (left, at) = recovery_code::left(tx, person)?;
            Ok(Security {
                has_password: row.password_hash.is_some(),
                totp: bailiwick_store::totp::get(tx, person)?.map(|row| TotpView {
                    created_at: row.created_at,
                    last_used_at: row.last_used_at,
                }),
                passkeys: passkey::of_user(tx, person)?,
                recovery_codes_left: usize::try_from(left).unwrap_or_default(),
                recovery_codes_at: at,
                passkeys_offered: self.passkeys_offered(),
            })
        })
    }

    /// A fresh seed for the form that enables an authenticator app. Nothing is stored until a code of it comes back.
    pub fn totp_begin(&self, permit: &Permit) -> Result<TotpSetup, Fault> {
        let person = permit.person()?;
        if self
            .read(permit, |tx| Ok(bailiwick_store::totp::get(tx, person)?))?
            .is_some()
        {
            return Err(app_enabled());
        }
        let mut seed = Zeroizing::new([0_u8; totp::SEED_BYTES]);
        self.random.fill(&mut *seed);
        let until = permit.now().plus_seconds(TOTP_FORM_SECONDS);
        let mut form = Zeroizing::new(until.0.to_be_bytes().to_vec());
        form.extend_from_slice(&*seed);
        let sealed = self.seal.close(&form, &form_of(person), &*self.random)?;
        self.shown(permit, &*seed, sealed)
    }

    /// The form again, with the same seed, as after a wrong code.
    pub fn totp_resume(&self, permit: &Permit, sealed: &str) -> Result<TotpSetup, Fault> {
        let seed = self.form_seed(permit, sealed)?;
        self.shown(permit, &seed, sealed.to_owned())
    }

    /// Enables an authenticator app that shows the right code. The first second factor comes with recovery codes.
    pub fn totp_enable(
        &self,
        permit: Permit,
        sealed: &str,
        code: &str,
    ) -> Result<Option<RecoveryCodes>, Fault> {
        let person = permit.person()?;
        let now = permit.now();
        let seed = self.form_seed(&permit, sealed)?;
        let digits: String = code.chars().filter(|letter| !letter.is_whitespace()).collect();
        // Whoever sees the seed can compute every code, so there is nothing to guess here.
        let step = totp::matching(&seed, &digits, now, -1).ok_or_else(|| {
            let message = "is not what the app should show now: check the clock of its device";
            Fault::invalid("TwoFactor", "code", "custom", message)
        })?;
        let seed = self.seal.close(&seed, &seed_of(person), &*self.random)?;
        self.act(permit, |act, _| {
            let row = TotpRow {
                user_id: person,
                seed: Secret(seed),
                // The code that enabled it is used.
                last_step: step,
                created_at: now,
                last_used_at: None,
            };
            if !bailiwick_store::totp::insert(act.tx, &row)? {
                return Err(app_enabled());
            }
            act.action("two_factor_authentication.enabled");
            act.note("method", "totp");
            self.first_recovery_codes(act, person, now)
        })
    }

    /// Disables the authenticator app. Without any second factor left the recovery codes go too.
    pub fn totp_disable(&self, permit: Permit) -> Result<(), Fault> {
        let person = permit.person()?;
        self.act(permit, |act, _| {
            if !bailiwick_store::totp::remove(act.tx, person)? {
                return Err(Fault::not_found());
            }
            clear_recovery_codes(act.tx, person)?;
            act.action("two_factor_authentication.disabled");
            act.note("method", "totp");
            Ok(())
        })
    }

    /// New recovery codes in place of all former ones.
    pub fn recovery_codes_regenerate(&self, permit: Permit) -> Result<RecoveryCodes, Fault> {
        let person = permit.person()?;
        self.act(permit, |act, permit| {
            if !self.factors_of(act.tx, person)?.needed {
                let message = "there is no second factor to recover from: enable one first";
                return Err(Fault::conflict("two_factor.disabled", message));
            }
            let codes = RecoveryCodes::generate(&*self.random);
            recovery_code::replace(act.tx, person, &codes.digests(person), permit.now())?;
            act.action("two_factor_authentication.recovery_codes_regenerated");
            Ok(codes)
        })
    }

    /// Recovery codes for a person who has none yet.
    pub(crate) fn first_recovery_codes(
        &self,
        act: &mut Act<'_, '_>,
        person: AccountId,
        now: Timestamp,
    ) -> Result<Option<RecoveryCodes>, Fault> {
        if recovery_code::left(act.tx, person)?.1.is_some() {
            return Ok(None);
        }
        let codes = RecoveryCodes::generate(&*self.random);
        recovery_code::replace(act.tx, person, &codes.digests(person), now)?;
        Ok(Some(codes))
    }

    fn shown(&self, permit: &Permit, seed: &[u8], sealed: String) -> Result<TotpSetup, Fault> {
        let login = permit
            .gathered()
            .principal_record()
            .map(|record| record.row.login.as_str());
        Ok(TotpSetup {
            seed: totp::grouped(seed),
            uri: totp::uri(seed, self.site_name(), login.unwrap_or_default()),
            sealed,
        })
    }

    fn form_seed(&self, permit: &Permit, sealed: &str) -> Result<Zeroizing<Vec<u8>>, Fault> {
        let person = permit.person()?;
        let form = self.seal.open(sealed, &form_of(person)).ok_or_else(form_over)?;
        let (until, seed) = form.split_at_checked(8).ok_or_else(form_over)?;
        let until = <[u8; 8]>::try_from(until)
            .map(i64::from_be_bytes)
            .map_err(|_| form_over())?;
        if permit.now() >= Timestamp(until) || seed.len() != totp::SEED_BYTES {
            return Err(form_over());
        }
        Ok(Zeroizing::new(seed.to_vec()))
    }
}

/// Recovery codes are for recovering a second factor: without one they would be one.
pub(crate) fn clear_recovery_codes(tx: &mut Tx<'_>, person: AccountId) -> Result<(), Fault> {
    if bailiwick_store::totp::get(tx, person)?.is_none() && passkey::of_user(tx, person)?.is_empty() {
        recovery_code::remove_all(tx, person)?;
    }
    Ok(())
}
