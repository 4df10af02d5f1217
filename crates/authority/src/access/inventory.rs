//! The inventory of an enterprise: every token that reaches it, of every kind, across its organizations. What a token
//! may do elsewhere is not told here.

use crate::Authority;
use crate::act::Act;
use crate::fault::Fault;
use crate::permit::Permit;
use crate::token::edit::end_grant;
use crate::token::end::revoke;
use crate::token::view::{GrantView, RequestView, load_grant, load_request};
use bailiwick_model::grant::ResourceOwner;
use bailiwick_model::{AccountId, EnterpriseId, GrantId, Timestamp, TokenId, TokenKind};
use bailiwick_store::inventory::{self, InventoryQuery};
use bailiwick_store::{AccountRow, GrantRow, TokenRow, Tx, access_request, account, enterprise, grant};
use std::collections::{BTreeMap, BTreeSet};

pub use bailiwick_store::inventory::Standing;

/// Filters of the inventory, as the caller names things.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct InventoryInput {
    /// Reaching this organization of the enterprise, by login.
    pub organization: Option<String>,
    /// Held by this person or service account, by login.
    pub person: Option<String>,
    /// Of this kind.
    pub kind: Option<TokenKind>,
    /// These tokens; empty is any.
    pub tokens: Vec<TokenId>,
    /// Standing so.
    pub standing: Standing,
    /// Ending within so many days.
    pub ends_within_days: Option<i64>,
    /// Without an end.
    pub endless: bool,
    /// Not used for so many days.
    pub unused_days: Option<i64>,
    /// Skip so many.
    pub offset: usize,
    /// Return at most so many.
    pub limit: usize,
}

/// One grant of a token in the inventory.
#[derive(Clone, PartialEq, Debug)]
pub struct Reached {
    /// What is stored.
    pub grant: GrantRow,
    /// The login or slug of its owner.
    pub owner: String,
    /// Whether a request waits there.
    pub pending: bool,
}

/// A token with its reach into the enterprise.
#[derive(Clone, PartialEq, Debug)]
pub struct Inventoried {
    /// What is stored.
    pub token: TokenRow,
    /// Who holds it.
    pub holder: AccountRow,
    /// Its grants here; a classic token has none.
    pub reached: Vec<Reached>,
}

impl Inventoried {
    /// `active`, `pending`, `expired` or `revoked`, as seen from the enterprise.
    pub fn state(&self, now: Timestamp) -> &'static str {
        let classic = self.token.kind == TokenKind::Classic;
        if self.token.revoked_at.is_some() || self.token.deleted_at.is_some() {
            "revoked"
        } else if self.token.expires_at.is_some_and(|end| now >= end) {
            "expired"
        } else if classic || self.reached.iter().any(|one| one.grant.active) {
            "active"
        } else if self.reached.iter().any(|one| one.pending) {
            "pending"
        } else {
            "revoked"
        }
    }
}

/// One token with everything that is to be known of it here.
#[derive(Clone, PartialEq, Debug)]
pub struct InventoryDetail {
    /// The token.
    pub entry: Inventoried,
    /// Whether its holder is a member or a service account of one of the organizations.
    pub belongs: bool,
    /// Its grants here, with names.
    pub grants: Vec<GrantView>,
    /// What was asked and decided here, newest first.
    pub requests: Vec<RequestView>,
}

/// The owners of an enterprise's inventory, by what a grant names.
struct Places(BTreeMap<ResourceOwner, String>);

impl Places {
    fn load(tx: &mut Tx<'_>, id: EnterpriseId) -> Result<Places, Fault> {
        let mut places = BTreeMap::new();
        if let Some(row) = enterprise::by_id(tx, id)? {
            places.insert(ResourceOwner::Enterprise(id), row.slug);
        }
        let query = account::AccountQuery {
            enterprise: Some(id),
            limit: usize::MAX,
            ..Default::default()
        };
        for row in account::list(tx, &query)? {
            places.insert(ResourceOwner::Account(row.id), row.login);
        }
        Ok(Places(places))
    }

    fn enter(&self, tx: &mut Tx<'_>, token: TokenRow, holder: AccountRow) -> Result<Inventoried, Fault> {
        let mut reached = Vec::new();
        for row in grant::of_token(tx, token.id)? {
            if let Some(owner) = self.0.get(&row.owner()) {
                let pending = access_request::pending_of_grant(tx, row.id)?.is_some();
                reached.push(Reached {
                    grant: row,
                    owner: owner.clone(),
                    pending,
                });
            }
        }
        Ok(Inventoried {
            token,
            holder,
            reached,
        })
    }
}

fn enterprise_of(permit: &Permit) -> Result<EnterpriseId, Fault> {
    match permit.resource_owner()? {
        ResourceOwner::Enterprise(id) => Ok(id),
        ResourceOwner::Account(_) => Err(Fault::not_found()),
    }
}

