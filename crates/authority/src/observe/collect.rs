//! What observed credentials were used for: collected in memory, written in batches, never on the way of a request, and
//! bounded at every place where a caller could make it grow.

use super::need::target_of;
use super::{AsIf, ForeignDigest, Known, Need, Observed};
use crate::Authority;
use crate::observe::report::kept::{read_needs, write_needs};
use bailiwick_model::{Timestamp, UpstreamId};
use bailiwick_store::{ObservationRow, ObservedCredentialRow, Store, StoreError, Tx, observation};
use std::collections::{BTreeSet, HashMap};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// How often what was collected is written, in seconds.
const FLUSH_SECONDS: u64 = 30;
/// Credentials at one upstream at the most.
const CREDENTIALS_MAX: i64 = 5_000;
/// Those of them without a person behind them: where an upstream answers whatever is sent, made-up ones must not take the
/// place of those that are somebody's.
const NAMELESS_MAX: i64 = 1_000;
/// Pairs of operation and target of one credential, before targets are put together by their owner.
const USES_MAX: usize = 500;
/// The same after that.
const USES_LAST_MAX: usize = 1_000;
/// Credentials and uses that wait to be written at the most.
const WAITING_MAX: usize = 20_000;
/// Needs of one row at the most; beyond, every repository of the owner is needed.
const NEEDS_MAX: usize = 200;

#[derive(Debug)]
struct Seen {
    kind: &'static str,
    person: Option<(String, String)>,
    first: Timestamp,
    last: Timestamp,
    reads: i64,
    writes: i64,
    left_out: i64,
    uses: HashMap<(String, String), Use>,
}

#[derive(Debug)]
struct Use {
    mapped: bool,
    needs: BTreeSet<Need>,
    verdict: &'static str,
    requests: i64,
    refused: i64,
    first: Timestamp,
    last: Timestamp,
}

type Waiting = HashMap<(UpstreamId, ForeignDigest), Seen>;

/// What waits to be written, and the thread that writes it.
#[derive(Debug)]
pub(crate) struct Collected {
    waiting: Arc<Mutex<(Waiting, usize)>>,
    store: Store,
    // Dropped to tell the thread to write what is left and end.
    stop: Option<Sender<()>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Collected {
    pub(super) fn start(store: Store) -> std::io::Result<Collected> {
        let waiting = Arc::new(Mutex::new((Waiting::new(), 0)));
        let (stop, stopped) = channel();
        let (theirs, to) = (waiting.clone(), store.clone());
        let thread = std::thread::Builder::new()
            .name(String::from("observed"))
            .spawn(move || write_all(&theirs, &to, &stopped))?;
        Ok(Collected {
            waiting,
            store,
            stop: Some(stop),
            thread: Some(thread),
        })
    }
}

impl Drop for Collected {
    fn drop(&mut self) {
        self.stop = None;
        if let Some(thread) = self.thread.take() {
            let _ended = thread.join();
        }
    }
}

impl Authority {
    /// Notes what an observed credential was used for. In memory only. `unmapped` tells what was asked where the
    /// catalogue does not know it.
    pub fn observed_use(
        &self,
        observed: &Observed,
        person: &Known,
        as_if: &AsIf,
        writes: bool,
        refused: bool,
        unmapped: &str,
    ) {
        let Some((foreign, digest)) = &observed.foreign else {
            return;
        };
        let now = observed.now;
        let mut waiting = self
            .observer
            .collected
            .waiting
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let (all, size) = &mut *waiting;
        let full = *size >= WAITING_MAX;
        let key = (observed.upstream.id, digest.clone());
        if full && !all.contains_key(&key) {
            return;
        }
        let seen = all.entry(key).or_insert_with(|| {
            *size += 1;
            Seen {
                kind: foreign.kind().word(),
                person: None,
                first: now,
                last: now,
                reads: 0,
                writes: 0,
                left_out: 0,
                uses: HashMap::new(),
            }
        });
        if let Known::Person { login, key } = person {
            seen.person = Some((login.clone(), key.clone()));
        }
        seen.last = now;
        *(if writes { &mut seen.writes } else { &mut seen.reads }) += 1;
        let operation = observed
            .operation
            .map_or_else(|| plain(unmapped), |operation| operation.id.to_owned());
        let place = (operation, target_of(observed));
        if full && !seen.uses.contains_key(&place) {
            seen.left_out += 1;
            return;
        }
        let one = seen.uses.entry(place).or_insert_with(|| {
            *size += 1;
            Use {
                mapped: observed.operation.is_some(),
                needs: BTreeSet::new(),
                verdict: as_if.verdict,
                requests: 0,
                refused: 0,
                first: now,
                last: now,
            }
        });
        one.needs.extend(&as_if.needs);
        one.verdict = as_if.verdict;
        one.requests += 1;
        one.refused += i64::from(refused);
        one.last = now;
    }

