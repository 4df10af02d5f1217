//! What one request costs before its handler runs: identify, classify, gather (warm) and decide, one by one and
//! together, on the same code that the server runs.

use bailiwick_authority::{Authority, Caller, Clock, Names, Presented, Random, Settings, decide};
use bailiwick_bench::{Row, Table, measure};
use bailiwick_catalogue::Door;
use bailiwick_gate::classify::{Intent, classify};
use bailiwick_gate::identify::identify;
use bailiwick_gate::refusal::Protocol;
use bailiwick_gate::{Cookies, Fields, HeaderValue, Mounts, names};
use bailiwick_model::grant::ResourceOwner;
use bailiwick_model::{OrganizationRole, Selection, Timestamp, TokenKind, TokenText, Visibility};
use bailiwick_store::{
    AccountKind, AccountRow, GrantRow, RepositoryRow, Store, Target, TokenRow, account, grant, membership,
    repository, token,
};
use std::error::Error;
use std::hint::black_box;
use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

const NOW: Timestamp = Timestamp(1_770_000_000_000_000);
const PATH: &str = "/api/v3/repos/acme/site/issues/7";
/// Repositories in the grant, and tokens that are resident beside the one that asks.
const REPOSITORIES: usize = 20;
const RESIDENT: usize = 2_000;

struct Still;

impl Clock for Still {
    fn now(&self) -> Timestamp {
        NOW
    }
}

struct Counting(AtomicU64);

