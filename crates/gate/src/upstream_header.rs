//! An expanded header template as the HTTP library takes it.

use bailiwick_wire::header::{ExpandError, HeaderTemplate, HeaderValues};
use http::HeaderValue;

/// The value that a template gives for one request, marked as sensitive: it is compressed into no shared table and
/// printed nowhere.
pub fn upstream_header(
    template: &HeaderTemplate,
    values: &HeaderValues<'_>,
) -> Result<HeaderValue, ExpandError> {
    let mut text = template.expand(values)?;
    // The text itself, and not one more copy of a secret.
    let text = std::mem::take(&mut *text);
    let mut value = HeaderValue::try_from(text).map_err(|_| ExpandError::Value)?;
    value.set_sensitive(true);
    Ok(value)
}

#[cfg(test)]
mod tests;
