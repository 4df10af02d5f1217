//! The composition root: puts store, repositories, use cases, handlers and gate together and serves them.

use crate::clock::{SystemClock, SystemRandom};
use crate::config::Config;
use crate::data::DataDirectory;
use crate::failure::Failure;
use crate::tls::{Protection, watch};
use bailiwick_authority::setup::SetupLink;
use bailiwick_authority::{Authority, Clock, Fault, Settings};
use bailiwick_gate::{Gate, GateSettings, ListenSettings, MountedRegistry, Routes, serve_listener};
use bailiwick_git::{HookListener, Repositories};
use bailiwick_store::Store;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use zeroize::Zeroizing;

/// The stack of every thread, in bytes.
const STACK_BYTES: usize = 2 << 20;
/// Threads for blocking work at the most; further work waits.
const BLOCKING_THREADS_MAX: usize = 128;
/// How often upkeep is done, in seconds.
const UPKEEP_SECONDS: u64 = 3600;
/// Rounds of upkeep from one removal of old events to the next.
const HOURS_PER_DAY: u64 = 24;
/// How long an idle thread for blocking work stays, in seconds: short, for the memory it holds.
const BLOCKING_IDLE_SECONDS: u64 = 5;

/// A server that is ready and bound, but answers nothing yet.
pub struct Server {
    gate: Arc<Gate>,
    authority: Arc<Authority>,
    listener: TcpListener,
    protection: Option<Protection>,
    settings: ListenSettings,
    address: SocketAddr,
    base_url: String,
    setup: Option<SetupLink>,
    // Held until the end.
    _directory: DataDirectory,
}

/// The runtime of a server.
pub fn runtime() -> Result<Runtime, Failure> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .thread_name("bailiwick")
        .thread_stack_size(STACK_BYTES)
        .max_blocking_threads(BLOCKING_THREADS_MAX)
        .thread_keep_alive(Duration::from_secs(BLOCKING_IDLE_SECONDS))
        .build()
        .map_err(|error| Failure::local("cannot start", error))
}

/// Opens the database of a directory.
pub fn open_store(config: &Config, directory: &DataDirectory) -> Result<Store, Failure> {
    Store::open(directory.target(config.database.as_ref()))
        .map_err(|error| Failure::local("the database", error))
}

