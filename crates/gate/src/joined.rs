//! A stream on which small pieces that are written together leave as one: the head of an answer and its body. The system
//! takes one piece for less than it takes a list of two, and a few kilobytes are copied for less than the difference.
//! What was read of it already is read again first.

use bytes::Bytes;
use std::cell::RefCell;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Pieces of so many bytes together are joined; larger ones leave as they are.
pub(crate) const JOINED_BYTES_MAX: usize = 4 << 10;

thread_local! {
    // Where they are joined: of a thread, not of each connection, so that it is in the processor's cache.
    static ROOM: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// The stream of a connection.
pub(crate) struct Joined<S> {
    stream: S,
    // What was read of it, until it has been read again.
    read: Bytes,
}

impl<S> Joined<S> {
    pub(crate) fn new(stream: S, read: Bytes) -> Joined<S> {
        Joined { stream, read }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Joined<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.read.is_empty() {
            return Pin::new(&mut self.stream).poll_read(cx, into);
        }
        let length = self.read.len().min(into.remaining());
        into.put_slice(&self.read.split_to(length));
        // Not its room either.
        if self.read.is_empty() {
            self.read = Bytes::new();
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Joined<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let stream = Pin::new(&mut self.stream);
        let bytes: usize = pieces.iter().map(|piece| piece.len()).sum();
        if pieces.len() < 2 || bytes > JOINED_BYTES_MAX {
            return stream.poll_write_vectored(cx, pieces);
        }
        ROOM.with_borrow_mut(|room| {
            // SECURITY: what others were answered is in it before.
            room.clear();
            pieces.iter().for_each(|piece| room.extend_from_slice(piece));
            stream.poll_write(cx, room)
        })
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::{JOINED_BYTES_MAX, Joined};
    use bytes::Bytes;
    use std::io::{self, IoSlice};
    use std::pin::Pin;
    use std::task::{Context, Poll};
    use tokio::io::{AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

    /// Takes so many bytes at the most with each write, and keeps what it was given apart.
    struct Takes(usize, Vec<Vec<u8>>);

    impl AsyncWrite for Takes {
        fn poll_write(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
            bytes: &[u8],
        ) -> Poll<io::Result<usize>> {
            let taken = bytes.len().min(self.0);
            self.1.push(bytes[..taken].to_vec());
            Poll::Ready(Ok(taken))
        }

        fn poll_write_vectored(
            self: Pin<&mut Self>,
            cx: &mut Context<'_>,
            pieces: &[IoSlice<'_>],
        ) -> Poll<io::Result<usize>> {
            // As a system may: the first piece alone.
            self.poll_write(cx, &pieces[0])
        }

        fn is_write_vectored(&self) -> bool {
            true
        }

        fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }

        fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }
    }

    #[tokio::test]
    async fn small_pieces_leave_together_and_none_is_lost_or_sent_twice() {
        for (sizes, takes, writes) in [
            (&[7, 9][..], usize::MAX, 1),
            (&[JOINED_BYTES_MAX - 1, 1], usize::MAX, 1),
            (&[JOINED_BYTES_MAX, 1], usize::MAX, 2),
            (&[5], usize::MAX, 1),
            (&[7, 9, 4], 6, 4),
            (&[0, 3, 0], usize::MAX, 1),
        ] {
            let mut stream = Joined::new(Takes(takes, Vec::new()), Bytes::new());
            let all: Vec<Vec<u8>> = (1_u8..)
                .zip(sizes)
                .map(|(byte, size)| vec![byte; *size])
                .collect();
            let mut slices: Vec<_> = all.iter().map(|piece| IoSlice::new(piece)).collect();
            let mut left = &mut slices[..];
            while left.iter().any(|piece| !piece.is_empty()) {
                let taken = stream.write_vectored(left).await.unwrap();
                IoSlice::advance_slices(&mut left, taken);
            }
            let sent = &stream.stream.1;
            assert_eq!((sent.concat(), sent.len()), (all.concat(), writes), "{sizes:?}");
        }
    }

    #[tokio::test]
    async fn what_was_read_is_read_again_and_then_the_rest() {
        let (mut client, server) = tokio::io::duplex(64);
        client.write_all(b"behind").await.unwrap();
        client.shutdown().await.unwrap();
        let mut stream = Joined::new(server, Bytes::from_static(b"before, "));
        let mut part = [0_u8; 3];
        stream.read_exact(&mut part).await.unwrap();
        let mut rest = String::new();
        stream.read_to_string(&mut rest).await.unwrap();
        assert_eq!((&part, rest.as_str()), (b"bef", "ore, behind"));
    }
}
