//! Checks of what clients write into names and descriptions.

use crate::fault::Fault;
use bailiwick_model::name::{NameError, is_plain_text};

/// Longest one-line text: a name, a place, a company.
pub(crate) const LINE_CHARS_MAX: usize = 255;
/// Longest description of a repository, a team or an organization.
pub(crate) const DESCRIPTION_CHARS_MAX: usize = 350;

/// One line of plain text.
pub(crate) fn line(resource: &'static str, field: &str, text: &str, chars_max: usize) -> Result<(), Fault> {
    if text.chars().count() > chars_max {
        let message = format!("is too long (maximum is {chars_max} characters)");
        return Err(Fault::invalid(resource, field, "custom", message));
    }
    if !is_plain_text(text, false) {
        return Err(Fault::invalid(
            resource,
            field,
            "invalid",
            "control characters are not allowed",
        ));
    }
    Ok(())
}

/// An address of a web page, or nothing. Only the web's own protocols: pages make it a link.
pub(crate) fn web_address(resource: &'static str, field: &str, text: &str) -> Result<(), Fault> {
    line(resource, field, text, LINE_CHARS_MAX)?;
    // SECURITY: a link with another protocol could run a script on the reader's page.
    let web = ["https://", "http://"].iter().any(|start| {
        text.get(..start.len())
            .is_some_and(|head| head.eq_ignore_ascii_case(start))
            && text.len() > start.len()
    });
    if text.is_empty() || web {
        Ok(())
    } else {
        Err(Fault::invalid(
            resource,
            field,
            "invalid",
            "must be an http or https address",
        ))
    }
}

/// A mail address, roughly: one `@` with something on both sides.
pub(crate) fn email(resource: &'static str, field: &str, text: &str) -> Result<(), Fault> {
    line(resource, field, text, LINE_CHARS_MAX)?;
    let good = text.split_once('@').is_some_and(|(name, host)| {
        !name.is_empty()
            && !host.is_empty()
            && !host.contains('@')
            && !text.contains([' ', '<', '>', '"', ','])
    });
    if good {
        Ok(())
    } else {
        Err(Fault::invalid(
            resource,
            field,
            "invalid",
            "is not an email address",
        ))
    }
}

/// A login that may be taken.
pub(crate) fn login(resource: &'static str, text: &str) -> Result<(), Fault> {
    bailiwick_model::name::login(text).map_err(|error| {
        let message = match error {
            NameError::Empty => return Fault::invalid(resource, "login", "missing_field", ""),
            NameError::TooLong => "is too long (maximum is 39 characters)",
            NameError::Character => "may only contain letters, digits and single hyphens inside",
            NameError::Reserved => "is a reserved word",
        };
        Fault::invalid(resource, "login", "custom", message)
    })
}

/// A repository's name.
pub(crate) fn repository_name(text: &str) -> Result<(), Fault> {
    bailiwick_model::name::repository(text).map_err(|error| {
        let message = match error {
            NameError::Empty => return Fault::invalid("Repository", "name", "missing_field", ""),
            NameError::TooLong => "name is too long (maximum is 100 characters)",
            NameError::Character => "name may only contain letters, digits, `.`, `-` and `_`",
            NameError::Reserved => "name is reserved",
        };
        Fault::invalid("Repository", "name", "custom", message)
    })
}

/// `None` and the empty text both remove a value.
pub(crate) fn kept(text: Option<&str>) -> Option<String> {
    text.map(str::trim)
        .filter(|text| !text.is_empty())
        .map(str::to_owned)
}
