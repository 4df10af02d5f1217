//! What is known of a request's conditions before its object is loaded, here and at servers behind the gateway.

use crate::gather::Gathered;
use crate::names::Names;
use bailiwick_catalogue::{Door, Operation, When};
use bailiwick_decision::Known;

/// Whether an operation has rules about the object's author, which only the database knows.
pub(crate) fn needs_object(operation: Option<&Operation>) -> bool {
    operation.is_some_and(|operation| operation.terms().any(|term| term.author_role.is_some()))
}

fn has_workflow_term(operation: Option<&Operation>) -> bool {
    operation.is_some_and(|operation| operation.terms().any(|term| term.when == When::Workflow))
}

/// What is known of the object before it is loaded. This host keeps no pull requests, so that whatever has a
/// number is an issue; whether a workflow file is touched shows only on the objects.
// SECURITY: what is at a server behind the gateway is not known here: there, conditions count.
pub(crate) fn conditions(operation: Option<&Operation>, names: &Names) -> bailiwick_decision::Conditions {
    if operation.is_some_and(|operation| operation.door == Door::Gitea) {
        return bailiwick_decision::Conditions {
            workflow: if names.no_workflow {
                Known::No
            } else {
                Known::Unknown
            },
            author: Known::No,
            ..bailiwick_decision::Conditions::default()
        };
    }
    bailiwick_decision::Conditions {
        issue: Known::Yes,
        pull_request: Known::No,
        workflow: if has_workflow_term(operation) {
            Known::Later
        } else {
            Known::No
        },
        author: Known::No,
        package: bailiwick_decision::Package::Unnamed,
    }
}

/// Of what is at a server behind the gateway nothing is known here: whether a number is an issue or a pull request, and
/// who wrote it.
// SECURITY: this host's own issues of the same repository and number say nothing of the upstream's.
pub(crate) fn forget_if_elsewhere(gathered: &mut Gathered) {
    if gathered.upstream().is_some() {
        gathered.conditions.issue = Known::Unknown;
        gathered.conditions.pull_request = Known::Unknown;
        gathered.conditions.author = Known::No;
    }
}
