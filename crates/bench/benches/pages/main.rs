//! Pages with 10,000 tokens and 100,000 events in the database: the whole answer as a browser gets it, through the gate
//! in process, compressed, with its size; and the reads behind the audit log one by one.

mod tokens;

use bailiwick_authority::{Authority, Clock, Random, Settings};
use bailiwick_bench::{Row, Sample, Table, measure};
use bailiwick_gate::{Gate, GateSettings, Routes, whole};
use bailiwick_model::time::{DAY, SECOND};
use bailiwick_model::{
    AccountId, Event, OrganizationRole, Outcome, Timestamp, TokenId, TokenKind, TokenText,
};
use bailiwick_store::audit::{self, Condition, Match, Query};
use bailiwick_store::{AccountKind, AccountRow, SessionRow, Store, Target, account, membership, session};
use http_body_util::BodyExt;
use std::error::Error;
use std::hint::black_box;
use std::io::Write;
use std::sync::Arc;

const NOW: Timestamp = Timestamp(1_770_000_000_000_000);
const EVENTS: i64 = 100_000;
const DAYS: i64 = 30;
const PAGE: &str = "/organizations/acme/settings/audit-log";
/// Other pages that lists of tokens, requests and repositories are on.
const OTHERS: [(&str, &str); 9] = [
    ("page: start", "/"),
    ("page: own tokens, 50", "/settings/personal-access-tokens"),
    (
        "page: new token, 1,000 repositories",
        "/settings/personal-access-tokens/new?target_name=acme&issues=read",
    ),
    (
        "page: active tokens of 10,000",
        "/organizations/acme/settings/personal-access-tokens/active",
    ),
    (
        "page: the same, page 300",
        "/organizations/acme/settings/personal-access-tokens/active?page=300",
    ),
    (
        "page: pending requests of 1,000",
        "/organizations/acme/settings/personal-access-token-requests",
    ),
    (
        "page: inventory of the enterprise",
        "/enterprises/group/settings/personal-access-tokens/inventory",
    ),
    (
        "page: repositories of the organization",
        "/orgs/acme/repositories",
    ),
    ("page: permissions", "/permissions"),
];

type Outcomes<T> = Result<T, Box<dyn Error>>;

struct Still;

impl Clock for Still {
    fn now(&self) -> Timestamp {
        NOW
    }
}

struct Same;

impl Random for Same {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(7);
    }
}

fn main() -> Outcomes<()> {
    let directory = tempfile::tempdir()?;
    let store = Store::open(Target::Sqlite(directory.path().join("bench.db")))?;
    let (organization, secret) = fill(&store)?;
    let gate = gate(&store, directory.path())?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let mut rows = reads(&store, organization)?;
    for (name, query) in [
        ("page: all but reads, as it opens", ""),
        ("page: everything", "?phrase="),
        ("page: outcome:refused", "?phrase=outcome%3Arefused"),
        ("page: action:repo, a hundredth", "?phrase=action%3Arepo"),
        ("page: actor:nobody, the whole log read", "?phrase=actor%3Anobody"),
    ] {
        let page = || runtime.block_on(get(&gate, &format!("{PAGE}{query}"), &secret));
        let (status, bytes) = page()?;
        if status != 200 {
            return Err(format!("{name}: {status}").into());
        }
        let sample = measure(|| {
            black_box(page().is_ok());
        });
        rows.push((format!("{name} ({:.1} KB)", bytes as f64 / 1024.0), sample));
    }
    for (name, path) in OTHERS {
        let page = || runtime.block_on(get(&gate, path, &secret));
        let (status, bytes) = page()?;
        if status != 200 {
            return Err(format!("{name}: {status}").into());
        }
        let sample = measure(|| {
            black_box(page().is_ok());
        });
        rows.push((format!("{name} ({:.1} KB)", bytes as f64 / 1024.0), sample));
    }
    let own = || runtime.block_on(get(&gate, "/settings/security-log", &secret));
    if own()?.0 != 200 {
        return Err("the security log".into());
    }
    rows.push((
        String::from("page: one's own security log, all events one's own"),
        measure(|| {
            black_box(own().is_ok());
        }),
    ));
    let table = Table {
        title: format!(
            "pages with {EVENTS} events in {DAYS} days and {} tokens",
            tokens::TOKENS
        ),
        columns: vec![String::from("warm")],
        ours: 2,
        rows: rows
            .into_iter()
            .map(|(name, sample)| Row {
                name,
                samples: vec![Some(sample)],
            })
            .collect(),
        notes: vec![String::from(
            "goal: a page ≤ 20 ms to its first byte and ≤ 50 KB, compressed.",
        )],
    };
    Ok(write!(std::io::stdout().lock(), "{table}")?)
}

