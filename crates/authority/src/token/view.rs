//! A token with its grants, requests and the names they carry, for whoever may see them.

use crate::Authority;
use crate::fault::Fault;
use crate::levels::{Grouped, grouped};
use crate::permit::Permit;
use bailiwick_model::grant::ResourceOwner;
use bailiwick_model::{AccountId, EnterpriseId, RepositoryId, Selection, Timestamp, TokenId, TokenKind};
use bailiwick_store::token::TokenQuery;
use bailiwick_store::{
    AccessRequestRow, AccountRow, GrantRow, RepositoryRow, TokenRow, Tx, access_request, account, enterprise,
    grant, repository, token,
};

/// A repository by id and by its present name.
#[derive(Clone, PartialEq, Debug)]
pub struct RepositoryName {
    /// Its row.
    pub row: RepositoryRow,
    /// Its owner.
    pub owner: AccountRow,
}

impl RepositoryName {
    /// `owner/name`.
    pub fn full_name(&self) -> String {
        format!("{}/{}", self.owner.login, self.row.name)
    }
}

/// Who a grant is of, with its name.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum OwnerView {
    /// A user or organization.
    Account(AccountId, String, &'static str),
    /// An enterprise.
    Enterprise(EnterpriseId, String),
}

/// A request with its names.
#[derive(Clone, PartialEq, Debug)]
pub struct RequestView {
    /// What is stored.
    pub row: AccessRequestRow,
    /// What is asked for.
    pub permissions: Grouped,
    /// Which repositories.
    pub selection: Selection,
    /// Their names.
    pub repositories: Vec<RepositoryName>,
    /// The token.
    pub token: TokenRow,
    /// Who holds it.
    pub holder: AccountRow,
    /// Who decided.
    pub decided_by: Option<String>,
}

/// A grant with its names.
#[derive(Clone, PartialEq, Debug)]
pub struct GrantView {
    /// What is stored.
    pub row: GrantRow,
    /// Of whom.
    pub owner: OwnerView,
    /// What is approved.
    pub permissions: Grouped,
    /// Which repositories.
    pub selection: Selection,
    /// Their names.
    pub repositories: Vec<RepositoryName>,
    /// The newest request.
    pub request: Option<RequestView>,
}

/// A token with its grants.
#[derive(Clone, PartialEq, Debug)]
pub struct TokenView {
    /// What is stored.
    pub row: TokenRow,
    /// Its grants.
    pub grants: Vec<GrantView>,
}

impl TokenView {
    /// `active`, `pending`, `expired` or `revoked`.
    pub fn state(&self, now: Timestamp) -> &'static str {
        if self.row.revoked_at.is_some() || self.row.deleted_at.is_some() {
            "revoked"
        } else if self.row.expires_at.is_some_and(|end| now >= end) {
            "expired"
        } else if self.row.kind == TokenKind::FineGrained
            && !self.grants.iter().any(|grant| grant.row.active)
            && self.grants.iter().any(GrantView::is_pending)
        {
            "pending"
        } else {
            "active"
        }
    }
}

impl GrantView {
    /// Whether a request waits for a decision.
    pub fn is_pending(&self) -> bool {
        self.request
            .as_ref()
            .is_some_and(|request| request.row.state == bailiwick_model::RequestState::Pending)
    }
}

pub(crate) fn load_token(tx: &mut Tx<'_>, row: &TokenRow) -> Result<TokenView, Fault> {
    let mut grants = Vec::new();
    for row in grant::of_token(tx, row.id)? {
        grants.push(load_grant(tx, row)?);
    }
    Ok(TokenView {
        row: row.clone(),
        grants,
    })
}

pub(crate) fn load_grant(tx: &mut Tx<'_>, row: GrantRow) -> Result<GrantView, Fault> {
    let selection = grant::selection(tx, &row)?;
    let request = match access_request::latest_of_grant(tx, row.id)? {
        Some(request) => Some(load_request(tx, request)?),
        None => None,
    };
    Ok(GrantView {
        owner: owner_view(tx, row.owner())?,
        permissions: grouped(&row.permissions),
        repositories: repository_names(tx, &selection)?,
        selection,
        request,
        row,
    })
}

pub(crate) fn load_request(tx: &mut Tx<'_>, row: AccessRequestRow) -> Result<RequestView, Fault> {
    let selection = access_request::selection(tx, &row)?;
    let token = token::by_id(tx, row.token_id)?.ok_or_else(Fault::not_found)?;
    let holder = account::by_id(tx, token.owner_id)?.ok_or_else(Fault::not_found)?;
    let decided_by = match row.decided_by {
        Some(id) => account::by_id(tx, id)?.map(|account| account.login),
        None => None,
    };
    Ok(RequestView {
        permissions: grouped(&row.permissions),
        repositories: repository_names(tx, &selection)?,
        selection,
        token,
        holder,
        decided_by,
        row,
    })
}

