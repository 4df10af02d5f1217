//! Packs that take their time, and answers that break off because a credential ended: for all tests of what is under way.

use bailiwick_gate::Body;
use bailiwick_wire::pktline;
use http_body_util::BodyExt;
use std::path::Path;
use std::process::{Command, Stdio};

/// Bytes that do not compress.
pub fn noise(bytes: usize) -> Vec<u8> {
    let mut word = 0x2545_F491_4F6C_DD1D_u64;
    let mut out = Vec::with_capacity(bytes + 8);
    while out.len() < bytes {
        word ^= word << 13;
        word ^= word >> 7;
        word ^= word << 17;
        out.extend_from_slice(&word.to_le_bytes());
    }
    out
}

fn pack(copy: &Path, head: &str) -> Vec<u8> {
    let mut child = Command::new("git")
        .current_dir(copy)
        .args(["pack-objects", "--stdout", "--revs", "-q"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), format!("{head}\n").as_bytes()).unwrap();
    child.wait_with_output().unwrap().stdout
}

/// A push of a new ref as git sends it.
pub fn push_body(copy: &Path, head: &str, name: &str) -> Vec<u8> {
    let mut body = Vec::new();
    let line = format!("{} {head} {name}\0report-status side-band-64k", "0".repeat(40));
    pktline::encode(line.as_bytes(), &mut body).unwrap();
    body.extend_from_slice(pktline::FLUSH);
    body.extend_from_slice(&pack(copy, head));
    body
}

/// Reads the beginning of an answer, ends what it comes by, and reads on until it breaks off; the bytes that came.
pub async fn breaks_off(answer: http::Response<Body>, end: impl FnOnce()) -> usize {
    assert_eq!(answer.status(), 200);
    let mut stream = answer.into_body();
    let mut came = 0;
    while came < 1 << 20 {
        came += stream.frame().await.unwrap().unwrap().into_data().unwrap().len();
    }
    end();
    loop {
        match stream.frame().await {
            Some(Ok(frame)) => came += frame.into_data().unwrap().len(),
            Some(Err(error)) => {
                assert_eq!(error.kind(), std::io::ErrorKind::PermissionDenied);
                return came;
            }
            None => panic!("the stream ended as if it were whole, after {came} bytes"),
        }
    }
}
