//! Observe first: while an upstream is only observed, its own credentials pass through to it, and what they were used
//! for is decided as if, noted and recorded. Nothing of ours is brought along, and nothing here is reachable by it.

mod collect;
mod foreign;
mod need;
mod person;
mod record;
pub mod report;

pub(crate) use collect::Collected;
pub use foreign::{Foreign, ForeignDigest, ForeignKind};
pub use need::{AsIf, Need};
pub use person::Known;
pub(crate) use record::Mark;

use crate::Authority;
use crate::fault::Fault;
use crate::gather::{Gathered, Named};
use crate::names::RepositoryKey;
use crate::permit::Caller;
use crate::upstream::place::is_own;
use crate::upstream::{Place, Upstream, Upstreams};
use bailiwick_catalogue::{Door, Operation, Target};
use bailiwick_model::{Timestamp, UpstreamId, UpstreamKind};
use std::sync::{Arc, OnceLock};

/// What observing keeps in memory.
#[derive(Debug)]
pub(crate) struct Observer {
    key: OnceLock<ring::hmac::Key>,
    persons: person::Persons,
    collected: Collected,
}

impl Observer {
    /// Starts the thread that writes what was collected.
    pub(crate) fn start(store: bailiwick_store::Store) -> std::io::Result<Observer> {
        Ok(Observer {
            key: OnceLock::new(),
            persons: person::Persons::default(),
            collected: Collected::start(store)?,
        })
    }
}

/// A request that passes to an observed upstream with nothing but what its caller brought.
// SECURITY: no permit, and no way to one: whatever acts with rights of this server cannot be reached with it. Built
// only in `observed` below.
pub struct Observed {
    upstream: Arc<Upstream>,
    door: Door,
    operation: Option<&'static Operation>,
    gathered: Gathered,
    owner_there: Option<String>,
    foreign: Option<(Foreign, ForeignDigest)>,
    caller: Caller,
    now: Timestamp,
}

/// What a request that may be observed is.
pub struct Asked<'a> {
    /// The door that it came to.
    pub door: Door,
    /// The operation; `None` is one that the catalogue does not know.
    pub operation: Option<&'static Operation>,
    /// What was gathered, under a credential that is none or none of ours.
    pub gathered: &'a Gathered,
    /// Who asks.
    pub caller: &'a Caller,
}

impl Authority {
    /// Whether some upstream may be observed now: cheap, for requests that bring nothing of ours.
    pub fn may_observe(&self, now: Timestamp) -> bool {
        self.upstreams_warm()
            .is_none_or(|upstreams| upstreams.any(|one| takes_part(one, now)))
    }

    /// Lets a request pass to an upstream that is observed at this instant. Blocking, where the cache is cold.
    pub fn observed(&self, asked: &Asked<'_>, foreign: Option<Foreign>) -> Result<Option<Observed>, Fault> {
        let now = self.now();
        let upstreams = self.upstreams()?;
        if !upstreams.any(|one| takes_part(one, now)) {
            return Ok(None);
        }
        let (found, owner_there) = self.observed_place(asked, foreign.is_some(), &upstreams)?;
        let fits = |upstream: &Upstream| {
            takes_part(upstream, now)
                && speaks(upstream.kind, asked.door)
                && foreign
                    .as_ref()
                    .is_none_or(|foreign| foreign.kind().fits(upstream.kind))
        };
        let Some(upstream) = found.filter(|upstream| fits(upstream)) else {
            return Ok(None);
        };
        let foreign = match foreign {
            Some(foreign) => {
                let digest = self.foreign_digest(&foreign)?;
                Some((foreign, digest))
            }
            None => None,
        };
        Ok(Some(Observed {
            upstream,
            door: asked.door,
            operation: asked.operation,
            gathered: asked.gathered.clone(),
            owner_there,
            foreign,
            caller: asked.caller.clone(),
            now,
        }))
    }

