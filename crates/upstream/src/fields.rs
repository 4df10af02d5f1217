//! The headers of a message as a list, in their order. Most messages have few of them: looking at each costs less than a
//! table that is filled for one question and emptied for the next.

use crate::value::HeaderValue;
use http::{HeaderMap, HeaderName};
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
        if self.contains_key(&name) {
            self.remove(&name);
        }
        self.append(name, value);
    }

    /// One, unless something is there under its name.
    pub fn insert_missing(&mut self, name: HeaderName, value: HeaderValue) {
        if !self.contains_key(&name) {
            self.append(name, value);
        }
    }

    /// Makes room for so many more.
    pub fn reserve(&mut self, count: usize) {
        self.0.reserve(count);
    }

    /// Leaves out whatever is there under a name.
    pub fn remove<N>(&mut self, name: N)
    where
        HeaderName: PartialEq<N>,
    {
        self.retain(|other| *other != name);
    }

    /// Leaves out what has another name than these.
    pub fn retain(&mut self, which: impl Fn(&HeaderName) -> bool) {
        self.0.retain(|(name, _)| which(name));
    }

    /// Leaves out what is said to be left out, and changes what is left as it is told.
    pub fn retain_mut(&mut self, mut which: impl FnMut(&HeaderName, &mut HeaderValue) -> bool) {
        self.0.retain_mut(|(name, value)| which(name, value));
    }

    /// The values under a name.
    pub fn get_all<N>(&self, name: N) -> impl DoubleEndedIterator<Item = &HeaderValue>
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

    /// The names in their order.
    pub fn names(&self) -> impl Iterator<Item = &HeaderName> {
        self.0.iter().map(|(name, _)| name)
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

impl<'a> IntoIterator for &'a Fields {
    type Item = (&'a HeaderName, &'a HeaderValue);
    type IntoIter = std::iter::Map<
        std::slice::Iter<'a, (HeaderName, HeaderValue)>,
        fn(&'a (HeaderName, HeaderValue)) -> Self::Item,
    >;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter().map(|(name, value)| (name, value))
    }
}

impl FromIterator<(HeaderName, HeaderValue)> for Fields {
    fn from_iter<T: IntoIterator<Item = (HeaderName, HeaderValue)>>(all: T) -> Fields {
        Fields(all.into_iter().collect())
    }
}

impl From<HeaderMap> for Fields {
    fn from(headers: HeaderMap) -> Fields {
        let mut fields = Fields::with_capacity(headers.len());
        let mut last = None;
        // A name that is there twice comes once, before its first value.
        for (name, value) in headers {
            last = name.or(last);
            if let Some(name) = &last {
                fields.append(name.clone(), value.into());
            }
        }
        fields
    }
}

impl From<Fields> for HeaderMap {
    fn from(fields: Fields) -> HeaderMap {
        // A table has room for some ten thousands. Who reads messages takes a few hundred headers at the most, so nothing is
        // left out here; it would be rather than bring the server down.
        let mut headers = HeaderMap::try_with_capacity(fields.len()).unwrap_or_default();
        for (name, value) in fields {
            let _full = headers.try_append(name, value.into());
        }
        headers
    }
}

#[cfg(test)]
mod tests {
    use super::Fields;
    use crate::value::HeaderValue;
    use http::{HeaderMap, header};

    fn told(fields: &Fields) -> Vec<(&str, &str)> {
        fields
            .iter()
            .map(|(name, value)| (name.as_str(), value.to_str().unwrap()))
            .collect()
    }

    #[test]
    fn what_is_put_in_place_leaves_nothing_else_under_its_name() {
        let mut fields = Fields::default();
        for value in ["Bearer a", "Basic b"] {
            fields.append(header::AUTHORIZATION, HeaderValue::from_static(value));
            fields.append(header::ACCEPT, HeaderValue::from_static(value));
        }
        fields.insert(header::AUTHORIZATION, HeaderValue::from_static("ours"));
        assert_eq!(
            told(&fields),
            [
                ("accept", "Bearer a"),
                ("accept", "Basic b"),
                ("authorization", "ours")
            ]
        );
        assert_eq!(fields.get_all("Authorization").count(), 1);
        assert!(fields.contains_key(header::ACCEPT) && !fields.contains_key(header::COOKIE));
        assert!(!format!("{fields:?}").contains("ours"));
    }

    #[test]
    fn a_map_gives_all_of_its_values() {
        let mut map = HeaderMap::new();
        for (name, value) in [("a", "1"), ("b", "2"), ("a", "3"), ("c", "4"), ("a", "5")] {
            map.append(name, http::HeaderValue::from_static(value));
        }
        let fields = Fields::from(map);
        assert_eq!(fields.len(), 5);
        assert_eq!(fields.get_all("a").collect::<Vec<_>>(), ["1", "3", "5"]);
        assert_eq!(fields.get("b").unwrap(), "2");
        assert_eq!(fields.get("c").unwrap(), "4");
    }
}
