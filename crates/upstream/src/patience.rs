//! A time limit that costs nothing while it is kept: its timer is registered once for a connection and moved only when
//! it rings, not for every exchange.

use std::future::Future;
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;
use tokio::time::{Instant, Sleep};

/// A timer that outlives what it guards.
#[derive(Debug, Default)]
pub(crate) struct Patience(Option<Pin<Box<Sleep>>>);

/// It took too long.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct TimedOut;

impl Patience {
    /// Waits for something, but not longer than this.
    pub(crate) async fn within<F: Future>(
        &mut self,
        limit: Duration,
        waited: F,
    ) -> Result<F::Output, TimedOut> {
        let mut waited = std::pin::pin!(waited);
        let mut deadline = None;
        std::future::poll_fn(|cx| {
            if let Poll::Ready(done) = waited.as_mut().poll(cx) {
                return Poll::Ready(Ok(done));
            }
            let deadline = *deadline.get_or_insert_with(|| Instant::now() + limit);
            let timer = self
                .0
                .get_or_insert_with(|| Box::pin(tokio::time::sleep_until(deadline)));
            if timer.deadline() > deadline {
                timer.as_mut().reset(deadline);
            }
            loop {
                std::task::ready!(timer.as_mut().poll(cx));
                if timer.deadline() >= deadline {
                    return Poll::Ready(Err(TimedOut));
                }
                // It was set for an exchange that is over.
                timer.as_mut().reset(deadline);
            }
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::{Patience, TimedOut};
    use std::time::Duration;
    use tokio::time::{Instant, sleep};

    const LIMIT: Duration = Duration::from_secs(60);

    #[tokio::test(start_paused = true)]
    async fn each_wait_has_the_whole_time_and_no_more() {
        let mut patience = Patience::default();
        for _ in 0..5 {
            let done = patience.within(LIMIT, sleep(Duration::from_secs(50))).await;
            assert_eq!(done, Ok(()));
        }
        let before = Instant::now();
        let late = patience.within(LIMIT, std::future::pending::<()>()).await;
        assert_eq!((late, before.elapsed().as_secs()), (Err(TimedOut), 60));
        // A timer that has rung serves again, and a shorter limit holds as well.
        let done = patience.within(LIMIT, sleep(Duration::from_secs(59))).await;
        assert_eq!(done, Ok(()));
        let before = Instant::now();
        let short = Duration::from_secs(1);
        let late = patience.within(short, std::future::pending::<()>()).await;
        assert_eq!((late, before.elapsed().as_secs()), (Err(TimedOut), 1));
    }
}
