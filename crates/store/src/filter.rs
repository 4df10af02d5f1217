//! Conditions of a list, put together with their values. `?` stands for the next value.

use crate::Value;

/// A growing `WHERE`.
pub(crate) struct Filter {
    text: String,
    values: Vec<Value>,
}

impl Filter {
    pub(crate) fn new(first: &str) -> Filter {
        Filter {
            text: first.to_owned(),
            values: Vec::new(),
        }
    }

    /// Adds values and writes their places into the text.
    fn place(&mut self, text: &str, values: &[Value]) -> String {
        let mut out = String::with_capacity(text.len() + 8);
        let mut given = values.iter();
        for character in text.chars() {
            match character {
                '?' => {
                    // A missing value leaves the parameter out of range, which the engine refuses.
                    self.values.extend(given.next().cloned());
                    out.push_str(&format!("${}", self.values.len()));
                }
                other => out.push(other),
            }
        }
        out
    }

    pub(crate) fn and_text(&mut self, text: &str) {
        self.text.push_str(" AND ");
        self.text.push_str(text);
    }

    pub(crate) fn and(&mut self, text: &str, value: impl Into<Value>) {
        self.and_all(text, &[value.into()]);
    }

    pub(crate) fn and_all(&mut self, text: &str, values: &[Value]) {
        let text = self.place(text, values);
        self.and_text(&text);
    }

    pub(crate) fn and_some(&mut self, text: &str, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            self.and(text, value);
        }
    }

    /// `column IN (…)`; an empty list sets no condition.
    pub(crate) fn and_in<T: crate::ToValue>(&mut self, column: &str, items: &[T]) {
        if !items.is_empty() {
            let marks = vec!["?"; items.len()].join(", ");
            self.and_all(
                &format!("{column} IN ({marks})"),
                &crate::record::all_values(items),
            );
        }
    }

    /// `{from} WHERE … {end}`.
    pub(crate) fn tail(&mut self, from: &str, end: &str, values: &[Value]) -> String {
        let end = self.place(end, values);
        format!("{from} WHERE {} {end}", self.text)
    }

    pub(crate) fn values(&self) -> &[Value] {
        &self.values
    }
}

/// The pattern of `LIKE … ESCAPE '!'` for text that holds the literal.
pub(crate) fn containing(literal: &str) -> String {
    let mut pattern = String::from("%");
    for character in literal.chars() {
        if matches!(character, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(character);
    }
    pattern.push('%');
    pattern
}
