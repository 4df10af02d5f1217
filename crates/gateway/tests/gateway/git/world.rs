//! A gate with the gateway on a loopback listener, before an upstream of kind `git`, and the plain git client.
//! alice owns acme, bob may write to acme/site, which is called team/website there; acme/www is public.

pub use crate::client::{bad, git, git_with, good};
use crate::still::{TestClock, TestRandom};
use bailiwick_authority::seal::Seal;
use bailiwick_authority::{Authority, Clock, Random, Settings};
use bailiwick_gate::{Body, Gate, GateSettings, ListenSettings, Routes, serve_listener};
use bailiwick_git::{HookListener, Repositories, Repository, hook};
use bailiwick_model::grant::ResourceOwner;
use bailiwick_model::{
    AccountId, OrganizationRole, RepositoryId, RepositoryRole, Selection, TokenId, TokenKind, TokenText,
    UpstreamId, UpstreamKind, UpstreamSettings, Visibility,
};
use bailiwick_store::{
    AccountKind, AccountRow, GrantRow, RepositoryRow, Secret, Store, StoreError, Target, TokenRow, Tx,
    UpstreamRow, account, audit, collaborator, grant, membership, repository, token, upstream,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http_body_util::BodyExt;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock};
use zeroize::Zeroizing;

/// Git starts this test alone, as its hook. Started by a person, it shows that a hook without a server refuses.
#[test]
fn runs_as_the_hook() {
    if std::env::var_os(hook::NONCE_VARIABLE).is_some() {
        let accepted = hook::main() == std::process::ExitCode::SUCCESS;
        std::process::exit(i32::from(!accepted));
    }
    assert_ne!(hook::main(), std::process::ExitCode::SUCCESS);
}

/// Everything that is logged while the tests run.
static LOG: OnceLock<Arc<Mutex<Vec<u8>>>> = OnceLock::new();

struct Kept(Arc<Mutex<Vec<u8>>>);

impl Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// What was logged so far, by every test of this run.
pub fn logged() -> String {
    let log = LOG.get_or_init(|| {
        let kept: Arc<Mutex<Vec<u8>>> = Arc::default();
        let writer = kept.clone();
        tracing_subscriber::fmt()
            .with_max_level(tracing::Level::TRACE)
            .with_writer(move || Kept(writer.clone()))
            .init();
        kept
    });
    String::from_utf8_lossy(&log.lock().unwrap()).into_owned()
}

/// An upstream as it is set up.
pub struct Behind {
    pub address: String,
    pub settings: UpstreamSettings,
    pub secrets: Vec<(&'static str, String)>,
}

impl Behind {
    pub fn bed(bed: &super::bed::Bed) -> Behind {
        Behind {
            address: bed.address(),
            settings: UpstreamSettings::default(),
            secrets: vec![
                ("username", super::bed::USER.into()),
                ("password", super::bed::PASSWORD.into()),
            ],
        }
    }

    pub fn at(address: String) -> Behind {
        Behind {
            address,
            settings: UpstreamSettings::default(),
            secrets: vec![("token", super::bed::PASSWORD.into())],
        }
    }

    pub fn with(mut self, change: impl FnOnce(&mut UpstreamSettings)) -> Behind {
        change(&mut self.settings);
        self
    }
}

pub struct World {
    pub gate: Arc<Gate>,
    pub authority: Arc<Authority>,
    pub store: Store,
    pub address: std::net::SocketAddr,
    pub accounts: BTreeMap<&'static str, AccountId>,
    pub repositories: BTreeMap<&'static str, RepositoryId>,
    pub directory: tempfile::TempDir,
    random: TestRandom,
}

impl World {
    /// Before an upstream. Inside a runtime with several threads.
    pub async fn before(behind: Behind) -> World {
        World::new(Some(behind), None).await
    }

    /// Hosting itself under an address that others know it by, with the repositories under their names there.
    pub async fn hosting(base_url: String) -> World {
        World::new(None, Some(base_url)).await
    }

