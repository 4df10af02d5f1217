//! When each upstream is synchronised: regularly, soon after its hook, at once when an administrator wants it, later
//! after a failure. One at a time per upstream.

use super::synchronise;
use crate::blocking;
use bailiwick_authority::upstream::Upstream;
use bailiwick_authority::upstream::synchronise::ask::Ask;
use bailiwick_authority::upstream::synchronise::state::Stand;
use bailiwick_authority::{Authority, Fault};
use bailiwick_model::UpstreamId;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::Instant;

/// The least time between two synchronisations that hooks ask for, in seconds.
const HOOK_SECONDS: u64 = 10;
/// The least time between two that administrators ask for, in seconds.
const ASKED_SECONDS: u64 = 1;
/// How long to wait after the first failure, in seconds; twice as long after each further one.
const FAILURE_SECONDS: u64 = 15;
/// The longest wait after failures, in seconds.
const FAILURE_SECONDS_MAX: u64 = 900;
/// How long to wait while another node is at it, in seconds.
const BUSY_SECONDS: u64 = 5;
/// How often the upstreams are looked at where nothing is due, in seconds.
const IDLE_SECONDS: u64 = 60;

/// When an upstream is next.
#[derive(Clone, Copy, Debug)]
struct Turn {
    due: Instant,
    last: Option<Instant>,
    failures: u32,
    running: bool,
    // What the upstream's rate limit asks for: not before a time, and so far from one another.
    not_before: Option<Instant>,
    apart: Duration,
}

/// How a turn went.
enum Went {
    Well { apart: u64 },
    Badly,
    Busy,
    Held { seconds: u64 },
}

/// Synchronises every upstream whenever its time has come, for as long as it is polled.
pub async fn keep(authority: Arc<Authority>) {
    let mut turns: BTreeMap<UpstreamId, Turn> = BTreeMap::new();
    let mut running: JoinSet<(UpstreamId, Went)> = JoinSet::new();
    let mut changes = authority.upstream_changes();
    loop {
        let reading = authority.clone();
        let upstreams = match blocking(move || reading.upstreams()).await {
            Ok(upstreams) => upstreams.all(),
            Err(fault) => {
                tracing::error!(%fault, "the upstreams cannot be read");
                Vec::new()
            }
        };
        let asks = authority.synchronise_asks();
        let next = start_due(&authority, &upstreams, &asks, &mut turns, &mut running);
        tokio::select! {
            () = tokio::time::sleep_until(next) => {}
            () = authority.synchronise_asked() => {}
            Ok(()) = changes.changed() => changes.mark_unchanged(),
            Some(done) = running.join_next() => {
                if let Ok((id, went)) = done
                    && let Some(turn) = turns.get_mut(&id)
                {
                    let upstream = upstreams.iter().find(|one| one.id == id);
                    after(turn, &went, upstream.and_then(|one| one.settings.synchronise_seconds()), &authority);
                }
            }
        }
    }
}

/// Starts what is due; tells when the next one is.
fn start_due(
    authority: &Arc<Authority>,
    upstreams: &[Arc<Upstream>],
    asks: &BTreeMap<UpstreamId, Ask>,
    turns: &mut BTreeMap<UpstreamId, Turn>,
    running: &mut JoinSet<(UpstreamId, Went)>,
) -> Instant {
    let now = Instant::now();
    let mut next = now + Duration::from_secs(IDLE_SECONDS);
    turns.retain(|id, turn| turn.running || upstreams.iter().any(|one| one.id == *id));
    for upstream in upstreams {
        let Some(every) = upstream.settings.synchronise_seconds() else {
            continue;
        };
        let turn = turns.entry(upstream.id).or_insert_with(|| Turn {
            // Nodes and upstreams that start together do not ask together.
            due: now + jitter(authority, every.min(HOOK_SECONDS)),
            last: None,
            failures: 0,
            running: false,
            not_before: None,
            apart: Duration::ZERO,
        });
        if turn.running {
            continue;
        }
        let due = asked(asks.get(&upstream.id), turn, now).map_or(turn.due, |asked| asked.min(turn.due));
        let due = turn.not_before.map_or(due, |at| due.max(at));
        if due > now {
            next = next.min(due);
            continue;
        }
        turn.running = true;
        turn.last = Some(now);
        let (authority, id) = (authority.clone(), upstream.id);
        running.spawn(async move { (id, once(&authority, id).await) });
    }
    next
}

