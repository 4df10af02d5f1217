//! What can go wrong in the store, the same for both engines. Messages never carry stored values.

/// Why the store could not do what was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoreError {
    /// A unique index or primary key refused the row. The name is `table_column…_key` or `table_pkey` on either engine.
    Conflict {
        /// The name of the constraint.
        constraint: String,
    },
    /// A foreign key refused the row: what it points to does not exist, or is still pointed to.
    Reference,
    /// One row was expected and there was none.
    Absent,
    /// A stored or given value is not what the code expects.
    Shape {
        /// What was expected, and where.
        what: String,
    },
    /// The database was written by a newer version of the program.
    Newer {
        /// The schema version found.
        found: i64,
        /// The newest one this program knows.
        known: i64,
    },
    /// Another process or too many others hold what is needed; trying again later may work.
    Busy,
    /// An earlier statement of the same transaction failed, so the transaction can only be rolled back.
    Aborted,
    /// The ids of a kind are used up.
    Exhausted {
        /// The kind of id.
        kind: String,
    },
    /// This engine cannot do it.
    Unsupported {
        /// What to do instead.
        what: String,
    },
    /// The database refused a change of append-only records.
    AppendOnly,
    /// The connection to the database is gone or could not be made.
    Unreachable {
        /// The engine's words.
        message: String,
    },
    /// Anything else the engine says.
    Engine {
        /// Its code, if it gave one.
        code: Option<String>,
        /// Its words, without values.
        message: String,
    },
}

impl StoreError {
    /// A shape error from any text.
    pub fn shape(what: impl Into<String>) -> StoreError {
        StoreError::Shape { what: what.into() }
    }

    /// Whether this is the refusal of that very constraint.
    pub fn is_conflict_of(&self, name: &str) -> bool {
        matches!(self, StoreError::Conflict { constraint } if constraint == name)
    }
}

impl std::fmt::Display for StoreError {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            StoreError::Conflict { constraint } => write!(out, "already taken ({constraint})"),
            StoreError::Reference => {
                out.write_str("refers to a row that is not there, or is still referred to")
            }
            StoreError::Absent => out.write_str("not found"),
            StoreError::Shape { what } => write!(out, "unexpected value: {what}"),
            StoreError::Newer { found, known } => write!(
                out,
                "the database has schema version {found}, this program knows up to {known}: use the newer program"
            ),
            StoreError::Busy => out.write_str("the database is busy: try again"),
            StoreError::Aborted => out.write_str("an earlier statement of the transaction failed"),
            StoreError::Exhausted { kind } => write!(out, "no ids left of kind {kind}"),
            StoreError::Unsupported { what } => out.write_str(what),
            StoreError::AppendOnly => out.write_str("audit events are never changed"),
            StoreError::Unreachable { message } => write!(out, "database unreachable: {message}"),
            StoreError::Engine {
                code: Some(code),
                message,
            } => write!(out, "database error {code}: {message}"),
            StoreError::Engine { code: None, message } => write!(out, "database error: {message}"),
        }
    }
}

impl std::error::Error for StoreError {}

/// The store's result.
pub type Result<T, E = StoreError> = std::result::Result<T, E>;
