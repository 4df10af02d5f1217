//! Bodies that lie about themselves.

use super::{BodyFault, BodyReader};
use bailiwick_gate::{Fields, HeaderValue, whole};
use flate2::{Compression, write::GzEncoder};
use http::header;
use std::io::Write;
use tokio::io::AsyncReadExt;

fn gzip(plain: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(plain).unwrap();
    encoder.finish().unwrap()
}

fn encoded(value: &'static str) -> Fields {
    let mut headers = Fields::default();
    headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(value));
    headers
}

async fn read(bytes: Vec<u8>, headers: &Fields, limit: u64) -> Result<Vec<u8>, BodyFault> {
    let mut reader = BodyReader::new(whole(bytes), headers, limit).unwrap();
    let mut plain = Vec::new();
    match reader.read_to_end(&mut plain).await {
        Ok(_) => Ok(plain),
        Err(error) => Err(BodyFault::of(&error)),
    }
}

#[tokio::test]
async fn plain_and_compressed_bodies_read_the_same() {
    let text: Vec<u8> = (0..100_000_u32)
        .flat_map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes())
        .collect();
    assert_eq!(
        read(text.clone(), &Fields::default(), 1 << 20).await,
        Ok(text.clone())
    );
    assert_eq!(
        read(gzip(&text), &encoded("gzip"), 1 << 20).await,
        Ok(text.clone())
    );
    assert_eq!(read(gzip(b""), &encoded("x-gzip"), 10).await, Ok(Vec::new()));
}

#[tokio::test]
async fn a_bomb_is_stopped_by_its_growth_and_by_the_limit() {
    let bomb = gzip(&vec![0; 64 << 20]);
    assert!(bomb.len() < 100_000);
    assert_eq!(
        read(bomb.clone(), &encoded("gzip"), u64::MAX).await,
        Err(BodyFault::Bomb)
    );
    assert_eq!(
        read(bomb, &encoded("gzip"), 500_000).await,
        Err(BodyFault::TooLarge(500_000))
    );
    assert_eq!(
        read(vec![0; 11], &Fields::default(), 10).await,
        Err(BodyFault::TooLarge(10))
    );
}

#[tokio::test]
async fn broken_gzip_is_not_an_early_end() {
    let good = gzip(b"0000 and more that is long enough to be cut");
    for cut in [1, 5, 12, good.len() - 9, good.len() - 1] {
        let result = read(good.get(..cut).unwrap().to_vec(), &encoded("gzip"), 1000).await;
        assert_eq!(result, Err(BodyFault::Compression), "cut at {cut}");
    }
    let mut changed = good.clone();
    *changed.last_mut().unwrap() ^= 1;
    assert_eq!(
        read(changed, &encoded("gzip"), 1000).await,
        Err(BodyFault::Compression)
    );
    assert_eq!(
        read(b"0000".to_vec(), &encoded("gzip"), 1000).await,
        Err(BodyFault::Compression)
    );
    let mut trailing = good;
    trailing.extend_from_slice(b"0000");
    assert_eq!(
        read(trailing, &encoded("gzip"), 1000).await,
        Err(BodyFault::Compression)
    );
}

#[test]
fn other_encodings_are_refused() {
    for name in ["br", "deflate", "gzip, gzip", "GZIP", "zstd"] {
        assert!(
            BodyReader::new(whole(""), &encoded(name), 1).is_err_and(|fault| fault.code == "body.encoding")
        );
    }
    let mut doubled = encoded("gzip");
    doubled.append(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    assert!(BodyReader::new(whole(""), &doubled, 1).is_err());
}

#[tokio::test(start_paused = true)]
async fn a_body_that_stalls_is_given_up() {
    let (_client, server) = tokio::io::duplex(64);
    let mut reader = BodyReader::new(bailiwick_gate::streamed(server), &Fields::default(), 10).unwrap();
    let error = reader.read_u8().await.unwrap_err();
    assert_eq!(BodyFault::of(&error), BodyFault::TooSlow);
}
