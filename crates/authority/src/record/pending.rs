//! What waits for the recorder's next commit: events in their order.

use super::crowd::Read;
use bailiwick_model::Event;
use tokio::sync::oneshot;

/// What is handed to the recorder.
#[derive(Debug)]
pub(super) enum Submission {
    /// An event, and who waits for it.
    Event(Box<Event>, Option<oneshot::Sender<()>>),
    /// A read that is written out.
    Read(Box<Read>),
    /// Word that reads are counted.
    Crowd,
}

/// What waits.
#[derive(Default)]
pub(super) struct Pending {
    waiting: Vec<Submission>,
    receipts: Vec<oneshot::Sender<()>>,
}

impl Pending {
    pub(super) fn take(&mut self, submission: Submission) {
        match submission {
            Submission::Event(event, receipt) => {
                self.waiting.push(Submission::Event(event, None));
                self.receipts.extend(receipt);
            }
            other @ (Submission::Read(_) | Submission::Crowd) => self.waiting.push(other),
        }
    }

    /// How many events there will be.
    pub(super) fn len(&self) -> usize {
        self.waiting.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Whether somebody waits for a receipt.
    pub(super) fn is_awaited(&self) -> bool {
        !self.receipts.is_empty()
    }

    /// The events in their order with these between them, by time, and whoever waits for them.
    pub(super) fn into_parts(self, crowds: Vec<Event>) -> (Vec<Event>, Vec<oneshot::Sender<()>>) {
        let mut crowds = crowds.into_iter().peekable();
        let mut events = Vec::with_capacity(self.waiting.len() + crowds.len());
        for one in self.waiting {
            let event = match one {
                Submission::Event(event, _) => *event,
                Submission::Read(read) => read.event(),
                Submission::Crowd => continue,
            };
            while let Some(earlier) = crowds.next_if(|crowd| crowd.at < event.at) {
                events.push(earlier);
            }
            events.push(event);
        }
        events.extend(crowds);
        (events, self.receipts)
    }
}
