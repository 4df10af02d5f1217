//! Rows into upstreams that can be asked. Kept until a change names them; clients of upstreams that did not change
//! keep their connections.

use super::synchronise::state::UnreadNow;
use super::{Linked, Place, Secrets, Upstream, Upstreams, api_address};
use crate::Authority;
use crate::fault::{Fault, FaultKind};
use bailiwick_catalogue::Extension;
use bailiwick_model::{AccountId, RepositoryId, UpstreamId, UpstreamKind, UpstreamSettings};
use bailiwick_store::{ChangeKey, Committed, Secret, StoreError, UpstreamLinkRow, UpstreamRow, upstream};
use bailiwick_upstream::{Address, Client, Limits, Pin, Trust};
use bailiwick_wire::header::HeaderTemplate;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;
use tokio::sync::watch;
use zeroize::Zeroizing;

/// What things are called at an upstream.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct NamesThere {
    /// `owner/name`.
    pub repository: Option<String>,
    /// The repository's id.
    pub repository_key: Option<String>,
    /// The login of the owner.
    pub owner: Option<String>,
    /// The owner's id.
    pub owner_key: Option<String>,
}

/// What is kept of the upstreams, and how often they changed.
#[derive(Debug, Default)]
pub(crate) struct Kept {
    generation: AtomicU64,
    // Tells whoever keeps something of them elsewhere.
    changes: watch::Sender<u64>,
    // With the generation that it was read in.
    current: RwLock<Option<(u64, Arc<Upstreams>)>>,
    // Held while the rows are read: of two who read at once, each would keep for itself what upstreams lend, and ask
    // for it again.
    reading: Mutex<()>,
    // How many readings have failed.
    failures: AtomicU64,
}

impl Kept {
    /// Forgets on a change of any upstream or link. Runs before the writer answers.
    pub(crate) fn forget(&self, committed: &Committed) {
        let concerns = |key: &ChangeKey| matches!(key, ChangeKey::Upstream(_) | ChangeKey::Everything);
        if committed.keys.iter().any(concerns) {
            self.generation.fetch_add(1, Ordering::SeqCst);
            self.changes.send_modify(|count| *count = count.wrapping_add(1));
        }
    }

    fn warm(&self) -> Option<Arc<Upstreams>> {
        self.warm_with(Arc::clone)
    }

    /// Looks at what is kept, without one more who shares all of it.
    fn warm_with<T>(&self, look: impl FnOnce(&Arc<Upstreams>) -> T) -> Option<T> {
        let current = self.current.read().unwrap_or_else(PoisonError::into_inner);
        let (read_in, upstreams) = current.as_ref()?;
        (*read_in == self.generation.load(Ordering::SeqCst)).then(|| look(upstreams))
    }

    fn last(&self) -> Option<Arc<Upstreams>> {
        let current = self.current.read().unwrap_or_else(PoisonError::into_inner);
        current.as_ref().map(|(_, upstreams)| upstreams.clone())
    }
}

impl Authority {
    /// The upstreams, if nothing changed since they were read.
    pub fn upstreams_warm(&self) -> Option<Arc<Upstreams>> {
        self.upstreams.warm()
    }

    /// Looks at the upstreams, if nothing changed since they were read.
    pub fn upstreams_look<T>(&self, look: impl FnOnce(&Upstreams) -> T) -> Option<T> {
        self.upstreams.warm_with(|upstreams| look(upstreams))
    }

    /// Hears of every later change of an upstream.
    pub fn upstream_changes(&self) -> watch::Receiver<u64> {
        self.upstreams.changes.subscribe()
    }

