//! A whole gate in process on a temporary SQLite database, with the people and places that all tests share:
//! alice owns acme, bob is a member, carol an outside collaborator on acme/site, mallory a stranger.

use bailiwick_authority::{Authority, Clock, Random, Settings};
use bailiwick_gate::{Gate, GateSettings, Routes, whole};
use bailiwick_model::{
    AccountId, OrganizationRole, RepositoryId, RepositoryRole, Timestamp, TokenKind, TokenText, Visibility,
};
use bailiwick_store::{
    AccountKind, AccountRow, EnterpriseRow, RepositoryRow, SessionRow, Store, Target, account, collaborator,
    enterprise, membership, repository, session,
};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

/// A clock that moves only when told.
pub struct TestClock(AtomicI64);

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
}

/// Predictable bytes, different at each call.
struct TestRandom(AtomicU64);

impl Random for TestRandom {
    fn fill(&self, bytes: &mut [u8]) {
        for byte in bytes {
            let mut word = self.0.fetch_add(0x9E37_79B9_7F4A_7C15, Ordering::SeqCst);
            word ^= word >> 29;
            word = word.wrapping_mul(0xBF58_476D_1CE4_E5B9);
            *byte = (word >> 32) as u8;
        }
    }
}

/// Bytes for what a test makes by itself.
pub fn random() -> Arc<dyn Random> {
    Arc::new(TestRandom(AtomicU64::new(7)))
}

/// An answer, read to its end.
#[derive(Debug)]
pub struct Answered {
    pub status: u16,
    pub headers: http::HeaderMap,
    pub bytes: Vec<u8>,
    pub json: Value,
}

impl Answered {
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.bytes).unwrap()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    #[track_caller]
    pub fn expect(self, status: u16) -> Answered {
        assert_eq!(self.status, status, "{}", String::from_utf8_lossy(&self.bytes));
        self
    }
}

/// The server with its fixtures.
pub struct World {
    pub gate: Arc<Gate>,
    pub authority: Arc<Authority>,
    pub store: Store,
    pub clock: Arc<TestClock>,
    pub accounts: BTreeMap<&'static str, AccountId>,
    pub repositories: BTreeMap<&'static str, RepositoryId>,
    pub directory: tempfile::TempDir,
    random: TestRandom,
}

pub const BASE_URL: &str = "http://127.0.0.1:8417";

impl World {
    pub fn new() -> World {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::open(Target::Sqlite(directory.path().join("bailiwick.db"))).unwrap();
        let git =
            bailiwick_git::Repositories::new(directory.path().join("repositories"), "/bin/false".into())
                .unwrap();
        let clock = Arc::new(TestClock(AtomicI64::new(
            Timestamp::parse("2026-03-10T12:00:00Z").unwrap().0,
        )));
        let mut accounts = BTreeMap::new();
        let mut repositories = BTreeMap::new();
        let now = clock.now();
        store
            .write(|tx| fixtures(tx, now, &mut accounts, &mut repositories))
            .unwrap();
        for id in repositories.values() {
            git.create(id.0 as u64, "main").unwrap();
        }
        let settings = Settings {
            prefixes: vec![String::from("bwk")],
            base_url: String::from(BASE_URL),
            node: String::from("test"),
        };
        let authority = Arc::new(
            Authority::new(
                store.clone(),
                git,
                clock.clone(),
                Arc::new(TestRandom(AtomicU64::new(1))),
                settings,
            )
            .unwrap(),
        );
        let mut routes = Routes::new();
        crate::register(&mut routes);
        let gate = Arc::new(Gate::new(
            authority.clone(),
            routes,
            GateSettings {
                base_url: BASE_URL.into(),
                rate_token_per_hour: 5000,
                rate_anonymous_per_hour: 60,
                trusted_proxies: Vec::new(),
                strict_transport: false,
            },
        ));
        World {
            gate,
            authority,
            store,
            clock,
            accounts,
            repositories,
            directory,
            random: TestRandom(AtomicU64::new(99)),
        }
    }

    pub fn clock_now(&self) -> Timestamp {
        self.clock.now()
    }

