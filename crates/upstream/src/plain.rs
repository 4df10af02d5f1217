//! A TCP stream on which short messages are received and sent by the system's calls themselves, and whose readiness is waited
//! for only where there is none. The runtime makes ready to wait before each call, and the C library makes each call one that
//! a thread could be cancelled in, which nobody does here. What is long goes the runtime's way.

use rustix::io::Errno;
use rustix::net::{RecvFlags, SendFlags, recv, send};
use std::io::{self, IoSlice};
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, AsyncWrite, Interest, ReadBuf};
use tokio::net::TcpStream;
use tokio::task::coop;

/// A TCP stream.
#[derive(Debug)]
pub struct Plain(TcpStream);

impl Plain {
    /// Of a stream that is connected.
    pub fn new(stream: TcpStream) -> Plain {
        Plain(stream)
    }

    /// Reads once into some room, and hands over what came: nothing at the end.
    pub fn poll_receive<T>(
        &mut self,
        cx: &mut Context<'_>,
        room: &mut [MaybeUninit<u8>],
        take: impl FnOnce(&[u8]) -> T,
    ) -> Poll<io::Result<T>> {
        let stream = &self.0;
        let mut take = Some(take);
        loop {
            let mut taken = None;
            let tried = stream.try_io(Interest::READABLE, || {
                let ((come, left), _) = recv(stream, &mut *room, RecvFlags::empty())?;
                let is_short = !come.is_empty() && !left.is_empty();
                taken = take.take().map(|take| take(come));
                // Less came than there was room for: there is no more, as the runtime takes it too, and who asks again is to be
                // woken first.
                if is_short {
                    Err(Errno::WOULDBLOCK.into())
                } else {
                    Ok(())
                }
            });
            match (tried, taken) {
                (_, Some(taken)) => return Poll::Ready(Ok(taken)),
                (Err(error), None) if error.kind() == io::ErrorKind::WouldBlock => {
                    ready!(stream.poll_read_ready(cx))?;
                }
                (Err(error), None) if error.kind() == io::ErrorKind::Interrupted => {}
                (Err(error), None) => return Poll::Ready(Err(error)),
                // Whatever was read was taken.
                (Ok(()), None) => return Poll::Ready(Err(io::ErrorKind::Other.into())),
            }
        }
    }

    /// Reads once, if anything has come.
    pub(crate) fn try_read(&self, into: &mut [u8]) -> io::Result<usize> {
        self.0.try_read(into)
    }

    /// Sends as much as it takes at once. How much that was.
    pub(crate) fn try_send(&self, bytes: &[u8]) -> io::Result<usize> {
        loop {
            let sent = self.0.try_io(Interest::WRITABLE, || {
                Ok(send(&self.0, bytes, SendFlags::NOSIGNAL)?)
            });
            match sent {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                sent => return sent,
            }
        }
    }
}

impl AsyncRead for Plain {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, into)
    }
}

impl AsyncWrite for Plain {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        // SECURITY: who takes all at once, and always asks for more, does not keep others from their turn.
        let turn = ready!(coop::poll_proceed(cx));
        loop {
            match self.try_send(bytes) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    ready!(self.0.poll_write_ready(cx))?;
                }
                sent => {
                    turn.made_progress();
                    return Poll::Ready(sent);
                }
            }
        }
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write_vectored(cx, pieces)
    }

    fn is_write_vectored(&self) -> bool {
        self.0.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::Plain;
    use std::future::poll_fn;
    use std::mem::MaybeUninit;
    use std::time::Duration;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::{TcpListener, TcpStream};

    async fn pair() -> (Plain, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let other = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        (Plain::new(listener.accept().await.unwrap().0), other)
    }

    /// What came, read with room for so many bytes.
    async fn receive(plain: &mut Plain, room: usize) -> Vec<u8> {
        let mut room = vec![MaybeUninit::uninit(); room];
        poll_fn(|cx| plain.poll_receive(cx, &mut room, <[u8]>::to_vec))
            .await
            .unwrap()
    }

    #[tokio::test]
    async fn what_comes_is_handed_over_to_the_end() {
        const PIECES: [&[u8]; 3] = [b"first", b"second", &[b'x'; 1000]];
        // Room that is filled to the last byte, more of it, and less.
        for room in [5, 6, 1000, 4096, 7] {
            let (mut plain, mut other) = pair().await;
            let (heard, mut hears) = tokio::sync::mpsc::channel(1);
            let sending = tokio::spawn(async move {
                for piece in PIECES {
                    other.write_all(piece).await.unwrap();
                    hears.recv().await.unwrap();
                }
            });
            // Nothing of a piece waits for the next one to come.
            for piece in PIECES {
                let mut come = Vec::new();
                while come.len() < piece.len() {
                    let part = receive(&mut plain, room).await;
                    assert!(!part.is_empty());
                    come.extend(part);
                }
                assert_eq!(come, piece);
                heard.send(()).await.unwrap();
            }
            sending.await.unwrap();
            // The end stays the end.
            for _ in 0..2 {
                assert_eq!(receive(&mut plain, room).await, b"");
            }
        }
    }

    #[tokio::test]
    async fn what_comes_with_the_end_comes_before_it() {
        for room in [3, 4, 100] {
            let (mut plain, mut other) = pair().await;
            other.write_all(b"last").await.unwrap();
            other.shutdown().await.unwrap();
            drop(other);
            tokio::time::sleep(Duration::from_millis(20)).await;
            let mut come = Vec::new();
            loop {
                let part = receive(&mut plain, room).await;
                if part.is_empty() {
                    break;
                }
                come.extend(part);
            }
            assert_eq!(come, b"last");
        }
    }

    #[tokio::test]
    async fn who_always_takes_more_does_not_keep_others_from_their_turn() {
        let (mut plain, other) = pair().await;
        // On a thread of its own, so that there is always room.
        let mut taking = other.into_std().unwrap();
        taking.set_nonblocking(false).unwrap();
        let taken = std::thread::spawn(move || std::io::copy(&mut taking, &mut std::io::sink()));
        let turns = std::rc::Rc::new(std::cell::Cell::new(0));
        let local = tokio::task::LocalSet::new();
        let counted = turns.clone();
        local.spawn_local(async move {
            loop {
                counted.set(counted.get() + 1);
                tokio::task::yield_now().await;
            }
        });
        local
            .run_until(async {
                for _ in 0..10_000 {
                    plain.write_all(b"x").await.unwrap();
                }
            })
            .await;
        assert!(turns.get() > 10, "{}", turns.get());
        drop(plain);
        assert_eq!(taken.join().unwrap().unwrap(), 10_000);
    }

    #[tokio::test]
    async fn more_than_the_system_takes_is_waited_for() {
        let (mut plain, mut other) = pair().await;
        let many = vec![7_u8; 20 << 20];
        let expected = many.len();
        let sending = tokio::spawn(async move {
            plain.write_all(&many).await.unwrap();
            plain.shutdown().await.unwrap();
            plain
        });
        let mut come = Vec::new();
        other.read_to_end(&mut come).await.unwrap();
        assert_eq!(come.len(), expected);
        // What was shut is an error, for whoever tries.
        let mut plain = sending.await.unwrap();
        let broken = plain.write_all(b"more").await.unwrap_err();
        assert_eq!(broken.kind(), std::io::ErrorKind::BrokenPipe);
    }
}
