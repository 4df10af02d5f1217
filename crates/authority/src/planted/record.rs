//! Recording what a token planted, once the server behind the gateway has answered that it made it.

use super::kinds::{Ends, Made, end_path, made_by};
use crate::Authority;
use crate::fault::Fault;
use crate::gather::{Gathered, Named};
use crate::record::{Witness, request_event};
use bailiwick_catalogue::{Operation, Requirement, Target};
use bailiwick_model::{AccountId, EnterpriseId, Event, RepositoryId, Timestamp};
use bailiwick_store::{PlantedRow, PlantedState, audit, planted};
use serde_json::Value;

/// The longest label.
const LABEL_CHARS: usize = 100;
/// The longest id that a server behind the gateway gives.
const WHAT_BYTES: usize = 100;

/// What an answer says of the thing that was made.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Seen {
    pub(super) kind: &'static str,
    pub(super) what: Option<String>,
    pub(super) label: String,
    pub(super) end_path: Option<String>,
    pub(super) lapses_at: Option<Timestamp>,
    pub(super) state: PlantedState,
}

impl Authority {
    /// Notes what a request of a token is about to plant, as unknown, before the server behind the gateway hears of it:
    /// whatever happens then, it is on the list. To be followed by one of the other three. None of operations that plant
    /// nothing, and of sessions, whose person plants by their own hand.
    pub fn plant_begin(&self, witness: &Witness, upstream: Option<i64>) -> Result<Option<i64>, Fault> {
        let seen = see(witness.operation, &Value::Null);
        let Some(row) = row_of(witness, upstream, seen) else {
            return Ok(None);
        };
        let row = PlantedRow {
            problem: Some(String::from(UNANSWERED)),
            ..row
        };
        let row = self.store.write(|tx| planted::insert(tx, row))?;
        Ok(Some(row.id))
    }

    /// What was about to be planted was refused, or never asked for.
    pub fn plant_refused(&self, begun: i64) -> Result<(), Fault> {
        Ok(self.store.write(|tx| planted::delete(tx, begun))?)
    }

    /// Nobody knows whether what was about to be planted was made: it stays on the list, with an event.
    pub fn plant_unanswered(&self, witness: &Witness, begun: i64) -> Result<(), Fault> {
        let mut event = event_of(witness);
        self.store.write(|tx| {
            let Some(row) = planted::by_id(tx, begun)? else {
                return Ok(());
            };
            note(&mut event, &row);
            event.data.insert("planted_state".into(), row.state.word().into());
            audit::append(tx, &self.node, &[event])?;
            Ok(())
        })
    }

    /// Records what a request of a token planted, under that token, with an event of its own. To be called once the
    /// server behind the gateway has answered with success, before that answer is passed on. `answer` is null where it
    /// could not be read.
    pub fn plant_answered(
        &self,
        witness: &Witness,
        upstream: Option<i64>,
        begun: Option<i64>,
        answer: &Value,
    ) -> Result<Option<PlantedRow>, Fault> {
        let Some(mut row) = row_of(witness, upstream, see(witness.operation, answer)) else {
            return Ok(None);
        };
        let mut event = event_of(witness);
        self.store.write(|tx| {
            let row = match begun {
                Some(id) => {
                    row.id = id;
                    planted::update(tx, &row)?;
                    row
                }
                None => planted::insert(tx, row)?,
            };
            note(&mut event, &row);
            audit::append(tx, &self.node, &[event])?;
            Ok(Some(row))
        })
    }
}

/// What is said of a thing while its answer has not come.
const UNANSWERED: &str = "no answer came: look where it is kept whether it was made";

/// The row of what a request of a token plants; none of anything else.
fn row_of(witness: &Witness, upstream: Option<i64>, seen: Seen) -> Option<PlantedRow> {
    let token = witness.gathered.token().filter(|_| witness.operation.plants)?;
    let place = Place::of(witness.operation, &witness.gathered);
    Some(PlantedRow {
        id: 0,
        token_id: token.facts.id,
        actor_id: token.facts.owner,
        owner_id: place.owner,
        enterprise_id: place.enterprise,
        repository_id: place.repository,
        upstream_id: upstream,
        operation: witness.operation.id.to_owned(),
        kind: seen.kind.to_owned(),
        what: seen.what,
        label: seen.label,
        end_path: seen.end_path,
        created_at: witness.now,
        lapses_at: seen.lapses_at,
        state: seen.state,
        ended_at: None,
        ended_by: None,
        attempts: 0,
        next_at: None,
        problem: None,
    })
}

