//! What a person's start page tells: what waits for their decision, what of theirs ends soon or waits for others.

use crate::Authority;
use crate::directory::reach::Owners;
use crate::fault::Fault;
use crate::gather::Named;
use crate::permit::Permit;
use crate::records;
use crate::token::view::{RequestView, load_request};
use bailiwick_catalogue::{Target, op};
use bailiwick_model::grant::ResourceOwner;
use bailiwick_model::{RequestState, Timestamp};
use bailiwick_store::access_request::RequestQuery;
use bailiwick_store::account::AccountQuery;
use bailiwick_store::token::TokenQuery;
use bailiwick_store::{TokenRow, Tx, access_request, account, token};
use std::collections::BTreeSet;

/// The most organizations of one enterprise that a start page looks at.
const ORGANIZATIONS_MAX: usize = 200;

/// A place with requests that the caller may look at.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Deciding {
    /// The login of the organization or the slug of the enterprise.
    pub name: String,
    /// Whether it is an enterprise.
    pub enterprise: bool,
    /// How many wait.
    pub waiting: i64,
}

impl Authority {
    /// The organizations and enterprises whose requests the caller may list and where some wait.
    pub fn waiting_decisions(&self, permit: &Permit) -> Result<Vec<Deciding>, Fault> {
        permit.person()?;
        let Some(facts) = permit.gathered().principal() else {
            return Ok(Vec::new());
        };
        let mut organizations: BTreeSet<_> = facts.organizations.iter().map(|(id, _)| *id).collect();
        organizations.extend(facts.approver_of.iter().chain(&facts.auditor_of));
        self.read(permit, |tx| {
            // Owners of an enterprise decide at its organizations too.
            for (id, _) in &facts.enterprises {
                let query = AccountQuery {
                    enterprise: Some(*id),
                    limit: ORGANIZATIONS_MAX,
                    ..AccountQuery::default()
                };
                organizations.extend(account::list(tx, &query)?.into_iter().map(|row| row.id));
            }
            let mut owners = Owners::default();
            let mut found = Vec::new();
            for id in &organizations {
                let Some(record) = owners.get(tx, *id)? else {
                    continue;
                };
                if permit.would_at(op::ORGS_LIST_PAT_GRANT_REQUESTS, &record) {
                    found.push(Deciding {
                        name: record.facts.login.clone(),
                        enterprise: false,
                        waiting: waiting(tx, ResourceOwner::Account(*id))?,
                    });
                }
            }
            for (id, _) in &facts.enterprises {
                let Some(record) = records::enterprise_by_id(tx, *id)? else {
                    continue;
                };
                let name = record.facts.slug.clone();
                let named = Named::Enterprise(std::sync::Arc::new(record));
                let index = op::BAILIWICK_LIST_PAT_REQUESTS_FOR_ENTERPRISE;
                if permit.would(index, &[(Target::Enterprise, named)]) {
                    found.push(Deciding {
                        name,
                        enterprise: true,
                        waiting: waiting(tx, ResourceOwner::Enterprise(*id))?,
                    });
                }
            }
            found.retain(|place| place.waiting > 0);
            Ok(found)
        })
    }

    /// The caller's own live tokens that end at or before an instant, the next one first.
    pub fn own_tokens_ending(&self, permit: &Permit, until: Timestamp) -> Result<Vec<TokenRow>, Fault> {
        let mut rows = self.live_tokens(permit)?;
        rows.retain(|row| row.expires_at.is_some_and(|end| end <= until));
        rows.sort_by_key(|row| row.expires_at);
        Ok(rows)
    }

    /// The caller's own requests that wait for a decision, the newest first.
    pub fn own_requests_waiting(&self, permit: &Permit) -> Result<Vec<RequestView>, Fault> {
        let tokens = self.live_tokens(permit)?;
        self.read(permit, |tx| {
            let mut views = Vec::new();
            for row in &tokens {
                for request in access_request::of_token(tx, row.id)? {
                    if request.state == RequestState::Pending {
                        views.push(load_request(tx, request)?);
                    }
                }
            }
            views.sort_by_key(|view| std::cmp::Reverse(view.row.id));
            Ok(views)
        })
    }

    fn live_tokens(&self, permit: &Permit) -> Result<Vec<TokenRow>, Fault> {
        let query = TokenQuery {
            owner: Some(permit.person()?),
            kind: None,
            live_at: Some(permit.now()),
        };
        self.read(permit, |tx| Ok(token::list(tx, &query)?))
    }
}

fn waiting(tx: &mut Tx<'_>, owner: ResourceOwner) -> Result<i64, Fault> {
    let query = RequestQuery {
        state: Some(RequestState::Pending),
        limit: usize::MAX,
        ..RequestQuery::default()
    };
    Ok(access_request::count(tx, owner, &query)?)
}
