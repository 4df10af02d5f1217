//! A store with a million tokens, an upstream and what it can be asked.

use crate::Outcome;
use bailiwick_model::grant::ResourceOwner;
use bailiwick_model::{
    AccountId, OrganizationRole, Selection, Timestamp, TokenKind, TokenText, UpstreamKind, UpstreamSettings,
    Visibility,
};
use bailiwick_store::{
    AccountKind, AccountRow, GrantRow, RepositoryRow, Store, StoreError, Target, TokenRow, Tx, UpstreamRow,
    account, grant, membership, repository, token, upstream,
};
use std::path::Path;

/// Tokens that requests come with.
pub const USED: usize = 1_000;
/// Tokens in one transaction.
const BATCH: usize = 20_000;
/// What the upstream can be asked.
const CATALOGUE: &str =
    "items/get  GET /repos/{owner}/{repo}/items/{item_id#}\n  needs issues:read\n  role repository:read\n";

/// Fills the store; gives the texts of the tokens that are used.
pub fn fill(data: &Path, address: &str, stored: usize, now: Timestamp) -> Outcome<Vec<String>> {
    std::fs::create_dir_all(data)?;
    let store = Store::open(Target::Sqlite(data.join("bailiwick.sqlite")))?;
    let (people, owner) = store.write(|tx| people(tx, address, now))?;
    let mut all = secrets();
    let mut texts = Vec::new();
    let mut made = 0;
    while made < stored {
        let count = BATCH.min(stored - made);
        let secrets: Vec<TokenText> = all.by_ref().take(count).collect();
        store.write(|tx| tokens(tx, &secrets, (&people, owner), made, now))?;
        let left = USED.saturating_sub(texts.len());
        texts.extend(secrets.iter().take(left).map(|secret| secret.reveal().to_owned()));
        made += count;
    }
    Ok(texts)
}

/// The secrets of the tokens, the same ones each time and without end.
pub fn secrets() -> impl Iterator<Item = TokenText> {
    let mut seed = 7_u64;
    let mut fill = move |bytes: &mut [u8]| {
        for byte in bytes {
            seed = seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
            let word = (seed ^ (seed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            *byte = (word >> 32) as u8;
        }
    };
    std::iter::repeat_with(move || TokenText::generate("bwk", TokenKind::FineGrained, &mut fill))
}

fn people(tx: &mut Tx<'_>, address: &str, now: Timestamp) -> Result<(Vec<AccountId>, AccountId), StoreError> {
    let mut people = Vec::new();
    let organization = account::insert(tx, AccountRow::new("acme", AccountKind::Organization, now))?.id;
    for number in 0..200 {
        let id = account::insert(
            tx,
            AccountRow::new(&format!("person-{number}"), AccountKind::User, now),
        )?
        .id;
        membership::set(tx, organization, id, OrganizationRole::Owner, now)?;
        people.push(id);
    }
    repository::insert(
        tx,
        RepositoryRow::new(organization, "site", Visibility::Private, now),
    )?;
    let settings = UpstreamSettings {
        catalogue: Some(CATALOGUE.to_owned()),
        headers: vec![String::from("X-Forwarded-User: {login}")],
        ..UpstreamSettings::default()
    };
    upstream::insert(
        tx,
        UpstreamRow {
            settings: serde_json::to_string(&settings).unwrap_or_default(),
            ..UpstreamRow::new("bench", UpstreamKind::Generic, address, now)
        },
    )?;
    Ok((people, organization))
}

fn tokens(
    tx: &mut Tx<'_>,
    secrets: &[TokenText],
    holders: (&[AccountId], AccountId),
    first: usize,
    now: Timestamp,
) -> Result<(), StoreError> {
    let (people, owner) = holders;
    for (number, secret) in secrets.iter().enumerate() {
        let Some(holder) = people.get(number % people.len()) else {
            continue;
        };
        let name = format!("token {}", first + number);
        let mut row = TokenRow::new(TokenKind::FineGrained, *holder, &name, secret.digest(), now);
        row.expires_at = Some(now.plus_days(30));
        let made = token::insert(tx, row)?;
        let mut held = GrantRow::new(made.id, ResourceOwner::Account(owner), now);
        for (permission, level) in [("issues", "read"), ("metadata", "read")] {
            held.permissions.insert(permission.to_owned(), level.to_owned());
        }
        held.active = true;
        held.granted_at = Some(now);
        grant::insert(tx, held, &Selection::All)?;
    }
    Ok(())
}