impl Random for Counting {
    fn fill(&self, bytes: &mut [u8]) {
        for byte in bytes {
            let mut word = self.0.fetch_add(0x9E37_79B9_7F4A_7C15, Ordering::Relaxed);
            word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            *byte = (word >> 32) as u8;
        }
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let directory = tempfile::tempdir()?;
    let random = Arc::new(Counting(AtomicU64::new(7)));
    let store = Store::open(Target::Sqlite(directory.path().join("bench.db")))?;
    let secrets = fill(&store, &random)?;
    let git = bailiwick_git::Repositories::new(directory.path().join("repositories"), "/bin/false".into())?;
    let settings = Settings {
        prefixes: vec![String::from("bwk")],
        base_url: String::from("http://127.0.0.1:8417"),
        node: String::from("bench"),
    };
    let authority = Authority::new(store, git, Arc::new(Still), random, settings)?;
    let headers: Vec<Fields> = secrets
        .iter()
        .map(|secret| {
            let value = HeaderValue::from_str(&format!("Bearer {secret}"))?;
            Ok::<_, Box<dyn Error>>(Fields::from_iter([(http::header::AUTHORIZATION, value)]))
        })
        .collect::<Result<_, _>>()?;
    let first = headers.first().ok_or("no token")?;
    for headers in &headers {
        warm(&authority, headers)?;
    }

    let (presented, names_of) = prepared(&authority, first)?;
    let Intent::Operation(operation, _) = classify("GET", PATH, None, &Mounts::default()) else {
        return Err("unmapped".into());
    };
    let mut next = 0_usize;
    let cookies = Cookies::of("http://127.0.0.1");
    let rows = vec![
        (
            "identify: header → digest",
            measure(|| {
                black_box(identify(
                    &authority,
                    (Door::Api, Protocol::Api),
                    black_box(first),
                    None,
                    &cookies,
                    None,
                ));
            }),
        ),
        (
            "classify: path → operation, names",
            measure(|| {
                if let Intent::Operation(operation, parameters) =
                    classify("GET", black_box(PATH), None, &Mounts::default())
                {
                    black_box(names(operation, &parameters, &[]));
                }
            }),
        ),
        (
            "gather, warm",
            measure(|| {
                black_box(authority.gather_warm(black_box(&presented), Some(operation), &names_of));
            }),
        ),
        (
            "the whole, one token",
            measure(|| {
                black_box(whole(&authority, black_box(first)));
            }),
        ),
        (
            "the whole, 2,000 tokens in turn",
            measure(|| {
                next = (next + 1) % headers.len();
                if let Some(headers) = headers.get(next) {
                    black_box(whole(&authority, headers));
                }
            }),
        ),
    ];
    let table = Table {
        title: format!("a whole request before its handler: GET {PATH}"),
        columns: vec![String::from("allowed, warm")],
        ours: 3,
        rows: rows
            .into_iter()
            .map(|(name, sample)| Row {
                name: name.to_owned(),
                samples: vec![Some(sample)],
            })
            .collect(),
        notes: vec![String::from(
            "goal: the whole ≤ 1,000 ns. Decide makes a permit here, with what its record needs.",
        )],
    };
    Ok(write!(std::io::stdout().lock(), "{table}")?)
}

/// The stages before serving; true if allowed.
fn whole(authority: &Authority, headers: &Fields) -> bool {
    let cookies = Cookies::of("http://127.0.0.1");
    let presented = identify(
        authority,
        (Door::Api, Protocol::Api),
        headers,
        None,
        &cookies,
        None,
    )
    .presented;
    let Intent::Operation(operation, parameters) = classify("GET", PATH, None, &Mounts::default()) else {
        return false;
    };
    let names = Arc::new(names(operation, &parameters, &[]));
    let Some(gathered) = authority.gather_warm(&presented, Some(operation), &names) else {
        return false;
    };
    decide(Some(operation), gathered, Caller::default(), NOW).is_ok()
}

fn prepared(authority: &Authority, headers: &Fields) -> Result<(Presented, Arc<Names>), Box<dyn Error>> {
    let Intent::Operation(operation, parameters) = classify("GET", PATH, None, &Mounts::default()) else {
        return Err("unmapped".into());
    };
    Ok((
        identify(
            authority,
            (Door::Api, Protocol::Api),
            headers,
            None,
            &Cookies::of("http://127.0.0.1"),
            None,
        )
        .presented,
        Arc::new(names(operation, &parameters, &[])),
    ))
}

/// Loads the facts once, and checks that the answer is yes.
fn warm(authority: &Authority, headers: &Fields) -> Result<(), Box<dyn Error>> {
    let (presented, names) = prepared(authority, headers)?;
    let Intent::Operation(operation, _) = classify("GET", PATH, None, &Mounts::default()) else {
        return Err("unmapped".into());
    };
    authority.gather(&presented, Some(operation), &names)?;
    if whole(authority, headers) {
        Ok(())
    } else {
        Err("refused".into())
    }
}

/// One organization with a member, its repositories, and tokens that may read issues at each.
fn fill(store: &Store, random: &Counting) -> Result<Vec<String>, Box<dyn Error>> {
    let secrets = store.write(|tx| {
        let mut organization = AccountRow::new("acme", AccountKind::Organization, NOW);
        organization.base_role = bailiwick_model::RepositoryRole::Read;
        let organization = account::insert(tx, organization)?.id;
        let user = account::insert(tx, AccountRow::new("bob", AccountKind::User, NOW))?.id;
        membership::set(tx, organization, user, OrganizationRole::Member, NOW)?;
        let mut ids = Vec::new();
        for number in 0..REPOSITORIES {
            let name = if number == 7 {
                String::from("site")
            } else {
                format!("other-{number}")
            };
            ids.push(
                repository::insert(
                    tx,
                    RepositoryRow::new(organization, &name, Visibility::Private, NOW),
                )?
                .id,
            );
        }
        let selection = Selection::subset(ids);
        let mut secrets = Vec::new();
        for number in 0..RESIDENT {
            let secret = TokenText::generate("bwk", TokenKind::FineGrained, &mut |bytes| random.fill(bytes));
            let mut row = TokenRow::new(
                TokenKind::FineGrained,
                user,
                &format!("token {number}"),
                secret.digest(),
                NOW,
            );
            row.expires_at = Some(NOW.plus_days(30));
            let row = token::insert(tx, row)?;
            let mut approved = GrantRow::new(row.id, ResourceOwner::Account(organization), NOW);
            approved.active = true;
            approved.permissions = [("issues", "read"), ("contents", "write")]
                .map(|(slug, level)| (slug.to_owned(), level.to_owned()))
                .into();
            grant::insert(tx, approved, &selection)?;
            secrets.push(secret.reveal().to_owned());
        }
        Ok::<_, bailiwick_store::StoreError>(secrets)
    })?;
    Ok(secrets)
}
