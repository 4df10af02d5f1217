//! Understands what an upstream reports of a push while it passes by.

use bailiwick_wire::pktline::{self, Packet};

/// The most bytes of a packet that is put together from several frames.
const PENDING_BYTES_MAX: usize = 128 << 10;

/// What a report says so far.
#[derive(Debug, Default)]
pub struct Report {
    sideband: bool,
    // Bytes of the answer, and of the report within it, that make no whole packet yet.
    outer: Vec<u8>,
    inner: Vec<u8>,
    began: bool,
    unpacked: bool,
    moved: Vec<String>,
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
            self.began = true;
            self.inner.extend_from_slice(bytes);
        } else {
            self.outer.extend_from_slice(bytes);
            let mut outer = std::mem::take(&mut self.outer);
            let (inner, began) = (&mut self.inner, &mut self.began);
            let done = packets(&outer, |data| {
                if let Some((1, rest)) = data.split_first() {
                    *began = true;
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
        let (unpacked, moved) = (&mut self.unpacked, &mut self.moved);
        let done = packets(&inner, |data| {
            let line = String::from_utf8_lossy(data);
            let line = line.trim_end();
            if line == "unpack ok" {
                *unpacked = true;
            } else if let Some(name) = line.strip_prefix("ok ") {
                moved.push(name.to_owned());
            }
        });
        match done {
            Some(read) => drop(inner.drain(..read)),
            None => self.broken = true,
        }
        self.inner = inner;
    }

    /// Whether the report itself, not only progress, has begun to come.
    pub fn has_begun(&self) -> bool {
        self.began || self.broken
    }

    /// The refs that the upstream says it moved, if it says that it took the pack and nothing it says is beyond
    /// understanding. A ref of which it says nothing did not move.
    pub fn moved(&self) -> &[String] {
        if self.unpacked && !self.broken {
            &self.moved
        } else {
            &[]
        }
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
                assert_eq!(heard.moved(), ["refs/heads/a".to_owned()]);
                assert!(heard.has_begun());
            }
        }
    }

    #[test]
    fn what_is_no_report_says_nothing() {
        for text in [b"".as_slice(), b"<html>", b"0000", b"000aunpac", b"zzzz"] {
            let mut heard = Report::new(true);
            heard.hear(text);
            assert!(heard.moved().is_empty(), "{text:?}");
        }
        let mut heard = Report::new(false);
        heard.hear(&report(
            &["unpack index-pack failed\n", "ok refs/heads/a\n"],
            false,
        ));
        assert!(heard.moved().is_empty());
        let mut heard = Report::new(true);
        let mut progress = Vec::new();
        pktline::encode_band(Band::Progress, b"ok refs/heads/a\n", &mut progress);
        heard.hear(&progress);
        assert!(!heard.has_begun() && heard.moved().is_empty());
    }
}