/// The query of an input; none if it names nobody known, which lists nothing.
fn query(
    tx: &mut Tx<'_>,
    id: EnterpriseId,
    input: &InventoryInput,
    now: Timestamp,
) -> Result<Option<InventoryQuery>, Fault> {
    let mut named = |login: &Option<String>| -> Result<Option<Option<AccountId>>, Fault> {
        match login {
            None => Ok(Some(None)),
            Some(login) => Ok(account::by_login(tx, login)?.map(|row| Some(row.id))),
        }
    };
    let (Some(organization), Some(holder)) = (named(&input.organization)?, named(&input.person)?) else {
        return Ok(None);
    };
    Ok(Some(InventoryQuery {
        organization,
        holder,
        kind: input.kind,
        tokens: input.tokens.clone(),
        standing: input.standing,
        ends_before: input.ends_within_days.map(|days| now.plus_days(days)),
        endless: input.endless,
        unused_since: input.unused_days.map(|days| now.plus_days(-days)),
        offset: input.offset,
        limit: input.limit,
        ..InventoryQuery::new(id, now)
    }))
}

impl Authority {
    /// The tokens that reach the enterprise that the path names, newest first, and how many fit in all.
    pub fn inventory(
        &self,
        permit: &Permit,
        input: &InventoryInput,
    ) -> Result<(Vec<Inventoried>, i64), Fault> {
        let id = enterprise_of(permit)?;
        self.read(permit, |tx| {
            let Some(query) = query(tx, id, input, permit.now())? else {
                return Ok((Vec::new(), 0));
            };
            let places = Places::load(tx, id)?;
            let total = inventory::count(tx, &query)?;
            let rows = inventory::list(tx, &query)?;
            let entries = rows
                .into_iter()
                .map(|(token, holder)| places.enter(tx, token, holder))
                .collect::<Result<Vec<_>, Fault>>()?;
            Ok((entries, total))
        })
    }

    /// One token that reaches the enterprise.
    pub fn inventoried(&self, permit: &Permit, token: TokenId) -> Result<InventoryDetail, Fault> {
        let id = enterprise_of(permit)?;
        self.read(permit, |tx| {
            let entry = found(tx, id, token, permit.now())?;
            let here: BTreeSet<GrantId> = entry.reached.iter().map(|one| one.grant.id).collect();
            let mut grants = Vec::new();
            for one in &entry.reached {
                grants.push(load_grant(tx, one.grant.clone())?);
            }
            let mut requests = Vec::new();
            for row in access_request::of_token(tx, token)? {
                if here.contains(&row.grant_id) {
                    requests.push(load_request(tx, row)?);
                }
            }
            requests.sort_by_key(|view| std::cmp::Reverse(view.row.id));
            Ok(InventoryDetail {
                belongs: inventory::belongs(tx, id, entry.holder.id)?,
                entry,
                grants,
                requests,
            })
        })
    }

    /// Revokes tokens of the inventory, all or none: of a fine-grained token every grant and request here, a classic
    /// token as a whole. Returns how many of either.
    pub fn inventory_revoke(&self, permit: Permit, tokens: &[TokenId]) -> Result<(i64, i64), Fault> {
        super::check_ids("PersonalAccessToken", "token_ids", tokens)?;
        let id = enterprise_of(&permit)?;
        self.act(permit, |act, permit| {
            let (mut whole, mut grants) = (0, 0);
            for token in tokens {
                let entry = found(act.tx, id, *token, permit.now())?;
                if entry.token.kind == TokenKind::Classic {
                    whole += i64::from(revoke_classic(act, permit, id, &entry)?);
                    continue;
                }
                for one in entry.reached.iter().filter(|one| one.grant.active || one.pending) {
                    end_grant(act, permit, &entry.token, &one.grant)?;
                    grants += 1;
                }
            }
            act.action("personal_access_token.revoke");
            act.note("tokens", whole);
            act.note("grants", grants);
            Ok((whole, grants))
        })
    }
}

fn revoke_classic(
    act: &mut Act<'_, '_>,
    permit: &Permit,
    id: EnterpriseId,
    entry: &Inventoried,
) -> Result<bool, Fault> {
    if entry.token.revoked_at.is_some() {
        return Ok(false);
    }
    if !inventory::belongs(act.tx, id, entry.holder.id)? {
        let message = format!(
            "{} is an outside collaborator, whose classic tokens the enterprise cannot end: block classic tokens at the organization, or end the collaboration",
            entry.holder.login
        );
        return Err(Fault::invalid(
            "PersonalAccessToken",
            "token_ids",
            "invalid",
            message,
        ));
    }
    revoke(act, &entry.token, "revoked by the enterprise", permit.now())?;
    Ok(true)
}

/// A token of the inventory, whatever its standing. Any other answers as none.
fn found(tx: &mut Tx<'_>, id: EnterpriseId, token: TokenId, now: Timestamp) -> Result<Inventoried, Fault> {
    let query = InventoryQuery {
        tokens: vec![token],
        standing: Standing::Any,
        limit: 1,
        ..InventoryQuery::new(id, now)
    };
    let (row, holder) = inventory::list(tx, &query)?
        .into_iter()
        .next()
        .ok_or_else(Fault::not_found)?;
    Places::load(tx, id)?.enter(tx, row, holder)
}