fn owner_view(tx: &mut Tx<'_>, owner: ResourceOwner) -> Result<OwnerView, Fault> {
    Ok(match owner {
        ResourceOwner::Account(id) => {
            let account = account::by_id(tx, id)?.ok_or_else(Fault::not_found)?;
            let kind = match account.kind {
                bailiwick_store::AccountKind::Organization => "Organization",
                bailiwick_store::AccountKind::User | bailiwick_store::AccountKind::Service => "User",
            };
            OwnerView::Account(id, account.login, kind)
        }
        ResourceOwner::Enterprise(id) => {
            let enterprise = enterprise::by_id(tx, id)?.ok_or_else(Fault::not_found)?;
            OwnerView::Enterprise(id, enterprise.slug)
        }
    })
}

/// The live repositories of a subset with their names.
pub(crate) fn repository_names(tx: &mut Tx<'_>, selection: &Selection) -> Result<Vec<RepositoryName>, Fault> {
    let Selection::Subset(ids) = selection else {
        return Ok(Vec::new());
    };
    let mut names = Vec::with_capacity(ids.len());
    for id in ids {
        if let Some(name) = repository_name(tx, *id)? {
            names.push(name);
        }
    }
    Ok(names)
}

fn repository_name(tx: &mut Tx<'_>, id: RepositoryId) -> Result<Option<RepositoryName>, Fault> {
    let Some(row) = repository::by_id(tx, id)?.filter(|row| row.deleted_at.is_none()) else {
        return Ok(None);
    };
    let owner = account::by_id(tx, row.owner_id)?.ok_or_else(Fault::not_found)?;
    Ok(Some(RepositoryName { row, owner }))
}

impl Authority {
    /// The person's own tokens, newest first.
    pub fn own_tokens(&self, permit: &Permit, kind: Option<TokenKind>) -> Result<Vec<TokenView>, Fault> {
        let owner = permit.person()?;
        self.read(permit, |tx| tokens_of(tx, owner, kind))
    }

    /// A page of the person's own tokens of a kind, newest first, and how many there are.
    pub fn own_tokens_page(
        &self,
        permit: &Permit,
        kind: TokenKind,
        offset: usize,
        limit: usize,
    ) -> Result<(Vec<TokenView>, u64), Fault> {
        let owner = permit.person()?;
        let bounded = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
        self.read(permit, |tx| {
            let rows = token::page(tx, owner, kind, bounded(offset), bounded(limit))?;
            let views = rows
                .iter()
                .map(|row| load_token(tx, row))
                .collect::<Result<_, _>>()?;
            let count = token::count(tx, owner, kind)?;
            Ok((views, u64::try_from(count).unwrap_or(0)))
        })
    }

    /// One of the person's own tokens.
    pub fn own_token(&self, permit: &Permit, id: TokenId) -> Result<TokenView, Fault> {
        let owner = permit.person()?;
        self.read(permit, |tx| {
            let row = own_row(tx, owner, id)?;
            load_token(tx, &row)
        })
    }

    /// The token that the request was made with.
    pub fn current_token(&self, permit: &Permit) -> Result<TokenView, Fault> {
        let id = permit
            .gathered()
            .token()
            .map(|token| token.facts.id)
            .ok_or_else(Fault::not_found)?;
        self.read(permit, |tx| {
            let row = token::by_id(tx, id)?.ok_or_else(Fault::not_found)?;
            load_token(tx, &row)
        })
    }
}

pub(crate) fn tokens_of(
    tx: &mut Tx<'_>,
    owner: AccountId,
    kind: Option<TokenKind>,
) -> Result<Vec<TokenView>, Fault> {
    let rows = token::list(
        tx,
        &TokenQuery {
            owner: Some(owner),
            kind,
            live_at: None,
        },
    )?;
    let mut views = Vec::with_capacity(rows.len());
    for row in rows.iter().filter(|row| row.deleted_at.is_none()) {
        views.push(load_token(tx, row)?);
    }
    views.sort_by_key(|view| std::cmp::Reverse(view.row.id));
    Ok(views)
}

/// The row of a token that an account holds and has not deleted. Others' tokens answer as none.
pub(crate) fn own_row(tx: &mut Tx<'_>, owner: AccountId, id: TokenId) -> Result<TokenRow, Fault> {
    token::by_id(tx, id)?
        .filter(|row| row.owner_id == owner && row.deleted_at.is_none())
        .ok_or_else(Fault::not_found)
}
