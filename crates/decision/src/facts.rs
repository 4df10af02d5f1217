//! Everything a decision needs to know, already loaded. An absent fact is never a permission.

use bailiwick_catalogue::{Operation, Target, When};
use bailiwick_model::{
    EnterpriseFacts, OwnerFacts, PrincipalFacts, RepositoryFacts, SessionFacts, Timestamp, TokenFacts,
};

/// The credential that a request presented.
#[derive(Clone, Copy, Debug)]
pub enum CredentialFacts<'a> {
    /// None at all.
    Anonymous,
    /// One that is malformed or unknown.
    Unknown,
    /// A fine-grained or classic token and who it acts as.
    Token(&'a TokenFacts, &'a PrincipalFacts),
    /// A person's session.
    Session(&'a SessionFacts, &'a PrincipalFacts),
}

/// One thing that the request names.
#[derive(Clone, Copy, Debug, Default)]
pub enum TargetFacts<'a> {
    /// The request does not name such a thing.
    #[default]
    Absent,
    /// It names one that does not exist.
    Missing,
    /// A repository with its owner.
    Repository(&'a RepositoryFacts, &'a OwnerFacts),
    /// A user or an organization.
    Account(&'a OwnerFacts),
    /// An enterprise.
    Enterprise(&'a EnterpriseFacts),
}

/// The things that the request names, by the role they play in it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Targets<'a>([TargetFacts<'a>; Target::COUNT]);

impl<'a> Targets<'a> {
    /// What plays a role in the request.
    #[inline]
    pub fn get(&self, target: Target) -> TargetFacts<'a> {
        self.0.get(target as usize).copied().unwrap_or_default()
    }

    /// Says what plays a role in the request.
    pub fn set(&mut self, target: Target, facts: TargetFacts<'a>) {
        if let Some(slot) = self.0.get_mut(target as usize) {
            *slot = facts;
        }
    }

    /// Everything named, in the fixed order of targets.
    pub fn iter(&self) -> impl Iterator<Item = TargetFacts<'a>> + '_ {
        self.0.iter().copied()
    }
}

/// What is known of a condition on which a term depends.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Known {
    /// It does not hold.
    No,
    /// It holds.
    Yes,
    /// Nobody could tell: the term counts.
    #[default]
    Unknown,
    /// It shows only once the objects are here (a push): the term is left open, the permit is provisional,
    /// and nothing may act on it before a second decision.
    Later,
}

/// What a request says of a package at a registry.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Package {
    /// The request names none.
    #[default]
    Unnamed,
    /// It names one that belongs to nobody.
    Unowned,
    /// It belongs to the repository or to the owner that is the target, and an owner's can be read by everybody.
    Public,
    /// The same, and an owner's can be read by those alone who may.
    Private,
}

/// The conditions of a request. The default knows nothing, so every conditional term counts.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Conditions {
    /// The object is an issue.
    pub issue: Known,
    /// The object is a pull request.
    pub pull_request: Known,
    /// A workflow file is touched.
    pub workflow: Known,
    /// The principal is the author of the object.
    pub author: Known,
    /// The package that the request names.
    pub package: Package,
}

impl Conditions {
    /// What is known of a term's condition at these targets.
    pub fn known(&self, when: When, targets: &Targets<'_>) -> Known {
        match when {
            When::Always => Known::Yes,
            When::Issue => self.issue,
            When::PullRequest => self.pull_request,
            When::Workflow => self.workflow,
            When::NotPublic => match targets.get(Target::Repository) {
                TargetFacts::Repository(repository, _) => {
                    known(repository.visibility != bailiwick_model::Visibility::Public)
                }
                TargetFacts::Absent
                | TargetFacts::Missing
                | TargetFacts::Account(_)
                | TargetFacts::Enterprise(_) => Known::Unknown,
            },
            When::DestinationOrganization => match targets.get(Target::Destination) {
                TargetFacts::Account(owner) => known(owner.kind == bailiwick_model::OwnerKind::Organization),
                TargetFacts::Absent
                | TargetFacts::Missing
                | TargetFacts::Repository(..)
                | TargetFacts::Enterprise(_) => Known::Unknown,
            },
        }
    }
}

fn known(holds: bool) -> Known {
    if holds { Known::Yes } else { Known::No }
}

/// What a credential that was narrowed is still good for, at the package that a request names.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Narrowed {
    /// Reading.
    pub read: bool,
    /// Publishing.
    pub write: bool,
    /// Deleting.
    pub delete: bool,
}

impl Narrowed {
    /// Whether it is good for what takes a level.
    pub fn reaches(self, level: bailiwick_model::Level) -> bool {
        match level {
            bailiwick_model::Level::None => false,
            bailiwick_model::Level::Read => self.read,
            bailiwick_model::Level::Write => self.write,
            bailiwick_model::Level::Admin => self.delete,
        }
    }
}

/// One question to the decision.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// The instant of the decision.
    pub now: Timestamp,
    /// The operation; `None` is one that the catalogue does not know.
    pub operation: Option<&'a Operation>,
    /// The credential.
    pub credential: CredentialFacts<'a>,
    /// What the request names.
    pub targets: Targets<'a>,
    /// What is known of the object.
    pub conditions: Conditions,
    /// Whether the credential's rate for this hour is used up.
    pub rate_exceeded: bool,
    /// What the credential was narrowed to; `None` is not at all.
    pub narrowed: Option<Narrowed>,
}
