//! From checked rows to operations that live as long as the process.

use super::value;
use crate::describe::accepted_header;
use crate::named::{AccountName, Names, RepositoryName};
use crate::operation::{Door, Kinds, Operation, OperationIndex, Requirement, Term};
use crate::read::names as read_names;
use crate::read::parse::Operation as Row;
use crate::read::requirement::{Needs, Term as RowTerm};
use crate::read::template::{params, plain};
use crate::registry::Loaded;
use bailiwick_model::{Level, PermissionId};

/// A row with its terms understood, ready to be leaked.
pub(crate) struct Lowered {
    row: Row,
    id: String,
    names: read_names::Names,
    /// `None` where the row needs no terms.
    terms: Option<Vec<Vec<Term>>>,
}

/// Understands a row's words; `None` if one of them means nothing at run time.
pub(crate) fn lower(upstream: &str, row: Row, names: read_names::Names) -> Option<Lowered> {
    let terms = match &row.needs {
        Needs::Live | Needs::Closed => None,
        Needs::AnyOf(alternatives) => Some(
            alternatives
                .iter()
                .map(|terms| terms.iter().map(term).collect::<Option<Vec<Term>>>())
                .collect::<Option<Vec<_>>>()?,
        ),
    };
    Some(Lowered {
        id: format!("{upstream}/{}", row.id),
        row,
        names,
        terms,
    })
}

fn term(row: &RowTerm) -> Option<Term> {
    let author_role = match row.author {
        Some(rust) => Some(value::role(rust)?),
        None => None,
    };
    Some(Term {
        target: value::target(row.target)?,
        permission: PermissionId(u8::try_from(row.permission).ok()?),
        level: Level::parse(row.level)?,
        role: value::role(row.role)?,
        author_role,
        when: value::when(row.when)?,
    })
}

impl Lowered {
    /// Everything that it is made of, but for where it is written.
    pub(crate) fn key(&self) -> String {
        let row = &self.row;
        format!(
            "{:?}",
            (
                (&self.id, row.method, &row.segments, &self.names, &row.needs),
                (
                    row.anonymous,
                    row.kinds,
                    row.writes,
                    row.bulk,
                    row.plants,
                    row.spans
                ),
                (&row.action, &row.why),
            )
        )
    }

    /// The operation at its place. Leaks; the registry says why.
    pub(crate) fn make(&self, index: OperationIndex) -> Loaded {
        let row = &self.row;
        let requirement = match (&self.terms, &row.needs) {
            (Some(terms), _) => Requirement::AnyOf(slice(terms.iter().map(|set| slice(set.iter().copied())))),
            (None, Needs::Live) => Requirement::Live,
            (None, Needs::Closed | Needs::AnyOf(_)) => Requirement::Closed,
        };
        let operation = Operation {
            id: text(&self.id),
            index,
            door: Door::Mounted,
            method: row.method,
            path: text(&plain(&row.segments)),
            requirement,
            anonymous: value::anonymous(row.anonymous),
            scopes: &[],
            kinds: Kinds {
                fine_grained: row.kinds.0,
                classic: false,
                session: row.kinds.2,
            },
            writes: row.writes,
            bulk: row.bulk,
            sudo: false,
            plants: row.plants,
            spans: row.spans,
            action: text(&row.action),
            why: text(&row.why),
        };
        Loaded {
            accepted: accepted_header(&operation),
            operation,
            params: slice(params(&row.segments).into_iter().map(text)),
            names: named(&self.names),
        }
    }
}

fn named(names: &read_names::Names) -> Names {
    use read_names::{AccountName as Account, RepositoryName as Repository};
    Names {
        repository: names.repository.as_ref().map(|name| match name {
            Repository::OwnerAndName(owner, name) => RepositoryName::OwnerAndName(text(owner), text(name)),
            Repository::Id(id) => RepositoryName::Id(text(id)),
            Repository::Fixed(owner, name) => RepositoryName::Fixed(text(owner), text(name)),
        }),
        organization: names.organization.as_ref().map(|name| match name {
            Account::Login(login) => AccountName::Login(text(login)),
            Account::Id(id) => AccountName::Id(text(id)),
            Account::Team(id) => AccountName::Team(text(id)),
            Account::Fixed(login) => AccountName::Fixed(text(login)),
        }),
        enterprise: names.enterprise.as_deref().map(text),
    }
}

fn text(text: &str) -> &'static str {
    Box::leak(text.into())
}

fn slice<T>(items: impl Iterator<Item = T>) -> &'static [T] {
    Box::leak(items.collect())
}