impl Server {
    /// Binds first, so that a taken port is told before anything is opened, then puts everything together.
    pub async fn open(config: &Config, directory: DataDirectory) -> Result<Server, Failure> {
        let listener = TcpListener::bind(config.listen).await.map_err(|error| {
            Failure::local(
                format!(
                    "cannot listen on {} (--listen 127.0.0.1:PORT chooses another)",
                    config.listen
                ),
                error,
            )
        })?;
        let address = listener
            .local_addr()
            .map_err(|error| Failure::local("cannot listen", error))?;
        let base_url = config.base_url(address);
        let protection = Protection::open(config, &directory, address, SystemClock.now())?;
        // The store blocks, and its PostgreSQL client refuses to where others run.
        let (setup, authority) = tokio::task::block_in_place(|| {
            let store = open_store(config, &directory)?;
            let authority = Arc::new(authority(config, &directory, store, &base_url)?);
            start_up(&authority).map_err(database)?;
            upstreams(config, &authority)?;
            let setup = authority.setup_begin().map_err(database)?;
            Ok::<_, Failure>((setup, authority))
        })?;
        if let Some(protection) = &protection {
            authority.note_certificate_end(protection.tls.ends_at());
        }
        let gate_settings = GateSettings {
            base_url: Arc::from(base_url.as_str()),
            rate_token_per_hour: config.rate_token_per_hour,
            rate_anonymous_per_hour: config.rate_anonymous_per_hour,
            trusted_proxies: config.trusted_proxies.clone(),
            // Not for our own authority: a browser would remember it for `localhost`, whatever else runs there.
            strict_transport: config.tls_certificate.is_some(),
        };
        Ok(Server {
            gate: Arc::new(
                Gate::new(authority.clone(), routes(), gate_settings)
                    .asked_from(config.authorize_trusted_peers.clone()),
            ),
            authority,
            listener,
            protection,
            settings: ListenSettings {
                connections_max: config.connections_max,
                connections_per_address_max: config.connections_per_address_max,
                idle_seconds_max: config.idle_seconds_max,
                head_seconds_max: config.head_seconds_max,
                shutdown_seconds_max: config.shutdown_seconds_max,
            },
            address,
            base_url,
            setup,
            _directory: directory,
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its address as clients write it.
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// The file that clients have to trust, where the certificate is the server's own.
    pub fn authority_file(&self) -> Option<PathBuf> {
        self.protection.as_ref().and_then(Protection::authority_file)
    }

    /// The address that makes the first administrator, for the console alone; `None` when there is one.
    pub fn setup_url(&self) -> Option<Zeroizing<String>> {
        let link = self.setup.as_ref()?;
        Some(Zeroizing::new(format!(
            "{}/setup?code={}",
            self.base_url,
            link.secret.as_str()
        )))
    }

    /// Answers until `stop` resolves, then lets running requests end.
    pub async fn run(self, stop: impl Future<Output = ()>) {
        let ender = bailiwick_gateway::GatewayEnder::new(&self.authority);
        self.authority.end_planted_with(Arc::new(ender));
        let registries = bailiwick_gateway::GatewayRegistries::new(&self.authority);
        self.authority.ask_registries_with(Arc::new(registries));
        // Subscribed first, and mounted before the first request is answered.
        let changes = self.authority.upstream_changes();
        mount_once(&self.authority, &self.gate).await;
        let mut beside = vec![
            tokio::spawn(upkeep(self.authority.clone())),
            tokio::spawn(mount(self.authority.clone(), self.gate.clone(), changes)),
            tokio::spawn(bailiwick_gateway::directory::keep(self.authority.clone())),
        ];
        let tls = self.protection.as_ref().map(|protection| protection.tls.clone());
        if let Some(protection) = self.protection {
            beside.push(tokio::spawn(watch(protection, self.authority.clone())));
        }
        serve_listener(self.gate, self.listener, tls, self.settings, stop).await;
        for task in beside {
            task.abort();
            // Cancelled or not, it has let go of the store by then.
            let _ended = task.await;
        }
        tokio::task::block_in_place(|| drop(self.authority));
    }
}

/// A fault of a use case that was called directly, whose private half may be told to the operator.
fn database(fault: Fault) -> Failure {
    match fault.source() {
        Some(source) => Failure::local("the database", source),
        None => Failure::local("the database", fault),
    }
}

/// The use cases on this directory. Needs the runtime: hooks are listened for at once.
fn authority(
    config: &Config,
    directory: &DataDirectory,
    store: Store,
    base_url: &str,
) -> Result<Authority, Failure> {
    let program = std::env::current_exe().map_err(|error| Failure::local("this program", error))?;
    let repositories = Repositories::new(directory.repositories(), program)
        .map_err(|error| Failure::local("the repositories", error))?;
    let hooks = HookListener::bind(&directory.hook_socket()?)
        .map_err(|error| Failure::local("the hooks' socket", error))?;
    let random = SystemRandom::new().map_err(|error| Failure::local("random bytes", error))?;
    let settings = Settings {
        prefixes: config.prefixes(),
        base_url: base_url.to_owned(),
        node: config.node.clone(),
    };
    let seal = directory.seal(&random)?;
    let authority = Authority::new(
        store,
        repositories,
        Arc::new(SystemClock),
        Arc::new(random),
        settings,
    )
    .map_err(|error| Failure::local("cannot start", error))?;
    Ok(authority.with_hook_listener(hooks).with_seal(seal))
}

/// Makes the upstreams of the configuration file what it says.
fn upstreams(config: &Config, authority: &Authority) -> Result<(), Failure> {
    let tables = config
        .upstreams
        .iter()
        .map(|table| table.resolve(|name| std::env::var(name).ok()))
        .collect::<Result<Vec<_>, String>>()
        .map_err(Failure::Usage)?;
    let done = authority
        .upstreams_from_file(&tables)
        .map_err(|fault| match fault.source() {
            Some(source) => Failure::local("the upstreams of the configuration file", source),
            None => Failure::Usage(fault.message),
        })?;
    if done != bailiwick_authority::upstream::file::FromFile::default() {
        tracing::info!(
            ?done,
            "the upstreams of the configuration file were brought up to date"
        );
    }
    Ok(())
}

/// What a crash left open is closed before anything is served.
fn start_up(authority: &Arc<Authority>) -> Result<(), Fault> {
    let pushes = authority.push_reconcile()?;
    if pushes > 0 {
        tracing::warn!(pushes, "pushes that a crash interrupted were recorded as such");
    }
    // Walking every repository takes long where there are many; nothing depends on it.
    let authority = authority.clone();
    tokio::task::spawn_blocking(move || match authority.clear_leftovers() {
        Ok(0) => {}
        Ok(removed) => tracing::info!(removed, "directories of deleted repositories were removed"),
        Err(fault) => tracing::warn!(%fault, "leftover repositories could not be removed"),
    });
    Ok(())
}

/// What is done every hour, and at the start: what time has ended is swept, and once a day events go that are older
/// than they are kept.
async fn upkeep(authority: Arc<Authority>) {
    for hour in 0_u64.. {
        let authority = authority.clone();
        let done = tokio::task::spawn_blocking(move || {
            match authority.sweep(authority.now()) {
                Ok(swept) if swept.is_empty() => {}
                Ok(swept) => tracing::info!(?swept, "what time had ended was swept"),
                Err(fault) => tracing::warn!(%fault, "what time had ended could not be swept"),
            }
            match authority.mirrors_sweep() {
                Ok(0) => {}
                Ok(removed) => tracing::info!(removed, "mirrors that are not needed any more were removed"),
                Err(fault) => tracing::warn!(%fault, "mirrors could not be looked through"),
            }
            if !hour.is_multiple_of(HOURS_PER_DAY) {
                return;
            }
            match authority.audit_prune() {
                Ok(0) => {}
                Ok(removed) => tracing::info!(removed, "audit events older than they are kept were removed"),
                Err(fault) => tracing::warn!(%fault, "old audit events could not be removed"),
            }
        });
        if let Err(error) = done.await {
            tracing::warn!(%error, "upkeep could not be done");
        }
        tokio::time::sleep(Duration::from_secs(UPKEEP_SECONDS)).await;
    }
}

/// Mounts the upstreams that have a catalogue of their own again whenever one changes.
async fn mount(authority: Arc<Authority>, gate: Arc<Gate>, mut changes: tokio::sync::watch::Receiver<u64>) {
    while changes.changed().await.is_ok() {
        changes.mark_unchanged();
        mount_once(&authority, &gate).await;
    }
}

/// Mounts what there is now. What cannot be read stays as it was: its operations are refused where their upstream is
/// gone.
async fn mount_once(authority: &Arc<Authority>, gate: &Gate) {
    let reading = authority.clone();
    let read = tokio::task::spawn_blocking(move || reading.upstreams()).await;
    match read {
        Ok(Ok(upstreams)) => {
            if let Err(error) = gate.mounts().replace(upstreams.extensions()) {
                tracing::error!(?error, "upstreams could not be mounted");
            }
            let registries = upstreams.registries().into_iter();
            gate.mounts().replace_registries(
                registries
                    .map(|(name, id, kind)| MountedRegistry { name, id, kind })
                    .collect(),
            );
        }
        Ok(Err(fault)) => tracing::error!(%fault, "the upstreams cannot be read"),
        Err(error) => tracing::error!(%error, "the upstreams cannot be read"),
    }
}

/// Every handler.
fn routes() -> Routes {
    let mut routes = Routes::new();
    bailiwick_rest::register(&mut routes);
    bailiwick_host::register(&mut routes);
    bailiwick_pages::register(&mut routes);
    bailiwick_gateway::register(&mut routes);
    routes
}

/// Resolves when the process is asked to end.
pub async fn asked_to_stop() {
    use tokio::signal::unix::{SignalKind, signal};
    let (interrupt, terminate) = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()));
    match (interrupt, terminate) {
        (Ok(mut interrupt), Ok(mut terminate)) => {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
        }
        (Err(error), _) | (_, Err(error)) => {
            // The system's own handling then ends the process; only the graceful part is lost.
            tracing::warn!(%error, "signals cannot be handled");
            std::future::pending::<()>().await;
        }
    }
}
