//! Ending what was planted: asked for in one transaction with its event, done at the server behind the gateway by
//! whoever can speak to it, tried again every hour until it is done.

use super::PlantedView;
use super::list::view;
use super::record::note;
use crate::Authority;
use crate::act::Act;
use crate::fault::Fault;
use crate::permit::Permit;
use bailiwick_model::{AccountId, Event, Outcome, RepositoryId, Timestamp, TokenId};
use bailiwick_store::{PlantedRow, PlantedState, Tx, account, audit, enterprise, planted, repository};
use std::sync::Arc;

/// Seconds between two tries.
const RETRY_SECONDS: i64 = 3600;
/// Endings that are tried while somebody waits for the answer, and in one sweep.
const AT_ONCE: usize = 20;
const IN_ONE_SWEEP: i64 = 500;
/// The longest reason that is kept of a failure.
const PROBLEM_CHARS: usize = 200;

/// Ends planted things where they are kept. The gateway is one.
pub trait Ender: Send + Sync {
    /// Ends one; blocking. That it is gone already counts as ended.
    fn end(&self, ending: &Ending) -> Result<(), Unended>;
}

/// Why a thing was not ended, for people: no secret, no text of the server behind.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Unended(pub String);

/// One thing to be ended.
#[derive(Clone, Debug)]
pub struct Ending {
    /// What is recorded of it.
    pub row: PlantedRow,
    /// The operation that made it: it tells the address space that the path is in.
    pub operation: &'static bailiwick_catalogue::Operation,
    /// The path whose `DELETE` ends it, with the names that hold here at present.
    pub path: String,
    /// The repository in which it is.
    pub repository: Option<RepositoryId>,
    /// The account at whom it is.
    pub owner: Option<AccountId>,
    /// Whom the token acted as: whose credential at the server behind can end it.
    pub actor: AccountId,
}

impl Authority {
    /// Registers who ends planted things. Once: later calls change nothing.
    pub fn end_planted_with(&self, ender: Arc<dyn Ender>) {
        let _ = self.ender.set(ender);
    }

    /// Ends one thing that a token of the person planted, also of a token that is gone.
    pub fn planted_end(&self, permit: Permit, id: i64) -> Result<PlantedView, Fault> {
        let person = permit.person()?;
        self.end(permit, id, |row| row.actor_id == person)
    }

    /// Ends one thing that a token planted at the organization that the path names.
    pub fn planted_end_at(&self, permit: Permit, id: i64) -> Result<PlantedView, Fault> {
        let owner = permit.owner()?.id;
        self.end(permit, id, |row| row.owner_id == Some(owner))
    }

    fn end(
        &self,
        permit: Permit,
        id: i64,
        reaches: impl FnOnce(&PlantedRow) -> bool,
    ) -> Result<PlantedView, Fault> {
        let now = permit.now();
        self.act(permit, |act, permit| {
            let row = planted::by_id(act.tx, id)?
                .filter(reaches)
                .ok_or_else(Fault::not_found)?;
            if row.state == PlantedState::Ended {
                return Err(Fault::conflict("planted.ended", "it has ended already"));
            }
            if row.end_path.is_none() {
                let message = "nothing here can end it: end it where it is kept";
                return Err(Fault::conflict("planted.no_end", message));
            }
            note(&mut act.event, &row);
            ask(act.tx, row, permit.actor(), now)
        })?;
        self.planted_try(id, now)?;
        self.store.read(|tx| {
            let row = planted::by_id(tx, id)?.ok_or_else(Fault::not_found)?;
            view(tx, row)
        })
    }

