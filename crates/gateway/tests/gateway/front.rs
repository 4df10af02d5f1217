//! A gate with the gateway on a loopback listener, before one upstream of every kind. alice owns every organization,
//! bob may write to acme/site; both have other names at the upstreams, and so has acme, which is `team` there.

mod fixtures;

pub use crate::still::TestClock;
use crate::still::TestRandom;
use bailiwick_authority::seal::Seal;
use bailiwick_authority::{Authority, Clock, Random, Settings};
use bailiwick_gate::{Gate, GateSettings, ListenSettings, MountedRegistry, Routes, serve_listener};
use bailiwick_git::Repositories;
use bailiwick_model::grant::ResourceOwner;
use bailiwick_model::{
    AccountId, OrganizationRole, RepositoryId, RepositoryRole, Selection, TokenId, TokenKind, TokenText,
    UpstreamKind, UpstreamSettings,
};
use bailiwick_store::{
    AccountKind, AccountRow, EventRow, GrantRow, Store, StoreError, Target, TokenRow, Tx, account, audit,
    collaborator, grant, membership, token,
};
use bailiwick_wire::forwarded::Network;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use zeroize::Zeroizing;

/// What an administrator of the upstreams holds; no caller and no answer may ever show it.
pub const UPSTREAM_TOKEN: &str = "upstream0administrator0token";
/// bob's own secret at the upstreams, and alice's.
pub const BOBS_SECRET: &str = "bobs0own0secret0there";
pub const ALICES_SECRET: &str = "alices0own0token0there";

/// An upstream as it is set up.
pub struct Behind {
    pub name: &'static str,
    pub kind: UpstreamKind,
    pub address: String,
    pub settings: UpstreamSettings,
    pub secrets: Vec<(&'static str, String)>,
    /// Persons, their logins there, and whether the link is active.
    pub links: Vec<(&'static str, &'static str, bool)>,
}

impl Behind {
    pub fn new(name: &'static str, kind: UpstreamKind, address: String) -> Behind {
        let secret = if kind == UpstreamKind::Generic {
            "secret"
        } else {
            "token"
        };
        let mut settings = UpstreamSettings::default();
        if kind == UpstreamKind::Generic {
            settings.catalogue = Some(include_str!("../../../../examples/generic/artifacts.txt").into());
            settings.headers = vec![
                "Authorization: Bearer {secret}".into(),
                "X-Remote-User: {upstream_login}".into(),
            ];
        }
        Behind {
            name,
            kind,
            address,
            settings,
            secrets: vec![(secret, UPSTREAM_TOKEN.into())],
            links: vec![
                ("alice", "alice-there", true),
                ("bob", "bobby", true),
                ("carol", "ghost", true),
                ("erin", "erin-there", false),
                ("frank", "suspended", true),
            ],
        }
    }

    pub fn with(mut self, change: impl FnOnce(&mut UpstreamSettings)) -> Behind {
        change(&mut self.settings);
        self
    }
}

/// A grant: the owner, the repositories of it (`None`: all), and the permissions.
pub type Granted<'a> = (&'a str, Option<&'a [&'a str]>, &'a [(&'a str, &'a str)]);

pub struct Front {
    pub store: Store,
    pub address: SocketAddr,
    pub accounts: BTreeMap<&'static str, AccountId>,
    pub repositories: BTreeMap<&'static str, RepositoryId>,
    // Keeps what lies in it.
    _directory: tempfile::TempDir,
    random: TestRandom,
}

impl Front {
    /// Inside a runtime with several threads.
    pub async fn before(behind: Vec<Behind>) -> Front {
        Front::asked_from(behind, &[]).await
    }

    /// The same, which decides for proxies in these networks.
    pub async fn asked_from(behind: Vec<Behind>, peers: &[&str]) -> Front {
        Front::new(behind, peers, 0).await
    }

    /// The same, where a token has so many requests an hour.
    pub async fn rated(behind: Vec<Behind>, per_hour: u32) -> Front {
        Front::new(behind, &[], per_hour).await
    }

