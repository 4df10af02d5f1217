//! Use cases: load facts, decide, permit, act, audit. Knows nothing of HTTP.

pub mod access;
pub mod act;
pub mod admin;
pub mod audit;
pub mod authorize;
pub mod cache;
pub mod check;
pub mod clock;
mod conditions;
pub mod content;
pub mod describe;
pub mod directory;
pub mod explain;
pub mod factor;
pub mod fault;
pub mod gather;
pub mod home;
pub mod issue;
mod last_used;
pub mod levels;
pub mod lfs;
pub mod load;
pub mod names;
pub mod observe;
pub mod package;
pub mod passkey;
pub mod password;
pub mod permit;
pub mod planted;
pub mod push;
pub mod ready;
pub mod record;
pub(crate) mod records;
pub mod registry;
pub mod seal;
pub mod session;
pub mod setup;
pub mod status;
pub mod sweep;
pub mod token;
pub mod transfer;
pub mod upstream;

pub use act::Act;
pub use bailiwick_decision::Basis;
pub use clock::{Clock, Random};
pub use describe::{Description, credential_first, describe};
pub use factor::Proof;
pub use fault::{Fault, FaultKind, FieldError};
pub use gather::{Credential, Gathered, Named};
pub use names::{Account, Names, PackageKey, Presented, RepositoryKey};
pub use permit::{Caller, Permit, Refused, decide};
pub use record::{Receipt, Witness};

/// Rows as surfaces may show them. Surfaces never see the store itself: no connection, no statement.
pub mod rows {
    pub use bailiwick_store::{
        AccessRequestRow, AccountKind, AccountRow, CheckRunRow, CheckSuiteRow, CommentRow, EnterpriseRow,
        EventRow, GrantRow, IssueRow, LabelRow, LinkBar, MembershipRow, PasskeyRow, PlantedRow, PlantedState,
        RepositoryRow, SessionRow, StatusRow, TeamPrivacy, TeamRole, TeamRow, TokenRole, TokenRow,
        UpstreamRow,
    };
}

use bailiwick_model::{Timestamp, TokenText};
use bailiwick_store::Store;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

/// What the composition root supplies.
pub struct Settings {
    /// The prefix of new tokens, and former ones that stay valid.
    pub prefixes: Vec<String>,
    /// The server's address as clients write it, without a slash at the end.
    pub base_url: String,
    /// The name of this node in the audit log.
    pub node: String,
}

/// The use cases with what they work on.
pub struct Authority {
    pub(crate) store: Store,
    pub(crate) git: bailiwick_git::Repositories,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) random: Arc<dyn Random>,
    pub(crate) cache: Arc<cache::Cache>,
    pub(crate) recorder: record::Recorder,
    pub(crate) settings: Settings,
    pub(crate) node: String,
    pub(crate) transfers: Arc<transfer::Transfers>,
    pub(crate) hooks: Option<bailiwick_git::HookListener>,
    pub(crate) mirrors: bailiwick_git::Repositories,
    last_used: last_used::LastUsed,
    throttle: session::Throttle,
    seal: seal::Seal,
    site: Option<passki::Passki>,
    // Those of visitors, and those of persons.
    challenges: (passkey::challenge::Challenges, passkey::challenge::Challenges),
    setup: setup::Link,
    ender: std::sync::OnceLock<Arc<dyn planted::Ender>>,
    pub(crate) registries: std::sync::OnceLock<Arc<dyn package::list::Registries>>,
    places: Arc<registry::Places>,
    probe: ready::Probe,
    upstreams: Arc<upstream::Kept>,
    asks: upstream::synchronise::Asks,
    hooks_refused: upstream::synchronise::HooksRefused,
    pub(crate) observer: observe::Observer,
    request_ids: AtomicU64,
    // 0 is no certificate.
    certificate_end: AtomicI64,
}

