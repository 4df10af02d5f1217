//! The client's end of a push that a task of its own brings to its end. The client may be gone; the push goes on.

use bailiwick_authority::Fault;
use bailiwick_model::limit::TRANSFER_IDLE_SECONDS_MAX;
use bailiwick_wire::pktline;
use std::time::Duration;
use tokio::io::{AsyncWriteExt, DuplexStream};
use tokio::sync::oneshot;

/// Bytes of the answer that wait for a slow client.
const ANSWER_BYTES: usize = 64 << 10;

/// What the task tells the client through.
#[derive(Debug)]
pub struct Client {
    // `None` once the client is gone.
    answer: Option<DuplexStream>,
    // Told once whether there is an answer to stream, or a fault instead of one.
    began: Option<oneshot::Sender<Result<(), Fault>>>,
    sideband: bool,
}

/// What the client's request waits for.
#[derive(Debug)]
pub struct Answering {
    answer: DuplexStream,
    beginning: oneshot::Receiver<Result<(), Fault>>,
}

impl Answering {
    /// The answer's stream once it has begun, or the fault that came instead of one.
    pub async fn begun(self) -> Result<DuplexStream, Fault> {
        let ended = |_| Fault::internal("push.task", "the task ended without an answer");
        self.beginning.await.map_err(ended)??;
        Ok(self.answer)
    }
}

impl Client {
    /// Both ends of an answer.
    pub fn new(sideband: bool) -> (Client, Answering) {
        let (answer, to_client) = tokio::io::duplex(ANSWER_BYTES);
        let (began, beginning) = oneshot::channel();
        let client = Client {
            answer: Some(answer),
            began: Some(began),
            sideband,
        };
        let answering = Answering {
            answer: to_client,
            beginning,
        };
        (client, answering)
    }

    /// Whether the client asked for the side band.
    pub fn has_sideband(&self) -> bool {
        self.sideband
    }

    /// Whether the client was told anything.
    pub fn has_begun(&self) -> bool {
        self.began.is_none()
    }

    /// Gives the client some of the answer.
    pub async fn give(&mut self, bytes: &[u8]) {
        if let Some(began) = self.began.take() {
            let _gone = began.send(Ok(()));
        }
        if let Some(answer) = &mut self.answer {
            let patience = Duration::from_secs(TRANSFER_IDLE_SECONDS_MAX);
            let written = tokio::time::timeout(patience, answer.write_all(bytes)).await;
            if !matches!(written, Ok(Ok(()))) {
                self.answer = None;
            }
        }
    }

    /// Ends the answer with a fault, in whichever way the client can still be told.
    pub async fn fail(&mut self, fault: Fault) {
        if let Some(began) = self.began.take() {
            let _gone = began.send(Err(fault));
        } else if self.sideband {
            self.give(&pktline::band_error(&fault.message)).await;
        }
        // Without its last packet the answer is cut off, and no client takes that for success.
        self.answer = None;
    }
}