    pub fn advance_days(&self, days: i64) {
        self.clock
            .0
            .fetch_add(days * bailiwick_model::time::DAY, Ordering::SeqCst);
    }

    pub fn clock_forward_seconds(&self, seconds: i64) {
        self.clock
            .0
            .fetch_add(seconds * bailiwick_model::time::SECOND, Ordering::SeqCst);
    }

    pub fn clock_forward_hours(&self, hours: i64) {
        self.clock
            .0
            .fetch_add(hours * 3600 * bailiwick_model::time::SECOND, Ordering::SeqCst);
    }

    /// A session of a person, in sudo mode.
    pub fn session(&self, login: &str) -> String {
        let secret = TokenText::generate("bwk", TokenKind::Session, &mut |bytes| self.random.fill(bytes));
        let now = self.clock.now();
        let mut row = SessionRow::new(self.accounts[login], secret.digest(), now, now.plus_days(14));
        row.sudo_until = now.plus_seconds(7200);
        self.store.write(|tx| session::insert(tx, row)).unwrap();
        secret.reveal().to_owned()
    }

    /// One request; `credential` goes as Bearer, an empty one not at all. Paths are below `/api/v3`.
    pub async fn call(&self, method: &str, path: &str, credential: &str, body: Value) -> Answered {
        let mut request = http::Request::builder()
            .method(method)
            .uri(format!("/api/v3{path}"))
            .header("user-agent", "tests");
        if !credential.is_empty() {
            request = request.header("authorization", format!("Bearer {credential}"));
        }
        let body = if body.is_null() {
            Vec::new()
        } else {
            body.to_string().into_bytes()
        };
        self.send(request.body(whole(body)).unwrap()).await
    }

    /// A raw request.
    pub async fn send(&self, request: http::Request<bailiwick_gate::Body>) -> Answered {
        let answer = self.gate.answer(Some([127, 0, 0, 1].into()), request).await;
        let bytes = answer.body.collect().await.unwrap().to_bytes().to_vec();
        let json = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        Answered {
            status: answer.status.as_u16(),
            headers: answer.headers.into(),
            bytes,
            json,
        }
    }

    pub async fn get(&self, path: &str, credential: &str) -> Answered {
        self.call("GET", path, credential, Value::Null).await
    }

    /// Mints a fine-grained token for repositories of acme and returns its id and text. Pending for members.
    pub async fn mint(
        &self,
        login: &str,
        name: &str,
        repositories: &[&str],
        permissions: Value,
    ) -> (i64, String) {
        let session = self.session(login);
        let grant = json!({"owner": "acme", "repositories": repositories, "permissions": permissions});
        let body = json!({"name": name, "grants": [grant]});
        let made = self
            .call("POST", "/user/personal-access-tokens", &session, body)
            .await
            .expect(201);
        (
            made.json["id"].as_i64().unwrap(),
            made.json["token"].as_str().unwrap().to_owned(),
        )
    }

    /// The same, and alice approves whatever is pending for it.
    pub async fn mint_approved(
        &self,
        login: &str,
        name: &str,
        repositories: &[&str],
        permissions: Value,
    ) -> (i64, String) {
        let (id, text) = self.mint(login, name, repositories, permissions).await;
        let owner = self.session("alice");
        let path = format!("/orgs/acme/personal-access-token-requests?token_id[]={id}");
        let pending = self.get(&path, &owner).await.expect(200);
        for request in pending.json.as_array().unwrap() {
            let path = format!("/orgs/acme/personal-access-token-requests/{}", request["id"]);
            self.call("POST", &path, &owner, json!({"action": "approve"}))
                .await
                .expect(204);
        }
        (id, text)
    }

