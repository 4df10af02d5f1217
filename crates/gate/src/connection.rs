//! One connection's life: how many its address holds, whether it does anything, and its end when it does not.

use crate::reply::Body;
use bailiwick_model::network;
use bytes::Bytes;
use std::borrow::Borrow;
use std::collections::HashMap;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

/// Connections by address (of IPv6 by network), so that one cannot take every slot.
#[derive(Debug, Default)]
pub(crate) struct Addresses(Mutex<HashMap<IpAddr, usize>>);

/// A connection's place among those of its address, given back when dropped.
#[derive(Debug)]
pub(crate) struct Place {
    addresses: Arc<Addresses>,
    address: IpAddr,
}

impl Addresses {
    /// A place for one more connection; none if the address has `max` already (0 is unlimited).
    pub(crate) fn enter(self: &Arc<Self>, address: IpAddr, max: usize) -> Option<Place> {
        let address = network(address);
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = held.entry(address).or_insert(0);
        if max > 0 && *count >= max {
            return None;
        }
        *count += 1;
        Some(Place {
            addresses: self.clone(),
            address,
        })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut held = self.addresses.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = held.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                held.remove(&self.address);
            }
        }
    }
}

/// The time limits of HTTP/1, looked at whenever the connection is: it is looked at now and then, whether or not anything
/// comes. A timer for each request would be set and taken back in the runtime's own table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Glance;

/// A time limit of HTTP/1.
struct Until(Instant);

impl Future for Until {
    type Output = ();

    fn poll(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<()> {
        if Instant::now() >= self.0 {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    }
}

impl hyper::rt::Sleep for Until {}

impl hyper::rt::Timer for Glance {
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn hyper::rt::Sleep>> {
        Box::pin(Until(Instant::now() + duration))
    }

    fn sleep_until(&self, deadline: Instant) -> Pin<Box<dyn hyper::rt::Sleep>> {
        Box::pin(Until(deadline))
    }
}

/// The requests that a connection is busy with, up to the last byte of their answers. While the client has to take
/// a part of an answer, the server is not busy: one that takes nothing is as idle as one that asks nothing.
#[derive(Debug, Default)]
pub(crate) struct Activity {
    // How many run, below `CHANGE`, and above it how often that changed, which may begin anew. Looked at now and then: a
    // wake-up for each change would poll the whole connection.
    state: AtomicU64,
}

/// One change.
const CHANGE: u64 = 1 << 32;

/// One request of a connection, until its answer has been sent or dropped.
#[derive(Debug)]
pub(crate) struct Running<A: Borrow<Activity> = Arc<Activity>> {
    activity: A,
    // Whether the next step is the server's.
    ours: bool,
}

impl Activity {
    /// Counts a request in, by a reference or a share.
    pub(crate) fn begin<A: Borrow<Activity>>(activity: A) -> Running<A> {
        activity.borrow().state.fetch_add(CHANGE + 1, Ordering::Relaxed);
        Running { activity, ours: true }
    }

    /// Resolves when no request has been running for this long, or a quarter longer. Looks at least so often: whoever is
    /// polled beside it can count on it.
    pub(crate) async fn idle_for(&self, long: Duration, often: Duration) {
        const LOOKS: u32 = 4;
        let step = (long / LOOKS).min(often).max(Duration::from_millis(1));
        let (mut seen, mut quiet) = (0, Duration::ZERO);
        while quiet < long {
            tokio::time::sleep(step).await;
            let state = self.state.load(Ordering::Relaxed);
            let idle = state == seen && state.is_multiple_of(CHANGE);
            quiet = if idle { quiet + step } else { Duration::ZERO };
            seen = state;
        }
    }
}

impl<A: Borrow<Activity>> Drop for Running<A> {
    fn drop(&mut self) {
        self.turn(false);
    }
}

impl<A: Borrow<Activity>> Running<A> {
    /// Says whose step is next.
    pub(crate) fn turn(&mut self, ours: bool) {
        let change = match (self.ours, ours) {
            (false, true) => CHANGE + 1,
            (true, false) => CHANGE - 1,
            (true, true) | (false, false) => return,
        };
        self.ours = ours;
        self.activity.borrow().state.fetch_add(change, Ordering::Relaxed);
    }

    /// Says that the client has taken something.
    pub(crate) fn moved(&mut self) {
        self.activity.borrow().state.fetch_add(CHANGE, Ordering::Relaxed);
    }
}

impl Running {
    /// Keeps the request counted until its answer's body has ended.
    pub(crate) fn until_sent(self, body: Body) -> Counted {
        Counted { body, running: self }
    }
}

/// A body with the request that it answers.
#[derive(Debug)]
pub(crate) struct Counted {
    body: Body,
    running: Running,
}

impl http_body::Body for Counted {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<http_body::Frame<Bytes>, std::io::Error>>> {
        // The client took what there was before.
        self.running.turn(true);
        let polled = Pin::new(&mut self.body).poll_frame(cx);
        if polled.is_ready() {
            self.running.turn(false);
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> http_body::SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::{Activity, Addresses};
    use crate::reply::{streamed, whole};
    use http_body_util::BodyExt as _;
    use std::sync::Arc;
    use std::time::Duration;

    #[test]
    fn an_address_gets_its_places_and_gives_them_back() {
        let addresses = Arc::new(Addresses::default());
        let [one, other] = ["10.0.0.1", "10.0.0.2"].map(|text| text.parse().unwrap());
        let first = addresses.enter(one, 2).unwrap();
        let second = addresses.enter(one, 2).unwrap();
        assert!(addresses.enter(one, 2).is_none());
        assert!(addresses.enter(other, 2).is_some());
        drop(first);
        assert!(addresses.enter(one, 2).is_some());
        drop(second);
        assert!(addresses.0.lock().unwrap().is_empty());
        let unlimited: Vec<_> = (0..1000).map(|_| addresses.enter(one, 0).unwrap()).collect();
        assert_eq!(unlimited.len(), 1000);
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_is_idle_only_when_its_answers_are_sent() {
        let activity = Arc::new(Activity::default());
        let long = Duration::from_secs(60);
        let running = Activity::begin(activity.clone());
        let hour = Duration::from_secs(3600);
        assert!(
            tokio::time::timeout(hour, activity.idle_for(long, long))
                .await
                .is_err()
        );
        let body = running.until_sent(whole("sent"));
        assert!(
            tokio::time::timeout(hour, activity.idle_for(long, long))
                .await
                .is_err()
        );
        drop(body);
        assert!(
            tokio::time::timeout(hour, activity.idle_for(long, long))
                .await
                .is_ok()
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_takes_nothing_is_idle_and_a_server_that_makes_something_is_not() {
        let activity = Arc::new(Activity::default());
        let (long, hour) = (Duration::from_secs(60), Duration::from_secs(3600));
        let (mut feed, source) = tokio::io::duplex(64);
        let mut body = Activity::begin(activity.clone()).until_sent(streamed(source));
        let idle = || tokio::time::timeout(hour, activity.idle_for(long, long));
        tokio::io::AsyncWriteExt::write_all(&mut feed, b"some")
            .await
            .unwrap();
        assert!(body.frame().await.unwrap().is_ok());
        assert!(idle().await.is_ok(), "it is the client's to take the next part");
        // Asked for more, and there is none yet.
        assert!(tokio::time::timeout(long, body.frame()).await.is_err());
        assert!(idle().await.is_err(), "it is the server's to make the next part");
    }
}