impl Authority {
    /// Puts the use cases together and starts the recorder.
    pub fn new(
        store: Store,
        git: bailiwick_git::Repositories,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
        settings: Settings,
    ) -> std::io::Result<Authority> {
        let cache = Arc::new(cache::Cache::default());
        let listening = cache.clone();
        let upstreams = Arc::new(upstream::Kept::default());
        let kept = upstreams.clone();
        store.on_commit(move |committed| {
            listening.forget(committed);
            kept.forget(committed);
        });
        let mirrors = git.beside(push::MIRRORS).map_err(std::io::Error::other)?;
        let recorder = record::Recorder::start(store.clone(), settings.node.clone())?;
        let last_used = last_used::LastUsed::start(store.clone())?;
        let observer = observe::Observer::start(store.clone())?;
        let mut seed = [0_u8; 8];
        random.fill(&mut seed);
        let seal = seal::Seal::fleeting(&*random).map_err(std::io::Error::other)?;
        let site = passkey::site(&settings.base_url);
        Ok(Authority {
            node: settings.node.clone(),
            store,
            git,
            clock,
            random,
            cache,
            recorder,
            settings,
            transfers: Arc::default(),
            hooks: None,
            mirrors,
            last_used,
            throttle: session::Throttle::default(),
            seal,
            site,
            challenges: Default::default(),
            setup: setup::Link::default(),
            ender: std::sync::OnceLock::new(),
            registries: std::sync::OnceLock::new(),
            places: Arc::default(),
            probe: ready::Probe::default(),
            upstreams,
            asks: upstream::synchronise::Asks::default(),
            hooks_refused: upstream::synchronise::HooksRefused::default(),
            observer,
            request_ids: AtomicU64::new(u64::from_le_bytes(seed)),
            certificate_end: AtomicI64::new(0),
        })
    }

    /// With keys that outlive the process, so that what is sealed opens again after a restart.
    pub fn with_seal(mut self, seal: seal::Seal) -> Authority {
        self.seal = seal;
        self
    }

    /// Notes when the certificate ends that the listener shows, for the doctor and the figures.
    pub fn note_certificate_end(&self, end: Timestamp) {
        self.certificate_end.store(end.0, Ordering::Relaxed);
    }

    /// When the certificate ends that the listener shows; nothing without TLS.
    pub fn certificate_end(&self) -> Option<Timestamp> {
        match self.certificate_end.load(Ordering::Relaxed) {
            0 => None,
            end => Some(Timestamp(end)),
        }
    }

    /// The present instant.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The server's address as clients write it.
    pub fn base_url(&self) -> &str {
        &self.settings.base_url
    }

    /// The repositories on disk.
    pub fn git(&self) -> &bailiwick_git::Repositories {
        &self.git
    }

    /// A new request id, unique on this node. Ids rise with time.
    pub fn request_id(&self, now: Timestamp) -> smol_str::SmolStr {
        record::request_id(now, self.request_ids.fetch_add(1, Ordering::Relaxed))
    }

    /// A new token's text.
    pub(crate) fn new_secret(&self, kind: bailiwick_model::TokenKind) -> TokenText {
        let prefix = self.settings.prefixes.first().map_or("bwk", String::as_str);
        TokenText::generate(prefix, kind, &mut |bytes| self.random.fill(bytes))
    }

    /// What a presented secret is, before any look-up. Garbage is refused here.
    pub fn present(&self, text: &str) -> Presented {
        self.presented(text, |_| true)
    }

    /// The same at a place where only one kind of credential counts.
    pub fn present_kind(&self, text: &str, kind: bailiwick_model::TokenKind) -> Presented {
        self.presented(text, |known| known == kind)
    }

    fn presented(&self, text: &str, counts: impl Fn(bailiwick_model::TokenKind) -> bool) -> Presented {
        match TokenText::read(text, &self.settings.prefixes) {
            Ok((kind, digest)) if counts(kind) => Presented::Digest(digest),
            Ok(_) | Err(_) => Presented::Garbage,
        }
    }

    /// Random bytes, for what is no secret of the authority's own.
    pub fn fill_random(&self, bytes: &mut [u8]) {
        self.random.fill(bytes);
    }

