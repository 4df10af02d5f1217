//! The warm half of gathering: records by key, forgotten as the change feed names them. A decision on warm
//! facts touches no database; a record that changed is gone before the change's answer leaves.

use crate::gather::{
    EnterpriseRecord, OwnerRecord, PrincipalRecord, RepositoryRecord, SessionRecord, TokenRecord,
};
use crate::package::PackageRecord;
use bailiwick_model::{AccountId, Digest, RegistryKind, RepositoryId, SessionId, TokenId, UpstreamId};
use bailiwick_store::{ChangeKey, Committed};
use smol_str::SmolStr;
use std::collections::HashMap;
use std::hash::{BuildHasher, Hash};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};
use tokio::sync::watch;

/// Entries of one map; a full map is emptied, which costs look-ups and never correctness.
const ENTRIES_MAX: usize = 200_000;

/// What a digest leads to.
#[derive(Clone, Debug)]
pub enum Holder {
    /// A token, and whose it is. The record says so as well, but whoever asks it has to wait for it.
    Token(Arc<TokenRecord>, AccountId),
    /// A session.
    Session(Arc<SessionRecord>),
}

/// A table by keys that are made here, ids and digests, whose hash need only be quick.
// SECURITY: names that anybody can ask for stay with the standard library's hash, which nobody can make collide.
pub(crate) type Numbered<K, V> = HashMap<K, V, foldhash::fast::RandomState>;

/// The records at hand.
#[derive(Debug, Default)]
pub struct Tables {
    holders: Numbered<Digest, Holder>,
    tokens: Numbered<TokenId, Digest>,
    sessions: Numbered<SessionId, Digest>,
    principals: Numbered<AccountId, Arc<PrincipalRecord>>,
    owners: Numbered<AccountId, Arc<OwnerRecord>>,
    logins: HashMap<SmolStr, Option<AccountId>>,
    repositories: Numbered<RepositoryId, Arc<RepositoryRecord>>,
    // Also names that lead nowhere: a hidden and a missing repository must cost the same.
    names: HashMap<(SmolStr, SmolStr), Option<RepositoryId>>,
    enterprises: HashMap<String, Option<Arc<EnterpriseRecord>>>,
    packages: HashMap<PackagePlace, Option<Arc<PackageRecord>>>,
}

/// What a package is looked up by: kind, registry where it is told, normal name.
pub type PackagePlace = (RegistryKind, Option<UpstreamId>, String);

/// The cache. A loader takes the generation before it reads the database and hands it back with what it read;
/// if anything changed in between, what it read is used once and not kept.
#[derive(Debug, Default)]
pub struct Cache {
    generation: AtomicU64,
    tables: RwLock<Tables>,
    // Tells running transfers that facts have changed.
    changes: watch::Sender<u64>,
}

/// A moment in the life of the cache, taken before a read of the database.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Generation(u64);

/// One thing to keep.
#[derive(Debug)]
pub enum Entry {
    /// A token under its digest.
    Token(Digest, Arc<TokenRecord>),
    /// A session under its digest.
    Session(Digest, Arc<SessionRecord>),
    /// A principal.
    Principal(AccountId, Arc<PrincipalRecord>),
    /// A resource owner.
    Owner(Arc<OwnerRecord>),
    /// What a folded login leads to.
    Login(SmolStr, Option<AccountId>),
    /// A repository.
    Repository(Arc<RepositoryRecord>),
    /// What a folded owner and name lead to.
    Name((SmolStr, SmolStr), Option<RepositoryId>),
    /// What a slug leads to.
    Enterprise(String, Option<Arc<EnterpriseRecord>>),
    /// Whose a package is.
    Package(PackagePlace, Option<Arc<PackageRecord>>),
}

impl Cache {
    /// The present generation.
    pub fn generation(&self) -> Generation {
        Generation(self.generation.load(Ordering::SeqCst))
    }

    /// The records, for reading.
    pub fn read(&self) -> RwLockReadGuard<'_, Tables> {
        self.tables.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps what was read from the database, unless something has changed since the reading began.
    pub fn keep(&self, since: Generation, entries: Vec<Entry>) {
        let mut tables = self.tables.write().unwrap_or_else(PoisonError::into_inner);
        // INVARIANT: compared under the lock that `forget` takes after raising the generation. Whoever read
        // before a commit finds it raised, or is still here first and has its entry removed by `forget`.
        if self.generation() != since {
            return;
        }
        for entry in entries {
            tables.insert(entry);
        }
    }

    /// Forgets what a commit has changed. Runs before the writer answers.
    pub fn forget(&self, committed: &Committed) {
        self.generation.fetch_add(1, Ordering::SeqCst);
        let mut tables = self.tables.write().unwrap_or_else(PoisonError::into_inner);
        for key in &committed.keys {
            tables.forget(*key);
        }
        drop(tables);
        // After the forgetting, so that whoever wakes up reads the new facts.
        self.changes.send_modify(|count| *count = count.wrapping_add(1));
    }

