//! What is received before it is decided on: kept in a file without a name, so that its size costs no memory.

use super::receiving::{Receiving, too_large};
use crate::blocking;
use bailiwick_authority::{Authority, Fault};
use bailiwick_gate::{Body, streamed};
use bailiwick_upstream::OutgoingBody;
use http_body_util::BodyExt;
use std::io::SeekFrom;
use std::sync::Arc;
use tokio::fs::File;
use tokio::io::{AsyncReadExt, AsyncSeekExt, AsyncWriteExt};

/// A file that is being received.
pub struct Spool {
    file: File,
    length: u64,
    most: u64,
}

impl Spool {
    /// An empty one that takes so many bytes at the most.
    pub async fn new(authority: &Arc<Authority>, most: u64) -> Result<Spool, Fault> {
        let directory = authority.mirrors_root().to_owned();
        let make = move || {
            std::fs::create_dir_all(&directory).map_err(broken)?;
            tempfile::tempfile_in(directory).map_err(broken)
        };
        Ok(Spool {
            file: File::from_std(blocking(make).await?),
            length: 0,
            most,
        })
    }

    /// The whole of a body.
    pub async fn of(
        authority: &Arc<Authority>,
        receiving: &mut Receiving,
        mut body: Body,
        most: u64,
    ) -> Result<Spool, Fault> {
        let mut spool = Spool::new(authority, most).await?;
        while let Some(bytes) = receiving.more(&mut body).await? {
            spool.write(&bytes).await?;
        }
        Ok(spool)
    }

    /// Takes more.
    pub async fn write(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        self.length += bytes.len() as u64;
        if self.length > self.most {
            return Err(too_large(self.most));
        }
        self.file.write_all(bytes).await.map_err(broken)
    }

    /// Its length by now, in bytes.
    pub const fn length(&self) -> u64 {
        self.length
    }

    /// The file for a reader that may block, from its start.
    pub async fn for_reading(&mut self) -> Result<std::fs::File, Fault> {
        self.file.flush().await.map_err(broken)?;
        self.file.seek(SeekFrom::Start(0)).await.map_err(broken)?;
        let again = self.file.try_clone().await.map_err(broken)?;
        Ok(again.into_std().await)
    }

    /// It as the body of a request, between what comes before and after it.
    pub async fn sent(mut self, before: Vec<u8>, after: Vec<u8>) -> Result<OutgoingBody, Fault> {
        self.file.flush().await.map_err(broken)?;
        self.file.seek(SeekFrom::Start(0)).await.map_err(broken)?;
        let length = self.length + (before.len() + after.len()) as u64;
        let before = std::io::Cursor::new(before);
        let all = before
            .chain(self.file.take(self.length))
            .chain(std::io::Cursor::new(after));
        Ok(OutgoingBody::Stream(streamed(all).boxed_unsync(), Some(length)))
    }
}

fn broken(error: std::io::Error) -> Fault {
    Fault::internal("registry.spool", error)
}
