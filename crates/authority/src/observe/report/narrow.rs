//! The narrowest token that would have sufficed: of every use that its upstream answered, for each owner the highest
//! level of each permission, and the repositories.

use super::ObservedCredential;
use super::kept::read_needs;
use crate::fault::Fault;
use crate::levels::{self, Slugs};
use crate::records;
use bailiwick_model::grant::ResourceOwner;
use bailiwick_model::limit::TOKEN_LIFETIME_DAYS_DEFAULT;
use bailiwick_model::{Levels, RepositoryId};
use bailiwick_store::{ObservationRow, Tx, enterprise, facts, repository};
use std::collections::{BTreeMap, BTreeSet};

/// Repositories that are listed one by one at the most; more are all.
const LISTED_MAX: usize = 50;

/// A grant of the narrowest token.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NarrowGrant {
    /// The login of the owner, or the slug of the enterprise.
    pub owner: String,
    /// Whether that is an enterprise.
    pub enterprise: bool,
    /// `all`, `subset` or `none`.
    pub selection: &'static str,
    /// `owner/name` of each selected repository.
    pub repositories: Vec<String>,
    /// Slugs with level words.
    pub permissions: Slugs,
    /// Whether the owner's policy asks for approval.
    pub approval_required: bool,
}

/// The narrowest token.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NarrowToken {
    /// A name for it.
    pub name: String,
    /// Its life in days: what is usual, or the longest that every owner allows.
    pub expires_in: i64,
    /// Its grants.
    pub grants: Vec<NarrowGrant>,
}

#[derive(Default)]
struct Sum {
    levels: Levels,
    repositories: BTreeSet<RepositoryId>,
    all: bool,
}

struct Bounds {
    lifetime: Option<i64>,
    alone: bool,
}

/// The narrowest tokens of a credential: one, or one for each owner where an owner wants that.
pub(super) fn tokens(
    tx: &mut Tx<'_>,
    upstream: &str,
    credential: &ObservedCredential,
    uses: &[ObservationRow],
) -> Result<Vec<NarrowToken>, Fault> {
    let mut sums: BTreeMap<ResourceOwner, Sum> = BTreeMap::new();
    for need in uses.iter().flat_map(|one| read_needs(&one.needs)) {
        let sum = sums.entry(need.owner).or_default();
        let level = sum.levels.get(need.permission).max(need.level);
        sum.levels.set(need.permission, level);
        sum.repositories.extend(need.repository);
        sum.all |= need.all;
    }
    let mut grants = Vec::new();
    for (owner, sum) in sums {
        if let Some(grant) = grant(tx, owner, &sum)? {
            grants.push(grant);
        }
    }
    let short = credential.row.digest.get(..6).unwrap_or_default().to_owned();
    let name = match &credential.row.login {
        Some(login) => format!("{login} at {upstream} ({short})"),
        None => format!("{upstream} ({short})"),
    };
    let alone = grants.len() > 1 && grants.iter().any(|(_, bounds)| bounds.alone);
    let of = |grants: Vec<(NarrowGrant, Bounds)>, name: String| NarrowToken {
        name,
        expires_in: grants
            .iter()
            .filter_map(|(_, bounds)| bounds.lifetime)
            .fold(TOKEN_LIFETIME_DAYS_DEFAULT, i64::min),
        grants: grants.into_iter().map(|(grant, _)| grant).collect(),
    };
    if !alone {
        return Ok(vec![of(grants, name)]);
    }
    Ok(grants
        .into_iter()
        .map(|one| {
            let name = format!("{name} for {}", one.0.owner);
            of(vec![one], name)
        })
        .collect())
}

fn grant(tx: &mut Tx<'_>, owner: ResourceOwner, sum: &Sum) -> Result<Option<(NarrowGrant, Bounds)>, Fault> {
    let (name, enterprise, policy) = match owner {
        ResourceOwner::Account(id) => match facts::owner(tx, id)? {
            Some(rows) => {
                let record = records::owner_record(rows);
                (record.row.login.clone(), false, record.facts.policy)
            }
            None => return Ok(None),
        },
        ResourceOwner::Enterprise(id) => {
            let Some(row) = enterprise::by_id(tx, id)? else {
                return Ok(None);
            };
            match records::enterprise(tx, &row.slug)? {
                Some(record) => (record.row.slug.clone(), true, record.facts.policy),
                None => return Ok(None),
            }
        }
    };
    let mut repositories = Vec::new();
    let all = sum.all || sum.repositories.len() > LISTED_MAX;
    if !all {
        for id in &sum.repositories {
            // What is gone, or belongs to somebody else by now, cannot be asked for.
            if let Some(row) = repository::by_id(tx, *id)?
                && ResourceOwner::Account(row.owner_id) == owner
                && row.deleted_at.is_none()
            {
                repositories.push(format!("{name}/{}", row.name));
            }
        }
    }
    let grant = NarrowGrant {
        owner: name,
        enterprise,
        selection: match (all, repositories.is_empty()) {
            (true, _) => "all",
            (false, false) => "subset",
            (false, true) => "none",
        },
        repositories,
        permissions: levels::store(&sum.levels),
        approval_required: policy.fine_grained.approval_required,
    };
    let bounds = Bounds {
        lifetime: policy.fine_grained.lifetime_days_max,
        alone: !policy.several_owners_allowed,
    };
    Ok(Some((grant, bounds)))
}
