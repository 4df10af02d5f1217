//! How the synchronisation of an upstream stands, as it is kept beside the upstream and shown to administrators.

use super::guard::Removals;
use super::plan::Plan;
use super::snapshot::Conflict;
use bailiwick_model::Timestamp;
use serde::{Deserialize, Serialize};

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
}