/// The statements alone.
fn reads(store: &Store, organization: AccountId) -> Outcomes<Vec<(String, Sample)>> {
    let owner = vec![Condition::is(Match::Owner(organization))];
    let from = Timestamp(NOW.0 - DAYS * DAY);
    let counts = || store.read(|tx| audit::count(tx, &owner, from, DAY, DAYS as usize));
    let total: u64 = counts()?
        .iter()
        .map(|one| one.allowed + one.refused + one.failed)
        .sum();
    if i64::try_from(total)? != EVENTS {
        return Err(format!("{total} events counted").into());
    }
    let page = Query::new(owner.clone(), 31);
    Ok(vec![
        (
            String::from("read: 31 newest events"),
            measure(|| {
                black_box(store.read(|tx| audit::search(tx, &page)).is_ok());
            }),
        ),
        (
            String::from("read: counts by day and outcome"),
            measure(|| {
                black_box(counts().is_ok());
            }),
        ),
    ])
}

async fn get(gate: &Arc<Gate>, path: &str, secret: &str) -> Outcomes<(u16, usize)> {
    let request = http::Request::builder()
        .uri(path)
        .header("sec-fetch-site", "same-origin")
        .header("accept-encoding", "gzip")
        .header("cookie", format!("bailiwick-session={secret}"))
        .body(whole(""))?;
    let answer = gate.answer(Some([127, 0, 0, 1].into()), request).await;
    let status = answer.status.as_u16();
    let bytes = answer.body.collect().await?.to_bytes();
    Ok((status, bytes.len()))
}

fn gate(store: &Store, directory: &std::path::Path) -> Outcomes<Arc<Gate>> {
    let git = bailiwick_git::Repositories::new(directory.join("repositories"), "/bin/false".into())?;
    let settings = Settings {
        prefixes: vec![String::from("bwk")],
        base_url: String::from("http://127.0.0.1:8417"),
        node: String::from("bench"),
    };
    let authority = Authority::new(store.clone(), git, Arc::new(Still), Arc::new(Same), settings)?;
    let mut routes = Routes::new();
    bailiwick_rest::register(&mut routes);
    bailiwick_pages::register(&mut routes);
    let settings = GateSettings {
        base_url: "http://127.0.0.1:8417".into(),
        rate_token_per_hour: u32::MAX,
        rate_anonymous_per_hour: u32::MAX,
        trusted_proxies: Vec::new(),
        strict_transport: false,
    };
    Ok(Arc::new(Gate::new(Arc::new(authority), routes, settings)))
}

/// An organization, its owner with a session, and the events.
fn fill(store: &Store) -> Outcomes<(AccountId, String)> {
    let secret = TokenText::generate("bwk", TokenKind::Session, &mut |bytes| bytes.fill(3));
    let (organization, person) = store.write(|tx| {
        let organization = account::insert(tx, AccountRow::new("acme", AccountKind::Organization, NOW))?.id;
        let person = account::insert(tx, AccountRow::new("alice", AccountKind::User, NOW))?.id;
        membership::set(tx, organization, person, OrganizationRole::Owner, NOW)?;
        let row = SessionRow::new(person, secret.digest(), NOW, NOW.plus_days(14));
        session::insert(tx, row)?;
        tokens::fill(tx, organization, person, NOW)?;
        Ok::<_, bailiwick_store::StoreError>((organization, person))
    })?;
    let numbers: Vec<i64> = (0..EVENTS).collect();
    for part in numbers.chunks(2_000) {
        let events: Vec<Event> = part
            .iter()
            .map(|number| event(*number, organization, person))
            .collect();
        store.write(|tx| audit::append(tx, "bench", &events).map(|_| ()))?;
    }
    Ok((organization, secret.reveal().to_owned()))
}

/// Nine tenths allowed reads, the rest refusals, failures and changes.
fn event(number: i64, organization: AccountId, person: AccountId) -> Event {
    let outcome = match number % 50 {
        0..=3 => Outcome::Refused,
        4 => Outcome::Failed,
        _ => Outcome::Allowed,
    };
    let action = match number % 100 {
        10 => "repo.create",
        11..=15 => "issue.create",
        16..=20 => "git.clone",
        _ => "api.request",
    };
    let span = DAYS * DAY - SECOND;
    Event {
        at: Timestamp(NOW.0 - span + span / EVENTS * number),
        action: String::from(action),
        operation_type: "access",
        operation: Some(String::from("issues/list-for-repo")),
        actor: Some(person),
        actor_login: Some(String::from("alice")),
        user: None,
        token: Some(TokenId(number % 20 + 1)),
        hashed_token: Some(bailiwick_model::Digest::of(&number.to_be_bytes())),
        access_type: Some(TokenKind::FineGrained.access_type()),
        owner: Some(organization),
        owner_login: Some(String::from("acme")),
        enterprise: None,
        repository: Some(bailiwick_model::RepositoryId(7)),
        repository_name: Some(String::from("acme/site")),
        address: Some(String::from("192.0.2.7")),
        user_agent: Some(String::from("octokit/4.0 (node 22)")),
        request_id: Some(format!("4C3B:{number:06X}:77E0A1")),
        outcome,
        reason: String::from(if outcome == Outcome::Allowed {
            "allowed"
        } else {
            "level.too_low"
        }),
        data: serde_json::Map::new(),
    }
}
