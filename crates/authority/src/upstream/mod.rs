//! Servers behind the gateway as use cases see them: which there are, what lives at which, who is who there. The
//! rows are read once and kept until one of them changes; credentials are opened here and nowhere else.

pub mod app;
pub mod bind;
pub mod check;
pub mod confirmed;
pub mod create;
pub mod credential;
pub(crate) mod disk;
mod doctor;
mod examine;
pub mod file;
mod follow;
pub mod forward;
pub mod link;
pub mod linking;
pub(crate) mod load;
pub mod minted;
pub mod place;
mod registry;
pub mod remove;
pub mod renew;
pub mod setting;
pub mod synchronise;
mod tried;
pub mod update;
pub mod view;
mod whose;

pub(crate) use load::Kept;
pub use load::{NamesThere, unusable};

use crate::fault::{Fault, FaultKind};
use bailiwick_catalogue::Extension;
use bailiwick_model::{
    AccountId, RegistryKind, Timestamp, UpstreamId, UpstreamKind, UpstreamMode, UpstreamSettings,
};
use bailiwick_upstream::{Address, Client};
use bailiwick_wire::header::{HeaderTemplate, HeaderValues, Placeholder};
use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};
use synchronise::plan::Bound;
use zeroize::Zeroizing;

/// Named secrets of an upstream or of a link: `token`, `username`, `password`, `private_key` and so on.
pub type Secrets = BTreeMap<String, Zeroizing<String>>;

/// A server behind the gateway, ready to be asked.
pub struct Upstream {
    /// Its id.
    pub id: UpstreamId,
    /// Its name.
    pub name: String,
    /// What it speaks.
    pub kind: UpstreamKind,
    /// How the gateway stands before it.
    pub mode: UpstreamMode,
    /// When observing ends.
    pub observe_until: Option<Timestamp>,
    /// Its settings.
    pub settings: UpstreamSettings,
    /// Where it is.
    pub place: Place,
    /// When its directory was last synchronised.
    pub synchronised_at: Option<Timestamp>,
    /// What of it could not be read the last time.
    pub unread: synchronise::state::UnreadNow,
    /// `generic`: what it can be asked.
    pub extension: Option<Arc<Extension>>,
    /// `generic`: the headers that it is sent.
    pub headers: Vec<HeaderTemplate>,
    // Those headers, where nothing of the caller is in them.
    fixed: std::sync::OnceLock<Option<bailiwick_upstream::Prepared>>,
    // Their names.
    names: std::sync::OnceLock<Option<bailiwick_upstream::Names>>,
    downloads: Vec<Arc<Client>>,
    minted: Arc<minted::Minted>,
    confirmed: Arc<confirmed::Confirmed>,
    secrets: Secrets,
}

/// Where an upstream is.
#[derive(Clone, Debug)]
pub enum Place {
    /// A server: its web address with Git, and its API.
    Server {
        /// Git, LFS and pages.
        web: Arc<Client>,
        /// The API; the same client where both have one address.
        api: Arc<Client>,
    },
    /// A directory of bare repositories on this machine.
    Directory(PathBuf),
}

impl std::fmt::Debug for Upstream {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Upstream({} {:?})", self.name, self.kind)
    }
}

impl Upstream {
    /// One of its secrets.
    // SECURITY: the one reader, so that a search for it finds every place where a credential leaves.
    pub fn reveal(&self, name: &str) -> Option<&str> {
        self.secrets.get(name).map(|secret| secret.as_str())
    }

    /// `generic`: the headers that it is sent, if they are the same whoever asks.
    pub fn fixed_headers(&self) -> Option<&bailiwick_upstream::Prepared> {
        let of_caller = [
            Placeholder::Login,
            Placeholder::UpstreamLogin,
            Placeholder::RequestId,
        ];
        let make = || {
            let asks = |template: &HeaderTemplate| of_caller.iter().any(|what| template.asks(*what));
            if self.headers.iter().any(asks) {
                return None;
            }
            let values = HeaderValues {
                secret: self.reveal("secret"),
                login: None,
                upstream_login: None,
                request_id: None,
            };
            let texts: Result<Vec<_>, _> = self.headers.iter().map(|one| one.expand(&values)).collect();
            let texts = texts.ok()?;
            let names = self.headers.iter().map(HeaderTemplate::name);
            bailiwick_upstream::Prepared::of(names.zip(texts.iter().map(|text| &**text)))
        };
        self.fixed.get_or_init(make).as_ref()
    }

    /// The names of the headers that it is sent, in their order.
    pub fn header_names(&self) -> Option<&bailiwick_upstream::Names> {
        let make = || bailiwick_upstream::Names::of(self.headers.iter().map(HeaderTemplate::name));
        self.names.get_or_init(make).as_ref()
    }

    /// What it gave out for others; nothing of it outlives a change of the credential, the address or the settings.
    pub fn minted(&self) -> &minted::Minted {
        &self.minted
    }

    /// What it has lately confirmed of names there; likewise.
    pub fn confirmed(&self) -> &confirmed::Confirmed {
        &self.confirmed
    }

    /// The client of its web address.
    pub fn web(&self) -> Result<&Arc<Client>, Fault> {
        match &self.place {
            Place::Server { web, .. } => Ok(web),
            Place::Directory(_) => Err(not_spoken()),
        }
    }

    /// The client of its API.
    pub fn api(&self) -> Result<&Arc<Client>, Fault> {
        match &self.place {
            Place::Server { api, .. } => Ok(api),
            Place::Directory(_) => Err(not_spoken()),
        }
    }