/// When an ask is due. Many hooks are one, and no quicker than their pace, nor than failures allow.
fn asked(ask: Option<&Ask>, turn: &Turn, now: Instant) -> Option<Instant> {
    let ask = ask?;
    // What is still wanted after a turn came meanwhile, or another node is at it.
    if ask.at_once {
        let pace = Duration::from_secs(ASKED_SECONDS);
        return Some(turn.last.map_or(now, |last| (last + pace).max(now)));
    }
    let pace = Duration::from_secs(HOOK_SECONDS).max(turn.apart);
    let due = turn.last.map_or(now, |last| last + pace);
    Some(if turn.failures > 0 { due.max(turn.due) } else { due })
}

async fn once(authority: &Arc<Authority>, id: UpstreamId) -> Went {
    match synchronise(authority, id).await {
        Ok(None) => Went::Busy,
        Ok(Some(state)) => match state.not_before {
            Some(at) => {
                let seconds = at.seconds().saturating_sub(authority.now().seconds()).max(0);
                Went::Held {
                    seconds: u64::try_from(seconds).unwrap_or(0).saturating_add(1),
                }
            }
            None if state.state == Stand::Failed => Went::Badly,
            None => Went::Well {
                apart: state.progress.seconds_apart,
            },
        },
        Err(fault) => {
            note(id, &fault);
            Went::Badly
        }
    }
}

fn note(id: UpstreamId, fault: &Fault) {
    tracing::warn!(upstream = id.0, %fault, "an upstream could not be synchronised");
}

fn after(turn: &mut Turn, went: &Went, every: Option<u64>, authority: &Arc<Authority>) {
    turn.running = false;
    let every = every.unwrap_or(IDLE_SECONDS);
    turn.not_before = None;
    let wait = match went {
        Went::Well { apart } => {
            turn.failures = 0;
            turn.apart = Duration::from_secs(*apart);
            every.max(*apart)
        }
        // Whoever asks, the upstream does not want to hear it before.
        Went::Held { seconds } => {
            turn.not_before = Some(Instant::now() + Duration::from_secs(*seconds));
            *seconds
        }
        Went::Busy => BUSY_SECONDS.min(every),
        Went::Badly => {
            turn.failures = turn.failures.saturating_add(1);
            backoff(turn.failures)
        }
    };
    turn.due = Instant::now() + Duration::from_secs(wait) + jitter(authority, wait / 10);
}

fn backoff(failures: u32) -> u64 {
    let doubled = 2_u64.saturating_pow(failures.saturating_sub(1));
    FAILURE_SECONDS.saturating_mul(doubled).min(FAILURE_SECONDS_MAX)
}

/// A random part of so many seconds.
fn jitter(authority: &Authority, seconds: u64) -> Duration {
    let mut bytes = [0_u8; 8];
    authority.fill_random(&mut bytes);
    let most = seconds.saturating_mul(1000).saturating_add(1);
    Duration::from_millis(u64::from_le_bytes(bytes) % most)
}

#[cfg(test)]
mod tests {
    use super::{Ask, Turn, asked, backoff};
    use std::time::Duration;
    use tokio::time::Instant;

    #[test]
    fn failures_make_the_next_try_later_and_not_too_late() {
        assert_eq!((backoff(1), backoff(2), backoff(5)), (15, 30, 240));
        assert_eq!(backoff(7), 900);
        assert_eq!(backoff(u32::MAX), 900);
    }

    #[test]
    fn hooks_keep_their_pace_and_administrators_do_not_wait() {
        let now = Instant::now();
        let hour = Duration::from_secs(3600);
        let mut turn = Turn {
            due: now + hour,
            last: Some(now),
            failures: 0,
            running: false,
            not_before: None,
            apart: Duration::ZERO,
        };
        let hook = Ask::default();
        let wanted = Ask {
            at_once: true,
            confirmed: None,
        };
        assert_eq!(asked(None, &turn, now), None);
        assert_eq!(
            asked(Some(&hook), &turn, now),
            Some(now + Duration::from_secs(10))
        );
        let soon = Some(now + Duration::from_secs(1));
        assert_eq!(asked(Some(&wanted), &turn, now), soon);
        turn.apart = Duration::from_secs(144);
        let later = Some(now + Duration::from_secs(144));
        assert_eq!(
            asked(Some(&hook), &turn, now),
            later,
            "half of the rate limit is left"
        );
        assert_eq!(asked(Some(&wanted), &turn, now), soon);
        turn.failures = 1;
        assert_eq!(asked(Some(&hook), &turn, now), Some(now + hour));
        assert_eq!(asked(Some(&wanted), &turn, now), soon);
    }
}
