//! What the log says of an observed request: the short digest, the person there, and what would have been decided.
//! Never the credential.

use super::{AsIf, Known, Observed};
use crate::gather::{Credential, Gathered};
use crate::record::{Receipt, Witness, request_event};
use crate::{Authority, Caller};
use bailiwick_model::{AccountId, Event, Outcome};
use std::sync::Arc;

/// What an event says of an observed request beyond any other.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Mark {
    upstream: String,
    credential: Option<String>,
    login: Option<String>,
    account: Option<(AccountId, String)>,
    verdict: &'static str,
}

impl Mark {
    pub(super) fn of(observed: &Observed, person: &Known, as_if: &AsIf) -> Mark {
        Mark {
            upstream: observed.upstream.name.clone(),
            credential: observed.digest().map(|digest| digest.short().to_owned()),
            login: match person {
                Known::Person { login, .. } => Some(login.clone()),
                Known::Nobody | Known::Refused => None,
            },
            account: as_if.account.clone(),
            verdict: as_if.verdict,
        }
    }

    pub(crate) fn put(&self, event: &mut Event) {
        if event.outcome == Outcome::Allowed {
            String::from("observed").clone_into(&mut event.reason);
        }
        if let Some((id, login)) = &self.account {
            event.actor = Some(*id);
            event.actor_login = Some(login.clone());
        }
        let mut note = |name: &str, value: &str| {
            event.data.insert(name.into(), value.into());
        };
        note("upstream", &self.upstream);
        note("would_be", self.verdict);
        if let Some(credential) = &self.credential {
            note("upstream_credential", credential);
        }
        if let Some(login) = &self.login {
            note("upstream_login", login);
        }
    }
}

impl Authority {
    /// Records, durably, that a change passes to an observed upstream. The answer is the upstream's.
    pub fn observed_change(&self, observed: &Observed, person: &Known, as_if: &AsIf) -> Receipt {
        let event = self.observed_event(observed, person, as_if, None);
        self.recorder.durable(event)
    }

    /// Records, durably, that a change which passed to an observed upstream was not made there, or that nobody knows.
    pub fn observed_failed(
        &self,
        observed: &Observed,
        person: &Known,
        as_if: &AsIf,
        status: Option<u16>,
    ) -> Receipt {
        let mut event = self.observed_event(observed, person, as_if, Some("upstream.refused"));
        if let Some(status) = status {
            event.data.insert("upstream_status".into(), status.into());
        }
        self.recorder.durable(event)
    }

    fn observed_event(
        &self,
        observed: &Observed,
        person: &Known,
        as_if: &AsIf,
        failed: Option<&str>,
    ) -> Event {
        let mut event = request_event(
            observed.operation,
            &observed.gathered,
            &observed.caller,
            observed.now,
        );
        if let Some(code) = failed {
            event.outcome = Outcome::Failed;
            code.clone_into(&mut event.reason);
        }
        Mark::of(observed, person, as_if).put(&mut event);
        event
    }

    /// Records a read of a credential that the upstream vouched for, as reads are: crowds of like ones are counted.
    pub fn observed_read(&self, observed: &Observed, person: &Known, as_if: &AsIf, refused: bool) {
        // What the catalogue does not know is in the report alone, and visitors' reads are nobody's.
        let (Some(operation), Known::Person { .. }) = (observed.operation, person) else {
            return;
        };
        let mut witness = Witness {
            operation,
            gathered: Arc::new(Gathered {
                credential: Credential::Unknown,
                ..observed.gathered.clone()
            }),
            caller: Caller::clone(&observed.caller),
            now: observed.now,
            action: None,
            bulk: operation.bulk,
        };
        let failed = refused.then_some("upstream.refused");
        let mark = Mark::of(observed, person, as_if);
        self.recorder.read(&mut witness, failed, Some(mark));
    }
}
