//! JSON in which no key is there twice, and none that a registry in JavaScript could take for something else.

use super::is_reserved;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};
use std::cell::Cell;
use std::fmt;

/// Values that are kept of one document at the most, and bytes of texts in them.
const VALUES_MAX: usize = 2 << 20;
const TEXT_BYTES_MAX: usize = 64 << 20;

/// How much more of a document may be kept.
// SECURITY: a value takes many times the bytes in memory that it was sent in; a limit of the body alone is none of memory.
pub(super) struct Room {
    values: Cell<usize>,
    text: Cell<usize>,
}

impl Default for Room {
    fn default() -> Room {
        Room {
            values: Cell::new(VALUES_MAX),
            text: Cell::new(TEXT_BYTES_MAX),
        }
    }
}

impl Room {
    fn value<E: Error>(&self) -> Result<(), E> {
        take(&self.values, 1)
    }

    fn text<E: Error>(&self, text: &str) -> Result<(), E> {
        take(&self.text, text.len())
    }
}

fn take<E: Error>(from: &Cell<usize>, count: usize) -> Result<(), E> {
    let left = from.get().checked_sub(count);
    from.set(left.ok_or_else(|| E::custom("there is too much in it"))?);
    Ok(())
}

/// Reads a value of such a document.
#[derive(Clone, Copy)]
pub(super) struct Strict<'a>(pub(super) &'a Room);

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Value, D::Error> {
        self.0.value()?;
        from.deserialize_any(self)
    }
}

/// A key that may be there.
// SECURITY: of two equal keys one reader takes the first and another the last.
pub(super) fn fresh<E: Error>(key: &str, known: bool) -> Result<(), E> {
    if known || is_reserved(key) {
        return Err(E::custom("a key is there twice, or is reserved"));
    }
    Ok(())
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        self.0.text(value)?;
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E: Error>(self, value: String) -> Result<Value, E> {
        self.0.text(&value)?;
        Ok(Value::String(value))
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut from: A) -> Result<Value, A::Error> {
        let mut all = Vec::new();
        while let Some(value) = from.next_element_seed(self)? {
            all.push(value);
        }
        Ok(Value::Array(all))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut from: A) -> Result<Value, A::Error> {
        let mut all = Map::new();
        while let Some(key) = from.next_key::<String>()? {
            self.0.text(&key)?;
            fresh(&key, all.contains_key(&key))?;
            let value = from.next_value_seed(self)?;
            all.insert(key, value);
        }
        Ok(Value::Object(all))
    }
}
