//! What a connection waits for besides its requests: the server's end, its own idleness. Looked at when it wakes, and not
//! whenever the connection does.

use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

/// A future that is polled only after it woke its task.
pub(crate) struct Beside<F> {
    // `None` once it is done.
    future: Option<Pin<Box<F>>>,
    bell: Arc<Bell>,
    // The bell as the future's waker, and the task that it wakes.
    waker: Waker,
    task: Waker,
}

/// Whether it rang, and for whom it rings.
struct Bell {
    // INVARIANT: set before the task is woken, and taken back before the future is polled: no ring is lost.
    rang: AtomicBool,
    task: Mutex<Waker>,
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.rang.store(true, Ordering::SeqCst);
        let task = self.task().clone();
        task.wake();
    }
}

impl Bell {
    fn task(&self) -> MutexGuard<'_, Waker> {
        self.task.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<F: Future> Beside<F> {
    pub(crate) fn new(future: F) -> Beside<F> {
        let bell = Arc::new(Bell {
            rang: AtomicBool::new(true),
            task: Mutex::new(Waker::noop().clone()),
        });
        Beside {
            future: Some(Box::pin(future)),
            waker: bell.clone().into(),
            task: Waker::noop().clone(),
            bell,
        }
    }

    /// What came of it, once.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<F::Output> {
        // Before the look: whoever rings from now on wakes the right task.
        if !self.task.will_wake(cx.waker()) {
            self.task.clone_from(cx.waker());
            self.bell.task().clone_from(cx.waker());
        }
        if !self.bell.rang.load(Ordering::SeqCst) {
            return Poll::Pending;
        }
        let Some(future) = &mut self.future else {
            return Poll::Pending;
        };
        self.bell.rang.store(false, Ordering::SeqCst);
        let polled = future.as_mut().poll(&mut Context::from_waker(&self.waker));
        if polled.is_ready() {
            self.future = None;
        }
        polled
    }
}

#[cfg(test)]
mod tests {
    use super::Beside;
    use std::cell::Cell;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::task::{Context, Poll, Wake, Waker};

    #[derive(Default)]
    struct Counted(AtomicUsize);

    impl Wake for Counted {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }

    #[test]
    fn it_is_polled_when_it_rang_and_only_then() {
        let (polls, kept) = (Cell::new(0), Cell::new(None::<Waker>));
        let mut beside = Beside::new(std::future::poll_fn(|cx| {
            polls.set(polls.get() + 1);
            kept.set(Some(cx.waker().clone()));
            if polls.get() < 3 {
                Poll::Pending
            } else {
                Poll::Ready(7)
            }
        }));
        let [first, second] = [Arc::new(Counted::default()), Arc::new(Counted::default())];
        let [one, other] = [first.clone().into(), second.clone().into()];
        let mut look = |task: &Waker| beside.poll(&mut Context::from_waker(task));
        for _ in 0..3 {
            assert_eq!(look(&one), Poll::Pending);
        }
        assert_eq!(polls.get(), 1);
        let ring = || kept.take().unwrap().wake();
        ring();
        assert_eq!((look(&one), polls.get()), (Poll::Pending, 2));
        // It wakes the task that looked last, polled or not.
        assert_eq!((look(&other), polls.get()), (Poll::Pending, 2));
        ring();
        let rung = [first, second].map(|one| one.0.load(Ordering::SeqCst));
        assert_eq!(rung, [1, 1]);
        assert_eq!(look(&other), Poll::Ready(7));
        // Done is done.
        assert_eq!((look(&other), polls.get()), (Poll::Pending, 3));
    }

    #[tokio::test]
    async fn no_ring_from_another_thread_is_lost() {
        for _ in 0..200 {
            let (sender, receiver) = tokio::sync::oneshot::channel();
            let mut beside = Beside::new(receiver);
            let ringing = std::thread::spawn(move || sender.send(()));
            assert!(std::future::poll_fn(|cx| beside.poll(cx)).await.is_ok());
            assert!(ringing.join().unwrap().is_ok());
        }
    }
}