    /// The client of a host of downloads that the settings name, with the target there; `None` for any other address.
    pub fn download(&self, reference: &str) -> Option<(Arc<Client>, String)> {
        // A fragment is the reader's own; it is never sent.
        let reference = reference.split('#').next().unwrap_or_default();
        self.downloads.iter().find_map(|client| {
            let below = client
                .address()
                .below(reference)
                .filter(|_| !reference.starts_with('/'))?;
            let target = if below.starts_with('/') {
                below.to_owned()
            } else {
                format!("/{below}")
            };
            Some((client.clone(), target))
        })
    }

    /// Whether requests are only observed at this instant. A mode whose end has passed enforces.
    pub fn is_observed(&self, now: Timestamp) -> bool {
        self.mode == UpstreamMode::Observe && self.observe_until.is_some_and(|end| now < end)
    }

    /// Whether what is known of its directory is too old to decide on.
    pub fn is_stale(&self, now: Timestamp) -> bool {
        self.settings.is_stale(self.synchronised_at, now)
    }

    /// Whether what is known of one thing there is too old to decide on.
    pub fn is_stale_at(&self, what: Bound, now: Timestamp) -> bool {
        let last = self.unread.last_read(what);
        self.is_stale(now) || last.is_some_and(|read_at| self.settings.is_stale(read_at, now))
    }
}

fn not_spoken() -> Fault {
    Fault::new(
        FaultKind::NotImplemented,
        "upstream.not_spoken",
        "this upstream does not speak that protocol",
    )
}

/// A person's account at an upstream.
pub struct Linked {
    /// The login there.
    pub login: String,
    /// The immutable id there.
    pub key: Option<String>,
    /// Whether it may still be used.
    pub active: bool,
    /// When its credential ends.
    pub expires_at: Option<Timestamp>,
    secrets: Secrets,
}

impl std::fmt::Debug for Linked {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Linked({}, active: {})", self.login, self.active)
    }
}

impl Linked {
    /// One of the person's secrets there.
    pub fn reveal(&self, name: &str) -> Option<&str> {
        self.secrets.get(name).map(|secret| secret.as_str())
    }
}

/// Who accounts are at upstreams, as far as anybody asked; `None` is nobody.
type Links = HashMap<(UpstreamId, AccountId), Option<Arc<Linked>>>;

/// Every upstream, as of one moment.
#[derive(Debug, Default)]
pub struct Upstreams {
    by_id: HashMap<UpstreamId, Arc<Upstream>>,
    links: RwLock<Links>,
}

impl Upstreams {
    /// The upstream of an id.
    pub fn get(&self, id: UpstreamId) -> Option<&Arc<Upstream>> {
        self.by_id.get(&id)
    }

    /// The upstream of a name.
    pub fn named(&self, name: &str) -> Option<&Arc<Upstream>> {
        self.by_id.values().find(|upstream| upstream.name == name)
    }

    /// All of them, in the order of ids.
    pub fn all(&self) -> Vec<Arc<Upstream>> {
        let mut all: Vec<Arc<Upstream>> = self.by_id.values().cloned().collect();
        all.sort_by_key(|upstream| upstream.id);
        all
    }

    /// Whether there is one of a sort.
    pub(crate) fn any(&self, sort: impl Fn(&Upstream) -> bool) -> bool {
        self.by_id.values().any(|upstream| sort(upstream))
    }

    /// What is mounted of them.
    pub fn extensions(&self) -> Vec<Arc<Extension>> {
        self.by_id
            .values()
            .filter_map(|upstream| upstream.extension.clone())
            .collect()
    }

    /// The registries that are mounted: all but those of images, which have an address of their own.
    pub fn registries(&self) -> Vec<(String, UpstreamId, RegistryKind)> {
        self.by_id
            .values()
            .filter_map(|upstream| {
                let kind = upstream.kind.registry()?;
                (kind != RegistryKind::Oci).then(|| (upstream.name.clone(), upstream.id, kind))
            })
            .collect()
    }

    /// The only one of a kind.
    pub fn sole(&self, kind: UpstreamKind) -> Option<&Arc<Upstream>> {
        let mut of_kind = self.by_id.values().filter(|upstream| upstream.kind == kind);
        let first = of_kind.next()?;
        of_kind.next().is_none().then_some(first)
    }

    /// Whether there is one of a kind.
    pub fn speaks(&self, kind: UpstreamKind) -> bool {
        self.by_id.values().any(|upstream| upstream.kind == kind)
    }

    fn warm_link(&self, upstream: UpstreamId, account: AccountId) -> Option<Option<Arc<Linked>>> {
        let links = self.links.read().unwrap_or_else(PoisonError::into_inner);
        links.get(&(upstream, account)).cloned()
    }

    fn keep_link(&self, upstream: UpstreamId, account: AccountId, link: Option<Arc<Linked>>) {
        let mut links = self.links.write().unwrap_or_else(PoisonError::into_inner);
        links.insert((upstream, account), link);
    }
}

/// The address of an API, where it is not told: GitHub has a host of its own for it.
pub(crate) fn api_address(kind: UpstreamKind, web: &Address, told: Option<&str>) -> Result<Address, Fault> {
    let text = match (told, kind) {
        (Some(told), _) => told.to_owned(),
        (None, UpstreamKind::GitHub) if web.host() == "github.com" => String::from("https://api.github.com"),
        (None, UpstreamKind::GitHub) => format!("{web}/api/v3"),
        (None, UpstreamKind::Gitea) => format!("{web}/api/v1"),
        (None, _) => return Ok(web.clone()),
    };
    Address::parse(&text)
        .map_err(|error| Fault::invalid("Upstream", "api_address", "invalid", error.to_string()))
}
