//! Checks of what people write into issues, comments and labels.

use super::RESOURCE;
use crate::fault::Fault;
use bailiwick_model::limit::{
    ISSUE_BODY_CHARS_MAX, ISSUE_TITLE_CHARS_MAX, LABEL_DESCRIPTION_CHARS_MAX, LABEL_NAME_CHARS_MAX,
};
use bailiwick_model::name::is_plain_text;

/// A title: one line, not blank.
pub(crate) fn title(text: &str) -> Result<(), Fault> {
    if text.trim().is_empty() {
        return Err(Fault::invalid(RESOURCE, "title", "missing_field", ""));
    }
    if text.chars().count() > ISSUE_TITLE_CHARS_MAX {
        let message = format!("title is too long (maximum is {ISSUE_TITLE_CHARS_MAX} characters)");
        return Err(Fault::invalid(RESOURCE, "title", "custom", message));
    }
    if !is_plain_text(text, false) {
        let message = "holds characters that hide or reorder text";
        return Err(Fault::invalid(RESOURCE, "title", "invalid", message));
    }
    Ok(())
}

/// The text of an issue or a comment: prose in any script, so that marks of direction are allowed; control
/// characters are not.
pub(crate) fn body(resource: &'static str, text: &str) -> Result<(), Fault> {
    if text.chars().count() > ISSUE_BODY_CHARS_MAX {
        let message = format!("body is too long (maximum is {ISSUE_BODY_CHARS_MAX} characters)");
        return Err(Fault::invalid(resource, "body", "custom", message));
    }
    let plain = |character: char| !character.is_control() || matches!(character, '\n' | '\r' | '\t');
    if !text.chars().all(plain) {
        return Err(Fault::invalid(
            resource,
            "body",
            "invalid",
            "control characters are not allowed",
        ));
    }
    Ok(())
}

/// A label's name.
pub(crate) fn label_name(text: &str) -> Result<(), Fault> {
    if text.trim().is_empty() {
        return Err(Fault::invalid("Label", "name", "missing_field", ""));
    }
    if text.chars().count() > LABEL_NAME_CHARS_MAX {
        let message = format!("name is too long (maximum is {LABEL_NAME_CHARS_MAX} characters)");
        return Err(Fault::invalid("Label", "name", "custom", message));
    }
    // A comma separates names in queries, so that a name with one could never be asked for.
    if !is_plain_text(text, false) || text.contains(',') {
        return Err(Fault::invalid("Label", "name", "invalid", ""));
    }
    Ok(())
}

/// A label's colour: six hexadecimal digits, kept in lower case.
pub(crate) fn color(text: &str) -> Result<String, Fault> {
    let text = text.strip_prefix('#').unwrap_or(text);
    if text.len() == 6 && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        Ok(text.to_ascii_lowercase())
    } else {
        Err(Fault::invalid(
            "Label",
            "color",
            "invalid",
            "use six hexadecimal digits",
        ))
    }
}

/// What a label means, in a line.
pub(crate) fn label_description(text: &str) -> Result<(), Fault> {
    if text.chars().count() > LABEL_DESCRIPTION_CHARS_MAX {
        let message =
            format!("description is too long (maximum is {LABEL_DESCRIPTION_CHARS_MAX} characters)");
        return Err(Fault::invalid("Label", "description", "custom", message));
    }
    if !is_plain_text(text, false) {
        return Err(Fault::invalid("Label", "description", "invalid", ""));
    }
    Ok(())
}
