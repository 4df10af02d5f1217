//! Every operation of the catalogue that names a repository or an organization, before GitHub's whole surface: with a
//! token that just suffices it arrives as it was decided on, with one that just does not nothing arrives.

use super::{bind, hub};
use crate::browser::hidden;
use crate::harness::{World, random};
use bailiwick_authority::Random;
use bailiwick_catalogue::{
    AccountName, Door, OPERATIONS, Operation, RepositoryName, Requirement, Target, Term, names,
    permission_by_id,
};
use bailiwick_gate::whole;
use bailiwick_model::grant::ResourceOwner;
use bailiwick_model::{Level, Selection, TokenKind, TokenText};
use bailiwick_store::{GrantRow, TokenRow, grant, token};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use tokio::task::JoinSet;

/// Calls under way at once.
const TOGETHER: usize = 16;

/// The surface in a process of its own.
struct Mock {
    child: Child,
    port: u16,
    told: Value,
}

impl Mock {
    fn start() -> Mock {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/gateway/github/openapi.mjs");
        let mut command: Command = bailiwick_testkit::program::node(&script);
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("node runs");
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let mut told: Value = serde_json::from_str(&line).expect("the description is read");
        Mock {
            child,
            port: u16::try_from(told["port"].as_u64().unwrap()).unwrap(),
            told: told["operations"].take(),
        }
    }

    /// Takes what was seen.
    fn taken(&self) -> Vec<Value> {
        serde_json::from_str(&plain_get(self.port, "/__seen")).unwrap()
    }
}

impl Drop for Mock {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// One request over a plain connection.
fn plain_get(port: u16, path: &str) -> String {
    use std::io::{Read, Write};
    let mut stream = std::net::TcpStream::connect(("127.0.0.1", port)).unwrap();
    write!(stream, "GET {path} HTTP/1.0\r\nhost: x\r\n\r\n").unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    text.split_once("\r\n\r\n").unwrap().1.to_owned()
}

/// Levels by the owner of the grant.
type Grants = BTreeMap<Owner, BTreeMap<&'static str, Level>>;

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Owner {
    Acme,
    Own,
    Enterprise,
}

fn owner(target: Target) -> Owner {
    match target {
        Target::Own => Owner::Own,
        Target::Enterprise => Owner::Enterprise,
        Target::Repository | Target::Organization | Target::Destination | Target::SecondRepository => {
            Owner::Acme
        }
    }
}

fn slug(term: &Term) -> &'static str {
    permission_by_id(term.permission).unwrap().slug
}

/// The least that holds every term.
fn least(terms: &[Term]) -> Grants {
    let mut all = Grants::new();
    for term in terms {
        let level = all
            .entry(owner(term.target))
            .or_default()
            .entry(slug(term))
            .or_insert(term.level);
        *level = (*level).max(term.level);
    }
    all
}

fn holds(grants: &Grants, terms: &[Term]) -> bool {
    terms.iter().all(|term| {
        let level = grants
            .get(&owner(term.target))
            .and_then(|all| all.get(slug(term)));
        level.is_some_and(|level| *level >= term.level)
    })
}

/// The same with one term a level lower; each in turn. Not those that another alternative holds.
fn one_less(grants: &Grants, alternatives: &[&[Term]]) -> Vec<Grants> {
    let mut out = Vec::new();
    for (at, levels) in grants {
        for (name, level) in levels {
            let offered = bailiwick_catalogue::permission(name).unwrap().levels;
            let lower = offered.iter().rfind(|one| *one < level);
            let mut less = grants.clone();
            let there = less.get_mut(at).unwrap();
            match lower {
                Some(lower) => drop(there.insert(name, *lower)),
                None => drop(there.remove(name)),
            }
            if !alternatives.iter().any(|terms| holds(&less, terms)) {
                out.push(less);
            }
        }
    }
    out
}

/// A call to make.
struct Planned {
    operation: &'static Operation,
    token: String,
    uri: String,
    /// The target there, if it must arrive.
    arrives: Option<String>,
    body: Option<(String, String)>,
}