    /// Writes what observed credentials were used for, without waiting for the next batch.
    pub fn observed_flush(&self) {
        flush(&self.observer.collected.waiting, &self.observer.collected.store);
    }
}

/// A method and a path that no operation has, without what in it may be long, many or secret.
fn plain(asked: &str) -> String {
    let piece = |piece: &str| {
        let digits = piece.bytes().all(|byte| byte.is_ascii_digit());
        let long = piece.len() > 32;
        if !piece.is_empty() && (digits || long) {
            String::from("…")
        } else {
            piece.to_owned()
        }
    };
    let short: Vec<String> = asked.split('/').take(8).map(piece).collect();
    short.join("/").chars().take(160).collect()
}

fn write_all(waiting: &Mutex<(Waiting, usize)>, store: &Store, stopped: &Receiver<()>) {
    loop {
        let wait = stopped.recv_timeout(Duration::from_secs(FLUSH_SECONDS));
        flush(waiting, store);
        if wait != Err(RecvTimeoutError::Timeout) {
            return;
        }
    }
}

fn flush(waiting: &Mutex<(Waiting, usize)>, store: &Store) {
    let (all, _) = std::mem::take(&mut *waiting.lock().unwrap_or_else(PoisonError::into_inner));
    if all.is_empty() {
        return;
    }
    let written: Result<(), StoreError> = store.write(|tx| {
        for ((upstream, digest), seen) in &all {
            write(tx, *upstream, digest.text(), seen)?;
        }
        Ok(())
    });
    if let Err(error) = written {
        tracing::warn!(%error, "what observed credentials were used for could not be written");
    }
}

fn write(tx: &mut Tx<'_>, upstream: UpstreamId, digest: &str, seen: &Seen) -> Result<(), StoreError> {
    let mut row = match observation::by_digest(tx, upstream, digest)? {
        Some(row) => row,
        None if !has_room(tx, upstream, seen)? => return Ok(()),
        None => observation::insert(tx, new_credential(upstream, digest, seen))?,
    };
    if let Some((login, key)) = &seen.person {
        row.login = Some(login.clone());
        row.upstream_key = Some(key.clone());
    }
    row.last_at = row.last_at.max(seen.last);
    row.reads += seen.reads;
    row.writes += seen.writes;
    row.left_out += seen.left_out;
    let mut known: HashMap<(String, String), ObservationRow> = observation::uses(tx, row.id)?
        .into_iter()
        .map(|one| ((one.operation.clone(), one.target.clone()), one))
        .collect();
    for ((operation, target), one) in &seen.uses {
        let mut place = (operation.clone(), target.clone());
        if known.len() >= USES_MAX && !known.contains_key(&place) {
            let owner = target.split('/').next().unwrap_or_default();
            place.1 = format!("{owner}/*");
        }
        let full = known.len() >= USES_LAST_MAX;
        match known.get_mut(&place) {
            Some(before) => {
                add(before, one, place.1.ends_with("/*"));
                observation::update_use(tx, before)?;
            }
            None if full => row.left_out += one.requests,
            None => {
                let mut fresh = new_use(row.id, &place, one);
                add(&mut fresh, one, place.1.ends_with("/*"));
                let fresh = observation::insert_use(tx, fresh)?;
                known.insert(place, fresh);
            }
        }
    }
    observation::update(tx, &row)
}

fn has_room(tx: &mut Tx<'_>, upstream: UpstreamId, seen: &Seen) -> Result<bool, StoreError> {
    if seen.person.is_none() && observation::count_nameless(tx, upstream)? >= NAMELESS_MAX {
        return Ok(false);
    }
    Ok(observation::count(tx, upstream)? < CREDENTIALS_MAX)
}

fn new_credential(upstream: UpstreamId, digest: &str, seen: &Seen) -> ObservedCredentialRow {
    ObservedCredentialRow {
        id: 0,
        upstream_id: upstream,
        digest: digest.to_owned(),
        kind: seen.kind.to_owned(),
        login: None,
        upstream_key: None,
        first_at: seen.first,
        last_at: seen.last,
        reads: 0,
        writes: 0,
        left_out: 0,
    }
}

fn new_use(credential: i64, place: &(String, String), one: &Use) -> ObservationRow {
    ObservationRow {
        id: 0,
        credential_id: credential,
        operation: place.0.clone(),
        mapped: one.mapped,
        target: place.1.clone(),
        needs: String::from("[]"),
        verdict: String::new(),
        requests: 0,
        refused: 0,
        first_at: one.first,
        last_at: one.last,
    }
}

/// Adds what was seen to a row. Targets that were put together need every repository of their owner.
fn add(row: &mut ObservationRow, one: &Use, together: bool) {
    let mut needs = read_needs(&row.needs);
    // What the upstream refused every time was not needed.
    if one.requests > one.refused {
        needs.extend(&one.needs);
    }
    if together || needs.len() > NEEDS_MAX {
        needs = needs
            .into_iter()
            .map(|need| Need {
                all: need.all || need.repository.is_some(),
                repository: None,
                ..need
            })
            .collect();
    }
    row.needs = write_needs(&needs);
    one.verdict.clone_into(&mut row.verdict);
    row.requests += one.requests;
    row.refused += one.refused;
    row.last_at = row.last_at.max(one.last);
}
