//! A gate in process before the stand-in. alice administers the installation and owns acme, which is `acme-inc` there;
//! bob writes to acme/site and reads acme/private; here/local is hosted.

use super::standin::{GATEWAYS, StandIn};
pub use crate::git::world::logged;
use crate::still::TestRandom;
use bailiwick_authority::{Authority, Clock, Random, Settings};
use bailiwick_gate::{Gate, GateSettings, Routes, whole};
use bailiwick_model::{AccountId, RepositoryId, RepositoryRole, Timestamp, TokenKind, TokenText, Visibility};
use bailiwick_model::{OrganizationRole, time};
use bailiwick_store::{
    AccountKind, AccountRow, EventRow, RepositoryRow, SessionRow, Store, StoreError, Target, Tx, account,
    audit, collaborator, membership, repository, session,
};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

pub struct TestClock(AtomicI64);

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
}

pub struct Answered {
    pub status: u16,
    pub headers: http::HeaderMap,
    pub bytes: Vec<u8>,
    pub json: Value,
}

impl Answered {
    #[track_caller]
    pub fn expect(self, status: u16) -> Answered {
        assert_eq!(self.status, status, "{}", String::from_utf8_lossy(&self.bytes));
        self
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

pub struct World {
    pub gate: Gate,
    pub store: Store,
    pub behind: StandIn,
    pub directory: tempfile::TempDir,
    pub random: Arc<dyn Random>,
    clock: Arc<TestClock>,
    accounts: BTreeMap<&'static str, AccountId>,
}

impl World {
    /// Before an upstream of a kind that is observed for a week.
    pub async fn observing(kind: &str) -> World {
        logged();
        let directory = tempfile::tempdir().unwrap();
        let store = Store::open(Target::Sqlite(directory.path().join("bailiwick.db"))).unwrap();
        let git =
            bailiwick_git::Repositories::new(directory.path().join("git"), "/bin/false".into()).unwrap();
        let start = Timestamp::parse("2026-03-10T12:00:00Z").unwrap();
        let clock = Arc::new(TestClock(AtomicI64::new(start.0)));
        let (accounts, repositories) = store.write(|tx| fixtures(tx, start)).unwrap();
        for id in repositories {
            git.create(id.0 as u64, "main").unwrap();
        }
        let settings = Settings {
            prefixes: vec![String::from("bwk")],
            base_url: String::from("http://127.0.0.1:8417"),
            node: String::from("test"),
        };
        let random: Arc<dyn Random> = Arc::new(TestRandom::new(1));
        let authority =
            Arc::new(Authority::new(store.clone(), git, clock.clone(), random.clone(), settings).unwrap());
        let mut routes = Routes::new();
        bailiwick_rest::register(&mut routes);
        bailiwick_host::register(&mut routes);
        bailiwick_gateway::register(&mut routes);
        let settings = GateSettings {
            base_url: "http://127.0.0.1:8417".into(),
            rate_token_per_hour: 0,
            rate_anonymous_per_hour: 20,
            trusted_proxies: Vec::new(),
            strict_transport: false,
        };
        let world = World {
            gate: Gate::new(authority, routes, settings),
            store,
            behind: StandIn::start(),
            directory,
            random,
            clock,
            accounts,
        };
        world.set_up(kind).await;
        world
    }

    async fn set_up(&self, kind: &str) {
        let alice = self.session("alice");
        let forge = json!({
            "name": "forge", "kind": kind, "address": format!("http://127.0.0.1:{}", self.behind.port),
            "mode": "observe", "observe_until": self.clock.now().plus_days(7).rfc3339(),
        });
        let set = |method: &'static str, path: &'static str, body: Value| {
            let alice = alice.clone();
            async move {
                let path = format!("/api/v3/admin/upstreams{path}");
                let made = self.call(method, &path, &format!("Bearer {alice}"), body).await;
                assert!(
                    made.status < 300,
                    "{path}: {}",
                    String::from_utf8_lossy(&made.bytes)
                );
            }
        };
        set("POST", "", forge).await;
        if kind == "gitea" {
            set(
                "PUT",
                "/forge/credential",
                json!({"secrets": {"token": GATEWAYS}}),
            )
            .await;
        }
        set(
            "PUT",
            "/forge/links/bob",
            json!({"login": "bob-there", "id": "7"}),
        )
        .await;
        set(
            "PUT",
            "/forge/owners/acme",
            json!({"name": "acme-inc", "id": "70"}),
        )
        .await;
        set(
            "PUT",
            "/forge/repositories/acme/site",
            json!({"name": "acme-inc/website", "id": "71"}),
        )
        .await;
        set(
            "PUT",
            "/forge/repositories/acme/private",
            json!({"name": "acme-inc/private", "id": "72"}),
        )
        .await;
    }

    pub fn advance_days(&self, days: i64) {
        self.clock.0.fetch_add(days * time::DAY, Ordering::SeqCst);
    }

    pub fn session(&self, login: &str) -> String {
        let secret = TokenText::generate("bwk", TokenKind::Session, &mut |bytes| self.random.fill(bytes));
        let now = self.clock.now();
        let mut row = SessionRow::new(self.accounts[login], secret.digest(), now, now.plus_days(14));
        row.sudo_until = now.plus_seconds(7200);
        self.store.write(|tx| session::insert(tx, row)).unwrap();
        secret.reveal().to_owned()
    }

    /// One request with this Authorization header; an empty one is none.
    pub async fn call(&self, method: &str, path: &str, authorization: &str, body: Value) -> Answered {
        let body = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        let headers = [
            ("authorization", authorization),
            ("content-type", "application/json"),
        ];
        let headers: Vec<(&str, &str)> = headers
            .into_iter()
            .filter(|(_, value)| !value.is_empty())
            .collect();
        self.send(method, path, &headers, body.into_bytes()).await
    }

    pub async fn get(&self, path: &str, authorization: &str) -> Answered {
        self.call("GET", path, authorization, Value::Null).await
    }

    pub async fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: Vec<u8>) -> Answered {
        let mut request = http::Request::builder()
            .method(method)
            .uri(path)
            .header("user-agent", "tests");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if !body.is_empty() {
            request = request.header("content-length", body.len());
        }
        let request = request.body(whole(body)).unwrap();
        let answer = self.gate.answer(Some([127, 0, 0, 1].into()), request).await;
        let bytes = answer.body.collect().await.unwrap().to_bytes().to_vec();
        Answered {
            status: answer.status.as_u16(),
            headers: answer.headers.into(),
            json: serde_json::from_slice(&bytes).unwrap_or(Value::Null),
            bytes,
        }
    }

    /// Mints what a body says for bob, and has it approved by alice. Gives the Authorization header.
    pub async fn mint(&self, body: Value) -> String {
        let bob = format!("Bearer {}", self.session("bob"));
        let made = self
            .call("POST", "/api/v3/user/personal-access-tokens", &bob, body)
            .await
            .expect(201);
        let alice = format!("Bearer {}", self.session("alice"));
        let path = format!(
            "/api/v3/orgs/acme/personal-access-token-requests?token_id[]={}",
            made.json["id"]
        );
        let pending = self.get(&path, &alice).await.expect(200);
        for request in pending.json.as_array().unwrap() {
            let path = format!(
                "/api/v3/orgs/acme/personal-access-token-requests/{}",
                request["id"]
            );
            self.call("POST", &path, &alice, json!({"action": "approve"}))
                .await
                .expect(204);
        }
        format!("Bearer {}", made.json["token"].as_str().unwrap())
    }

    /// The list of observed credentials.
    pub async fn list(&self) -> Vec<Value> {
        let alice = format!("Bearer {}", self.session("alice"));
        let path = "/api/v3/admin/upstreams/forge/observations";
        let found = self.get(path, &alice).await.expect(200);
        found.json.as_array().unwrap().clone()
    }

    /// The report of the credential whose person is called so.
    pub async fn report(&self, login: &str) -> Value {
        let list = self.list().await;
        let one = list.iter().find(|one| one["login"] == login).unwrap();
        let alice = format!("Bearer {}", self.session("alice"));
        let path = format!("/api/v3/admin/upstreams/forge/observations/{}", one["id"]);
        self.get(&path, &alice).await.expect(200).json
    }

    pub fn events(&self) -> Vec<EventRow> {
        let query = audit::Query {
            ascending: true,
            ..audit::Query::new(vec![], 1000)
        };
        self.store.read(|tx| audit::search(tx, &query)).unwrap()
    }
}

fn fixtures(
    tx: &mut Tx<'_>,
    now: Timestamp,
) -> Result<(BTreeMap<&'static str, AccountId>, Vec<RepositoryId>), StoreError> {
    let mut accounts = BTreeMap::new();
    for login in ["alice", "bob"] {
        let mut row = AccountRow::new(login, AccountKind::User, now);
        row.site_administrator = login == "alice";
        accounts.insert(login, account::insert(tx, row)?.id);
    }
    for login in ["acme", "here"] {
        let row = AccountRow::new(login, AccountKind::Organization, now);
        let id = account::insert(tx, row)?.id;
        membership::set(tx, id, accounts["alice"], OrganizationRole::Owner, now)?;
        membership::set(tx, id, accounts["bob"], OrganizationRole::Member, now)?;
        accounts.insert(login, id);
    }
    let mut make = |owner, name: &str, role| -> Result<RepositoryId, StoreError> {
        let row = RepositoryRow::new(accounts[owner], name, Visibility::Private, now);
        let id = repository::insert(tx, row)?.id;
        collaborator::set(tx, id, accounts["bob"], role, now)?;
        Ok(id)
    };
    let repositories = vec![
        make("acme", "site", RepositoryRole::Write)?,
        make("acme", "private", RepositoryRole::Read)?,
        make("here", "local", RepositoryRole::Write)?,
    ];
    Ok((accounts, repositories))
}
