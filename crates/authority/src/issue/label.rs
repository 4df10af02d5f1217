//! Labels: those of a repository, and those on its issues.

use super::edit::would_here;
use super::{RESOURCE, found, note, require_issues, text};
use crate::Authority;
use crate::act::Act;
use crate::fault::Fault;
use crate::permit::Permit;
use bailiwick_catalogue::op;
use bailiwick_model::limit::ISSUE_LABELS_MAX;
use bailiwick_store::label::{self, NAME_TAKEN};
use bailiwick_store::{IssueRow, LabelRow, StoreError, issue};

/// The colour of a label that comes into being by being used.
const COLOR_DEFAULT: &str = "ededed";

/// What a body says of a label; what is absent stays.
#[derive(Clone, Debug, Default)]
pub struct LabelInput {
    /// Its name.
    pub name: Option<String>,
    /// Its colour.
    pub color: Option<String>,
    /// What it means; `Some(None)` removes it.
    pub description: Option<Option<String>>,
}

fn taken(error: StoreError) -> Fault {
    if error.is_conflict_of(NAME_TAKEN) {
        Fault::invalid("Label", "name", "already_exists", "")
    } else {
        Fault::from(error)
    }
}

fn apply(row: &mut LabelRow, input: &LabelInput) -> Result<(), Fault> {
    if let Some(name) = &input.name {
        text::label_name(name)?;
        name.clone_into(&mut row.name);
    }
    if let Some(color) = &input.color {
        row.color = text::color(color)?;
    }
    if let Some(description) = &input.description {
        if let Some(description) = description {
            text::label_description(description)?;
        }
        row.description = description.clone().filter(|text| !text.is_empty());
    }
    Ok(())
}

impl Authority {
    /// The labels of the permitted repository, by name.
    pub fn labels(&self, permit: &Permit) -> Result<Vec<LabelRow>, Fault> {
        let repository = permit.repository()?.id;
        self.read(permit, |tx| Ok(label::list(tx, repository)?))
    }

    /// The label of a name.
    pub fn label(&self, permit: &Permit, name: &str) -> Result<LabelRow, Fault> {
        let repository = permit.repository()?.id;
        self.read(permit, |tx| {
            label::by_name(tx, repository, name)?.ok_or_else(Fault::not_found)
        })
    }

    /// Makes a label.
    pub fn label_create(&self, permit: Permit, input: &LabelInput) -> Result<LabelRow, Fault> {
        let repository = permit.repository()?.id;
        self.act(permit, |act, _| {
            let mut row = LabelRow::new(repository, "", COLOR_DEFAULT);
            let named = LabelInput {
                name: Some(input.name.clone().unwrap_or_default()),
                ..input.clone()
            };
            apply(&mut row, &named)?;
            let row = label::insert(act.tx, row).map_err(taken)?;
            act.note("label", row.name.as_str());
            Ok(row)
        })
    }

    /// Changes a label.
    pub fn label_update(&self, permit: Permit, name: &str, input: &LabelInput) -> Result<LabelRow, Fault> {
        let repository = permit.repository()?.id;
        self.act(permit, |act, _| {
            let mut row = label::by_name(act.tx, repository, name)?.ok_or_else(Fault::not_found)?;
            let before = row.name.clone();
            apply(&mut row, input)?;
            label::update(act.tx, &row).map_err(taken)?;
            act.note("label", row.name.as_str());
            act.note("old_name", before);
            Ok(row)
        })
    }

    /// Deletes a label and takes it off every issue.
    pub fn label_delete(&self, permit: Permit, name: &str) -> Result<(), Fault> {
        let repository = permit.repository()?.id;
        self.act(permit, |act, _| {
            let row = label::by_name(act.tx, repository, name)?.ok_or_else(Fault::not_found)?;
            label::delete(act.tx, row.id)?;
            act.note("label", row.name);
            Ok(())
        })
    }