    async fn new(behind: Vec<Behind>, peers: &[&str], per_hour: u32) -> Front {
        let directory = tempfile::tempdir().unwrap();
        let git = Repositories::new(directory.path().join("repositories"), "/bin/false".into()).unwrap();
        let store = Store::open(Target::Sqlite(directory.path().join("bailiwick.sqlite"))).unwrap();
        let (mut accounts, mut repositories) = (BTreeMap::new(), BTreeMap::new());
        store
            .write(|tx| fixtures::all(tx, &behind, &mut accounts, &mut repositories))
            .unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let base_url = format!("http://{address}");
        let settings = Settings {
            prefixes: vec!["bwk".into()],
            base_url: base_url.clone(),
            node: "test".into(),
        };
        let random = Arc::new(TestRandom::new(1));
        let authority = Authority::new(store.clone(), git, Arc::new(TestClock), random, settings).unwrap();
        let seal = Seal::new(&[Zeroizing::new(fixtures::KEY)]).unwrap();
        let authority = Arc::new(authority.with_seal(seal));
        let mut routes = Routes::new();
        bailiwick_host::register(&mut routes);
        bailiwick_gateway::register(&mut routes);
        bailiwick_rest::package::register(&mut routes);
        let registries = bailiwick_gateway::GatewayRegistries::new(&authority);
        authority.ask_registries_with(Arc::new(registries));
        let settings = GateSettings {
            base_url: base_url.into(),
            rate_token_per_hour: per_hour,
            rate_anonymous_per_hour: per_hour,
            trusted_proxies: Vec::new(),
            strict_transport: false,
        };
        let peers = peers.iter().map(|peer| Network::parse(peer).unwrap()).collect();
        let gate = Arc::new(Gate::new(authority.clone(), routes, settings).asked_from(peers));
        let extensions = authority.upstreams().unwrap().extensions();
        gate.mounts().replace(extensions).unwrap();
        let registries = authority.upstreams().unwrap().registries().into_iter();
        gate.mounts().replace_registries(
            registries
                .map(|(name, id, kind)| MountedRegistry { name, id, kind })
                .collect(),
        );
        let limits = ListenSettings::default();
        tokio::spawn(serve_listener(
            gate,
            listener,
            None,
            limits,
            std::future::pending(),
        ));
        Front {
            store,
            address,
            accounts,
            repositories,
            _directory: directory,
            random: TestRandom::new(77),
        }
    }

    /// A fine-grained token with active grants.
    pub fn token(&self, login: &str, grants: &[Granted<'_>]) -> (TokenId, String) {
        let secret = TokenText::generate("bwk", TokenKind::FineGrained, &mut |bytes| {
            self.random.fill(bytes)
        });
        let now = TestClock.now();
        let mut row = TokenRow::new(
            TokenKind::FineGrained,
            self.accounts[login],
            secret.reveal(),
            secret.digest(),
            now,
        );
        row.expires_at = Some(now.plus_days(30));
        let row = self
            .store
            .write(|tx| {
                let row = token::insert(tx, row)?;
                for (owner, selected, permissions) in grants {
                    let owner = ResourceOwner::Account(self.accounts[owner]);
                    let mut given = GrantRow::new(row.id, owner, now);
                    given.permissions = permissions
                        .iter()
                        .map(|(slug, level)| ((*slug).to_owned(), (*level).to_owned()))
                        .collect();
                    (given.active, given.granted_at) = (true, Some(now));
                    let selection = selected.map_or(Selection::All, |names| {
                        Selection::subset(names.iter().map(|name| self.repositories[name]).collect())
                    });
                    grant::insert(tx, given, &selection)?;
                }
                Ok::<_, StoreError>(row)
            })
            .unwrap();
        (row.id, secret.reveal().to_owned())
    }

    /// One more member of acme who may write to acme/site.
    pub fn writes_to_site(&self, login: &str) -> AccountId {
        let now = TestClock.now();
        let join = |tx: &mut Tx<'_>| {
            let id = account::insert(tx, AccountRow::new(login, AccountKind::User, now))?.id;
            let (member, write) = (OrganizationRole::Member, RepositoryRole::Write);
            membership::set(tx, self.accounts["acme"], id, member, now)?;
            collaborator::set(tx, self.repositories["site"], id, write, now)?;
            Ok::<_, StoreError>(id)
        };
        self.store.write(join).unwrap()
    }