    async fn new(behind: Option<Behind>, base_url: Option<String>) -> World {
        logged();
        let directory = tempfile::tempdir().unwrap();
        let script = directory.path().join("hook.sh");
        let test = std::env::current_exe().unwrap();
        // What the test harness prints is not the hook's.
        let text = format!(
            "#!/bin/sh\nexec '{}' --exact git::world::runs_as_the_hook --nocapture >/dev/null\n",
            test.display()
        );
        fs::write(&script, text).unwrap();
        fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
        let git = Repositories::new(directory.path().join("repositories"), script).unwrap();
        let store = Store::open(Target::Sqlite(directory.path().join("bailiwick.sqlite"))).unwrap();
        let (mut accounts, mut repositories) = (BTreeMap::new(), BTreeMap::new());
        store
            .write(|tx| fixtures(tx, behind.as_ref(), &mut accounts, &mut repositories))
            .unwrap();
        if behind.is_none() {
            for id in repositories.values() {
                git.create(id.0 as u64, "main").unwrap();
            }
        }
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let base_url = base_url.unwrap_or_else(|| format!("http://{address}"));
        let settings = Settings {
            prefixes: vec!["bwk".into()],
            base_url: base_url.clone(),
            node: "test".into(),
        };
        let hooks = HookListener::bind(&directory.path().join("hook.socket")).unwrap();
        let random = Arc::new(TestRandom::new(1));
        let authority = Authority::new(store.clone(), git, Arc::new(TestClock), random, settings).unwrap();
        let seal = Seal::new(&[Zeroizing::new(KEY)]).unwrap();
        let authority = Arc::new(authority.with_hook_listener(hooks).with_seal(seal));
        let mut routes = Routes::new();
        bailiwick_host::register(&mut routes);
        bailiwick_gateway::register(&mut routes);
        bailiwick_rest::directory::register(&mut routes);
        bailiwick_rest::package::register(&mut routes);
        let registries = bailiwick_gateway::GatewayRegistries::new(&authority);
        authority.ask_registries_with(Arc::new(registries));
        let settings = GateSettings {
            base_url: base_url.into(),
            rate_token_per_hour: 0,
            rate_anonymous_per_hour: 0,
            trusted_proxies: Vec::new(),
            strict_transport: false,
        };
        let gate = Arc::new(Gate::new(authority.clone(), routes, settings));
        tokio::spawn(serve_listener(
            gate.clone(),
            listener,
            None,
            ListenSettings::default(),
            std::future::pending(),
        ));
        World {
            gate,
            authority,
            store,
            address,
            accounts,
            repositories,
            directory,
            // Tokens of the two sides must differ, or nothing could be seen to cross.
            random: TestRandom::new(u64::from(behind.is_some()) + 77),
        }
    }

    /// A fine-grained token with an approved grant at acme.
    pub fn token(
        &self,
        login: &str,
        repositories: &[&str],
        permissions: &[(&str, &str)],
    ) -> (TokenId, String) {
        self.granted(login, repositories, permissions, true)
    }

    /// The same; not approved yet, if it says so.
    pub fn granted(
        &self,
        login: &str,
        repositories: &[&str],
        permissions: &[(&str, &str)],
        approved: bool,
    ) -> (TokenId, String) {
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
        let ids = repositories.iter().map(|name| self.repositories[name]).collect();
        let row = self
            .store
            .write(|tx| {
                let row = token::insert(tx, row)?;
                if approved {
                    let owner = ResourceOwner::Account(self.accounts["acme"]);
                    let mut given = GrantRow::new(row.id, owner, now);
                    given.permissions = permissions
                        .iter()
                        .map(|(slug, level)| ((*slug).to_owned(), (*level).to_owned()))
                        .collect();
                    (given.active, given.granted_at) = (true, Some(now));
                    grant::insert(tx, given, &Selection::subset(ids))?;
                }
                Ok::<_, StoreError>(row)
            })
            .unwrap();
        (row.id, secret.reveal().to_owned())
    }

    /// One more upstream.
    pub fn add(&self, name: &str, kind: UpstreamKind, behind: &Behind) -> UpstreamId {
        let added = self.store.write(|tx| put_upstream(tx, name, kind, behind));
        added.unwrap()
    }

    pub fn revoke(&self, id: TokenId) {
        self.store
            .write(|tx| token::revoke(tx, id, "test", TestClock.now()))
            .unwrap();
    }

    /// The address of a repository with a token as user name and password, as git clients carry it.
    pub fn url(&self, token: &str, path: &str) -> String {
        match token {
            "" => format!("http://{}/{path}", self.address),
            token => format!("http://x-access-token:{token}@{}/{path}", self.address),
        }
    }