struct Plan<'w> {
    world: &'w World,
    mock: &'w Mock,
    random: Arc<dyn Random>,
    count: usize,
    tokens: Vec<(TokenRow, Grants, Selection)>,
    calls: Vec<Planned>,
}

impl Plan<'_> {
    fn token(&mut self, grants: &Grants, selection: &Selection) -> String {
        let random = self.random.clone();
        let text = TokenText::generate("bwk", TokenKind::FineGrained, &mut |bytes| random.fill(bytes));
        let now = bailiwick_authority::Clock::now(&*self.world.clock);
        let name = format!("every-{}", self.tokens.len());
        let mut row = TokenRow::new(
            TokenKind::FineGrained,
            self.world.accounts["alice"],
            &name,
            text.digest(),
            now,
        );
        row.expires_at = Some(now.plus_days(7));
        self.tokens.push((row, grants.clone(), selection.clone()));
        text.reveal().to_owned()
    }

    /// The path here and there, each with a mark of its own in the query.
    fn paths(&mut self, operation: &Operation) -> (String, String) {
        let named = names(operation.index);
        let told = &self.mock.told[operation.id];
        let (mut here, mut there) = (String::from("/api/v3"), String::from("/api/v3"));
        for piece in operation.path.split('/').skip(1) {
            let parameter = piece.strip_prefix('{').and_then(|piece| piece.strip_suffix('}'));
            let (one, other) = match parameter {
                None => (piece.to_owned(), piece.to_owned()),
                Some(name) => self.value(name, &named, &told["params"][name]),
            };
            here.push_str(&format!("/{one}"));
            there.push_str(&format!("/{other}"));
        }
        self.count += 1;
        let mut query = format!("?mark={}", self.count);
        for pair in told["query"].as_array().into_iter().flatten() {
            let value = match &pair[1] {
                Value::String(text) => text.clone(),
                Value::Array(all) => all.first().and_then(Value::as_str).unwrap_or("1").to_owned(),
                other => other.to_string(),
            };
            let name = bailiwick_gate::encode(pair[0].as_str().unwrap());
            query.push_str(&format!("&{name}={}", bailiwick_gate::encode(&value)));
        }
        (format!("{here}{query}"), format!("{there}{query}"))
    }

    fn value(&self, name: &str, named: &bailiwick_catalogue::Names, told: &Value) -> (String, String) {
        let same = |text: &str| (text.to_owned(), text.to_owned());
        match named.repository {
            Some(RepositoryName::OwnerAndName(owner, _)) if owner == name => return same("acme"),
            Some(RepositoryName::OwnerAndName(_, repository)) if repository == name => return same("site"),
            Some(RepositoryName::Id(id)) if id == name => {
                return (
                    self.world.repositories["site"].0.to_string(),
                    String::from("4242"),
                );
            }
            _ => {}
        }
        match named.organization {
            Some(AccountName::Login(login)) if login == name => return same("acme"),
            Some(AccountName::Id(id)) if id == name => {
                return (self.world.accounts["acme"].0.to_string(), String::from("77"));
            }
            _ => {}
        }
        if named.enterprise == Some(name) {
            return same("acme-enterprise");
        }
        // Where every term counts.
        if name == "path" {
            return same(".github/workflows/ci.yml");
        }
        let number = name.ends_with("_id") || name.ends_with("_number");
        match told.as_str() {
            Some(text) if !number => same(&bailiwick_gate::encode(text)),
            Some(text) if text.bytes().all(|byte| byte.is_ascii_digit()) => same(text),
            _ => same("1"),
        }
    }

    fn call(&mut self, operation: &'static Operation, grants: &Grants, selection: &Selection, arrives: bool) {
        let token = self.token(grants, selection);
        let (uri, there) = self.paths(operation);
        let told = &self.mock.told[operation.id];
        let body = told["kind"].as_str().map(|kind| {
            let body = match operation.id {
                "repos/create-fork" => json!({"organization": "acme"}),
                "repos/create-using-template" => json!({"owner": "acme", "name": "new"}),
                "repos/transfer" => json!({"new_owner": "acme"}),
                _ => told["body"].clone(),
            };
            let text = if body.is_null() {
                String::from("x")
            } else {
                body.to_string()
            };
            (kind.to_owned(), text)
        });
        self.calls.push(Planned {
            operation,
            token,
            uri,
            arrives: arrives.then_some(there),
            body,
        });
    }

    fn store(&self) {
        let acme = ResourceOwner::Account(self.world.accounts["acme"]);
        let own = ResourceOwner::Account(self.world.accounts["alice"]);
        let now = bailiwick_authority::Clock::now(&*self.world.clock);
        self.world
            .store
            .write(|tx| {
                let group = bailiwick_store::enterprise::by_slug(tx, "acme-enterprise")?
                    .unwrap()
                    .id;
                for (row, grants, selection) in &self.tokens {
                    let id = token::insert(tx, row.clone())?.id;
                    for (at, levels) in grants {
                        let (owner, selection) = match at {
                            Owner::Acme => (acme, selection.clone()),
                            Owner::Own => (own, Selection::All),
                            Owner::Enterprise => (ResourceOwner::Enterprise(group), Selection::None),
                        };
                        let mut grant = GrantRow::new(id, owner, now);
                        grant.permissions = levels
                            .iter()
                            .map(|(name, level)| ((*name).to_owned(), level.word().to_owned()))
                            .collect();
                        grant.active = true;
                        grant.granted_at = Some(now);
                        grant::insert(tx, grant, &selection)?;
                    }
                }
                Ok::<_, bailiwick_store::StoreError>(())
            })
            .unwrap();
    }
}

