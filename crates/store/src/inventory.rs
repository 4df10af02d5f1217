//! The tokens that reach an enterprise: fine-grained ones with a grant at it or at one of its organizations, classic
//! ones of everybody who has a place in one of them, since those reach whatever their person reaches.

use crate::filter::Filter;
use crate::{AccountRow, Result, TokenRow, Tx, Value, values};
use bailiwick_model::{AccountId, EnterpriseId, Timestamp, TokenId, TokenKind};

/// Where a token stands at the enterprise.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Standing {
    /// It opens something here, or asks to.
    #[default]
    Live,
    /// It opens something here.
    Active,
    /// It asks to, and opens nothing here yet.
    Pending,
    /// It has expired.
    Expired,
    /// It was revoked, or its access here was.
    Revoked,
    /// Any of these.
    Any,
}

/// Which tokens to list.
#[derive(Clone, Debug)]
pub struct InventoryQuery {
    /// Of this enterprise.
    pub enterprise: EnterpriseId,
    /// Only what reaches this one of its organizations.
    pub organization: Option<AccountId>,
    /// Of this kind.
    pub kind: Option<TokenKind>,
    /// Of this account.
    pub holder: Option<AccountId>,
    /// These tokens; empty is any.
    pub tokens: Vec<TokenId>,
    /// Standing so.
    pub standing: Standing,
    /// The instant that it stands so.
    pub now: Timestamp,
    /// Ending before this instant.
    pub ends_before: Option<Timestamp>,
    /// Without an end.
    pub endless: bool,
    /// Made before this instant and not used since.
    pub unused_since: Option<Timestamp>,
    /// Skip so many.
    pub offset: usize,
    /// Return at most so many.
    pub limit: usize,
}

impl InventoryQuery {
    /// Everything live of an enterprise.
    pub const fn new(enterprise: EnterpriseId, now: Timestamp) -> InventoryQuery {
        InventoryQuery {
            enterprise,
            organization: None,
            kind: None,
            holder: None,
            tokens: Vec::new(),
            standing: Standing::Live,
            now,
            ends_before: None,
            endless: false,
            unused_since: None,
            offset: 0,
            limit: 0,
        }
    }
}

/// A text with the values of its `?`.
type Clause = (String, Vec<Value>);

/// The organizations that count.
fn organizations(query: &InventoryQuery) -> Clause {
    let enterprise = Value::from(query.enterprise);
    match query.organization {
        Some(id) => (
            String::from("SELECT id FROM account WHERE enterprise_id = ? AND deleted_at IS NULL AND id = ?"),
            vec![enterprise, Value::from(id)],
        ),
        None => (
            String::from("SELECT id FROM account WHERE enterprise_id = ? AND deleted_at IS NULL"),
            vec![enterprise],
        ),
    }
}

/// Tokens with a row of `table` at one of the places.
fn with_row(query: &InventoryQuery, table: &str, condition: &str) -> Clause {
    let (inner, mut values) = organizations(query);
    let mut text = format!(
        "token.id IN (SELECT token_id FROM {table} WHERE owner_kind = 'account' AND owner_id IN ({inner}) {condition}"
    );
    if query.organization.is_none() {
        text.push_str(&format!(
            " UNION ALL SELECT token_id FROM {table} WHERE owner_kind = 'enterprise' AND owner_id = ? {condition}"
        ));
        values.push(Value::from(query.enterprise));
    }
    text.push(')');
    (text, values)
}

fn granted(query: &InventoryQuery) -> Clause {
    with_row(query, "token_grant", "")
}

fn active(query: &InventoryQuery) -> Clause {
    with_row(query, "token_grant", "AND active = 1")
}

fn asking(query: &InventoryQuery) -> Clause {
    with_row(query, "access_request", "AND state = 'pending'")
}

/// Classic tokens of everybody with a place in one of the organizations.
fn classic(query: &InventoryQuery) -> Clause {
    let (inner, values) = organizations(query);
    let text = format!(
        "(token.kind = 'classic' AND token.owner_id IN (\
         SELECT user_id FROM membership WHERE organization_id IN ({inner}) \
         UNION SELECT id FROM account WHERE owner_id IN ({inner}) \
         UNION SELECT collaborator.user_id FROM collaborator \
         JOIN repository ON repository.id = collaborator.repository_id \
         WHERE repository.deleted_at IS NULL AND repository.owner_id IN ({inner})))"
    );
    let all = [values.clone(), values.clone(), values].concat();
    (text, all)
}

/// Any of these.
fn either(clauses: Vec<Clause>) -> Clause {
    let (texts, values): (Vec<String>, Vec<Vec<Value>>) = clauses.into_iter().unzip();
    (format!("({})", texts.join(" OR ")), values.concat())
}

fn not((text, values): Clause) -> Clause {
    (format!("NOT {text}"), values)
}

