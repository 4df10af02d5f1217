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

    /// The values in their order, to be changed.
    pub(crate) fn values_mut(&mut self) -> impl Iterator<Item = &mut HeaderValue> {
        self.0.iter_mut().map(|(_, value)| value)
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
        let mut fields = Fields::with_capacity(headers.len());
        let mut last = None;
        // A name that is there twice comes once, before its first value.
        for (name, value) in headers {
            last = name.or(last);
            if let Some(name) = &last {
                fields.append(name.clone(), value);
            }
        }
        fields
    }
}

#[cfg(test)]
mod tests {
    use super::Fields;
    use http::{HeaderMap, HeaderValue, header};

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
            map.append(name, HeaderValue::from_static(value));
        }
        let fields = Fields::from(map);
        assert_eq!(fields.len(), 5);
        assert_eq!(fields.get_all("a").collect::<Vec<_>>(), ["1", "3", "5"]);
        assert_eq!(fields.get("b").unwrap(), "2");
        assert_eq!(fields.get("c").unwrap(), "4");
    }
}
