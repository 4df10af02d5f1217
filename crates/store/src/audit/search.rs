//! Searching the log: conditions over indexed columns, a stable order, and cursors that survive new events.

use super::EventRow;
use crate::filter::Filter;
use crate::{Result, Tx, Value, values};
use bailiwick_model::name::fold;
use bailiwick_model::{AccountId, Digest, EnterpriseId, Outcome, RepositoryId, Timestamp, TokenId};

/// The action of an ordinary read. A log is mostly these.
const READ: &str = "api.request";

/// One thing an event can be.
#[derive(Clone, PartialEq, Debug)]
pub enum Match {
    /// This very one.
    Id(i64),
    /// Of this very action.
    Action(String),
    /// Of an action that starts so: `org.` is a category.
    ActionPrefix(String),
    /// Of this type of operation.
    OperationType(String),
    /// Of this operation of the catalogue.
    Operation(String),
    /// An ordinary read of one of these operations.
    ReadOf(Vec<String>),
    /// By this account.
    Actor(AccountId),
    /// By an account that had this login, in whatever case.
    ActorLogin(String),
    /// About an account that had this login, in whatever case.
    User(String),
    /// With this token.
    Token(TokenId),
    /// With a token of this digest.
    HashedToken(Digest),
    /// With this kind of credential (`programmatic_access_type`).
    AccessType(String),
    /// At this owner.
    Owner(AccountId),
    /// At an owner that had this login, in whatever case.
    OwnerLogin(String),
    /// In this enterprise.
    Enterprise(EnterpriseId),
    /// In this repository.
    Repository(RepositoryId),
    /// In a repository that had this `owner/name`, in whatever case.
    RepositoryName(String),
    /// From this address.
    Address(String),
    /// Of this request.
    RequestId(String),
    /// About the package of this name.
    Package(String),
    /// About a package whose name starts so.
    PackagePrefix(String),
    /// With this outcome.
    Outcome(Outcome),
    /// With this reason code.
    Reason(String),
    /// Not before the first and before the second instant.
    Created(Option<Timestamp>, Option<Timestamp>),
}

/// Any of these, or none of these.
#[derive(Clone, PartialEq, Debug)]
pub struct Condition {
    /// Whether events that match are left out instead.
    pub negated: bool,
    /// The alternatives. An empty list matches nothing.
    pub any: Vec<Match>,
}

impl Condition {
    /// Events that are this.
    pub fn is(one: Match) -> Condition {
        Condition {
            negated: false,
            any: vec![one],
        }
    }

    /// Events that are any of these.
    pub fn any(any: Vec<Match>) -> Condition {
        Condition { negated: false, any }
    }

    /// Events that are not this.
    pub fn not(one: Match) -> Condition {
        Condition {
            negated: true,
            any: vec![one],
        }
    }
}

/// A place between events: the time and the id of one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Cursor {
    /// Its time.
    pub at: Timestamp,
    /// Its id.
    pub id: i64,
}

impl EventRow {
    /// The place of this event.
    pub const fn cursor(&self) -> Cursor {
        Cursor {
            at: self.at,
            id: self.id,
        }
    }
}

/// Which events to return.
#[derive(Clone, PartialEq, Debug)]
pub struct Query {
    /// All of these hold. The surface's own limits (the owner whose log it is) come first.
    pub all: Vec<Condition>,
    /// Only events that come after this place in the chosen order (the next page).
    pub after: Option<Cursor>,
    /// Only events that come before this place in the chosen order, the nearest ones (the previous page).
    pub before: Option<Cursor>,
    /// Oldest first instead of newest first.
    pub ascending: bool,
    /// At most so many.
    pub limit: usize,
}

impl Query {
    /// The newest events for which all of this holds.
    pub const fn new(all: Vec<Condition>, limit: usize) -> Query {
        Query {
            all,
            after: None,
            before: None,
            ascending: false,
            limit,
        }
    }
}

/// Events by time (and by id where times are equal), in the chosen order.
pub fn search(tx: &mut Tx<'_>, query: &Query) -> Result<Vec<EventRow>> {
    let mut filter = Filter::new("1 = 1");
    for condition in &query.all {
        add(&mut filter, condition, "at");
    }
    // The previous page is read towards its beginning and turned round.
    let backwards = query.before.is_some();
    let up = query.ascending != backwards;
    if let Some(cursor) = query.after {
        beyond(&mut filter, cursor, query.ascending);
    }
    if let Some(cursor) = query.before {
        beyond(&mut filter, cursor, !query.ascending);
    }
    let order = if up {
        "ORDER BY at ASC, id ASC LIMIT ?"
    } else {
        "ORDER BY at DESC, id DESC LIMIT ?"
    };
    let tail = filter.tail("audit_event", order, &[query.limit.into()]);
    let mut rows = EventRow::select(tx, &tail, filter.values())?;
    if backwards {
        rows.reverse();
    }
    Ok(rows)
}