    /// The upstreams. Blocking, when one has changed.
    pub fn upstreams(&self) -> Result<Arc<Upstreams>, Fault> {
        if let Some(upstreams) = self.upstreams.warm() {
            return Ok(upstreams);
        }
        let failures = self.upstreams.failures.load(Ordering::SeqCst);
        let _alone = self
            .upstreams
            .reading
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(upstreams) = self.upstreams.warm() {
            return Ok(upstreams);
        }
        // Somebody's reading failed while this one waited: it would wait as long for the same, and all behind it for both.
        if self.upstreams.failures.load(Ordering::SeqCst) != failures {
            return Err(Fault::new(
                FaultKind::Unavailable,
                "facts.unavailable",
                "the upstreams cannot be read at the moment",
            ));
        }
        // INVARIANT: taken before the rows are read: a change in between makes what is read stale at once.
        let generation = self.upstreams.generation.load(Ordering::SeqCst);
        let failed = |_: &StoreError| {
            self.upstreams.failures.fetch_add(1, Ordering::SeqCst);
        };
        let rows = self.store.read(upstream::all).inspect_err(failed)?;
        let before = self.upstreams.last();
        let mut by_id = std::collections::HashMap::new();
        for row in rows {
            let id = row.id;
            match self.upstream_of_row(row, before.as_deref()) {
                Ok(upstream) => drop(by_id.insert(id, Arc::new(upstream))),
                // What cannot be understood is not there: everything that lives at it is refused.
                Err(fault) => {
                    let errors = &fault.errors;
                    tracing::error!(upstream = id.0, %fault, ?errors, "an upstream cannot be used");
                }
            }
        }
        let upstreams = Arc::new(Upstreams {
            by_id,
            links: RwLock::default(),
        });
        let mut current = self
            .upstreams
            .current
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        *current = Some((generation, upstreams.clone()));
        Ok(upstreams)
    }

    /// An upstream that is in use. Blocking, when one has changed.
    pub fn upstream(&self, id: UpstreamId) -> Result<Arc<Upstream>, Fault> {
        self.upstreams()?.get(id).cloned().ok_or_else(unusable)
    }

    /// What a repository and an account are called at an upstream, as far as they live there.
    pub fn upstream_names(
        &self,
        upstream: UpstreamId,
        repository: Option<RepositoryId>,
        owner: Option<AccountId>,
    ) -> Result<NamesThere, Fault> {
        self.store.read(|tx| {
            let repository = repository
                .map(|id| bailiwick_store::repository::by_id(tx, id))
                .transpose()?
                .flatten();
            let owner = owner
                .map(|id| bailiwick_store::account::by_id(tx, id))
                .transpose()?
                .flatten();
            let (repository, repository_key) = repository
                .filter(|row| row.upstream_id == Some(upstream))
                .map(|row| (row.upstream_name, row.upstream_key))
                .unwrap_or_default();
            let (owner, owner_key) = owner
                .filter(|row| row.upstream_id == Some(upstream))
                .map(|row| (row.upstream_name, row.upstream_key))
                .unwrap_or_default();
            Ok(NamesThere {
                repository,
                repository_key,
                owner,
                owner_key,
            })
        })
    }

    /// Who an account is at an upstream, from memory alone.
    pub fn link_warm(&self, upstream: UpstreamId, account: AccountId) -> Option<Option<Arc<Linked>>> {
        self.upstreams_look(|upstreams| upstreams.warm_link(upstream, account))?
    }

    /// Who an account is at an upstream. Blocking, the first time after a change.
    pub fn link(&self, upstream: UpstreamId, account: AccountId) -> Result<Option<Arc<Linked>>, Fault> {
        let upstreams = self.upstreams()?;
        if let Some(link) = upstreams.warm_link(upstream, account) {
            return Ok(link);
        }
        let row = self.store.read(|tx| upstream::link(tx, upstream, account))?;
        let link = row.map(|row| self.linked(row)).transpose()?.map(Arc::new);
        upstreams.keep_link(upstream, account, link.clone());
        Ok(link)
    }

    pub(super) fn linked(&self, row: UpstreamLinkRow) -> Result<Linked, Fault> {
        let about = link_place(row.upstream_id, row.account_id);
        Ok(Linked {
            secrets: self.open_secrets(row.credential.as_ref(), &about)?,
            login: row.login,
            key: row.upstream_key,
            active: row.active,
            expires_at: row.expires_at,
        })
    }

