//! The pace at which a body must come, by a clock that stands until everybody waits.

use super::{GRACE, Pace, RECEIVED_BYTES_PER_SECOND};
use bailiwick_authority::FaultKind;
use bailiwick_gate::Body;
use bytes::Bytes;
use http_body::{Frame, SizeHint};
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::time::{Instant, Sleep, sleep};

/// Sends pieces of a length, each after a while.
struct Drip {
    pieces: usize,
    bytes: usize,
    every: Duration,
    waits: Pin<Box<Sleep>>,
}

impl http_body::Body for Drip {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, std::io::Error>>> {
        if self.pieces == 0 {
            return Poll::Ready(None);
        }
        if self.waits.as_mut().poll(cx).is_pending() {
            return Poll::Pending;
        }
        self.pieces -= 1;
        let every = self.every;
        self.waits.as_mut().reset(Instant::now() + every);
        let bytes = vec![b'x'; self.bytes];
        Poll::Ready(Some(Ok(Frame::data(bytes.into()))))
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::default()
    }
}

/// How much was taken, how it ended, and when.
async fn received(pieces: usize, bytes: usize, every: Duration) -> (u64, Option<&'static str>, Duration) {
    let waits = Box::pin(sleep(every));
    let mut body = Body::new(Drip {
        pieces,
        bytes,
        every,
        waits,
    });
    let begun = Instant::now();
    let mut pace = Pace::begin();
    loop {
        match pace.more(&mut body).await {
            Ok(Some(_)) => {}
            Ok(None) => return (pace.received, None, begun.elapsed()),
            Err(fault) => return (pace.received, Some(fault.code), begun.elapsed()),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn whoever_sends_nothing_or_next_to_it_is_cut_off() {
    let hour = Duration::from_secs(3600);
    let (taken, end, after) = received(1, 1, hour).await;
    assert_eq!((taken, end), (0, Some("body.too_slow")));
    assert!(after <= GRACE + Duration::from_secs(1), "{after:?}");
    let (taken, end, after) = received(100_000, 1, Duration::from_secs(1)).await;
    assert!(taken < 100 && end == Some("body.too_slow"), "{taken}");
    assert!(after <= GRACE + Duration::from_secs(1), "{after:?}");
    // Half of what it takes a second, for as long as the grace lasts, twice.
    let half = RECEIVED_BYTES_PER_SECOND as usize / 2;
    let (_, end, after) = received(100_000, half, Duration::from_secs(1)).await;
    assert_eq!(end, Some("body.too_slow"));
    assert!(after <= 2 * GRACE + Duration::from_secs(2), "{after:?}");
}

#[tokio::test(start_paused = true)]
async fn whoever_keeps_the_pace_may_send_for_hours() {
    let second = RECEIVED_BYTES_PER_SECOND as usize;
    let (taken, end, after) = received(5000, second, Duration::from_secs(1)).await;
    assert_eq!((taken, end), (5000 * RECEIVED_BYTES_PER_SECOND, None));
    assert!(after >= Duration::from_secs(5000));
    // What came fast is a pause later.
    let (_, end, _) = received(3, 600 * second, Duration::from_secs(500)).await;
    assert_eq!(end, Some("body.too_slow"), "the first comes after the grace");
    let (_, end, _) = received(3, 600 * second, Duration::from_secs(50)).await;
    assert_eq!(end, None);
}

#[tokio::test(start_paused = true)]
async fn what_came_fast_buys_no_silence() {
    let (mut body, begun) = (Body::new(Silent(Some(256 << 20))), Instant::now());
    let mut pace = Pace::begin();
    assert!(pace.more(&mut body).await.unwrap().is_some());
    let fault = pace.more(&mut body).await.unwrap_err();
    assert_eq!((fault.kind, fault.code), (FaultKind::TooSlow, "body.too_slow"));
    assert!(
        begun.elapsed() <= GRACE + Duration::from_secs(1),
        "{:?}",
        begun.elapsed()
    );
}

/// Sends one piece of a length, and then nothing, without an end.
struct Silent(Option<usize>);

impl http_body::Body for Silent {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, std::io::Error>>> {
        match self.0.take() {
            Some(bytes) => Poll::Ready(Some(Ok(Frame::data(vec![b'x'; bytes].into())))),
            None => Poll::Pending,
        }
    }
}