    /// Tries one ending that is due. Two that try at once do no harm: one of them finds the claim.
    fn planted_try(&self, id: i64, now: Timestamp) -> Result<(), Fault> {
        let claimed = self.store.write(|tx| claim(tx, id, now))?;
        let Some((row, ending)) = claimed else {
            return Ok(());
        };
        let became = match (self.ender.get(), ending) {
            (Some(ender), Some(ending)) => match ender.end(&ending) {
                Ok(()) => Became::Ended,
                Err(Unended(problem)) => Became::Failed(problem),
            },
            (None, Some(_)) => Became::Waits,
            (_, None) => Became::Failed(String::from("what it belonged to is no longer known here")),
        };
        self.store.write(|tx| {
            let Some(found) = planted::by_id(tx, id)? else {
                return Ok(());
            };
            let (after, action) = after(found, became, now);
            planted::update(tx, &after)?;
            // An alarm tells once of each trouble, not every hour.
            if after.state == PlantedState::Ended || after.problem != row.problem {
                let event = event(tx, &after, action, now)?;
                audit::append(tx, &self.node, &[event])?;
            }
            Ok::<(), Fault>(())
        })
    }

    /// Tries every ending that is due, and tells how many. Running it again changes nothing.
    pub(crate) fn planted_sweep(&self, now: Timestamp) -> Result<u64, Fault> {
        let due = self.store.read(|tx| planted::due(tx, now, IN_ONE_SWEEP))?;
        for row in &due {
            self.planted_try(row.id, now)?;
        }
        Ok(u64::try_from(due.len()).unwrap_or_default())
    }

    /// Tries at once what a change has just asked to be ended, up to a bound (the sweep does the rest), and tells how
    /// it stands.
    pub(crate) fn planted_settle(
        &self,
        left: Vec<PlantedRow>,
        with_planted: bool,
        now: Timestamp,
    ) -> Result<Vec<PlantedView>, Fault> {
        if with_planted {
            for row in left.iter().take(AT_ONCE) {
                self.planted_try(row.id, now)?;
            }
        }
        self.store.read(|tx| {
            let mut views = Vec::with_capacity(left.len());
            for row in left {
                let row = planted::by_id(tx, row.id)?.unwrap_or(row);
                views.push(view(tx, row)?);
            }
            Ok(views)
        })
    }
}

/// Asks for an ending, to be tried now.
fn ask(tx: &mut Tx<'_>, row: PlantedRow, by: Option<AccountId>, now: Timestamp) -> Result<(), Fault> {
    let asked = PlantedRow {
        state: PlantedState::Pending,
        ended_by: by,
        next_at: Some(now),
        ..row
    };
    Ok(planted::update(tx, &asked)?)
}

/// What a token, and what it minted, planted and that may still work; asks for its ending if that is wanted.
pub(crate) fn left(
    act: &mut Act<'_, '_>,
    permit: &Permit,
    token: TokenId,
    with_planted: bool,
) -> Result<Vec<PlantedRow>, Fault> {
    let now = permit.now();
    let mut rows = planted::left_by(act.tx, token)?;
    rows.retain(|row| row.lapses_at.is_none_or(|end| now < end));
    if with_planted {
        for row in rows.iter().filter(|row| row.end_path.is_some()) {
            ask(act.tx, row.clone(), permit.actor(), now)?;
            note(act.another("planted.end"), row);
        }
    }
    if !rows.is_empty() {
        act.note("planted_left", rows.len());
        act.note("with_planted", with_planted);
    }
    Ok(rows)
}

/// Takes an ending that is due, so that nobody else tries it meanwhile; a crash leaves it to be tried again.
fn claim(tx: &mut Tx<'_>, id: i64, now: Timestamp) -> Result<Option<(PlantedRow, Option<Ending>)>, Fault> {
    let Some(row) = planted::by_id(tx, id)?.filter(|row| row.next_at.is_some_and(|at| at <= now)) else {
        return Ok(None);
    };
    let row = PlantedRow {
        attempts: row.attempts + 1,
        next_at: Some(now.plus_seconds(RETRY_SECONDS)),
        ..row
    };
    planted::update(tx, &row)?;
    let ending = ending(tx, &row)?;
    Ok(Some((row, ending)))
}

