//! Tokens: minting, editing, regenerating, ending, and who may be chosen as resource owner.

pub mod ask;
pub mod edit;
pub mod end;
pub mod mint;
pub mod owners;
pub mod regenerate;
pub mod repositories;
pub mod target;
pub mod view;

pub use mint::{Expiry, MintInput, Minted};
pub use owners::OwnerChoice;
pub use repositories::{RepositoryChoice, RepositoryChoices};
pub use target::{GrantInput, OwnerName, SelectionInput};
pub use view::{GrantView, RepositoryName, RequestView, TokenView};

use crate::fault::Fault;
use bailiwick_model::limit::{TOKEN_DESCRIPTION_CHARS_MAX, TOKEN_NAME_CHARS_MAX};

/// The resource name in field errors.
pub(crate) const RESOURCE: &str = "PersonalAccessToken";

/// Checks a token's name.
pub(crate) fn check_name(name: &str) -> Result<(), Fault> {
    if name.trim().is_empty() {
        return Err(Fault::invalid(RESOURCE, "name", "missing", "Name can't be blank"));
    }
    if name.chars().count() > TOKEN_NAME_CHARS_MAX {
        let message = format!("is too long (maximum is {TOKEN_NAME_CHARS_MAX} characters)");
        return Err(Fault::invalid(RESOURCE, "name", "invalid", message));
    }
    if !bailiwick_model::name::is_plain_text(name, false) {
        return Err(Fault::invalid(
            RESOURCE,
            "name",
            "invalid",
            "holds characters that hide or reorder text",
        ));
    }
    Ok(())
}

/// Checks a token's description.
pub(crate) fn check_description(description: &str) -> Result<(), Fault> {
    if description.chars().count() > TOKEN_DESCRIPTION_CHARS_MAX {
        let message = format!("is too long (maximum is {TOKEN_DESCRIPTION_CHARS_MAX} characters)");
        return Err(Fault::invalid(RESOURCE, "description", "invalid", message));
    }
    if !bailiwick_model::name::is_plain_text(description, true) {
        return Err(Fault::invalid(
            RESOURCE,
            "description",
            "invalid",
            "holds characters that hide or reorder text",
        ));
    }
    Ok(())
}

/// Checks a reason, of a request or of a decision.
pub(crate) fn check_reason(reason: Option<&str>) -> Result<(), Fault> {
    let max = bailiwick_model::limit::REASON_CHARS_MAX;
    if reason.is_some_and(|reason| reason.chars().count() > max) {
        let message = format!("is too long (maximum is {max} characters)");
        return Err(Fault::invalid(RESOURCE, "reason", "invalid", message));
    }
    Ok(())
}
