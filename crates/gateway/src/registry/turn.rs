//! Turns: who changes one thing at a registry at the moment. What is quick is refused while it is somebody else's; what must
//! be read before it is put back waits for a while.

use bailiwick_authority::upstream::Upstream;
use bailiwick_authority::{Fault, FaultKind};
use bailiwick_model::UpstreamId;
use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::OwnedMutexGuard;
use tokio::time::timeout;

/// How long one waits for a turn.
const PATIENCE: Duration = Duration::from_secs(30);
/// How many may have a turn at one package or wait for it.
const LINE_MAX: usize = 9;
/// When it is worth trying again, in seconds.
const AGAIN_SECONDS: u32 = 10;

/// The things that are being written, by the address of their registry and their place there.
static WRITTEN: LazyLock<Mutex<HashSet<(String, String)>>> = LazyLock::new(Mutex::default);

/// The turn to write one thing: between looking whether it is there and writing it, nobody else of this server does.
pub struct Turn((String, String));

impl Turn {
    /// Takes it, for a file of a release: whoever comes meanwhile comes too late.
    pub fn take(upstream: &Upstream, target: &str) -> Result<Turn, Fault> {
        Turn::try_take(upstream, target)?.ok_or_else(|| {
            Fault::conflict(
                "package.busy",
                "somebody is publishing this very file at the moment",
            )
        })
    }

    /// Takes it, for what may be written again: a manifest, or a piece of a blob.
    // SECURITY: nobody waits for it. Who waits keeps what it brought in memory for as long as the registry hangs, and writes
    // by what was decided before.
    pub fn take_again(upstream: &Upstream, target: &str) -> Result<Turn, Fault> {
        Turn::try_take(upstream, target)?.ok_or_else(busy)
    }

    fn try_take(upstream: &Upstream, target: &str) -> Result<Option<Turn>, Fault> {
        let place = (upstream.web()?.address().to_string(), target.to_ascii_lowercase());
        let mut written = WRITTEN.lock().unwrap_or_else(PoisonError::into_inner);
        // Made only where it was taken: dropping another would give back what is somebody else's.
        Ok(written.insert(place.clone()).then(|| Turn(place)))
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut written = WRITTEN.lock().unwrap_or_else(PoisonError::into_inner);
        written.remove(&self.0);
    }
}

type Key = (UpstreamId, String);

#[derive(Default)]
struct Line {
    turn: Arc<tokio::sync::Mutex<()>>,
    inside: usize,
}

/// The packages that are being changed.
static LINES: LazyLock<Mutex<HashMap<Key, Line>>> = LazyLock::new(Mutex::default);

/// A package to oneself, until it is dropped.
pub struct Alone {
    // INVARIANT: given back before the place in the line is, which would forget the turn with its last one.
    _turn: OwnedMutexGuard<()>,
    _place: InLine,
}

struct InLine(Key);

impl InLine {
    fn begin(key: Key) -> Option<(InLine, Arc<tokio::sync::Mutex<()>>)> {
        let mut lines = LINES.lock().unwrap_or_else(PoisonError::into_inner);
        let line = lines.entry(key.clone()).or_default();
        if line.inside >= LINE_MAX {
            return None;
        }
        line.inside += 1;
        let turn = line.turn.clone();
        drop(lines);
        Some((InLine(key), turn))
    }
}

impl Drop for InLine {
    fn drop(&mut self) {
        let mut lines = LINES.lock().unwrap_or_else(PoisonError::into_inner);
        if let Entry::Occupied(mut entry) = lines.entry(self.0.clone()) {
            entry.get_mut().inside -= 1;
            if entry.get().inside == 0 {
                entry.remove();
            }
        }
    }
}

/// Waits until nobody else here changes the package, for a while.
// INVARIANT: between reading what is there and putting it back nobody publishes: what is put would lack the new version,
// and so delete it.
// SECURITY: a registry that hangs at one package holds up nobody at another. Whoever waited is decided on again.
pub async fn alone(upstream: UpstreamId, name: &str) -> Result<Alone, Fault> {
    let (place, turn) = InLine::begin((upstream, name.to_owned())).ok_or_else(busy)?;
    let turn = timeout(PATIENCE, turn.lock_owned()).await.map_err(|_| busy())?;
    Ok(Alone {
        _turn: turn,
        _place: place,
    })
}

/// The same for whoever is not decided on again, and so must not wait.
pub fn alone_at_once(upstream: UpstreamId, name: &str) -> Result<Alone, Fault> {
    let (place, turn) = InLine::begin((upstream, name.to_owned())).ok_or_else(busy)?;
    Ok(Alone {
        _turn: turn.try_lock_owned().map_err(|_| busy())?,
        _place: place,
    })
}

fn busy() -> Fault {
    Fault::new(
        FaultKind::TooMany,
        "registry.busy",
        "somebody is changing this at the registry at the moment: try again when that is through",
    )
    .after_seconds(AGAIN_SECONDS)
}

#[cfg(test)]
mod tests;
