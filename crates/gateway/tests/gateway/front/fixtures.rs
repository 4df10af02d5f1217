//! Who and what there is before a test begins, and the upstreams with their sealed credentials.

use super::{ALICES_SECRET, BOBS_SECRET, Behind, TestClock};
use bailiwick_authority::Clock;
use bailiwick_model::{
    AccountId, OrganizationRole, RepositoryId, RepositoryRole, UpstreamId, UpstreamKind, Visibility,
};
use bailiwick_store::{
    AccountKind, AccountRow, LinkBar, RepositoryRow, Secret, StoreError, Tx, UpstreamLinkRow, UpstreamRow,
    account, collaborator, membership, repository, upstream,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use std::collections::BTreeMap;

/// The key that seals.
pub const KEY: [u8; 32] = [9; 32];

/// Secrets as the authority seals them: format, the key's id, nonce and bytes, bound to their place.
fn sealed(secrets: &[(&'static str, String)], about: &str) -> Secret {
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
            Aad::from(about.as_bytes()),
            &mut bytes,
        )
        .unwrap();
    let all = [&nonce[..], &bytes].concat();
    Secret(format!("s1.{key}.{}", URL_SAFE_NO_PAD.encode(all)))
}

fn put_upstream(
    tx: &mut Tx<'_>,
    behind: &Behind,
    accounts: &BTreeMap<&'static str, AccountId>,
) -> Result<UpstreamId, StoreError> {
    let now = TestClock.now();
    let mut row = upstream::insert(
        tx,
        UpstreamRow {
            settings: serde_json::to_string(&behind.settings).unwrap(),
            ..UpstreamRow::new(behind.name, behind.kind, &behind.address, now)
        },
    )?;
    row.credential = Some(sealed(&behind.secrets, &format!("upstream/{}", row.id)));
    upstream::update(tx, &row)?;
    for (login, there, active) in &behind.links {
        let account_id = accounts[login];
        let about = format!("upstream/{}/account/{account_id}", row.id);
        let own = match *login {
            "alice" => Some(ALICES_SECRET),
            "bob" => Some(BOBS_SECRET),
            _ => None,
        };
        upstream::put_link(
            tx,
            UpstreamLinkRow {
                id: 0,
                upstream_id: row.id,
                account_id,
                login: (*there).into(),
                // Without an id nothing is asked about it: what comes is what was passed on.
                upstream_key: None,
                credential: own.map(|own| sealed(&[("token", own.into())], &about)),
                expires_at: None,
                active: *active,
                barred: (!active).then_some(LinkBar::Administrator),
                created_at: now,
                updated_at: now,
            },
        )?;
    }
    Ok(row.id)
}

/// Organizations, the kind that each lives at, and its name there.
const ORGANIZATIONS: [(&str, Option<UpstreamKind>, &str); 5] = [
    ("acme", Some(UpstreamKind::Gitea), "team"),
    ("labs", Some(UpstreamKind::Gitea), "labs"),
    ("code", Some(UpstreamKind::Git), "code-there"),
    ("hub", Some(UpstreamKind::GitHub), "hub-there"),
    ("home", None, ""),
];

const REPOSITORIES: [(&str, &str, Visibility, &str); 7] = [
    ("acme", "site", Visibility::Private, "team/website"),
    ("acme", "www", Visibility::Public, "team/www"),
    ("acme", "secret", Visibility::Private, "team/secret"),
    ("labs", "rocket", Visibility::Private, "labs/rocket"),
    ("code", "tool", Visibility::Private, "code-there/tool"),
    ("hub", "kit", Visibility::Private, "hub-there/kit"),
    ("home", "here", Visibility::Private, ""),
];

/// The people, the places and the upstreams.
pub fn all(
    tx: &mut Tx<'_>,
    behind: &[Behind],
    accounts: &mut BTreeMap<&'static str, AccountId>,
    repositories: &mut BTreeMap<&'static str, RepositoryId>,
) -> Result<(), StoreError> {
    let now = TestClock.now();
    for login in ["alice", "bob", "carol", "dave", "erin", "frank", "mallory"] {
        let row = AccountRow::new(login, AccountKind::User, now);
        accounts.insert(login, account::insert(tx, row)?.id);
    }
    // The first of a kind is where things live.
    let mut places = BTreeMap::new();
    for one in behind {
        let id = put_upstream(tx, one, accounts)?;
        places.entry(one.kind).or_insert(id);
    }
    for (login, kind, there) in ORGANIZATIONS {
        let mut row = AccountRow::new(login, AccountKind::Organization, now);
        row.base_role = RepositoryRole::None;
        row.upstream_id = kind.and_then(|kind| places.get(&kind).copied());
        row.upstream_name = row.upstream_id.map(|_| there.into());
        accounts.insert(login, account::insert(tx, row)?.id);
        membership::set(
            tx,
            accounts[login],
            accounts["alice"],
            OrganizationRole::Owner,
            now,
        )?;
    }
    let mut alice = account::by_id(tx, accounts["alice"])?.unwrap();
    alice.upstream_id = places.get(&UpstreamKind::Gitea).copied();
    alice.upstream_name = alice.upstream_id.map(|_| "alice-there".into());
    account::update(tx, &alice)?;
    for login in ["bob", "carol", "dave", "erin", "frank"] {
        membership::set(
            tx,
            accounts["acme"],
            accounts[login],
            OrganizationRole::Member,
            now,
        )?;
    }
    for (owner, name, visibility, there) in REPOSITORIES {
        let mut row = RepositoryRow::new(accounts[owner], name, visibility, now);
        let kind = ORGANIZATIONS
            .iter()
            .find(|(login, ..)| *login == owner)
            .unwrap()
            .1;
        row.upstream_id = kind.and_then(|kind| places.get(&kind).copied());
        row.upstream_name = row.upstream_id.map(|_| there.into());
        repositories.insert(name, repository::insert(tx, row)?.id);
        if name == "site" {
            for login in ["bob", "carol", "dave", "erin", "frank"] {
                collaborator::set(
                    tx,
                    repositories[name],
                    accounts[login],
                    RepositoryRole::Write,
                    now,
                )?;
            }
        }
    }
    Ok(())
}
