//! Operations of mounted upstreams, appended behind the built-in table while the process runs. The built-in table is
//! always asked first; neither takes a lock to be asked.

use crate::named::Names;
use crate::operation::{Operation, OperationIndex};
use crate::table::{OPERATIONS, PARAMS};
use std::collections::BTreeMap;
use std::sync::{Mutex, OnceLock, PoisonError};

/// One operation with what its path names.
#[derive(Debug)]
pub(crate) struct Loaded {
    pub(crate) operation: Operation,
    pub(crate) params: &'static [&'static str],
    pub(crate) names: Names,
    /// The permissions that it accepts, as the header says them.
    pub(crate) accepted: String,
}

/// Rows of one part of the table.
const PART_ROWS: usize = 256;
/// Parts: as many as an index can tell apart.
const PARTS: usize = (u16::MAX as usize + 1) / PART_ROWS;

type Part = Box<[OnceLock<&'static Loaded>]>;

// Read without a lock, by every request to a mounted upstream and several times: a lock is a write to memory that all
// processors share.
// INVARIANT: only ever appended to. An index that was handed out leads to the same operation for as long as the
// process runs, also in a request that began before its upstream was loaded anew.
static ROWS: [OnceLock<Part>; PARTS] = [const { OnceLock::new() }; PARTS];

/// Rows by everything that an operation is made of: what is loaded again is not kept again. As many as there are rows.
static KNOWN: Mutex<BTreeMap<String, &'static Loaded>> = Mutex::new(BTreeMap::new());

/// All places are taken: this process has met too many different operations of upstreams.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Full;

/// Finds a place for each row, all of them or none. `key` says everything that a row is made of, `make` leaks it.
///
/// Operations are leaked, so that they are `&'static` like the built-in ones and the whole server treats both alike.
/// That is bounded: loading is an administrator's act, an operation that did not change is found again by its key, and
/// an index has 16 bits.
pub(crate) fn append<T>(
    rows: &[T],
    key: impl Fn(&T) -> String,
    make: impl Fn(&T, OperationIndex) -> Loaded,
) -> Result<Vec<&'static Loaded>, Full> {
    let mut registry = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    let keys: Vec<String> = rows.iter().map(key).collect();
    let fresh = keys.iter().filter(|key| !registry.contains_key(*key)).count();
    // The last place stays free: it is the one index that leads nowhere for certain.
    if OPERATIONS.len() + registry.len() + fresh >= usize::from(u16::MAX) {
        return Err(Full);
    }
    let mut found = Vec::with_capacity(rows.len());
    for (row, key) in rows.iter().zip(keys) {
        let loaded = match registry.get(&key) {
            Some(loaded) => *loaded,
            None => {
                let at = registry.len();
                let index = u16::try_from(OPERATIONS.len() + at).map_err(|_| Full)?;
                let slot = slot(at, true).ok_or(Full)?;
                let loaded: &'static Loaded = Box::leak(Box::new(make(row, OperationIndex(index))));
                // SECURITY: a place that is taken is another operation's, with other requirements.
                slot.set(loaded).map_err(|_taken| Full)?;
                registry.insert(key, loaded);
                loaded
            }
        };
        found.push(loaded);
    }
    Ok(found)
}

/// The place of a row; a part of the table that is not there yet is made if one is to be put into it.
fn slot(at: usize, make: bool) -> Option<&'static OnceLock<&'static Loaded>> {
    let part = ROWS.get(at / PART_ROWS)?;
    let rows = match part.get() {
        Some(rows) => rows,
        None if make => part.get_or_init(|| (0..PART_ROWS).map(|_| OnceLock::new()).collect()),
        None => return None,
    };
    rows.get(at % PART_ROWS)
}

fn get(index: OperationIndex) -> Option<&'static Loaded> {
    let at = usize::from(index.0).checked_sub(OPERATIONS.len())?;
    slot(at, false)?.get().copied()
}

/// The loaded operation at a place behind the built-in table.
#[cold]
pub(crate) fn operation(index: OperationIndex) -> Option<&'static Operation> {
    get(index).map(|loaded| &loaded.operation)
}

/// What the path of a loaded operation names.
pub(crate) fn names(index: OperationIndex) -> Names {
    get(index).map(|loaded| loaded.names).unwrap_or_default()
}

/// The permissions that a loaded operation accepts, as the header says them; `None` for one that is built in.
pub fn accepted_header_of_loaded(index: OperationIndex) -> Option<&'static str> {
    get(index).map(|loaded| loaded.accepted.as_str())
}

/// The parameters of any operation, in its path's order.
pub(crate) fn params(index: OperationIndex) -> &'static [&'static str] {
    match PARAMS.get(usize::from(index.0)) {
        Some(params) => params,
        None => get(index).map(|loaded| loaded.params).unwrap_or_default(),
    }
}
