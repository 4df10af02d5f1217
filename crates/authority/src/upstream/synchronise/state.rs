//! How the synchronisation of an upstream stands, as it is kept beside the upstream and shown to administrators.

use super::guard::Removals;
use super::plan::{Bound, Plan};
use super::snapshot::Conflict;
use bailiwick_model::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Conflicts that are kept; the rest is counted.
const CONFLICTS_MAX: usize = 50;

/// How it stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stand {
    /// It was never tried.
    #[default]
    Never,
    /// The upstream is being read.
    Reading,
    /// The directory is what the upstream said.
    Done,
    /// It would remove many at once: an administrator must confirm it.
    Stopped,
    /// The upstream could not be read, or what it said could not be taken over.
    Failed,
}

impl Stand {
    /// Its word.
    pub const fn word(self) -> &'static str {
        match self {
            Stand::Never => "never",
            Stand::Reading => "reading",
            Stand::Done => "done",
            Stand::Stopped => "stopped",
            Stand::Failed => "failed",
        }
    }
}

/// How the synchronisation of an upstream stands.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Synchronisation {
    /// How it stands.
    pub state: Stand,
    /// How the last one ended, while another one runs.
    pub ended: Stand,
    /// When the last one began.
    pub started_at: Option<Timestamp>,
    /// When the last one ended.
    pub finished_at: Option<Timestamp>,
    /// How much was read so far.
    pub progress: Progress,
    /// What the last success changed.
    pub changes: Changes,
    /// What would be removed, where that stopped it.
    pub removals: Option<Removals>,
    /// What could not be taken over.
    pub conflicts: Vec<Conflict>,
    /// How many of those there are.
    pub conflicts_total: usize,
    /// Memberships, places in teams and roles there of persons who are not linked here.
    pub unlinked: usize,
    /// Members here who are not linked, of whom the upstream says nothing.
    pub kept_here: usize,
    /// Why the last one failed.
    pub error: Option<Failed>,
    /// How many have failed one after the other.
    pub failures: u32,
    /// Before when the upstream does not want to be asked again.
    pub not_before: Option<Timestamp>,
    /// What the last success could not read: nothing about it changed, and what is known of it grows old by itself.
    pub unread: Vec<UnreadHere>,
}

/// What is bound and could not be read.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct UnreadHere {
    /// What it is.
    pub what: Bound,
    /// Its name there.
    pub name: String,
    /// A stable code.
    pub code: String,
    /// Why, and what to do about it.
    pub message: String,
    /// When it was last read; never, where that is absent.
    pub read_at: Option<Timestamp>,
}

/// What of an upstream could not be read, for whoever decides on it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct UnreadNow(BTreeMap<Bound, Option<Timestamp>>);

impl UnreadNow {
    /// As it is kept beside an upstream.
    // SECURITY: strict, unlike what is only shown: what cannot be understood might tell of facts that are too old.
    pub fn read(text: Option<&str>) -> Result<UnreadNow, serde_json::Error> {
        #[derive(Deserialize)]
        struct Kept {
            #[serde(default)]
            unread: Vec<UnreadHere>,
        }
        let Some(text) = text else {
            return Ok(UnreadNow::default());
        };
        let kept: Kept = serde_json::from_str(text)?;
        let all = kept.unread.into_iter();
        Ok(UnreadNow(all.map(|one| (one.what, one.read_at)).collect()))
    }

    /// Whether everything was read the last time.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// When something was last read that could not be read the last time; `None` for what was.
    pub fn last_read(&self, what: Bound) -> Option<Option<Timestamp>> {
        self.0.get(&what).copied()
    }
}

/// Why it failed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Failed {
    /// A stable code.
    pub code: String,
    /// What to do.
    pub message: String,
}

/// How much was read.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Progress {
    /// Requests to the upstream.
    pub requests: u64,
    /// Owners that are bound.
    pub owners: u64,
    /// Repositories.
    pub repositories: u64,
    /// Persons.
    pub persons: u64,
    /// Teams.
    pub teams: u64,
    /// How far apart two readings must be to leave half of the upstream's rate limit to others, in seconds.
    pub seconds_apart: u64,
    /// Whether what was missed is looked for a second time.
    pub second_look: bool,
}