fn is_at_hub(operation: &Operation) -> bool {
    let named = names(operation.index);
    operation.door == Door::Api
        && !operation.id.starts_with("bailiwick/")
        && (named.repository.is_some() || named.organization.is_some())
}

fn plan(world: &World, mock: &Mock) -> (Vec<Planned>, BTreeSet<String>) {
    let site = Selection::subset(vec![world.repositories["site"]]);
    let other = Selection::subset(vec![world.repositories["secret"]]);
    let mut plan = Plan {
        world,
        mock,
        random: random(),
        count: 0,
        tokens: Vec::new(),
        calls: Vec::new(),
    };
    let mut closed = BTreeSet::new();
    for operation in OPERATIONS.iter().filter(|one| is_at_hub(one)) {
        let alternatives = match operation.requirement {
            Requirement::AnyOf(alternatives) if operation.kinds.fine_grained => alternatives,
            Requirement::AnyOf(_) | Requirement::Closed => {
                closed.insert(format!("{} closed to fine-grained tokens", operation.id));
                continue;
            }
            Requirement::Live => {
                closed.insert(format!("{} takes no permission", operation.id));
                continue;
            }
        };
        let selection = if operation.spans { &Selection::All } else { &site };
        for terms in alternatives {
            let grants = least(terms);
            plan.call(operation, &grants, selection, true);
            for less in one_less(&grants, alternatives) {
                plan.call(operation, &less, selection, false);
            }
            if operation.spans {
                plan.call(operation, &grants, &site, false);
            }
            if names(operation.index).repository.is_some() {
                plan.call(operation, &grants, &other, false);
            }
        }
    }
    plan.store();
    (plan.calls, closed)
}

async fn make(world: Arc<World>, planned: Planned) -> (Planned, u16, String, String) {
    let mut request = http::Request::builder()
        .method(planned.operation.method)
        .uri(&planned.uri)
        .header("authorization", format!("Bearer {}", planned.token));
    let body = match &planned.body {
        Some((kind, text)) => {
            request = request.header("content-type", kind);
            text.clone()
        }
        None => String::new(),
    };
    let answer = world.send(request.body(whole(body)).unwrap()).await;
    let reason = answer.json["reason"].as_str().unwrap_or("").to_owned();
    let operation = answer.header("x-operation").to_owned();
    (planned, answer.status, reason, operation)
}