    pub fn on_disk(&self, name: &str) -> Repository {
        self.authority
            .git()
            .open(self.repositories[name].0 as u64)
            .unwrap()
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// One request straight to the gate.
    pub async fn send(
        &self,
        method: &str,
        path: &str,
        token: &str,
        headers: &[(&str, &str)],
        body: Body,
    ) -> http::Response<Body> {
        let mut request = http::Request::builder().method(method).uri(path);
        if !token.is_empty() {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.gate
            .answer(Some([127, 0, 0, 1].into()), request.body(body).unwrap())
            .await
            .into()
    }

    /// Every event of the log, oldest first: action, outcome, reason, the token's id and the data.
    pub fn all_events(&self) -> Vec<(String, String, String, Option<TokenId>, Value)> {
        let query = audit::Query {
            ascending: true,
            ..audit::Query::new(vec![], 200)
        };
        let rows = self.store.read(|tx| audit::search(tx, &query)).unwrap();
        rows.into_iter()
            .map(|row| {
                (
                    row.action,
                    row.outcome.word().to_owned(),
                    row.reason,
                    row.token_id,
                    serde_json::from_str(&row.data).unwrap(),
                )
            })
            .collect()
    }

    /// Outcome, reason and data of the events of an action, oldest first.
    pub fn events(&self, action: &str) -> Vec<(String, String, Value)> {
        let all = self.all_events().into_iter();
        all.filter(|event| event.0 == action)
            .map(|event| (event.1, event.2, event.4))
            .collect()
    }

    /// Waits until it is on record that something ended because its token was revoked.
    pub async fn records_revocation(&self, action: &str) {
        let revoked = |event: &(String, String, Value)| event.0 == "refused" && event.1 == "token.revoked";
        self.until(|world| world.events(action).iter().any(revoked)).await;
    }

    /// Waits until a condition holds; a minute is more than any machine needs.
    pub async fn until(&self, mut holds: impl FnMut(&World) -> bool) {
        for _ in 0..1200 {
            if holds(self) {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        panic!("it did not come to pass: {:?}", self.all_events());
    }
}

/// An answer's status and body.
pub async fn read(response: http::Response<Body>) -> (u16, Vec<u8>) {
    let status = response.status().as_u16();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (status, body.to_vec())
}

const KEY: [u8; 32] = [9; 32];

/// Secrets as the authority seals them: format, the key's id, nonce and bytes, bound to their place.
fn sealed(secrets: &[(&'static str, String)], id: UpstreamId) -> Secret {
    use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
    let map: BTreeMap<_, _> = secrets.iter().cloned().collect();
    let mut bytes = serde_json::to_vec(&map).unwrap();
    let digest = ring::digest::digest(&ring::digest::SHA256, &KEY);
    let key: String = digest.as_ref()[..4]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let nonce = [5; 12];
    LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &KEY).unwrap())
        .seal_in_place_append_tag(
            Nonce::assume_unique_for_key(nonce),
            Aad::from(format!("upstream/{id}").as_bytes()),
            &mut bytes,
        )
        .unwrap();
    let all = [&nonce[..], &bytes].concat();
    Secret(format!("s1.{key}.{}", URL_SAFE_NO_PAD.encode(all)))
}

fn put_upstream(
    tx: &mut Tx<'_>,
    name: &str,
    kind: UpstreamKind,
    behind: &Behind,
) -> Result<UpstreamId, StoreError> {
    let now = TestClock.now();
    let mut row = upstream::insert(
        tx,
        UpstreamRow {
            settings: serde_json::to_string(&behind.settings).unwrap(),
            ..UpstreamRow::new(name, kind, &behind.address, now)
        },
    )?;
    if !behind.secrets.is_empty() {
        row.credential = Some(sealed(&behind.secrets, row.id));
        upstream::update(tx, &row)?;
    }
    Ok(row.id)
}

fn fixtures(
    tx: &mut Tx<'_>,
    behind: Option<&Behind>,
    accounts: &mut BTreeMap<&'static str, AccountId>,
    repositories: &mut BTreeMap<&'static str, RepositoryId>,
) -> Result<(), StoreError> {
    let now = TestClock.now();
    let upstream = behind
        .map(|behind| put_upstream(tx, "plain", UpstreamKind::Git, behind))
        .transpose()?;
    for login in ["alice", "bob", "carol", "mallory"] {
        accounts.insert(
            login,
            account::insert(tx, AccountRow::new(login, AccountKind::User, now))?.id,
        );
    }
    // Behind, the same things have other names: what arrives there tells which were used.
    let (owner, names) = match upstream {
        Some(_) => ("acme", ["www", "site", "other"]),
        None => ("team", ["public", "website", "elsewhere"]),
    };
    let acme = account::insert(tx, AccountRow::new(owner, AccountKind::Organization, now))?.id;
    accounts.insert("acme", acme);
    membership::set(tx, acme, accounts["alice"], OrganizationRole::Owner, now)?;
    membership::set(tx, acme, accounts["bob"], OrganizationRole::Member, now)?;
    for (at, (key, theirs)) in [
        ("www", "team/public"),
        ("site", "team/website"),
        ("other", "team/elsewhere"),
    ]
    .into_iter()
    .enumerate()
    {
        let visibility = if key == "www" {
            Visibility::Public
        } else {
            Visibility::Private
        };
        let mut row = RepositoryRow::new(acme, names[at], visibility, now);
        row.upstream_id = upstream;
        row.upstream_name = upstream.map(|_| theirs.to_owned());
        let id = repository::insert(tx, row)?.id;
        repositories.insert(key, id);
        for login in ["bob", "carol"] {
            if key != "other" {
                collaborator::set(tx, id, accounts[login], RepositoryRole::Write, now)?;
            }
        }
    }
    Ok(())
}