/// What was changed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Changes {
    /// Owners that are called otherwise now.
    pub owners_updated: usize,
    /// New repositories.
    pub repositories_created: usize,
    /// Repositories that changed.
    pub repositories_updated: usize,
    /// Repositories that changed their owner.
    pub repositories_transferred: usize,
    /// Repositories that went.
    pub repositories_removed: usize,
    /// Links that changed.
    pub links_updated: usize,
    /// New memberships and roles.
    pub members_set: usize,
    /// Memberships that ended.
    pub members_removed: usize,
    /// New teams.
    pub teams_created: usize,
    /// Teams that changed.
    pub teams_updated: usize,
    /// Teams that went.
    pub teams_removed: usize,
    /// New roles of collaborators.
    pub collaborators_set: usize,
    /// Roles that ended.
    pub collaborators_removed: usize,
}

impl Changes {
    /// Of a plan.
    pub fn of(plan: &Plan) -> Changes {
        Changes {
            owners_updated: plan.owners.len(),
            repositories_created: plan.created.len(),
            repositories_updated: plan.updated.len(),
            repositories_transferred: plan.transferred.len(),
            repositories_removed: plan.removed.len(),
            links_updated: plan.links.len(),
            members_set: plan.members_set.len(),
            members_removed: plan.members_removed.len(),
            teams_created: plan.teams_created.len(),
            teams_updated: plan.teams_updated.len(),
            teams_removed: plan.teams_removed.len(),
            collaborators_set: plan.collaborators_set.len(),
            collaborators_removed: plan.collaborators_removed.len(),
        }
    }
}

impl Synchronisation {
    /// As it is kept; what cannot be read was never tried.
    pub fn read(text: Option<&str>) -> Synchronisation {
        text.and_then(|text| serde_json::from_str(text).ok())
            .unwrap_or_default()
    }

    /// As it is kept.
    pub fn text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// One that begins after this one.
    pub(super) fn begun(&self, now: Timestamp) -> Synchronisation {
        Synchronisation {
            state: Stand::Reading,
            ended: self.last(),
            started_at: Some(now),
            progress: Progress::default(),
            ..self.clone()
        }
    }

    /// How the last one that ended did.
    pub fn last(&self) -> Stand {
        match self.state {
            Stand::Reading => self.ended,
            state => state,
        }
    }

    /// This one, ended.
    pub(super) fn ended(mut self, state: Stand, now: Timestamp) -> Synchronisation {
        self.state = state;
        self.ended = state;
        self.finished_at = Some(now);
        self.error = None;
        self.removals = None;
        self.not_before = None;
        if state != Stand::Failed {
            self.failures = 0;
        }
        self
    }

    /// With what a plan leaves out.
    pub(super) fn with_left_out(mut self, plan: &Plan) -> Synchronisation {
        self.conflicts_total = plan.conflicts.len();
        self.conflicts = plan.conflicts.iter().take(CONFLICTS_MAX).cloned().collect();
        self.unlinked = plan.ignored.unlinked;
        self.kept_here = plan.ignored.kept_here;
        self
    }

    /// With what could not be read. Everything else was read at `read_at`, the last time.
    pub(super) fn with_unread(mut self, plan: &Plan, read_at: Option<Timestamp>) -> Synchronisation {
        let before = std::mem::take(&mut self.unread);
        let last = |what: Bound| before.iter().find(|one| one.what == what);
        let all = plan.unread.iter().map(|one| UnreadHere {
            what: one.what,
            name: one.name.clone(),
            code: one.code.to_owned(),
            message: one.message.clone(),
            // What is still unread is as old as it was; what was never found was never read.
            read_at: last(one.what).map_or(read_at.filter(|_| one.known), |one| one.read_at),
        });
        self.unread = all.collect();
        self
    }
}
