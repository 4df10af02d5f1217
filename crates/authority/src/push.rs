//! Pushes: the intent is recorded before git receives anything, the decision is made again on the objects and refs
//! just before the refs move, and the outcome is recorded with what really moved.

mod inspect;
mod mirrors;
mod reconcile;

pub(crate) use inspect::MIRRORS;

use crate::fault::{Fault, FaultKind};
use crate::permit::{Permit, Refused};
use crate::record::{permit_event, refusal_event};
use crate::{Authority, describe};
use bailiwick_catalogue::perm;
use bailiwick_git::{
    HookListener, Oid, PendingPush, PushProposal, RefUpdate, Repository, Session, WorkflowTouch,
};
use bailiwick_model::{Event, Outcome, RepositoryId, TokenKind};
use bailiwick_store::{PushIntentRow, audit, push_intent, repository};
use serde_json::{Value, json};

/// Updates that are written out in one event; the rest is counted.
const UPDATES_IN_EVENT_MAX: usize = 100;

/// A push that has begun. Exactly one of [`Authority::push_end`] and [`Authority::push_abandon`] closes it.
#[derive(Debug)]
pub struct Push {
    intent: i64,
    event: Event,
    repository: RepositoryId,
    updates: Vec<RefUpdate>,
}

/// Why a push was refused when it was decided again.
#[derive(Debug)]
pub struct PushRefusal {
    /// What the client is shown.
    pub message: String,
    event: Event,
}

impl Authority {
    /// The same with the socket on which hooks ask about pushes. Without one, every push is refused.
    #[must_use]
    pub fn with_hook_listener(mut self, hooks: HookListener) -> Authority {
        self.hooks = Some(hooks);
        self
    }

    /// Registers a push with the hooks under a fresh secret.
    pub fn push_register(&self, repository: &Repository) -> Result<(Session, PendingPush), Fault> {
        let hooks = self.hooks.as_ref().ok_or_else(|| {
            Fault::new(
                FaultKind::NotImplemented,
                "push.not_served",
                "this server does not take pushes",
            )
        })?;
        let mut secret = [0_u8; 32];
        self.random.fill(&mut secret);
        let nonce: String = secret.iter().map(|byte| format!("{byte:02x}")).collect();
        let pending = hooks.register(&nonce, repository);
        Ok((
            Session {
                socket: hooks.path().to_owned(),
                nonce,
            },
            pending,
        ))
    }

    /// Records, durably, that these updates are asked for. A provisional permit is leave for this much. Blocking.
    pub fn push_begin(&self, permit: &Permit, updates: &[RefUpdate]) -> Result<Push, Fault> {
        let repository = permit.repository()?.id;
        let event = permit_event(permit);
        let request_id = permit.caller().request_id.to_string();
        let mut started = event.clone();
        String::from("git.push_started").clone_into(&mut started.action);
        note_updates(&mut started, "refs", updates);
        let row = PushIntentRow {
            id: 0,
            node: self.node.clone(),
            repository_id: repository,
            request_id,
            refs: Value::Array(updates.iter().map(update_json).collect()).to_string(),
            started_at: permit.now(),
        };
        let row = self.store.write(|tx| {
            audit::append(tx, &self.node, &[started])?;
            push_intent::insert(tx, row)
        })?;
        Ok(Push {
            intent: row.id,
            event,
            repository,
            updates: updates.to_vec(),
        })
    }

    /// Decides again, on fresh facts and on the objects that were received. Blocking.
    pub fn push_decide(
        &self,
        permit: Permit,
        push: &Push,
        proposal: &PushProposal,
    ) -> Result<Permit, Box<PushRefusal>> {
        let failed = |code: &'static str, message: &str| {
            let mut event = push.event.clone();
            event.at = self.now();
            event.outcome = Outcome::Refused;
            code.clone_into(&mut event.reason);
            Box::new(PushRefusal {
                message: message.to_owned(),
                event,
            })
        };
        // SECURITY: git executes what its hook was told of; the intent that is on record must be the same.
        if !same_updates(&push.updates, &proposal.updates) {
            return Err(failed(
                "push.not_as_recorded",
                "the push is not what was asked for: try again",
            ));
        }
        let touched = self.open_repository(push.repository).ok().and_then(|repository| {
            repository
                .touches_workflows(&proposal.updates, proposal.quarantine.as_ref())
                .ok()
        });
        let Some(touched) = touched else {
            return Err(failed(
                "push.unreadable",
                "the objects of the push cannot be read",
            ));
        };
        self.confirm(permit, touched.is_some()).map_err(|refused| {
            let message = refusal_words(&refused, touched.as_ref(), self.base_url());
            let mut event = refusal_event(&refused);
            // Who asked is told by the request as it began: by now the credential may be nobody's.
            event = Event {
                outcome: event.outcome,
                reason: event.reason,
                data: event.data,
                at: event.at,
                ..push.event.clone()
            };
            if let Some(touched) = &touched {
                event.data.insert("workflow".into(), touched.path.clone().into());
            }
            Box::new(PushRefusal { message, event })
        })
    }

    /// Records what a push that was let through has moved. Blocking; call it after git has ended.
    pub fn push_end(&self, permit: Permit, push: &Push) -> Result<Vec<RefUpdate>, Fault> {
        let on_disk = self.open_repository(push.repository)?;
        let applied = on_disk
            .applied(&push.updates)
            .map_err(|error| Fault::internal("git.applied", error))?;
        let fresh_default = first_branch(&on_disk, &applied)?;
        self.act(permit, |act, permit| {
            push_intent::delete(act.tx, push.intent)?;
            note_outcome(&mut act.event, &push.updates, &applied);
            if applied.is_empty() {
                act.event.outcome = Outcome::Failed;
                act.event.reason = String::from("push.rejected_by_git");
                return Ok(());
            }
            let now = permit.now();
            if let Some(branch) = &fresh_default
                && let Some(row) = repository::by_id(act.tx, push.repository)?
            {
                repository::update(
                    act.tx,
                    &repository::RepositoryRow {
                        default_branch: branch.clone(),
                        ..row
                    },
                )?;
                act.note("default_branch", branch.as_str());
            }
            Ok(repository::touch_pushed(act.tx, push.repository, now)?)
        })?;
        if let Some(branch) = fresh_default {
            on_disk
                .set_default_branch(&branch)
                .map_err(|error| Fault::internal("git.default_branch", error))?;
        }
        Ok(applied)
    }

    /// Records that a push was refused when it was decided again. Blocking.
    pub fn push_refused(&self, push: &Push, refusal: PushRefusal) -> Result<(), Fault> {
        let mut event = refusal.event;
        note_outcome(&mut event, &push.updates, &[]);
        self.close(push.intent, event)
    }

    /// Records that a push ended before it was decided, or that nobody heard the decision. Blocking.
    pub fn push_abandon(&self, push: &Push, outcome: Outcome, reason: &'static str) -> Result<(), Fault> {
        let mut event = push.event.clone();
        event.at = self.now();
        event.outcome = outcome;
        reason.clone_into(&mut event.reason);
        // Looked at all the same: the log must tell what moved, not what should have.
        let on_disk = self.open_repository(push.repository)?;
        let applied = on_disk
            .applied(&push.updates)
            .map_err(|error| Fault::internal("git.applied", error))?;
        note_outcome(&mut event, &push.updates, &applied);
        self.close(push.intent, event)
    }

    fn close(&self, intent: i64, event: Event) -> Result<(), Fault> {
        self.store.write(|tx| {
            push_intent::delete(tx, intent)?;
            audit::append(tx, &self.node, &[event])?;
            Ok(())
        })
    }
}

