//! How many removals are many. Whoever can make the upstream look empty, or a fault that does, must not end everybody's
//! grants here.

use super::current::Current;
use super::plan::Plan;
use serde::{Deserialize, Serialize};

/// So many of a kind may go without a question.
const FREE: usize = 10;
/// Or one in so many.
const ONE_IN: usize = 10;

/// What a plan takes away, by kind.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Removals {
    /// Owners that are gone.
    pub owners: usize,
    /// Repositories that are gone or transferred.
    pub repositories: usize,
    /// Memberships.
    pub members: usize,
    /// Teams.
    pub teams: usize,
    /// Roles of collaborators.
    pub collaborators: usize,
    /// Links that become inactive.
    pub links: usize,
}

impl Removals {
    /// Of a plan.
    pub fn of(plan: &Plan, current: &Current) -> Removals {
        let ends = |change: &&super::plan::LinkChange| {
            !change.active && current.links.get(&change.account).is_some_and(|link| link.active)
        };
        Removals {
            // One that was emptied already is gone no further.
            owners: plan
                .owners_gone
                .iter()
                .filter(|id| current.repositories.values().any(|one| one.owner == **id))
                .count(),
            repositories: plan.removed.len() + plan.transferred.len(),
            members: plan.members_removed.len(),
            teams: plan.teams_removed.len(),
            collaborators: plan.collaborators_removed.len(),
            links: plan.links.iter().filter(ends).count(),
        }
    }

    /// All together: what an administrator confirms.
    pub fn total(&self) -> usize {
        self.parts().iter().sum()
    }

    fn parts(&self) -> [usize; 6] {
        [
            self.owners,
            self.repositories,
            self.members,
            self.teams,
            self.collaborators,
            self.links,
        ]
    }

    /// Whether any kind loses more than ten and more than one in ten.
    pub fn are_many(&self, current: &Current) -> bool {
        let all = [
            current.owners.len(),
            current.repositories.len(),
            current.members.len(),
            current.teams.len(),
            current.collaborators.len(),
            current.links.len(),
        ];
        self.parts()
            .iter()
            .zip(all)
            .any(|(removed, all)| *removed > FREE.max(all / ONE_IN))
    }
}
