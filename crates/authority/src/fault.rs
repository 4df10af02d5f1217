//! Why a use case did not do what was asked, free of any protocol. Surfaces map it once each.

use crate::permit::Refused;
use bailiwick_decision::Refusal;
use bailiwick_store::StoreError;

/// The dozen ways in which a use case can end badly.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum FaultKind {
    /// The request cannot be read.
    BadRequest,
    /// The credential is missing or bad.
    Unauthorized,
    /// It is not allowed, and the caller may know why.
    Forbidden,
    /// There is no such thing, or the caller may not know of it.
    NotFound,
    /// It does not fit the present state.
    Conflict,
    /// It is gone for good.
    Gone,
    /// It is larger than a limit.
    TooLarge,
    /// The request did not come in time.
    TooSlow,
    /// The fields are wrong.
    Invalid,
    /// Too many requests.
    TooMany,
    /// It would be allowed, but this server does not serve it.
    NotImplemented,
    /// A server behind the gateway cannot be asked, or its answer cannot be passed on.
    BadGateway,
    /// A server behind the gateway did not answer in time.
    GatewayTimeout,
    /// Something the server needs is not there at the moment.
    Unavailable,
    /// A fault of the server.
    Internal,
}

/// What is wrong with one field, in GitHub's words.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FieldError {
    /// `PersonalAccessToken`, `Issue` …
    pub resource: &'static str,
    /// The field.
    pub field: String,
    /// `missing`, `missing_field`, `invalid`, `already_exists`, `unprocessable`, `custom`.
    pub code: &'static str,
    /// A sentence for people, with `custom` and wherever it helps.
    pub message: Option<String>,
}

/// A failure with a stable code and a public message; the private source is never shown.
#[derive(Debug)]
pub struct Fault {
    /// The kind, from which surfaces take their status.
    pub kind: FaultKind,
    /// The stable code: `token.name_taken`.
    pub code: &'static str,
    /// The public sentence.
    pub message: String,
    /// Fields that are wrong.
    pub errors: Vec<FieldError>,
    /// When it is worth trying again, in seconds.
    pub retry_after: Option<u32>,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
    refused: Option<Box<Refused>>,
    recorded: bool,
}

impl Fault {
    /// A fault of a kind with its code and public message.
    #[cold]
    pub fn new(kind: FaultKind, code: &'static str, message: impl Into<String>) -> Fault {
        Fault {
            kind,
            code,
            message: message.into(),
            errors: Vec::new(),
            retry_after: None,
            source: None,
            refused: None,
            recorded: false,
        }
    }

    /// There is no such thing.
    #[cold]
    pub fn not_found() -> Fault {
        Fault::new(FaultKind::NotFound, "not_found", "Not Found")
    }

    /// One wrong field.
    #[cold]
    pub fn invalid(
        resource: &'static str,
        field: &str,
        code: &'static str,
        message: impl Into<String>,
    ) -> Fault {
        Fault::new(FaultKind::Invalid, "validation_failed", "Validation Failed")
            .with(resource, field, code, message)
    }

    /// The same about another field: where what was checked stands within a larger form.
    #[must_use]
    #[cold]
    pub fn in_field(mut self, field: &str) -> Fault {
        for error in &mut self.errors {
            field.clone_into(&mut error.field);
        }
        self
    }

    /// The same with one more wrong field.
    #[cold]
    pub fn with(
        mut self,
        resource: &'static str,
        field: &str,
        code: &'static str,
        message: impl Into<String>,
    ) -> Fault {
        let message = message.into();
        self.errors.push(FieldError {
            resource,
            field: field.to_owned(),
            code,
            message: if message.is_empty() { None } else { Some(message) },
        });
        self
    }

    /// The same, which may go away by itself.
    #[must_use]
    #[cold]
    pub fn after_seconds(mut self, seconds: u32) -> Fault {
        self.retry_after = Some(seconds);
        self
    }

    /// Not allowed, with a reason the caller may know.
    #[cold]
    pub fn forbidden(code: &'static str, message: impl Into<String>) -> Fault {
        Fault::new(FaultKind::Forbidden, code, message)
    }

    /// Does not fit the present state.
    #[cold]
    pub fn conflict(code: &'static str, message: impl Into<String>) -> Fault {
        Fault::new(FaultKind::Conflict, code, message)
    }

    /// A fault of the server; the source goes to the log, never to the caller.
    #[cold]
    pub fn internal(
        code: &'static str,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Fault {
        Fault {
            source: Some(source.into()),
            ..Fault::new(FaultKind::Internal, code, "Server Error")
        }
    }

    /// The same with what it came from, for the log alone.
    #[must_use]
    #[cold]
    pub fn because(mut self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Fault {
        self.source = Some(source.into());
        self
    }

    /// A second decision, made once the objects were known, refused. Recorded and answered like any refusal.
    #[cold]
    pub fn refused(refused: Box<Refused>) -> Fault {
        let code = refused.deny.reason.code();
        Fault {
            refused: Some(refused),
            ..Fault::new(FaultKind::Forbidden, code, "refused by a second decision")
        }
    }

    /// The refusal that this fault stands for, if it does.
    pub fn take_refused(&mut self) -> Option<Box<Refused>> {
        self.refused.take()
    }

    /// The same, for which an event was left already: the gate leaves none, for a refusal that it stood for either.
    #[cold]
    pub fn recorded(mut self) -> Fault {
        let refused = self.refused.take();
        // SECURITY: what may not be known stays so without its refusal.
        if refused.is_some_and(|refused| refused.deny.refusal == Refusal::NotFound) {
            self = Fault::not_found();
        }
        self.recorded = true;
        self
    }

    /// Whether the use case has left its own event.
    pub(crate) fn is_recorded(&self) -> bool {
        self.recorded
    }

    /// The private half, for the log.
    pub fn source(&self) -> Option<&(dyn std::error::Error + Send + Sync)> {
        self.source.as_deref()
    }
}

impl std::fmt::Display for Fault {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{}: {}", self.code, self.message)
    }
}

impl std::error::Error for Fault {}

impl From<StoreError> for Fault {
    #[cold]
    fn from(error: StoreError) -> Fault {
        Fault::internal("store", error)
    }
}

impl From<Box<Refused>> for Fault {
    #[cold]
    fn from(refused: Box<Refused>) -> Fault {
        Fault::refused(refused)
    }
}

#[cfg(test)]
mod tests;
