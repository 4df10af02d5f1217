//! A store with one organization, one repository, one registry, and a token that reads packages.

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
pub fn fill(data: &Path, address: &str) -> Outcome<String> {
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
    store.write(|tx| rows(tx, &secret, address, now))?;
    Ok(secret.reveal().to_owned())
}

fn rows(tx: &mut Tx<'_>, secret: &TokenText, address: &str, now: Timestamp) -> Result<(), StoreError> {
    let acme = account::insert(tx, AccountRow::new("acme", AccountKind::Organization, now))?.id;
    let alice = account::insert(tx, AccountRow::new("alice", AccountKind::User, now))?.id;
    membership::set(tx, acme, alice, OrganizationRole::Owner, now)?;
    repository::insert(tx, RepositoryRow::new(acme, "site", Visibility::Private, now))?;
    upstream::insert(tx, UpstreamRow::new("images", UpstreamKind::Oci, address, now))?;
    let mut row = TokenRow::new(TokenKind::FineGrained, alice, "bench", secret.digest(), now);
    row.expires_at = Some(now.plus_days(30));
    let made = token::insert(tx, row)?;
    let mut held = GrantRow::new(made.id, ResourceOwner::Account(acme), now);
    for permission in ["packages", "metadata"] {
        held.permissions
            .insert(permission.to_owned(), String::from("read"));
    }
    held.active = true;
    held.granted_at = Some(now);
    grant::insert(tx, held, &Selection::All)?;
    Ok(())
}