    fn upstream_of_row(&self, row: UpstreamRow, before: Option<&Upstreams>) -> Result<Upstream, Fault> {
        let settings: UpstreamSettings = serde_json::from_str(&row.settings)
            .map_err(|error| Fault::internal("upstream.settings", error))?;
        let before = before.and_then(|upstreams| upstreams.get(row.id));
        let place = place_of(row.kind, &row.address, &settings, before.map(|one| &**one))?;
        let secrets = self.open_secrets(row.credential.as_ref(), &upstream_place(row.id))?;
        let unread = UnreadNow::read(row.synchronisation.as_deref())
            .map_err(|error| Fault::internal("upstream.synchronisation", error))?;
        // SECURITY: what was given for another credential, or by another server, is asked for anew.
        let (minted, confirmed) = before
            .filter(|before| before.secrets == secrets && before.settings == settings)
            .filter(|before| same_place(&before.place, &place))
            .map(|before| (before.minted.clone(), before.confirmed.clone()))
            .unwrap_or_default();
        Ok(Upstream {
            id: row.id,
            name: row.name.clone(),
            kind: row.kind,
            mode: row.mode,
            observe_until: row.observe_until,
            downloads: downloads(&super::follow::with_known(row.kind, &row.address, &settings))?,
            minted,
            confirmed,
            extension: extension_of(row.kind, &row.name, &settings, before.map(|one| &**one))?,
            headers: headers_of(&settings)?,
            fixed: std::sync::OnceLock::new(),
            names: std::sync::OnceLock::new(),
            settings,
            place,
            synchronised_at: row.synchronised_at,
            unread,
            secrets,
        })
    }

    /// Named secrets as one sealed text.
    pub(crate) fn seal_secrets(&self, secrets: &Secrets, about: &str) -> Result<Secret, Fault> {
        let text = Zeroizing::new(
            serde_json::to_vec(secrets).map_err(|error| Fault::internal("upstream.secrets", error))?,
        );
        self.seal.close(&text, about, &*self.random).map(Secret)
    }

    pub(crate) fn open_secrets(&self, sealed: Option<&Secret>, about: &str) -> Result<Secrets, Fault> {
        let Some(sealed) = sealed else {
            return Ok(Secrets::new());
        };
        let lost = || {
            Fault::internal(
                "upstream.sealed",
                "the credential does not open: is the sealing key the same?",
            )
        };
        let bytes = self.seal.open(&sealed.0, about).ok_or_else(lost)?;
        serde_json::from_slice(&bytes).map_err(|error| Fault::internal("upstream.secrets", error))
    }
}

/// What a sealed credential of an upstream is bound to.
pub(crate) fn upstream_place(id: UpstreamId) -> String {
    format!("upstream/{id}")
}

/// What a sealed credential of a link is bound to.
pub(crate) fn link_place(upstream: UpstreamId, account: AccountId) -> String {
    format!("upstream/{upstream}/account/{account}")
}

/// The fault of an upstream that is not there or not understood.
pub fn unusable() -> Fault {
    Fault::new(
        FaultKind::Unavailable,
        "upstream.unusable",
        "the upstream is not set up, or its settings cannot be used: ask an administrator",
    )
}

/// Reads where an upstream is, with the clients of before where nothing about them changed.
pub(crate) fn place_of(
    kind: UpstreamKind,
    address: &str,
    settings: &UpstreamSettings,
    before: Option<&Upstream>,
) -> Result<Place, Fault> {
    if let Some(path) = address.strip_prefix("file:") {
        let path = PathBuf::from(path.strip_prefix("//").unwrap_or(path));
        return if kind == UpstreamKind::Git && path.is_absolute() {
            Ok(Place::Directory(path))
        } else {
            let message = "only an upstream of kind git can be a directory, with its absolute path";
            Err(Fault::invalid("Upstream", "address", "invalid", message))
        };
    }
    let web = Address::parse(address)
        .map_err(|error| Fault::invalid("Upstream", "address", "invalid", error.to_string()))?;
    let api = api_address(kind, &web, settings.api_address.as_deref())?;
    let trust = trust_of(settings)?;
    if let Some(Upstream {
        place: Place::Server {
            web: old_web,
            api: old_api,
        },
        settings: old,
        ..
    }) = before
        && old_web.address() == &web
        && old_api.address() == &api
        && same_transport(old, settings)
    {
        return Ok(Place::Server {
            web: old_web.clone(),
            api: old_api.clone(),
        });
    }
    let client = |address: Address, bytes_max: u64| {
        let limits = Limits {
            answer_bytes_max: bytes_max,
            ..limits(settings)
        };
        Client::new(address, &trust, limits)
            .map(Arc::new)
            .map_err(|error| Fault::invalid("Upstream", "settings", "invalid", error.to_string()))
    };
    Ok(Place::Server {
        web: client(web, u64::MAX)?,
        api: client(api, settings.answer_bytes_max.unwrap_or(ANSWER_BYTES_MAX))?,
    })
}

