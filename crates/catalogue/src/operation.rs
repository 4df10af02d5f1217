//! The shape of one operation: what a client can ask, and what it takes. The rows themselves are data.

use bailiwick_model::{EnterpriseRole, Level, OrganizationRole, PermissionId, RepositoryRole, ScopeSet};

/// An operation's place in the table. Meaningful within one process only; its id text is what is stored.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct OperationIndex(pub u16);

/// Which of the server's address spaces an operation lives in.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Door {
    /// Paths below `/api/v3`.
    Api,
    /// Git and LFS paths below `/{owner}/{repo}.git`.
    Git,
    /// The server's own endpoints at the root: health, metrics.
    Root,
    /// Gitea's paths, below `/api/v1`: served by servers behind the gateway alone.
    Gitea,
    /// Pages for people in a browser, at the root as well; only a session's cookie counts there.
    Page,
    /// Paths below `/-/NAME`, the mount of the upstream of that name.
    Mounted,
    /// Paths of registries of packages: `/v2` for images, the mount of the upstream for others. Never routed: what is
    /// asked is made out by the protocol's own parser.
    Registry,
}

/// One thing that a client can ask.
#[derive(Debug)]
pub struct Operation {
    /// `issues/get`, as GitHub's description names it; ours start with `bailiwick/`, an upstream's with its name.
    pub id: &'static str,
    /// Where it is in the table.
    pub index: OperationIndex,
    /// Its address space.
    pub door: Door,
    /// The HTTP method in capitals.
    pub method: &'static str,
    /// The path template.
    pub path: &'static str,
    /// What it takes beyond a live credential.
    pub requirement: Requirement,
    /// What an anonymous visitor may do.
    pub anonymous: Anonymous,
    /// Alternatives of scopes that a classic token may hold; one empty set: any classic token will do.
    /// An empty list closes the operation to classic tokens.
    pub scopes: &'static [ScopeAlternative],
    /// The kinds of credential that it is open to.
    pub kinds: Kinds,
    /// Whether it changes anything (a POST that reads does not).
    pub writes: bool,
    /// Whether it hands out contents in bulk (clone, archive): recorded durably before it completes.
    pub bulk: bool,
    /// Whether a session must be in sudo mode.
    pub sudo: bool,
    /// Whether it creates something that can itself authenticate.
    pub plants: bool,
    /// Whether it answers about more than what the path names. The gateway, which cannot filter the answers of a
    /// server behind it, forwards it only under a grant that selects every repository of the named owner.
    pub spans: bool,
    /// The audit action of a successful change, `category.operation`; derived from the id where GitHub has none.
    pub action: &'static str,
    /// Why it was decided so, where that is not mechanical.
    pub why: &'static str,
}

/// Scopes that suffice together.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct ScopeAlternative {
    /// All of these; the empty set is any classic token.
    pub set: ScopeSet,
    /// Only where the repository is public (`public_repo`).
    pub public_only: bool,
}

/// Kinds of credential that an operation is open to.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Kinds {
    /// Fine-grained tokens.
    pub fine_grained: bool,
    /// Classic tokens.
    pub classic: bool,
    /// A person's session.
    pub session: bool,
}

/// What an anonymous visitor, and so every live token, may do.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Anonymous {
    /// Nothing.
    Never,
    /// It, when the repository it targets is public.
    IfPublic,
    /// It, always.
    Always,
}

/// What an operation takes: any one of the alternatives, each a set of terms that must all hold.
#[derive(Clone, Copy, Debug)]
pub enum Requirement {
    /// A live credential of an open kind, and nothing else (its own account is the only target).
    Live,
    /// Any-of sets of all-of terms. Never empty, no set empty.
    AnyOf(&'static [&'static [Term]]),
    /// Closed to every kind of credential that exists here; the reason is in `why`.
    Closed,
}

impl Operation {
    /// Every term of every alternative; none where nothing is asked of a grant.
    pub fn terms(&self) -> impl Iterator<Item = &'static Term> + use<> {
        let alternatives = match self.requirement {
            Requirement::AnyOf(alternatives) => alternatives,
            Requirement::Live | Requirement::Closed => &[],
        };
        alternatives.iter().copied().flatten()
    }
}

/// One term: at this target, the grant must hold this permission at this level and the principal this role.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Term {
    /// What is touched.
    pub target: Target,
    /// The permission that a fine-grained token's grant must hold.
    pub permission: PermissionId,
    /// At least at this level.
    pub level: Level,
    /// The least role of the principal itself at the target.
    pub role: Role,
    /// A weaker role that is enough when the principal is the author of the object.
    pub author_role: Option<Role>,
    /// When the term counts.
    pub when: When,
}

/// What a term is about.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[repr(u8)]
pub enum Target {
    /// The repository that the path names (`{owner}/{repo}`).
    Repository = 0,
    /// The organization that the path names (`{org}`), or the owner of the named thing.
    Organization = 1,
    /// The principal's own account.
    Own = 2,
    /// The enterprise that the path names.
    Enterprise = 3,
    /// The account that the body names as destination: of a fork, a transfer, a new repository.
    Destination = 4,
    /// A second repository that the path or body names besides the first.
    SecondRepository = 5,
}

impl Target {
    /// How many targets there are.
    pub const COUNT: usize = 6;

    /// Every target.
    pub const ALL: [Target; Target::COUNT] = [
        Target::Repository,
        Target::Organization,
        Target::Own,
        Target::Enterprise,
        Target::Destination,
        Target::SecondRepository,
    ];
}

/// The least role at a target.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Role {
    /// Nothing beyond being the live principal.
    Anyone,
    /// A role at the repository.
    Repository(RepositoryRole),
    /// A role in the organization; at a user's own account the user itself is owner.
    Organization(OrganizationRole),
    /// May decide access requests: an owner, or a named token approver.
    TokenApprover,
    /// May read tokens and the audit log: an owner, a named token approver or auditor.
    TokenAuditor,
    /// A role in the enterprise.
    Enterprise(EnterpriseRole),
    /// An administrator of the installation.
    SiteAdministrator,
}

/// When a term counts. Conditions that cannot be known from the request alone are decided again once the
/// object is loaded; until then the term is open, and nothing acts.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum When {
    /// Always.
    Always,
    /// If the object is an issue.
    Issue,
    /// If the object is a pull request.
    PullRequest,
    /// If a file under `.github/workflows/` is created, changed or deleted.
    Workflow,
    /// If the repository is private or internal.
    NotPublic,
    /// If the destination is an organization.
    DestinationOrganization,
}
