//! From a search as clients write it to conditions of the store.

use crate::fault::{Fault, FaultKind};
use bailiwick_catalogue::OPERATIONS;
use bailiwick_model::Timestamp;
use bailiwick_store::audit::{Condition, Cursor, Match};
use bailiwick_wire::phrase::{self, Form, Phrase, PhraseError, QUALIFIERS, Term};

/// Which events besides those that the phrase names.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Include {
    /// All but Git's.
    #[default]
    Web,
    /// Git's: clones, fetches and pushes.
    Git,
    /// All.
    All,
}

/// A place between events, as cursors carry it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Place {
    /// The time of the event.
    pub at: Timestamp,
    /// Its id.
    pub id: i64,
}

impl From<Place> for Cursor {
    fn from(place: Place) -> Cursor {
        Cursor {
            at: place.at,
            id: place.id,
        }
    }
}

/// A search of a log.
#[derive(Clone, Debug, Default)]
pub struct Search {
    /// The phrase.
    pub phrase: String,
    /// Which events besides.
    pub include: Include,
    /// The page after this place.
    pub after: Option<Place>,
    /// The page before this place.
    pub before: Option<Place>,
    /// Oldest first.
    pub ascending: bool,
    /// Events on a page.
    pub size: usize,
}

/// From and before which instant; where there is no bound, none.
pub type Asked = (Option<Timestamp>, Option<Timestamp>);

/// The category of Git's events.
const GIT: &str = "git.";

impl Search {
    /// What must hold of an event, without whose log it is.
    pub(super) fn conditions(&self) -> Result<Vec<Condition>, Fault> {
        let Phrase(asked) = phrase::parse(&self.phrase).map_err(fault)?;
        let mut all: Vec<Condition> = asked.into_iter().map(condition).collect();
        let git = Match::ActionPrefix(GIT.to_owned());
        match self.include {
            Include::Web => all.push(Condition::not(git)),
            Include::Git => all.push(Condition::is(git)),
            Include::All => {}
        }
        Ok(all)
    }

    /// The span of time that the phrase asks for.
    pub fn asked(&self) -> Result<Asked, Fault> {
        let Phrase(asked) = phrase::parse(&self.phrase).map_err(fault)?;
        let mut span: Asked = (None, None);
        for condition in asked.iter().filter(|condition| !condition.negated) {
            let created = condition.any.iter().filter_map(|term| match term {
                Term::Created(from, to) => Some((*from, *to)),
                _ => None,
            });
            // Several mean either: the widest.
            let widest = created.reduce(|one, other| {
                (
                    one.0.zip(other.0).map(|(one, other)| one.min(other)),
                    one.1.zip(other.1).map(|(one, other)| one.max(other)),
                )
            });
            span = widest.unwrap_or(span);
        }
        Ok(span)
    }

    /// Whether the phrase asks for addresses.
    pub(super) fn asks_address(all: &[Condition]) -> bool {
        let mut matches = all.iter().flat_map(|condition| &condition.any);
        matches.any(|one| matches!(one, Match::Address(_)))
    }
}

fn condition(asked: phrase::Condition) -> Condition {
    let mut any: Vec<Match> = Vec::with_capacity(asked.any.len());
    for one in asked.any.into_iter().filter_map(matching) {
        if !any.contains(&one) {
            any.push(one);
        }
    }
    any.extend(reads(&any));
    Condition {
        negated: asked.negated,
        any,
    }
}

fn matching(term: Term) -> Option<Match> {
    Some(match term {
        Term::Action(action) => Match::Action(action),
        Term::Category(category) => Match::ActionPrefix(format!("{category}.")),
        Term::Actor(login) => Match::ActorLogin(login),
        Term::User(login) => Match::User(login),
        Term::Organization(login) => Match::OwnerLogin(login),
        Term::Repository(name) => Match::RepositoryName(name),
        Term::Created(from, to) => Match::Created(from, to),
        Term::Address(address) => Match::Address(address),
        Term::OperationType(kind) => Match::OperationType(kind),
        // It matches nothing: no event tells one.
        Term::Country(_) => return None,
        Term::Token(id) => Match::Token(id),
        Term::HashedToken(digest) => Match::HashedToken(digest),
        Term::Outcome(outcome) => Match::Outcome(outcome),
        Term::Reason(reason) => Match::Reason(reason),
        Term::RequestId(id) => Match::RequestId(id),
        Term::Package(name) => Match::Package(name),
        Term::PackagePrefix(start) => Match::PackagePrefix(start),
    })
}

