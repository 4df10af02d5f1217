//! An expanded header template as the HTTP library takes it.

use bailiwick_wire::header::{ExpandError, HeaderTemplate, HeaderValues};
use http::{HeaderName, HeaderValue};

/// The header that a template gives for one request, marked as sensitive: it is compressed into no shared table and
/// printed nowhere.
pub fn upstream_header(
    template: &HeaderTemplate,
    values: &HeaderValues<'_>,
) -> Result<(HeaderName, HeaderValue), ExpandError> {
    let mut text = template.expand(values)?;
    let name = HeaderName::from_bytes(template.name().as_bytes()).map_err(|_| ExpandError::Value)?;
    // The text itself, and not one more copy of a secret.
    let text = std::mem::take(&mut *text);
    let mut value = HeaderValue::try_from(text).map_err(|_| ExpandError::Value)?;
    value.set_sensitive(true);
    Ok((name, value))
}

#[cfg(test)]
mod tests;
