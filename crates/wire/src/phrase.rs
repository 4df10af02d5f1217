//! Search phrases of the audit log: `action:repo.create -actor:alice created:>=2026-01-01`, as GitHub reads them.
//!
//! A qualifier given twice means either value; different qualifiers must all hold; `-` before one leaves its events
//! out. Nothing is guessed: free text and unknown qualifiers are errors, since a search that silently ignores half
//! of a question gives a wrong answer.

use bailiwick_model::limit::PHRASE_BYTES_MAX;
use bailiwick_model::time::{DAY, SECOND};
use bailiwick_model::{Digest, Outcome, Timestamp, TokenId};

/// What is asked of an event. Conditions must all hold.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Phrase(pub Vec<Condition>);

/// Any of these, or with `negated` none of these.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Condition {
    /// Whether events that match are left out.
    pub negated: bool,
    /// The alternatives, in the order they were written.
    pub any: Vec<Term>,
}

/// One thing that an event can be.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Term {
    /// Of this very action.
    Action(String),
    /// Of any action of this category.
    Category(String),
    /// By the account of this login.
    Actor(String),
    /// About the account of this login.
    User(String),
    /// At the organization of this login.
    Organization(String),
    /// In the repository of this `owner/name`.
    Repository(String),
    /// Not before the first and before the second instant.
    Created(Option<Timestamp>, Option<Timestamp>),
    /// From this address.
    Address(String),
    /// Of this type: access, authentication, create, modify, remove, restore, transfer.
    OperationType(String),
    /// From this country. No event tells one.
    Country(String),
    /// With this token.
    Token(TokenId),
    /// With a token of this digest.
    HashedToken(Digest),
    /// With this outcome.
    Outcome(Outcome),
    /// With this reason code.
    Reason(String),
    /// Of this request.
    RequestId(String),
    /// About the package of this name.
    Package(String),
    /// About a package whose name starts so.
    PackagePrefix(String),
}

/// Every qualifier, as written; `actor_ip` is `ip`.
pub const QUALIFIERS: [&str; 16] = [
    "action",
    "actor",
    "user",
    "org",
    "repo",
    "created",
    "ip",
    "actor_ip",
    "operation",
    "country",
    "token_id",
    "hashed_token",
    "outcome",
    "reason",
    "request_id",
    "package",
];

const OPERATION_TYPES: [&str; 7] = [
    "access",
    "authentication",
    "create",
    "modify",
    "remove",
    "restore",
    "transfer",
];

/// Why a phrase cannot be read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum PhraseError {
    /// It is longer than allowed.
    TooLong,
    /// A word without a qualifier.
    FreeText(String),
    /// There is no such qualifier.
    UnknownQualifier(String),
    /// A quotation that does not end.
    OpenQuote,
    /// The value does not fit the qualifier; the third part names the form it takes.
    Value(&'static str, String, Form),
}

/// The form of a qualifier's value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Form {
    /// `category` or `category.operation`.
    Action,
    /// A login.
    Login,
    /// `owner/name`.
    Repository,
    /// A date or an instant, after `>`, `>=`, `<` or `<=`, or two with `..` between.
    Created,
    /// An address.
    Address,
    /// One of the types of operations.
    OperationType,
    /// A country's two letters.
    Country,
    /// A number.
    Number,
    /// Base64 of a SHA-256.
    Base64,
    /// allowed, refused or failed.
    Outcome,
    /// A stable code.
    Code,
    /// A package's name, or its start and `*`.
    Package,
    /// Something.
    Anything,
}

/// Reads a phrase. An empty one asks nothing.
pub fn parse(text: &str) -> Result<Phrase, PhraseError> {
    if text.len() > PHRASE_BYTES_MAX {
        return Err(PhraseError::TooLong);
    }
    // Grouped by sign and qualifier; `ip` and `actor_ip` are one.
    let mut groups: Vec<((bool, &'static str), Condition)> = Vec::new();
    for word in words(text)? {
        let (negated, bare) = match word.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, word.as_str()),
        };
        let Some((name, value)) = bare.split_once(':') else {
            return Err(PhraseError::FreeText(word));
        };
        let Some(qualifier) = QUALIFIERS.into_iter().find(|known| *known == name) else {
            return Err(PhraseError::UnknownQualifier(name.to_owned()));
        };
        let qualifier = if qualifier == "actor_ip" { "ip" } else { qualifier };
        let term = term(qualifier, &unquoted(value))?;
        match groups.iter_mut().find(|(key, _)| *key == (negated, qualifier)) {
            Some((_, condition)) => condition.any.push(term),
            None => groups.push((
                (negated, qualifier),
                Condition {
                    negated,
                    any: vec![term],
                },
            )),
        }
    }
    Ok(Phrase(
        groups.into_iter().map(|(_, condition)| condition).collect(),
    ))
}