/// Ordinary reads are recorded as `api.request` with their operation, as GitHub does; a refused one under the action of
/// its operation. Whoever asks for that action means both.
// SECURITY: one list for all that a phrase names, each operation once: two kilobytes that name a category over and over
// would otherwise become tens of thousands of values, more than a database takes in one question.
fn reads(named: &[Match]) -> Option<Match> {
    let asked = |action: &str| {
        named.iter().any(|one| match one {
            Match::Action(name) => name == action,
            Match::ActionPrefix(prefix) => action.starts_with(prefix.as_str()),
            _ => false,
        })
    };
    let reads = OPERATIONS.iter().filter(|one| !one.writes && !one.bulk);
    let ids: Vec<String> = reads
        .filter(|one| asked(one.action))
        .map(|one| one.id.to_owned())
        .collect();
    (!ids.is_empty()).then_some(Match::ReadOf(ids))
}

fn fault(error: PhraseError) -> Fault {
    let message = match error {
        PhraseError::TooLong => format!(
            "is too long (maximum is {} bytes)",
            bailiwick_model::limit::PHRASE_BYTES_MAX
        ),
        PhraseError::FreeText(word) => {
            format!("{word:?} has no qualifier: free text is not searched, write for example action:{word}")
        }
        PhraseError::UnknownQualifier(name) => {
            format!("{name:?} is not a qualifier: use {}", QUALIFIERS.join(", "))
        }
        PhraseError::OpenQuote => String::from("a quotation does not end"),
        PhraseError::Value(qualifier, value, form) => {
            format!("{qualifier}:{value} cannot be read: {}", expected(form))
        }
    };
    // The phrase is the caller's own text, shortened, so that the answer does not grow with it.
    let message: String = message.chars().take(500).collect();
    Fault::new(FaultKind::Invalid, "audit.phrase", "Validation Failed")
        .with("AuditLog", "phrase", "invalid", message)
}

const fn expected(form: Form) -> &'static str {
    match form {
        Form::Action => "write a category, or category.operation",
        Form::Login => "write a login",
        Form::Repository => "write owner/name",
        Form::Created => {
            "write a date or an RFC 3339 instant, with >, >=, < or <= before it, or two with .. between"
        }
        Form::Address => "write an IP address",
        Form::OperationType => "use access, authentication, create, modify, remove, restore or transfer",
        Form::Country => "write a country's two letters",
        Form::Number => "write a number",
        Form::Base64 => "write the base64 of the token's SHA-256, in quotes",
        Form::Outcome => "use allowed, refused or failed",
        Form::Code => "write a reason code",
        Form::Package => "write a package's name as the log has it, or its start and *",
        Form::Anything => "write a request id",
    }
}

#[cfg(test)]
mod tests {
    use super::{Include, Search};
    use bailiwick_catalogue::OPERATIONS;
    use bailiwick_store::audit::Match;

    #[test]
    fn a_category_named_over_and_over_is_asked_for_once() {
        let phrase = |times: usize, categories: &[&str]| Search {
            phrase: categories
                .iter()
                .map(|one| format!("action:{one} "))
                .collect::<String>()
                .repeat(times),
            include: Include::All,
            ..Search::default()
        };
        let once = phrase(1, &["repos", "actions"]).conditions().unwrap();
        let often = phrase(70, &["repos", "actions"]).conditions().unwrap();
        assert_eq!(often, once);
        let [condition] = once.as_slice() else {
            panic!("{once:?}")
        };
        let lists: Vec<&Vec<String>> = condition
            .any
            .iter()
            .filter_map(|one| match one {
                Match::ReadOf(ids) => Some(ids),
                _ => None,
            })
            .collect();
        let [ids] = lists.as_slice() else {
            panic!("{lists:?}")
        };
        assert!(ids.len() > 100 && ids.len() <= OPERATIONS.len());
    }
}
