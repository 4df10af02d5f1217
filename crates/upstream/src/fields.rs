//! The headers of a message as a list, in their order. Most messages have few of them: looking at each costs less than a
//! table that is filled for one question and emptied for the next.

use http::{HeaderMap, HeaderName, HeaderValue};
use std::fmt;

/// Names and values; a name that is there twice is there twice.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Fields(Vec<(HeaderName, HeaderValue)>);

impl fmt::Debug for Fields {
    // SECURITY: they hold credentials, cookies and addresses with secrets in them.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Fields({})", self.0.len())
    }
}

impl Fields {
    /// None yet, with room for so many.
    pub fn with_capacity(count: usize) -> Fields {
        Fields(Vec::with_capacity(count))
    }

    /// One more.
    pub fn append(&mut self, name: HeaderName, value: HeaderValue) {
        self.0.push((name, value));
    }

    /// One in place of whatever is there under its name.
    pub fn insert(&mut self, name: HeaderName, value: HeaderValue) {
        self.retain(|other| *other != name);
        self.append(name, value);
    }

    /// Leaves out what has another name than these.
    pub fn retain(&mut self, which: impl Fn(&HeaderName) -> bool) {
        self.0.retain(|(name, _)| which(name));
    }

    /// The values under a name.
    pub fn get_all<N>(&self, name: N) -> impl Iterator<Item = &HeaderValue>
    where
        HeaderName: PartialEq<N>,
    {
        let of_it = self.0.iter().filter(move |(other, _)| *other == name);
        of_it.map(|(_, value)| value)
    }

    /// The first value under a name.
    pub fn get<N>(&self, name: N) -> Option<&HeaderValue>
    where
        HeaderName: PartialEq<N>,
    {
        self.get_all(name).next()
    }

    /// Whether a name is there.
    pub fn contains_key<N>(&self, name: N) -> bool
    where
        HeaderName: PartialEq<N>,
    {
        self.get(name).is_some()
    }

    /// All in their order.
    pub fn iter(&self) -> impl Iterator<Item = (&HeaderName, &HeaderValue)> {
        self.0.iter().map(|(name, value)| (name, value))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl IntoIterator for Fields {
    type Item = (HeaderName, HeaderValue);
    type IntoIter = std::vec::IntoIter<(HeaderName, HeaderValue)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl FromIterator<(HeaderName, HeaderValue)> for Fields {
    fn from_iter<T: IntoIterator<Item = (HeaderName, HeaderValue)>>(all: T) -> Fields {
        Fields(all.into_iter().collect())
    }
}

impl From<HeaderMap> for Fields {
    fn from(headers: HeaderMap) -> Fields {
        headers
            .iter()
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect()
    }
}