    /// The labels of an issue.
    pub fn issue_labels(&self, permit: &Permit, number: i64) -> Result<Vec<LabelRow>, Fault> {
        require_issues(permit)?;
        self.read(permit, |tx| {
            let row = found(tx, permit, number)?;
            Ok(label::of_issue(tx, row.id)?)
        })
    }

    /// Puts further labels on an issue, or with `replace` exactly these.
    pub fn issue_label(
        &self,
        permit: Permit,
        number: i64,
        names: &[String],
        replace_all: bool,
    ) -> Result<Vec<LabelRow>, Fault> {
        require_issues(&permit)?;
        self.act(permit, |act, permit| {
            let row = found(act.tx, permit, number)?;
            if replace_all {
                replace(act, permit, &row, names)?;
            } else {
                attach(act, permit, &row, names)?;
            }
            edited(act, permit, row, names)
        })
    }

    /// Takes one label off an issue.
    pub fn issue_unlabel(&self, permit: Permit, number: i64, name: &str) -> Result<Vec<LabelRow>, Fault> {
        require_issues(&permit)?;
        let repository = permit.repository()?.id;
        self.act(permit, |act, permit| {
            let row = found(act.tx, permit, number)?;
            let missing = || Fault::new(crate::FaultKind::NotFound, "not_found", "Label does not exist");
            let one = label::by_name(act.tx, repository, name)?.ok_or_else(missing)?;
            if !label::detach(act.tx, row.id, one.id)? {
                return Err(missing());
            }
            edited(act, permit, row, &[one.name])
        })
    }

    /// Takes every label off an issue.
    pub fn issue_unlabel_all(&self, permit: Permit, number: i64) -> Result<(), Fault> {
        require_issues(&permit)?;
        self.act(permit, |act, permit| {
            let row = found(act.tx, permit, number)?;
            let names: Vec<String> = label::of_issue(act.tx, row.id)?
                .into_iter()
                .map(|label| label.name)
                .collect();
            label::detach_all(act.tx, row.id)?;
            edited(act, permit, row, &names).map(|_| ())
        })
    }
}

fn edited(
    act: &mut Act<'_, '_>,
    permit: &Permit,
    mut row: IssueRow,
    names: &[String],
) -> Result<Vec<LabelRow>, Fault> {
    row.updated_at = permit.now();
    issue::update(act.tx, &row)?;
    note(act, &row);
    act.note("labels", names.to_vec());
    Ok(label::of_issue(act.tx, row.id)?)
}

/// Puts exactly these labels on an issue.
pub(crate) fn replace(
    act: &mut Act<'_, '_>,
    permit: &Permit,
    row: &IssueRow,
    names: &[String],
) -> Result<(), Fault> {
    label::detach_all(act.tx, row.id)?;
    attach(act, permit, row, names)
}

/// Puts labels on an issue. One that does not exist yet is made, if the caller may make labels.
fn attach(act: &mut Act<'_, '_>, permit: &Permit, row: &IssueRow, names: &[String]) -> Result<(), Fault> {
    for name in names {
        text::label_name(name)?;
        let one = match label::by_name(act.tx, row.repository_id, name)? {
            Some(one) => one,
            None if would_here(permit, op::ISSUES_CREATE_LABEL) => {
                let made = label::insert(act.tx, LabelRow::new(row.repository_id, name, COLOR_DEFAULT))?;
                let event = act.another("label.create");
                event.data.insert("label".into(), made.name.as_str().into());
                made
            }
            None => {
                let message = format!("{name} does not exist, and making it takes the role write");
                return Err(Fault::invalid("Label", "name", "missing", message));
            }
        };
        label::attach(act.tx, row.id, one.id)?;
    }
    if label::of_issue(act.tx, row.id)?.len() > ISSUE_LABELS_MAX {
        let message = format!("an issue has at most {ISSUE_LABELS_MAX} labels");
        return Err(Fault::invalid(RESOURCE, "labels", "invalid", message));
    }
    Ok(())
}