    /// Hears of every later change.
    pub fn subscribe(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    /// Forgets everything.
    pub fn clear(&self) {
        self.forget(&Committed {
            keys: vec![ChangeKey::Everything],
            position: 0,
        });
    }
}

impl Tables {
    /// The holder of a digest.
    pub fn holder(&self, digest: &Digest) -> Option<&Holder> {
        self.holders.get(digest)
    }

    /// A principal.
    pub fn principal(&self, id: AccountId) -> Option<&Arc<PrincipalRecord>> {
        self.principals.get(&id)
    }

    /// A resource owner.
    pub fn owner(&self, id: AccountId) -> Option<&Arc<OwnerRecord>> {
        self.owners.get(&id)
    }

    /// What a folded login leads to: outer `None` is not known here, inner `None` is nobody.
    pub fn login(&self, folded: &str) -> Option<Option<AccountId>> {
        self.logins.get(folded).copied()
    }

    /// A repository.
    pub fn repository(&self, id: RepositoryId) -> Option<&Arc<RepositoryRecord>> {
        self.repositories.get(&id)
    }

    /// What a folded owner and name lead to.
    pub fn name(&self, folded: &(SmolStr, SmolStr)) -> Option<Option<RepositoryId>> {
        self.names.get(folded).copied()
    }

    /// What a slug leads to.
    pub fn enterprise(&self, slug: &str) -> Option<&Option<Arc<EnterpriseRecord>>> {
        self.enterprises.get(slug)
    }

    /// Whose a package is: outer `None` is not known here, inner `None` is nobody.
    pub fn package(&self, place: &PackagePlace) -> Option<&Option<Arc<PackageRecord>>> {
        self.packages.get(place)
    }

    fn insert(&mut self, entry: Entry) {
        fn put<K: Hash + Eq, V, S: BuildHasher>(map: &mut HashMap<K, V, S>, key: K, value: V) {
            if map.len() >= ENTRIES_MAX {
                map.clear();
            }
            map.insert(key, value);
        }
        match entry {
            Entry::Token(digest, token) => {
                put(&mut self.tokens, token.facts.id, digest);
                let owner = token.facts.owner;
                put(&mut self.holders, digest, Holder::Token(token, owner));
            }
            Entry::Session(digest, session) => {
                put(&mut self.sessions, session.facts.id, digest);
                put(&mut self.holders, digest, Holder::Session(session));
            }
            Entry::Principal(id, principal) => put(&mut self.principals, id, principal),
            Entry::Owner(owner) => put(&mut self.owners, owner.facts.id, owner),
            Entry::Login(login, id) => put(&mut self.logins, login, id),
            Entry::Repository(repository) => put(&mut self.repositories, repository.facts.id, repository),
            Entry::Name(name, id) => put(&mut self.names, name, id),
            Entry::Enterprise(slug, enterprise) => put(&mut self.enterprises, slug, enterprise),
            Entry::Package(place, package) => put(&mut self.packages, place, package),
        }
    }

    fn forget(&mut self, key: ChangeKey) {
        match key {
            ChangeKey::Token(id) => self.forget_token(id),
            ChangeKey::Session(id) => match self.sessions.remove(&id) {
                Some(digest) => {
                    self.holders.remove(&digest);
                }
                // Not indexed (a full index was emptied): its holder may still be here.
                None => self.holders.retain(
                    |_, holder| !matches!(holder, Holder::Session(session) if session.facts.id == id),
                ),
            },
            ChangeKey::Account(id) => {
                self.principals.remove(&id);
                self.owners.remove(&id);
                self.logins.clear();
                self.names.clear();
                self.repositories.clear();
                self.packages.clear();
            }
            ChangeKey::Repository(id) => {
                self.repositories.remove(&id);
                self.names.clear();
                self.packages.clear();
            }
            ChangeKey::Enterprise(_) => {
                self.enterprises.clear();
                self.owners.clear();
                self.principals.clear();
            }
            // Upstreams are kept elsewhere, by what serves them; links of packages come with them.
            ChangeKey::Upstream(_) | ChangeKey::Package(_) => self.packages.clear(),
            ChangeKey::Everything => *self = Tables::default(),
        }
    }

    fn forget_token(&mut self, id: TokenId) {
        match self.tokens.remove(&id) {
            Some(digest) => {
                self.holders.remove(&digest);
            }
            None => self
                .holders
                .retain(|_, holder| !matches!(holder, Holder::Token(token, _) if token.facts.id == id)),
        }
    }
}
