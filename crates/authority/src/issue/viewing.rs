//! Issues and comments with the people around them, as answers show them.

use crate::fault::Fault;
use crate::permit::Permit;
use crate::token::RepositoryName;
use bailiwick_model::{AccountId, OrganizationRole, RepositoryId};
use bailiwick_store::{
    AccountKind, AccountRow, CommentRow, IssueRow, LabelRow, Tx, account, collaborator, issue, label,
    membership,
};
use std::collections::HashMap;
use std::sync::Arc;

/// Who wrote something, and how that person stands to the repository.
#[derive(Clone, Debug)]
pub struct Author {
    /// The account; `None` if it is gone.
    pub account: Option<AccountRow>,
    /// `OWNER`, `MEMBER`, `COLLABORATOR` or `NONE`.
    pub association: &'static str,
}

/// An issue as answers show it.
#[derive(Clone, Debug)]
pub struct IssueView {
    /// What is stored.
    pub row: IssueRow,
    /// Where it is.
    pub place: Arc<RepositoryName>,
    /// Who opened it.
    pub author: Author,
    /// Whom it is assigned to.
    pub assignees: Vec<AccountRow>,
    /// Its labels.
    pub labels: Vec<LabelRow>,
    /// Who closed it.
    pub closed_by: Option<AccountRow>,
}

/// A comment as answers show it.
#[derive(Clone, Debug)]
pub struct CommentView {
    /// What is stored.
    pub row: CommentRow,
    /// The number of its issue.
    pub number: i64,
    /// Where it is.
    pub place: Arc<RepositoryName>,
    /// Who wrote it.
    pub author: Author,
}

/// People looked up once per answer.
#[derive(Default)]
pub(crate) struct Viewing {
    accounts: HashMap<AccountId, Option<AccountRow>>,
    associations: HashMap<(RepositoryId, AccountId), &'static str>,
}

impl Viewing {
    /// A live account.
    pub(crate) fn account(&mut self, tx: &mut Tx<'_>, id: AccountId) -> Result<Option<AccountRow>, Fault> {
        if let Some(known) = self.accounts.get(&id) {
            return Ok(known.clone());
        }
        let found = account::by_id(tx, id)?.filter(|row| row.deleted_at.is_none());
        self.accounts.insert(id, found.clone());
        Ok(found)
    }

    fn author(
        &mut self,
        tx: &mut Tx<'_>,
        permit: &Permit,
        place: &RepositoryName,
        id: AccountId,
    ) -> Result<Author, Fault> {
        let account = self.account(tx, id)?;
        let key = (place.row.id, id);
        let association = match self.associations.get(&key) {
            Some(known) => known,
            None => {
                let found = association(tx, permit, place, id)?;
                self.associations.insert(key, found);
                found
            }
        };
        Ok(Author { account, association })
    }

    /// One issue with what belongs to it.
    pub(crate) fn issue(
        &mut self,
        tx: &mut Tx<'_>,
        permit: &Permit,
        place: &Arc<RepositoryName>,
        row: IssueRow,
    ) -> Result<IssueView, Fault> {
        let author = self.author(tx, permit, place, row.user_id)?;
        let closed_by = match row.closed_by {
            Some(id) => self.account(tx, id)?,
            None => None,
        };
        Ok(IssueView {
            place: place.clone(),
            author,
            assignees: issue::assignees(tx, row.id)?,
            labels: label::of_issue(tx, row.id)?,
            closed_by,
            row,
        })
    }

    /// One comment with its author.
    pub(crate) fn comment(
        &mut self,
        tx: &mut Tx<'_>,
        permit: &Permit,
        place: &Arc<RepositoryName>,
        number: i64,
        row: CommentRow,
    ) -> Result<CommentView, Fault> {
        Ok(CommentView {
            author: self.author(tx, permit, place, row.user_id)?,
            number,
            place: place.clone(),
            row,
        })
    }
}

/// How somebody stands to a repository. A hidden membership is told only to members of the same organization.
fn association(
    tx: &mut Tx<'_>,
    permit: &Permit,
    place: &RepositoryName,
    id: AccountId,
) -> Result<&'static str, Fault> {
    let owner = &place.owner;
    if owner.id == id {
        return Ok("OWNER");
    }
    if owner.kind == AccountKind::Organization
        && let Some(member) = membership::get(tx, owner.id, id)?
    {
        let reader = permit.gathered().principal();
        let inside = reader.is_some_and(|reader| {
            reader.id == Some(id) || reader.organization(owner.id) > OrganizationRole::None
        });
        if member.public || inside {
            return Ok("MEMBER");
        }
    }
    match collaborator::get(tx, place.row.id, id)? {
        Some(_) => Ok("COLLABORATOR"),
        None => Ok("NONE"),
    }
}
