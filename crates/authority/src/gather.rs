//! The facts of one request, as shared records: what the cache holds and the decision borrows.

use crate::names::{Names, PackageKey, Presented};
use crate::package::PackageRecord;
use bailiwick_catalogue::{Operation, Target};
use bailiwick_decision::{Conditions, CredentialFacts, Facts, TargetFacts, Targets};
use bailiwick_model::{
    EnterpriseFacts, OwnerFacts, PrincipalFacts, RegistryKind, RepositoryFacts, SessionFacts, Timestamp,
    TokenFacts, UpstreamId,
};
use bailiwick_store::{AccountRow, EnterpriseRow, RepositoryRow, SessionRow, TokenRow};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, OnceLock};

/// A token with its row.
#[derive(Debug)]
pub struct TokenRecord {
    /// What decisions see.
    pub facts: TokenFacts,
    /// The digest of the secret that leads here.
    pub digest: bailiwick_model::Digest,
    /// The scopes of a classic token as they were chosen, before expansion.
    pub stored_scopes: bailiwick_model::ScopeSet,
    /// What is stored. In a box: decisions do not look at it, and what they look at lies closer together.
    pub row: Box<TokenRow>,
    /// What was found out with it.
    pub(crate) noted: Noted,
}

/// What requests find out with a token's record, for those that come after them.
#[derive(Debug, Default)]
pub(crate) struct Noted {
    // When the token ends as the header of every answer says it.
    end: OnceLock<Option<Box<str>>>,
    // The second in which it was last used.
    second: AtomicI64,
}

impl Noted {
    /// Notes a use; whether it is the first in its second.
    pub(crate) fn use_at(&self, now: Timestamp) -> bool {
        // Nearly always it is not, and to look is less than to write.
        self.second.load(Ordering::Relaxed) != now.seconds()
            && self.second.swap(now.seconds(), Ordering::Relaxed) != now.seconds()
    }
}

impl TokenRecord {
    /// When it ends, as the header of every answer says it.
    pub fn end(&self) -> Option<&str> {
        let written = || self.facts.expires_at.map(|end| end.header().into_boxed_str());
        self.noted.end.get_or_init(written).as_deref()
    }
}

/// Looks at all of what is known of a token's holder at once, wherever it lies: it is in no cache of the processor when
/// many tokens come in turn, and what is waited for together is waited for once. To share a record is to wait for it alone.
pub(crate) fn fetch(token: &TokenRecord, principal: &PrincipalRecord, own: Option<&Arc<OwnerRecord>>) {
    use std::hint::black_box;
    let first = |text: &str| text.as_bytes().first().copied();
    black_box(token.facts.grants.first().map(|grant| grant.active));
    black_box(token.end().and_then(first));
    black_box(token.digest.bytes().first().copied());
    black_box(principal.facts.organizations.first().copied());
    black_box(principal.facts.repositories.first().copied());
    black_box(first(&principal.facts.login));
    black_box(own.map(|own| own.facts.kind));
}

/// A session with its row.
#[derive(Debug)]
pub struct SessionRecord {
    /// What decisions see.
    pub facts: SessionFacts,
    /// What is stored.
    pub row: SessionRow,
}

/// A principal with its account.
#[derive(Debug)]
pub struct PrincipalRecord {
    /// What decisions see.
    pub facts: PrincipalFacts,
    /// What is stored.
    pub row: AccountRow,
}

/// A user or organization that owns things.
#[derive(Debug)]
pub struct OwnerRecord {
    /// What decisions see.
    pub facts: OwnerFacts,
    /// The slug of its enterprise, for messages.
    pub enterprise_name: Option<String>,
    /// What is stored.
    pub row: AccountRow,
}

/// A repository.
#[derive(Debug)]
pub struct RepositoryRecord {
    /// What decisions see.
    pub facts: RepositoryFacts,
    /// What is stored.
    pub row: RepositoryRow,
    /// `owner/name` as it is written now.
    pub full_name: String,
}

/// An enterprise.
#[derive(Debug)]
pub struct EnterpriseRecord {
    /// What decisions see.
    pub facts: EnterpriseFacts,
    /// What is stored.
    pub row: EnterpriseRow,
}

/// The credential that was presented, looked up.
#[derive(Clone, Debug, Default)]
pub enum Credential {
    /// None.
    #[default]
    Anonymous,
    /// Malformed or unknown.
    Unknown,
    /// A token and who it acts as.
    Token(Arc<TokenRecord>, Arc<PrincipalRecord>),
    /// A session and its person.
    Session(Arc<SessionRecord>, Arc<PrincipalRecord>),
}

/// One thing that the request names, looked up.
#[derive(Clone, Debug, Default)]
pub enum Named {
    /// Not named.
    #[default]
    Absent,
    /// Named, and there is none.
    Missing,
    /// A repository with its owner.
    Repository(Arc<RepositoryRecord>, Arc<OwnerRecord>),
    /// A user or an organization.
    Account(Arc<OwnerRecord>),
    /// An enterprise.
    Enterprise(Arc<EnterpriseRecord>),
}

/// Everything that one decision needs, shared with the cache.
#[derive(Clone, Debug, Default)]
pub struct Gathered {
    /// What was presented as credential, to gather again later.
    pub presented: Presented,
    /// The names in the request, to gather again later.
    pub names: Arc<Names>,
    /// The credential.
    pub credential: Credential,
    /// What the request names, by the part it plays.
    pub named: [Named; Target::COUNT],
    /// Whose the named package is; none if it is nobody's, or none is named.
    pub package: Option<Arc<PackageRecord>>,
    /// What is known of the object.
    pub conditions: Conditions,
    /// Whether the credential's rate is used up.
    pub rate_exceeded: bool,
}

