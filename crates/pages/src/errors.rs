//! What is wrong with a form, beside its fields. Made from a fault's errors; nothing here judges.

use bailiwick_authority::{Fault, FaultKind};
use http::StatusCode;

/// The errors of a form, by the name of the field; an empty name concerns the form as a whole.
#[derive(Clone, Debug, Default)]
pub struct Errors(Vec<(String, String)>);

impl Errors {
    /// None.
    pub fn none() -> Errors {
        Errors::default()
    }

    /// One of a field.
    pub fn one(field: &str, message: &str) -> Errors {
        Errors(vec![(field.to_owned(), message.to_owned())])
    }

    /// Of a fault whose form is shown again. `Err` gives back a fault that is no matter of the form: something
    /// hidden, something broken.
    pub fn of(fault: Fault) -> Result<Errors, Fault> {
        match fault.kind {
            FaultKind::Invalid | FaultKind::Conflict | FaultKind::BadRequest | FaultKind::TooMany => {
                Ok(Errors::from_fault(&fault))
            }
            FaultKind::Unauthorized
            | FaultKind::Forbidden
            | FaultKind::NotFound
            | FaultKind::Gone
            | FaultKind::TooLarge
            | FaultKind::TooSlow
            | FaultKind::NotImplemented
            | FaultKind::BadGateway
            | FaultKind::GatewayTimeout
            | FaultKind::Unavailable
            | FaultKind::Internal => Err(fault),
        }
    }

    /// Of a fault, whatever its kind.
    pub fn from_fault(fault: &Fault) -> Errors {
        if fault.errors.is_empty() {
            return Errors::one("", &sentence(&fault.message));
        }
        Errors(
            fault
                .errors
                .iter()
                .map(|error| {
                    let told = error.message.as_deref().unwrap_or(error.code);
                    (error.field.to_string(), about(&error.field, told))
                })
                .collect(),
        )
    }

    /// Adds one.
    pub fn push(&mut self, field: &str, message: &str) {
        self.0.push((field.to_owned(), message.to_owned()));
    }

    /// The first message of a field; empty if there is none.
    pub fn at(&self, field: &str) -> &str {
        self.0
            .iter()
            .find(|(name, _)| name == field)
            .map_or("", |(_, message)| message.as_str())
    }

    /// All, as the list at the top of a form takes them.
    pub fn list(&self) -> Vec<(&str, &str)> {
        self.0
            .iter()
            .map(|(field, message)| (field.as_str(), message.as_str()))
            .collect()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The status of the page that shows them.
    pub fn status(&self) -> StatusCode {
        if self.is_empty() {
            StatusCode::OK
        } else {
            StatusCode::UNPROCESSABLE_ENTITY
        }
    }
}

/// The message with its field before it, where it goes on from the field's name: `is too long`, `must be …`.
/// Of a name such as `fine_grained.lifetime_days_max` the last part is what people know.
fn about(field: &str, told: &str) -> String {
    const VERBS: [&str; 12] = [
        "is", "are", "was", "must", "can", "cannot", "can't", "has", "have", "holds", "needs", "should",
    ];
    let first = told.split(' ').next().unwrap_or_default();
    let code = !told.contains(' ');
    if code || VERBS.contains(&first) {
        let name = field.rsplit('.').next().unwrap_or(field);
        sentence(&format!("{name} {told}"))
    } else {
        sentence(told)
    }
}

/// `password is too short` as people write it: `Password is too short.`
fn sentence(text: &str) -> String {
    let text = text.trim().replace('_', " ");
    let mut characters = text.chars();
    let mut sentence: String = match characters.next() {
        Some(first) => first.to_uppercase().chain(characters).collect(),
        None => return String::new(),
    };
    if !sentence.ends_with(['.', '!', '?']) {
        sentence.push('.');
    }
    sentence
}