/// What a `generic` upstream can be asked; the one of before where its file is the same.
pub(crate) fn extension_of(
    kind: UpstreamKind,
    name: &str,
    settings: &UpstreamSettings,
    before: Option<&Upstream>,
) -> Result<Option<Arc<Extension>>, Fault> {
    let text = match (kind, &settings.catalogue) {
        (UpstreamKind::Generic, Some(text)) => text,
        (UpstreamKind::Generic, None) => {
            let message = "an upstream of kind generic needs a catalogue of what it can be asked";
            return Err(Fault::invalid("Upstream", "catalogue", "missing_field", message));
        }
        _ => return Ok(None),
    };
    if let Some(before) = before
        && before.name == name
        && before.settings.catalogue.as_ref() == Some(text)
        && let Some(extension) = &before.extension
    {
        return Ok(Some(extension.clone()));
    }
    let extension = Extension::read(name, "catalogue", text)
        .map_err(|faults| Fault::invalid("Upstream", "catalogue", "invalid", faults.to_string()))?;
    Ok(Some(Arc::new(extension)))
}

/// The headers that a `generic` upstream is sent.
pub(crate) fn headers_of(settings: &UpstreamSettings) -> Result<Vec<HeaderTemplate>, Fault> {
    HeaderTemplate::parse_all(settings.headers.iter().map(String::as_str))
        .map_err(|error| Fault::invalid("Upstream", "headers", "invalid", error.to_string()))
}

fn same_place(one: &Place, other: &Place) -> bool {
    let addresses = |place: &Place| match place {
        Place::Server { web, api } => Some((web.address().clone(), api.address().clone())),
        Place::Directory(_) => None,
    };
    addresses(one).is_some() && addresses(one) == addresses(other)
}

/// Clients of the hosts that downloads are redirected to.
pub(crate) fn downloads(settings: &UpstreamSettings) -> Result<Vec<Arc<Client>>, Fault> {
    let invalid = |message: String| Fault::invalid("Upstream", "follow", "invalid", message);
    settings
        .follow
        .iter()
        .map(|text| {
            let address = Address::parse(text).map_err(|error| invalid(format!("{text}: {error}")))?;
            Client::new(address, &trust_of(settings)?, limits(settings))
                .map(Arc::new)
                .map_err(|error| invalid(error.to_string()))
        })
        .collect()
}

/// The largest answer to a call of an API where nothing else is set, in bytes.
const ANSWER_BYTES_MAX: u64 = 256 << 20;

fn same_transport(one: &UpstreamSettings, other: &UpstreamSettings) -> bool {
    let parts = |it: &UpstreamSettings| {
        (
            it.authorities.clone(),
            it.pins.clone(),
            limits(it),
            it.answer_bytes_max,
        )
    };
    parts(one) == parts(other)
}

fn limits(settings: &UpstreamSettings) -> Limits {
    let usual = Limits::default();
    let seconds = |set: Option<u64>, usual: Duration| set.map_or(usual, Duration::from_secs);
    Limits {
        connect_for_max: seconds(settings.connect_seconds_max, usual.connect_for_max),
        answer_for_max: seconds(settings.answer_seconds_max, usual.answer_for_max),
        idle_for_max: seconds(settings.idle_seconds_max, usual.idle_for_max),
        ..usual
    }
}

/// Whom the settings trust.
pub(crate) fn trust_of(settings: &UpstreamSettings) -> Result<Trust, Fault> {
    let pins = settings
        .pins
        .iter()
        .map(|text| Pin::parse(text))
        .collect::<Result<Vec<Pin>, _>>()
        .map_err(|error| Fault::invalid("Upstream", "pins", "invalid", error.to_string()))?;
    Ok(Trust {
        authorities: settings.authorities.clone(),
        pins,
    })
}