    /// Lets tokens make what can itself authenticate at these accounts.
    pub fn open_planting(&self, logins: &[&str]) {
        let open = |tx: &mut bailiwick_store::Tx<'_>| -> Result<(), bailiwick_store::StoreError> {
            for login in logins {
                let mut row = account::by_id(tx, self.accounts[login])?.unwrap();
                row.policy.planting = Some(true);
                account::update(tx, &row)?;
            }
            Ok(())
        };
        self.store.write(open).unwrap();
    }

    /// Every row of every table but these, as text.
    pub fn rows_besides(&self, tables: &[&str]) -> Vec<String> {
        let read = |tx: &mut bailiwick_store::Tx<'_>| -> Result<Vec<String>, bailiwick_store::StoreError> {
            let mut all = Vec::new();
            for mut row in tx.query(
                "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name",
                &[],
            )? {
                let table = row.text()?;
                if tables.contains(&table.as_str()) {
                    continue;
                }
                let columns = format!(
                    "SELECT group_concat('quote(\"' || name || '\")', '||'',''||') FROM pragma_table_info('{table}')"
                );
                let columns = tx.one(&columns, &[])?.text()?;
                for mut row in tx.query(&format!("SELECT {columns} FROM {table} ORDER BY 1"), &[])? {
                    all.push(format!("{table}: {}", row.text()?));
                }
            }
            Ok(all)
        };
        self.store.read(read).unwrap()
    }

    /// Every file of the server on disk with its size, but for the database.
    pub fn files(&self) -> Vec<String> {
        let mut waiting = vec![self.directory.path().to_owned()];
        let mut files = Vec::new();
        while let Some(directory) = waiting.pop() {
            for entry in std::fs::read_dir(directory).unwrap() {
                let entry = entry.unwrap();
                match entry.metadata().unwrap() {
                    found if found.is_dir() => waiting.push(entry.path()),
                    found => files.push(format!("{} {}", entry.path().display(), found.len())),
                }
            }
        }
        files.retain(|file| !file.contains("/bailiwick.db"));
        files.sort();
        files
    }

    /// Mints a classic token.
    pub async fn mint_classic(&self, login: &str, name: &str, scopes: &[&str]) -> String {
        let session = self.session(login);
        let body = json!({"name": name, "kind": "classic", "scopes": scopes});
        let made = self
            .call("POST", "/user/personal-access-tokens", &session, body)
            .await
            .expect(201);
        made.json["token"].as_str().unwrap().to_owned()
    }
}

fn fixtures(
    tx: &mut bailiwick_store::Tx<'_>,
    now: Timestamp,
    accounts: &mut BTreeMap<&'static str, AccountId>,
    repositories: &mut BTreeMap<&'static str, RepositoryId>,
) -> Result<(), bailiwick_store::StoreError> {
    let group = enterprise::insert(tx, EnterpriseRow::new("acme-enterprise", "acme", now))?;
    for login in ["alice", "bob", "carol", "mallory"] {
        let mut row = AccountRow::new(login, AccountKind::User, now);
        row.site_administrator = login == "alice";
        accounts.insert(login, account::insert(tx, row)?.id);
    }
    for login in ["acme", "acme-labs", "rival"] {
        let mut row = AccountRow::new(login, AccountKind::Organization, now);
        row.base_role = RepositoryRole::Read;
        row.enterprise_id = (login != "rival").then_some(group.id);
        accounts.insert(login, account::insert(tx, row)?.id);
    }
    enterprise::add_owner(tx, group.id, accounts["alice"])?;
    for (organization, login, role) in [
        ("acme", "alice", OrganizationRole::Owner),
        ("acme", "bob", OrganizationRole::Member),
        ("acme-labs", "alice", OrganizationRole::Owner),
        ("rival", "mallory", OrganizationRole::Owner),
    ] {
        membership::set(tx, accounts[organization], accounts[login], role, now)?;
    }
    for (owner, name, visibility) in [
        ("acme", "www", Visibility::Public),
        ("acme", "site", Visibility::Private),
        ("acme", "secret", Visibility::Private),
        ("acme", "handbook", Visibility::Internal),
        ("acme-labs", "rocket", Visibility::Private),
        ("rival", "plans", Visibility::Private),
        ("bob", "dotfiles", Visibility::Public),
    ] {
        let row = RepositoryRow::new(accounts[owner], name, visibility, now);
        repositories.insert(name, repository::insert(tx, row)?.id);
    }
    collaborator::set(
        tx,
        repositories["site"],
        accounts["carol"],
        RepositoryRole::Write,
        now,
    )?;
    collaborator::set(
        tx,
        repositories["site"],
        accounts["bob"],
        RepositoryRole::Write,
        now,
    )
}
