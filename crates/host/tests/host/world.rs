//! A server on a loopback listener with a temporary database and repositories, and the plain git client.
//! alice owns acme, bob and carol may write to acme/site, mallory is a stranger.

use crate::client::good;
use crate::still::{TestClock, TestRandom};
use bailiwick_authority::{Authority, Clock, Random, Settings};
use bailiwick_gate::{Body, Gate, GateSettings, ListenSettings, Routes, serve_listener};
use bailiwick_git::{HookListener, Repositories, Repository, hook};
use bailiwick_model::grant::ResourceOwner;
use bailiwick_model::{
    AccountId, OrganizationRole, RepositoryId, RepositoryRole, Selection, TokenId, TokenKind, TokenText,
    Visibility,
};
use bailiwick_store::{
    AccountKind, AccountRow, GrantRow, RepositoryRow, Store, StoreError, Target, TokenRow, Tx, account,
    audit, collaborator, grant, membership, repository, token,
};
use http_body_util::BodyExt;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Git starts this test alone, as its hook. Started by a person, it shows that a hook without a server refuses.
#[test]
fn runs_as_the_hook() {
    if std::env::var_os(hook::NONCE_VARIABLE).is_some() {
        let accepted = hook::main() == std::process::ExitCode::SUCCESS;
        std::process::exit(i32::from(!accepted));
    }
    assert_ne!(hook::main(), std::process::ExitCode::SUCCESS);
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
    /// Inside a runtime with several threads.
    pub async fn new() -> World {
        let directory = tempfile::tempdir().unwrap();
        let script = directory.path().join("hook.sh");
        let test = std::env::current_exe().unwrap();
        // What the test harness prints is not the hook's.
        let text = format!(
            "#!/bin/sh\nexec '{}' --exact world::runs_as_the_hook --nocapture >/dev/null\n",
            test.display()
        );
        fs::write(&script, text).unwrap();
        fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
        let git = Repositories::new(directory.path().join("repositories"), script).unwrap();
        let store = Store::open(Target::Sqlite(directory.path().join("bailiwick.sqlite"))).unwrap();
        let (mut accounts, mut repositories) = (BTreeMap::new(), BTreeMap::new());
        store
            .write(|tx| fixtures(tx, &mut accounts, &mut repositories))
            .unwrap();
        for id in repositories.values() {
            git.create(id.0 as u64, "main").unwrap();
        }
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let base_url = format!("http://{address}");
        let settings = Settings {
            prefixes: vec!["bwk".into()],
            base_url: base_url.clone(),
            node: "test".into(),
        };
        let hooks = HookListener::bind(&directory.path().join("hook.socket")).unwrap();
        let random = Arc::new(TestRandom::new(1));
        let authority = Authority::new(store.clone(), git, Arc::new(TestClock), random, settings).unwrap();
        let authority = Arc::new(authority.with_hook_listener(hooks));
        let mut routes = Routes::new();
        bailiwick_host::register(&mut routes);
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
            random: TestRandom::new(77),
        }
    }

    /// A fine-grained token with an approved grant at acme.
    pub fn token(
        &self,
        login: &str,
        repositories: &[&str],
        permissions: &[(&str, &str)],
    ) -> (TokenId, String) {
        let secret = self.secret(TokenKind::FineGrained);
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
                let mut given = GrantRow::new(row.id, ResourceOwner::Account(self.accounts["acme"]), now);
                given.permissions = permissions
                    .iter()
                    .map(|(slug, level)| ((*slug).to_owned(), (*level).to_owned()))
                    .collect();
                (given.active, given.granted_at) = (true, Some(now));
                grant::insert(tx, given, &Selection::subset(ids))?;
                Ok::<_, StoreError>(row)
            })
            .unwrap();
        (row.id, secret.reveal().to_owned())
    }

    /// A classic token.
    pub fn classic(&self, login: &str, scopes: &str) -> String {
        let secret = self.secret(TokenKind::Classic);
        let now = TestClock.now();
        let mut row = TokenRow::new(
            TokenKind::Classic,
            self.accounts[login],
            secret.reveal(),
            secret.digest(),
            now,
        );
        row.scopes = scopes.to_owned();
        self.store.write(|tx| token::insert(tx, row)).unwrap();
        secret.reveal().to_owned()
    }

    fn secret(&self, kind: TokenKind) -> TokenText {
        TokenText::generate("bwk", kind, &mut |bytes| self.random.fill(bytes))
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

    /// A working copy with one commit, and that commit in a repository of the server.
    pub fn seeded(&self, name: &str) -> PathBuf {
        let copy = self.path(&format!("seed-{name}"));
        fs::create_dir(&copy).unwrap();
        good(&copy, &["init", "--quiet", "--initial-branch=main"]);
        self.commit(&copy, "README", "hello\n");
        let bare = self.on_disk(name).directory().to_owned();
        good(&copy, &["push", "--quiet", bare.to_str().unwrap(), "main"]);
        copy
    }

    /// One more commit with this file.
    pub fn commit(&self, copy: &Path, file: &str, text: &str) -> String {
        let file = copy.join(file);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
        good(copy, &["add", "."]);
        good(copy, &["commit", "--quiet", "-m", "change"]);
        good(copy, &["rev-parse", "HEAD"]).trim().to_owned()
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

    /// Actions of the log with their outcome and reason, oldest first; what is written soon is waited for.
    pub fn events(&self, action: &str) -> Vec<(String, String, Value)> {
        let query = audit::Query {
            ascending: true,
            ..audit::Query::new(
                vec![audit::Condition::is(audit::Match::Action(action.to_owned()))],
                100,
            )
        };
        let rows = self.store.read(|tx| audit::search(tx, &query)).unwrap();
        rows.into_iter()
            .map(|row| {
                (
                    row.outcome.word().to_owned(),
                    row.reason,
                    serde_json::from_str(&row.data).unwrap(),
                )
            })
            .collect()
    }

    /// Waits until a condition holds; a minute is more than any machine needs.
    pub async fn until(&self, mut holds: impl FnMut(&World) -> bool) {
        for _ in 0..1200 {
            if holds(self) {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        panic!("it did not come to pass");
    }
}

/// An answer's status and body.
pub async fn read(response: http::Response<Body>) -> (u16, Vec<u8>) {
    let status = response.status().as_u16();
    (
        status,
        response.into_body().collect().await.unwrap().to_bytes().to_vec(),
    )
}

fn fixtures(
    tx: &mut Tx<'_>,
    accounts: &mut BTreeMap<&'static str, AccountId>,
    repositories: &mut BTreeMap<&'static str, RepositoryId>,
) -> Result<(), StoreError> {
    let now = TestClock.now();
    for login in ["alice", "bob", "carol", "mallory"] {
        accounts.insert(
            login,
            account::insert(tx, AccountRow::new(login, AccountKind::User, now))?.id,
        );
    }
    let acme = account::insert(tx, AccountRow::new("acme", AccountKind::Organization, now))?.id;
    accounts.insert("acme", acme);
    membership::set(tx, acme, accounts["alice"], OrganizationRole::Owner, now)?;
    membership::set(tx, acme, accounts["bob"], OrganizationRole::Member, now)?;
    for (name, visibility) in [
        ("www", Visibility::Public),
        ("site", Visibility::Private),
        ("other", Visibility::Private),
    ] {
        repositories.insert(
            name,
            repository::insert(tx, RepositoryRow::new(acme, name, visibility, now))?.id,
        );
    }
    for login in ["bob", "carol"] {
        for name in ["site", "www"] {
            collaborator::set(
                tx,
                repositories[name],
                accounts[login],
                RepositoryRole::Write,
                now,
            )?;
        }
    }
    Ok(())
}
