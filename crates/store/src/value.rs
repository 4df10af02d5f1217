//! Values and rows: all that crosses between the code and either engine.

use crate::{Result, StoreError};

/// One value of a column or a parameter.
#[derive(Clone, PartialEq, Eq)]
pub enum Value {
    /// No value.
    Null,
    /// A number, a boolean (0 or 1) or microseconds.
    Int(i64),
    /// Text, words and JSON.
    Text(String),
    /// Bytes: digests and hashes.
    Blob(Vec<u8>),
}

impl Value {
    /// The name of its type.
    pub const fn kind(&self) -> &'static str {
        match self {
            Value::Null => "null",
            Value::Int(_) => "integer",
            Value::Text(_) => "text",
            Value::Blob(_) => "bytes",
        }
    }
}

// SECURITY: rows hold password hashes and digests, so printing a value by accident shows only its type.
impl std::fmt::Debug for Value {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(self.kind())
    }
}

/// What can be given as a parameter.
pub trait ToValue {
    /// The value to store.
    fn to_value(&self) -> Value;
}

/// What can be read from a column.
pub trait FromValue: Sized {
    /// Reads the value; a value of another type is an error, never a default.
    fn from_value(value: Value) -> Result<Self>;
}

impl<T: ToValue> From<T> for Value {
    fn from(value: T) -> Value {
        value.to_value()
    }
}

/// The parameters of one statement: `values![id, name]`.
#[macro_export]
macro_rules! values {
    ($($value:expr),* $(,)?) => { &[$($crate::Value::from(&$value)),*] };
}

/// One row of a result, read from left to right: each getter takes the next column.
#[derive(Debug)]
pub struct Row {
    values: std::vec::IntoIter<Value>,
}

impl Row {
    /// A row of these values.
    pub fn new(values: Vec<Value>) -> Row {
        Row {
            values: values.into_iter(),
        }
    }

    /// Takes the next column as any type that columns can hold.
    pub fn get<T: FromValue>(&mut self) -> Result<T> {
        let value = self
            .values
            .next()
            .ok_or_else(|| StoreError::shape("a row with more columns"))?;
        T::from_value(value)
    }

    /// Takes the next column as a number.
    pub fn int(&mut self) -> Result<i64> {
        self.get()
    }

    /// Takes the next column as a number or nothing.
    pub fn opt_int(&mut self) -> Result<Option<i64>> {
        self.get()
    }

    /// Takes the next column as text.
    pub fn text(&mut self) -> Result<String> {
        self.get()
    }

    /// Takes the next column as text or nothing.
    pub fn opt_text(&mut self) -> Result<Option<String>> {
        self.get()
    }

    /// Takes the next column as bytes.
    pub fn blob(&mut self) -> Result<Vec<u8>> {
        self.get()
    }
}