/// The event of a thing that was made, or may have been.
fn event_of(witness: &Witness) -> Event {
    let mut event = request_event(
        Some(witness.operation),
        &witness.gathered,
        &witness.caller,
        witness.now,
    );
    String::from("planted.create").clone_into(&mut event.action);
    event.operation_type = "create";
    event
}

/// An event's fields about a planted thing.
pub(super) fn note(event: &mut Event, row: &PlantedRow) {
    let data = &mut event.data;
    data.insert("planted_id".into(), row.id.into());
    data.insert("planted_kind".into(), row.kind.clone().into());
    data.insert("planted_label".into(), row.label.clone().into());
    data.insert("planted_by_token_id".into(), row.token_id.0.into());
    if let Some(what) = &row.what {
        data.insert("planted_what".into(), what.clone().into());
    }
}

/// Reads an answer. What it does not say is unknown, never guessed.
pub(super) fn see(operation: &Operation, answer: &Value) -> Seen {
    let unknown = |kind| Seen {
        kind,
        what: None,
        label: String::new(),
        end_path: None,
        lapses_at: None,
        state: PlantedState::Unknown,
    };
    let Some(made) = made_by(operation) else {
        return unknown("unknown");
    };
    let label = label(made, answer);
    match made.ends {
        // What is not told to end, or was not told at all, is unknown.
        Ends::Itself if answer.is_null() => unknown(made.kind),
        Ends::Itself => Seen {
            label,
            lapses_at: answer
                .pointer("/expires_at")
                .and_then(Value::as_str)
                .and_then(Timestamp::parse),
            state: PlantedState::Live,
            ..unknown(made.kind)
        },
        Ends::Below | Ends::Beside | Ends::At(_) | Ends::Elsewhere => match what(made, answer) {
            Some(what) => Seen {
                label,
                end_path: end_path(made, operation, &what),
                what: Some(what),
                state: PlantedState::Live,
                ..unknown(made.kind)
            },
            None => Seen {
                label,
                ..unknown(made.kind)
            },
        },
    }
}

/// The id of what was made.
// SECURITY: it becomes a segment of a path that is asked for with the upstream's credential.
fn what(made: &Made, answer: &Value) -> Option<String> {
    let text = match answer.pointer(made.what)? {
        Value::Number(number) => number.as_u64()?.to_string(),
        Value::String(text) => text.clone(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => return None,
    };
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    let dots = text.bytes().all(|byte| byte == b'.');
    (text.len() <= WHAT_BYTES && !text.is_empty() && !dots && text.bytes().all(plain)).then_some(text)
}

/// A name for people. Of an address only the host is kept: its path and user often are secrets.
fn label(made: &Made, answer: &Value) -> String {
    let found = made
        .label
        .iter()
        .find_map(|pointer| answer.pointer(pointer).and_then(Value::as_str))
        .unwrap_or_default();
    let shown = match found.split_once("://") {
        Some((_, rest)) => {
            let authority = rest.split(['/', '?', '#', '\\']).next().unwrap_or_default();
            authority.rsplit('@').next().unwrap_or_default()
        }
        None if made.kind.starts_with("hook") || made.kind == "push_mirror" => "",
        None => found,
    };
    shown
        .chars()
        .filter(|char| !char.is_control())
        .take(LABEL_CHARS)
        .collect()
}

/// At whom a thing was planted.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
struct Place {
    owner: Option<AccountId>,
    enterprise: Option<EnterpriseId>,
    repository: Option<RepositoryId>,
}

impl Place {
    /// The target of the operation's first term: whose policy was asked.
    fn of(operation: &Operation, gathered: &Gathered) -> Place {
        let target = match operation.requirement {
            Requirement::AnyOf([[term, ..], ..]) => term.target,
            Requirement::AnyOf(_) | Requirement::Live | Requirement::Closed => Target::Own,
        };
        match gathered.named(target) {
            Named::Repository(repository, owner) => Place {
                owner: Some(owner.facts.id),
                repository: Some(repository.facts.id),
                enterprise: None,
            },
            Named::Account(owner) => Place {
                owner: Some(owner.facts.id),
                ..Place::default()
            },
            Named::Enterprise(enterprise) => Place {
                enterprise: Some(enterprise.facts.id),
                ..Place::default()
            },
            Named::Absent | Named::Missing => Place::default(),
        }
    }
}
