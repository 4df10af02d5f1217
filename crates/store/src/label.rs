//! Labels of repositories.

use crate::record::record;
use crate::{Result, Tx, values};
use bailiwick_model::name::fold;
use bailiwick_model::{IssueId, LabelId, RepositoryId};

record! {
    /// A label.
    pub struct LabelRow in "label" {
        /// Its id; `insert` gives it.
        pub id: LabelId,
        /// The repository.
        pub repository_id: RepositoryId,
        /// Its name.
        pub name: String,
        /// The name as it is compared; `insert` and `update` set it.
        pub folded: String,
        /// Six hexadecimal digits.
        pub color: String,
        /// What it means.
        pub description: Option<String>,
    }
}

/// The unique index of a repository's label names.
pub const NAME_TAKEN: &str = "label_repository_id_folded_key";

impl LabelRow {
    /// A label without description.
    pub fn new(repository_id: RepositoryId, name: &str, color: &str) -> LabelRow {
        LabelRow {
            id: LabelId(0),
            repository_id,
            name: name.to_owned(),
            folded: fold(name),
            color: color.to_owned(),
            description: None,
        }
    }
}

/// Adds a label under a new id. A taken name is a conflict of [`NAME_TAKEN`].
pub fn insert(tx: &mut Tx<'_>, mut row: LabelRow) -> Result<LabelRow> {
    row.id = LabelId(tx.next_id("label")?);
    row.folded = fold(&row.name);
    row.insert_row(tx)?;
    Ok(row)
}

/// Writes every field.
pub fn update(tx: &mut Tx<'_>, row: &LabelRow) -> Result<()> {
    LabelRow {
        folded: fold(&row.name),
        ..row.clone()
    }
    .update_row(tx)
}

/// Deletes a label and takes it off every issue.
pub fn delete(tx: &mut Tx<'_>, id: LabelId) -> Result<bool> {
    tx.execute("DELETE FROM issue_label WHERE label_id = $1", values![id])?;
    Ok(tx.execute("DELETE FROM label WHERE id = $1", values![id])? > 0)
}

/// The label of a name in a repository, in whatever case it is written.
pub fn by_name(tx: &mut Tx<'_>, repository: RepositoryId, name: &str) -> Result<Option<LabelRow>> {
    LabelRow::find(
        tx,
        "label WHERE repository_id = $1 AND folded = $2",
        values![repository, fold(name)],
    )
}

/// The labels of a repository by name.
pub fn list(tx: &mut Tx<'_>, repository: RepositoryId) -> Result<Vec<LabelRow>> {
    LabelRow::select(
        tx,
        "label WHERE repository_id = $1 ORDER BY folded",
        values![repository],
    )
}

/// The labels of an issue by name.
pub fn of_issue(tx: &mut Tx<'_>, issue: IssueId) -> Result<Vec<LabelRow>> {
    LabelRow::select(
        tx,
        "label JOIN issue_label ON issue_label.label_id = label.id \
         WHERE issue_label.issue_id = $1 ORDER BY label.folded",
        values![issue],
    )
}

/// Puts a label on an issue.
pub fn attach(tx: &mut Tx<'_>, issue: IssueId, label: LabelId) -> Result<()> {
    tx.execute(
        "INSERT INTO issue_label (issue_id, label_id) VALUES ($1, $2) ON CONFLICT (issue_id, label_id) DO NOTHING",
        values![issue, label],
    )
    .map(|_| ())
}

/// Takes a label off an issue; tells whether it was on it.
pub fn detach(tx: &mut Tx<'_>, issue: IssueId, label: LabelId) -> Result<bool> {
    Ok(tx.execute(
        "DELETE FROM issue_label WHERE issue_id = $1 AND label_id = $2",
        values![issue, label],
    )? > 0)
}

/// Takes every label off an issue.
pub fn detach_all(tx: &mut Tx<'_>, issue: IssueId) -> Result<u64> {
    tx.execute("DELETE FROM issue_label WHERE issue_id = $1", values![issue])
}