/// What came of a try.
enum Became {
    Ended,
    Failed(String),
    Waits,
}

fn after(row: PlantedRow, became: Became, now: Timestamp) -> (PlantedRow, &'static str) {
    let (state, problem) = match became {
        Became::Ended => (PlantedState::Ended, None),
        Became::Failed(problem) => (
            PlantedState::Failed,
            Some(problem.chars().take(PROBLEM_CHARS).collect()),
        ),
        Became::Waits => (
            PlantedState::Pending,
            Some(String::from("no gateway runs here that could end it")),
        ),
    };
    let ended = state == PlantedState::Ended;
    let row = PlantedRow {
        state,
        problem,
        ended_at: ended.then_some(now),
        next_at: row.next_at.filter(|_| !ended),
        ..row
    };
    (
        row,
        if ended {
            "planted.ended"
        } else {
            "planted.end_failed"
        },
    )
}

/// What an ender needs to know; none if a name of the path is no longer known here.
fn ending(tx: &mut Tx<'_>, row: &PlantedRow) -> Result<Option<Ending>, Fault> {
    let (Some(template), Some(operation)) = (&row.end_path, bailiwick_catalogue::by_id(&row.operation))
    else {
        return Ok(None);
    };
    let found = match row.repository_id {
        Some(id) => repository::by_id(tx, id)?,
        None => None,
    };
    let owner = match found.as_ref().map(|row| row.owner_id).or(row.owner_id) {
        Some(id) => account::by_id(tx, id)?.map(|account| account.login),
        None => None,
    };
    let above = match row.enterprise_id {
        Some(id) => enterprise::by_id(tx, id)?.map(|enterprise| enterprise.slug),
        None => None,
    };
    let repository = found.map(|row| row.name);
    let path = filled(template, |name| match name {
        "owner" | "org" | "username" => owner.as_deref(),
        "repo" => repository.as_deref(),
        "enterprise" => above.as_deref(),
        _ => None,
    });
    Ok(path.map(|path| Ending {
        row: row.clone(),
        operation,
        path,
        repository: row.repository_id,
        owner: row.owner_id,
        actor: row.actor_id,
    }))
}

/// A path with its names put in; none if one is missing.
fn filled<'a>(template: &str, name: impl Fn(&str) -> Option<&'a str>) -> Option<String> {
    let mut path = String::new();
    for word in template.split('/').skip(1) {
        path.push('/');
        match word.strip_prefix('{').and_then(|word| word.strip_suffix('}')) {
            Some(open) => path.push_str(name(open)?),
            None => path.push_str(word),
        }
    }
    Some(path)
}

/// The event of what became of an ending: nobody asks at that moment, it concerns the token's person.
fn event(tx: &mut Tx<'_>, row: &PlantedRow, action: &'static str, now: Timestamp) -> Result<Event, Fault> {
    let user = account::by_id(tx, row.actor_id)?.map(|account| account.login);
    let owner = match row.owner_id {
        Some(id) => account::by_id(tx, id)?,
        None => None,
    };
    let failed = row.state != PlantedState::Ended;
    let mut event = Event {
        user,
        token: Some(row.token_id),
        enterprise: row
            .enterprise_id
            .or_else(|| owner.as_ref().and_then(|owner| owner.enterprise_id)),
        owner: row.owner_id,
        owner_login: owner.map(|owner| owner.login),
        repository: row.repository_id,
        outcome: if failed { Outcome::Failed } else { Outcome::Allowed },
        ..Event::of_nobody(
            now,
            action,
            "remove",
            if failed { "planted.end_failed" } else { "allowed" },
        )
    };
    note(&mut event, row);
    event.data.insert("attempts".into(), row.attempts.into());
    if let Some(problem) = &row.problem {
        event.data.insert("problem".into(), problem.clone().into());
    }
    Ok(event)
}