    /// The upstream that a request is about, and what the owner of a repository that is not known here is called there.
    fn observed_place(
        &self,
        asked: &Asked<'_>,
        foreign: bool,
        upstreams: &Upstreams,
    ) -> Result<(Option<Arc<Upstream>>, Option<String>), Fault> {
        // SECURITY: Bailiwick's own things are never an upstream's, and a mount has a file of its own to decide by.
        let own = |operation: &Operation| {
            is_own(operation.id) || bailiwick_catalogue::upstream_of(operation).is_some()
        };
        if asked.operation.is_some_and(own) {
            return Ok((None, None));
        }
        let of = |id: Option<UpstreamId>| id.and_then(|id| upstreams.get(id)).cloned();
        let named = |target| asked.gathered.named(target);
        match (named(Target::Repository), named(Target::Organization)) {
            (Named::Repository(repository, _), _) => return Ok((of(repository.row.upstream_id), None)),
            (Named::Missing, _) => {
                if let Some(RepositoryKey::Name(owner, _)) = &asked.gathered.names.repository
                    && let Some(row) = self
                        .store
                        .read(|tx| bailiwick_store::account::by_login(tx, owner))?
                {
                    return Ok((of(row.upstream_id), row.upstream_name));
                }
            }
            (_, Named::Account(owner)) if owner.row.upstream_id.is_some() || asked.door != Door::Gitea => {
                return Ok((of(owner.row.upstream_id), None));
            }
            _ => {}
        }
        // SECURITY: a visitor asks this server, unless the request names what lives elsewhere.
        if !foreign && asked.door != Door::Gitea {
            return Ok((None, None));
        }
        Ok((sole(asked.door, upstreams), None))
    }
}

/// The one upstream that a door can lead to, for what names nothing that is known here.
fn sole(door: Door, upstreams: &Upstreams) -> Option<Arc<Upstream>> {
    let speaking: Vec<Arc<Upstream>> = upstreams
        .all()
        .into_iter()
        .filter(|upstream| speaks(upstream.kind, door))
        .collect();
    match speaking.as_slice() {
        [one] => Some(one.clone()),
        _ => None,
    }
}

/// Whether requests to an upstream are observed now.
// SECURITY: only servers that know their own callers. A directory knows nobody, and what a file mounts may be a server
// that trusts whoever reaches it.
fn takes_part(upstream: &Upstream, now: Timestamp) -> bool {
    upstream.is_observed(now)
        && upstream.kind != UpstreamKind::Generic
        && upstream.kind.registry().is_none()
        && matches!(upstream.place, Place::Server { .. })
}

fn speaks(kind: UpstreamKind, door: Door) -> bool {
    match door {
        Door::Api => kind == UpstreamKind::GitHub,
        Door::Gitea => kind == UpstreamKind::Gitea,
        Door::Git => matches!(
            kind,
            UpstreamKind::GitHub | UpstreamKind::Gitea | UpstreamKind::Git
        ),
        Door::Root | Door::Page | Door::Mounted | Door::Registry => false,
    }
}

impl Observed {
    /// The upstream.
    pub fn upstream(&self) -> &Arc<Upstream> {
        &self.upstream
    }

    /// The door that the request came to.
    pub fn door(&self) -> Door {
        self.door
    }

    /// The operation, where the catalogue knows it.
    pub fn operation(&self) -> Option<&'static Operation> {
        self.operation
    }

    /// What the request names, as far as it is known here.
    pub fn gathered(&self) -> &Gathered {
        &self.gathered
    }

    /// What the owner of a repository that is not known here is called at the upstream.
    pub fn owner_there(&self) -> Option<&str> {
        self.owner_there.as_deref()
    }

    /// The caller's own credential of the upstream.
    pub fn foreign(&self) -> Option<&Foreign> {
        self.foreign.as_ref().map(|(foreign, _)| foreign)
    }

    /// The digest of the caller's own credential.
    pub fn digest(&self) -> Option<&ForeignDigest> {
        self.foreign.as_ref().map(|(_, digest)| digest)
    }

    /// The request's id.
    pub fn request_id(&self) -> &str {
        &self.caller.request_id
    }

    /// Whether the request asks for a change.
    pub fn writes(&self, method: &str) -> bool {
        match self.operation {
            Some(operation) => operation.writes,
            None => !matches!(method, "GET" | "HEAD" | "OPTIONS"),
        }
    }
}

#[cfg(test)]
mod tests;
