//! What a question asks for, in the catalogue's form.

use crate::question::{Asked, Takes};
use bailiwick_catalogue::{
    Door, Operation, OperationIndex, Requirement, Role, ScopeAlternative, Target, Term, When,
};
use bailiwick_model::{Level, PermissionId};

impl Asked {
    /// The operation in the catalogue's form. Its slices live as long as the test: a few bytes for each case.
    pub fn operation(&self) -> Operation {
        let scopes: Vec<ScopeAlternative> = self
            .scopes
            .iter()
            .map(|(set, public_only)| ScopeAlternative {
                set: set.iter().copied().collect(),
                public_only: *public_only,
            })
            .collect();
        let requirement = match &self.takes {
            Takes::Live => Requirement::Live,
            Takes::Closed => Requirement::Closed,
            Takes::AnyOf(sets) => {
                let sets: Vec<&'static [Term]> = sets.iter().map(|terms| &*terms.clone().leak()).collect();
                Requirement::AnyOf(sets.leak())
            }
        };
        // Nothing particular in the fields that decisions do not read.
        Operation {
            id: "test/operation",
            index: OperationIndex(0),
            door: Door::Api,
            method: "GET",
            path: "/test",
            requirement,
            anonymous: self.anonymous,
            scopes: scopes.leak(),
            kinds: self.kinds,
            writes: false,
            bulk: false,
            sudo: self.sudo,
            plants: self.plants,
            spans: false,
            action: "test.operation",
            why: "",
        }
    }
}

/// A term that always counts.
pub fn term(target: Target, permission: u8, level: Level, role: Role) -> Term {
    Term {
        target,
        permission: PermissionId(permission),
        level,
        role,
        author_role: None,
        when: When::Always,
    }
}
