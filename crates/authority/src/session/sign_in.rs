//! Signing in: the password, and where the person has a second factor, that before there is a session.

use super::SignedIn;
use crate::Authority;
use crate::act::Act;
use crate::factor::{self, Factors, Proof, Purpose};
use crate::fault::{Fault, FaultKind};
use crate::permit::Permit;
use crate::record::permit_event;
use bailiwick_model::limit::PENDING_SIGN_IN_SECONDS;
use bailiwick_model::name::fold;
use bailiwick_model::{AccountId, Digest, Timestamp, network};
use bailiwick_store::{AccountKind, AccountRow, PendingSignInRow, account, pending_sign_in};
use zeroize::Zeroizing;

/// Bytes of the secret of a sign-in that waits.
const SECRET_BYTES: usize = 32;

/// What the password led to.
#[derive(Debug)]
pub enum SignIn {
    /// A session.
    Done(Box<SignedIn>),
    /// A sign-in that waits for a second factor.
    SecondFactor(PendingSignIn),
}

/// A sign-in that waits for a second factor. It opens nothing.
pub struct PendingSignIn {
    /// Its text, shown once. No credential: no door knows it.
    pub secret: Zeroizing<String>,
    /// Until when it waits.
    pub expires_at: Timestamp,
    /// What it waits for.
    pub factors: Factors,
}

impl std::fmt::Debug for PendingSignIn {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            out,
            "PendingSignIn(until {}, {:?})",
            self.expires_at.rfc3339(),
            self.factors
        )
    }
}

/// What may be told to whoever holds the text of a sign-in that waits.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pending {
    /// Who gave the password.
    pub login: String,
    /// What it waits for.
    pub factors: Factors,
    /// Until when.
    pub expires_at: Timestamp,
}

fn bad_password() -> Fault {
    Fault::new(
        FaultKind::Unauthorized,
        "session.bad_password",
        "wrong login or password",
    )
}

fn over() -> Fault {
    let message = "this sign-in took too long: give the password again";
    Fault::new(FaultKind::Gone, "session.pending_over", message)
}

/// The count of attempts at a person's second factor, from wherever.
fn second_key(person: AccountId) -> String {
    format!("second factor\n{person}")
}

/// The person as it is now, if nothing that the sign-in rests on has changed since the password was verified.
fn unchanged(act: &mut Act<'_, '_>, verified: &AccountRow) -> Result<AccountRow, Fault> {
    account::by_id(act.tx, verified.id)?
        .filter(|row| row.is_active() && row.password_hash == verified.password_hash)
        .ok_or_else(bad_password)
}

fn signed_in(act: &mut Act<'_, '_>, person: &AccountRow, second: Option<&'static str>) {
    act.event.actor = Some(person.id);
    act.event.actor_login = Some(person.login.clone());
    act.action("user.login");
    if let Some(method) = second {
        act.note("second_factor", method);
    }
}

impl Authority {
    /// Signs a person in by password. With a second factor the sign-in waits for it. A wrong password and an
    /// unknown login answer alike, in words and in work.
    pub fn session_create(&self, permit: Permit, login: &str, secret: &str) -> Result<SignIn, Fault> {
        let now = permit.now();
        let person = self.password_step(&permit, login, secret)?;
        self.act(permit, |act, permit| {
            let person = unchanged(act, &person)?;
            let factors = self.factors_of(act.tx, person.id)?;
            if !factors.needed {
                let session = self.open_session(act, permit, &person)?;
                signed_in(act, &person, None);
                return Ok(SignIn::Done(Box::new(session)));
            }
            let text = self.random_text::<SECRET_BYTES>();
            let row = PendingSignInRow {
                digest: Digest::of(text.as_bytes()),
                user_id: person.id,
                created_at: now,
                expires_at: now.plus_seconds(PENDING_SIGN_IN_SECONDS),
            };
            pending_sign_in::insert(act.tx, &row)?;
            signed_in(act, &person, None);
            act.action("user.two_factor_requested");
            Ok(SignIn::SecondFactor(PendingSignIn {
                secret: text,
                expires_at: row.expires_at,
                factors,
            }))
        })
    }

    /// Signs a person in by password and code at once, as clients without pages do.
    pub fn session_create_once(
        &self,
        permit: Permit,
        login: &str,
        secret: &str,
        code: Option<&str>,
    ) -> Result<SignedIn, Fault> {
        let now = permit.now();
        let person = self.password_step(&permit, login, secret)?;
        let needed = self.store.read(|tx| self.factors_of(tx, person.id))?.needed;
        let key = second_key(person.id);
        if needed && code.is_some() {
            self.throttle.attempt(&key, now)?;
        }
        let session = self.signing_in(permit, &person, |act, permit| {
            let person = unchanged(act, &person)?;
            let method = match (self.factors_of(act.tx, person.id)?.needed, code) {
                (false, _) => None,
                (true, None) => return Err(factor::required()),
                (true, Some(code)) => {
                    let proof = Proof::Code(code);
                    Some(self.prove(act, person.id, proof, &Purpose::Nothing, permit.now())?)
                }
            };
            let session = self.open_session(act, permit, &person)?;
            signed_in(act, &person, method);
            Ok(session)
        })?;
        self.throttle.succeeded(&key);
        Ok(session)
    }

