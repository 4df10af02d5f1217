//! A person's sessions: signing in in one or two steps, sudo mode, the list of them and ending.

mod list;
mod password_change;
mod sign_in;
mod sudo;
pub(crate) mod throttle;

pub use sign_in::{Pending, PendingSignIn, SignIn};
pub(crate) use sudo::extend as extend_sudo;
pub(crate) use throttle::Throttle;

use crate::act::Act;
use crate::fault::{Fault, FaultKind};
use crate::permit::Permit;
use crate::{Authority, Credential, password};
use bailiwick_model::limit::{SESSION_SECONDS, SUDO_SECONDS};
use bailiwick_model::{Event, Outcome, SessionId, TokenKind, TokenText};
use bailiwick_store::{AccountRow, SessionRow, audit, session};

/// A new session and its text, shown once.
#[derive(Debug)]
pub struct SignedIn {
    /// What is stored.
    pub row: SessionRow,
    /// The person's login.
    pub login: String,
    /// The text.
    pub secret: TokenText,
}

impl Authority {
    /// Opens a session for a person who has proved everything, and says so in the event.
    pub(crate) fn open_session(
        &self,
        act: &mut Act<'_, '_>,
        permit: &Permit,
        person: &AccountRow,
    ) -> Result<SignedIn, Fault> {
        let now = permit.now();
        let secret = self.new_secret(TokenKind::Session);
        let mut row = SessionRow::new(person.id, secret.digest(), now, now.plus_seconds(SESSION_SECONDS));
        row.sudo_until = now.plus_seconds(SUDO_SECONDS);
        row.address = permit.caller().address.map(|address| address.to_string());
        row.user_agent = permit.caller().user_agent.as_deref().map(str::to_owned);
        row.last_seen_address.clone_from(&row.address);
        row.last_seen_user_agent.clone_from(&row.user_agent);
        let row = session::insert(act.tx, row)?;
        Ok(SignedIn {
            row,
            login: person.login.clone(),
            secret,
        })
    }

    /// Records that signing in failed, so that the person sees it in their own log, and marks the fault as recorded.
    /// What was typed as a login is written down only if it is one: people type passwords there.
    pub(crate) fn sign_in_failed(
        &self,
        mut event: Event,
        person: Option<&AccountRow>,
        fault: Fault,
    ) -> Fault {
        event.action = String::from(if fault.code == crate::factor::REQUIRED {
            "user.two_factor_requested"
        } else {
            "user.failed_login"
        });
        event.outcome = Outcome::Failed;
        event.reason = fault.code.to_owned();
        event.actor = person.map(|person| person.id);
        event.actor_login = person.map(|person| person.login.clone());
        let written = self
            .store
            .write(|tx| audit::append(tx, &self.node, &[event]).map(|_| ()));
        match written {
            Ok(()) => fault.recorded(),
            Err(error) => {
                tracing::error!(%error, "a failed sign-in could not be recorded");
                Fault::new(
                    FaultKind::Unavailable,
                    "audit.unavailable",
                    "the audit log cannot be written",
                )
            }
        }
    }

    /// Whether a password is the stored one: an attempt that was counted under this key. When it cannot be checked,
    /// as while too many are, it was none: strangers who keep the server busy lock nobody out.
    pub(crate) fn guess(&self, key: &str, secret: &str, stored: Option<&str>) -> Result<bool, Fault> {
        password::verify(secret, stored).inspect_err(|_| self.throttle.not_made(key))
    }

    /// The stored form of a new password that keeps the rules. For setting up and for administrators.
    pub(crate) fn hash_password(&self, secret: &str, login: &str) -> Result<bailiwick_store::Secret, Fault> {
        self.check_password_rules(secret, login)?;
        Ok(bailiwick_store::Secret(password::hash(secret, &*self.random)?))
    }

    /// The rules, with the words that are no secret here: the login and the site's name.
    pub(crate) fn check_password_rules(&self, secret: &str, login: &str) -> Result<(), Fault> {
        password::check(secret, &[login, self.site_name()])
    }

    /// The host of this server's address, as people know the site.
    pub(crate) fn site_name(&self) -> &str {
        let rest = self
            .settings
            .base_url
            .split_once("://")
            .map_or(self.settings.base_url.as_str(), |(_, rest)| rest);
        rest.split('/').next().unwrap_or(rest)
    }
}

impl Permit {
    /// The session that the request was made with.
    pub fn session(&self) -> Option<SessionId> {
        match &self.gathered().credential {
            Credential::Session(session, _) => Some(session.facts.id),
            Credential::Anonymous | Credential::Unknown | Credential::Token(..) => None,
        }
    }
}
