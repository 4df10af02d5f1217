//! Listens to what an upstream reports of a push while it streams to the client, and has it recorded before the
//! report's end is handed out.

use bailiwick_gate::Body;
use bailiwick_wire::pktline::{self, Packet};
use bytes::Bytes;
use http_body::Frame;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

/// The most bytes of a packet that is put together from several frames.
const PENDING_BYTES_MAX: usize = 128 << 10;

/// What a report says so far.
#[derive(Debug, Default)]
pub struct Report {
    sideband: bool,
    // Bytes of the answer, and of the report within it, that make no whole packet yet.
    outer: Vec<u8>,
    inner: Vec<u8>,
    unpacked: bool,
    refused: Vec<String>,
    broken: bool,
}

impl Report {
    /// A report that comes by side band or plainly.
    pub fn new(sideband: bool) -> Report {
        Report {
            sideband,
            ..Report::default()
        }
    }

    /// Hears some bytes.
    pub fn hear(&mut self, bytes: &[u8]) {
        if self.broken {
            return;
        }
        if !self.sideband {
            self.inner.extend_from_slice(bytes);
        } else {
            self.outer.extend_from_slice(bytes);
            let mut outer = std::mem::take(&mut self.outer);
            let inner = &mut self.inner;
            let done = packets(&outer, |data| {
                if let Some((1, rest)) = data.split_first() {
                    inner.extend_from_slice(rest);
                }
            });
            match done {
                Some(read) => drop(outer.drain(..read)),
                None => self.broken = true,
            }
            self.outer = outer;
        }
        self.read_inner();
        self.broken |= self.outer.len() > PENDING_BYTES_MAX || self.inner.len() > PENDING_BYTES_MAX;
    }

    fn read_inner(&mut self) {
        let mut inner = std::mem::take(&mut self.inner);
        let (unpacked, refused) = (&mut self.unpacked, &mut self.refused);
        let done = packets(&inner, |data| {
            let line = String::from_utf8_lossy(data);
            let line = line.trim_end();
            if line == "unpack ok" {
                *unpacked = true;
            } else if let Some(rest) = line.strip_prefix("ng ") {
                refused.push(rest.split(' ').next().unwrap_or_default().to_owned());
            }
        });
        match done {
            Some(read) => drop(inner.drain(..read)),
            None => self.broken = true,
        }
        self.inner = inner;
    }

    /// The refs that were refused, if the upstream says that it took the pack; `None` if it does not, or nobody
    /// understands what it says.
    pub fn refused(&self) -> Option<&[String]> {
        (self.unpacked && !self.broken).then_some(self.refused.as_slice())
    }
}

/// Calls for the data of every whole packet, and tells how many bytes they took; `None` when the framing is broken.
fn packets(bytes: &[u8], mut each: impl FnMut(&[u8])) -> Option<usize> {
    let mut read = 0;
    loop {
        let rest = bytes.get(read..)?;
        match pktline::decode(rest) {
            Ok(Some((packet, length))) => {
                if let Packet::Data(data) = packet {
                    each(data);
                }
                read += length;
            }
            Ok(None) => return Some(read),
            Err(_) => return None,
        }
    }
}

type Recording = Pin<Box<dyn Future<Output = bool> + Send>>;
type Record = Box<dyn FnOnce(&Report) -> Option<Recording> + Send>;

/// A body whose report is heard; what it says is recorded before its end.
pub struct Heard {
    body: Body,
    report: Report,
    record: Option<Record>,
    recording: Option<Recording>,
}

impl Heard {
    /// Hears a body. `record` is called once, at its end or when it breaks; its future tells whether it was recorded.
    pub fn new(
        body: Body,
        report: Report,
        record: impl FnOnce(&Report) -> Option<Recording> + Send + 'static,
    ) -> Heard {
        Heard {
            body,
            report,
            record: Some(Box::new(record)),
            recording: None,
        }
    }
}

impl http_body::Body for Heard {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        let unrecorded = || io::Error::other("the audit log cannot be written");
        if let Some(recording) = &mut self.recording {
            let recorded = std::task::ready!(recording.as_mut().poll(cx));
            self.recording = None;
            return Poll::Ready((!recorded).then(|| Err(unrecorded())));
        }
        match std::task::ready!(Pin::new(&mut self.body).poll_frame(cx)) {
            Some(Ok(frame)) => {
                if let Some(data) = frame.data_ref() {
                    self.report.hear(data);
                }
                Poll::Ready(Some(Ok(frame)))
            }
            end => {
                let record = self.record.take();
                let recording = record.and_then(|record| record(&self.report));
                match (recording, end) {
                    (Some(recording), None) => {
                        self.recording = Some(recording);
                        self.poll_frame(cx)
                    }
                    // Its event is on its way already; the client is told by the broken answer.
                    (_, end) => Poll::Ready(end),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Report;
    use bailiwick_wire::pktline::{self, Band};

    fn report(lines: &[&str], sideband: bool) -> Vec<u8> {
        let mut inner = Vec::new();
        for line in lines {
            pktline::encode(line.as_bytes(), &mut inner).unwrap();
        }
        inner.extend_from_slice(pktline::FLUSH);
        if !sideband {
            return inner;
        }
        let mut out = Vec::new();
        let (one, two) = inner.split_at(inner.len() / 2);
        pktline::encode_band(Band::Data, one, &mut out);
        pktline::encode_band(Band::Progress, b"ng refs/heads/not-this said a hook\n", &mut out);
        pktline::encode_band(Band::Data, two, &mut out);
        out.extend_from_slice(pktline::FLUSH);
        out
    }

    #[test]
    fn a_report_is_understood_however_it_arrives() {
        for sideband in [false, true] {
            let text = report(
                &[
                    "unpack ok\n",
                    "ok refs/heads/a\n",
                    "ng refs/heads/b protected branch\n",
                ],
                sideband,
            );
            for piece in 1..text.len() {
                let mut heard = Report::new(sideband);
                text.chunks(piece).for_each(|bytes| heard.hear(bytes));
                assert_eq!(heard.refused(), Some(["refs/heads/b".to_owned()].as_slice()));
            }
        }
    }

    #[test]
    fn what_is_no_report_says_nothing() {
        for text in [b"".as_slice(), b"<html>", b"0000", b"000aunpac", b"zzzz"] {
            let mut heard = Report::new(true);
            heard.hear(text);
            assert_eq!(heard.refused(), None, "{text:?}");
        }
        let mut heard = Report::new(false);
        heard.hear(&report(&["unpack index-pack failed\n"], false));
        assert_eq!(heard.refused(), None);
    }
}