async fn linked(world: &World) {
    let browser = world.signed_in("alice");
    let url = super::person::begin(&browser).await;
    let state = url
        .split("state=")
        .nth(1)
        .unwrap()
        .split('&')
        .next()
        .unwrap()
        .to_owned();
    let back = format!("/settings/linked-accounts/callback?code=x&state={state}");
    let page = browser.get(&back).await.expect(200);
    assert_eq!(hidden(page.text(), "state"), state);
    super::person::come_back(&browser, &back).await.expect(303);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_operation_with_just_enough_and_just_too_little() {
    let mock = Mock::start();
    let world = World::new();
    bind(
        &world,
        &format!("http://127.0.0.1:{}", mock.port),
        json!({"client_id": hub::CLIENT}),
    )
    .await;
    let alice = world.session("alice");
    for (path, body) in [
        ("owners/acme", json!({"name": "acme", "id": "77"})),
        (
            "repositories/acme/site",
            json!({"name": "acme/site", "id": "4242"}),
        ),
        (
            "repositories/acme/secret",
            json!({"name": "acme/secret", "id": "4444"}),
        ),
    ] {
        let path = format!("/admin/upstreams/hub/{path}");
        world.call("PUT", &path, &alice, body).await.expect(200);
    }
    world.open_planting(&["acme", "alice"]);
    linked(&world).await;
    mock.taken();
    let (calls, closed) = plan(&world, &mock);
    assert!(calls.len() > 2000, "{}", calls.len());
    let world = Arc::new(world);
    let mut expected: Vec<String> = Vec::new();
    let mut unforwarded: BTreeSet<String> = closed;
    let mut wrong: Vec<String> = Vec::new();
    let mut waiting = calls.into_iter();
    let mut running = JoinSet::new();
    let (mut enough, mut refused) = (0, 0);
    loop {
        while running.len() < TOGETHER
            && let Some(planned) = waiting.next()
        {
            running.spawn(make(world.clone(), planned));
        }
        let Some(done) = running.join_next().await else {
            break;
        };
        let (planned, status, reason, operation) = done.unwrap();
        let id = planned.operation.id;
        match planned.arrives {
            Some(target) if !operation.is_empty() => {
                enough += 1;
                expected.push(format!("{} {target}", planned.operation.method));
                if operation != id {
                    unforwarded.insert(format!("{id} is {operation} there"));
                } else if !(200..300).contains(&status) {
                    unforwarded.insert(format!("{id} arrives, and its example is refused with {status}"));
                }
            }
            Some(_) => drop(unforwarded.insert(format!("{id} {status} {reason}"))),
            None if matches!(status, 403 | 404) && operation.is_empty() => refused += 1,
            None => wrong.push(format!("{id} {status} {reason} {operation} by {}", planned.uri)),
        }
    }
    assert!(wrong.is_empty(), "too little was enough: {wrong:#?}");
    let mut seen: Vec<String> = mock
        .taken()
        .iter()
        .map(|one| {
            assert_eq!(one["auth"], "Bearer ghu_of_a_person");
            format!(
                "{} {}",
                one["method"].as_str().unwrap(),
                one["target"].as_str().unwrap()
            )
        })
        .collect();
    seen.sort_unstable();
    expected.sort_unstable();
    let both: BTreeSet<&String> = expected.iter().collect();
    let more: Vec<&String> = seen.iter().filter(|one| !both.contains(one)).collect();
    assert!(more.is_empty(), "arrived without leave: {more:#?}");
    assert_eq!(seen, expected);
    assert!(
        enough > 700 && refused > 1200,
        "{enough} {refused} {unforwarded:#?}"
    );
    let text: String = unforwarded.iter().map(|line| format!("{line}\n")).collect();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/gateway/github/unforwarded.txt");
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    assert_eq!(
        std::fs::read_to_string(&path).unwrap_or_default(),
        text,
        "{}",
        path.display()
    );
}
