//! The scopes of classic tokens and their tree.

macro_rules! scopes {
    ($($variant:ident = $word:literal $(< $parent:ident)?;)*) => {
        /// One classic scope.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        #[repr(u8)]
        #[expect(missing_docs, reason = "each variant is the scope of its name")]
        pub enum Scope { $($variant),* }

        impl Scope {
            /// Every scope, parents before children.
            pub const ALL: &'static [Scope] = &[$(Scope::$variant),*];

            /// The scope's name on the wire.
            pub const fn word(self) -> &'static str {
                match self { $(Scope::$variant => $word),* }
            }

            /// The scope of a name; `None` for any other text.
            pub fn parse(word: &str) -> Option<Scope> {
                match word { $($word => Some(Scope::$variant),)* _ => None }
            }

            /// The scope that contains this one directly.
            pub const fn parent(self) -> Option<Scope> {
                match self { $(Scope::$variant => scopes!(@parent $($parent)?)),* }
            }
        }
    };
    (@parent) => { None };
    (@parent $parent:ident) => { Some(Scope::$parent) };
}

scopes! {
    Repo = "repo";
    RepoStatus = "repo:status" < Repo;
    RepoDeployment = "repo_deployment" < Repo;
    PublicRepo = "public_repo" < Repo;
    RepoInvite = "repo:invite" < Repo;
    SecurityEvents = "security_events" < Repo;
    Workflow = "workflow";
    WritePackages = "write:packages";
    ReadPackages = "read:packages" < WritePackages;
    DeletePackages = "delete:packages";
    AdminOrg = "admin:org";
    WriteOrg = "write:org" < AdminOrg;
    ReadOrg = "read:org" < WriteOrg;
    ManageRunnersOrg = "manage_runners:org" < AdminOrg;
    AdminPublicKey = "admin:public_key";
    WritePublicKey = "write:public_key" < AdminPublicKey;
    ReadPublicKey = "read:public_key" < WritePublicKey;
    AdminRepoHook = "admin:repo_hook";
    WriteRepoHook = "write:repo_hook" < AdminRepoHook;
    ReadRepoHook = "read:repo_hook" < WriteRepoHook;
    AdminOrgHook = "admin:org_hook";
    Gist = "gist";
    Notifications = "notifications";
    User = "user";
    ReadUser = "read:user" < User;
    UserEmail = "user:email" < User;
    UserFollow = "user:follow" < User;
    DeleteRepo = "delete_repo";
    WriteDiscussion = "write:discussion";
    ReadDiscussion = "read:discussion" < WriteDiscussion;
    AdminEnterprise = "admin:enterprise";
    ManageRunnersEnterprise = "manage_runners:enterprise" < AdminEnterprise;
    ManageBillingEnterprise = "manage_billing:enterprise" < AdminEnterprise;
    ReadEnterprise = "read:enterprise" < AdminEnterprise;
    ScimEnterprise = "scim:enterprise" < AdminEnterprise;
    AuditLog = "audit_log";
    ReadAuditLog = "read:audit_log" < AuditLog;
    Codespace = "codespace";
    CodespaceSecrets = "codespace:secrets" < Codespace;
    Copilot = "copilot";
    ManageBillingCopilot = "manage_billing:copilot" < Copilot;
    Project = "project";
    ReadProject = "read:project" < Project;
    AdminGpgKey = "admin:gpg_key";
    WriteGpgKey = "write:gpg_key" < AdminGpgKey;
    ReadGpgKey = "read:gpg_key" < WriteGpgKey;
    AdminSshSigningKey = "admin:ssh_signing_key";
    WriteSshSigningKey = "write:ssh_signing_key" < AdminSshSigningKey;
    ReadSshSigningKey = "read:ssh_signing_key" < WriteSshSigningKey;
    WriteNetworkConfigurations = "write:network_configurations";
    ReadNetworkConfigurations = "read:network_configurations" < WriteNetworkConfigurations;
}

/// A set of scopes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct ScopeSet(u64);

impl ScopeSet {
    /// No scope.
    pub const EMPTY: ScopeSet = ScopeSet(0);

    /// The set with one more scope.
    pub const fn with(self, scope: Scope) -> ScopeSet {
        ScopeSet(self.0 | (1 << scope as u64))
    }

    /// Whether this very scope is in the set.
    pub const fn contains(self, scope: Scope) -> bool {
        self.0 & (1 << scope as u64) != 0
    }

    /// Whether every scope of the other set is in this one.
    pub const fn contains_all(self, other: ScopeSet) -> bool {
        self.0 & other.0 == other.0
    }

    /// Whether the set is empty.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The set with everything that its members contain: `admin:org` brings `write:org` and `read:org`.
    pub fn expanded(self) -> ScopeSet {
        let mut set = self;
        for scope in Scope::ALL {
            // Parents come before children in ALL, so one pass reaches every depth.
            if scope.parent().is_some_and(|parent| set.contains(parent)) {
                set = set.with(*scope);
            }
        }
        set
    }

    /// The set without members that another member contains already.
    pub fn normalised(self) -> ScopeSet {
        let mut set = ScopeSet::EMPTY;
        for scope in self.iter() {
            let mut above = scope.parent();
            let mut covered = false;
            while let Some(parent) = above {
                covered |= self.contains(parent);
                above = parent.parent();
            }
            if !covered {
                set = set.with(scope);
            }
        }
        set
    }

    /// Members in the fixed order.
    pub fn iter(self) -> impl Iterator<Item = Scope> {
        Scope::ALL
            .iter()
            .copied()
            .filter(move |scope| self.contains(*scope))
    }

    /// Comma-separated names, as the scope headers print them.
    pub fn words(self) -> String {
        self.iter().map(Scope::word).collect::<Vec<_>>().join(", ")
    }
}

impl FromIterator<Scope> for ScopeSet {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> ScopeSet {
        scopes.into_iter().fold(ScopeSet::EMPTY, ScopeSet::with)
    }
}