impl Gathered {
    /// What is known before anything that is named is looked up.
    // Field by field: the rest of a default would make names and drop them again.
    pub(crate) fn of(
        presented: Presented,
        names: Arc<Names>,
        credential: Credential,
        conditions: Conditions,
    ) -> Gathered {
        Gathered {
            presented,
            names,
            credential,
            named: Default::default(),
            package: None,
            conditions,
            rate_exceeded: false,
        }
    }

    /// The borrowed form that the decision reads.
    pub fn facts<'a>(&'a self, operation: Option<&'a Operation>, now: Timestamp) -> Facts<'a> {
        let mut targets = Targets::default();
        for (target, named) in TARGETS.into_iter().zip(&self.named) {
            targets.set(
                target,
                match named {
                    Named::Absent => TargetFacts::Absent,
                    Named::Missing => TargetFacts::Missing,
                    Named::Repository(repository, owner) => {
                        TargetFacts::Repository(&repository.facts, &owner.facts)
                    }
                    Named::Account(owner) => TargetFacts::Account(&owner.facts),
                    Named::Enterprise(enterprise) => TargetFacts::Enterprise(&enterprise.facts),
                },
            );
        }
        let credential = match &self.credential {
            Credential::Anonymous => CredentialFacts::Anonymous,
            Credential::Unknown => CredentialFacts::Unknown,
            Credential::Token(token, principal) => CredentialFacts::Token(&token.facts, &principal.facts),
            Credential::Session(session, principal) => {
                CredentialFacts::Session(&session.facts, &principal.facts)
            }
        };
        Facts {
            now,
            operation,
            credential,
            targets,
            conditions: self.conditions,
            rate_exceeded: self.rate_exceeded,
            narrowed: self.names.narrowed.as_ref().map(|narrowing| {
                let images = |key: &&PackageKey| key.registry == RegistryKind::Oci;
                let package = self.names.package.as_ref().filter(images);
                narrowing.at(package.map(|key| key.name.normal.as_str()))
            }),
        }
    }

    /// Who acts.
    pub fn principal(&self) -> Option<&PrincipalFacts> {
        self.principal_record().map(|record| &record.facts)
    }

    /// Who acts, with the account's row.
    pub fn principal_record(&self) -> Option<&Arc<PrincipalRecord>> {
        match &self.credential {
            Credential::Anonymous | Credential::Unknown => None,
            Credential::Token(_, principal) | Credential::Session(_, principal) => Some(principal),
        }
    }

    /// The token that was used.
    pub fn token(&self) -> Option<&TokenRecord> {
        match &self.credential {
            Credential::Token(token, _) => Some(token),
            Credential::Anonymous | Credential::Unknown | Credential::Session(..) => None,
        }
    }

    /// What plays a part in the request.
    pub fn named(&self, target: Target) -> &Named {
        self.named.get(target as usize).unwrap_or(&Named::Absent)
    }

    /// Says what plays a part in the request.
    pub fn set(&mut self, target: Target, named: Named) {
        if let Some(slot) = self.named.get_mut(target as usize) {
            *slot = named;
        }
    }

    /// The repository that the path names.
    pub fn repository(&self) -> Option<&RepositoryRow> {
        match self.named(Target::Repository) {
            Named::Repository(repository, _) => Some(&repository.row),
            Named::Absent | Named::Missing | Named::Account(_) | Named::Enterprise(_) => None,
        }
    }

    /// `owner/name` of the repository that the path names, as they are written now.
    pub fn full_name(&self) -> Option<&str> {
        match self.named(Target::Repository) {
            Named::Repository(repository, _) => Some(&repository.full_name),
            Named::Absent | Named::Missing | Named::Account(_) | Named::Enterprise(_) => None,
        }
    }

    /// The owner of the repository, or the organization, that the path names.
    pub fn owner(&self) -> Option<&AccountRow> {
        match (self.named(Target::Repository), self.named(Target::Organization)) {
            (_, Named::Account(owner)) | (Named::Repository(_, owner), _) => Some(&owner.row),
            _ => None,
        }
    }

    /// The repository that the path names and its owner, or else the organization.
    pub(crate) fn place(&self) -> (Option<&RepositoryRecord>, Option<&OwnerRecord>) {
        match (self.named(Target::Repository), self.named(Target::Organization)) {
            (Named::Repository(repository, owner), _) => (Some(repository), Some(owner)),
            (_, Named::Account(owner)) => (None, Some(owner)),
            _ => (None, None),
        }
    }

    /// Where that lives, if it is not hosted here.
    pub(crate) fn upstream(&self) -> Option<UpstreamId> {
        match self.place() {
            (Some(repository), _) => repository.row.upstream_id,
            (None, owner) => owner?.row.upstream_id,
        }
    }

    /// The enterprise that the path names.
    pub fn enterprise(&self) -> Option<&EnterpriseRow> {
        match self.named(Target::Enterprise) {
            Named::Enterprise(enterprise) => Some(&enterprise.row),
            Named::Absent | Named::Missing | Named::Account(_) | Named::Repository(..) => None,
        }
    }
}

const TARGETS: [Target; Target::COUNT] = [
    Target::Repository,
    Target::Organization,
    Target::Own,
    Target::Enterprise,
    Target::Destination,
    Target::SecondRepository,
];