    /// Records that a request of a known credential was turned away before it could be decided.
    pub fn record_unread(
        &self,
        refused: &Refused,
        operation: Option<&'static bailiwick_catalogue::Operation>,
        code: &'static str,
    ) -> Option<Receipt> {
        match &refused.gathered.credential {
            Credential::Anonymous | Credential::Unknown => None,
            Credential::Token(..) | Credential::Session(..) => {
                let mut event =
                    record::request_event(operation, &refused.gathered, &refused.caller, refused.now);
                event.outcome = bailiwick_model::Outcome::Refused;
                event.reason = code.to_owned();
                Some(self.recorder.durable(event))
            }
        }
    }

    /// Records a refusal of a known credential; garbage is only counted.
    pub fn record_refusal(&self, refused: &Refused) -> Option<Receipt> {
        match &refused.gathered.credential {
            Credential::Anonymous | Credential::Unknown => None,
            Credential::Token(..) | Credential::Session(..) => {
                Some(self.recorder.durable(record::refusal_event(refused)))
            }
        }
    }

    /// Keeps what is needed to record how an allowed request ended.
    pub fn witness(&self, permit: &Permit) -> Witness {
        Witness {
            operation: permit.operation(),
            gathered: permit.gathered_shared(),
            caller: permit.caller().clone(),
            now: permit.now(),
            action: None,
            bulk: permit.operation().bulk,
        }
    }

    /// Records a read that its client left before the answer: what was read may have been asked of a server behind the
    /// gateway all the same. A change brings itself to its end and its record.
    pub fn record_abandoned(&self, witness: &mut Witness) {
        if witness.operation.writes {
            return;
        }
        let gone = Fault::new(FaultKind::BadRequest, "request.abandoned", "the client left");
        if witness.bulk {
            if is_known(&witness.gathered) || !is_public(&witness.gathered) {
                let mut event = record::outcome_event(witness);
                event.outcome = bailiwick_model::Outcome::Failed;
                gone.code.clone_into(&mut event.reason);
                // Written with the next commit. There is nobody left to wait for it.
                let _unawaited = self.recorder.durable(event);
            }
            return;
        }
        let _no_receipt = self.record_outcome(witness, Some(&gone));
    }

    /// Records how an allowed request ended. A change that succeeded has recorded itself.
    pub fn record_outcome(&self, witness: &mut Witness, fault: Option<&Fault>) -> Option<Receipt> {
        let known = is_known(&witness.gathered);
        match fault {
            Some(fault) if fault.is_recorded() => None,
            Some(fault) if witness.operation.writes || (known && fault.kind == FaultKind::Forbidden) => {
                let mut event = record::outcome_event(witness);
                event.outcome = match fault.kind {
                    FaultKind::Forbidden => bailiwick_model::Outcome::Refused,
                    _ => bailiwick_model::Outcome::Failed,
                };
                event.reason = fault.code.to_owned();
                Some(self.recorder.durable(event))
            }
            // Only a request that asked for no change at all is named by its surface; it is recorded like a read.
            None if witness.operation.writes && witness.action.is_none() => None,
            None if witness.bulk => {
                // INVARIANT: bulk reads are durable in the log before the answer completes.
                if known || !is_public(&witness.gathered) {
                    Some(self.recorder.durable(record::outcome_event(witness)))
                } else {
                    None
                }
            }
            Some(_) | None => {
                if known {
                    self.recorder.read(witness, fault.map(|fault| fault.code), None);
                }
                None
            }
        }
    }
}

/// Whether somebody is known to ask.
fn is_known(gathered: &Gathered) -> bool {
    matches!(
        gathered.credential,
        Credential::Token(..) | Credential::Session(..)
    )
}

/// Whether what was read is everybody's; so is what is about nothing at all.
fn is_public(gathered: &Gathered) -> bool {
    let nothing = |named: &Named| matches!(named, Named::Absent);
    gathered.conditions.package == bailiwick_decision::Package::Public
        || (gathered.names.package.is_none() && gathered.named.iter().all(nothing))
        || gathered
            .repository()
            .is_some_and(|repository| repository.visibility == bailiwick_model::Visibility::Public)
}
