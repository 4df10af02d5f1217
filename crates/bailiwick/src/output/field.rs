//! Reading fields of answers for display. An absent or null field is a dash, never an error: newer servers may
//! leave out or add fields.

use serde_json::{Map, Value};

/// What stands for nothing.
pub const NOTHING: &str = "-";

/// The value at a JSON pointer as text.
pub fn text(value: &Value, pointer: &str) -> String {
    value.pointer(pointer).map_or_else(|| NOTHING.to_owned(), words)
}

/// One value as text: lists are joined, objects are `name=value` pairs.
pub fn words(value: &Value) -> String {
    let words = match value {
        Value::Null => String::new(),
        Value::Bool(true) => String::from("yes"),
        Value::Bool(false) => String::from("no"),
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.clone(),
        Value::Array(values) => values.iter().map(words).collect::<Vec<_>>().join(", "),
        Value::Object(fields) => fields
            .iter()
            .map(|(name, value)| format!("{name}={}", words(value)))
            .collect::<Vec<_>>()
            .join(", "),
    };
    if words.is_empty() {
        NOTHING.to_owned()
    } else {
        words
    }
}

/// The list at a JSON pointer; nothing when there is none.
pub fn list<'a>(value: &'a Value, pointer: &str) -> &'a [Value] {
    value
        .pointer(pointer)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

/// Permissions of the three kinds (`{"repository": {"issues": "read"}, …}`) as `issues=read, …`.
pub fn permissions(value: &Value, pointer: &str) -> String {
    let kinds = value.pointer(pointer).and_then(Value::as_object);
    let flat: Vec<String> = kinds
        .into_iter()
        .flat_map(Map::values)
        .filter_map(Value::as_object)
        .flatten()
        .map(|(slug, level)| format!("{slug}={}", words(level)))
        .collect();
    if flat.is_empty() {
        NOTHING.to_owned()
    } else {
        flat.join(", ")
    }
}
