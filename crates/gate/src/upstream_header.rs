//! An expanded header template as a header.

use bailiwick_upstream::HeaderValue;
use bailiwick_wire::header::{ExpandError, HeaderTemplate, HeaderValues};

/// The value that a template gives for one request.
pub fn upstream_header(
    template: &HeaderTemplate,
    values: &HeaderValues<'_>,
) -> Result<HeaderValue, ExpandError> {
    let text = template.expand(values)?;
    HeaderValue::from_str(&text).map_err(|_| ExpandError::Value)
}

#[cfg(test)]
mod tests;