/// The branch that becomes the default one: the first that is pushed to a repository whose default does not exist.
fn first_branch(on_disk: &Repository, applied: &[RefUpdate]) -> Result<Option<String>, Fault> {
    let created: Vec<&str> = applied
        .iter()
        .filter(|update| update.old.is_none() && update.new.is_some())
        .filter_map(|update| update.name.strip_prefix("refs/heads/"))
        .collect();
    if created.is_empty() {
        return Ok(None);
    }
    let failed = |error| Fault::internal("git.refs", error);
    let default = on_disk.default_branch().map_err(failed)?;
    let branches = on_disk.branches().map_err(failed)?;
    // Only while every branch there is has come with this push.
    let fresh = branches
        .iter()
        .all(|branch| created.contains(&branch.short_name()));
    if !fresh || branches.iter().any(|branch| branch.short_name() == default) {
        return Ok(None);
    }
    let usual = ["main", "master"].into_iter().find(|name| created.contains(name));
    Ok(usual.or(created.first().copied()).map(str::to_owned))
}

/// What the client reads after `remote:`.
fn refusal_words(refused: &Refused, touched: Option<&WorkflowTouch>, base_url: &str) -> String {
    let workflows = refused
        .deny
        .missing
        .is_some_and(|missing| missing.permission == perm::WORKFLOWS);
    if let (true, Some(touched)) = (workflows, touched) {
        let needed = match refused.gathered.token().map(|token| token.facts.kind) {
            Some(TokenKind::Classic) => "`workflow` scope",
            _ => "`workflows` permission",
        };
        return format!(
            "refusing to allow a Personal Access Token to create or update workflow `{}` without {needed}",
            touched.path
        );
    }
    let words = describe(refused, base_url);
    let mut lines = words.message;
    for (label, text) in [
        ("missing", words.missing.as_deref()),
        ("help", words.help.as_deref()),
    ] {
        if let Some(text) = text {
            lines.push_str(&format!("\n{label}: {text}"));
        }
    }
    lines
}

fn same_updates(one: &[RefUpdate], other: &[RefUpdate]) -> bool {
    let sorted = |updates: &[RefUpdate]| {
        let mut all: Vec<_> = updates
            .iter()
            .map(|update| (update.name.clone(), update.old, update.new))
            .collect();
        all.sort();
        all
    };
    sorted(one) == sorted(other)
}

fn note_outcome(event: &mut Event, asked: &[RefUpdate], applied: &[RefUpdate]) {
    event.data.insert("transport_protocol_name".into(), "http".into());
    note_updates(event, "refs", applied);
    let missed: Vec<RefUpdate> = asked
        .iter()
        .filter(|update| !applied.contains(update))
        .cloned()
        .collect();
    if !missed.is_empty() {
        note_updates(event, "refs_not_moved", &missed);
    }
}

pub(crate) fn note_updates(event: &mut Event, name: &str, updates: &[RefUpdate]) {
    let listed: Vec<Value> = updates
        .iter()
        .take(UPDATES_IN_EVENT_MAX)
        .map(update_json)
        .collect();
    event.data.insert(name.to_owned(), Value::Array(listed));
    if updates.len() > UPDATES_IN_EVENT_MAX {
        event.data.insert(format!("{name}_count"), updates.len().into());
    }
}

/// An update as intents and events hold it.
pub(crate) fn update_json(update: &RefUpdate) -> Value {
    let text = |oid: Option<Oid>| oid.map(|oid| oid.to_string());
    json!({"ref": update.name, "before": text(update.old), "after": text(update.new)})
}
