//! Pushes to a server behind the gateway that are inspected first: received beside a mirror, decided again on the
//! objects, and passed on only then. The mirror's own refs follow the upstream, never a push.

use super::{PushRefusal, note_outcome, refusal_words, same_updates};
use crate::Authority;
use crate::fault::Fault;
use crate::permit::Permit;
use crate::record::{Receipt, permit_event, refusal_event};
use crate::upstream::Upstream;
use crate::upstream::forward::Cleared;
use bailiwick_git::{PushProposal, RefUpdate, Repository};
use bailiwick_model::{Event, Outcome};
use std::path::Path;

/// The directory of mirrors, beside that of repositories.
pub(crate) const MIRRORS: &str = "mirrors";
/// Where the servers that can be behind the gateway keep workflows.
const WORKFLOW_DIRECTORIES: &[&str] = &[".github", ".gitea", ".forgejo"];

impl Authority {
    /// The mirror of the permitted repository, made when it is first needed. Blocking.
    pub fn mirror_of(&self, permit: &Permit) -> Result<Repository, Fault> {
        let number = u64::try_from(permit.repository()?.id.0).map_err(|_| Fault::not_found())?;
        let mirrors = &self.mirrors;
        let opened = mirrors.open(number);
        let made = opened.or_else(|_| mirrors.create(number, "main"));
        // Somebody else may have made it in between.
        made.or_else(|_| mirrors.open(number))
            .map_err(|error| Fault::internal("mirror.open", error))
    }

    /// The directory of mirrors: what is inspected lies there meanwhile.
    pub fn mirrors_root(&self) -> &Path {
        self.mirrors.root()
    }

    /// Decides a push again, on fresh facts and on the objects that were received beside the mirror. Blocking.
    pub fn push_inspect(
        &self,
        permit: Permit,
        upstream: &Upstream,
        mirror: &Repository,
        asked: &[RefUpdate],
        proposal: &PushProposal,
    ) -> Result<Cleared, Box<PushRefusal>> {
        let event = permit_event(&permit);
        let failed = |code: &str, message: &str| self.refusal_of(event.clone(), upstream, code, message);
        // SECURITY: the objects are those of the push that is passed on, or nothing about it is known.
        if !same_updates(asked, &proposal.updates) {
            return Err(failed(
                "push.not_as_recorded",
                "the push is not what was asked for: try again",
            ));
        }
        let touched =
            mirror.touches_workflows_below(WORKFLOW_DIRECTORIES, asked, proposal.quarantine.as_ref());
        let Ok(touched) = touched else {
            return Err(failed(
                "push.unreadable",
                "the objects of the push cannot be read; if the branch has moved, fetch first",
            ));
        };
        if let Err(fault) = self.check_fresh(upstream, &permit) {
            return Err(failed(fault.code, &fault.message));
        }
        self.confirm(permit, touched.is_some())
            .map(Cleared::new)
            .map_err(|refused| {
                let message = refusal_words(&refused, touched.as_ref(), self.base_url());
                let now = refusal_event(&refused);
                let mut refusal = self.refusal_of(event.clone(), upstream, &now.reason, &message);
                refusal.event.data.extend(now.data);
                if let Some(touched) = &touched {
                    let path = touched.path.clone().into();
                    refusal.event.data.insert("workflow".into(), path);
                }
                refusal
            })
    }

    fn refusal_of(&self, event: Event, upstream: &Upstream, code: &str, message: &str) -> Box<PushRefusal> {
        let mut event = Event {
            at: self.now(),
            outcome: Outcome::Refused,
            reason: code.to_owned(),
            ..event
        };
        event.data.insert("upstream".into(), upstream.name.clone().into());
        Box::new(PushRefusal {
            message: message.to_owned(),
            event,
        })
    }

    /// Records that an inspected push is refused. The upstream has not heard of it.
    pub fn push_inspect_refused(&self, refusal: PushRefusal, asked: &[RefUpdate]) -> Receipt {
        let mut event = refusal.event;
        note_outcome(&mut event, asked, &[]);
        self.recorder.durable(event)
    }
}
