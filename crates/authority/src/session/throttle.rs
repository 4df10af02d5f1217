//! Guessing is slowed: after a few failed attempts under a key, further ones have to wait. In memory, for each node.

use crate::fault::{Fault, FaultKind};
use bailiwick_model::Timestamp;
use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};

/// Failed attempts before further ones have to wait.
const ATTEMPTS_MAX: u32 = 5;
/// How long they have to wait, in seconds.
const WAIT_SECONDS: i64 = 900;
/// Entries before old ones are swept.
const ENTRIES_MAX: usize = 10_000;

/// Failed attempts by key.
#[derive(Debug, Default)]
pub(crate) struct Throttle(Mutex<HashMap<String, (u32, Timestamp)>>);

impl Throttle {
    /// Counts an attempt before it is made, so that many at once cannot all pass the same count.
    pub(crate) fn attempt(&self, key: &str, now: Timestamp) -> Result<(), Fault> {
        let mut attempts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if attempts.len() > ENTRIES_MAX {
            attempts.retain(|_, (_, last)| now < last.plus_seconds(WAIT_SECONDS));
        }
        let entry = attempts.entry(key.to_owned()).or_insert((0, now));
        if now >= entry.1.plus_seconds(WAIT_SECONDS) {
            entry.0 = 0;
        }
        if entry.0 >= ATTEMPTS_MAX {
            let message = "too many failed attempts: wait 15 minutes";
            return Err(Fault::new(FaultKind::TooMany, "session.throttled", message));
        }
        *entry = (entry.0 + 1, now);
        Ok(())
    }

    /// Forgets the attempts of a key, since the last one was right.
    pub(crate) fn succeeded(&self, key: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(key);
    }
}

/// The part of an address that one attacker cannot easily change: of IPv6 the network.
pub(crate) fn network(address: Option<IpAddr>) -> String {
    match address {
        None => String::new(),
        Some(IpAddr::V4(address)) => address.to_string(),
        Some(IpAddr::V6(address)) => {
            let network = u128::from(address) >> 64 << 64;
            Ipv6Addr::from(network).to_string()
        }
    }
}

#[cfg(test)]
mod tests {
    //! Counting, waiting, forgetting.

    use super::{ATTEMPTS_MAX, Throttle, WAIT_SECONDS, network};
    use bailiwick_model::Timestamp;

    const NOW: Timestamp = Timestamp(1_760_000_000_000_000);

    #[test]
    fn the_sixth_attempt_waits_a_quarter_of_an_hour() {
        let throttle = Throttle::default();
        for _ in 0..ATTEMPTS_MAX {
            assert!(throttle.attempt("a", NOW).is_ok());
        }
        let refused = throttle.attempt("a", NOW.plus_seconds(WAIT_SECONDS - 1));
        assert_eq!(refused.err().map(|fault| fault.code), Some("session.throttled"));
        assert!(throttle.attempt("b", NOW).is_ok(), "others need not wait");
        assert!(
            throttle.attempt("a", NOW.plus_seconds(WAIT_SECONDS)).is_ok(),
            "attempts while waiting do not count"
        );
    }

    #[test]
    fn success_forgets() {
        let throttle = Throttle::default();
        for _ in 0..20 {
            assert!(throttle.attempt("a", NOW).is_ok());
            throttle.succeeded("a");
        }
    }

    #[test]
    fn one_network_is_one_address() {
        let of = |text: &str| network(text.parse().ok());
        assert_eq!(of("2001:db8:1:2:3:4:5:6"), of("2001:db8:1:2::9"));
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
        assert_ne!(of("192.0.2.1"), of("192.0.2.2"));
        assert_eq!(network(None), "");
    }
}
