//! One who asks: a client of a server here, and what came of asking it.

use crate::server::Server;
use bailiwick_upstream::{
    Address, AnswerBody, Client, Fields, Limits, Outgoing, OutgoingBody, Trust, UpstreamError,
};
use bytes::Bytes;
use http::{HeaderMap, Method};
use http_body_util::BodyExt;
use std::sync::Arc;
use std::time::Duration;

/// What came of asking.
#[derive(Debug, PartialEq, Eq)]
pub enum Outcome {
    /// An answer, read to its clean end.
    Whole(u16, String),
    /// No answer: the error's code.
    None(&'static str),
    /// An answer whose body did not end cleanly: what had come of it, and why it ended.
    Cut(usize, String),
}

/// Limits under which nothing runs out of time by chance.
pub fn patient() -> Limits {
    Limits {
        connect_for_max: Duration::from_secs(10),
        answer_for_max: Duration::from_secs(10),
        idle_for_max: Duration::from_secs(10),
        ..Limits::default()
    }
}

/// Limits for what never comes.
pub fn impatient() -> Limits {
    Limits {
        answer_for_max: Duration::from_millis(100),
        idle_for_max: Duration::from_millis(100),
        ..patient()
    }
}

pub fn client(server: &Server) -> Arc<Client> {
    limited(server, patient())
}

pub fn limited(server: &Server, limits: Limits) -> Arc<Client> {
    let address = Address::parse(&format!("http://127.0.0.1:{}", server.port)).unwrap();
    Arc::new(Client::new(address, &Trust::default(), limits).unwrap())
}

pub fn request(method: Method, target: &str) -> Outgoing<'_> {
    Outgoing::new(method, target, Fields::default())
}

/// What a body brings, and its trailers.
pub async fn read(mut body: AnswerBody) -> Result<(Vec<u8>, HeaderMap), (usize, String)> {
    let (mut data, mut trailers) = (Vec::new(), HeaderMap::new());
    while let Some(frame) = body.frame().await {
        match frame {
            Err(error) => return Err((data.len(), error.to_string())),
            Ok(frame) => match frame.into_data() {
                Ok(bytes) => data.extend_from_slice(&bytes),
                Err(frame) => trailers = frame.into_trailers().unwrap(),
            },
        }
    }
    Ok((data, trailers))
}

pub async fn ask(client: &Arc<Client>, method: Method, target: &str, body: OutgoingBody) -> Outcome {
    let answer = match client.send(&request(method, target), body).await {
        Ok(answer) => answer,
        Err(error) => return Outcome::None(error.code()),
    };
    let status = answer.status.as_u16();
    match read(answer.body).await {
        Ok((data, _)) => Outcome::Whole(status, String::from_utf8(data).unwrap()),
        Err((length, why)) => Outcome::Cut(length, why),
    }
}

pub async fn get(client: &Arc<Client>) -> Outcome {
    ask(client, Method::GET, "/", OutgoingBody::Nothing).await
}

pub async fn post(client: &Arc<Client>, body: &'static str) -> Outcome {
    let body = OutgoingBody::Whole(Bytes::from_static(body.as_bytes()));
    ask(client, Method::POST, "/", body).await
}

pub fn whole(body: &str) -> Outcome {
    Outcome::Whole(200, body.to_owned())
}

/// Lets what lies in the sockets be seen.
pub async fn settle() {
    for _ in 0..4 {
        tokio::task::yield_now().await;
    }
}

/// The error's code, where no answer came.
pub fn code<T>(result: Result<T, UpstreamError>) -> &'static str {
    result.map(|_| "answered").unwrap_or_else(|error| error.code())
}