    /// What a sign-in waits for, for whoever holds its text.
    pub fn session_pending(&self, permit: &Permit, pending: &str) -> Result<Pending, Fault> {
        let digest = Digest::of(pending.as_bytes());
        self.read(permit, |tx| {
            let row = pending_sign_in::live(tx, &digest, permit.now())?.ok_or_else(over)?;
            let person = account::by_id(tx, row.user_id)?.ok_or_else(over)?;
            Ok(Pending {
                factors: self.factors_of(tx, person.id)?,
                login: person.login,
                expires_at: row.expires_at,
            })
        })
    }

    /// Ends a sign-in that waits with its second factor: a session.
    pub fn session_second_factor(
        &self,
        permit: Permit,
        pending: &str,
        proof: Proof<'_>,
    ) -> Result<SignedIn, Fault> {
        let now = permit.now();
        let digest = Digest::of(pending.as_bytes());
        let person = self.store.read(|tx| {
            let row = pending_sign_in::live(tx, &digest, now)?.ok_or_else(over)?;
            account::by_id(tx, row.user_id)?
                .filter(AccountRow::is_active)
                .ok_or_else(over)
        })?;
        let key = second_key(person.id);
        self.throttle.attempt(&key, now)?;
        let session = self.signing_in(permit, &person, |act, permit| {
            // Used up by whoever comes first; another's rollback gives it back.
            if !pending_sign_in::remove(act.tx, &digest)? {
                return Err(over());
            }
            let person = unchanged(act, &person).map_err(|_| over())?;
            let purpose = Purpose::SecondFactor(digest);
            let method = self.prove(act, person.id, proof, &purpose, permit.now())?;
            let session = self.open_session(act, permit, &person)?;
            signed_in(act, &person, Some(method));
            Ok(session)
        })?;
        self.throttle.succeeded(&key);
        Ok(session)
    }

    /// Signs in the person whose passkey this is. It is possession and verification in one, so nothing else is asked.
    pub fn session_create_by_passkey(&self, permit: Permit, credential: &str) -> Result<SignedIn, Fault> {
        let now = permit.now();
        let answer = self.passkey_answer(credential, &Purpose::SignIn, now)?;
        let person = self.store.read(|tx| {
            let found = answer.row(tx)?.ok_or_else(crate::passkey::refused)?;
            account::by_id(tx, found.user_id)?
                .filter(AccountRow::is_active)
                .ok_or_else(crate::passkey::refused)
        });
        let person = match person {
            Ok(person) => person,
            Err(fault) if fault.kind == FaultKind::Unauthorized => {
                return Err(self.sign_in_failed(permit_event(&permit), None, fault));
            }
            Err(fault) => return Err(fault),
        };
        self.signing_in(permit, &person, |act, permit| {
            let person = unchanged(act, &person).map_err(|_| crate::passkey::refused())?;
            self.passkey_verify(act, person.id, &answer, permit.now())?;
            let session = self.open_session(act, permit, &person)?;
            signed_in(act, &person, Some("passkey"));
            Ok(session)
        })
    }

    /// The person of a login and password, counted against guessing.
    fn password_step(&self, permit: &Permit, login: &str, secret: &str) -> Result<AccountRow, Fault> {
        let now = permit.now();
        let network = permit.caller().address.map(network);
        let key = format!("{}\n{network:?}", fold(login));
        self.throttle.attempt(&key, now)?;
        let found = self.store.read(|tx| account::by_login(tx, login))?;
        let stored = found
            .as_ref()
            .and_then(|row| row.password_hash.as_ref())
            .map(|hash| hash.0.as_str());
        let good = self.guess(&key, secret, stored)?;
        let usable = |row: &&AccountRow| good && row.kind == AccountKind::User && row.is_active();
        match found.as_ref().filter(usable) {
            Some(person) => {
                self.throttle.succeeded(&key);
                Ok(person.clone())
            }
            None => {
                let person = found.as_ref().filter(|row| row.kind == AccountKind::User);
                Err(self.sign_in_failed(permit_event(permit), person, bad_password()))
            }
        }
    }

    /// A change that signs in; that it was refused is recorded as the person's.
    fn signing_in<T>(
        &self,
        permit: Permit,
        person: &AccountRow,
        work: impl FnOnce(&mut Act<'_, '_>, &Permit) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        let event = permit_event(&permit);
        match self.act(permit, work) {
            Err(fault) if fault.kind == FaultKind::Unauthorized => {
                Err(self.sign_in_failed(event, Some(person), fault))
            }
            other => other,
        }
    }

    /// Random bytes as digits.
    pub(crate) fn random_text<const N: usize>(&self) -> Zeroizing<String> {
        let mut bytes = Zeroizing::new([0_u8; N]);
        self.random.fill(&mut *bytes);
        Zeroizing::new(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
    }
}
