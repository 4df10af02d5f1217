//! A store with one organization, one repository, one upstream where both live, and a token that reads there.

use crate::Outcome;
use crate::clock::now;
use bailiwick_model::grant::ResourceOwner;
use bailiwick_model::{
    OrganizationRole, Selection, Timestamp, TokenKind, TokenText, UpstreamKind, Visibility,
};
use bailiwick_store::{
    AccountKind, AccountRow, GrantRow, RepositoryRow, Store, StoreError, Target, TokenRow, Tx, UpstreamRow,
    account, grant, membership, repository, token, upstream,
};
use std::path::Path;

/// Fills the store; gives the text of the token.
pub fn fill(data: &Path, kind: UpstreamKind, address: &str) -> Outcome<String> {
    std::fs::create_dir_all(data)?;
    let store = Store::open(Target::Sqlite(data.join("bailiwick.sqlite")))?;
    let mut next = 1_u8;
    let secret = TokenText::generate("bwk", TokenKind::FineGrained, &mut |bytes: &mut [u8]| {
        for byte in bytes {
            next = next.wrapping_mul(5).wrapping_add(3);
            *byte = next;
        }
    });
    let now = now()?;
    store.write(|tx| rows(tx, &secret, (kind, address), now))?;
    Ok(secret.reveal().to_owned())
}

fn rows(
    tx: &mut Tx<'_>,
    secret: &TokenText,
    (kind, address): (UpstreamKind, &str),
    now: Timestamp,
) -> Result<(), StoreError> {
    let there = upstream::insert(tx, UpstreamRow::new("behind", kind, address, now))?.id;
    // A registry knows nobody: whose packages are whose is known here.
    let home = (kind == UpstreamKind::Git).then_some(there);
    let acme = AccountRow {
        upstream_id: home,
        upstream_name: home.map(|_| String::from("acme")),
        ..AccountRow::new("acme", AccountKind::Organization, now)
    };
    let acme = account::insert(tx, acme)?.id;
    let alice = account::insert(tx, AccountRow::new("alice", AccountKind::User, now))?.id;
    membership::set(tx, acme, alice, OrganizationRole::Owner, now)?;
    let site = RepositoryRow {
        upstream_id: home,
        upstream_name: home.map(|_| String::from("acme/site")),
        ..RepositoryRow::new(acme, "site", Visibility::Private, now)
    };
    repository::insert(tx, site)?;
    let mut row = TokenRow::new(TokenKind::FineGrained, alice, "bench", secret.digest(), now);
    row.expires_at = Some(now.plus_days(30));
    let made = token::insert(tx, row)?;
    let mut held = GrantRow::new(made.id, ResourceOwner::Account(acme), now);
    for permission in ["contents", "packages", "metadata"] {
        held.permissions
            .insert(permission.to_owned(), String::from("read"));
    }
    held.active = true;
    held.granted_at = Some(now);
    grant::insert(tx, held, &Selection::All)?;
    Ok(())
}
