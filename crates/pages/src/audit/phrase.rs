//! Putting search phrases together for links. Reading them is the authority's.

/// `name:value`, quoted where a blank would end it.
pub fn qualified(name: &str, value: &str) -> String {
    let plain =
        !value.is_empty() && !value.contains(|one: char| one.is_whitespace() || matches!(one, '"' | '='));
    if plain {
        format!("{name}:{value}")
    } else {
        // No value holds a quote of its own; one that did could not be searched for.
        format!("{name}:\"{}\"", value.replace('"', ""))
    }
}

/// The phrase with one more condition.
pub fn with(phrase: &str, condition: &str) -> String {
    match phrase.trim() {
        "" => condition.to_owned(),
        known if known.split_whitespace().any(|word| word == condition) => known.to_owned(),
        known => format!("{known} {condition}"),
    }
}

/// The phrase with these words of one qualifier replaced; an empty condition only takes them out.
pub fn replaced(phrase: &str, qualifier: &str, condition: &str) -> String {
    let kept: Vec<&str> = phrase
        .split_whitespace()
        .filter(|word| !word.starts_with(&format!("{qualifier}:")))
        .collect();
    let kept = kept.join(" ");
    if condition.is_empty() {
        kept
    } else {
        with(&kept, condition)
    }
}

/// The value of a qualifier that is given exactly once.
pub fn only<'a>(phrase: &'a str, qualifier: &str) -> Option<&'a str> {
    let mut values = phrase
        .split_whitespace()
        .filter_map(|word| word.strip_prefix(qualifier)?.strip_prefix(':'));
    values.next().filter(|_| values.next().is_none())
}

#[cfg(test)]
mod tests {
    use super::{only, qualified, replaced, with};

    #[test]
    fn conditions_are_quoted_joined_and_replaced() {
        assert_eq!(qualified("actor", "bob"), "actor:bob");
        assert_eq!(qualified("hashed_token", "ab+/="), "hashed_token:\"ab+/=\"");
        assert_eq!(qualified("reason", "a b"), "reason:\"a b\"");
        assert_eq!(with("", "a:b"), "a:b");
        assert_eq!(with("a:b", "a:b"), "a:b");
        assert_eq!(with("a:b", "c:d"), "a:b c:d");
        assert_eq!(
            replaced("created:x a:b created:y", "created", "created:z"),
            "a:b created:z"
        );
        assert_eq!(replaced("created:x", "created", ""), "");
        assert_eq!(only("a:b created:x", "created"), Some("x"));
        assert_eq!(only("created:x created:y", "created"), None);
    }
}