fn beyond(filter: &mut Filter, cursor: Cursor, up: bool) {
    let values = values![cursor.at, cursor.id];
    filter.and_all(
        if up {
            "(at, id) > (?, ?)"
        } else {
            "(at, id) < (?, ?)"
        },
        values,
    );
}

/// Adds a condition; `at` is how the time is written.
pub(super) fn add(filter: &mut Filter, condition: &Condition, at: &str) {
    // As a word and not as a value, so that both engines see that the index without reads holds all of it.
    if condition.negated && condition.any == [Match::Action(READ.to_owned())] {
        filter.and_text("action <> 'api.request'");
        return;
    }
    let mut texts = Vec::with_capacity(condition.any.len());
    let mut values = Vec::new();
    for one in &condition.any {
        texts.push(term(one, &mut values, at));
    }
    let any = if texts.is_empty() {
        String::from("1 = 0")
    } else {
        texts.join(" OR ")
    };
    // COALESCE: an event without the column does not match, so leaving out those that match keeps it.
    let text = if condition.negated {
        format!("NOT COALESCE(({any}), 1 = 0)")
    } else {
        format!("({any})")
    };
    filter.and_all(&text, &values);
}

/// A text as the data of events has it.
fn json(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// Whether the data has this in it: JSON as it was written, in which no text has a quotation mark of its own. REPLACE
/// tells letters apart on both engines, which LIKE does not.
fn holds(text: &str, values: &mut Vec<Value>) -> String {
    values.push(text.into());
    String::from("REPLACE(data, ?, '') <> data")
}

fn term(one: &Match, values: &mut Vec<Value>, at: &str) -> String {
    let mut equal = |column: &str, value: Value| {
        values.push(value);
        format!("{column} = ?")
    };
    match one {
        Match::Id(id) => equal("id", (*id).into()),
        Match::Action(action) => equal("action", action.into()),
        Match::ActionPrefix(prefix) => {
            // Text compares by bytes on both engines; U+10FFFF comes after every action.
            values.push(prefix.into());
            values.push(format!("{prefix}\u{10ffff}").into());
            String::from("(action >= ? AND action < ?)")
        }
        Match::OperationType(kind) => equal("operation_type", kind.into()),
        Match::Operation(operation) => equal("operation", operation.into()),
        Match::ReadOf(operations) => {
            let marks = vec!["?"; operations.len()].join(", ");
            values.extend(operations.iter().map(Value::from));
            format!("(action = '{READ}' AND operation IN ({marks}))")
        }
        Match::Actor(id) => equal("actor_id", id.into()),
        Match::ActorLogin(login) => equal("LOWER(actor_login)", fold(login).into()),
        Match::User(login) => equal("LOWER(user_login)", fold(login).into()),
        Match::Token(id) => equal("token_id", id.into()),
        // INVARIANT: an event with a digest names the token, whose row and digests are kept for ever; so the index by
        // token serves, and the log needs none whose entries come in no order.
        Match::HashedToken(digest) => {
            values.extend([digest.into(), digest.into(), digest.into()]);
            String::from(
                "(token_id IN (SELECT id FROM token WHERE digest = ? UNION ALL \
                 SELECT token_id FROM token_digest_history WHERE digest = ?) AND hashed_token = ?)",
            )
        }
        Match::AccessType(kind) => equal("access_type", kind.into()),
        Match::Owner(id) => equal("owner_id", id.into()),
        Match::OwnerLogin(login) => equal("LOWER(owner_login)", fold(login).into()),
        Match::Enterprise(id) => equal("enterprise_id", id.into()),
        Match::Repository(id) => equal("repository_id", id.into()),
        Match::RepositoryName(name) => equal("LOWER(repository_name)", fold(name).into()),
        Match::Address(address) => equal("address", address.into()),
        Match::RequestId(id) => equal("request_id", id.into()),
        Match::Outcome(outcome) => equal("outcome", outcome.into()),
        Match::Reason(reason) => equal("reason", reason.into()),
        Match::Package(name) => holds(&format!("\"package\":{}", json(name)), values),
        Match::PackagePrefix(start) => {
            let text = json(start);
            let open = text.strip_suffix('"').unwrap_or(&text);
            holds(&format!("\"package\":{open}"), values)
        }
        Match::Created(from, to) => {
            let mut bounds = vec![String::from("1 = 1")];
            if let Some(from) = from {
                values.push(from.into());
                bounds.push(format!("{at} >= ?"));
            }
            if let Some(to) = to {
                values.push(to.into());
                bounds.push(format!("{at} < ?"));
            }
            format!("({})", bounds.join(" AND "))
        }
    }
}
