//! Access requests: as resource owners list them, and as requesters list and withdraw their own.

use crate::Authority;
use crate::fault::Fault;
use crate::permit::Permit;
use crate::token::RepositoryName;
use crate::token::ask::{account_of, request_fields};
use crate::token::view::{GrantView, RequestView, load_grant, load_request, repository_names};
use bailiwick_model::grant::ResourceOwner;
use bailiwick_model::{RepositoryId, RequestId, RequestState, Timestamp, TokenId};
use bailiwick_store::access_request::RequestQuery;
use bailiwick_store::{ChangeKey, Tx, access_request, account, token};

/// The filters of both lists at an owner.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ListInput {
    /// Logins of holders.
    pub owners: Vec<String>,
    /// A repository's name.
    pub repository: Option<String>,
    /// A permission's slug.
    pub permission: Option<String>,
    /// Last used before.
    pub used_before: Option<Timestamp>,
    /// Last used after.
    pub used_after: Option<Timestamp>,
    /// Tokens.
    pub tokens: Vec<TokenId>,
    /// Oldest first.
    pub ascending: bool,
    /// Skip so many.
    pub offset: usize,
    /// Return at most so many, and one more to see whether there are more.
    pub limit: usize,
}

/// The filters in ids; `None` if one of them names nothing, so that the list is empty and never everything.
pub(crate) struct Filters {
    pub holders: Vec<bailiwick_model::AccountId>,
    pub repository: Option<RepositoryId>,
}

pub(crate) fn filters(
    tx: &mut Tx<'_>,
    owner: ResourceOwner,
    input: &ListInput,
) -> Result<Option<Filters>, Fault> {
    let mut holders = Vec::new();
    for login in &input.owners {
        if let Some(row) = account::by_login(tx, login)? {
            holders.push(row.id);
        }
    }
    if holders.is_empty() && !input.owners.is_empty() {
        return Ok(None);
    }
    let repository = match (&input.repository, owner) {
        (None, _) => None,
        (Some(_), ResourceOwner::Enterprise(_)) => return Ok(None),
        (Some(name), ResourceOwner::Account(id)) => {
            let bare = name.rsplit('/').next().unwrap_or(name);
            match bailiwick_store::repository::by_name(tx, id, bare)? {
                Some(row) => Some(row.id),
                None => return Ok(None),
            }
        }
    };
    Ok(Some(Filters { holders, repository }))
}

fn query(filters: Filters, input: &ListInput) -> RequestQuery {
    RequestQuery {
        state: Some(RequestState::Pending),
        holders: filters.holders,
        tokens: input.tokens.clone(),
        repository: filters.repository,
        permission: input.permission.clone(),
        used_before: input.used_before,
        used_after: input.used_after,
        ascending: input.ascending,
        offset: input.offset,
        limit: input.limit,
    }
}

/// A request beside what is held now and what was asked after it.
#[derive(Clone, PartialEq, Debug)]
pub struct RequestCase {
    /// The request.
    pub request: RequestView,
    /// The grant as it is now; one that is not active holds nothing.
    pub present: GrantView,
    /// The newest request of the same grant, if it is another.
    pub newer: Option<RequestView>,
    /// The approved repositories by their present names, where they were listed.
    pub approved: Vec<RepositoryName>,
}

impl Authority {
    /// One request at the owner that the path names, with what it would change.
    pub fn request_case(&self, permit: &Permit, id: RequestId) -> Result<RequestCase, Fault> {
        let owner = permit.resource_owner()?;
        self.read(permit, |tx| {
            let row = access_request::by_id(tx, id)?
                .filter(|row| row.owner() == owner)
                .ok_or_else(Fault::not_found)?;
            let grant = bailiwick_store::grant::by_id(tx, row.grant_id)?.ok_or_else(Fault::not_found)?;
            let present = load_grant(tx, grant)?;
            let newer = present.request.clone().filter(|newest| newest.row.id != id);
            let approved = row.approved_repositories.clone().unwrap_or_default();
            Ok(RequestCase {
                approved: repository_names(tx, &bailiwick_model::Selection::subset(approved))?,
                request: load_request(tx, row)?,
                present,
                newer,
            })
        })
    }

    /// How many requests are pending at the owner that the path names, with the same filters.
    pub fn requests_count(&self, permit: &Permit, input: &ListInput) -> Result<u64, Fault> {
        let owner = permit.resource_owner()?;
        self.read(permit, |tx| {
            let Some(filters) = filters(tx, owner, input)? else {
                return Ok(0);
            };
            let count = access_request::count(tx, owner, &query(filters, input))?;
            Ok(u64::try_from(count).unwrap_or(0))
        })
    }

    /// Pending requests at the owner that the path names.
    pub fn requests(&self, permit: &Permit, input: &ListInput) -> Result<Vec<RequestView>, Fault> {
        let owner = permit.resource_owner()?;
        self.read(permit, |tx| {
            let Some(filters) = filters(tx, owner, input)? else {
                return Ok(Vec::new());
            };
            let held = access_request::list(tx, owner, &query(filters, input))?;
            held.into_iter()
                .map(|held| load_request(tx, held.request))
                .collect()
        })
    }

    /// One request at the owner that the path names, whatever became of it.
    pub fn request(&self, permit: &Permit, id: RequestId) -> Result<RequestView, Fault> {
        let owner = permit.resource_owner()?;
        self.read(permit, |tx| {
            let row = access_request::by_id(tx, id)?
                .filter(|row| row.owner() == owner)
                .ok_or_else(Fault::not_found)?;
            load_request(tx, row)
        })
    }

    /// The repositories that a request asks for.
    pub fn request_repositories(&self, permit: &Permit, id: RequestId) -> Result<Vec<RepositoryName>, Fault> {
        Ok(self.request(permit, id)?.repositories)
    }

    /// The person's own requests, newest first.
    pub fn own_requests(&self, permit: &Permit) -> Result<Vec<RequestView>, Fault> {
        let person = permit.person()?;
        self.read(permit, |tx| {
            let query = bailiwick_store::token::TokenQuery {
                owner: Some(person),
                kind: None,
                live_at: None,
            };
            let mut views = Vec::new();
            for row in token::list(tx, &query)? {
                for request in access_request::of_token(tx, row.id)? {
                    views.push(load_request(tx, request)?);
                }
            }
            views.sort_by_key(|view| std::cmp::Reverse(view.row.id));
            Ok(views)
        })
    }

    /// Withdraws one of the person's own pending requests.
    pub fn request_cancel(&self, permit: Permit, id: RequestId) -> Result<(), Fault> {
        let person = permit.person()?;
        self.act(permit, |act, permit| {
            let row = access_request::by_id(act.tx, id)?.ok_or_else(Fault::not_found)?;
            let token = token::by_id(act.tx, row.token_id)?
                .filter(|token| token.owner_id == person)
                .ok_or_else(Fault::not_found)?;
            super::decide::end(act, &row, bailiwick_decision::request::Verb::Cancel, None, permit)?;
            act.tx.changed(ChangeKey::Token(token.id));
            let selection = access_request::selection(act.tx, &row)?;
            let (login, enterprise) = crate::records::owner_name(act.tx, row.owner())?;
            act.action("personal_access_token.request_cancelled");
            act.event.owner = account_of(row.owner());
            act.event.owner_login = Some(login);
            act.event.enterprise = enterprise;
            request_fields(&mut act.event, &token, &row, &selection);
            Ok(())
        })
    }
}
