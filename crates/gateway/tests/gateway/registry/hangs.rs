//! A registry that hangs at one request, for as long as a test wants it to.

use std::sync::Mutex;
use std::sync::mpsc::{Receiver, Sender, channel};

/// What the registry's answers go through.
pub struct Hangs(Mutex<Option<(Sender<()>, Receiver<()>)>>);

/// The other end, which the test has.
pub struct Hanging {
    comes: Option<Receiver<()>>,
    goes_on: Sender<()>,
}

/// Both ends. Inside a runtime with several threads.
pub fn hangs() -> (Hangs, Hanging) {
    let ((comes, arrived), (goes_on, waits)) = (channel(), channel());
    let hanging = Hanging {
        comes: Some(arrived),
        goes_on,
    };
    (Hangs(Mutex::new(Some((comes, waits)))), hanging)
}

impl Hangs {
    /// Hangs for the first that comes, and tells whether this was it.
    pub fn at_first(&self) -> bool {
        let first = self.0.lock().unwrap().take();
        let Some((comes, waits)) = first else {
            return false;
        };
        comes.send(()).unwrap();
        // What this thread has to do otherwise is done by another one. A test that failed meanwhile has hung up.
        let _ = tokio::task::block_in_place(|| waits.recv());
        true
    }
}

impl Hanging {
    /// Waits until a request hangs.
    pub async fn has_come(&mut self) {
        let comes = self.comes.take().unwrap();
        tokio::task::spawn_blocking(move || comes.recv().unwrap())
            .await
            .unwrap();
    }

    /// Lets it go on.
    pub fn goes_on(&self) {
        self.goes_on.send(()).unwrap();
    }
}
