//! An expanded header template as the HTTP library takes it.

use bailiwick_wire::header::{ExpandError, HeaderTemplate, HeaderValues};
use http::{HeaderName, HeaderValue};

/// The header that a template gives for one request, marked as sensitive: it is compressed into no shared table and
/// printed nowhere.
pub fn upstream_header(
    template: &HeaderTemplate,
    values: &HeaderValues<'_>,
) -> Result<(HeaderName, HeaderValue), ExpandError> {
    let text = template.expand(values)?;
    let name = HeaderName::from_bytes(template.name().as_bytes()).map_err(|_| ExpandError::Value)?;
    let mut value = HeaderValue::from_str(&text).map_err(|_| ExpandError::Value)?;
    value.set_sensitive(true);
    Ok((name, value))
}

#[cfg(test)]
mod tests;
