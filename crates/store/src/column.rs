//! How the types of the model are kept in columns: ids as numbers, enums as their words, JSON as text.

use crate::{FromValue, Result, StoreError, ToValue, Value};
use bailiwick_model::{
    AccountId, CheckRunId, CheckSuiteId, CommentId, Digest, EnterpriseId, EnterpriseRole, GrantId, IssueId,
    LabelId, OrganizationRole, Outcome, PackageId, PackageLinkId, PackageVersionId, PasskeyId, Policy,
    RegistryKind, RepositoryId, RepositoryRole, RequestId, RequestState, SessionId, StatusId, TeamId,
    Timestamp, TokenId, TokenKind, UpstreamId, UpstreamKind, UpstreamMode, Visibility,
};
use std::collections::BTreeMap;

fn mismatch<T>(expected: &str, found: &Value) -> Result<T> {
    Err(StoreError::shape(format!(
        "{expected} expected, {} found",
        found.kind()
    )))
}

impl<T: ToValue + ?Sized> ToValue for &T {
    fn to_value(&self) -> Value {
        (**self).to_value()
    }
}

impl<T: ToValue> ToValue for Option<T> {
    fn to_value(&self) -> Value {
        self.as_ref().map_or(Value::Null, ToValue::to_value)
    }
}

impl<T: FromValue> FromValue for Option<T> {
    fn from_value(value: Value) -> Result<Self> {
        match value {
            Value::Null => Ok(None),
            value => T::from_value(value).map(Some),
        }
    }
}

impl ToValue for i64 {
    fn to_value(&self) -> Value {
        Value::Int(*self)
    }
}

impl FromValue for i64 {
    fn from_value(value: Value) -> Result<Self> {
        match value {
            Value::Int(number) => Ok(number),
            other => mismatch("integer", &other),
        }
    }
}

impl ToValue for usize {
    fn to_value(&self) -> Value {
        // A count beyond i64 cannot be asked of either engine; the largest number means the same.
        Value::Int(i64::try_from(*self).unwrap_or(i64::MAX))
    }
}

impl ToValue for bool {
    fn to_value(&self) -> Value {
        Value::Int(i64::from(*self))
    }
}

impl FromValue for bool {
    fn from_value(value: Value) -> Result<Self> {
        match value {
            Value::Int(0) => Ok(false),
            Value::Int(1) => Ok(true),
            other => mismatch("0 or 1", &other),
        }
    }
}

impl ToValue for str {
    fn to_value(&self) -> Value {
        Value::Text(self.to_owned())
    }
}

impl ToValue for String {
    fn to_value(&self) -> Value {
        Value::Text(self.clone())
    }
}

impl FromValue for String {
    fn from_value(value: Value) -> Result<Self> {
        match value {
            Value::Text(text) => Ok(text),
            other => mismatch("text", &other),
        }
    }
}

impl ToValue for [u8] {
    fn to_value(&self) -> Value {
        Value::Blob(self.to_vec())
    }
}

impl ToValue for Vec<u8> {
    fn to_value(&self) -> Value {
        Value::Blob(self.clone())
    }
}

impl FromValue for Vec<u8> {
    fn from_value(value: Value) -> Result<Self> {
        match value {
            Value::Blob(bytes) => Ok(bytes),
            other => mismatch("bytes", &other),
        }
    }
}

impl ToValue for Digest {
    fn to_value(&self) -> Value {
        Value::Blob(self.bytes().to_vec())
    }
}

impl FromValue for Digest {
    fn from_value(value: Value) -> Result<Self> {
        let bytes = Vec::<u8>::from_value(value)?;
        Digest::from_bytes(&bytes).ok_or_else(|| StoreError::shape("a digest of 32 bytes"))
    }
}

macro_rules! numbers {
    ($($name:ident),* $(,)?) => {$(
        impl ToValue for $name {
            fn to_value(&self) -> Value {
                Value::Int(self.0)
            }
        }

        impl FromValue for $name {
            fn from_value(value: Value) -> Result<Self> {
                i64::from_value(value).map($name)
            }
        }
    )*};
}

numbers! {
    UpstreamId, AccountId, EnterpriseId, TeamId, RepositoryId, TokenId, GrantId, RequestId, SessionId, IssueId, CommentId,
    LabelId, StatusId, CheckRunId, CheckSuiteId, PasskeyId, Timestamp,
    PackageId, PackageVersionId, PackageLinkId,
}

/// Columns that hold one of a closed set of words.
macro_rules! words {
    ($($name:ident),* $(,)?) => {$(
        impl $crate::ToValue for $name {
            fn to_value(&self) -> $crate::Value {
                $crate::Value::Text(self.word().to_owned())
            }
        }

        impl $crate::FromValue for $name {
            fn from_value(value: $crate::Value) -> $crate::Result<Self> {
                let text = <String as $crate::FromValue>::from_value(value)?;
                $name::parse(&text).ok_or_else(|| $crate::StoreError::shape(concat!("a word of ", stringify!($name))))
            }
        }
    )*};
}

/// An enum of words that only rows use.
macro_rules! word_enum {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub enum $name { $($(#[$vdoc])* $variant),* }

        impl $name {
            /// The word in storage.
            pub const fn word(self) -> &'static str {
                match self { $($name::$variant => $word),* }
            }

            /// The value of a word; `None` for any other text.
            pub fn parse(word: &str) -> Option<$name> {
                match word { $($word => Some($name::$variant),)* _ => None }
            }
        }

        $crate::column::words!($name);
    };
}

pub(crate) use {word_enum, words};

words!(
    EnterpriseRole,
    OrganizationRole,
    Outcome,
    RegistryKind,
    RepositoryRole,
    RequestState,
    TokenKind,
    UpstreamKind,
    UpstreamMode,
    Visibility
);

/// A text that is never printed: a password's hash, a sealed seed.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(pub String);

impl std::fmt::Debug for Secret {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Secret(hidden)")
    }
}

impl ToValue for Secret {
    fn to_value(&self) -> Value {
        Value::Text(self.0.clone())
    }
}

impl FromValue for Secret {
    fn from_value(value: Value) -> Result<Self> {
        String::from_value(value).map(Secret)
    }
}

/// Columns that hold JSON. What cannot be read is an error: a policy that is not understood must not become no policy.
macro_rules! json {
    ($($name:ty),* $(,)?) => {$(
        impl ToValue for $name {
            fn to_value(&self) -> Value {
                // Maps with text keys and plain structs always serialise; "null" would be refused on reading.
                Value::Text(serde_json::to_string(self).unwrap_or_else(|_| String::from("null")))
            }
        }

        impl FromValue for $name {
            fn from_value(value: Value) -> Result<Self> {
                let text = String::from_value(value)?;
                serde_json::from_str(&text).map_err(|_| StoreError::shape(concat!("JSON of ", stringify!($name))))
            }
        }
    )*};
}

/// Permission slugs and the words of their levels.
pub type Permissions = BTreeMap<String, String>;
/// A JSON object.
pub type Object = serde_json::Map<String, serde_json::Value>;

json!(
    Policy,
    Permissions,
    Object,
    Vec<RepositoryId>,
    Vec<serde_json::Value>
);