fn conditions(query: &InventoryQuery) -> Filter {
    let mut filter = Filter::new("token.deleted_at IS NULL");
    let mut and = |(text, values): Clause| filter.and_all(&text, &values);
    let unrevoked = (String::from("token.revoked_at IS NULL"), Vec::new());
    let running = (
        String::from("(token.expires_at IS NULL OR token.expires_at > ?)"),
        vec![Value::from(query.now)],
    );
    match query.standing {
        Standing::Any => and(either(vec![granted(query), classic(query)])),
        Standing::Live => {
            and(unrevoked);
            and(running);
            and(either(vec![active(query), asking(query), classic(query)]));
        }
        Standing::Active => {
            and(unrevoked);
            and(running);
            and(either(vec![active(query), classic(query)]));
        }
        Standing::Pending => {
            and(unrevoked);
            and(running);
            and(asking(query));
            and(not(active(query)));
        }
        Standing::Expired => {
            and(unrevoked);
            and((
                String::from("token.expires_at <= ?"),
                vec![Value::from(query.now)],
            ));
            and(either(vec![active(query), asking(query), classic(query)]));
        }
        Standing::Revoked => {
            and(either(vec![granted(query), classic(query)]));
            let (here, values) = either(vec![active(query), asking(query)]);
            let text = format!("(token.revoked_at IS NOT NULL OR (token.kind <> 'classic' AND NOT {here}))");
            and((text, values));
        }
    }
    filter.and_some("token.kind = ?", query.kind);
    filter.and_some("token.owner_id = ?", query.holder);
    filter.and_in("token.id", &query.tokens);
    filter.and_some("token.expires_at < ?", query.ends_before);
    if query.endless {
        filter.and_text("token.expires_at IS NULL");
    }
    if let Some(since) = query.unused_since {
        filter.and("token.issued_at < ?", since);
        filter.and("(token.last_used_at IS NULL OR token.last_used_at < ?)", since);
    }
    filter
}

/// The tokens with who holds them, newest first.
pub fn list(tx: &mut Tx<'_>, query: &InventoryQuery) -> Result<Vec<(TokenRow, AccountRow)>> {
    let mut filter = conditions(query);
    let tail = filter.tail(
        "token JOIN account ON account.id = token.owner_id",
        "ORDER BY token.id DESC LIMIT ? OFFSET ?",
        &[query.limit.into(), query.offset.into()],
    );
    let sql = format!(
        "SELECT {}, {} FROM {tail}",
        TokenRow::COLUMNS,
        AccountRow::COLUMNS
    );
    let mut rows = tx.query(&sql, filter.values())?;
    rows.iter_mut()
        .map(|row| Ok((TokenRow::read(row)?, AccountRow::read(row)?)))
        .collect()
}

/// How many the query would list without offset and limit.
pub fn count(tx: &mut Tx<'_>, query: &InventoryQuery) -> Result<i64> {
    let mut filter = conditions(query);
    let tail = filter.tail("token", "", &[]);
    tx.one(&format!("SELECT COUNT(*) FROM {tail}"), filter.values())?
        .int()
}

/// Whether an account is a member, or a service account, of one of the enterprise's organizations.
pub fn belongs(tx: &mut Tx<'_>, enterprise: EnterpriseId, id: AccountId) -> Result<bool> {
    const OF: &str = "SELECT id FROM account WHERE enterprise_id = $1 AND deleted_at IS NULL";
    let sql = format!(
        "SELECT 1 FROM account WHERE id = $2 AND (owner_id IN ({OF}) \
         OR id IN (SELECT user_id FROM membership WHERE organization_id IN ({OF})))"
    );
    Ok(tx.optional(&sql, values![enterprise, id])?.is_some())
}

/// One organization of an enterprise with what there is to count.
#[derive(Clone, PartialEq, Debug)]
pub struct OrganizationCount {
    /// The organization.
    pub row: AccountRow,
    /// Its members.
    pub members: i64,
    /// Its repositories.
    pub repositories: i64,
    /// Active grants at it.
    pub grants: i64,
    /// Requests that wait there.
    pub pending: i64,
}

/// The organizations of an enterprise by login.
pub fn organizations_of(
    tx: &mut Tx<'_>,
    enterprise: EnterpriseId,
    offset: usize,
    limit: usize,
) -> Result<Vec<OrganizationCount>> {
    let sql = format!(
        "SELECT {}, \
         (SELECT COUNT(*) FROM membership WHERE organization_id = account.id), \
         (SELECT COUNT(*) FROM repository WHERE owner_id = account.id AND deleted_at IS NULL), \
         (SELECT COUNT(*) FROM token_grant WHERE owner_kind = 'account' AND owner_id = account.id AND active = 1), \
         (SELECT COUNT(*) FROM access_request WHERE owner_kind = 'account' AND owner_id = account.id AND state = 'pending') \
         FROM account WHERE enterprise_id = $1 AND deleted_at IS NULL ORDER BY folded LIMIT $2 OFFSET $3",
        AccountRow::COLUMNS
    );
    let mut rows = tx.query(&sql, values![enterprise, limit, offset])?;
    rows.iter_mut()
        .map(|row| {
            Ok(OrganizationCount {
                row: AccountRow::read(row)?,
                members: row.int()?,
                repositories: row.int()?,
                grants: row.int()?,
                pending: row.int()?,
            })
        })
        .collect()
}

/// How many organizations an enterprise has, and how many requests wait at it and at them.
pub fn totals(tx: &mut Tx<'_>, enterprise: EnterpriseId) -> Result<(i64, i64, i64)> {
    const OF: &str = "SELECT id FROM account WHERE enterprise_id = $1 AND deleted_at IS NULL";
    let sql = format!(
        "SELECT (SELECT COUNT(*) FROM account WHERE enterprise_id = $1 AND deleted_at IS NULL), \
         (SELECT COUNT(*) FROM access_request WHERE owner_kind = 'enterprise' AND owner_id = $1 AND state = 'pending'), \
         (SELECT COUNT(*) FROM access_request WHERE owner_kind = 'account' AND owner_id IN ({OF}) AND state = 'pending')"
    );
    let mut row = tx.one(&sql, values![enterprise])?;
    Ok((row.int()?, row.int()?, row.int()?))
}

/// The enterprises that a user owns, by name.
pub fn owned_by(tx: &mut Tx<'_>, user: AccountId) -> Result<Vec<crate::EnterpriseRow>> {
    crate::EnterpriseRow::select(
        tx,
        "enterprise WHERE id IN (SELECT enterprise_id FROM enterprise_owner WHERE user_id = $1) ORDER BY slug",
        values![user],
    )
}
