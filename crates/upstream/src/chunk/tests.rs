//! Chunks in pieces of any size, and chunks that are none.

use super::{Chunks, Found};
use bytes::BytesMut;
use proptest::prelude::*;

/// Fed in pieces of any size, the same comes out.
fn read(text: &[u8], piece: usize) -> Result<(Vec<u8>, usize, usize), ()> {
    let (mut chunks, mut buffer, mut data) = (Chunks::Size, BytesMut::new(), Vec::new());
    let mut rest = text;
    loop {
        match chunks.next(&mut buffer).map_err(|_| ())? {
            Found::Data(bytes) => data.extend_from_slice(&bytes),
            Found::End(trailers) => return Ok((data, trailers.len(), buffer.len() + rest.len())),
            Found::More if rest.is_empty() => return Err(()),
            Found::More => {
                let (now, later) = rest.split_at(piece.min(rest.len()));
                buffer.extend_from_slice(now);
                rest = later;
            }
        }
    }
}

#[test]
fn chunks_come_out_whole_however_they_arrive() {
    let text = b"5\r\nhello\r\n1;name=\"v\"\r\n \r\n5\r\nworld\r\n0\r\nx-sum: 7\r\n\r\nnext";
    for piece in 1..text.len() {
        assert_eq!(read(text, piece), Ok((b"hello world".to_vec(), 1, 4)), "{piece}");
    }
    assert_eq!(read(b"0\r\n\r\n", 1), Ok((Vec::new(), 0, 0)));
}

#[test]
fn what_two_readers_could_cut_differently_is_broken() {
    for text in [
        b"5\nhello\r\n0\r\n\r\n".as_slice(),
        b"+5\r\nhello\r\n0\r\n\r\n",
        b"0x5\r\nhello\r\n0\r\n\r\n",
        b" 5\r\nhello\r\n0\r\n\r\n",
        b"\r\n5\r\nhello\r\n0\r\n\r\n",
        b"5\r\nhelloXX0\r\n\r\n",
        b"5\r\nhello\n0\r\n\r\n",
        b"5\rx\r\nhello\r\n0\r\n\r\n",
        b"ffffffffffffffffff\r\n",
        b"5\r\nhel",
        b"0\r\nbad header: x\r\n\r\n",
        b"0\r\na: b\n\nHTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n",
        b"5\x0c\r\nhello\r\n0\r\n\r\n",
        b"5 5\r\nhello\r\n0\r\n\r\n",
    ] {
        for piece in [1, 3, 1000] {
            assert_eq!(read(text, piece), Err(()), "{:?}", String::from_utf8_lossy(text));
        }
    }
    assert!(read(&[b'1'; 5000], 100).is_err());
}

/// Pieces of a coding, so that chance comes upon what is nearly one.
fn nearly_chunks() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        4 => Just(b"5\r\nhello\r\n".to_vec()),
        2 => Just(b"0\r\n\r\n".to_vec()),
        1 => Just(b"0\r\n".to_vec()),
        1 => Just(b"a;b=c\r\n".to_vec()),
        1 => Just(b"x: y\r\n".to_vec()),
        1 => Just(b"\r\n".to_vec()),
        1 => Just(b"\n".to_vec()),
        1 => Just(b"\r".to_vec()),
        1 => Just(b"1".to_vec()),
        1 => prop::collection::vec(any::<u8>(), 0..8),
    ];
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

/// Trailers and what is left behind the end; nothing where more is wanted.
type Cut = Result<Option<(usize, usize)>, ()>;

/// All that comes out before the end, an error, or the want of more; and which of them it was.
fn all(text: &[u8], piece: usize) -> (Vec<u8>, Cut) {
    let (mut chunks, mut buffer, mut data) = (Chunks::Size, BytesMut::new(), Vec::new());
    let mut rest = text;
    loop {
        match chunks.next(&mut buffer) {
            Err(_) => return (data, Err(())),
            Ok(Found::Data(bytes)) => {
                assert!(!bytes.is_empty());
                data.extend_from_slice(&bytes);
            }
            Ok(Found::End(trailers)) => return (data, Ok(Some((trailers.len(), buffer.len() + rest.len())))),
            Ok(Found::More) if rest.is_empty() => return (data, Ok(None)),
            Ok(Found::More) => {
                let (now, later) = rest.split_at(piece.min(rest.len()));
                buffer.extend_from_slice(now);
                rest = later;
            }
        }
    }
}

proptest! {
    #[test]
    fn any_bytes_are_cut_in_one_way_whatever_their_pieces(text in nearly_chunks(), piece in 1_usize..20) {
        prop_assert_eq!(all(&text, piece), all(&text, usize::MAX));
    }

    #[test]
    fn what_is_coded_comes_back(pieces in prop::collection::vec(prop::collection::vec(any::<u8>(), 1..300), 0..8), piece in 1_usize..400) {
        let mut text = Vec::new();
        for one in &pieces {
            text.extend_from_slice(format!("{:X}\r\n", one.len()).as_bytes());
            text.extend_from_slice(one);
            text.extend_from_slice(b"\r\n");
        }
        text.extend_from_slice(b"0\r\n\r\nbehind");
        prop_assert_eq!(all(&text, piece), (pieces.concat(), Ok(Some((0, 6)))));
    }
}