/// Words between blanks; blanks inside quotes belong to the word.
fn words(text: &str) -> Result<Vec<String>, PhraseError> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut quoted = false;
    for character in text.chars() {
        match character {
            '"' => {
                quoted = !quoted;
                word.push(character);
            }
            blank if blank.is_whitespace() && !quoted => {
                if !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
            }
            other => word.push(other),
        }
    }
    if quoted {
        return Err(PhraseError::OpenQuote);
    }
    if !word.is_empty() {
        words.push(word);
    }
    Ok(words)
}

/// A value without the quotes around it.
fn unquoted(value: &str) -> String {
    value
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'))
        .unwrap_or(value)
        .to_owned()
}

fn term(qualifier: &'static str, value: &str) -> Result<Term, PhraseError> {
    let wrong = |form: Form| PhraseError::Value(qualifier, value.to_owned(), form);
    let given = |form: Form| {
        let plain = !value.is_empty() && !value.chars().any(|one| one.is_control() || one == '"');
        if plain {
            Ok(value.to_owned())
        } else {
            Err(wrong(form))
        }
    };
    match qualifier {
        "action" => {
            let word = |one: char| one.is_ascii_alphanumeric() || matches!(one, '_' | '-' | '.');
            match value.split_once('.') {
                _ if value.is_empty() || !value.chars().all(word) => Err(wrong(Form::Action)),
                Some((category, operation)) if category.is_empty() || operation.is_empty() => {
                    Err(wrong(Form::Action))
                }
                Some(_) => Ok(Term::Action(value.to_owned())),
                None => Ok(Term::Category(value.to_owned())),
            }
        }
        "actor" => given(Form::Login).map(Term::Actor),
        "user" => given(Form::Login).map(Term::User),
        "org" => given(Form::Login).map(Term::Organization),
        "repo" => match value.split_once('/') {
            Some((owner, name)) if !owner.is_empty() && !name.is_empty() && !name.contains('/') => {
                given(Form::Repository).map(Term::Repository)
            }
            _ => Err(wrong(Form::Repository)),
        },
        "created" => created(value).ok_or_else(|| wrong(Form::Created)),
        "ip" => match value.parse::<core::net::IpAddr>() {
            // As it is stored: the canonical form.
            Ok(address) => Ok(Term::Address(address.to_string())),
            Err(_) => Err(wrong(Form::Address)),
        },
        "operation" if OPERATION_TYPES.contains(&value) => Ok(Term::OperationType(value.to_owned())),
        "operation" => Err(wrong(Form::OperationType)),
        "country" => given(Form::Country).map(Term::Country),
        "token_id" => match value.parse::<i64>() {
            Ok(id) if id >= 0 && value.bytes().all(|byte| byte.is_ascii_digit()) => {
                Ok(Term::Token(TokenId(id)))
            }
            _ => Err(wrong(Form::Number)),
        },
        "hashed_token" => Digest::parse_base64(value)
            .map(Term::HashedToken)
            .ok_or_else(|| wrong(Form::Base64)),
        "outcome" => Outcome::parse(value)
            .map(Term::Outcome)
            .ok_or_else(|| wrong(Form::Outcome)),
        "reason" => given(Form::Code).map(Term::Reason),
        "package" => {
            let name = given(Form::Package)?;
            Ok(match name.strip_suffix('*') {
                Some(start) => Term::PackagePrefix(start.to_owned()),
                None => Term::Package(name),
            })
        }
        _ => given(Form::Anything).map(Term::RequestId),
    }
}

/// The span of time that a date (its whole day) or an instant (its second) stands for.
fn span(text: &str) -> Option<(Timestamp, Timestamp)> {
    let at = Timestamp::parse(text)?;
    let length = if text.len() == 10 { DAY } else { SECOND };
    Some((at, Timestamp(at.0.checked_add(length)?)))
}

fn created(value: &str) -> Option<Term> {
    if let Some((from, to)) = value.split_once("..") {
        let from = if from == "*" { None } else { Some(span(from)?.0) };
        let to = if to == "*" { None } else { Some(span(to)?.1) };
        return Some(Term::Created(from, to));
    }
    let (from, to) = if let Some(text) = value.strip_prefix(">=") {
        (Some(span(text)?.0), None)
    } else if let Some(text) = value.strip_prefix("<=") {
        (None, Some(span(text)?.1))
    } else if let Some(text) = value.strip_prefix('>') {
        (Some(span(text)?.1), None)
    } else if let Some(text) = value.strip_prefix('<') {
        (None, Some(span(text)?.0))
    } else {
        let (from, to) = span(value)?;
        (Some(from), Some(to))
    };
    Some(Term::Created(from, to))
}
