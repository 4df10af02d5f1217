//! Headers, and names of headers, that are the same for every request to an upstream, made once.

use crate::value::HeaderValue;
use http::HeaderName;
use std::fmt;

/// Headers that stand for the gateway itself.
#[derive(Clone)]
pub struct Prepared(Vec<(HeaderName, HeaderValue)>);

impl fmt::Debug for Prepared {
    // SECURITY: they hold credentials.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Prepared({} headers)", self.0.len())
    }
}

impl Prepared {
    /// Of names and values; `None` if one cannot be a header's.
    pub fn of<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Option<Prepared> {
        let headers = pairs.into_iter().map(|(name, value)| {
            let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
            let value = HeaderValue::from_str(value).ok()?;
            Some((name, value))
        });
        headers.collect::<Option<_>>().map(Prepared)
    }

    /// The headers.
    pub fn headers(&self) -> &[(HeaderName, HeaderValue)] {
        &self.0
    }
}

/// Names of headers whose values are made for each request.
#[derive(Clone, Debug)]
pub struct Names(Vec<HeaderName>);

impl Names {
    /// Of texts; `None` if one cannot be a header's name.
    pub fn of<'a>(texts: impl IntoIterator<Item = &'a str>) -> Option<Names> {
        let names = texts
            .into_iter()
            .map(|text| HeaderName::from_bytes(text.as_bytes()).ok());
        names.collect::<Option<_>>().map(Names)
    }

    /// The names, in their order.
    pub fn all(&self) -> &[HeaderName] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::{Names, Prepared};

    #[test]
    fn what_no_header_can_hold_is_none() {
        let made = Prepared::of([("authorization", "Bearer a"), ("X-Key", "b")]).unwrap();
        assert_eq!(made.headers().len(), 2);
        assert!(!format!("{made:?}").contains("Bearer"));
        assert!(Prepared::of([("a b", "c")]).is_none());
        assert!(Prepared::of([("a", "b\r\nc: d")]).is_none());
        let names = Names::of(["X-Key", "authorization"]).unwrap();
        assert_eq!(names.all(), ["x-key", "authorization"]);
        assert!(Names::of(["x-key", "a b"]).is_none());
    }
}