    /// Lets tokens plant at these owners.
    pub fn open_planting(&self, owners: &[&str]) {
        let open = |tx: &mut Tx<'_>| {
            for owner in owners {
                let mut row = account::by_id(tx, self.accounts[owner])?.unwrap();
                row.policy.planting = Some(true);
                account::update(tx, &row)?;
            }
            Ok::<_, StoreError>(())
        };
        self.store.write(open).unwrap();
    }

    /// Sends these bytes, and reads whatever comes back until the connection ends.
    pub async fn raw(&self, bytes: &[u8]) -> Vec<u8> {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        let mut back = Vec::new();
        // A server that refuses a head may close before it has read everything.
        let _ = stream.write_all(bytes).await;
        let _ = stream.shutdown().await;
        let read = stream.read_to_end(&mut back);
        let _ = tokio::time::timeout(std::time::Duration::from_secs(60), read)
            .await
            .expect("an answer within a minute");
        back
    }

    /// One request with these headers, on a connection of its own.
    pub async fn send(&self, method: &str, target: &str, headers: &[(&str, &str)], body: &[u8]) -> Answered {
        let mut bytes = format!("{method} {target} HTTP/1.1\r\nhost: front\r\nconnection: close\r\n");
        for (name, value) in headers {
            bytes.push_str(&format!("{name}: {value}\r\n"));
        }
        if !body.is_empty() || matches!(method, "POST" | "PUT" | "PATCH") {
            bytes.push_str(&format!("content-length: {}\r\n", body.len()));
        }
        bytes.push_str("\r\n");
        let mut bytes = bytes.into_bytes();
        bytes.extend_from_slice(body);
        Answered::read(&self.raw(&bytes).await)
    }

    /// One request with a token, and JSON if there is a body.
    pub async fn ask(&self, method: &str, target: &str, token: &str, body: &str) -> Answered {
        let authorization = format!("Bearer {token}");
        let mut headers = Vec::new();
        if !token.is_empty() {
            headers.push(("authorization", authorization.as_str()));
        }
        if !body.is_empty() {
            headers.push(("content-type", "application/json"));
        }
        self.send(method, target, &headers, body.as_bytes()).await
    }

    /// The time that it is here.
    pub fn now(&self) -> bailiwick_model::Timestamp {
        TestClock.now()
    }

    /// Every event of the log, oldest first.
    pub fn events(&self) -> Vec<EventRow> {
        let query = audit::Query {
            ascending: true,
            ..audit::Query::new(vec![], 1000)
        };
        self.store.read(|tx| audit::search(tx, &query)).unwrap()
    }
}

/// An answer, read to its end.
#[derive(Debug)]
pub struct Answered {
    pub status: u16,
    pub head: String,
    pub body: Vec<u8>,
    pub json: serde_json::Value,
}

impl Answered {
    /// The first answer in these bytes; status 0 if there is none.
    pub fn read(bytes: &[u8]) -> Answered {
        let end = bytes.windows(4).position(|window| window == b"\r\n\r\n");
        let head = String::from_utf8_lossy(&bytes[..end.unwrap_or(0)]).into_owned();
        let body = end.map_or(Vec::new(), |end| bytes[end + 4..].to_vec());
        let status = head.split(' ').nth(1).map_or(0, |text| text.parse().unwrap());
        Answered {
            status,
            json: serde_json::from_slice(&body).unwrap_or_default(),
            head,
            body,
        }
    }

    pub fn reason(&self) -> &str {
        self.json["reason"].as_str().unwrap_or_default()
    }

    #[track_caller]
    pub fn expect(self, status: u16) -> Answered {
        let text = String::from_utf8_lossy(&self.body);
        assert_eq!(self.status, status, "{}\n{text}", self.head);
        self
    }
}
